#!/usr/bin/env bash
# Fuzzes every target (or the named ones) for SECONDS_EACH seconds. A target's corpus is
# one archive, fuzz/corpora/TARGET.tar.gz: it is unpacked, grown, minimised and packed.
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
# The same files give the same archive.
pack() {
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C fuzz/corpus -c "$1" | gzip -n9 >"fuzz/corpora/$1.tar.gz"
}

mkdir -p fuzz/corpus fuzz/corpora
for target in "${targets[@]}"; do
  rm -rf "fuzz/corpus/$target"
  if [ -f "fuzz/corpora/$target.tar.gz" ]; then tar -xzf "fuzz/corpora/$target.tar.gz" -C fuzz/corpus; fi
  mkdir -p "fuzz/corpus/$target"
  step "$target, ${SECONDS_EACH:-60} s" \
    cargo +nightly fuzz run --fuzz-dir fuzz "$target" -- -max_total_time="${SECONDS_EACH:-60}" -timeout=10
  step "$target, its smallest corpus" cargo +nightly fuzz cmin --fuzz-dir fuzz "$target"
  pack "$target"
done
closing
