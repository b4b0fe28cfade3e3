"""The `mistralai` package, unchanged: base URL and key only. Its chats and embeddings."""

import inspect
import json
import threading

try:
    from mistralai.client import Mistral
    from mistralai.client import errors as kinds
    from mistralai.client import httpclient
    from mistralai.client.utils import BackoffStrategy, RetryConfig
except ImportError:
    from mistralai import Mistral, httpclient
    from mistralai import models as kinds
    from mistralai.utils import BackoffStrategy, RetryConfig
from importlib.metadata import version

import pydantic
from cases import CITY, PROMPTS, NotCarried, ability, run
from chats import NAMES, Call, Driver, Event, Said

TOOLS = [
    {"type": "function", "function": {"name": name, "description": name, "parameters": CITY}} for name in NAMES
]
FINISH = {"tool_calls": "tools", "content_filter": "filter"}
# Formats of the tests' providers that have embeddings.
EMBEDDING = ("openai", "gemini", "cohere")


class Chat(Driver):
    own = "mistral"
    # One class has all statuses.
    errors = dict.fromkeys((400, 401, 404, 429, 500), kinds.SDKError)
    # It reads an event that is an error as one that is not of its form.
    stream_errors = (kinds.ResponseValidationError, pydantic.ValidationError)
    lossy = {"random_seed": 7, "safe_prompt": True}
    loses = ("seed", "unknown_field")

    def __init__(self):
        self.clients = {}
        self.heads = threading.local()

    def client(self, case, key=None, retries=0):
        key = key or case.key
        if (key, retries) not in self.clients:
            again = RetryConfig("backoff", BackoffStrategy(10, 2000, 1.5, 5000), False) if retries else None
            http = httpclient.httpx.Client(follow_redirects=True, event_hooks={"response": [self.note]})
            self.clients[key, retries] = Mistral(api_key=key, server_url=case.url, client=http, retry_config=again)
        return self.clients[key, retries]

    def note(self, response):
        """The SDK keeps no headers of an answer."""
        self.heads.last = response.headers

    def request(self, case, prompt, options):
        client = {name: options.pop(name) for name in ("key", "retries") if name in options}
        messages = list(options.pop("turns", []))
        if system := options.pop("system", None):
            messages.insert(0, {"role": "system", "content": system})
        picture = options.pop("image", None)
        if prompt is not None:
            messages.append({"role": "user", "content": content(prompt, picture)})
        if options.pop("tools", False):
            options["tools"] = TOOLS
        if forced := options.pop("forced", None):
            options["tool_choice"] = {"type": "function", "function": {"name": forced}}
        sdk = self.client(case, **client)
        if options.pop("thinking", False):
            # Older majors have a mode for it.
            knows = "reasoning_effort" in inspect.signature(sdk.chat.complete).parameters
            options |= {"reasoning_effort": "low"} if knows else {"prompt_mode": "reasoning"}
        if options.pop("schema", False):
            options["response_format"] = Event
        if "headers" in options:
            options["http_headers"] = options.pop("headers")
        return sdk.chat, {"model": case.model()} | options | {"messages": messages}

    def ask(self, case, prompt, **options):
        chat, request = self.request(case, prompt, options)
        answer = chat.parse(**request) if "response_format" in request else chat.complete(**request)
        assert answer.object == "chat.completion" and answer.id and answer.created, answer
        choice = answer.choices[0]
        return said(choice.message, choice.finish_reason, answer.usage, self.heads.last)

    async def ask_async(self, case, prompt):
        async with Mistral(api_key=case.key, server_url=case.url) as sdk:
            messages = [{"role": "user", "content": prompt}]
            events = await sdk.chat.stream_async(model=case.model(), messages=messages)
            return "".join([event.data.choices[0].delta.content or "" async for event in events])

    def events(self, case, prompt, options):
        """Chunks, each with a choice: those of this API's own servers have one."""
        chat, request = self.request(case, prompt, options)
        with chat.parse_stream(**request) if "response_format" in request else chat.stream(**request) as events:
            for event in events:
                assert len(event.data.choices) == 1, event
                yield event.data

    def stream(self, case, prompt, **options):
        """The pieces put together. A call comes whole: the SDK's model of one has a name and all arguments."""
        schema = options.get("schema")
        parts, calls, finish, usage = [], [], None, None
        for chunk in self.events(case, prompt, options):
            delta = chunk.choices[0].delta
            finish, usage = chunk.choices[0].finish_reason or finish, chunk.usage or usage
            calls += delta.tool_calls or []
            pieces = delta.content or []
            parts += [{"type": "text", "text": pieces}] if isinstance(pieces, str) else [part.model_dump() for part in pieces]
        message = kinds_of_message()(content=merged(parts), tool_calls=calls or None)
        answer = said(message, finish, usage, {})
        if schema:
            answer.parsed = Event.model_validate_json(answer.text)
        return answer

    def pieces(self, case, prompt, **options):
        events = self.events(case, prompt, options)
        try:
            for chunk in events:
                if isinstance(text := chunk.choices[0].delta.content, str) and text:
                    yield text
        finally:
            events.close()

    def turns(self, prompt, said, results=None):
        """The message goes back as the object that it is."""
        found = [
            {"role": "tool", "tool_call_id": call.id, "name": call.name, "content": results[call.id]}
            for call in said.calls if results
        ]
        return [{"role": "user", "content": prompt}, said.raw, *found]

    def models(self, case):
        return {model.id for model in self.client(case).models.list().data}

    def check_error(self, what, error):
        if what == "stream":
            return
        # It is kept as it came, and nobody reads more of it than its words.
        assert json.loads(error.body)["error"]["message"], error.body
        if what == "policy":
            assert "personal-data" in error.body, error.body
        if what == "rate limited":
            assert error.headers["retry-after"] == "9", error.headers


def kinds_of_message():
    """The SDK's class of what the assistant said."""
    try:
        from mistralai.client.models import AssistantMessage
    except ImportError:
        from mistralai.models import AssistantMessage
    return AssistantMessage


def content(prompt, picture):
    if picture is None:
        return prompt
    # Its users write the address alone.
    return [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": f"data:image/png;base64,{picture}"}]


def merged(parts):
    """Pieces of one kind that follow each other as one part."""
    whole = []
    for part in parts:
        last = whole[-1] if whole and whole[-1]["type"] == part["type"] else None
        if last is None:
            whole.append(part)
        elif part["type"] == "text":
            last["text"] += part["text"]
        else:
            last["thinking"] += part["thinking"]
            last |= {"signature": part["signature"]} if part.get("signature") else {}
    return whole


def said(message, finish, usage, headers):
    parts = message.content or []
    parts = [{"type": "text", "text": parts}] if isinstance(parts, str) else [part.model_dump() for part in parts]
    thoughts = [piece["text"] for part in parts if part["type"] == "thinking" for piece in part["thinking"]]
    if usage:
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage
    more = (getattr(usage, "model_extra", None) or {}).get("prompt_tokens_details") or {}
    calls = [
        Call(call.id, call.function.name, arguments if isinstance(arguments := call.function.arguments, dict) else json.loads(arguments))
        for call in message.tool_calls or []
    ]
    return Said(
        text="".join(part["text"] for part in parts if part["type"] == "text"), finish=FINISH.get(finish, finish),
        calls=calls, thoughts="".join(thoughts), input=usage.prompt_tokens if usage else 0,
        output=usage.completion_tokens if usage else 0, cached=more.get("cached_tokens", 0),
        parsed=getattr(message, "parsed", None), headers=dict(headers), raw=message,
    )


DRIVER = Chat()


@ability
def a_call_comes_whole(case):
    calls = [
        call for chunk in DRIVER.events(case, PROMPTS["two_tools"], {"tools": True})
        for call in chunk.choices[0].delta.tool_calls or []
    ]
    assert [call.function.name for call in calls] == list(NAMES), calls
    assert all(json.loads(call.function.arguments) == {"city": "Oslo"} for call in calls), calls
    assert [call.index for call in calls] == [0, 1], calls


@ability
def any_tool(case):
    """`any` is its older word for `required`."""
    case.simulator_only()
    assert DRIVER.ask(case, "Hello.", tools=True, tool_choice="any").calls


@ability
def goes_on_from_a_prefix(case):
    case.simulator_only()
    if case.format == "cohere":
        raise NotCarried("the provider refuses it: its last turn is the user's")
    turns = [{"role": "user", "content": PROMPTS["text"]}, {"role": "assistant", "content": "Well: ", "prefix": True}]
    assert DRIVER.ask(case, None, turns=turns).text


@ability
def embeddings(case):
    case.simulator_only()
    if case.format not in EMBEDDING:
        raise NotCarried("the provider's format has no embeddings")
    found = DRIVER.client(case).embeddings.create(model=case.model(), inputs=["one red fern", "another"])
    one, two = [item.embedding for item in found.data]
    assert len(one) == len(two) > 8 and one != two and found.id, found


if __name__ == "__main__":
    run(f"mistralai {version('mistralai')} (Python)", DRIVER)
