"""LangChain, which sends what its own users send: base URL and key only."""

import importlib.metadata

import pydantic
from cases import CITY, PROMPTS, TEXT, ability, run
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAI

TOOLS = [
    {"type": "function", "function": {"name": name, "description": name, "parameters": CITY}}
    for name in ("get_weather", "get_time")
]


class Event(pydantic.BaseModel):
    """An event."""

    name: str
    guests: int
    tags: list[str]


def chats(case):
    """One of each kind."""
    for by_responses in (False, True):
        yield ChatOpenAI(
            base_url=f"{case.url}/v1", api_key=case.key, model=case.model(), max_retries=0, use_responses_api=by_responses
        )
    yield ChatAnthropic(
        base_url=case.url, api_key=case.key, model_name=case.model(), max_retries=0, max_tokens_to_sample=1000
    )


def text_of(message):
    return message.text if isinstance(message.text, str) else message.text()


@ability
def text(case):
    for chat in chats(case):
        answer = chat.invoke([SystemMessage("You are pirate."), HumanMessage(PROMPTS["text"])])
        assert text_of(answer) == TEXT, answer
        assert answer.usage_metadata["total_tokens"] > 0


@ability
def text_streamed(case):
    for chat in chats(case):
        pieces = list(chat.stream(PROMPTS["text"]))
        assert "".join(text_of(piece) for piece in pieces) == TEXT


@ability
def text_that_goes_on(case):
    model = OpenAI(base_url=f"{case.url}/v1", api_key=case.key, model=case.model(), max_retries=0, max_tokens=1000)
    assert model.invoke(PROMPTS["text"]) == TEXT
    assert "".join(model.stream(PROMPTS["text"])) == TEXT


@ability
def parallel_tools_and_loop(case):
    for chat in chats(case):
        asked = [HumanMessage(PROMPTS["two_tools"])]
        first = chat.bind_tools(TOOLS).invoke(asked)
        assert [call["name"] for call in first.tool_calls] == ["get_weather", "get_time"], first
        assert all(call["args"] == {"city": "Oslo"} for call in first.tool_calls)
        results = [ToolMessage("fine", tool_call_id=call["id"]) for call in first.tool_calls]
        second = chat.bind_tools(TOOLS).invoke([*asked, first, *results])
        assert text_of(second) and not second.tool_calls


@ability
def parallel_tools_streamed(case):
    for chat in chats(case):
        whole = None
        for piece in chat.bind_tools(TOOLS).stream(PROMPTS["two_tools"]):
            whole = piece if whole is None else whole + piece
        assert [call["name"] for call in whole.tool_calls] == ["get_weather", "get_time"]
        assert all(call["args"] == {"city": "Oslo"} for call in whole.tool_calls)


@ability
def structured_output(case):
    for chat in chats(case):
        found = chat.with_structured_output(Event, method="json_schema").invoke(PROMPTS["structured"])
        assert isinstance(found, Event), found


if __name__ == "__main__":
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("langchain-openai", "langchain-anthropic"))
    run(f"{versions} (Python)")
