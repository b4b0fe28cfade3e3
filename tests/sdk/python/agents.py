"""What the suites of coding agents share: a home and a folder to work in, both made for one question."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

LIMIT_S = 90
NOTE = "The lamp is lit."


@contextlib.contextmanager
def home():
    """An empty home, with a folder `work` in it that has a note."""
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder, "work")
        work.mkdir()
        (work / "note.txt").write_text(NOTE)
        yield pathlib.Path(folder)


def ask(command, folder, environment):
    """Runs an agent in its folder, with nothing of the person's own; gives what it prints."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder / "work", text=True, capture_output=True, timeout=LIMIT_S,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)} | environment, stdin=subprocess.DEVNULL,
    )
    return done.stdout, done.stderr


def version(command):
    """The version that an agent says it has."""
    words = subprocess.run([*command, "--version"], text=True, capture_output=True).stdout.split()
    return next(word for word in words if word[:1].isdigit())


def calls(tool, arguments, text="Looking."):
    """A prompt that makes the simulator call a tool."""
    quoted = arguments.replace("\\", "\\\\").replace('"', '\\"')
    return f'[[sim: text="{text}", tool={tool}, arguments="{quoted}"]] What is in the note?'
