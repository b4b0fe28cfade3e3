"""Coding agents, unchanged, as far as they run without their makers: address and key only."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from cases import PROMPTS, ability, run

CLAUDE = sys.argv[1]
LIMIT_S = 90


def claude(case, prompt, *options, key=None):
    """One question to Claude Code; gives what it prints, as JSON."""
    with tempfile.TemporaryDirectory() as home:
        work = pathlib.Path(home, "work")
        work.mkdir()
        environment = {
            "PATH": os.environ["PATH"], "HOME": home,
            "ANTHROPIC_BASE_URL": case.url, "ANTHROPIC_API_KEY": key or case.key,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "CLAUDE_CODE_MAX_RETRIES": "0",
        }
        done = subprocess.run(
            [CLAUDE, "-p", prompt, "--model", case.model(), *options],
            cwd=work, env=environment, text=True, capture_output=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL,
        )
        return done.stdout, done.stderr


def result(case, prompt, *options, **named):
    out, errors = claude(case, prompt, "--output-format", "json", *options, **named)
    assert out.strip(), errors
    return json.loads(out)


# What the simulator says to whoever gives it no directive, which agents put behind much else.
HELLO = "This is Tollgate's built-in simulator"


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
    """The simulator calls every tool that it is offered, and the agent answers each call."""
    case.simulator_only()
    said = result(case, "What is in this folder?", "--tools", "Read")
    assert not said["is_error"] and said["num_turns"] > 1, said


@ability
def shows_an_unknown_key(case):
    said = result(case, "Hello", "--tools", "", key="not-a-key")
    assert said["is_error"] and said["api_error_status"] == 401, said


@ability
def shows_what_a_policy_blocks(case):
    said = result(case, PROMPTS["blocked_in"], "--tools", "", key=case.guarded_key)
    assert said["is_error"] and said["api_error_status"] == 400, said


run(f"claude code {subprocess.run([CLAUDE, '--version'], text=True, capture_output=True).stdout.split()[0]}")
