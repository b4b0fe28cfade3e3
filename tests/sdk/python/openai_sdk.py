"""What drivers of the `openai` package share: its clients and its errors."""

import openai

# Azure's client has another address and another header, and nothing else.
AZURE_VERSION = "2024-10-21"


class OpenaiSdk:
    """Of either API, by either client."""

    errors = {
        400: openai.BadRequestError, 401: openai.AuthenticationError, 404: openai.NotFoundError,
        429: openai.RateLimitError, 500: openai.InternalServerError,
    }

    def __init__(self, azure=False):
        self.azure = azure
        self.clients = {}

    def client(self, case, key=None, retries=0):
        """A client, one of a kind: to make one reads the machine's certificates."""
        key = key or case.key
        if (key, retries) not in self.clients:
            self.clients[key, retries] = self.new(case, key, retries)
        return self.clients[key, retries]

    def new(self, case, key, retries=0, kind=""):
        """A new client; `kind` is `Async` for one that awaits."""
        options = {"api_key": key, "max_retries": retries}
        if self.azure:
            options |= {"azure_endpoint": case.url, "api_version": AZURE_VERSION}
            return getattr(openai, f"{kind}AzureOpenAI")(**options)
        return getattr(openai, f"{kind}OpenAI")(base_url=f"{case.url}/v1", **options)

    def models(self, case):
        return {model.id for model in self.client(case).models.list()}

    def status(self, error):
        return error.status_code

    def check_error(self, what, error):
        if what == "stream":
            return
        assert error.body["message"], error.body
        codes = {"wrong key": "invalid_api_key", "unknown model": "model_not_found", "policy": "policy_violation"}
        assert error.code == codes.get(what, error.code), error.code
        if what == "invalid request":
            assert error.type == "invalid_request_error", error.type
        if what == "rate limited":
            assert error.response.headers["retry-after"] == "9", error.response.headers


def extras(options):
    """Takes what is the client's own out of the options of `ask`."""
    client = {name: options.pop(name) for name in ("key", "retries") if name in options}
    headers = options.pop("headers", None)
    return client, {"extra_headers": headers} if headers else {}
