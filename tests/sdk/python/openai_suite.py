"""The `openai` package, unchanged: base URL and key only."""

import asyncio
import json
import uuid

import openai
import pydantic
from cases import (
    CITY, DOT_PNG, PROMPTS, REDACTED_CITY, TEXT, NotCarried, ability, raised, run,
)

MAJOR = int(openai.__version__.split(".")[0])
TOOLS = [
    {"type": "function", "function": {"name": name, "description": name, "parameters": CITY, "strict": True}}
    for name in ("get_weather", "get_time")
]


class Event(pydantic.BaseModel):
    name: str
    guests: int
    tags: list[str]


def client(case, key=None, retries=0):
    return openai.OpenAI(base_url=f"{case.url}/v1", api_key=key or case.key, max_retries=retries)


def ask(case, prompt, *, key=None, retries=0, **options):
    options.setdefault("model", case.model())
    messages = options.pop("messages", None) or [{"role": "user", "content": prompt}]
    return client(case, key, retries).chat.completions.create(messages=messages, **options)


def stream(case, prompt, **options):
    """The stream by the SDK's own helper, which puts the pieces together."""
    key = options.pop("key", None)
    messages = options.pop("messages", None) or [{"role": "user", "content": prompt}]
    options.setdefault("model", case.model())
    with client(case, key).chat.completions.stream(messages=messages, **options) as events:
        return events.get_final_completion()


def text_of(completion):
    return completion.choices[0].message.content


@ability
def text(case):
    answer = ask(case, PROMPTS["text"])
    assert text_of(answer) == TEXT, text_of(answer)
    assert answer.choices[0].finish_reason == "stop"
    assert answer.object == "chat.completion" and answer.id and answer.created


@ability
def text_streamed(case):
    pieces = list(ask(case, PROMPTS["text"], stream=True))
    said = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    assert said == TEXT, said
    assert [piece.choices[0].finish_reason for piece in pieces if piece.choices][-1] == "stop"
    assert all(piece.object == "chat.completion.chunk" and piece.id == pieces[0].id for piece in pieces)
    assert pieces[0].choices[0].delta.role == "assistant"
    assert all(piece.choices for piece in pieces), "usage came although it was not asked for"


@ability
def usage(case):
    found = ask(case, PROMPTS["text"]).usage
    assert found.prompt_tokens > 0 and found.completion_tokens > 0
    assert found.total_tokens == found.prompt_tokens + found.completion_tokens


@ability
def usage_streamed(case):
    whole = ask(case, PROMPTS["text"]).usage
    pieces = list(ask(case, PROMPTS["text"], stream=True, stream_options={"include_usage": True}))
    assert pieces[-1].choices == [], "the last chunk has choices"
    assert pieces[-1].usage.prompt_tokens == whole.prompt_tokens
    assert pieces[-1].usage.completion_tokens == whole.completion_tokens
    assert not any(piece.usage for piece in pieces[:-1])


@ability
def cached_tokens(case):
    case.simulator_only()
    found = ask(case, PROMPTS["cached"]).usage
    assert found.prompt_tokens_details.cached_tokens == 7, found
    assert found.prompt_tokens > 7, "cached tokens are a part of the prompt's"


@ability
def system_prompt(case):
    said = f"You are pirate {uuid.uuid4()}."
    # aimock takes "developer" for no system prompt; at an Anthropic target it is one.
    for role in ("system",) if case.name == "mock-openai" else ("developer", "system"):
        messages = [{"role": role, "content": said}, {"role": "user", "content": PROMPTS["system"]}]
        answer = ask(case, None, messages=messages)
        assert text_of(answer) == "Arr."
    if case.simulated:
        bare = ask(case, PROMPTS["system"])
        assert answer.usage.prompt_tokens > bare.usage.prompt_tokens + 4, "the provider did not read the system prompt"
    else:
        assert case.received(said)["messages"][0] == {"role": "system", "content": said}


@ability
def long_prompt(case):
    answer = ask(case, PROMPTS["long"] + "many words " * 30_000)
    assert text_of(answer) == "Read."


@ability
def one_tool(case):
    answer = ask(case, PROMPTS["one_tool"], tools=TOOLS)
    (call,) = answer.choices[0].message.tool_calls
    assert answer.choices[0].finish_reason == "tool_calls"
    assert call.type == "function" and call.id and call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Zürich"}


@ability
def parallel_tools(case):
    answer = ask(case, PROMPTS["two_tools"], tools=TOOLS, parallel_tool_calls=True)
    check_two_tools(answer)


@ability
def parallel_tools_streamed(case):
    answer = stream(case, PROMPTS["two_tools"], tools=TOOLS)
    check_two_tools(answer)
    assert answer.choices[0].message.tool_calls[0].function.parsed_arguments == {"city": "Oslo"}


def check_two_tools(answer):
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "tool_calls"
    assert message.content == "One moment.", message.content
    assert [call.function.name for call in message.tool_calls] == ["get_weather", "get_time"]
    assert len({call.id for call in message.tool_calls}) == 2
    assert all(json.loads(call.function.arguments) == {"city": "Oslo"} for call in message.tool_calls)


@ability
def tool_loop(case):
    messages = [{"role": "user", "content": PROMPTS["two_tools"]}]
    first = ask(case, None, messages=messages, tools=TOOLS).choices[0].message
    messages.append(first.model_dump(exclude_none=True))
    for call in first.tool_calls:
        messages.append({"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name}: fine"})
    second = ask(case, None, messages=messages, tools=TOOLS)
    assert second.choices[0].finish_reason == "stop"
    assert text_of(second) and not second.choices[0].message.tool_calls


@ability
def forced_tool(case):
    case.simulator_only()
    choice = {"type": "function", "function": {"name": "get_time"}}
    answer = ask(case, "Hello.", tools=TOOLS, tool_choice=choice)
    assert answer.choices[0].message.tool_calls[0].function.name == "get_time"


@ability
def image(case):
    content = [
        {"type": "text", "text": PROMPTS["image"]},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DOT_PNG}"}},
    ]
    answer = ask(case, None, messages=[{"role": "user", "content": content}])
    assert text_of(answer) == "A dot."
    if case.simulated:
        bare = ask(case, PROMPTS["image"])
        assert answer.usage.prompt_tokens - bare.usage.prompt_tokens >= 85, "the provider did not see the picture"
    elif case.format == "openai":
        # Of an Anthropic request aimock keeps the texts only.
        assert DOT_PNG in json.dumps(case.received("What is in this picture?"))


@ability
def structured_output(case):
    answer = client(case).chat.completions.parse(
        model=case.model(), response_format=Event, messages=[{"role": "user", "content": PROMPTS["structured"]}]
    )
    assert isinstance(answer.choices[0].message.parsed, Event)


@ability
def structured_output_streamed(case):
    answer = stream(case, PROMPTS["structured"], response_format=Event)
    assert isinstance(answer.choices[0].message.parsed, Event)


@ability
def reasoning(case):
    answer = ask(case, PROMPTS["reasoning"], reasoning_effort="low", model=case.reasoner())
    assert text_of(answer) == "Forty-two."
    assert answer.choices[0].message.reasoning_content, "no reasoning_content"


@ability
def reasoning_streamed(case):
    options = {"reasoning_effort": "low", "model": case.reasoner(), "stream": True}
    pieces = [piece.choices[0].delta for piece in ask(case, PROMPTS["reasoning"], **options)]
    thought = "".join(getattr(delta, "reasoning_content", None) or "" for delta in pieces)
    assert thought, "no reasoning_content"
    assert "".join(delta.content or "" for delta in pieces) == "Forty-two."


@ability
def max_tokens(case):
    case.simulator_only()
    for name in ("max_tokens", "max_completion_tokens"):
        answer = ask(case, PROMPTS["limit"], **{name: 3})
        assert answer.choices[0].finish_reason == "length" and answer.usage.completion_tokens == 3


@ability
def stop_sequences(case):
    case.simulator_only()
    for stop in ("STOP", ["STOP", "never"]):
        answer = ask(case, PROMPTS["stop"], stop=stop)
        assert text_of(answer).strip() == "one two" and answer.choices[0].finish_reason == "stop"


@ability
def refusal(case):
    case.simulator_only()
    choice = ask(case, PROMPTS["refuse"]).choices[0]
    assert choice.message.refusal or choice.finish_reason == "content_filter", choice


@ability
def many_choices(case):
    case.simulator_only()
    answer = client(case).chat.completions.with_raw_response.create(
        model=case.model(), n=2, messages=[{"role": "user", "content": PROMPTS["text"]}]
    )
    if case.format in ("openai", "gemini"):
        assert [choice.index for choice in answer.parse().choices] == [0, 1]
    else:
        assert "n" in answer.headers["x-tollgate-loss"].split(", ")
        raise NotCarried("Messages has one answer; named in x-tollgate-loss")


@ability
def losses_are_named(case):
    answer = client(case).chat.completions.with_raw_response.create(
        model=case.model(), seed=7, extra_body={"invented_field": 1},
        messages=[{"role": "user", "content": PROMPTS["text"]}],
    )
    assert text_of(answer.parse()) == TEXT
    lost = {name for name in answer.headers.get("x-tollgate-loss", "").split(", ") if name}
    expected = {"openai": set(), "gemini": {"unknown_field"}}
    assert lost == expected.get(case.format, {"seed", "unknown_field"}), lost


@ability
def wrong_key(case):
    error = raised(openai.AuthenticationError, ask, case, PROMPTS["text"], key="sk-not-a-key")
    assert error.code == "invalid_api_key" and error.body["message"]


@ability
def unknown_model(case):
    error = raised(openai.NotFoundError, ask, case, "Hello.", model="no-such-provider/model")
    assert error.code == "model_not_found", error.code
    if case.simulated:
        raised(openai.NotFoundError, ask, case, "Hello.", model=case.model("missing-model"))


@ability
def invalid_request(case):
    error = raised(openai.BadRequestError, ask, case, PROMPTS["invalid"])
    assert error.type == "invalid_request_error" and error.body["message"]
    raised(openai.BadRequestError, ask, case, "Hello.", extra_body={"messages": "none"})


@ability
def rate_limited(case):
    error = raised(openai.RateLimitError, ask, case, PROMPTS["limited"])
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
        error = raised(openai.InternalServerError, ask, case, PROMPTS[prompt])
        assert error.status_code >= 500 and error.body["message"]


@ability
def error_inside_a_stream(case):
    case.simulator_only()
    seen = []
    error = raised(openai.APIError, read_all, case, PROMPTS["error_inside"], seen)
    assert "".join(seen) and error.message


@ability
def stream_that_breaks_off(case):
    seen = []
    raised(openai.APIError, read_all, case, PROMPTS["cut_inside"], seen)
    assert "".join(seen)


def read_all(case, prompt, seen):
    for piece in ask(case, prompt, stream=True):
        if piece.choices:
            seen.append(piece.choices[0].delta.content or "")
    return seen


@ability
def policy_blocks_a_request(case):
    error = raised(openai.BadRequestError, ask, case, PROMPTS["blocked_in"], key=case.guarded_key)
    assert error.code == "policy_violation" and "536-90" not in str(error)


@ability
def policy_blocks_an_answer(case):
    choice = ask(case, PROMPTS["blocked_out"], key=case.guarded_key).choices[0]
    assert choice.finish_reason == "content_filter" and "1111" not in (choice.message.content or "")


@ability
def policy_blocks_a_stream(case):
    pieces = list(ask(case, PROMPTS["blocked_out"], key=case.guarded_key, stream=True))
    said = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    assert "1111" not in said, said
    assert [piece.choices[0].finish_reason for piece in pieces if piece.choices][-1] == "content_filter"


@ability
def policy_blocks_in_mid_stream(case):
    seen = []
    messages = [{"role": "user", "content": PROMPTS["blocked_out"]}]
    with client(case, case.guarded_key).chat.completions.stream(model=case.model(), messages=messages) as events:
        seen.extend(event.delta for event in events if event.type == "content.delta")
        # What the SDK raises for a provider's own filter.
        raised(openai.ContentFilterFinishReasonError, events.get_final_completion)
    assert "".join(seen).startswith("The card is"), "what came before the finding was not delivered"


@ability
def policy_restores_an_answer(case):
    check_restored(ask(case, PROMPTS["restored"], key=case.handled_key, tools=TOOLS))


@ability
def policy_restores_a_stream(case):
    answer = stream(case, PROMPTS["restored"], key=case.handled_key, tools=TOOLS)
    check_restored(answer)
    assert answer.choices[0].message.tool_calls[0].function.parsed_arguments == {"city": "jo@example.com"}


def check_restored(answer):
    assert text_of(answer) == "I write to jo@example.com.", answer
    (call,) = answer.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "jo@example.com"}


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
    messages = [{"role": "user", "content": prompt}]
    return client(case, key).chat.completions.with_raw_response.create(model=case.model(), messages=messages, **options)


@ability
def policy_redacts_a_call(case):
    check_redacted_call(ask(case, PROMPTS["redacted_call"], key=case.handled_key, tools=TOOLS))


@ability
def policy_redacts_a_streamed_call(case):
    check_redacted_call(stream(case, PROMPTS["redacted_call"], key=case.handled_key, tools=TOOLS))


def check_redacted_call(answer):
    (call,) = answer.choices[0].message.tool_calls
    assert answer.choices[0].finish_reason == "tool_calls"
    assert json.loads(call.function.arguments) == {"city": REDACTED_CITY}, call


@ability
def policy_redacts_a_stream(case):
    said = text_of(stream(case, PROMPTS["redacted_out"], key=case.guarded_key))
    assert said == "Write to [EMAIL_ADDRESS] today.", said


@ability
def failover_to_the_other_format(case):
    case.simulator_only()
    answer = client(case).chat.completions.with_raw_response.create(
        model="falls-over", messages=[{"role": "user", "content": PROMPTS["text"]}],
        extra_headers={"x-tollgate-detail": "1"},
    )
    assert text_of(answer.parse()) == TEXT
    assert answer.headers["x-tollgate-provider"] == "sim-anthropic"


@ability
def models_list(case):
    names = {model.id for model in client(case).models.list()}
    assert {"assistant", "writer", "falls-over"} <= names, names


@ability
async def async_client(case):
    async with openai.AsyncOpenAI(base_url=f"{case.url}/v1", api_key=case.key, max_retries=0) as sdk:
        async def one(number):
            pieces = await sdk.chat.completions.create(
                model=case.model(), stream=True,
                messages=[{"role": "user", "content": f"{PROMPTS['many']}{number}"}],
            )
            return "".join([piece.choices[0].delta.content or "" async for piece in pieces if piece.choices])

        said = await asyncio.gather(*(one(number) for number in range(8)))
    expected = [f"caller number {number}" for number in range(8)]
    assert [words.strip() for words in said] == (expected if case.simulated else ["Counted."] * 8), said


@ability
def hang_up(case):
    case.simulator_only()
    name = f"hang-up-{uuid.uuid4()}"
    pieces = ask(case, PROMPTS["endless"], model=case.model(name), stream=True)
    for _ in range(5):
        next(pieces)
    pieces.close()
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
    run(f"openai {openai.__version__} (Python)")
