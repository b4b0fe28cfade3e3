"""The `openai` package's Completions, unchanged: base URL and key only.

With `azure` the same by its client for Azure: its address and key only.
"""

import sys

import openai
from cases import PROMPTS, NotCarried, ability, raised, run
from chats import Driver, Said
from openai_sdk import OpenaiSdk, extras

FINISH = {"content_filter": "filter"}


class Completions(OpenaiSdk, Driver):
    own = "completions"
    stream_errors = (openai.APIError,)
    lossy = {"seed": 7, "suffix": "The end."}
    loses = ("seed", "suffix")
    # A text goes on: nobody instructs, calls, shows or thinks.
    lacks = (
        "system prompt", "one tool", "parallel tools", "parallel tools streamed", "tool loop", "forced tool", "image",
        "structured output", "structured output streamed", "reasoning", "reasoning streamed",
        "policy restores an answer", "policy restores a stream", "policy redacts a call", "policy redacts a streamed call",
    )

    def request(self, case, prompt, options):
        client, more = extras(options)
        # The format's own default is 16.
        return client, {"model": case.model(), "prompt": prompt, "max_tokens": 8000} | options | more

    def ask(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        answer = self.client(case, **client).completions.with_raw_response.create(**request)
        completion = answer.parse()
        assert completion.object == "text_completion" and completion.id and completion.created, completion
        (choice,) = completion.choices
        return said(choice.text, choice.finish_reason, completion.usage, completion, answer.headers)

    async def ask_async(self, case, prompt):
        async with self.new(case, case.key, kind="Async") as sdk:
            request = {"model": case.model(), "prompt": prompt, "max_tokens": 100}
            pieces = await sdk.completions.create(stream=True, **request)
            return "".join([piece.choices[0].text async for piece in pieces])

    def stream(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        request |= {"stream": True, "stream_options": {"include_usage": True}}
        text, finish, usage = "", None, None
        for piece in self.client(case, **client).completions.create(**request):
            for choice in piece.choices:
                text += choice.text
                finish = choice.finish_reason or finish
            usage = piece.usage or usage
        return said(text, finish, usage)

    def pieces(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        with self.client(case, **client).completions.create(stream=True, **request) as pieces:
            for piece in pieces:
                assert piece.choices, "usage came although it was not asked for"
                if text := piece.choices[0].text:
                    yield text


def said(text, finish, usage, raw=None, headers=None):
    if usage:
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage
    details = usage.prompt_tokens_details if usage else None
    return Said(
        text=text, finish=FINISH.get(finish, finish), input=usage.prompt_tokens if usage else 0,
        output=usage.completion_tokens if usage else 0, cached=details.cached_tokens if details else 0,
        headers=dict(headers or {}), raw=raw,
    )


DRIVER = Completions(azure="azure" in sys.argv)
if DRIVER.azure:
    # Azure lists deployments elsewhere.
    DRIVER.lacks += ("models list",)


def create(case, prompt, **options):
    request = {"model": case.model(), "prompt": prompt, "max_tokens": 100} | options
    return DRIVER.client(case).completions.create(**request)


@ability
def pieces_have_their_form(case):
    pieces = list(create(case, PROMPTS["text"], stream=True, stream_options={"include_usage": True}))
    assert all(piece.object == "text_completion" and piece.id == pieces[0].id for piece in pieces)
    assert pieces[-1].choices == [] and pieces[-1].usage, "the last piece is not that of usage"
    assert not any(piece.usage for piece in pieces[:-1])
    finishes = [choice.finish_reason for piece in pieces for choice in piece.choices]
    assert finishes[-1] == "stop" and not any(finishes[:-1]), finishes


@ability
def several_prompts(case):
    """A chat takes one; what takes several answers each."""
    case.simulator_only()
    prompts = [PROMPTS["text"], "two"]
    if case.format == "completions":
        assert [choice.index for choice in create(case, prompts).choices] == [0, 1]
        return
    error = raised(openai.BadRequestError, create, case, prompts)
    assert error.code == "unsupported_parameter" and "several prompts" in error.message, error
    raise NotCarried("a chat takes one prompt; refused, and the reason named")


@ability
def one_prompt_in_a_list(case):
    assert create(case, [PROMPTS["text"]]).choices[0].text == DRIVER.ask(case, PROMPTS["text"]).text


@ability
def ids_of_tokens(case):
    case.simulator_only()
    if case.format == "completions":
        assert create(case, [1, 2, 3]).usage.prompt_tokens == 3
        return
    error = raised(openai.BadRequestError, create, case, [1, 2, 3])
    assert error.code == "unsupported_parameter" and "ids of tokens" in error.message, error
    raise NotCarried("a chat takes texts; refused, and the reason named")


@ability
def many_choices(case):
    case.simulator_only()
    client = DRIVER.client(case).completions.with_raw_response
    answer = client.create(model=case.model(), n=2, prompt=PROMPTS["text"], max_tokens=100)
    if "n" not in case.carries:
        assert "n" in answer.headers["x-tollgate-loss"].split(", ")
        raise NotCarried("the provider's format has one answer; named in x-tollgate-loss")
    assert [choice.index for choice in answer.parse().choices] == [0, 1]


@ability
def prompt_before_the_answer(case):
    case.simulator_only()
    client = DRIVER.client(case).completions.with_raw_response
    answer = client.create(model=case.model(), prompt="[[sim: text=\"there\"]] once ", echo=True, max_tokens=100)
    if case.format != "completions":
        assert answer.headers["x-tollgate-loss"] == "echo", answer.headers
        raise NotCarried("a chat does not repeat its prompt; named in x-tollgate-loss")
    assert answer.parse().choices[0].text == "once there", answer.parse()


if __name__ == "__main__":
    run(f"{'AzureOpenAI' if DRIVER.azure else 'openai'} {openai.__version__} completions (Python)", DRIVER)
