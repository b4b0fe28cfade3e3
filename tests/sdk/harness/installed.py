"""SDKs from their registries, in a cache folder below target/.

Each environment is made once and again when its list of versions changes. Versions are
pinned in tests/sdk/install; nothing is installed outside of the cache, except Node itself
where the machine has none.
"""

import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys

from harness.stage import Failed

HERE = pathlib.Path(__file__).resolve().parents[1]
INSTALL = HERE / "install"
NODE_MAJOR_MIN = 22
NODE_VERSION = "24.21.0"


def quietly(*command, **options):
    done = subprocess.run(
        [str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )
    if done.returncode != 0:
        raise Failed(f"`{' '.join(map(str, command))}` ends with {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def once(folder, *sources, make):
    """Makes a folder unless it is there and was made from the same sources."""
    digest = hashlib.sha256(sys.version.encode())
    for source in sources:
        digest.update(source.read_bytes())
    mark = folder / ".made-from"
    if mark.exists() and mark.read_text() == digest.hexdigest():
        return folder
    print(f"installing {folder.name}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    make(folder)
    mark.write_text(digest.hexdigest())
    return folder


def python(cache, name):
    """A virtual environment with what `install/NAME.txt` lists; gives its Python."""
    wanted = INSTALL / f"{name}.txt"

    def make(folder):
        try:
            quietly(sys.executable, "-m", "venv", folder)
        except Failed:
            # Debian keeps the half of `venv` that brings pip in a package of its own.
            debian("python3-venv")
            quietly(sys.executable, "-m", "venv", "--clear", folder)
        quietly(folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted)

    return once(cache / f"python-{name}", wanted, make=make) / "bin/python"


def node(cache):
    """A Node that the newest SDKs run on: the machine's, else one from npm."""
    if shutil.which("npm") is None:
        debian("nodejs", "npm")
    found = shutil.which("node")
    if found and int(quietly(found, "--version").lstrip("v").split(".")[0]) >= NODE_MAJOR_MIN:
        return pathlib.Path(found)
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    if machine is None:
        raise Failed(f"Node {NODE_MAJOR_MIN} or newer is needed, and npm has none for {platform.machine()}")
    package = f"node-linux-{machine}"
    binary = cache / f"node-{NODE_VERSION}" / "node_modules" / package / "bin/node"
    if not binary.exists():
        print(f"installing Node {NODE_VERSION}", flush=True)
        npm("install", "--no-save", "--prefix", cache / f"node-{NODE_VERSION}", f"{package}@{NODE_VERSION}")
    return binary


def modules(cache, name):
    """The tests in Node beside the packages that `install/NAME/package.json` lists."""
    source = INSTALL / name

    def make(folder):
        for file in ("package.json", "package-lock.json"):
            shutil.copy(source / file, folder)
        npm("ci", "--prefix", folder)

    folder = once(cache / f"node-{name}", source / "package.json", source / "package-lock.json", make=make)
    # Imports are looked up beside the importing file.
    shutil.copytree(HERE / "node", folder / "suite", dirs_exist_ok=True)
    return folder


def agent(cache, node, name):
    """The command of a coding agent."""
    packages = modules(cache, "agents") / "node_modules"
    if name == "codex":
        return [node, packages / "@openai/codex/bin/codex.js"]
    # Its package puts the binary in its place with a script of its own.
    package = packages / "@anthropic-ai/claude-code"
    quietly(node, package / "install.cjs", cwd=package)
    return [packages / ".bin/claude"]


def npm(*arguments):
    # Install scripts of packages are not needed, and not wanted.
    quietly("npm", *arguments, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


def debian(*packages):
    """Installs Debian packages, as scripts/steps.sh does."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (sudo and shutil.which("sudo") is None):
        raise Failed(f"install {' and '.join(packages)} and run this again")
    print(f"installing {' '.join(packages)}", flush=True)
    quietly(*sudo, "apt-get", "update", "-qq")
    quietly(
        *sudo, "env", "DEBIAN_FRONTEND=noninteractive",
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages,
    )
