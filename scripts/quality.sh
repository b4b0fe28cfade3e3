#!/usr/bin/env bash
# Measures how well the detectors find and writes docs/quality.md. The argument, if there
# is one, is a folder of labelled development data; the page says what comes from it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust

say "building the release binary"
cargo build --release --package tollgate
judge=()
if [ -n "${1:-}" ]; then
  cargo build --release --package tollgate-policy --example content_safety
  model="$(target_dir)/content_safety/half.bin"
  if [ ! -e "$model" ]; then
    say "training content safety without the frozen half; minutes"
    training/content_safety/train.sh "$1" "${CARGO_HOME:-$HOME/.cargo}/registry/src" --half "$model" --half-only
  fi
  judge=(--model "$model" --judge "$(target_dir)/release/examples/content_safety")
fi
say "scanning"
python3 quality/measure.py ${1:+--data "$1"} "${judge[@]}" --binary "$(target_dir)/release/tollgate" --write docs/quality.md
say "wrote docs/quality.md"
