"""What passes through the gateway by the `openai` package: images, files, realtime."""

import base64
import os

import openai
from cases import ability, raised, run


def client(case, key=None):
    return openai.OpenAI(base_url=f"{case.url}/{case.name}/v1", api_key=key or case.key, max_retries=0)


@ability
def an_image_is_made(case):
    made = client(case).images.generate(model="gpt-image-1", prompt="A red dot.")
    assert base64.b64decode(made.data[0].b64_json) == b"A red dot." and made.usage.total_tokens == 12


@ability
def files_come_and_go(case):
    content = os.urandom(3_000_000)
    files = client(case).files
    made = files.create(file=("data.bin", content), purpose="user_data")
    assert (made.filename, made.bytes) == ("data.bin", len(content)), made
    assert made.id in [file.id for file in files.list()]
    assert files.retrieve(made.id).purpose == "user_data"
    assert files.content(made.id).read() == content, "the file came back as another"
    assert files.delete(made.id).deleted
    raised(openai.NotFoundError, files.retrieve, made.id)


@ability
def realtime(case):
    with client(case).realtime.connect(model="gpt-realtime") as talk:
        assert talk.recv().type == "session.created"
        content = [{"type": "input_text", "text": "one two three"}]
        talk.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        talk.response.create()
        said = []
        for event in talk:
            if event.type == "response.done":
                break
            said.append(event.delta)
    assert said == ["one", "two", "three"], said
    assert event.response.usage.total_tokens == 8, event


@ability
def wrong_key(case):
    raised(openai.AuthenticationError, client(case, "not-a-key").files.list)


if __name__ == "__main__":
    run(f"openai's other endpoints {openai.__version__} (Python)")
