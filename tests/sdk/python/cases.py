"""Runs abilities against targets and reports each as a line of JSON.

An ability is a function of the `Case`, a chat's of the driver of its SDK too (chats.py). It
passes when it returns; what a pair cannot do by its nature is left out with
`raise NotCarried("why")`.
"""

import asyncio
import functools
import inspect
import json
import os
import time
import traceback
import urllib.request

PLAN = json.loads(os.environ["TOLLGATE_SDK_PLAN"])
PROMPTS = PLAN["prompts"]
ABILITIES, CHATS = [], []

TEXT = 'Grüße, 世界! 👋 "quoted" and\nnew line.'
# A red dot: the smallest picture that is one.
DOT_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
# What a call says once the rules have read its arguments.
REDACTED_CITY = "[KEYWORD] [GITHUB_PAT]"
CITY = {
    "type": "object", "properties": {"city": {"type": "string"}},
    "required": ["city"], "additionalProperties": False,
}


class NotCarried(Exception):
    """The pair of SDK and target has no such thing."""


class Case:
    """One ability at one target."""

    def __init__(self, target, ability):
        self.__dict__.update(target)
        self.ability = ability
        self.url = PLAN["url"]
        self.key, self.guarded_key = PLAN["keys"]["app"], PLAN["keys"]["guarded"]
        self.handled_key = PLAN["keys"]["handled"]

    @property
    def simulated(self):
        return self.stand_in == "simulator"

    def simulator_only(self):
        if not self.simulated:
            raise NotCarried("only the simulator does this on demand")

    def check_count(self, counted, used):
        """A provider's count is what it reports of a chat; the gateway's own is near it."""
        if self.counts:
            assert counted == used > 0, (counted, used)
        else:
            assert used / 4 < counted < used * 4, (counted, used)

    def model(self, name="test-model"):
        return f"{self.name}/{name}"

    def reasoner(self):
        """A model that thinks."""
        return self.model(self.thinks)

    def needs(self, parameter, why):
        """Leaves the ability out where the provider's format has no such parameter."""
        if parameter not in self.carries:
            raise NotCarried(why)

    def lost(self, own, *names):
        """Which of these are lost between the SDK's own format and the provider's."""
        return set() if self.format == own else set(names) - set(self.carries)

    def scripted(self, script):
        """Tells the scripted simulator what happens next; gives the model to ask there."""
        self.simulator_only()
        control(f"{PLAN['scripted']}/__sim/reset", {})
        control(f"{PLAN['scripted']}/__sim/faults", {"script": script})
        return f"{PLAN['scripted_name']}-{self.format}/test-model"

    def scripted_books(self):
        return books(PLAN["scripted"])

    def books(self):
        return books(self.origin)

    def received(self, marker):
        """The body that aimock received with this text in it; it keeps chats in OpenAI's shape."""
        headers = {"authorization": f"Bearer {PLAN['provider_key']}"}
        request = urllib.request.Request(f"{self.origin}/__aimock/journal", headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            entries = json.load(answer)
        found = [entry["body"] for entry in entries if marker in json.dumps(entry.get("body"), ensure_ascii=False)]
        assert found, f"aimock did not see {marker!r}"
        return found[-1]

    def hung_up(self, model):
        """Waits until the simulator's books say that the gateway hung up; gives the record."""
        return until(lambda: next(
            (entry for entry in books(self.origin) if entry["model"] == model and entry["hung_up_at"] is not None), None
        ))


def control(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()


def books(origin):
    with urllib.request.urlopen(f"{origin}/__sim/books?last=200", timeout=5) as answer:
        return json.load(answer)["records"]


def until(look, limit_s=5):
    deadline = time.monotonic() + limit_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing came within {limit_s} s"
        time.sleep(0.01)
    return found


def ability(function):
    ABILITIES.append(function)
    return function


def chat(function):
    CHATS.append(function)
    return function


def abilities_of(driver):
    """The common ones and the suite's own, by name, each a function of the case."""
    found = {
        name_of(function): functools.partial(function, driver) for function in (CHATS if driver else ())
        if name_of(function) not in driver.lacks
    }
    return found | {name_of(function): function for function in ABILITIES}


def name_of(function):
    return function.__name__.replace("_", " ")


def raised(kind, function, *arguments, **named):
    """Calls a function that must raise exactly this class, or one of these; gives the exception."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    names = " or ".join(one.__name__ for one in kinds)
    try:
        result = function(*arguments, **named)
    except kind as error:
        assert type(error) in kinds, f"raised {type(error).__name__}, not {names}: {error}"
        return error
    raise AssertionError(f"{names} was not raised, but: {str(result):.300}")


def report(sdk, target, name, outcome, detail="", ms=0):
    line = {"sdk": sdk, "target": target, "ability": name, "outcome": outcome, "detail": detail, "ms": ms}
    print(json.dumps(line), flush=True)


def run(sdk, driver=None):
    for target in PLAN["targets"]:
        for name, function in abilities_of(driver).items():
            started = time.monotonic()
            try:
                result = function(Case(target, name))
                if inspect.isawaitable(result):
                    asyncio.run(result)
                outcome, detail = "pass", ""
            except NotCarried as reason:
                outcome, detail = "not carried", str(reason)
            except Exception as error:
                outcome, detail = "fail", f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=-3)}"
            report(sdk, target["name"], name, outcome, detail, round((time.monotonic() - started) * 1000))
