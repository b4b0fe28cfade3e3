#!/usr/bin/env bash
# Counts the instructions that the pure crates need for a fixed trace, and compares
# them with crates/dev/bench/instructions.json. `--update` writes that file instead;
# `--only NAME,...` counts only these workloads.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust
if ! command -v valgrind >/dev/null; then
  say "skipped: valgrind is missing (on Debian: apt-get install valgrind)"
  exit 0
fi
cargo build --quiet --release --package tollgate-bench
exec "$(target_dir)/release/tollgate-bench" instructions --baseline crates/dev/bench/instructions.json "$@"
