"""A service that asks a model through the gateway.

It knows GATEWAY_URL and GATEWAY_KEY and nothing else: no provider, no provider's
key, no package to install. It waits until the gateway is ready, asks, and prints
the answer as it arrives.

    python3 ask.py [--model NAME] [--every SECONDS] [QUESTION]
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request

READY_WAIT_S = 30
ANSWER_WAIT_S = 120


def wait_until_ready(url):
    """Returns once the gateway takes requests; ends the program when it does not."""
    deadline = time.monotonic() + READY_WAIT_S
    while True:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=2):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                sys.exit(f"{url} is not ready: {error}")
            time.sleep(0.1)


def ask(url, key, model, question):
    """Yields the pieces of the answer as they arrive."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": question}]}
    request = urllib.request.Request(
        f"{url}/v1/chat/completions",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(request, timeout=ANSWER_WAIT_S) as answer:
        for line in answer:
            if not line.startswith(b"data: ") or line.strip() == b"data: [DONE]":
                continue
            event = json.loads(line[len(b"data: ") :])
            if "error" in event:
                sys.exit(f"\nthe answer ended with an error: {event['error'].get('message')}")
            for choice in event.get("choices", []):
                yield choice.get("delta", {}).get("content") or ""


def main():
    parser = argparse.ArgumentParser(description="Asks a model through the gateway.")
    parser.add_argument("question", nargs="?", default="Hello!")
    parser.add_argument("--model", default="assistant")
    parser.add_argument("--every", type=float, help="ask again after so many seconds, for ever")
    arguments = parser.parse_args()
    url = os.environ["GATEWAY_URL"].rstrip("/")
    key = os.environ["GATEWAY_KEY"]

    wait_until_ready(url)
    while True:
        try:
            for piece in ask(url, key, arguments.model, arguments.question):
                print(piece, end="", flush=True)
            print(flush=True)
        except urllib.error.HTTPError as error:
            sys.exit(f"{error.code} {error.read(4096).decode(errors='replace')}")
        except OSError as error:
            sys.exit(f"no answer from {url}: {error}")
        if arguments.every is None:
            return
        time.sleep(arguments.every)


if __name__ == "__main__":
    main()
