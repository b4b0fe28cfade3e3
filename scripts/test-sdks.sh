#!/usr/bin/env bash
# The SDK tests that are too slow for `make test`: previous majors, further stand-ins.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust
need python3 python3
[ -x tests/sdk/run ] || fail "tests/sdk/run is missing"

step "Build the binary" cargo build --quiet --package tollgate
step "All SDKs" tests/sdk/run --all
closing
