"""`boto3` for Bedrock Runtime, unchanged: endpoint, region and key only.

The gateway key is the access key id, with any secret: requests are signed, and the
signature is not looked at. Over TLS the key goes as a bearer token, as Bedrock's API keys do.
"""

import base64
import concurrent.futures
import json
import os
import uuid

import boto3
import botocore.exceptions
from botocore.config import Config
from cases import CITY, DOT_PNG, PLAN, NotCarried, PROMPTS, REDACTED_CITY, TEXT, ability, run

TOOLS = {"tools": [
    {"toolSpec": {"name": name, "description": name, "inputSchema": {"json": CITY}}}
    for name in ("get_weather", "get_time")
]}


def client(case, key=None, retries=0):
    return boto3.client(
        "bedrock-runtime", endpoint_url=case.url, region_name="us-east-1",
        aws_access_key_id=key or case.key, aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": retries + 1, "mode": "standard"}),
    )


def request(case, prompt, options):
    """The arguments of a request; a prompt may be a list of messages."""
    messages = prompt if isinstance(prompt, list) else [{"role": "user", "content": [{"text": prompt}]}]
    return {"modelId": case.model(), "messages": messages} | options


def ask(case, prompt, *, key=None, retries=0, **options):
    return client(case, key, retries).converse(**request(case, prompt, options))


def blocks_of(answer):
    message = answer["output"]["message"]
    assert message["role"] == "assistant"
    return message["content"]


def text_of(answer):
    return "".join(block.get("text", "") for block in blocks_of(answer))


def events(case, prompt, *, key=None, **options):
    return client(case, key).converse_stream(**request(case, prompt, options))["stream"]


def stream(case, prompt, **options):
    """The pieces of a stream put together, in the shape of a whole answer."""
    blocks, inputs, answer = {}, {}, {}
    for event in events(case, prompt, **options):
        ((kind, data),) = event.items()
        index = data.get("contentBlockIndex")
        if kind == "contentBlockStart":
            blocks[index] = {"toolUse": dict(data["start"]["toolUse"])}
            inputs[index] = ""
        elif kind == "contentBlockDelta":
            add_delta(blocks, inputs, index, data["delta"])
        elif kind == "messageStop":
            answer["stopReason"] = data["stopReason"]
        elif kind == "metadata":
            answer |= {"usage": data["usage"], "metrics": data["metrics"]}
    for index, text in inputs.items():
        blocks[index]["toolUse"]["input"] = json.loads(text)
    content = [blocks[index] for index in sorted(blocks)]
    return answer | {"output": {"message": {"role": "assistant", "content": content}}}


def add_delta(blocks, inputs, index, delta):
    ((kind, piece),) = delta.items()
    if kind == "toolUse":
        inputs[index] += piece["input"]
    elif kind == "text":
        block = blocks.setdefault(index, {"text": ""})
        block["text"] += piece
    elif kind == "reasoningContent":
        block = blocks.setdefault(index, {"reasoningContent": {}})["reasoningContent"]
        if "redactedContent" in piece:
            block["redactedContent"] = block.get("redactedContent", b"") + piece["redactedContent"]
            return
        thought = block.setdefault("reasoningText", {})
        for name, text in piece.items():
            thought[name] = thought.get(name, "") + text


def failed(code, function, *arguments, **named):
    """Calls a function that must raise the client's own exception of this name."""
    try:
        result = function(*arguments, **named)
    except botocore.exceptions.ClientError as error:
        assert type(error).__name__ == code, f"raised {type(error).__name__}, not {code}: {error}"
        assert error.response["Error"]["Code"] == code, error.response
        return error
    raise AssertionError(f"{code} was not raised, but: {str(result):.300}")


@ability
def text(case):
    answer = ask(case, PROMPTS["text"])
    assert text_of(answer) == TEXT, answer
    assert answer["stopReason"] == "end_turn" and answer["metrics"]["latencyMs"] >= 0


@ability
def text_streamed(case):
    answer = stream(case, PROMPTS["text"])
    assert text_of(answer) == TEXT, answer
    assert answer["stopReason"] == "end_turn" and answer["metrics"]["latencyMs"] >= 0


@ability
def events_in_order(case):
    kinds = [next(iter(event)) for event in events(case, PROMPTS["text"])]
    assert kinds[0] == "messageStart", kinds
    assert kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"], kinds
    assert set(kinds[1:-3]) == {"contentBlockDelta"}, kinds


@ability
def usage(case):
    found = ask(case, PROMPTS["text"])["usage"]
    assert found["inputTokens"] > 0 and found["outputTokens"] > 0
    assert found["totalTokens"] == found["inputTokens"] + found["outputTokens"], found


@ability
def usage_streamed(case):
    whole, streamed = ask(case, PROMPTS["text"])["usage"], stream(case, PROMPTS["text"])["usage"]
    assert streamed["outputTokens"] == whole["outputTokens"]
    assert streamed["inputTokens"] == whole["inputTokens"]


@ability
def cached_tokens(case):
    case.simulator_only()
    found = ask(case, PROMPTS["cached"])["usage"]
    assert found["cacheReadInputTokens"] == 7 and found["inputTokens"] > 0, found


@ability
def system_prompt(case):
    said = f"You are pirate {uuid.uuid4()}."
    answer = ask(case, PROMPTS["system"], system=[{"text": said}])
    assert text_of(answer) == "Arr."
    if case.simulated:
        bare = ask(case, PROMPTS["system"])
        more = answer["usage"]["inputTokens"] - bare["usage"]["inputTokens"]
        assert more > 4, "the provider did not read the system prompt"
    else:
        assert case.received(said)["messages"][0] == {"role": "system", "content": said}


@ability
def long_prompt(case):
    answer = ask(case, PROMPTS["long"] + "many words " * 30_000)
    assert text_of(answer) == "Read."


@ability
def one_tool(case):
    answer = ask(case, PROMPTS["one_tool"], toolConfig=TOOLS)
    (call,) = calls_of(answer)
    assert answer["stopReason"] == "tool_use"
    assert call["toolUseId"] and call["name"] == "get_weather" and call["input"] == {"city": "Zürich"}


def calls_of(answer):
    return [block["toolUse"] for block in blocks_of(answer) if "toolUse" in block]


@ability
def parallel_tools(case):
    check_two_tools(ask(case, PROMPTS["two_tools"], toolConfig=TOOLS))


@ability
def parallel_tools_streamed(case):
    check_two_tools(stream(case, PROMPTS["two_tools"], toolConfig=TOOLS))


def check_two_tools(answer):
    assert answer["stopReason"] == "tool_use"
    assert [next(iter(block)) for block in blocks_of(answer)] == ["text", "toolUse", "toolUse"], answer
    assert text_of(answer) == "One moment."
    calls = calls_of(answer)
    assert [call["name"] for call in calls] == ["get_weather", "get_time"]
    assert len({call["toolUseId"] for call in calls}) == 2
    assert all(call["input"] == {"city": "Oslo"} for call in calls)


@ability
def tool_loop(case):
    first = ask(case, PROMPTS["two_tools"], toolConfig=TOOLS)
    results = [
        {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"json": {"said": "fine"}}]}}
        for call in calls_of(first)
    ]
    results[1]["toolResult"] |= {"content": [{"text": "No clock."}], "status": "error"}
    second = ask(case, [
        {"role": "user", "content": [{"text": PROMPTS["two_tools"]}]},
        first["output"]["message"],
        {"role": "user", "content": results},
    ], toolConfig=TOOLS)
    assert second["stopReason"] == "end_turn"
    assert text_of(second) and not calls_of(second)


@ability
def forced_tool(case):
    case.simulator_only()
    answer = ask(case, "Hello.", toolConfig=TOOLS | {"toolChoice": {"tool": {"name": "get_time"}}})
    assert [call["name"] for call in calls_of(answer)] == ["get_time"]


@ability
def image(case):
    content = [
        {"image": {"format": "png", "source": {"bytes": base64.b64decode(DOT_PNG)}}},
        {"text": PROMPTS["image"]},
    ]
    answer = ask(case, [{"role": "user", "content": content}])
    assert text_of(answer) == "A dot."
    if case.simulated:
        bare = ask(case, PROMPTS["image"])
        more = answer["usage"]["inputTokens"] - bare["usage"]["inputTokens"]
        assert more >= 85, "the provider did not see the picture"
    elif case.format == "openai":
        assert DOT_PNG in json.dumps(case.received("What is in this picture?"))


@ability
def document(case):
    case.simulator_only()
    content = [
        {"document": {"format": "pdf", "name": "A paper", "source": {"bytes": b"%PDF-1.4 nothing"}}},
        {"text": PROMPTS["image"]},
    ]
    answer = ask(case, [{"role": "user", "content": content}])
    bare = ask(case, PROMPTS["image"])
    more = answer["usage"]["inputTokens"] - bare["usage"]["inputTokens"]
    assert more >= 85, "the provider did not see the document"


SCHEMA = json.dumps({
    "type": "object", "properties": {"name": {"type": "string"}, "guests": {"type": "integer"}},
    "required": ["name", "guests"], "additionalProperties": False,
})


@ability
def structured_output(case):
    case.simulator_only()
    form = {"type": "json_schema", "structure": {"jsonSchema": {"name": "event", "schema": SCHEMA}}}
    for function in (ask, stream):
        answer = function(case, PROMPTS["structured"], outputConfig={"textFormat": form})
        found = json.loads(text_of(answer))
        assert isinstance(found["name"], str) and isinstance(found["guests"], int), found


THINKING = {
    "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    "inferenceConfig": {"maxTokens": 4000},
}


@ability
def reasoning(case):
    check_reasoning(ask(case, PROMPTS["reasoning"], modelId=case.reasoner(), **THINKING))


@ability
def reasoning_streamed(case):
    answer = stream(case, PROMPTS["reasoning"], modelId=case.reasoner(), **THINKING)
    check_reasoning(answer)
    if case.format == "gemini":
        raise NotCarried("a signature without words, behind the text, cannot be sent back")
    again = ask(case, [
        {"role": "user", "content": [{"text": PROMPTS["reasoning"]}]},
        answer["output"]["message"],
        {"role": "user", "content": [{"text": PROMPTS["text"]}]},
    ], modelId=case.reasoner(), **THINKING)
    assert text_of(again), "reasoning sent back is refused"


def check_reasoning(answer):
    kinds = [next(iter(block)) for block in blocks_of(answer)]
    # Gemini signs a streamed text behind it, as a thought without words.
    assert kinds[:2] == ["reasoningContent", "text"], answer
    assert blocks_of(answer)[0]["reasoningContent"]["reasoningText"]["text"]
    assert text_of(answer) == "Forty-two."


@ability
def max_tokens(case):
    case.simulator_only()
    answer = ask(case, PROMPTS["limit"], inferenceConfig={"maxTokens": 3})
    assert answer["stopReason"] == "max_tokens" and answer["usage"]["outputTokens"] == 3


@ability
def stop_sequences(case):
    case.simulator_only()
    answer = ask(case, PROMPTS["stop"], inferenceConfig={"stopSequences": ["STOP", "never"]})
    assert text_of(answer).strip() == "one two"
    # Chat Completions does not say that it was one.
    assert answer["stopReason"] in ("stop_sequence", "end_turn")
    assert case.format in ("openai", "gemini") or answer["stopReason"] == "stop_sequence"


@ability
def refusal(case):
    case.simulator_only()
    answer = ask(case, PROMPTS["refuse"])
    assert answer["stopReason"] in ("content_filtered", "end_turn"), answer


@ability
def losses_are_named(case):
    answer = ask(case, PROMPTS["text"], performanceConfig={"latency": "optimized"})
    assert text_of(answer) == TEXT
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    lost = {name for name in headers.get("x-tollgate-loss", "").split(", ") if name}
    assert lost == (set() if case.format == "bedrock" else {"performanceConfig"}), lost


@ability
def a_key_as_a_bearer_token_over_TLS(case):
    case.simulator_only()
    # What sets the token is the environment, as Bedrock's documentation has it.
    os.environ["AWS_BEARER_TOKEN_BEDROCK"] = case.key
    try:
        secure = boto3.client(
            "bedrock-runtime", endpoint_url=PLAN["secure_url"], region_name="us-east-1", verify=PLAN["certificate"],
        )
        answer = secure.converse(**request(case, PROMPTS["text"], {}))
        assert text_of(answer) == TEXT
        pieces = secure.converse_stream(**request(case, PROMPTS["text"], {}))["stream"]
        deltas = [event["contentBlockDelta"]["delta"] for event in pieces if "contentBlockDelta" in event]
        assert "".join(delta["text"] for delta in deltas) == TEXT
    finally:
        del os.environ["AWS_BEARER_TOKEN_BEDROCK"]


@ability
def wrong_key(case):
    for key in ("AKIAIOSFODNN7EXAMPLE", case.key[:-1] + "x"):
        error = failed("AccessDeniedException", ask, case, PROMPTS["text"], key=key)
        assert key not in str(error)


@ability
def unknown_model(case):
    failed("ResourceNotFoundException", ask, case, "Hello.", modelId="no-such-provider/model")
    if case.simulated:
        failed("ResourceNotFoundException", ask, case, "Hello.", modelId=case.model("missing-model"))


@ability
def model_with_a_colon(case):
    case.simulator_only()
    name = f"maker.model-{uuid.uuid4()}-v1:0"
    assert text_of(ask(case, PROMPTS["text"], modelId=case.model(name))) == TEXT
    assert [entry for entry in case.books() if entry["model"] == name]


@ability
def invalid_request(case):
    error = failed("ValidationException", ask, case, PROMPTS["invalid"])
    assert error.response["Error"]["Message"]


@ability
def rate_limited(case):
    error = failed("ThrottlingException", ask, case, PROMPTS["limited"])
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "9"


@ability
def retried_by_the_SDK(case):
    model = case.scripted("429:1s, ok")
    answer = ask(case, PROMPTS["retried"], modelId=model, retries=1)
    assert text_of(answer) == "At last."
    assert [entry["status"] for entry in case.scripted_books()] == [429, 200]


@ability
def broken_provider(case):
    for prompt in ("broken", "overloaded"):
        try:
            ask(case, PROMPTS[prompt])
        except botocore.exceptions.ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500, error.response
            assert type(error).__name__ in ("InternalServerException", "ServiceUnavailableException"), error
        else:
            raise AssertionError("nothing was raised")


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
        for event in events(case, prompt):
            seen.append(event)
    except botocore.exceptions.EventStreamError as error:
        code = error.response["Error"]["Code"]
        assert code in ("internalServerException", "modelStreamErrorException", "serviceUnavailableException"), code
        assert error.response["Error"]["Message"]
        assert any("contentBlockDelta" in event for event in seen), "nothing came before the error"
    else:
        raise AssertionError(f"the stream ended as if it were whole: {seen}")


@ability
def policy_blocks_a_request(case):
    error = failed("ValidationException", ask, case, PROMPTS["blocked_in"], key=case.guarded_key)
    assert "personal-data" in str(error) and "536-90" not in str(error)


@ability
def policy_blocks_an_answer(case):
    answer = ask(case, PROMPTS["blocked_out"], key=case.guarded_key)
    assert answer["stopReason"] == "guardrail_intervened" and "1111" not in text_of(answer)


@ability
def policy_blocks_a_stream(case):
    answer = stream(case, PROMPTS["blocked_out"], key=case.guarded_key)
    assert answer["stopReason"] == "guardrail_intervened" and "1111" not in text_of(answer)
    assert text_of(answer).startswith("The card is"), "what came before the finding was not delivered"


@ability
def policy_restores_an_answer(case):
    check_restored(ask(case, PROMPTS["restored"], key=case.handled_key, toolConfig=TOOLS))


@ability
def policy_restores_a_stream(case):
    check_restored(stream(case, PROMPTS["restored"], key=case.handled_key, toolConfig=TOOLS))


def check_restored(answer):
    assert text_of(answer) == "I write to jo@example.com.", answer
    (call,) = calls_of(answer)
    assert call["input"] == {"city": "jo@example.com"}, call


@ability
def policy_redacts_a_streamed_call(case):
    answer = stream(case, PROMPTS["redacted_call"], key=case.handled_key, toolConfig=TOOLS)
    (call,) = calls_of(answer)
    assert answer["stopReason"] == "tool_use"
    assert call["input"] == {"city": REDACTED_CITY}, call


@ability
def policy_redacts_a_stream(case):
    said = text_of(stream(case, PROMPTS["redacted_out"], key=case.guarded_key))
    assert said == "Write to [EMAIL_ADDRESS] today.", said


@ability
def failover_to_the_other_format(case):
    case.simulator_only()
    answer = ask(case, PROMPTS["text"], modelId="falls-over")
    assert text_of(answer) == TEXT


@ability
def many_at_once(case):
    sdk = client(case)

    def one(number):
        return text_of(sdk.converse(**request(case, f"{PROMPTS['many']}{number}", {}))).strip()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(one, range(8)))
    expected = [f"caller number {number}" for number in range(8)]
    assert said == (expected if case.simulated else ["Counted."] * 8), said


@ability
def hang_up(case):
    case.simulator_only()
    name = f"hang-up-{uuid.uuid4()}"
    pieces = events(case, PROMPTS["endless"], modelId=case.model(name), inferenceConfig={"maxTokens": 6000})
    for _, _event in zip(range(5), pieces):
        pass
    pieces.close()
    assert case.hung_up(name)["output_tokens"] < 4000


if __name__ == "__main__":
    run(f"boto3 {boto3.__version__} (Python)")
