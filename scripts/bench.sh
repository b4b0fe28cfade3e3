#!/usr/bin/env bash
# Measures the release binary against nginx and a bare hyper proxy, interleaved, and
# prints the tables of docs/performance.md. Arguments go to the runner:
# `scripts/bench.sh --help` lists them.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust
# Where Debian puts it, outside the path of ordinary users.
PATH=$PATH:/usr/sbin
need nginx nginx-light

say "building release binaries"
# One after the other: built together they would share features, and the binary that
# is measured has to be the one that is shipped.
cargo build --release --package tollgate
cargo build --release --package tollgate-bench
bench=$(target_dir)/release/tollgate-bench
if [ "${1-}" = detectors ]; then
    exec "$bench" "$@"
fi
"$bench" "$@"
# The whole run ends with what detectors cost; a part of it does not.
if [ $# -eq 0 ]; then
    "$bench" detectors
fi
