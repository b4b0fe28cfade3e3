"""Codex CLI, unchanged, told of the gateway as its configuration tells it of any provider."""

import json
import sys

import agents
from cases import PROMPTS, ability, run

CODEX = sys.argv[1:]
# Its own words of an answer without a directive.
HELLO = "This is Tollgate's built-in simulator"


def codex(case, prompt, key=None, model=None):
    """One question; gives the events that it prints, and its errors."""
    with agents.home() as folder:
        settings = folder / ".codex/config.toml"
        settings.parent.mkdir()
        settings.write_text(f"""
model = "{model or case.model()}"
model_provider = "gateway"
check_for_update_on_startup = false

[model_providers.gateway]
name = "gateway"
base_url = "{case.url}/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
""")
        command = [*CODEX, "exec", "--json", "--skip-git-repo-check", "--sandbox", "danger-full-access", prompt]
        out, errors = agents.ask(command, folder, {"GATEWAY_KEY": key or case.key})
    events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert events, errors
    return events


def items(events, kind):
    found = [event["item"] for event in events if event["type"] == "item.completed"]
    return [item for item in found if item["type"] == kind]


def said(events):
    return "\n".join(item["text"] for item in items(events, "agent_message"))


def failure(events):
    (event,) = [event for event in events if event["type"] == "turn.failed"]
    return event["error"]["message"]


@ability
def answers(case):
    case.simulator_only()
    events = codex(case, "Good morning.")
    assert HELLO in said(events), events
    (end,) = [event for event in events if event["type"] == "turn.completed"]
    assert end["usage"]["input_tokens"] > 1000 and end["usage"]["output_tokens"] > 10, end


@ability
def uses_tools(case):
    """It runs the command that it is told to, and tells what came of it."""
    case.simulator_only()
    events = codex(case, agents.calls("exec_command", '{"cmd": "cat note.txt"}'))
    (command,) = items(events, "command_execution")
    assert command["exit_code"] == 0 and command["aggregated_output"] == agents.NOTE, command
    assert said(events).startswith("Looking.") and agents.NOTE in said(events).removeprefix("Looking."), events


@ability
def several_tools_at_once(case):
    case.simulator_only()
    arguments = json.dumps({"cmd": "cat note.txt"})
    events = codex(case, agents.calls("exec_command, parallel=2", arguments))
    assert [item["aggregated_output"] for item in items(events, "command_execution")] == [agents.NOTE] * 2, events


@ability
def shows_an_unknown_key(case):
    assert "401" in failure(codex(case, "Hello", key="not-a-key"))


@ability
def shows_an_unknown_model(case):
    found = failure(codex(case, "Hello", model="no-such-provider/model"))
    assert "no-such-provider" in found, found


@ability
def shows_what_a_provider_refuses(case):
    case.simulator_only()
    assert "[[sim:" not in failure(codex(case, PROMPTS["invalid"]))


@ability
def shows_an_error_inside_a_stream(case):
    case.simulator_only()
    assert failure(codex(case, PROMPTS["error_inside"]))


@ability
def shows_what_a_policy_blocks(case):
    found = failure(codex(case, PROMPTS["blocked_in"], key=case.guarded_key))
    assert "personal-data" in found and "536-90" not in found, found


@ability
def what_a_policy_redacts(case):
    case.simulator_only()
    events = codex(case, PROMPTS["redacted_out"], key=case.guarded_key)
    assert said(events) == "Write to [EMAIL_ADDRESS] today.", events


if __name__ == "__main__":
    run(f"codex cli {agents.version(CODEX)}")
