"""Providers as the tests address them: who plays one, and what the gateway speaks there.

A wire format joins every suite by one line of `FORMATS`.
"""

import dataclasses

PROVIDER_KEY = "a-key-only-the-gateway-knows"


@dataclasses.dataclass(frozen=True)
class Format:
    """How the gateway is told that a provider speaks a format."""

    kind: str
    path: str = ""  # of its API, below the stand-in's address
    more: dict = dataclasses.field(default_factory=dict)  # of the provider's configuration
    carries: str = ""  # which of the parameters that the suites send, and not every format has
    reasoner: str = "claude-opus-4-5"  # a model that thinks; aimock knows them by their names
    stand_ins: str = "simulator"
    counts: bool = False  # whether it has an operation that counts tokens


FORMATS = {
    "openai": Format("openai_compatible", "/v1", carries="seed n stop prompt_cache_key", reasoner="o3", stand_ins="simulator aimock"),
    "anthropic": Format("anthropic", carries="top_k stop stop_named", stand_ins="simulator aimock", counts=True),
    "bedrock": Format("bedrock", more={"region": "us-east-1"}, carries="stop stop_named performanceConfig", counts=True),
    "gemini": Format("gemini", carries="seed n top_k stop", counts=True),
    # aimock's Cohere has another provider's errors, and thinks aloud.
    "cohere": Format("cohere", carries="seed top_k stop stop_named", reasoner="command-a-reasoning-08-2025"),
    "responses": Format(
        "openai", "/v1", {"formats": ["openai_responses", "openai_count_tokens"]}, "prompt_cache_key", "o3", counts=True,
    ),
    # No chat is asked there: only the suites of Completions go to it.
    "completions": Format("vllm", "/v1", {"formats": ["openai_completions"]}, "seed n stop suffix", stand_ins=""),
}


@dataclasses.dataclass(frozen=True)
class Target:
    """A provider."""

    name: str  # in the configuration
    format: str  # what the gateway speaks with it, one of `FORMATS`
    stand_in: str  # who plays it: `simulator`, `aimock`, `litellm`
    origin: str  # where it answers
    more: dict = dataclasses.field(default_factory=dict)  # of its configuration

    def provider(self):
        """Its entry in the gateway's configuration."""
        format = FORMATS[self.format]
        return {
            "name": self.name, "kind": format.kind, "base_url": self.origin + format.path,
            "secret_key_ref": {"env": "PROVIDER_KEY"},
        } | format.more | self.more

    def plan(self):
        """What a suite knows of it."""
        format = FORMATS[self.format]
        return vars(self) | {"carries": format.carries.split(), "thinks": format.reasoner, "counts": format.counts}


def target(prefix, process, stand_in, name):
    """One of a format."""
    return Target(f"{prefix}-{name}", name, stand_in, process.url)


def targets(prefix, process, stand_in):
    """One for each format that a stand-in speaks."""
    return [
        target(prefix, process, stand_in, name)
        for name, format in FORMATS.items() if stand_in in format.stand_ins.split()
    ]
