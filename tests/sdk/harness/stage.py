"""Processes that a test needs: started on free ports, awaited, always ended.

A `Stage` owns them. Whatever ends the run (success, failure, Ctrl-C, SIGTERM), every
process and what it started is gone afterwards; what each wrote stays in its log.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

READY_WAIT_S = 30
STOP_WAIT_S = 10


class Failed(Exception):
    """Something the tests need is not there."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """One running process and where it answers."""

    def __init__(self, name, command, url, log, environment):
        self.name, self.url, self.log = name, url, log
        with log.open("w") as output:
            self.popen = subprocess.Popen(
                [str(word) for word in command], env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )

    def wait_until_ready(self, path, limit_s):
        """Until the path is answered; without one until somebody listens."""
        deadline = time.monotonic() + limit_s
        while self.popen.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if path is None:
                    socket.create_connection(("127.0.0.1", int(self.url.rsplit(":", 1)[-1])), timeout=2).close()
                else:
                    urllib.request.urlopen(self.url + path, timeout=2).close()
                return
            time.sleep(0.02)
        raise Failed(f"{self.name} does not answer {path}; its log ends:\n{self.log.read_text()[-3000:]}")

    def stop(self):
        """Ends it as an operator would; gives its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(timeout=STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()


class Stage(contextlib.ExitStack):
    """Starts processes; leaving it ends them, the last one first."""

    def __init__(self, logs):
        super().__init__()
        self.logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(143)))

    def start(self, name, command, port, ready="/", environment=None, limit_s=READY_WAIT_S):
        environment = {**base_environment(), **(environment or {})}
        process = Process(name, command, f"http://127.0.0.1:{port}", self.logs / f"{name}.log", environment)
        self.callback(process.stop)
        process.wait_until_ready(ready, limit_s)
        return process


def base_environment():
    """No key, no proxy and no setting of the person's own reaches a test."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"NO_PROXY": "*"}
