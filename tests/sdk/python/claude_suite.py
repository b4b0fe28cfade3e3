"""Claude Code, unchanged: base URL and key only."""

import json
import sys

import agents
from cases import PROMPTS, ability, run

CLAUDE = sys.argv[1:]
# What the simulator says to whoever gives it no directive.
HELLO = "This is Tollgate's built-in simulator"


def claude(case, prompt, *options, key=None):
    """One question; gives what it prints, and its errors."""
    with agents.home() as folder:
        return agents.ask([*CLAUDE, "-p", prompt, "--model", case.model(), *options], folder, {
            "ANTHROPIC_BASE_URL": case.url, "ANTHROPIC_API_KEY": key or case.key,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "CLAUDE_CODE_MAX_RETRIES": "0",
        })


def result(case, prompt, *options, **named):
    out, errors = claude(case, prompt, "--output-format", "json", *options, **named)
    assert out.strip(), errors
    return json.loads(out)


@ability
def answers(case):
    case.simulator_only()
    said = result(case, "Good morning.", "--tools", "")
    assert not said["is_error"] and HELLO in said["result"], said
    assert said["usage"]["output_tokens"] > 0


@ability
def streams(case):
    case.simulator_only()
    out, errors = claude(
        case, "Good morning.", "--tools", "", "--output-format", "stream-json", "--include-partial-messages", "--verbose"
    )
    events = [json.loads(line) for line in out.splitlines()]
    pieces = [
        event["event"]["delta"]["text"] for event in events
        if event["type"] == "stream_event" and event["event"].get("delta", {}).get("type") == "text_delta"
    ]
    assert len(pieces) > 5 and HELLO in "".join(pieces), errors or out[-2000:]


@ability
def uses_tools(case):
    """It reads the file that it is told to, and tells what stands in it."""
    case.simulator_only()
    said = result(case, agents.calls("Bash", '{"command": "cat note.txt"}'), "--tools", "Bash", "--allowedTools", "Bash")
    assert not said["is_error"] and said["num_turns"] > 1, said
    assert agents.NOTE in said["result"], said


@ability
def shows_an_unknown_key(case):
    said = result(case, "Hello", "--tools", "", key="not-a-key")
    assert said["is_error"] and said["api_error_status"] == 401, said


@ability
def shows_what_a_policy_blocks(case):
    said = result(case, PROMPTS["blocked_in"], "--tools", "", key=case.guarded_key)
    assert said["is_error"] and said["api_error_status"] == 400, said


if __name__ == "__main__":
    run(f"claude code {agents.version(CLAUDE)}")
