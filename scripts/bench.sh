#!/usr/bin/env bash
# Measures the release binary against nginx, interleaved, and prints the table.
# Arguments go to the runner; `scripts/bench.sh --help` lists them.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust
# Where Debian puts it, outside the path of ordinary users.
PATH=$PATH:/usr/sbin
need nginx nginx-light

say "building release binaries"
cargo build --release --package tollgate --package tollgate-bench
exec "$(target_dir)/release/tollgate-bench" "$@"
