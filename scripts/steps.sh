# Sourced by the other scripts: steps with their time, and what they need installed.
#
# `step NAME COMMAND...` runs a command, says its name and how long it took, and ends
# the script with the command's code when it fails. `closing` prints the table.

steps_started=$SECONDS
steps_table=

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

step() {
  local name=$1 started=$SECONDS code=0
  shift
  say "== $name"
  # A function called in a condition would run without `set -e`; a subshell keeps it.
  set +e
  (set -euo pipefail; "$@")
  code=$?
  set -e
  steps_table+=$(printf '%6d s  %s' $((SECONDS - started)) "$name")$'\n'
  if [ "$code" -ne 0 ]; then
    printf '%s' "$steps_table"
    say "failed: $name, after $((SECONDS - steps_started)) s"
    exit "$code"
  fi
}

# The closing line; its argument is the summary of whatever ran the tests.
closing() {
  printf '%s' "$steps_table"
  say "passed in $((SECONDS - steps_started)) s${1:+: $1}"
}

# need COMMAND PACKAGE: installs the Debian package when the command is missing.
need() {
  command -v "$1" >/dev/null && return
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      fail "$1 is missing: install the Debian package $2 and run this again"
    fi
    sudo=(sudo -n)
  fi
  command -v apt-get >/dev/null || fail "$1 is missing: install it (on Debian: $2) and run this again"
  say "installing $2, which has $1"
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq "$2" >/dev/null
}

need_rust() {
  command -v cargo >/dev/null || PATH="$HOME/.cargo/bin:$PATH"
  command -v cargo >/dev/null || fail "cargo is missing: install Rust 1.95 or newer from https://rustup.rs and run this again"
  need cc build-essential
}

target_dir() { printf '%s' "${CARGO_TARGET_DIR:-target}"; }
