"""What the gateway said about the suites: spans over OTLP, metrics for Prometheus."""

import json
import shutil
import subprocess
import time
import urllib.request

from harness import installed
from harness.stage import Failed

SPANS_WAIT_S = 10
SERVER, CLIENT, ERROR = 2, 3, 2
# An answer that a provider holds is read there, not made; what passes through is not read.
UNREAD = ("held ", "pass_through ", "web_socket ")


def answer_attributes(span):
    """What a span of an answer has; some formats do not name their model in it."""
    usage = {"gen_ai.usage.input_tokens"}
    provider = span["attributes"].get("gen_ai.provider.name", "")
    nameless = (
        span["name"].startswith("count_tokens ")
        or (span["name"].startswith("embeddings ") and "gemini" in provider)
        or "bedrock" in provider
        or "cohere" in provider
    )
    return usage if nameless else usage | {"gen_ai.response.model"}


def check(gateway, collector, matrix, install):
    metrics = read(f"{gateway.admin_url}/metrics").decode()
    matrix.check("promtool takes the metrics", **promtool(metrics, install))
    for name, failure in span_checks(settled(gateway, collector)):
        matrix.check(name, failure)


def read(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


def settled(gateway, collector):
    """The spans of every request in the access log, once they are all here."""
    deadline = time.monotonic() + SPANS_WAIT_S
    while True:
        logged = sum(1 for _ in gateway.access_log.open())
        kept = json.loads(read(f"{collector.url}/spans"))
        roots = sum(span["kind"] == SERVER for span in kept["spans"])
        if roots >= logged or time.monotonic() > deadline:
            return kept | {"logged": logged, "roots": roots}
        time.sleep(0.1)


def span_checks(kept):
    """Names of checks, each with what is wrong or None."""
    spans = kept["spans"]
    requests = [span for span in spans if span["kind"] == SERVER]
    attempts = [span for span in spans if span["kind"] == CLIENT]
    by_id = {(span["trace"], span["id"]): span for span in spans}
    parents = [(span, by_id.get((span["trace"], span["parent"]))) for span in attempts]
    answered = [span for span in attempts if "gen_ai.usage.output_tokens" in span["attributes"]]

    yield "every export is valid protobuf", first(kept["refused"])
    yield "every request has a span", (
        None if kept["roots"] == kept["logged"] > 0 else f"{kept['roots']} spans, {kept['logged']} access-log lines"
    )
    yield "spans are of a request or of an attempt", first(
        span for span in spans if span["kind"] not in (SERVER, CLIENT)
    )
    yield "ids have their length", first(
        span for span in spans if len(span["trace"]) != 32 or len(span["id"]) != 16 or not int(span["id"], 16)
    )
    yield "an attempt's parent is its request, in the same trace", first(
        span for span, parent in parents if parent is None or parent["kind"] != SERVER
    )
    yield "an attempt lies within its request", first(
        span for span, parent in parents
        if parent and not parent["start"] <= span["start"] <= span["end"] <= parent["end"] + 1_000_000
    )
    yield "a caller's trace is continued", (
        None if any(span["parent"] == "00f067aa0ba902b7" for span in requests) else "no request has the caller's span as parent"
    )
    yield "attempts have GenAI attributes", first(
        span for span in attempts
        if not span["name"].startswith(UNREAD) and not {"gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"} <= span["attributes"].keys()
    )
    yield "answers have model, finish reasons and usage", first(
        (span for span in answered
         if not span["name"].startswith(UNREAD) and not answer_attributes(span) <= span["attributes"].keys()),
        none=None if answered else "no attempt has usage",
    )
    yield "failed attempts have a status and an error type", first(
        (span for span in attempts if span["status"] == ERROR and "error.type" not in span["attributes"]),
        none=None if any(span["status"] == ERROR for span in attempts) else "no attempt failed",
    )
    yield "no prompt, answer or key is in a span", first(
        span for span in spans
        if any(word in json.dumps(span, ensure_ascii=False) for word in ("Grüße", "[[sim", "tg_test_", "536-90-4399"))
    )
    yield "the resource has a service name", first(
        span for span in spans if span["resource"].get("service.name") != "tollgate"
    )


def first(wrong, none=None):
    for item in wrong:
        return f"for example {json.dumps(item, ensure_ascii=False)}"
    return none


def promtool(metrics, install):
    """Prometheus's own linter, where it is installed or may be."""
    if shutil.which("promtool") is None:
        if not install:
            return {"skipped": "promtool is not installed; `make test-sdks` installs it"}
        try:
            installed.debian("prometheus")
        except Failed as error:
            return {"failure": str(error)}
    done = subprocess.run(["promtool", "check", "metrics"], input=metrics, text=True, capture_output=True)
    return {"failure": None if done.returncode == 0 else f"code {done.returncode}\n{done.stdout}{done.stderr}"}
