#!/usr/bin/env bash
# Fuzzes every target (or the named ones) for SECONDS_EACH seconds and keeps the corpora.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust
[ -d fuzz/fuzz_targets ] || fail "fuzz/fuzz_targets is missing"

if ! rustup toolchain list | grep -q nightly; then
  say "installing the nightly toolchain, which the fuzzer needs"
  rustup toolchain install nightly --profile minimal
fi
if ! cargo fuzz --version >/dev/null 2>&1; then
  say "installing cargo-fuzz"
  cargo install --quiet --locked cargo-fuzz
fi

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for file in fuzz/fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
for target in "${targets[@]}"; do
  step "$target, ${SECONDS_EACH:-60} s" \
    cargo +nightly fuzz run --fuzz-dir fuzz "$target" -- -max_total_time="${SECONDS_EACH:-60}" -timeout=10
done
closing
