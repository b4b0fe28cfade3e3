"""The `google-genai` package, unchanged: base URL and key only."""

import asyncio
import base64
import json
import urllib.request

from cases import CITY, PROMPTS, TEXT, ability, run
from chats import NAMES, Call, Driver, Event, Said
from google import genai
from google.genai import errors as kinds
from google.genai import types
from google.oauth2.credentials import Credentials

TOOLS = [types.Tool(function_declarations=[
    types.FunctionDeclaration(name=name, description=name, parameters_json_schema=CITY) for name in NAMES
])]
# The SDK's own loop over functions is tried by itself.
BY_HAND = types.AutomaticFunctionCallingConfig(disable=True)
THINKING = types.ThinkingConfig(thinking_budget=2048, include_thoughts=True)
FINISH = {"MAX_TOKENS": "length", "SAFETY": "filter"}
# One class has several statuses, told apart by a word.
STATUSES = {
    "wrong key": (401, "UNAUTHENTICATED"), "unknown model": (404, "NOT_FOUND"),
    "invalid request": (400, "INVALID_ARGUMENT"), "policy": (400, "INVALID_ARGUMENT"),
    "rate limited": (429, "RESOURCE_EXHAUSTED"),
}


class Gemini(Driver):
    own = "gemini"
    errors = dict.fromkeys((400, 401, 404, 429), kinds.ClientError) | {500: kinds.ServerError}
    stream_errors = (kinds.ServerError,)
    lossy = {"seed": 7, "top_k": 5}
    loses = ("seed", "top_k")

    def __init__(self):
        # A client that nobody holds closes its connections, under its streams too.
        self.clients = {}

    def client(self, case, key=None, retries=0, **options):
        # What awaits belongs to the loop that it was made in.
        kind = (key or case.key, retries, *options.values(), running())
        if kind not in self.clients:
            again = types.HttpRetryOptions(attempts=retries + 1, initial_delay=0.01)
            http = types.HttpOptions(base_url=case.url, retry_options=again, **options)
            self.clients[kind] = genai.Client(api_key=key or case.key, http_options=http)
        return self.clients[kind]

    def request(self, case, prompt, options):
        client = {name: options.pop(name) for name in ("key", "retries") if name in options}
        asked = list(options.pop("turns", []))
        picture = options.pop("image", None)
        if prompt is not None:
            parts = [types.Part(text=prompt)]
            if picture is not None:
                parts.insert(0, types.Part.from_bytes(data=base64.b64decode(picture), mime_type="image/png"))
            asked.append(types.Content(role="user", parts=parts))
        model = options.pop("model", case.model())
        if options.pop("tools", False):
            options["tools"] = TOOLS
        if forced := options.pop("forced", None):
            options["tool_config"] = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(
                mode="ANY", allowed_function_names=[forced],
            ))
        if options.pop("thinking", False):
            options["thinking_config"] = THINKING
        if options.pop("schema", False):
            options |= {"response_mime_type": "application/json", "response_schema": Event}
        if headers := options.pop("headers", None):
            options["http_options"] = types.HttpOptions(headers=headers)
        for ours, theirs in (("system", "system_instruction"), ("max_tokens", "max_output_tokens"), ("stop", "stop_sequences")):
            if ours in options:
                options[theirs] = options.pop(ours)
        config = types.GenerateContentConfig(automatic_function_calling=BY_HAND, **options)
        return client, {"model": model, "contents": asked, "config": config}

    def ask(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        answer = self.client(case, **client).models.generate_content(**request)
        whole = said([answer])
        whole.parsed, whole.headers = answer.parsed, dict(answer.sdk_http_response.headers)
        return whole

    async def ask_async(self, case, prompt):
        pieces = await self.client(case).aio.models.generate_content_stream(model=case.model(), contents=prompt)
        return "".join([piece.text or "" async for piece in pieces])

    def stream(self, case, prompt, **options):
        schema = options.get("schema")
        client, request = self.request(case, prompt, options)
        whole = said(list(self.client(case, **client).models.generate_content_stream(**request)))
        whole.parsed = Event.model_validate_json(whole.text) if schema else None
        return whole

    def pieces(self, case, prompt, **options):
        client, request = self.request(case, prompt, options)
        answers = self.client(case, **client).models.generate_content_stream(**request)
        try:
            for answer in answers:
                if text := text_of([answer]):
                    yield text
        finally:
            answers.close()

    def turns(self, prompt, said, results=None):
        turns = [types.Content(role="user", parts=[types.Part(text=prompt)]), said.raw]
        if results:
            turns.append(types.Content(role="user", parts=[
                types.Part(function_response=types.FunctionResponse(
                    id=given(call.id), name=call.name, response={"output": results[call.id]},
                ))
                for call in said.calls
            ]))
        return turns

    def models(self, case):
        names = {model.name for model in self.client(case).models.list()}
        assert all(name.startswith("models/") for name in names), names
        return {name.removeprefix("models/") for name in names}

    def status(self, error):
        return error.code

    def check_error(self, what, error):
        assert error.message, error
        assert (error.code, error.status) == STATUSES.get(what, (error.code, error.status)), error
        if what == "stream":
            assert error.code >= 500, error
        if what == "policy":
            assert "personal-data" in error.message, error


def running():
    """The loop that runs, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def parts_of(answers):
    contents = [answer.candidates[0].content for answer in answers if answer.candidates]
    return [part for content in contents if content for part in content.parts or []]


def text_of(answers):
    return "".join(part.text for part in parts_of(answers) if part.text and not part.thought)


def given(id):
    """An id that the answer had; where it had none, calls are told apart by their places."""
    return None if id.startswith("call ") else id


def said(answers):
    """What the pieces say together; a whole answer is one piece."""
    parts = parts_of(answers)
    (reason,) = [
        answer.candidates[0].finish_reason.value for answer in answers
        if answer.candidates and answer.candidates[0].finish_reason
    ]
    calls = [part.function_call for part in parts if part.function_call]
    calls = [Call(call.id or f"call {place}", call.name, call.args) for place, call in enumerate(calls)]
    usage = answers[-1].usage_metadata
    if usage:
        thoughts = usage.thoughts_token_count or 0
        assert usage.total_token_count == usage.prompt_token_count + (usage.candidates_token_count or 0) + thoughts, usage
    stops = "tools" if calls else "stop"
    return Said(
        text=text_of(answers), finish=stops if reason == "STOP" else FINISH.get(reason, reason), calls=calls,
        thoughts="".join(part.text for part in parts if part.text and part.thought),
        input=usage.prompt_token_count if usage else 0, output=(usage.candidates_token_count or 0) if usage else 0,
        cached=(usage.cached_content_token_count or 0) if usage else 0,
        raw=types.Content(role="model", parts=parts),
    )


DRIVER = Gemini()


@ability
def what_an_answer_calls_itself(case):
    _, request = DRIVER.request(case, PROMPTS["text"], {})
    answer = DRIVER.client(case).models.generate_content(**request)
    assert answer.candidates[0].content.role == "model"
    # What passes in its own format calls itself what its provider calls it.
    assert answer.response_id and answer.model_version in (case.model(), "test-model")


@ability
def count_tokens(case):
    case.simulator_only()
    # Bedrock counts for models of Anthropic only.
    name = case.model("anthropic.test-model")
    counted = DRIVER.client(case).models.count_tokens(model=name, contents=PROMPTS["text"])
    case.check_count(counted.total_tokens, DRIVER.ask(case, PROMPTS["text"], model=name).input)


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

    answer = DRIVER.client(case).models.generate_content(
        model=case.model(), contents=PROMPTS["two_tools"],
        config=types.GenerateContentConfig(tools=[get_weather, get_time]),
    )
    assert answer.text and seen == ["Oslo", "Oslo"], seen


def pieces(answer):
    """A stream is a list of them."""
    return answer if isinstance(answer, list) else [answer]


def chat_with_tools(case, model, send):
    config = types.GenerateContentConfig(
        automatic_function_calling=BY_HAND, tools=TOOLS, thinking_config=types.ThinkingConfig(include_thoughts=True),
    )
    chat = DRIVER.client(case).chats.create(model=model, config=config)
    first = send(chat, PROMPTS["two_tools"])
    calls = [part.function_call for part in parts_of(pieces(first)) if part.function_call]
    assert [call.name for call in calls] == list(NAMES), first
    second = send(chat, [
        types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"output": "fine"}))
        for call in calls
    ])
    assert text_of(pieces(second)), second
    third = send(chat, PROMPTS["text"])
    assert text_of(pieces(third)) == TEXT, third
    assert len(chat.get_history(curated=True)) == len(chat.get_history()), "a turn was forgotten"


@ability
def chat_of_several_turns(case):
    chat_with_tools(case, case.model("gemini-3-sim"), lambda chat, message: chat.send_message(message))


@ability
def chat_of_several_turns_streamed(case):
    chat_with_tools(case, case.model("gemini-3-sim"), lambda chat, message: list(chat.send_message_stream(message)))


@ability
def structured_output_by_JSON_schema(case):
    asked = {"response_mime_type": "application/json", "response_json_schema": Event.model_json_schema()}
    Event.model_validate_json(DRIVER.ask(case, PROMPTS["structured"], **asked).text)


@ability
def one_of_the_models(case):
    assert DRIVER.client(case).models.get(model="assistant").name == "models/assistant"


@ability
def every_version_of_the_API(case):
    for version in ("v1", "v1beta", "v1alpha"):
        assert DRIVER.client(case, api_version=version).models.generate_content(
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


if __name__ == "__main__":
    run(f"google-genai {genai.__version__} (Python)", DRIVER)
