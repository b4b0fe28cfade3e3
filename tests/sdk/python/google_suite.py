"""The `google-genai` package, unchanged: base URL and key only."""

import asyncio
import base64
import json
import urllib.request
import uuid

import pydantic
from cases import CITY, DOT_PNG, PROMPTS, REDACTED_CITY, TEXT, ability, raised, run
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

NAMES = ("get_weather", "get_time")
TOOLS = [types.Tool(function_declarations=[
    types.FunctionDeclaration(name=name, description=name, parameters_json_schema=CITY) for name in NAMES
])]
# The SDK's own loop over functions is tried by itself.
BY_HAND = types.AutomaticFunctionCallingConfig(disable=True)


class Event(pydantic.BaseModel):
    name: str
    guests: int
    tags: list[str]


# A client that nobody holds closes its connections, under its streams too.
CLIENTS = {}


def client(case, key=None, attempts=1, **options):
    kind = (key or case.key, attempts, *options.values())
    if kind not in CLIENTS:
        CLIENTS[kind] = genai.Client(api_key=key or case.key, http_options=types.HttpOptions(
            base_url=case.url, retry_options=types.HttpRetryOptions(attempts=attempts, initial_delay=0.01), **options,
        ))
    return CLIENTS[kind]


def config(options):
    return types.GenerateContentConfig(automatic_function_calling=BY_HAND, **options)


def ask(case, prompt, *, key=None, model=None, attempts=1, sdk=None, **options):
    sdk = sdk or client(case, key, attempts)
    return sdk.models.generate_content(model=model or case.model(), contents=prompt, config=config(options))


def stream(case, prompt, *, key=None, model=None, **options):
    found = client(case, key).models.generate_content_stream(
        model=model or case.model(), contents=prompt, config=config(options),
    )
    return list(found)


def parts(answers):
    answers = answers if isinstance(answers, list) else [answers]
    contents = [answer.candidates[0].content for answer in answers if answer.candidates]
    return [part for content in contents if content for part in content.parts or []]


def text_of(answers):
    return "".join(part.text for part in parts(answers) if part.text and not part.thought)


def calls_of(answers):
    return [part.function_call for part in parts(answers) if part.function_call]


def reason_of(answers):
    answers = answers if isinstance(answers, list) else [answers]
    (reason,) = [
        answer.candidates[0].finish_reason for answer in answers
        if answer.candidates and answer.candidates[0].finish_reason
    ]
    return reason.value


@ability
def text(case):
    answer = ask(case, PROMPTS["text"])
    assert answer.text == TEXT, answer
    assert reason_of(answer) == "STOP" and answer.candidates[0].content.role == "model"
    # What passes in its own format calls itself what its provider calls it.
    assert answer.response_id and answer.model_version in (case.model(), "test-model")


@ability
def text_streamed(case):
    answers = stream(case, PROMPTS["text"])
    assert text_of(answers) == TEXT and reason_of(answers) == "STOP", answers
    assert len(answers) > 3, "the stream came in one piece"


@ability
def text_streamed_as_an_array(case):
    body = json.dumps({"contents": [{"parts": [{"text": PROMPTS["text"]}]}]}).encode()
    url = f"{case.url}/v1beta/models/{case.model()}:streamGenerateContent?key={case.key}"
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["content-type"].startswith("application/json")
        events = json.load(answer)
    said = [part.get("text", "") for event in events for part in event["candidates"][0]["content"]["parts"]]
    assert "".join(said) == TEXT and len(events) > 3


@ability
def usage(case):
    found = ask(case, PROMPTS["text"]).usage_metadata
    assert found.prompt_token_count > 0 and found.candidates_token_count > 0
    assert found.total_token_count == found.prompt_token_count + found.candidates_token_count


@ability
def usage_streamed(case):
    whole, streamed = ask(case, PROMPTS["text"]).usage_metadata, stream(case, PROMPTS["text"])[-1].usage_metadata
    assert streamed.candidates_token_count == whole.candidates_token_count
    assert streamed.prompt_token_count == whole.prompt_token_count


@ability
def cached_tokens(case):
    case.simulator_only()
    assert ask(case, PROMPTS["cached"]).usage_metadata.cached_content_token_count == 7


@ability
def system_prompt(case):
    said = f"You are pirate {uuid.uuid4()}."
    answer = ask(case, PROMPTS["system"], system_instruction=said)
    assert answer.text == "Arr."
    if case.simulated:
        bare = ask(case, PROMPTS["system"])
        assert answer.usage_metadata.prompt_token_count > bare.usage_metadata.prompt_token_count + 4


@ability
def one_tool(case):
    answer = ask(case, PROMPTS["one_tool"], tools=TOOLS)
    (call,) = answer.function_calls
    assert call.name == "get_weather" and call.args == {"city": "Zürich"}


@ability
def parallel_tools(case):
    check_two_tools(ask(case, PROMPTS["two_tools"], tools=TOOLS))


@ability
def parallel_tools_streamed(case):
    check_two_tools(stream(case, PROMPTS["two_tools"], tools=TOOLS))


def check_two_tools(answer):
    assert text_of(answer) == "One moment." and reason_of(answer) == "STOP"
    assert [call.name for call in calls_of(answer)] == list(NAMES)
    assert all(call.args == {"city": "Oslo"} for call in calls_of(answer))


@ability
def tool_loop(case):
    first = ask(case, PROMPTS["two_tools"], tools=TOOLS)
    results = [
        types.Part.from_function_response(name=call.name, response={"output": f"{call.name}: fine"})
        for call in first.function_calls
    ]
    second = ask(case, [
        types.Content(role="user", parts=[types.Part(text=PROMPTS["two_tools"])]),
        first.candidates[0].content,
        types.Content(role="user", parts=results),
    ], tools=TOOLS)
    assert second.text and not second.function_calls and reason_of(second) == "STOP"


@ability
def tools_run_by_the_SDK(case):
    seen = []

    def get_weather(city: str) -> str:
        """Says the weather."""
        seen.append(city)
        return "fine"

    def get_time(city: str) -> str:
        """Says the time."""
        seen.append(city)
        return "noon"

    answer = client(case).models.generate_content(
        model=case.model(), contents=PROMPTS["two_tools"],
        config=types.GenerateContentConfig(tools=[get_weather, get_time]),
    )
    assert answer.text and seen == ["Oslo", "Oslo"], seen


def chat_with_tools(case, model, send):
    chat = client(case).chats.create(model=model, config=config({
        "tools": TOOLS, "thinking_config": types.ThinkingConfig(include_thoughts=True),
    }))
    first = send(chat, PROMPTS["two_tools"])
    calls = calls_of(first)
    assert [call.name for call in calls] == list(NAMES), first
    second = send(chat, [
        types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"output": "fine"}))
        for call in calls
    ])
    assert text_of(second), second
    third = send(chat, PROMPTS["text"])
    assert text_of(third) == TEXT, third
    assert len(chat.get_history(curated=True)) == len(chat.get_history()), "a turn was forgotten"


@ability
def chat_of_several_turns(case):
    chat_with_tools(case, case.model("gemini-3-sim"), lambda chat, message: chat.send_message(message))


@ability
def chat_of_several_turns_streamed(case):
    chat_with_tools(case, case.model("gemini-3-sim"), lambda chat, message: list(chat.send_message_stream(message)))


@ability
def forced_tool(case):
    case.simulator_only()
    forced = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(
        mode="ANY", allowed_function_names=["get_time"],
    ))
    answer = ask(case, "Hello.", tools=TOOLS, tool_config=forced)
    assert [call.name for call in answer.function_calls] == ["get_time"]


@ability
def image(case):
    picture = types.Part.from_bytes(data=base64.b64decode(DOT_PNG), mime_type="image/png")
    answer = ask(case, [picture, PROMPTS["image"]])
    assert answer.text == "A dot."
    if case.simulated:
        bare = ask(case, PROMPTS["image"]).usage_metadata.prompt_token_count
        assert answer.usage_metadata.prompt_token_count - bare >= 85, "the provider did not see the picture"


@ability
def structured_output(case):
    answer = ask(case, PROMPTS["structured"], response_mime_type="application/json", response_schema=Event)
    assert isinstance(answer.parsed, Event), answer


@ability
def structured_output_by_JSON_schema(case):
    schema = Event.model_json_schema()
    answer = ask(case, PROMPTS["structured"], response_mime_type="application/json", response_json_schema=schema)
    Event.model_validate_json(answer.text)


THINKING = {"thinking_config": types.ThinkingConfig(thinking_budget=2048, include_thoughts=True)}


@ability
def reasoning(case):
    answer = ask(case, PROMPTS["reasoning"], **THINKING)
    thoughts = [part.text for part in parts(answer) if part.thought]
    assert "".join(filter(None, thoughts)) and text_of(answer) == "Forty-two.", answer


@ability
def reasoning_streamed(case):
    answers = stream(case, PROMPTS["reasoning"], **THINKING)
    thoughts = [part.text for part in parts(answers) if part.thought]
    assert "".join(filter(None, thoughts)) and text_of(answers) == "Forty-two.", answers


@ability
def max_tokens(case):
    case.simulator_only()
    answer = ask(case, PROMPTS["limit"], max_output_tokens=20)
    assert reason_of(answer) == "MAX_TOKENS" and answer.usage_metadata.candidates_token_count == 20


@ability
def stop_sequences(case):
    case.simulator_only()
    case.needs("stop", "the provider's format has no stop texts")
    answer = ask(case, PROMPTS["stop"], stop_sequences=["STOP", "never"])
    assert answer.text.strip() == "one two" and reason_of(answer) == "STOP"


@ability
def wrong_key(case):
    error = raised(errors.ClientError, ask, case, PROMPTS["text"], key="AIza-not-a-key")
    assert (error.code, error.status) == (401, "UNAUTHENTICATED"), error


@ability
def unknown_model(case):
    error = raised(errors.ClientError, ask, case, "Hello.", model="no-such-provider/model")
    assert (error.code, error.status) == (404, "NOT_FOUND"), error
    if case.simulated:
        raised(errors.ClientError, ask, case, "Hello.", model=case.model("missing-model"))


@ability
def invalid_request(case):
    error = raised(errors.ClientError, ask, case, PROMPTS["invalid"])
    assert error.code == 400 and error.status == "INVALID_ARGUMENT" and error.message


@ability
def rate_limited(case):
    error = raised(errors.ClientError, ask, case, PROMPTS["limited"])
    assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED"), error


@ability
def retried_by_the_SDK(case):
    model = case.scripted("429:1s, ok")
    answer = ask(case, PROMPTS["retried"], model=model, attempts=3)
    assert answer.text == "At last."
    assert [entry["status"] for entry in case.scripted_books()] == [429, 200]


@ability
def broken_provider(case):
    for prompt in ("broken", "overloaded"):
        error = raised(errors.ServerError, ask, case, PROMPTS[prompt])
        assert error.code >= 500


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
        for answer in client(case).models.generate_content_stream(model=case.model(), contents=prompt):
            seen.append(answer.text or "")
    except errors.ServerError as error:
        assert error.code >= 500
        assert "".join(seen), "nothing came before the error"
    else:
        raise AssertionError(f"the stream ended as if it were whole: {''.join(seen)}")


@ability
def policy_blocks_a_request(case):
    error = raised(errors.ClientError, ask, case, PROMPTS["blocked_in"], key=case.guarded_key)
    assert error.code == 400 and "personal-data" in error.message and "536-90" not in str(error)


@ability
def policy_blocks_an_answer(case):
    answer = ask(case, PROMPTS["blocked_out"], key=case.guarded_key)
    assert reason_of(answer) == "SAFETY" and "1111" not in str(answer)


@ability
def policy_blocks_in_mid_stream(case):
    answers = stream(case, PROMPTS["blocked_out"], key=case.guarded_key)
    assert reason_of(answers) == "SAFETY" and "1111" not in text_of(answers)
    assert text_of(answers).startswith("The card is"), "what came before the finding was not delivered"


@ability
def policy_restores_an_answer(case):
    check_restored(ask(case, PROMPTS["restored"], key=case.handled_key, tools=TOOLS))


@ability
def policy_restores_a_stream(case):
    check_restored(stream(case, PROMPTS["restored"], key=case.handled_key, tools=TOOLS))


def check_restored(answer):
    assert text_of(answer) == "I write to jo@example.com.", answer
    (call,) = calls_of(answer)
    assert call.args == {"city": "jo@example.com"}, call


@ability
def policy_redacts_a_streamed_call(case):
    (call,) = calls_of(stream(case, PROMPTS["redacted_call"], key=case.handled_key, tools=TOOLS))
    assert call.args == {"city": REDACTED_CITY}, call


@ability
def policy_redacts_a_stream(case):
    said = text_of(stream(case, PROMPTS["redacted_out"], key=case.guarded_key))
    assert said == "Write to [EMAIL_ADDRESS] today.", said


@ability
def failover_to_the_other_format(case):
    case.simulator_only()
    assert ask(case, PROMPTS["text"], model="falls-over").text == TEXT


@ability
def models_list(case):
    names = {model.name for model in client(case).models.list()}
    assert {"models/assistant", "models/writer"} <= names, names
    assert client(case).models.get(model="assistant").name == "models/assistant"


@ability
def every_version_of_the_API(case):
    for version in ("v1", "v1beta", "v1alpha"):
        assert client(case, api_version=version).models.generate_content(
            model=case.model(), contents=PROMPTS["text"],
        ).text == TEXT


@ability
def the_client_of_Vertex_AI(case):
    """Its credentials are a token, its path has a project, its model no slash."""
    sdk = genai.Client(
        vertexai=True, project="a-project", location="europe-west4", credentials=Credentials(token=case.key),
        http_options=types.HttpOptions(base_url=case.url),
    )
    assert sdk.models.generate_content(model=f"plain-{case.name}", contents=PROMPTS["text"]).text == TEXT
    streamed = sdk.models.generate_content_stream(model=f"plain-{case.name}", contents=PROMPTS["text"])
    assert text_of(list(streamed)) == TEXT


@ability
async def async_client(case):
    # What awaits belongs to the loop that it was made in.
    CLIENTS.clear()
    sdk = client(case).aio

    async def one(number):
        said = ""
        async for answer in await sdk.models.generate_content_stream(
            model=case.model(), contents=f"{PROMPTS['many']}{number}",
        ):
            said += answer.text or ""
        return said

    said = await asyncio.gather(*(one(number) for number in range(8)))
    expected = [f"caller number {number}" for number in range(8)]
    assert [words.strip() for words in said] == (expected if case.simulated else ["Counted."] * 8), said


@ability
def hang_up(case):
    case.simulator_only()
    name = f"hang-up-{uuid.uuid4()}"
    answers = client(case).models.generate_content_stream(
        model=case.model(name), contents=PROMPTS["endless"], config=config({"max_output_tokens": 6000}),
    )
    for _ in range(5):
        next(answers)
    answers.close()
    assert case.hung_up(name)["output_tokens"] < 4000


if __name__ == "__main__":
    run(f"google-genai {genai.__version__} (Python)")
