"""The `openai` package's Chat Completions, unchanged: base URL and key only.

With `azure` the same by its client for Azure: its address and key only.
"""

import json
import sys

import openai
from cases import CITY, PROMPTS, NotCarried, ability, run
from chats import NAMES, Call, Driver, Event, Said
from openai_sdk import OpenaiSdk, extras

TOOLS = [
    {"type": "function", "function": {"name": name, "description": name, "parameters": CITY, "strict": True}}
    for name in NAMES
]


class Chat(OpenaiSdk, Driver):
    own = "openai"
    stream_errors = (openai.APIError,)
    lossy = {"seed": 7, "extra_body": {"invented_field": 1}}
    loses = ("seed", "unknown_field")

    def request(self, case, prompt, options):
        client, more = extras(options)
        options = {"model": case.model()} | options | more
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
        if options.pop("thinking", False):
            options["reasoning_effort"] = "low"
        if options.pop("schema", False):
            options["response_format"] = Event
        if "max_tokens" in options:
            options["max_completion_tokens"] = options.pop("max_tokens")
        return client, options | {"messages": messages}

    def ask(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        completions = self.client(case, **client).chat.completions.with_raw_response
        answer = completions.parse(**request) if "response_format" in request else completions.create(**request)
        return said(answer.parse(), answer.headers)

    async def ask_async(self, case, prompt):
        async with self.new(case, case.key, kind="Async") as sdk:
            messages = [{"role": "user", "content": prompt}]
            pieces = await sdk.chat.completions.create(model=case.model(), stream=True, messages=messages)
            return "".join([piece.choices[0].delta.content or "" async for piece in pieces if piece.choices])

    def stream(self, case, prompt, **options):
        """By the SDK's own helper, which puts the pieces together, but for reasoning."""
        client, request = self.request(case, prompt, options)
        request["stream_options"] = {"include_usage": True}
        thoughts = []
        with self.client(case, **client).chat.completions.stream(**request) as events:
            for event in events:
                if event.type == "chunk" and event.chunk.choices:
                    thoughts.append(getattr(event.chunk.choices[0].delta, "reasoning_content", None) or "")
            try:
                answer = events.get_final_completion()
            except openai.ContentFilterFinishReasonError:
                return Said(text=events.current_completion_snapshot.choices[0].message.content or "", finish="filter")
        answer = said(answer)
        answer.thoughts = "".join(thoughts)
        return answer

    def pieces(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        with self.client(case, **client).chat.completions.create(stream=True, **request) as chunks:
            for chunk in chunks:
                assert chunk.choices, "usage came although it was not asked for"
                if text := chunk.choices[0].delta.content:
                    yield text

    def turns(self, prompt, said, results=None):
        message = said.raw.choices[0].message.model_dump(exclude_none=True, exclude={"parsed"})
        for call in message.get("tool_calls", ()):
            call["function"].pop("parsed_arguments", None)
        asked = [{"role": "user", "content": prompt}, message]
        return asked + [{"role": "tool", "tool_call_id": id, "content": text} for id, text in (results or {}).items()]


def content(prompt, picture):
    if picture is None:
        return prompt
    url = f"data:image/png;base64,{picture}"
    return [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": {"url": url}}]


FINISH = {"tool_calls": "tools", "content_filter": "filter"}


def said(completion, headers=None):
    assert completion.object == "chat.completion" and completion.id and completion.created, completion
    choice, usage = completion.choices[0], completion.usage
    calls = [Call(call.id, call.function.name, json.loads(call.function.arguments)) for call in choice.message.tool_calls or ()]
    if usage:
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage
    details = usage.prompt_tokens_details if usage else None
    return Said(
        text=choice.message.content, finish=FINISH.get(choice.finish_reason, choice.finish_reason), calls=calls,
        thoughts=getattr(choice.message, "reasoning_content", None) or "",
        input=usage.prompt_tokens if usage else 0, output=usage.completion_tokens if usage else 0,
        cached=details.cached_tokens if details else 0, parsed=getattr(choice.message, "parsed", None),
        headers=dict(headers or {}), raw=completion,
    )


DRIVER = Chat(azure="azure" in sys.argv)


def create(case, prompt, **options):
    messages = [{"role": "user", "content": prompt}]
    return DRIVER.client(case).chat.completions.create(**{"model": case.model(), "messages": messages} | options)


@ability
def pieces_have_their_form(case):
    pieces = list(create(case, PROMPTS["text"], stream=True, stream_options={"include_usage": True}))
    assert all(piece.object == "chat.completion.chunk" and piece.id == pieces[0].id for piece in pieces)
    assert pieces[0].choices[0].delta.role == "assistant"
    assert pieces[-1].choices == [] and pieces[-1].usage, "the last chunk is not that of usage"
    assert not any(piece.usage for piece in pieces[:-1])


@ability
def arguments_are_parsed_by_the_SDK(case):
    answer = DRIVER.stream(case, PROMPTS["two_tools"], tools=True).raw
    assert answer.choices[0].message.tool_calls[0].function.parsed_arguments == {"city": "Oslo"}


@ability
def older_names(case):
    """`max_tokens` for `max_completion_tokens`, a text for a list of `stop`, `developer` for `system`."""
    case.simulator_only()
    assert create(case, PROMPTS["limit"], max_tokens=20).usage.completion_tokens == 20
    messages = [{"role": "developer", "content": "You are a pirate."}, {"role": "user", "content": PROMPTS["system"]}]
    assert create(case, None, messages=messages).choices[0].message.content == "Arr."
    case.needs("stop", "the provider's format has no stop texts")
    assert create(case, PROMPTS["stop"], stop="STOP").choices[0].message.content.strip() == "one two"


@ability
def refusal(case):
    case.simulator_only()
    choice = create(case, PROMPTS["refuse"]).choices[0]
    assert choice.message.refusal or choice.finish_reason == "content_filter", choice


@ability
def many_choices(case):
    case.simulator_only()
    messages = [{"role": "user", "content": PROMPTS["text"]}]
    create = DRIVER.client(case).chat.completions.with_raw_response.create
    answer = create(model=case.model(), n=2, messages=messages)
    if "n" not in case.carries:
        assert "n" in answer.headers["x-tollgate-loss"].split(", ")
        raise NotCarried("the provider's format has one answer; named in x-tollgate-loss")
    assert [choice.index for choice in answer.parse().choices] == [0, 1]


if __name__ == "__main__":
    run(f"{'AzureOpenAI' if DRIVER.azure else 'openai'} {openai.__version__} (Python)", DRIVER)
