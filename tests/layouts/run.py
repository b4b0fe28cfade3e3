#!/usr/bin/env python3
"""Proves the three layouts with real processes in Linux network namespaces.

    python3 tests/layouts/run.py target/debug/tollgate

The configurations are those of deploy/compose/config, the service is
examples/service/ask.py; a namespace stands where Compose puts a container. Needs root
and `ip`. Where namespaces cannot be made it says so and ends with 0, or with 1 when
TOLLGATE_REQUIRE_NETNS=1.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIG = ROOT / "deploy/compose/config"
ASK = ROOT / "examples/service/ask.py"
PORT, ADMIN_PORT = 41002, 41003
COMMAND_WAIT_S = 60

# Runs in a namespace; says how a connection attempt ends.
CONNECT = """
import errno, socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3).close()
    print("connected")
except OSError as error:
    print(errno.errorcode.get(error.errno, "timeout"))
"""


class Failed(Exception):
    """A layout does not behave as it must."""


def run(*command, **options):
    return subprocess.run(
        command, check=True, text=True, capture_output=True, timeout=COMMAND_WAIT_S, **options
    ).stdout


class Namespace:
    """A network namespace: loopback, links to others, names of its own."""

    def __init__(self, label, stack):
        self.name = f"tollgate-{os.getpid()}-{label}"
        self.names = pathlib.Path("/etc/netns") / self.name
        run("ip", "netns", "add", self.name)
        stack.callback(subprocess.run, ["ip", "netns", "del", self.name], check=False)
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments):
        run("ip", "-n", self.name, *arguments)

    def link(self, other, subnet):
        """Joins two namespaces: `.1` here, `.2` there, and no route to anywhere else."""
        here, there = f"t{os.getpid()}a{subnet}", f"t{os.getpid()}b{subnet}"
        here, there = here[-15:], there[-15:]
        run("ip", "link", "add", here, "netns", self.name, "type", "veth",
            "peer", "name", there, "netns", other.name)
        self.ip("addr", "add", f"10.71.{subnet}.1/30", "dev", here)
        other.ip("addr", "add", f"10.71.{subnet}.2/30", "dev", there)
        self.ip("link", "set", here, "up")
        other.ip("link", "set", there, "up")

    def knows(self, name, address, stack):
        """Gives an address a name in this namespace, as a container network would."""
        self.names.mkdir(parents=True)
        stack.callback(shutil.rmtree, self.names, ignore_errors=True)
        (self.names / "hosts").write_text(f"127.0.0.1 localhost\n{address} {name}\n")

    def command(self, *command):
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def connect(self, address, port):
        return run(*self.command(sys.executable, "-c", CONNECT, address, port)).strip()


class Gateway:
    """A running gateway and what it wrote."""

    def __init__(self, tollgate, namespace, config, stack, host, **environment):
        self.log = config / "gateway.log"
        environment = {
            "PATH": os.environ["PATH"], "TOLLGATE_HOST": host,
            "TOLLGATE_STATE_DIR": str(config / "state"), **environment,
        }
        output = stack.enter_context(self.log.open("w"))
        self.process = subprocess.Popen(
            namespace.command(tollgate, "run", "--config", config),
            env=environment, stdout=output, stderr=subprocess.STDOUT,
        )
        stack.callback(self.stop)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=COMMAND_WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def settled(self, service):
        """How many requests of a service the access log has, once it has one."""
        deadline = time.monotonic() + 5
        while True:
            lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
            count = sum(json.loads(line).get("service") == service for line in lines)
            if count or time.monotonic() > deadline:
                return count
            time.sleep(0.05)


class House:
    """What the layouts are built from: namespaces, keys, gateways, services."""

    def __init__(self, tollgate, folder, stack):
        self.tollgate, self.folder, self.stack = tollgate, folder, stack

    def namespace(self, label):
        return Namespace(label, self.stack)

    def config(self, name, services):
        """A folder for a gateway: the checked-in configuration and fresh keys."""
        folder = self.folder / name
        folder.mkdir()
        shutil.copy(CONFIG / f"{name}.yaml", folder / "policy-config.yaml")
        keys, lines = {}, ["services:"]
        for service in services:
            new = json.loads(run(self.tollgate, "keys", "new", "--env", "test",
                                 "--service", service, "--output", "json"))
            keys[service] = new["key"]
            lines += [f"  - name: {service}", "    keys:",
                      f"      - id: \"{new['id']}\"", f"        hash: \"{new['hash']}\""]
        (folder / "services.yaml").write_text("\n".join(lines) + "\n")
        return folder, keys

    def gateway(self, namespace, config, host, **environment):
        return Gateway(self.tollgate, namespace, config, self.stack, host, **environment)


def answers(namespace, url, key):
    """Asks as a service would; gives the answer's text, or the error as it was printed."""
    done = subprocess.run(
        namespace.command(sys.executable, ASK, "What do you do?"),
        env={"PATH": os.environ["PATH"], "GATEWAY_URL": url, "GATEWAY_KEY": key},
        text=True, capture_output=True, timeout=COMMAND_WAIT_S,
    )
    return done.returncode == 0 and bool(done.stdout.strip()), (done.stdout + done.stderr).strip()


def expect(what, got, *wanted):
    if got not in wanted:
        raise Failed(f"{what}: {got}, not {' or '.join(map(str, wanted))}")
    print(f"  ok: {what}: {got}")


def expect_answer(what, namespace, url, key):
    is_answered, text = answers(namespace, url, key)
    if not is_answered:
        raise Failed(f"{what}: {text}")
    print(f"  ok: {what}: {text[:60]!r}")


def expect_refusal(what, namespace, url, key, code):
    is_answered, text = answers(namespace, url, key)
    if is_answered or not text.startswith(code):
        raise Failed(f"{what}: {text[:200]}, not {code}")
    print(f"  ok: {what}: {text[:60]!r}")


def shared(house):
    """One gateway, two services that can reach it and nothing else."""
    gateway_space, billing, search = map(house.namespace, ("gw", "billing", "search"))
    gateway_space.link(billing, 1)
    gateway_space.link(search, 2)
    config, keys = house.config("shared", ["billing", "search"])
    gateway = house.gateway(gateway_space, config, "0.0.0.0")
    url = f"http://10.71.1.1:{PORT}"
    expect_answer("billing is answered", billing, url, keys["billing"])
    expect_answer("search is answered", search, f"http://10.71.2.1:{PORT}", keys["search"])
    expect_refusal("an unknown key is refused", billing, url, "tg_test_00000000_none", "401")
    expect("billing reaches search", billing.connect("10.71.2.2", PORT), "ENETUNREACH")
    expect("billing reaches the outside", billing.connect("192.0.2.1", 443), "ENETUNREACH")
    expect("billing reaches the admin port", billing.connect("10.71.1.1", ADMIN_PORT), "ECONNREFUSED")
    expect("the admin port answers inside", gateway_space.connect("127.0.0.1", ADMIN_PORT), "connected")
    expect("requests settled for billing", gateway.settled("billing"), 1)
    expect("exit code after SIGTERM", gateway.stop(), 0)


def sidecar(house):
    """A gateway on the loopback of one service; a neighbour cannot reach it."""
    billing, neighbour = map(house.namespace, ("billing", "other"))
    billing.link(neighbour, 3)
    config, keys = house.config("sidecar", ["billing"])
    gateway = house.gateway(billing, config, "127.0.0.1", TOLLGATE_SERVICE="billing")
    expect_answer("billing is answered on loopback", billing, f"http://127.0.0.1:{PORT}", keys["billing"])
    for port in (PORT, ADMIN_PORT):
        expect(f"the neighbour reaches port {port}", neighbour.connect("10.71.3.1", port), "ECONNREFUSED")
    expect("requests settled for billing", gateway.settled("billing"), 1)
    expect("exit code after SIGTERM", gateway.stop(), 0)


def hybrid(house):
    """A sidecar whose provider is the shared gateway, beside a service without one."""
    gateway_space, billing, search = map(house.namespace, ("gw", "billing", "search"))
    gateway_space.link(billing, 4)
    gateway_space.link(search, 5)
    billing.knows("gateway", "10.71.4.1", house.stack)
    search.knows("gateway", "10.71.5.1", house.stack)
    shared_config, shared_keys = house.config("shared", ["billing", "search"])
    sidecar_config, sidecar_keys = house.config("hybrid-sidecar", ["billing"])
    gateway = house.gateway(gateway_space, shared_config, "0.0.0.0")
    beside = house.gateway(
        billing, sidecar_config, "127.0.0.1",
        TOLLGATE_SERVICE="billing", SHARED_GATEWAY_KEY=shared_keys["billing"],
    )
    expect_answer("search is answered by the shared gateway", search, f"http://gateway:{PORT}", shared_keys["search"])
    expect_answer("billing is answered through both", billing, f"http://127.0.0.1:{PORT}", sidecar_keys["billing"])
    expect("requests settled at the sidecar", beside.settled("billing"), 1)
    expect("requests settled at the shared gateway", gateway.settled("billing"), 1)
    expect_refusal("billing's own key is unknown to the shared gateway",
                   billing, f"http://gateway:{PORT}", sidecar_keys["billing"], "401")
    expect("the shared gateway reaches the sidecar", gateway_space.connect("10.71.4.2", PORT), "ECONNREFUSED")
    expect("search reaches billing", search.connect("10.71.4.2", PORT), "ENETUNREACH")
    expect("exit code of the sidecar", beside.stop(), 0)
    expect("exit code of the shared gateway", gateway.stop(), 0)


def namespaces_problem():
    """Why namespaces cannot be made here; None when they can."""
    if os.geteuid() != 0:
        return "not root"
    if shutil.which("ip") is None:
        return "no `ip` command (Debian package iproute2)"
    try:
        with contextlib.ExitStack() as stack:
            one, two = Namespace("probe1", stack), Namespace("probe2", stack)
            one.link(two, 9)
    except (OSError, subprocess.SubprocessError) as error:
        return (getattr(error, "stderr", None) or str(error)).strip()
    return None


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: run.py PATH_OF_TOLLGATE")
    problem = namespaces_problem()
    if problem is not None:
        print(f"skipped: network namespaces cannot be made here: {problem}")
        sys.exit(1 if os.environ.get("TOLLGATE_REQUIRE_NETNS") == "1" else 0)
    tollgate = pathlib.Path(sys.argv[1]).resolve()
    layouts = [shared, sidecar, hybrid]
    failures = 0
    for layout in layouts:
        print(f"{layout.__name__}: {layout.__doc__}")
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tollgate-")))
            try:
                layout(House(tollgate, folder, stack))
            except (Failed, subprocess.SubprocessError) as error:
                failures += 1
                print(f"  FAILED: {error} {getattr(error, 'stderr', None) or ''}")
                for log in sorted(folder.glob("*/gateway.log")):
                    print(f"  --- {log.parent.name}\n{log.read_text()[-4000:]}")
    print(f"{len(layouts) - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
