"""`boto3` for Bedrock Runtime, unchanged: endpoint, region and key only.

The gateway key is the access key id, with any secret: requests are signed, and the
signature is not looked at. Over TLS the key goes as a bearer token, as Bedrock's API keys do.
"""

import base64
import json
import os
import uuid

import boto3
import botocore.exceptions
from botocore.config import Config
from cases import CITY, PLAN, PROMPTS, TEXT, NotCarried, ability, raised, run
from chats import NAMES, Call, Driver, Event, Said

TOOLS = [{"toolSpec": {"name": name, "description": name, "inputSchema": {"json": CITY}}} for name in NAMES]
SCHEMA = json.dumps(Event.model_json_schema() | {"additionalProperties": False})
FORM = {"type": "json_schema", "structure": {"jsonSchema": {"name": "event", "schema": SCHEMA}}}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
FINISH = {"end_turn": "stop", "stop_sequence": "stop", "tool_use": "tools", "max_tokens": "length", "guardrail_intervened": "filter"}
# The classes of exceptions are made by a client.
ERRORS = boto3.client("bedrock-runtime", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b").exceptions
STREAM_ERRORS = ("internalServerException", "modelStreamErrorException", "serviceUnavailableException")


class Bedrock(Driver):
    own = "bedrock"
    errors = {
        400: ERRORS.ValidationException, 401: ERRORS.AccessDeniedException, 404: ERRORS.ResourceNotFoundException,
        429: ERRORS.ThrottlingException, 500: (ERRORS.InternalServerException, ERRORS.ServiceUnavailableException),
    }
    stream_errors = (botocore.exceptions.EventStreamError,)
    lossy = {"performanceConfig": {"latency": "optimized"}}
    loses = ("performanceConfig",)
    # Its users cannot add headers, its runtime lists no models, and it has no client that awaits.
    lacks = ("policy routes a request", "trace context", "models list", "async client")

    def __init__(self):
        self.clients = {}

    def client(self, case, key=None, retries=0):
        key = key or case.key
        if (key, retries) not in self.clients:
            self.clients[key, retries] = boto3.client(
                "bedrock-runtime", endpoint_url=case.url, region_name="us-east-1",
                aws_access_key_id=key, aws_secret_access_key="any",
                config=Config(retries={"total_max_attempts": retries + 1, "mode": "standard"}, max_pool_connections=20),
            )
        return self.clients[key, retries]

    def request(self, case, prompt, options):
        client = {name: options.pop(name) for name in ("key", "retries") if name in options}
        messages = list(options.pop("turns", []))
        picture = options.pop("image", None)
        if prompt is not None:
            messages.append({"role": "user", "content": content(prompt, picture)})
        request = {"modelId": options.pop("model", case.model()), "messages": messages}
        config = {}
        if system := options.pop("system", None):
            request["system"] = [{"text": system}]
        if options.pop("tools", False):
            request["toolConfig"] = {"tools": TOOLS}
        if forced := options.pop("forced", None):
            request["toolConfig"]["toolChoice"] = {"tool": {"name": forced}}
        if options.pop("thinking", False):
            request["additionalModelRequestFields"] = THINKING
            config["maxTokens"] = 4000
        if options.pop("schema", False):
            request["outputConfig"] = {"textFormat": FORM}
        for ours, theirs in (("max_tokens", "maxTokens"), ("stop", "stopSequences")):
            if ours in options:
                config[theirs] = options.pop(ours)
        if config:
            request["inferenceConfig"] = config
        return client, request | options

    def ask(self, case, prompt, **options):
        schema = options.get("schema")
        client, request = self.request(case, prompt, options)
        return said(self.client(case, **client).converse(**request), schema)

    def events(self, case, prompt, options):
        client, request = self.request(case, prompt, options)
        return self.client(case, **client).converse_stream(**request)["stream"]

    def stream(self, case, prompt, **options):
        """The pieces put together, in the shape of a whole answer."""
        schema = options.get("schema")
        blocks, inputs, answer = {}, {}, {}
        for event in self.events(case, prompt, options):
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
        return said(answer | {"output": {"message": {"role": "assistant", "content": content}}}, schema)

    def pieces(self, case, prompt, **options):
        events = self.events(case, prompt, options)
        try:
            for event in events:
                if text := event.get("contentBlockDelta", {}).get("delta", {}).get("text"):
                    yield text
        finally:
            events.close()

    def turns(self, prompt, said, results=None):
        turns = [{"role": "user", "content": [{"text": prompt}]}, said.raw["output"]["message"]]
        results = [
            {"toolResult": {"toolUseId": id, "content": [{"json": {"said": text}}]}} for id, text in (results or {}).items()
        ]
        if results:
            results[-1]["toolResult"] |= {"content": [{"text": "No clock."}], "status": "error"}
            turns.append({"role": "user", "content": results})
        return turns

    def status(self, error):
        return error.response["ResponseMetadata"]["HTTPStatusCode"]

    def check_error(self, what, error):
        found = error.response["Error"]
        assert found["Message"], error.response
        if what == "stream":
            assert found["Code"] in STREAM_ERRORS, error.response
        else:
            assert found["Code"] == type(error).__name__, error.response
        if what == "policy":
            assert "personal-data" in str(error)
        if what == "rate limited":
            assert error.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "9"


def content(prompt, picture):
    text = {"text": prompt}
    if picture is None:
        return [text]
    return [{"image": {"format": "png", "source": {"bytes": base64.b64decode(picture)}}}, text]


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


def said(answer, schema=False):
    message = answer["output"]["message"]
    assert message["role"] == "assistant", message
    blocks = message["content"]
    # A stream that a rule ends has no metrics of its provider.
    assert answer.get("metrics", {"latencyMs": 0})["latencyMs"] >= 0, answer
    usage = answer.get("usage") or {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0}
    cached = usage.get("cacheReadInputTokens", 0)
    text = "".join(block.get("text", "") for block in blocks)
    thoughts = [block["reasoningContent"].get("reasoningText", {}) for block in blocks if "reasoningContent" in block]
    calls = [block["toolUse"] for block in blocks if "toolUse" in block]
    return Said(
        text=text, finish=FINISH.get(answer["stopReason"], answer["stopReason"]),
        calls=[Call(call["toolUseId"], call["name"], call["input"]) for call in calls],
        thoughts="".join(thought.get("text", "") for thought in thoughts),
        input=usage["inputTokens"] + cached, output=usage["outputTokens"], cached=cached,
        parsed=Event.model_validate_json(text) if schema else None,
        headers=answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}), raw=answer,
    )


DRIVER = Bedrock()


@ability
def events_in_order(case):
    kinds = [next(iter(event)) for event in DRIVER.events(case, PROMPTS["text"], {})]
    assert kinds[0] == "messageStart", kinds
    assert kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"], kinds
    assert set(kinds[1:-3]) == {"contentBlockDelta"}, kinds


@ability
def document(case):
    case.simulator_only()
    paper = {"document": {"format": "pdf", "name": "A paper", "source": {"bytes": b"%PDF-1.4 nothing"}}}
    turns = [{"role": "user", "content": [paper, {"text": PROMPTS["image"]}]}]
    said = DRIVER.ask(case, None, turns=turns)
    if case.format == "cohere":
        assert said.headers["x-tollgate-loss"] == "document", said.headers
        raise NotCarried("the provider's documents are texts; named in x-tollgate-loss")
    more = said.input - DRIVER.ask(case, PROMPTS["image"]).input
    assert more >= 85, "the provider did not see the document"


@ability
def names_the_stop_sequence(case):
    case.simulator_only()
    case.needs("stop_named", "the provider's format does not say that it was one")
    answer = DRIVER.ask(case, PROMPTS["stop"], stop=["STOP"]).raw
    assert answer["stopReason"] == "stop_sequence", answer


@ability
def refusal(case):
    case.simulator_only()
    answer = DRIVER.ask(case, PROMPTS["refuse"]).raw
    assert answer["stopReason"] in ("content_filtered", "end_turn"), answer


@ability
def a_key_as_a_bearer_token_over_TLS(case):
    case.simulator_only()
    # What sets the token is the environment, as Bedrock's documentation has it.
    os.environ["AWS_BEARER_TOKEN_BEDROCK"] = case.key
    try:
        secure = boto3.client(
            "bedrock-runtime", endpoint_url=PLAN["secure_url"], region_name="us-east-1", verify=PLAN["certificate"],
        )
        answer = secure.converse(**DRIVER.request(case, PROMPTS["text"], {})[1])
        assert said(answer).text == TEXT
        pieces = secure.converse_stream(**DRIVER.request(case, PROMPTS["text"], {})[1])["stream"]
        deltas = [event["contentBlockDelta"]["delta"] for event in pieces if "contentBlockDelta" in event]
        assert "".join(delta["text"] for delta in deltas) == TEXT
    finally:
        del os.environ["AWS_BEARER_TOKEN_BEDROCK"]


@ability
def a_key_that_is_none_is_not_told(case):
    for key in ("AKIAIOSFODNN7EXAMPLE", case.key[:-1] + "x"):
        error = raised(ERRORS.AccessDeniedException, DRIVER.ask, case, PROMPTS["text"], key=key)
        assert key not in str(error)


@ability
def count_tokens(case):
    case.simulator_only()
    # Bedrock counts for models of Anthropic only.
    asked = {"system": "Be brief.", "model": case.model("anthropic.test-model"), "tools": True}
    _, request = DRIVER.request(case, PROMPTS["text"], dict(asked))
    name = request.pop("modelId")
    counted = DRIVER.client(case).count_tokens(modelId=name, input={"converse": request})
    case.check_count(counted["inputTokens"], DRIVER.ask(case, PROMPTS["text"], **asked).input)


@ability
def model_with_a_colon(case):
    case.simulator_only()
    name = f"maker.model-{uuid.uuid4()}-v1:0"
    assert DRIVER.ask(case, PROMPTS["text"], model=case.model(name)).text == TEXT
    assert [entry for entry in case.books() if entry["model"] == name]


if __name__ == "__main__":
    run(f"boto3 {boto3.__version__} (Python)", DRIVER)
