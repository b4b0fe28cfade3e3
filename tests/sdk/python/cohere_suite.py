"""The `cohere` package, unchanged: base URL and key only. Its chats, embeddings and reranking."""

import json

import cohere
from cases import CITY, PROMPTS, TEXT, NotCarried, ability, raised, run
from chats import NAMES, Call, Driver, Event, Said
from cohere import errors
from cohere.core.api_error import ApiError

TOOLS = [
    {"type": "function", "function": {"name": name, "description": name, "parameters": CITY}} for name in NAMES
]
FORM = {"type": "json_object", "json_schema": Event.model_json_schema()}
FINISH = {
    "COMPLETE": "stop", "STOP_SEQUENCE": "stop", "TOOL_CALL": "tools", "MAX_TOKENS": "length", "ERROR_TOXIC": "filter",
}
# Formats of the tests' providers that have embeddings and reranking.
EMBEDDING, RANKING = ("openai", "gemini", "cohere"), ("openai", "cohere")


class StreamFailed(Exception):
    """The event that ends a stream which fails; the SDK leaves it to whoever reads."""


class Cohere(Driver):
    own = "cohere"
    errors = {
        400: errors.BadRequestError, 401: errors.UnauthorizedError, 404: errors.NotFoundError,
        429: errors.TooManyRequestsError,
        # Statuses that it has no class for are the common one.
        500: (errors.InternalServerError, errors.ServiceUnavailableError, errors.GatewayTimeoutError, ApiError),
    }
    stream_errors = (StreamFailed,)
    lossy = {"seed": 7, "k": 5, "priority": 3}
    loses = ("seed", "top_k", "priority")

    def __init__(self):
        self.clients = {}

    def client(self, case, key=None):
        key = key or case.key
        if key not in self.clients:
            self.clients[key] = cohere.ClientV2(api_key=key, base_url=case.url)
        return self.clients[key]

    def request(self, case, prompt, options):
        """Its client, the request's members and the SDK's own options."""
        client = self.client(case, options.pop("key", None))
        how = {"max_retries": options.pop("retries", 0)}
        if headers := options.pop("headers", None):
            how["additional_headers"] = headers
        messages = list(options.pop("turns", []))
        if system := options.pop("system", None):
            messages.insert(0, {"role": "system", "content": system})
        picture = options.pop("image", None)
        if prompt is not None:
            messages.append({"role": "user", "content": content(prompt, picture)})
        if options.pop("tools", False):
            options["tools"] = TOOLS
        if forced := options.pop("forced", None):
            # It has no name for one of several.
            options |= {"tools": [TOOLS[NAMES.index(forced)]], "tool_choice": "REQUIRED"}
        if options.pop("thinking", False):
            options["thinking"] = {"type": "enabled", "token_budget": 1024}
        if options.pop("schema", False):
            options["response_format"] = FORM
        if "stop" in options:
            options["stop_sequences"] = options.pop("stop")
        return client, {"model": case.model()} | options | {"messages": messages, "request_options": how}

    def ask(self, case, prompt, **options):
        schema = options.get("schema")
        client, request = self.request(case, prompt, options)
        answer = client.with_raw_response.chat(**request)
        whole = answer.data
        assert whole.id, whole
        return said(whole.message, whole.finish_reason, whole.usage, answer.headers, schema)

    async def ask_async(self, case, prompt):
        async with cohere.AsyncClientV2(api_key=case.key, base_url=case.url) as sdk:
            messages = [{"role": "user", "content": prompt}]
            events = sdk.chat_stream(model=case.model(), messages=messages, request_options={"max_retries": 0})
            return "".join([
                event.delta.message.content.text or "" async for event in events if event.type == "content-delta"
            ])

    def events(self, case, prompt, options):
        client, request = self.request(case, prompt, options)
        events = client.chat_stream(**request)
        try:
            for event in events:
                if event.type == "message-end" and event.delta.finish_reason == "ERROR":
                    assert event.delta.error, event
                    raise StreamFailed(event.delta.error)
                yield event
        finally:
            events.close()

    def stream(self, case, prompt, **options):
        """The pieces put together, in the shape of a whole answer."""
        schema = options.get("schema")
        contents, calls, plan, end = {}, {}, "", None
        for event in self.events(case, prompt, options):
            message = getattr(getattr(event, "delta", None), "message", None)
            if event.type == "content-start":
                contents[event.index] = {"type": message.content.type}
            elif event.type == "content-delta":
                for name, piece in message.content.dict(exclude_none=True, exclude={"type"}).items():
                    contents[event.index][name] = contents[event.index].get(name, "") + piece
            elif event.type == "tool-plan-delta":
                plan += message.tool_plan
            elif event.type == "tool-call-start":
                calls[event.index] = message.tool_calls.dict(exclude_none=True)
            elif event.type == "tool-call-delta":
                calls[event.index]["function"]["arguments"] += message.tool_calls.function.arguments
            elif event.type == "message-end":
                end = event.delta
        message = {"content": list(contents.values()), "tool_plan": plan, "tool_calls": list(calls.values())}
        whole = cohere.AssistantMessageResponse.parse_obj({name: part for name, part in message.items() if part})
        return said(whole, end.finish_reason, end.usage, {}, schema)

    def pieces(self, case, prompt, **options):
        for event in self.events(case, prompt, options):
            if event.type == "content-delta" and event.delta.message.content.text:
                yield event.delta.message.content.text

    def turns(self, prompt, said, results=None):
        """The message goes back as the object that it is."""
        found = [
            {"role": "tool", "tool_call_id": id, "content": [
                {"type": "document", "document": {"data": json.dumps({"said": text})}},
            ]}
            for id, text in (results or {}).items()
        ]
        return [{"role": "user", "content": prompt}, said.raw, *found]

    def models(self, case):
        return {model.name for model in self.client(case).models.list().models}

    def check_error(self, what, error):
        if what == "stream":
            return
        assert error.body["message"], error.body
        if what == "policy":
            assert "personal-data" in error.body["message"], error.body
        if what == "rate limited":
            assert error.headers["retry-after"] == "9", error.headers


def content(prompt, picture):
    if picture is None:
        return prompt
    url = f"data:image/png;base64,{picture}"
    return [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": {"url": url}}]


def said(message, finish, usage, headers, schema):
    assert message.role == "assistant", message
    parts = message.content or []
    # What is said before calls is the plan that leads to them.
    text = (message.tool_plan or "") + "".join(part.text for part in parts if part.type == "text")
    calls = message.tool_calls or []
    tokens = usage.tokens if usage else None
    return Said(
        text=text, finish=FINISH.get(finish, finish),
        calls=[Call(call.id, call.function.name, json.loads(call.function.arguments)) for call in calls],
        thoughts="".join(part.thinking for part in parts if part.type == "thinking"),
        input=tokens.input_tokens if tokens else 0, output=tokens.output_tokens if tokens else 0,
        cached=getattr(usage, "cached_tokens", None) or 0,
        parsed=Event.model_validate_json(text) if schema else None,
        headers={name.lower(): value for name, value in headers.items()}, raw=message,
    )


DRIVER = Cohere()


@ability
def events_in_order(case):
    kinds = [event.type for event in DRIVER.events(case, PROMPTS["two_tools"], {"tools": True})]
    assert (kinds[0], kinds[-1]) == ("message-start", "message-end"), kinds
    calls = [kind for kind in kinds if kind.startswith("tool-call")]
    assert [kind for kind in calls if kind != "tool-call-delta"] == ["tool-call-start", "tool-call-end"] * 2, kinds


@ability
def documents(case):
    case.simulator_only()
    given = [{"id": "doc:0", "data": {"title": "Shade", "text": "Ferns grow in the shade of trees."}}, "Moss, too."]
    answer = DRIVER.ask(case, PROMPTS["text"], documents=given)
    bare = DRIVER.ask(case, PROMPTS["text"])
    assert answer.text == TEXT and answer.input > bare.input + 8, "the provider did not see the documents"


@ability
def names_the_stop_sequence(case):
    case.simulator_only()
    case.needs("stop_named", "the provider's format does not say that it was one")
    client, request = DRIVER.request(case, PROMPTS["stop"], {"stop": ["STOP"]})
    assert client.chat(**request).finish_reason == "STOP_SEQUENCE"


@ability
def no_messages_at_all(case):
    raised(errors.BadRequestError, DRIVER.client(case).chat, model=case.model(), messages="none")


@ability
def embeddings(case):
    case.simulator_only()
    if case.format not in EMBEDDING:
        raise NotCarried("the provider's format has no embeddings")
    found = DRIVER.client(case).embed(
        model=case.model(), texts=["one red fern", "another"], input_type="search_document",
        embedding_types=["float"],
    )
    one, two = found.embeddings.float_
    assert len(one) == len(two) > 8 and one != two, found


@ability
def reranking(case):
    case.simulator_only()
    if case.format not in RANKING:
        raise NotCarried("the provider's format has no reranking")
    found = DRIVER.client(case).rerank(
        model=case.model(), query="a red fern", documents=["nothing at all", "a red fern in the shade"], top_n=1,
    )
    (best,) = found.results
    assert best.index == 1 and best.relevance_score > 0.5, found


if __name__ == "__main__":
    run(f"cohere {cohere.__version__} (Python)", DRIVER)
