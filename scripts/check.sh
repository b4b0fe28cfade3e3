#!/usr/bin/env bash
# What a commit must pass. BASE=... compares with another commit than the default:
# where the branch left its upstream, else the commit before the last.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
need_rust

changed_tests() {
  local selection
  selection=$(cargo xtask changed ${BASE:+"$BASE"})
  if [ -z "$selection" ]; then
    say "no crate changed"
    return
  fi
  say "testing: $selection"
  # The selection is a list of arguments.
  # shellcheck disable=SC2086
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --no-fail-fast --no-tests pass --status-level slow --final-status-level fail $selection
  else
    cargo test --quiet --no-fail-fast $selection
  fi
}

step "Format" cargo fmt --all --check
step "Lints" cargo clippy --quiet --workspace --all-targets -- -D warnings
step "House rules" cargo xtask tidy
step "Generated files" cargo xtask generate --check
step "Instruction counts" scripts/instructions.sh
step "Tests of what changed" changed_tests
closing
