#!/usr/bin/env bash
# Measures how well the detectors find and writes docs/quality.md: quality.sh [DATA [PASSAGES]].
#
# DATA is a folder of labelled development data; the page says what comes from it. PASSAGES
# is a folder of texts and source files that content safety learns as harmless; by default
# the sources in this machine's cargo registry, so that its numbers are the same again on
# this machine, and a little different on another.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust

data="${1:-}"
passages="${2:-${CARGO_HOME:-$HOME/.cargo}/registry/src}"

# Whether a model must be trained: there is none, or what it is made of is newer.
is_stale() {
  [ ! -e "$1" ] || [ -n "$(find training/content_safety "$data" -type f ! -name "*.pyc" -newer "$1" -print -quit)" ]
}

say "building the release binary"
cargo build --release --package tollgate
judge=()
if [ -n "$data" ]; then
  cargo build --release --package tollgate-policy --example content_safety
  model="$(target_dir)/content_safety/half.bin"
  if is_stale "$model"; then
    say "training content safety without the frozen half; minutes"
    training/content_safety/train.sh "$data" "$passages" --half "$model" --half-only
  fi
  judge=(--model "$model" --judge "$(target_dir)/release/examples/content_safety")
fi
say "scanning"
python3 quality/measure.py ${data:+--data "$data"} "${judge[@]}" --binary "$(target_dir)/release/tollgate" --write docs/quality.md
say "wrote docs/quality.md"
