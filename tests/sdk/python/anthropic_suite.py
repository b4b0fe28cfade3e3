"""The `anthropic` package, unchanged: base URL and key only."""

import asyncio
import json
import uuid

import anthropic
import pydantic
from cases import (
    CITY, DOT_PNG, PROMPTS, REDACTED_CITY, TEXT, NotCarried, ability, raised, run,
)

TOOLS = [{"name": name, "description": name, "input_schema": CITY} for name in ("get_weather", "get_time")]


class Event(pydantic.BaseModel):
    name: str
    guests: int
    tags: list[str]


def client(case, key=None, retries=0):
    return anthropic.Anthropic(base_url=case.url, api_key=key or case.key, max_retries=retries)


def request(case, prompt, options):
    """The arguments of a request; a prompt may be a list of messages."""
    messages = prompt if isinstance(prompt, list) else [{"role": "user", "content": prompt}]
    return {"model": case.model(), "max_tokens": 1000, "messages": messages} | options


def ask(case, prompt, *, key=None, retries=0, **options):
    return client(case, key, retries).messages.create(**request(case, prompt, options))


def stream(case, prompt, *, key=None, **options):
    """The stream by the SDK's own helper, which puts the pieces together."""
    with client(case, key).messages.stream(**request(case, prompt, options)) as events:
        return events.get_final_message()


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


@ability
def text(case):
    answer = ask(case, PROMPTS["text"])
    assert text_of(answer) == TEXT, answer
    assert answer.stop_reason == "end_turn" and answer.role == "assistant"
    assert answer.type == "message" and answer.id


@ability
def text_streamed(case):
    with client(case).messages.stream(**request(case, PROMPTS["text"], {})) as events:
        said = "".join(events.text_stream)
        answer = events.get_final_message()
    assert said == TEXT == text_of(answer), said
    assert answer.stop_reason == "end_turn"


@ability
def events_in_order(case):
    kinds = [event.type for event in ask(case, PROMPTS["text"], stream=True) if event.type != "ping"]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"], kinds
    assert set(kinds[2:-3]) == {"content_block_delta"}


@ability
def usage(case):
    found = ask(case, PROMPTS["text"]).usage
    assert found.input_tokens > 0 and found.output_tokens > 0


@ability
def usage_streamed(case):
    whole, streamed = ask(case, PROMPTS["text"]).usage, stream(case, PROMPTS["text"]).usage
    assert streamed.output_tokens == whole.output_tokens
    assert streamed.input_tokens == whole.input_tokens


@ability
def cached_tokens(case):
    case.simulator_only()
    found = ask(case, PROMPTS["cached"]).usage
    assert found.cache_read_input_tokens == 7, found
    assert found.input_tokens > 0, "cached tokens are beside the input's"


@ability
def system_prompt(case):
    said = f"You are pirate {uuid.uuid4()}."
    for system in (said, [{"type": "text", "text": said}]):
        answer = ask(case, PROMPTS["system"], system=system)
        assert text_of(answer) == "Arr."
    if case.simulated:
        bare = ask(case, PROMPTS["system"])
        assert answer.usage.input_tokens > bare.usage.input_tokens + 4, "the provider did not read the system prompt"
    else:
        assert case.received(said)["messages"][0] == {"role": "system", "content": said}


@ability
def long_prompt(case):
    answer = ask(case, PROMPTS["long"] + "many words " * 30_000)
    assert text_of(answer) == "Read."


@ability
def one_tool(case):
    answer = ask(case, PROMPTS["one_tool"], tools=TOOLS)
    (call,) = [block for block in answer.content if block.type == "tool_use"]
    assert answer.stop_reason == "tool_use"
    assert call.id and call.name == "get_weather" and call.input == {"city": "Zürich"}


@ability
def parallel_tools(case):
    check_two_tools(ask(case, PROMPTS["two_tools"], tools=TOOLS))


@ability
def parallel_tools_streamed(case):
    check_two_tools(stream(case, PROMPTS["two_tools"], tools=TOOLS))


def check_two_tools(answer):
    assert answer.stop_reason == "tool_use"
    assert [block.type for block in answer.content] == ["text", "tool_use", "tool_use"], answer.content
    assert text_of(answer) == "One moment."
    calls = answer.content[1:]
    assert [call.name for call in calls] == ["get_weather", "get_time"]
    assert len({call.id for call in calls}) == 2
    assert all(call.input == {"city": "Oslo"} for call in calls)


@ability
def tool_loop(case):
    first = ask(case, PROMPTS["two_tools"], tools=TOOLS)
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": f"{block.name}: fine"}
        for block in first.content if block.type == "tool_use"
    ]
    results[1] |= {"content": [{"type": "text", "text": "No clock."}], "is_error": True}
    second = ask(case, [
        {"role": "user", "content": PROMPTS["two_tools"]},
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": results},
    ], tools=TOOLS)
    assert second.stop_reason == "end_turn"
    assert text_of(second) and all(block.type == "text" for block in second.content)


@ability
def tools_run_by_the_SDK(case):
    if case.name == "mock-anthropic":
        raise NotCarried("aimock neither holds threads nor says so")
    seen = []

    def tool(name):
        def call(city: str) -> str:
            seen.append(f"{name} {city}")
            return "fine"

        return anthropic.beta_tool(call, name=name, description=name, input_schema=CITY)

    # Older SDKs add `?beta=true` here. Newer ones leave the history with the provider
    # (`thread`), and send all of it once they read that it holds none.
    runner = client(case).beta.messages.tool_runner(
        **request(case, PROMPTS["two_tools"], {"tools": [tool("get_weather"), tool("get_time")]})
    )
    assert text_of(runner.until_done())
    assert sorted(seen) == ["get_time Oslo", "get_weather Oslo"], seen


@ability
def forced_tool(case):
    case.simulator_only()
    answer = ask(case, "Hello.", tools=TOOLS, tool_choice={"type": "tool", "name": "get_time"})
    assert [block.name for block in answer.content if block.type == "tool_use"] == ["get_time"]


@ability
def image(case):
    content = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DOT_PNG}},
        {"type": "text", "text": PROMPTS["image"]},
    ]
    answer = ask(case, [{"role": "user", "content": content}])
    assert text_of(answer) == "A dot."
    if case.simulated:
        bare = ask(case, PROMPTS["image"])
        assert answer.usage.input_tokens - bare.usage.input_tokens >= 85, "the provider did not see the picture"
    elif case.format == "openai":
        # Of an Anthropic request aimock keeps the texts only.
        assert DOT_PNG in json.dumps(case.received("What is in this picture?"))


@ability
def structured_output(case):
    if not hasattr(anthropic.resources.Messages, "parse"):
        raise NotCarried("this major has no `messages.parse`")
    answer = client(case).messages.parse(**request(case, PROMPTS["structured"], {"output_format": Event}))
    assert isinstance(answer.parsed_output, Event)


@ability
def structured_output_streamed(case):
    if not hasattr(anthropic.resources.Messages, "parse"):
        raise NotCarried("this major has no `messages.parse`")
    answer = stream(case, PROMPTS["structured"], output_format=Event)
    assert isinstance(answer.parsed_output, Event)


THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000}


@ability
def reasoning(case):
    answer = ask(case, PROMPTS["reasoning"], model=case.reasoner(), **THINKING)
    check_thought(answer)


@ability
def reasoning_streamed(case):
    answer = stream(case, PROMPTS["reasoning"], model=case.reasoner(), **THINKING)
    check_thought(answer)
    again = ask(case, [
        {"role": "user", "content": PROMPTS["reasoning"]},
        {"role": "assistant", "content": answer.content},
        {"role": "user", "content": PROMPTS["text"]},
    ], model=case.reasoner(), **THINKING)
    assert text_of(again), "reasoning sent back is refused"


def check_thought(answer):
    # Of some providers a signature comes behind the text, in a block of its own.
    said = [block for block in answer.content if block.type != "thinking" or block.thinking]
    assert [block.type for block in said] == ["thinking", "text"], answer.content
    assert text_of(answer) == "Forty-two."


@ability
def max_tokens(case):
    case.simulator_only()
    answer = ask(case, PROMPTS["limit"], max_tokens=3)
    assert answer.stop_reason == "max_tokens" and answer.usage.output_tokens == 3


@ability
def stop_sequences(case):
    case.simulator_only()
    answer = ask(case, PROMPTS["stop"], stop_sequences=["STOP", "never"])
    assert text_of(answer).strip() == "one two"
    if case.format == "anthropic":
        assert (answer.stop_reason, answer.stop_sequence) == ("stop_sequence", "STOP")
    else:
        # Chat Completions does not say which sequence it was, or that it was one.
        assert answer.stop_reason in ("end_turn", "stop_sequence")


@ability
def refusal(case):
    case.simulator_only()
    answer = ask(case, PROMPTS["refuse"])
    assert answer.stop_reason == "refusal", answer


@ability
def losses_are_named(case):
    answer = client(case).messages.with_raw_response.create(
        **request(case, PROMPTS["text"], {"extra_body": {"top_k": 5, "invented_field": 1}})
    )
    assert text_of(answer.parse()) == TEXT
    lost = {name for name in answer.headers.get("x-tollgate-loss", "").split(", ") if name}
    expected = {"anthropic": set(), "gemini": {"unknown_field"}}
    assert lost == expected.get(case.format, {"top_k", "unknown_field"}), lost


@ability
def wrong_key(case):
    error = raised(anthropic.AuthenticationError, ask, case, PROMPTS["text"], key="sk-ant-not-a-key")
    assert error.body["type"] == "error" and error.body["error"]["type"] == "authentication_error"


@ability
def unknown_model(case):
    error = raised(anthropic.NotFoundError, ask, case, "Hello.", model="no-such-provider/model")
    assert error.body["error"]["type"] == "not_found_error"
    if case.simulated:
        raised(anthropic.NotFoundError, ask, case, "Hello.", model=case.model("missing-model"))


@ability
def invalid_request(case):
    error = raised(anthropic.BadRequestError, ask, case, PROMPTS["invalid"])
    assert error.body["error"]["type"] == "invalid_request_error" and error.body["error"]["message"]
    raised(anthropic.BadRequestError, ask, case, "Hello.", extra_body={"messages": "none"})


@ability
def rate_limited(case):
    error = raised(anthropic.RateLimitError, ask, case, PROMPTS["limited"])
    assert error.body["error"]["type"] == "rate_limit_error"
    assert error.response.headers["retry-after"] == "9", error.response.headers


@ability
def retried_by_the_SDK(case):
    model = case.scripted("429:1s, ok")
    answer = ask(case, PROMPTS["retried"], model=model, retries=1)
    assert text_of(answer) == "At last."
    assert [entry["status"] for entry in case.scripted_books()] == [429, 200]


@ability
def broken_provider(case):
    for prompt in ("broken", "overloaded"):
        try:
            ask(case, PROMPTS[prompt])
        except anthropic.APIStatusError as error:
            assert error.status_code >= 500 and error.body["type"] == "error"
        else:
            raise AssertionError("nothing was raised")


@ability
def error_inside_a_stream(case):
    case.simulator_only()
    check_broken_stream(case, PROMPTS["error_inside"])


@ability
def stream_that_breaks_off(case):
    check_broken_stream(case, PROMPTS["cut_inside"])


def check_broken_stream(case, prompt):
    seen = []
    try:
        with client(case).messages.stream(**request(case, prompt, {})) as events:
            seen.extend(events.text_stream)
    except anthropic.APIStatusError as error:
        assert error.body["error"]["type"] in ("api_error", "overloaded_error"), error.body
        assert "".join(seen), "nothing came before the error"
    else:
        raise AssertionError(f"the stream ended as if it were whole: {''.join(seen)}")


@ability
def policy_blocks_a_request(case):
    error = raised(anthropic.BadRequestError, ask, case, PROMPTS["blocked_in"], key=case.guarded_key)
    assert error.body["error"]["type"] == "invalid_request_error"
    assert "personal-data" in error.body["error"]["message"] and "536-90" not in str(error)


@ability
def policy_blocks_an_answer(case):
    answer = ask(case, PROMPTS["blocked_out"], key=case.guarded_key)
    assert answer.stop_reason == "refusal" and "1111" not in text_of(answer)


@ability
def policy_blocks_a_stream(case):
    answer = stream(case, PROMPTS["blocked_out"], key=case.guarded_key)
    assert answer.stop_reason == "refusal" and "1111" not in text_of(answer)


@ability
def policy_blocks_in_mid_stream(case):
    seen = []
    with client(case, case.guarded_key).messages.stream(**request(case, PROMPTS["blocked_out"], {})) as events:
        seen.extend(events.text_stream)
        answer = events.get_final_message()
    assert answer.stop_reason == "refusal"
    assert "".join(seen).startswith("The card is"), "what came before the finding was not delivered"


@ability
def policy_restores_an_answer(case):
    check_restored(ask(case, PROMPTS["restored"], key=case.handled_key, tools=TOOLS))


@ability
def policy_restores_a_stream(case):
    check_restored(stream(case, PROMPTS["restored"], key=case.handled_key, tools=TOOLS))


def check_restored(answer):
    assert text_of(answer) == "I write to jo@example.com.", answer
    (call,) = [block for block in answer.content if block.type == "tool_use"]
    assert call.input == {"city": "jo@example.com"}, call


@ability
def policy_flags_a_request(case):
    answer = raw(case, PROMPTS["flagged"], key=case.handled_key)
    assert text_of(answer.parse()) == "It flies."
    assert "handling/noted" in answer.headers["x-tollgate-policy"], answer.headers


@ability
def policy_routes_a_request(case):
    answer = raw(case, PROMPTS["routed"], key=case.handled_key, extra_headers={"x-tollgate-detail": "1"})
    assert text_of(answer.parse()) == "It fishes."
    assert answer.headers["x-tollgate-provider"] == "sim-anthropic", answer.headers


def raw(case, prompt, *, key, **options):
    return client(case, key).messages.with_raw_response.create(**request(case, prompt, options))


@ability
def policy_redacts_a_call(case):
    check_redacted_call(ask(case, PROMPTS["redacted_call"], key=case.handled_key, tools=TOOLS))


@ability
def policy_redacts_a_streamed_call(case):
    check_redacted_call(stream(case, PROMPTS["redacted_call"], key=case.handled_key, tools=TOOLS))


def check_redacted_call(answer):
    (call,) = [block for block in answer.content if block.type == "tool_use"]
    assert answer.stop_reason == "tool_use"
    assert call.input == {"city": REDACTED_CITY}, call


@ability
def policy_redacts_a_stream(case):
    said = text_of(stream(case, PROMPTS["redacted_out"], key=case.guarded_key))
    assert said == "Write to [EMAIL_ADDRESS] today.", said


@ability
def failover_to_the_other_format(case):
    case.simulator_only()
    answer = client(case).messages.with_raw_response.create(
        **request(case, PROMPTS["text"], {"model": "falls-over", "extra_headers": {"x-tollgate-detail": "1"}})
    )
    assert text_of(answer.parse()) == TEXT
    assert answer.headers["x-tollgate-provider"] == "sim-anthropic"


@ability
def models_list(case):
    names = {model.id for model in client(case).models.list()}
    assert {"assistant", "writer", "falls-over"} <= names, names


@ability
async def async_client(case):
    async with anthropic.AsyncAnthropic(base_url=case.url, api_key=case.key, max_retries=0) as sdk:
        async def one(number):
            options = request(case, f"{PROMPTS['many']}{number}", {})
            async with sdk.messages.stream(**options) as events:
                return "".join([piece async for piece in events.text_stream])

        said = await asyncio.gather(*(one(number) for number in range(8)))
    expected = [f"caller number {number}" for number in range(8)]
    assert [words.strip() for words in said] == (expected if case.simulated else ["Counted."] * 8), said


@ability
def hang_up(case):
    case.simulator_only()
    name = f"hang-up-{uuid.uuid4()}"
    events = ask(case, PROMPTS["endless"], model=case.model(name), max_tokens=6000, stream=True)
    for _ in range(5):
        next(events)
    events.close()
    assert case.hung_up(name)["output_tokens"] < 4000


@ability
def trace_context(case):
    case.simulator_only()
    name, trace_id = f"traced-{uuid.uuid4()}", uuid.uuid4().hex
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    ask(case, PROMPTS["text"], model=case.model(name), extra_headers=headers)
    (entry,) = [entry for entry in case.books() if entry["model"] == name]
    assert entry["headers"]["traceparent"].split("-")[1] == trace_id


if __name__ == "__main__":
    run(f"anthropic {anthropic.__version__} (Python)")
