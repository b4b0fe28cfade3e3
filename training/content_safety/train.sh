#!/usr/bin/env bash
# Trains the model of `content_safety`: train.sh DATA PASSAGES [OPTIONS of train.py].
# Installs what it needs in target/content_safety.
set -euo pipefail
cd "$(dirname "$0")/../.."
home=target/content_safety
[ -x $home/venv/bin/python ] || python3 -m venv $home/venv
$home/venv/bin/pip install --quiet --requirement training/content_safety/requirements.txt
export OMP_NUM_THREADS=1
$home/venv/bin/python training/content_safety/train.py "$1" --passages "$2" "${@:3}"
$home/venv/bin/python training/content_safety/score.py crates/core/policy/src/detectors/content_safety/model.bin --cases
