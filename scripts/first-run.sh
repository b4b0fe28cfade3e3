#!/usr/bin/env bash
# Builds the release binary, starts it with a first configuration, sends a first
# streamed request through it as a service would, and prints what a service needs.
# PORT=... takes another port; ONCE=1 ends after the first answer.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

port=${PORT:-41002}
state=$(target_dir)/first-run
config=$state/policy-config.yaml
log=$state/gateway.log
tollgate=$(target_dir)/release/tollgate
gateway=

# Environment variable, name, kind, address (- for the provider's own), model.
providers='
OPENAI_API_KEY      openai      openai             -                               gpt-4.1-mini
ANTHROPIC_API_KEY   anthropic   anthropic          -                               claude-haiku-4-5
GROQ_API_KEY        groq        openai_compatible  https://api.groq.com/openai/v1  llama-3.1-8b-instant
MISTRAL_API_KEY     mistral     openai_compatible  https://api.mistral.ai/v1       mistral-small-latest
DEEPSEEK_API_KEY    deepseek    openai_compatible  https://api.deepseek.com/v1     deepseek-chat
OPENROUTER_API_KEY  openrouter  openai_compatible  https://openrouter.ai/api/v1    openai/gpt-4.1-mini
TOGETHER_API_KEY    together    openai_compatible  https://api.together.xyz/v1     meta-llama/Llama-3.3-70B-Instruct-Turbo
XAI_API_KEY         xai         openai_compatible  https://api.x.ai/v1             grok-3-mini
'

# Sets key_env, name, kind, address and model to those of the first key that is there.
choose_provider() {
  while read -r key_env name kind address model; do
    if [ -n "$key_env" ] && [ -n "${!key_env:-}" ]; then return; fi
  done <<<"$providers"
  key_env='' name=simulator kind=simulator address='-' model=simulated
}

# The first word of a JSON string field, from a line of JSON.
json_field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }

write_config() {
  local new
  new=$("$tollgate" keys new --env demo --service first-service --output json)
  key=$(json_field key <<<"$new")
  {
    echo '# Written anew by each make run: copy it to keep it. A change takes effect within two seconds.'
    echo 'providers:'
    echo "  - name: $name"
    echo "    kind: $kind"
    [ "$address" = - ] || echo "    base_url: $address"
    [ -z "$key_env" ] || printf '    secret_key_ref:\n      env: %s\n' "$key_env"
    sed -e "s|@provider@|$name|" -e "s|@model@|$model|" \
      -e "s|@id@|$(json_field id <<<"$new")|" -e "s|@hash@|$(json_field hash <<<"$new")|" \
      scripts/first-run.yaml
  } >"$config"
}

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Says which process listens on a port, from /proc alone; nothing when it is not ours to see.
port_owner() {
  local inode link
  inode=$(awk -v end="$(printf ':%04X' "$1")" '$2 ~ end "$" && $4 == "0A" { print $10; exit }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [ -n "$inode" ] || return 0
  for link in /proc/[0-9]*/fd/*; do
    if [ "$(readlink "$link" 2>/dev/null)" = "socket:[$inode]" ]; then
      link=${link#/proc/}
      printf ': process %s, %s' "${link%%/*}" "$(tr '\0' ' ' <"/proc/${link%%/*}/cmdline" 2>/dev/null)"
      return
    fi
  done
}

wait_until_ready() {
  local _
  for _ in $(seq 200); do
    "$tollgate" health --port "$port" >/dev/null 2>&1 && return
    kill -0 "$gateway" 2>/dev/null || break
    sleep 0.05
  done
  cat "$log" >&2
  fail "the gateway did not become ready; its log is above"
}

# Ends the gateway as SIGTERM does: running requests finish first.
stop() {
  trap - EXIT INT TERM
  if [ -n "$gateway" ]; then
    kill -TERM "$gateway" 2>/dev/null || true
    wait "$gateway" 2>/dev/null || true
    say "stopped"
  fi
}

print_what_a_service_needs() {
  cat <<TEXT

What a service needs:

  export GATEWAY_URL=http://127.0.0.1:$port
  export GATEWAY_KEY=$key

  # As it arrives:
  curl -N \$GATEWAY_URL/v1/chat/completions -H "authorization: Bearer \$GATEWAY_KEY" -H 'content-type: application/json' -d '{"model": "assistant", "stream": true, "messages": [{"role": "user", "content": "Hello"}]}'

  # The openai package, with nothing but the address and the key set:
  python3 -c 'import os, openai; print(openai.OpenAI(base_url=os.environ["GATEWAY_URL"] + "/v1", api_key=os.environ["GATEWAY_KEY"]).chat.completions.create(model="assistant", messages=[{"role": "user", "content": "Hello"}]).choices[0].message.content)'

  # Without any package:
  python3 examples/service/ask.py "Hello"

Configuration: $config (a change takes effect within two seconds; each make run writes it anew)
TEXT
}

if is_taken "$port"; then
  fail "port $port is taken$(port_owner "$port"). Stop it, or take another: make run PORT=41012"
fi
# The admin port is a convenience here: any free one will do.
if is_taken 41003; then admin_port=0; else admin_port=41003; fi
need_rust
need python3 python3
say "building the release binary; the first time takes some minutes"
cargo build --release --package tollgate

mkdir -p "$state"
choose_provider
write_config
trap stop EXIT
trap 'exit 0' INT TERM
"$tollgate" run --config "$config" --port "$port" --admin-port "$admin_port" >"$log" 2>&1 &
gateway=$!
wait_until_ready

if [ -n "$key_env" ]; then
  say "$key_env is set: $name answers, with its model $model."
else
  say "No provider's key is in the environment: the built-in simulator answers."
fi
question='What does an AI gateway do, in two sentences?'
printf '\n> %s\n' "$question"
GATEWAY_URL=http://127.0.0.1:$port GATEWAY_KEY=$key python3 examples/service/ask.py "$question"
print_what_a_service_needs
[ -n "${ONCE:-}" ] && exit 0

say "The gateway runs on port $port; its log follows. Ctrl-C stops it."
tail -n 0 -f --pid="$gateway" "$log" &
wait "$gateway" || fail "the gateway ended; its log is $log"
