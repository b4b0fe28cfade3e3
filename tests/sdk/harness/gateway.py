"""The gateway under test: one configuration for every SDK.

Each provider is spoken to in one format; an SDK of either format calls all of them by
`provider/model`, so the address and the key are all that a test sets.
"""

import json
import subprocess

from harness.installed import quietly
from harness.stage import Stage, free_port
from harness.targets import PROVIDER_KEY

SERVICES = ("app", "guarded", "handled")


class Gateway:
    """A running gateway, its callers' keys and what it writes."""

    def __init__(self, tollgate, stage: Stage, targets, collector_url):
        self.keys = {}
        services = [self._service(tollgate, name) for name in SERVICES]
        self.folder = stage.logs / "gateway-config"
        self.access_log = stage.logs / "gateway-access.jsonl"
        self.access_log.unlink(missing_ok=True)
        self.base = {
            "gateway": {
                # An SDK's own retry must be seen: the gateway does not wait for `Retry-After`.
                "failover": {"backoff_ms": 1, "backoff_ms_max": 20},
                "drain_ms": 1000,
            },
            "providers": [target.provider() for target in targets],
            "models": MODELS + [
                {"name": f"plain-{target.name}", "targets": [{"provider": target.name, "model": "test-model"}]}
                for target in targets
            ],
            "services": services,
            "telemetry": {
                "access_log": {"path": str(self.access_log)},
                "traces": {"otlp_endpoint": collector_url},
            },
        }
        self._write("base", self.base)
        self._write("services/guarded", {"policies": POLICIES})
        self._write("services/handled", {"policies": HANDLING})
        port, admin_port = free_port(), free_port()
        self.process = stage.start(
            "gateway",
            [tollgate, "run", "--config", self.folder, "--port", port, "--admin-port", admin_port],
            port, ready="/ready", environment={"PROVIDER_KEY": PROVIDER_KEY},
        )
        self.url = self.process.url
        self.admin_url = f"http://127.0.0.1:{admin_port}"

    def secure(self, tollgate, stage: Stage):
        """Another gateway of the same configuration, over TLS: its address and certificate."""
        certificate, key = stage.logs / "gateway.crt", stage.logs / "gateway.key"
        quietly(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
        )
        folder = stage.logs / "gateway-secure.yaml"
        tls = {"cert_file": str(certificate), "key_file": str(key)}
        # The access log and the traces are the first one's.
        base = self.base | {"gateway": self.base["gateway"] | {"tls": tls}, "telemetry": {}}
        folder.write_text(json.dumps(base, indent=1))
        port, admin_port = free_port(), free_port()
        stage.start(
            "gateway-secure",
            [tollgate, "run", "--config", folder, "--port", port, "--admin-port", admin_port],
            admin_port, ready="/status", environment={"PROVIDER_KEY": PROVIDER_KEY},
        )
        return f"https://localhost:{port}", str(certificate)

    def _service(self, tollgate, name):
        made = subprocess.run(
            [tollgate, "keys", "new", "--env", "test", "--service", name, "--output", "json"],
            check=True, text=True, capture_output=True,
        )
        key = json.loads(made.stdout)
        self.keys[name] = key["key"]
        return {"name": name, "team": "sdk", "keys": [{"id": key["id"], "hash": key["hash"]}]}

    def _write(self, layer, configuration):
        folder = self.folder / layer
        folder.mkdir(parents=True, exist_ok=True)
        # JSON is YAML.
        (folder / "policy-config.yaml").write_text(json.dumps(configuration, indent=1))


MODELS = [
    {"name": "assistant", "targets": [{"provider": "sim-openai", "model": "sim-model"}]},
    {"name": "writer", "targets": [{"provider": "sim-anthropic", "model": "sim-model"}]},
    # The first is always down; the second speaks the other format.
    {"name": "falls-over", "targets": [
        {"provider": "sim-openai", "model": "sim-503"}, {"provider": "sim-anthropic", "model": "reserve"},
    ]},
]

POLICIES = [{
    "name": "personal-data",
    "input": [{"type": "pii_detection", "action": "block", "entities": ["ssn"]}],
    "output": [
        {"name": "cards", "type": "pii_detection", "action": "block", "entities": ["credit_card"]},
        {"name": "addresses", "type": "pii_detection", "action": "redact", "entities": ["email_address"]},
    ],
}]

HANDLING = [{
    "name": "handling",
    # Not what passes through, which no model could take over.
    "models": ["*"],
    "input": [
        {"name": "letters", "type": "pii_detection", "action": "redact", "style": "restore", "entities": ["email_address"]},
        {"name": "noted", "type": "keywords", "action": "flag", "words": ["falcon"]},
        {"name": "elsewhere", "type": "keywords", "action": "route", "route_to": "writer", "words": ["osprey"]},
    ],
    "output": [
        {"type": "secrets", "action": "redact"},
        {"type": "keywords", "action": "redact", "words": ["kestrel"]},
    ],
}]
