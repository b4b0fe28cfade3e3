"""The `anthropic` package, unchanged: base URL and key only."""

import anthropic
from cases import CITY, PROMPTS, NotCarried, ability, run
from chats import NAMES, Call, Driver, Event, Said

TOOLS = [{"name": name, "description": name, "input_schema": CITY} for name in NAMES]
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000}
FINISH = {"end_turn": "stop", "stop_sequence": "stop", "tool_use": "tools", "max_tokens": "length", "refusal": "filter"}
CAN_PARSE = hasattr(anthropic.resources.Messages, "parse")


class Messages(Driver):
    own = "anthropic"
    errors = {
        400: anthropic.BadRequestError, 401: anthropic.AuthenticationError, 404: anthropic.NotFoundError,
        429: anthropic.RateLimitError,
    }
    stream_errors = (anthropic.APIStatusError,)
    lossy = {"extra_body": {"top_k": 5, "invented_field": 1}}
    loses = ("top_k", "unknown_field")

    def __init__(self):
        self.clients = {}
        # Of older majors some statuses have a class of their own, of others not.
        names = ("InternalServerError", "OverloadedError", "ServiceUnavailableError")
        found = (getattr(anthropic, name, None) or getattr(anthropic._exceptions, name, None) for name in names)
        self.errors = self.errors | {500: tuple(kind for kind in found if kind)}
        if not CAN_PARSE:
            self.lacks = ("structured output", "structured output streamed")

    def client(self, case, key=None, retries=0):
        key = key or case.key
        if (key, retries) not in self.clients:
            self.clients[key, retries] = anthropic.Anthropic(base_url=case.url, api_key=key, max_retries=retries)
        return self.clients[key, retries]

    def request(self, case, prompt, options):
        client = {name: options.pop(name) for name in ("key", "retries") if name in options}
        messages = list(options.pop("turns", []))
        picture = options.pop("image", None)
        if prompt is not None:
            messages.append({"role": "user", "content": content(prompt, picture)})
        if options.pop("tools", False):
            options["tools"] = TOOLS
        if forced := options.pop("forced", None):
            options["tool_choice"] = {"type": "tool", "name": forced}
        if options.pop("thinking", False):
            options |= THINKING
        if options.pop("schema", False):
            options["output_format"] = Event
        for ours, theirs in (("stop", "stop_sequences"), ("headers", "extra_headers")):
            if ours in options:
                options[theirs] = options.pop(ours)
        return client, {"model": case.model(), "max_tokens": 1000, "messages": messages} | options

    def ask(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        messages = self.client(case, **client).messages
        if "output_format" in request:
            return said(messages.parse(**request))
        answer = messages.with_raw_response.create(**request)
        return said(answer.parse(), answer.headers)

    async def ask_async(self, case, prompt):
        async with anthropic.AsyncAnthropic(base_url=case.url, api_key=case.key, max_retries=0) as sdk:
            _, request = self.request(case, prompt, {})
            async with sdk.messages.stream(**request) as events:
                return "".join([piece async for piece in events.text_stream])

    def stream(self, case, prompt, **options):
        """By the SDK's own helper, which puts the pieces together."""
        client, request = self.request(case, prompt, options)
        with self.client(case, **client).messages.stream(**request) as events:
            return said(events.get_final_message())

    def pieces(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        with self.client(case, **client).messages.stream(**request) as events:
            yield from events.text_stream

    def turns(self, prompt, said, results=None):
        turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": said.raw.content}]
        results = [{"type": "tool_result", "tool_use_id": id, "content": text} for id, text in (results or {}).items()]
        if results:
            results[-1] |= {"content": [{"type": "text", "text": "No clock."}], "is_error": True}
            turns.append({"role": "user", "content": results})
        return turns

    def models(self, case):
        return {model.id for model in self.client(case).models.list()}

    def check_error(self, what, error):
        kinds = {
            "wrong key": ("authentication_error",), "unknown model": ("not_found_error",),
            "invalid request": ("invalid_request_error",), "policy": ("invalid_request_error",),
            "rate limited": ("rate_limit_error",), "stream": ("api_error", "overloaded_error"),
        }
        found = error.body["error"]
        assert error.body["type"] == "error" and found["message"], error.body
        assert found["type"] in kinds.get(what, (found["type"],)), error.body
        if what == "policy":
            assert "personal-data" in found["message"], error.body
        if what == "rate limited":
            assert error.response.headers["retry-after"] == "9", error.response.headers


def content(prompt, picture):
    if picture is None:
        return prompt
    source = {"type": "base64", "media_type": "image/png", "data": picture}
    return [{"type": "image", "source": source}, {"type": "text", "text": prompt}]


def said(message, headers=None):
    assert message.type == "message" and message.role == "assistant" and message.id, message
    usage = message.usage
    cached = usage.cache_read_input_tokens or 0
    kinds = {kind: [block for block in message.content if block.type == kind] for kind in ("text", "thinking", "tool_use")}
    return Said(
        text="".join(block.text for block in kinds["text"]), finish=FINISH.get(message.stop_reason, message.stop_reason),
        calls=[Call(block.id, block.name, block.input) for block in kinds["tool_use"]],
        thoughts="".join(block.thinking for block in kinds["thinking"]),
        input=usage.input_tokens + cached, output=usage.output_tokens, cached=cached,
        parsed=getattr(message, "parsed_output", None), headers=dict(headers or {}), raw=message,
    )


DRIVER = Messages()


@ability
def events_in_order(case):
    _, request = DRIVER.request(case, PROMPTS["text"], {})
    kinds = [event.type for event in DRIVER.client(case).messages.create(stream=True, **request) if event.type != "ping"]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"], kinds
    assert set(kinds[2:-3]) == {"content_block_delta"}


@ability
def the_text_is_the_last_block(case):
    """Clients take it for all that was said."""
    for how in (DRIVER.ask, DRIVER.stream):
        answer = how(case, PROMPTS["reasoning"], thinking=True, model=case.reasoner()).raw
        assert [answer.content[0].type, answer.content[-1].type] == ["thinking", "text"], answer


@ability
def a_system_prompt_of_blocks(case):
    answer = DRIVER.ask(case, PROMPTS["system"], system=[{"type": "text", "text": "You are a pirate."}])
    assert answer.text == "Arr.", answer


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
    runner = DRIVER.client(case).beta.messages.tool_runner(
        **DRIVER.request(case, PROMPTS["two_tools"], {})[1], tools=[tool("get_weather"), tool("get_time")]
    )
    assert said(runner.until_done()).text
    assert sorted(seen) == ["get_time Oslo", "get_weather Oslo"], seen


@ability
def names_the_stop_sequence(case):
    case.simulator_only()
    case.needs("stop_named", "the provider's format does not say that it was one")
    answer = DRIVER.ask(case, PROMPTS["stop"], stop=["STOP"]).raw
    # Of Bedrock's it is not known which one.
    assert answer.stop_reason == "stop_sequence" and answer.stop_sequence in ("STOP", None), answer


@ability
def refusal(case):
    case.simulator_only()
    assert DRIVER.ask(case, PROMPTS["refuse"]).raw.stop_reason == "refusal"


@ability
def count_tokens(case):
    case.simulator_only()
    # Bedrock counts for models of Anthropic only.
    asked = {"system": "Be brief.", "model": case.model("anthropic.test-model")}
    _, request = DRIVER.request(case, PROMPTS["text"], asked | {"tools": True})
    del request["max_tokens"]
    counted = DRIVER.client(case).messages.count_tokens(**request).input_tokens
    case.check_count(counted, DRIVER.ask(case, PROMPTS["text"], **asked, tools=True).input)


@ability
def no_messages_at_all(case):
    try:
        DRIVER.ask(case, "Hello.", extra_body={"messages": "none"})
    except anthropic.BadRequestError as error:
        assert error.body["error"]["type"] == "invalid_request_error"
    else:
        raise AssertionError("nothing was raised")


if __name__ == "__main__":
    run(f"anthropic {anthropic.__version__} (Python)", DRIVER)
