#!/usr/bin/env bash
# The whole test, on a fresh Debian machine with Rust and Python: the Rust tests, what
# tests/run adds (SDKs, stand-ins, real processes), every example, and the layouts in
# namespaces.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

log_dir=$(target_dir)/test-logs
mkdir -p "$log_dir"
need_rust
need python3 python3

rust_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --no-fail-fast --status-level slow --final-status-level fail 2>&1
  else
    cargo test --workspace --no-fail-fast 2>&1
  fi | tee "$log_dir/rust.log"
}

rust_summary() {
  if grep -q 'Summary \[' "$log_dir/rust.log"; then
    sed -n 's/.*Summary \[[^]]*\] *//p' "$log_dir/rust.log" | tail -1
  else
    awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
      END { printf "%d passed, %d failed, %d ignored", passed, failed, ignored }' "$log_dir/rust.log"
  fi
}

product_tests() { tests/run 2>&1 | tee "$log_dir/product.log"; }

example_tests() {
  python3 tests/examples/run.py "$(target_dir)/debug/tollgate" 2>&1 | tee "$log_dir/examples.log"
}

layout_tests() {
  python3 tests/layouts/run.py "$(target_dir)/debug/tollgate" 2>&1 | tee "$log_dir/layouts.log"
}

step "Rust tests" rust_tests
summary="rust $(rust_summary)"
step "Build the binary" cargo build --quiet --package tollgate
if [ -x tests/run ]; then
  step "SDKs and real processes" product_tests
  summary+="; product $(tail -1 "$log_dir/product.log")"
fi
step "Examples" example_tests
summary+="; examples $(tail -1 "$log_dir/examples.log")"
step "Layouts" layout_tests
summary+="; layouts $(tail -1 "$log_dir/layouts.log")"
closing "$summary"
