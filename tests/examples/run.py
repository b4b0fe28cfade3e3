#!/usr/bin/env python3
"""Checks and runs every configuration below examples/.

    python3 tests/examples/run.py target/debug/tollgate

Each must pass `tollgate check`, start, become healthy, and end with 0 on SIGTERM.
Without a key it must answer 401, or the simulator's answer where it allows anonymous
callers. No provider is called: the keys in the environment are no keys. Tests of policies
(`*.test.yaml`) must pass, and exercise every rule.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
READY_WAIT_S = 20
STOP_WAIT_S = 20
ENVIRONMENT = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": "no-key", "ANTHROPIC_API_KEY": "no-key"}


class Failed(Exception):
    """An example does not do what it promises."""


def configurations():
    """A folder with `base/` is one configuration; else each file is."""
    for folder in sorted(path for path in EXAMPLES.iterdir() if path.is_dir()):
        if (folder / "base").is_dir():
            yield folder
        else:
            yield from sorted(path for path in folder.glob("*.yaml") if not is_test(path))


def is_test(path):
    return path.name.endswith(".test.yaml")


def tests():
    return sorted(path for path in EXAMPLES.rglob("*.yaml") if is_test(path))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def succeed(tollgate, *arguments):
    done = subprocess.run([tollgate, *arguments], env=ENVIRONMENT, text=True, capture_output=True, timeout=60)
    if done.returncode != 0:
        raise Failed(f"`tollgate {arguments[0]}` ends with {done.returncode}\n{done.stdout}{done.stderr}")


@contextlib.contextmanager
def running(tollgate, config):
    """A gateway on a free port; gives its URL. It must end with 0 on SIGTERM."""
    port = free_port()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [tollgate, "run", "--config", config, "--host", "127.0.0.1", "--port", str(port), "--admin-port", "0"],
            env=ENVIRONMENT, stdout=log, stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, process)
            yield url
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=STOP_WAIT_S)
            if code != 0:
                raise Failed(f"ends with {code} on SIGTERM")
        except (Failed, subprocess.TimeoutExpired) as error:
            log.seek(0)
            raise Failed(f"{error}\n{log.read()[-4000:]}") from error
        finally:
            process.kill()


def wait_until_ready(url, process):
    deadline = time.monotonic() + READY_WAIT_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{url}/ready", timeout=2).close()
            return
        time.sleep(0.02)
    raise Failed("does not become ready")


def ask_without_key(url):
    body = {"model": "assistant", "messages": [{"role": "user", "content": "Hello"}]}
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def run(tollgate, config):
    if is_test(config):
        return succeed(tollgate, "test", "--deny-untested", config)
    succeed(tollgate, "check", "--config", config)
    is_open = config.is_file() and "anonymous: allow" in config.read_text()
    with running(tollgate, config) as url:
        status, wanted = ask_without_key(url), 200 if is_open else 401
        if status != wanted:
            raise Failed(f"a chat without a key is answered {status}, not {wanted}")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: run.py PATH_OF_TOLLGATE")
    tollgate = pathlib.Path(sys.argv[1]).resolve()
    passed = failed = 0
    for config in [*configurations(), *tests()]:
        name = config.relative_to(ROOT)
        try:
            run(tollgate, config)
            passed += 1
            print(f"  ok: {name}")
        except (Failed, OSError, subprocess.SubprocessError) as error:
            failed += 1
            print(f"  FAILED: {name}: {error}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
