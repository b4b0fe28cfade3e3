#!/usr/bin/env bash
# Measures how well the detectors find and writes docs/quality.md. The argument, if there
# is one, is a folder of labelled development data; the page says what comes from it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust

say "building the release binary"
cargo build --release --package tollgate
say "scanning"
python3 quality/measure.py ${1:+--data "$1"} --binary "$(target_dir)/release/tollgate" --write docs/quality.md
say "wrote docs/quality.md"
