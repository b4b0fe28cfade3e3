"""The `openai` package's Responses API, unchanged: base URL and key only.

With `azure` the same by its client for Azure: its address and key only.
"""

import json
import sys

import openai
from cases import CITY, PROMPTS, TEXT, NotCarried, ability, raised, run
from chats import NAMES, Call, Driver, Event, Said
from openai_sdk import OpenaiSdk, extras

TOOLS = [
    {"type": "function", "name": name, "description": name, "parameters": CITY, "strict": True} for name in NAMES
]
SEALED = {"include": ["reasoning.encrypted_content"], "store": False}


class StreamFailed(Exception):
    """The event that ends a stream which fails; the SDK leaves it to whoever reads."""


class Responses(OpenaiSdk, Driver):
    own = "responses"
    stream_errors = (StreamFailed, openai.APIError)
    lossy = {"prompt_cache_key": "a", "extra_body": {"invented_field": 1}}
    loses = ("prompt_cache_key", "unknown_field")
    lacks = ("stop sequences",)

    def request(self, case, prompt, options):
        client, more = extras(options)
        options = {"model": case.model()} | options | more
        asked = options.pop("turns", [])
        picture = options.pop("image", None)
        if prompt is not None:
            asked = [*asked, {"role": "user", "content": content(prompt, picture)}]
        if options.pop("tools", False):
            options["tools"] = TOOLS
        if forced := options.pop("forced", None):
            options["tool_choice"] = {"type": "function", "name": forced}
        if options.pop("thinking", False):
            options |= {"reasoning": {"effort": "low", "summary": "auto"}} | SEALED
        if options.pop("schema", False):
            options["text_format"] = Event
        for ours, theirs in (("system", "instructions"), ("max_tokens", "max_output_tokens")):
            if ours in options:
                options[theirs] = options.pop(ours)
        return client, options | {"input": asked}

    def ask(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        responses = self.client(case, **client).responses.with_raw_response
        answer = responses.parse(**request) if "text_format" in request else responses.create(**request)
        return said(answer.parse(), answer.headers)

    async def ask_async(self, case, prompt):
        async with self.new(case, case.key, kind="Async") as sdk:
            return (await sdk.responses.create(model=case.model(), input=prompt)).output_text

    def stream(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        with self.client(case, **client).responses.stream(**request) as events:
            for event in events:
                if event.type in ("response.completed", "response.incomplete"):
                    return said(event.response)
        raise AssertionError("the stream has no end")

    def pieces(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        with self.client(case, **client).responses.create(stream=True, **request) as events:
            for event in events:
                if event.type == "response.output_text.delta":
                    yield event.delta
                elif event.type in ("error", "response.failed"):
                    raise StreamFailed(event)

    def turns(self, prompt, said, results=None):
        outputs = [
            {"type": "function_call_output", "call_id": id, "output": output} for id, output in (results or {}).items()
        ]
        return [{"role": "user", "content": prompt}, *said.raw.output, *outputs]


def content(prompt, picture):
    if picture is None:
        return prompt
    return [
        {"type": "input_text", "text": prompt},
        {"type": "input_image", "image_url": f"data:image/png;base64,{picture}", "detail": "auto"},
    ]


def said(response, headers=None):
    calls = [item for item in response.output if item.type == "function_call"]
    thoughts = [part.text for item in response.output if item.type == "reasoning" for part in item.summary]
    finish = {"completed": "tools" if calls else "stop"}.get(response.status, response.status)
    if response.incomplete_details:
        reason = response.incomplete_details.reason
        finish = {"max_output_tokens": "length", "content_filter": "filter"}.get(reason, reason)
    usage = response.usage
    if usage:
        assert usage.total_tokens == usage.input_tokens + usage.output_tokens, usage
    return Said(
        text=response.output_text, finish=finish, thoughts="".join(thoughts),
        calls=[Call(item.call_id, item.name, json.loads(item.arguments)) for item in calls],
        input=usage.input_tokens if usage else 0, output=usage.output_tokens if usage else 0,
        cached=usage.input_tokens_details.cached_tokens if usage else 0,
        parsed=getattr(response, "output_parsed", None), headers=dict(headers or {}), raw=response,
    )


DRIVER = Responses(azure="azure" in sys.argv)


def responses(case, key=None):
    return DRIVER.client(case, key).responses


@ability
def count_tokens(case):
    case.simulator_only()
    if not hasattr(responses(case), "input_tokens"):
        raise NotCarried("this version cannot count")
    # Bedrock counts for models of Anthropic only.
    asked = {"system": "Be brief.", "model": case.model("anthropic.test-model"), "tools": True}
    _, request = DRIVER.request(case, PROMPTS["text"], dict(asked))
    counted = responses(case).input_tokens.count(**request).input_tokens
    case.check_count(counted, DRIVER.ask(case, PROMPTS["text"], **asked).input)


@ability
def events_in_order(case):
    events = list(responses(case).create(model=case.model(), input=PROMPTS["two_tools"], tools=TOOLS, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events))), events
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"], kinds
    assert kinds[-1] == "response.completed" and kinds.count("response.completed") == 1, kinds
    added = [event for event in events if event.type == "response.output_item.added"]
    done = [event for event in events if event.type == "response.output_item.done"]
    assert [event.output_index for event in added] == [event.output_index for event in done] == [0, 1, 2], kinds
    assert [event.item.id for event in added] == [event.item.id for event in done], events
    assert [event.item.id for event in done] == [item.id for item in events[-1].response.output], events


@ability
def refusal(case):
    case.simulator_only()
    answer = responses(case).create(model=case.model(), input=PROMPTS["refuse"])
    parts = [part.type for item in answer.output if item.type == "message" for part in item.content]
    is_filtered = answer.incomplete_details and answer.incomplete_details.reason == "content_filter"
    assert "refusal" in parts or is_filtered, answer


@ability
def several_turns_with_all_that_was_said(case):
    """As the SDK's own guide has it: every item of every answer goes back."""
    asked = []
    for prompt in ("two_tools", "reasoning", "text"):
        asked.append({"role": "user", "content": PROMPTS[prompt]})
        while True:
            answer = responses(case).create(
                model=case.reasoner(), input=asked, tools=TOOLS, reasoning={"effort": "low", "summary": "auto"}, **SEALED
            )
            asked += answer.output
            calls = [item for item in answer.output if item.type == "function_call"]
            asked += [{"type": "function_call_output", "call_id": call.call_id, "output": "fine"} for call in calls]
            if not calls:
                break
    assert answer.output_text == TEXT, answer
    kinds = [getattr(item, "type", None) for item in asked]
    assert kinds.count("function_call") == 2, kinds
    assert "reasoning" in kinds or not case.simulated, kinds


@ability
def an_answer_is_held(case):
    made = responses(case).create(model=case.model(), input=PROMPTS["text"])
    only_where_held(case)
    assert responses(case).retrieve(made.id).output_text == TEXT
    assert list(responses(case).retrieve(made.id, stream=True))[-1].response.id == made.id
    (item,) = responses(case).input_items.list(made.id)
    assert item.role == "user" and item.content[0].text == PROMPTS["text"], item
    responses(case).delete(made.id)
    raised(openai.NotFoundError, responses(case).retrieve, made.id)


@ability
def a_streamed_answer_is_held(case):
    only_where_held(case)
    made = list(responses(case).create(model=case.model(), input=PROMPTS["text"], stream=True))[-1].response
    assert responses(case).retrieve(made.id).output_text == TEXT


@ability
def goes_on_from_an_answer_that_is_held(case):
    only_where_held(case)
    first = responses(case).create(model=case.model(), input=PROMPTS["two_tools"], tools=TOOLS)
    outputs = [
        {"type": "function_call_output", "call_id": item.call_id, "output": "fine"}
        for item in first.output if item.type == "function_call"
    ]
    second = responses(case).create(model=case.model(), previous_response_id=first.id, input=outputs)
    assert second.output_text and second.previous_response_id == first.id, second


@ability
def what_no_one_holds_is_refused(case):
    error = raised(openai.NotFoundError, responses(case).retrieve, "resp_nobody")
    assert error.body["message"], error.body
    if case.format == "responses":
        return
    error = raised(
        openai.BadRequestError, responses(case).create,
        model=case.model(), previous_response_id="resp_nobody", input="And then?",
    )
    assert error.code == "unsupported_parameter", error.body


@ability
def in_the_background(case):
    only_where_held(case)
    made = responses(case).create(model=case.model(), input=PROMPTS["text"], background=True)
    assert made.status == "queued", made.status
    assert responses(case).cancel(made.id).status == "cancelled"


def only_where_held(case):
    if case.format != "responses":
        raise NotCarried("only a provider of this format holds answers")


@ability
def several_clients_of_one_answer(case):
    """An answer that is held belongs to whoever may ask its provider, by its id alone."""
    only_where_held(case)
    made = responses(case).create(model=case.model(), input=PROMPTS["text"])
    assert responses(case, case.handled_key).retrieve(made.id).id == made.id


if __name__ == "__main__":
    run(f"{'AzureOpenAI' if DRIVER.azure else 'openai'}.responses {openai.__version__} (Python)", DRIVER)
