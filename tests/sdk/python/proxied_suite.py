"""Both SDKs at LiteLLM's proxy, which answers with mock responses; chat only."""

import anthropic
import openai
from cases import ability, raised, run

TEXT = "Hello from the proxy."
ASK = {"messages": [{"role": "user", "content": "Hello."}]}


def by_openai(case, model, **options):
    sdk = openai.OpenAI(base_url=f"{case.url}/v1", api_key=case.key, max_retries=0)
    return sdk.chat.completions.create(model=case.model(model), **ASK, **options)


def by_anthropic(case):
    return anthropic.Anthropic(base_url=case.url, api_key=case.key, max_retries=0)


@ability
def text_by_openai(case):
    answer = by_openai(case, "greet")
    assert answer.choices[0].message.content == TEXT and answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0


@ability
def text_streamed_by_openai(case):
    pieces = list(by_openai(case, "greet", stream=True, stream_options={"include_usage": True}))
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices) == TEXT
    # Its chunk of usage has a choice without a finish reason, after the one that has it.
    assert "stop" in [piece.choices[0].finish_reason for piece in pieces if piece.choices]
    assert pieces[-1].usage.completion_tokens > 0


@ability
def usage_only_when_asked_for(case):
    pieces = list(by_openai(case, "greet", stream=True))
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices) == TEXT
    assert not any(piece.usage for piece in pieces), "usage came although it was not asked for"


@ability
def text_by_anthropic(case):
    answer = by_anthropic(case).messages.create(model=case.model("greet"), max_tokens=100, **ASK)
    assert answer.content[0].text == TEXT and answer.stop_reason == "end_turn"


@ability
def text_streamed_by_anthropic(case):
    with by_anthropic(case).messages.stream(model=case.model("greet"), max_tokens=100, **ASK) as events:
        assert "".join(events.text_stream) == TEXT
        answer = events.get_final_message()
    assert answer.stop_reason == "end_turn" and answer.usage.output_tokens > 0


@ability
def rate_limited(case):
    raised(openai.RateLimitError, by_openai, case, "limited")
    options = {"model": case.model("limited"), "max_tokens": 9, **ASK}
    raised(anthropic.RateLimitError, by_anthropic(case).messages.create, **options)


@ability
def broken_provider(case):
    raised(openai.InternalServerError, by_openai, case, "broken")


@ability
def too_long_for_the_model(case):
    raised(openai.BadRequestError, by_openai, case, "too-long")


@ability
def unknown_model(case):
    raised((openai.NotFoundError, openai.BadRequestError), by_openai, case, "nothing-like-it")


if __name__ == "__main__":
    run("LiteLLM's proxy as the provider")
