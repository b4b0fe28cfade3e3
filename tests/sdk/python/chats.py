"""What every SDK for chats must do, written once over a `Driver`, which says how one SDK does it.

A suite defines its driver, and abilities of its own with `cases.ability`; one of the same
name takes the place of the common one.
"""

import asyncio
import concurrent.futures
import dataclasses
import json
import uuid

import pydantic
from cases import CITY, DOT_PNG, PROMPTS, REDACTED_CITY, TEXT, chat, raised

NAMES = ("get_weather", "get_time")


class Event(pydantic.BaseModel):
    """What structured output is asked for."""

    name: str
    guests: int
    tags: list[str]


@dataclasses.dataclass
class Call:
    """A call of a tool."""

    id: str
    name: str
    arguments: dict


@dataclasses.dataclass
class Said:
    """An answer, as the SDK gives it to its user."""

    text: str
    finish: str  # `stop`, `tools`, `length`, `filter`, else the SDK's own word
    calls: list = dataclasses.field(default_factory=list)
    thoughts: str = ""
    input: int = 0  # tokens, cached ones included
    output: int = 0
    cached: int = 0
    parsed: object = None  # structured output
    headers: dict = dataclasses.field(default_factory=dict)
    raw: object = None  # whatever the driver needs to send it back


class Driver:
    """One SDK. Options of `ask`, `stream` and `pieces` are the same for all:

    `key`, `model`, `retries`; `system` (a text), `tools` (both are offered), `forced` (the
    name of one), `image`, `schema` (`Event` is asked for), `thinking`, `max_tokens`, `stop`
    (a list), `turns` (what `turns` gave, before the prompt or instead of it), `headers`, and
    whatever else the SDK itself takes.
    """

    own = ""  # the format that it speaks
    errors = {}  # the class that is raised, by status; 500 stands for all from there on
    stream_errors = ()  # what an iterator of a stream raises when the stream fails
    lossy = {}  # options that not every format carries
    loses = ()  # and what they are called in `x-tollgate-loss`
    lacks = ()  # names of common abilities that its format has no words for

    def ask(self, case, prompt, **options):
        """Gives what was said."""
        raise NotImplementedError

    def stream(self, case, prompt, **options):
        """The same, streamed and put together."""
        raise NotImplementedError

    def pieces(self, case, prompt, **options):
        """A generator of the pieces of text; to close it is to hang up."""
        raise NotImplementedError

    def turns(self, prompt, said, results=None):
        """What was asked and said, to be sent back, with results of its calls by their ids."""
        raise NotImplementedError

    def models(self, case):
        """Names of all models."""
        raise NotImplementedError

    def status(self, error):
        """The status in an exception."""
        return error.status_code

    def check_error(self, what, error):
        """Looks at what this SDK has in an exception."""


@chat
def text(driver, case):
    said = driver.ask(case, PROMPTS["text"])
    assert said.text == TEXT, said
    assert said.finish == "stop", said


@chat
def text_streamed(driver, case):
    pieces = list(driver.pieces(case, PROMPTS["text"]))
    assert "".join(pieces) == TEXT, pieces
    assert len(pieces) > 3, "the stream came in one piece"
    said = driver.stream(case, PROMPTS["text"])
    assert (said.text, said.finish) == (TEXT, "stop"), said


@chat
def usage(driver, case):
    said = driver.ask(case, PROMPTS["text"])
    assert said.input > 0 and said.output > 0, said


@chat
def usage_streamed(driver, case):
    whole, streamed = driver.ask(case, PROMPTS["text"]), driver.stream(case, PROMPTS["text"])
    assert (streamed.input, streamed.output) == (whole.input, whole.output), (whole, streamed)


@chat
def cached_tokens(driver, case):
    case.simulator_only()
    said = driver.ask(case, PROMPTS["cached"])
    assert said.cached == 7 and said.input > 7, said


@chat
def system_prompt(driver, case):
    system = f"You are pirate {uuid.uuid4()}."
    said = driver.ask(case, PROMPTS["system"], system=system)
    assert said.text == "Arr.", said
    if case.simulated:
        bare = driver.ask(case, PROMPTS["system"])
        assert said.input > bare.input + 4, "the provider did not read the system prompt"
    else:
        assert case.received(system)["messages"][0] == {"role": "system", "content": system}


@chat
def long_prompt(driver, case):
    assert driver.ask(case, PROMPTS["long"] + "many words " * 30_000).text == "Read."


@chat
def one_tool(driver, case):
    said = driver.ask(case, PROMPTS["one_tool"], tools=True)
    (call,) = said.calls
    assert (call.name, call.arguments) == ("get_weather", {"city": "Zürich"}), said
    assert said.finish == "tools", said


@chat
def parallel_tools(driver, case):
    check_two_tools(driver.ask(case, PROMPTS["two_tools"], tools=True))


@chat
def parallel_tools_streamed(driver, case):
    check_two_tools(driver.stream(case, PROMPTS["two_tools"], tools=True))


def check_two_tools(said):
    assert (said.text, said.finish) == ("One moment.", "tools"), said
    assert [call.name for call in said.calls] == list(NAMES), said
    assert len({call.id for call in said.calls}) == 2, said
    assert all(call.arguments == {"city": "Oslo"} for call in said.calls), said


@chat
def tool_loop(driver, case):
    for first in (driver.ask, driver.stream):
        said = first(case, PROMPTS["two_tools"], tools=True)
        turns = driver.turns(PROMPTS["two_tools"], said, {call.id: f"{call.name}: fine" for call in said.calls})
        again = driver.ask(case, None, turns=turns, tools=True)
        assert again.text and not again.calls and again.finish == "stop", again


@chat
def forced_tool(driver, case):
    case.simulator_only()
    said = driver.ask(case, "Hello.", tools=True, forced="get_time")
    assert [call.name for call in said.calls] == ["get_time"], said


@chat
def image(driver, case):
    said = driver.ask(case, PROMPTS["image"], image=DOT_PNG)
    assert said.text == "A dot.", said
    if case.simulated:
        bare = driver.ask(case, PROMPTS["image"])
        assert said.input - bare.input >= 85, "the provider did not see the picture"
    elif case.format == "openai":
        # Of other formats aimock keeps the texts only.
        assert DOT_PNG in json.dumps(case.received("What is in this picture?"))


@chat
def structured_output(driver, case):
    said = driver.ask(case, PROMPTS["structured"], schema=True)
    assert isinstance(said.parsed, Event), said


@chat
def structured_output_streamed(driver, case):
    said = driver.stream(case, PROMPTS["structured"], schema=True)
    assert isinstance(said.parsed, Event), said


@chat
def reasoning(driver, case):
    check_reasoning(driver, case, driver.ask)


@chat
def reasoning_streamed(driver, case):
    check_reasoning(driver, case, driver.stream)


def check_reasoning(driver, case, how):
    """Two turns: what the provider sealed in the first it takes back in the second."""
    said = how(case, PROMPTS["reasoning"], thinking=True, model=case.reasoner())
    assert said.thoughts and said.text == "Forty-two.", said
    turns = driver.turns(PROMPTS["reasoning"], said)
    again = how(case, PROMPTS["text"], turns=turns, thinking=True, model=case.reasoner())
    assert again.text == TEXT, again


@chat
def max_tokens(driver, case):
    case.simulator_only()
    said = driver.ask(case, PROMPTS["limit"], max_tokens=20)
    assert (said.finish, said.output) == ("length", 20), said


@chat
def stop_sequences(driver, case):
    case.simulator_only()
    case.needs("stop", "the provider's format has no stop texts")
    said = driver.ask(case, PROMPTS["stop"], stop=["STOP", "never"])
    assert (said.text.strip(), said.finish) == ("one two", "stop"), said


@chat
def losses_are_named(driver, case):
    said = driver.ask(case, PROMPTS["text"], **driver.lossy)
    assert said.text == TEXT, said
    lost = {name for name in said.headers.get("x-tollgate-loss", "").split(", ") if name}
    assert lost == case.lost(driver.own, *driver.loses), lost


@chat
def wrong_key(driver, case):
    error = raised(driver.errors[401], driver.ask, case, PROMPTS["text"], key="not-a-key")
    driver.check_error("wrong key", error)


@chat
def unknown_model(driver, case):
    error = raised(driver.errors[404], driver.ask, case, "Hello.", model="no-such-provider/model")
    driver.check_error("unknown model", error)
    if case.simulated:
        # The word is the provider's: of Responses it is 400.
        kinds = driver.errors[404], driver.errors[400]
        raised(kinds, driver.ask, case, "Hello.", model=case.model("missing-model"))


@chat
def invalid_request(driver, case):
    error = raised(driver.errors[400], driver.ask, case, PROMPTS["invalid"])
    driver.check_error("invalid request", error)


@chat
def rate_limited(driver, case):
    error = raised(driver.errors[429], driver.ask, case, PROMPTS["limited"])
    driver.check_error("rate limited", error)


@chat
def retried_by_the_SDK(driver, case):
    model = case.scripted("429:1s, ok")
    assert driver.ask(case, PROMPTS["retried"], model=model, retries=1).text == "At last."
    assert [entry["status"] for entry in case.scripted_books()] == [429, 200]


@chat
def broken_provider(driver, case):
    for prompt in ("broken", "overloaded"):
        error = raised(driver.errors[500], driver.ask, case, PROMPTS[prompt])
        assert driver.status(error) >= 500, error


@chat
def error_inside_a_stream(driver, case):
    case.simulator_only()
    check_broken_stream(driver, case, PROMPTS["error_inside"])


@chat
def stream_that_breaks_off(driver, case):
    check_broken_stream(driver, case, PROMPTS["cut_inside"])


def check_broken_stream(driver, case, prompt):
    seen = []
    try:
        for piece in driver.pieces(case, prompt):
            seen.append(piece)
    except driver.stream_errors as error:
        assert "".join(seen), "nothing came before the error"
        driver.check_error("stream", error)
    else:
        raise AssertionError(f"the stream ended as if it were whole: {''.join(seen)}")


@chat
def policy_blocks_a_request(driver, case):
    error = raised(driver.errors[400], driver.ask, case, PROMPTS["blocked_in"], key=case.guarded_key)
    assert "536-90" not in str(error)
    driver.check_error("policy", error)


@chat
def policy_blocks_an_answer(driver, case):
    said = driver.ask(case, PROMPTS["blocked_out"], key=case.guarded_key)
    assert said.finish == "filter" and "1111" not in (said.text or ""), said


@chat
def policy_blocks_a_stream(driver, case):
    said = driver.stream(case, PROMPTS["blocked_out"], key=case.guarded_key)
    assert said.finish == "filter" and "1111" not in said.text, said
    seen = "".join(driver.pieces(case, PROMPTS["blocked_out"], key=case.guarded_key))
    assert "1111" not in seen, seen
    assert seen.startswith("The card is"), "what came before the finding was not delivered"


@chat
def policy_restores_an_answer(driver, case):
    check_restored(driver.ask(case, PROMPTS["restored"], key=case.handled_key, tools=True))


@chat
def policy_restores_a_stream(driver, case):
    check_restored(driver.stream(case, PROMPTS["restored"], key=case.handled_key, tools=True))


def check_restored(said):
    assert said.text == "I write to jo@example.com.", said
    assert [call.arguments for call in said.calls] == [{"city": "jo@example.com"}], said


@chat
def policy_flags_a_request(driver, case):
    said = driver.ask(case, PROMPTS["flagged"], key=case.handled_key)
    assert said.text == "It flies." and "handling/noted" in said.headers["x-tollgate-policy"], said


@chat
def policy_routes_a_request(driver, case):
    said = driver.ask(case, PROMPTS["routed"], key=case.handled_key, headers={"x-tollgate-detail": "1"})
    assert said.text == "It fishes." and said.headers["x-tollgate-provider"] == "sim-anthropic", said


@chat
def policy_redacts_a_call(driver, case):
    check_redacted_call(driver.ask(case, PROMPTS["redacted_call"], key=case.handled_key, tools=True))


@chat
def policy_redacts_a_streamed_call(driver, case):
    check_redacted_call(driver.stream(case, PROMPTS["redacted_call"], key=case.handled_key, tools=True))


def check_redacted_call(said):
    assert [call.arguments for call in said.calls] == [{"city": REDACTED_CITY}], said
    assert said.finish == "tools", said


@chat
def policy_redacts_a_stream(driver, case):
    said = driver.stream(case, PROMPTS["redacted_out"], key=case.guarded_key)
    assert said.text == "Write to [EMAIL_ADDRESS] today.", said


@chat
def failover_to_the_other_format(driver, case):
    case.simulator_only()
    assert driver.ask(case, PROMPTS["text"], model="falls-over").text == TEXT


@chat
def models_list(driver, case):
    names = driver.models(case)
    assert {"assistant", "writer", "falls-over"} <= names, names


@chat
def many_at_once(driver, case):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda number: driver.ask(case, f"{PROMPTS['many']}{number}").text.strip(), range(8)))
    check_counted(case, said)


@chat
async def async_client(driver, case):
    said = await asyncio.gather(*(driver.ask_async(case, f"{PROMPTS['many']}{number}") for number in range(8)))
    check_counted(case, [words.strip() for words in said])


def check_counted(case, said):
    expected = [f"caller number {number}" for number in range(8)]
    assert said == (expected if case.simulated else ["Counted."] * 8), said


@chat
def hang_up(driver, case):
    case.simulator_only()
    name = f"hang-up-{uuid.uuid4()}"
    pieces = driver.pieces(case, PROMPTS["endless"], model=case.model(name), max_tokens=6000)
    for _, _piece in zip(range(5), pieces):
        pass
    pieces.close()
    assert case.hung_up(name)["output_tokens"] < 4000


@chat
def trace_context(driver, case):
    case.simulator_only()
    name, trace_id = f"traced-{uuid.uuid4()}", uuid.uuid4().hex
    driver.ask(case, PROMPTS["text"], model=case.model(name), headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"})
    (entry,) = [entry for entry in case.books() if entry["model"] == name]
    assert entry["headers"]["traceparent"].split("-")[1] == trace_id
