//! One bad configuration of each kind, and the message that a tired person reads.
//! The messages stand in `snapshots/`, a page for each topic.

use std::fmt::Write as _;

use tollgate_config::{Sources, load};

/// What most cases stand on, so that each shows its own mistake only.
const PROVIDERS: &str = "\
providers:
  - name: openai
    secret_key_ref: {env: OPENAI_API_KEY}
gateway: {anonymous: deny}
";

fn page(cases: &[(&str, &str)]) -> String {
    let mut page = String::new();
    for (name, text) in cases {
        let text = text.replace("PROVIDERS\n", PROVIDERS);
        let report = load(&Sources::from_text("policy-config.yaml", &text))
            .err()
            .unwrap_or_else(|| panic!("accepted: {name}"));
        assert!(report.has_errors(), "{name}");
        for problem in &report.problems {
            assert!(problem.help.is_some(), "{name}: no help in {problem}");
        }
        let _ = writeln!(page, "##### {name}\n\n{report}");
    }
    page
}

#[test]
fn yaml_mistakes() {
    insta::assert_snapshot!(page(&[
        ("a tab", "gateway:\n\tport: 1\n"),
        ("a colon in a value", "gateway:\n  host: a: b\n"),
        ("bad indentation", "gateway:\n  port: 1\n host: a\n"),
        (
            "no space after the colon",
            "gateway:\n  port:1\n  host: a\n"
        ),
        ("an open quote", "gateway:\n  host: \"a\n  port: 1\n"),
        ("an open bracket", "models: [a, b\ngateway: {}\n"),
        (
            "a key written twice",
            "gateway:\n  port: 1\n  host: a\n  port: 2\n"
        ),
        ("two documents", "gateway: {}\n---\nmodels: []\n"),
        ("a tag", "gateway:\n  host: !!str 1\n"),
        ("a merge key", "a: &a {x: 1}\nb:\n  <<: *a\n"),
        ("a map as a key", "gateway:\n  {a: b}: c\n"),
        ("an alias that is not defined", "gateway: *nowhere\n"),
        (
            "an alias inside its own anchor",
            "gateway: &a\n  host: *a\n"
        ),
        ("a template", "gateway:\n  port: {{ .Values.port }}\n"),
    ]));
}

#[test]
fn structural_mistakes() {
    insta::assert_snapshot!(page(&[
        ("text instead of a configuration", "hello\n"),
        ("an unknown section", "PROVIDERS\nmodel: []\n"),
        (
            "an unknown field",
            "PROVIDERS\ntelemetry:\n  acess_log: {}\n"
        ),
        (
            "a field that resembles none",
            "PROVIDERS\ntelemetry:\n  zzz: 1\n"
        ),
    ]));
}

#[test]
fn wrong_types() {
    insta::assert_snapshot!(page(&[
        (
            "durations and sizes with units",
            "gateway:\n  drain_ms: 30s\n  limits:\n    body_bytes_max: 10MiB\n    headers_max: many\nproviders: [{name: simulator}]\n",
        ),
        (
            "numbers out of range",
            "gateway:\n  port: 70000\n  drain_ms: -1\n  limits: {headers_max: 1.5}\nproviders: [{name: simulator}]\n",
        ),
        (
            "a number as text",
            "gateway:\n  host: 127\n  port: \"80\"\nproviders: [{name: simulator}]\n"
        ),
        (
            "a map where a list belongs",
            "providers:\n  openai:\n    kind: openai\n",
        ),
        (
            "text where fields belong",
            "gateway: fast\nproviders:\n  - openai\n",
        ),
        (
            "yes is text in YAML 1.2",
            "telemetry:\n  access_log: {enabled: yes}\nproviders: [{name: simulator}]\n",
        ),
        (
            "an unknown word",
            "gateway:\n  anonymous: alow\n  translation: sloppy\nproviders: [{name: simulator}]\n",
        ),
        ("an empty item", "providers:\n  -\n  - name: simulator\n"),
        (
            "a rule without type",
            "policies:\n  - name: a\n    input:\n      - action: block\n      - type: pii\n        action: block\n      - pii_detection\nproviders: [{name: simulator}]\n",
        ),
        (
            "required fields are missing",
            "policies:\n  - name: a\n    input:\n      - type: pii_detection\nservices:\n  - team: x\nproviders: [{name: simulator}]\n",
        ),
        (
            "several mistakes at once",
            "gateway:\n  prot: 1\nmodels:\n  - nme: a\n    targets: []\npolicies: all\nproviders: [{name: simulator}]\n",
        ),
    ]));
}

#[test]
fn clouds() {
    insta::assert_snapshot!(page(&[
        (
            "nothing of where",
            "providers: [{name: bedrock}, {name: vertex}, {name: azure_openai}]\n"
        ),
        (
            "words that are none",
            "providers:\n  - {name: bedrock, region: \"eu/../x\"}\n  - {name: vertex, region: eu, project: \"a b\"}\n"
        ),
        (
            "the path of an operation",
            "providers: [{name: azure_openai, base_url: \"https://x.openai.azure.com/openai/v1\"}]\n"
        ),
        (
            "what belongs to others",
            "providers:\n  - name: openai\n    secret_key_ref: {env: A}\n    region: x\n    project: x\n    api_version: x\n    aws: {profile: x}\n    google: {}\n    azure: {}\n"
        ),
        (
            "a key and an identity",
            "providers: [{name: bedrock, region: eu-west-1, secret_key_ref: {env: A}, aws: {profile: x}}]\n"
        ),
        (
            "halves",
            "providers:\n  - {name: bedrock, region: eu-west-1, aws: {access_key_id_ref: {env: A}}}\n  - {name: more, kind: bedrock, region: eu-west-1, aws: {profile: x, access_key_id_ref: {env: A}, secret_access_key_ref: {env: B}}}\n  - {name: azure_openai, base_url: \"https://x.openai.azure.com\", azure: {client_secret_ref: {env: A}}}\n"
        ),
        (
            "a route that nobody can sign",
            "providers: [{name: bedrock, region: eu-west-1, pass_through: {unscannable: allow}}]\nroutes: [{name: r, path: /r, provider: bedrock, unscannable: allow}]\n"
        ),
    ]));
}

#[test]
fn providers() {
    insta::assert_snapshot!(page(&[
        ("none", "gateway: {port: 1}\n"),
        ("an unclear kind", "providers:\n  - name: mine\n"),
        (
            "compatible without an address",
            "providers:\n  - {name: a, kind: openai_compatible}\n  - {name: b, kind: http}\n",
        ),
        (
            "bad addresses",
            "providers:\n  - {name: a, base_url: localhost:8000}\n  - {name: b, base_url: \"ftp://x\"}\n  - {name: c, base_url: \"https://me:hunter2@host/v1\"}\n  - {name: d, base_url: \"https://host/v1?key=1\"}\n  - {name: e, base_url: \"https://:80/v1\"}\n  - {name: f, base_url: \"https://host/a b\"}\n  - {name: g, base_url: \"https://host/v1/%2E./admin\"}\n",
        ),
        (
            "formats that it cannot speak",
            "providers:\n  - {name: a, base_url: \"https://host/v1\", formats: [openai_chat, openai_response, openai_chat]}\n  - {name: vertex, project: p, formats: [bedrock_converse]}\n",
        ),
        (
            "version twice",
            "providers:\n  - name: anthropic\n    base_url: https://api.anthropic.com/v1/\n    secret_key_ref: {env: A}\n",
        ),
        (
            "no key",
            "providers:\n  - name: openai\n  - name: anthropic\n"
        ),
        (
            "a key where a reference belongs",
            "gateway:\n  secret_key_ref: sk-proj-abcdefgh12345678\n",
        ),
        (
            "a key where a name belongs",
            "gateway:\n  secret_key_ref:\n    env: sk-proj-abcdefgh12345678\n",
        ),
        (
            "a key in a field that does not exist",
            "gateway:\n  api_key: abcdefgh12345678\nproviders: [{name: simulator}]\n",
        ),
        (
            "references with none and with both",
            "providers:\n  - {name: openai, secret_key_ref: {}}\n  - {name: anthropic, secret_key_ref: {env: A, file: b}}\n",
        ),
        (
            "a key and the caller's credential",
            "providers:\n  - name: openai\n    pass_caller_credential: true\n    secret_key_ref: {env: A}\n",
        ),
        (
            "headers",
            "providers:\n  - name: simulator\n    headers:\n      Authorization: Bearer abc\n      host: x\n      bad name: x\n      x-a: 1st\n      X-A: 2nd\n      x-b: \"a\\nb\"\n      ocp-apim-subscription-key: abc\n      x-team-token: abc\n    secret_headers:\n      X-A: {env: A}\n      x-c: abc\n      host: {env: A}\n",
        ),
        (
            "two defaults, one of them http",
            "providers:\n  - {name: web, kind: http, base_url: \"http://w\", default: true}\n  - {name: simulator, default: true}\n  - {name: second, kind: simulator, default: true}\n",
        ),
        (
            "a bad name",
            "providers:\n  - {name: a/b, kind: simulator}\n"
        ),
        (
            "listed twice",
            "providers:\n  - name: simulator\n  - name: simulator\n    kind: simulator\n",
        ),
    ]));
}

#[test]
fn models() {
    insta::assert_snapshot!(page(&[
        (
            "an unknown provider",
            "PROVIDERS\nmodels:\n  - name: fast\n    targets:\n      - {provider: opnai, model: gpt-4o}\n      - {provider: bedrock, model: x}\n",
        ),
        ("no targets", "PROVIDERS\nmodels:\n  - name: fast\n"),
        (
            "a provider that serves no models",
            "providers:\n  - {name: web, kind: http, base_url: \"http://w\"}\nmodels:\n  - name: fast\n    targets: [{provider: web}]\n",
        ),
        (
            "a target twice",
            "PROVIDERS\nmodels:\n  - name: fast\n    targets:\n      - {provider: openai, model: a}\n      - {provider: openai, model: a}\n      - {name: again, provider: openai, model: a}\n",
        ),
        (
            "all weights 0",
            "PROVIDERS\nmodels:\n  - name: fast\n    strategy: weighted\n    targets:\n      - {provider: openai, model: a, weight: 0}\n      - {provider: openai, model: b, weight: 0}\n",
        ),
        (
            "bad names and an empty condition",
            "PROVIDERS\nmodels:\n  - name: \"gpt *\"\n    targets: [{provider: openai, model: \"\", when: \" \"}]\n",
        ),
        (
            "timeouts",
            "PROVIDERS\nmodels:\n  - name: fast\n    targets:\n      - provider: openai\n        timeouts: {connect_ms: 0, whole_ms: 99999999999, idle_ms: 5}\n",
        ),
    ]));
}

#[test]
fn routes() {
    insta::assert_snapshot!(page(&[
        (
            "paths of the gateway",
            "providers:\n  - {name: web, kind: http, base_url: \"http://w\"}\nroutes:\n  - {name: a, path: /v1/models, provider: web}\n  - {name: b, path: /v1/*, provider: web}\n  - {name: c, path: /v1/messages/batches, provider: web}\n  - {name: d, path: /*, provider: web}\n",
        ),
        (
            "paths that are none",
            "providers:\n  - {name: web, kind: http, base_url: \"http://w\"}\nroutes:\n  - {name: a, path: sentiment, provider: web}\n  - {name: b, path: /a/../b, provider: web}\n  - {name: c, path: /a/*/b, provider: web}\n  - {name: d, path: \"/a?b\", provider: web, to: x}\n",
        ),
        (
            "the same route twice",
            "providers:\n  - {name: web, kind: http, base_url: \"http://w\"}\nroutes:\n  - {name: a, path: /a, methods: [get], provider: web}\n  - {name: b, path: /a, methods: [POST], provider: web}\n  - {name: c, path: /a, provider: web}\n",
        ),
        (
            "paths to texts that lead nowhere",
            "providers:\n  - {name: web, kind: http, base_url: \"http://w\"}\nroutes:\n  - {name: a, path: /a, provider: web, texts: {request: [\"a..b\", \"**.a\", \"a[0]\"], respons: [a]}}\n"
        ),
        (
            "too many paths to texts",
            "providers:\n  - {name: web, kind: http, base_url: \"http://w\"}\nroutes:\n  - {name: a, path: /a, provider: web, texts: {response: [a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a]}}\n"
        ),
        (
            "an unknown provider and a bad method",
            "providers:\n  - {name: web, kind: http, base_url: \"http://w\"}\nroutes:\n  - {name: a, path: /a, provider: wbe}\n  - {name: b, path: /b, provider: web, methods: [\"GET POST\"]}\n",
        ),
    ]));
}

#[test]
fn services() {
    insta::assert_snapshot!(page(&[
        (
            "hashes, ids and dates",
            "PROVIDERS\nservices:\n  - name: billing\n    keys:\n      - {id: a1, hash: \"sha256:12\"}\n      - {id: a-2, hash: tg_live_a2_abcdefghijklmnop}\n      - {id: a3, hash: \"sha256:0000000000000000000000000000000000000000000000000000000000000000\", expires: tomorrow}\n      - {id: a4, hash: \"sha256:0000000000000000000000000000000000000000000000000000000000000000\", expires: 2027-02-30}\n",
        ),
        (
            "one key of two services",
            "PROVIDERS\nservices:\n  - name: a\n    keys:\n      - {id: k1, hash: \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"}\n  - name: b\n    keys:\n      - {id: k1, hash: \"sha256:1111111111111111111111111111111111111111111111111111111111111111\"}\n",
        ),
        (
            "patterns",
            "PROVIDERS\nservices:\n  - name: a\n    models: [\"gpt-*-mini\", \"\"]\n",
        ),
        (
            "a key of the anonymous",
            "PROVIDERS\nservices:\n  - name: anonymous\n    keys:\n      - {id: k1, hash: \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"}\n",
        ),
        (
            "an id that YAML takes for a number",
            "PROVIDERS\nservices:\n  - name: a\n    keys:\n      - {id: 12345678, hash: \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"}\n",
        ),
    ]));
}

#[test]
fn policies() {
    insta::assert_snapshot!(page(&[
        (
            "unknown words",
            "PROVIDERS\npolicies:\n  - name: a\n    input:\n      - type: pii_detection\n        action: mask\n        entities: [ssn, credit-card]\n      - type: content_safety\n        action: block\n        threshold: 3\n",
        ),
        (
            "two rules of one name",
            "PROVIDERS\npolicies:\n  - name: a\n    input:\n      - {type: pii_detection, action: block, entities: [ssn]}\n      - {type: pii_detection, action: redact, entities: [credit_card]}\n",
        ),
        (
            "names of nothing",
            "PROVIDERS\nservices:\n  - {name: web, team: payments}\npolicies:\n  - name: a\n    services: [wbe]\n    teams: [paymnets, payments]\n    routes: [none]\n",
        ),
        (
            "a team where nobody has one",
            "PROVIDERS\nservices: [{name: web}]\npolicies:\n  - name: a\n    teams: [payments]\n",
        ),
        (
            "rules that check nothing",
            "PROVIDERS\npolicies:\n  - name: a\n    input:\n      - {type: pii_detection, action: block, entities: [none]}\n      - {name: b, type: input_validation, action: block, models: {}, ranges: {}, characters: []}\n      - {name: c, type: input_validation, action: block, characters: []}\n",
        ),
        (
            "an empty message",
            "PROVIDERS\npolicies:\n  - name: a\n    input:\n      - {type: pii_detection, action: block, message: \"\"}\n",
        ),
    ]));
}

#[test]
fn content_safety() {
    let rule = |direction: &str, options: &str| {
        format!(
            "PROVIDERS\npolicies:\n  - name: a\n    {direction}:\n      - type: content_safety\n        action: block\n{options}"
        )
    };
    let cases = [
        ("a stream that nobody says how to hold", rule("output", "")),
        (
            "no way to hold a stream",
            rule("output", "        stream: window(10)\n"),
        ),
        (
            "two limits",
            rule("input", "        severity: 2\n        threshold: 0.5\n"),
        ),
        ("no severity", rule("input", "        severity: 3\n")),
        (
            "a stream that is none",
            rule(
                "input",
                "        stream: buffer\n        categories: [hat]\n",
            ),
        ),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(name, text)| (*name, &**text)).collect();
    insta::assert_snapshot!(page(&cases));
}

#[test]
fn detector_lists() {
    let rule = |options: &str| {
        format!("PROVIDERS\npolicies:\n  - name: a\n    input:\n      - action: block\n{options}")
    };
    let cases = [
        ("no words", "        type: keywords\n"),
        (
            "words that are none",
            "        type: keywords\n        words: [fine, \" \"]\n        lists:\n          - name: a b\n            words: []\n",
        ),
        (
            "a pattern without a bound",
            "        type: regex\n        patterns:\n          - {name: key, pattern: 'key-\\w+'}\n",
        ),
        (
            "patterns that are none",
            "        type: regex\n        patterns:\n          - {name: a, pattern: '(a'}\n          - {name: b, pattern: '(?<=a)b'}\n          - {name: c, pattern: 'a*'}\n          - {name: d, pattern: 'aaa', max_len: 2, score: 2}\n",
        ),
        (
            "an unknown kind of secret",
            "        type: secrets\n        rules: [ai, openai_key]\n        exclude: [aws]\n        allow: [x]\n",
        ),
        (
            "no threshold",
            "        type: secrets\n        threshold: 50\n",
        ),
        (
            "a gitleaks rule that is none",
            "        type: secrets\n        gitleaks: |\n          [[rules]]\n          id = \"acme\"\n          regex = '(a'\n",
        ),
        (
            "an unknown character",
            "        type: input_validation\n        characters: [tag_charakter]\n",
        ),
        (
            "a list that cannot be read",
            "        type: keywords\n        words_file: no/such/list.txt\n",
        ),
        (
            "records without salt or list",
            "        type: fingerprints\n      - type: fingerprints\n        name: b\n        action: flag\n        salt_ref: {env: SALT}\n        hashes_file: tests/it/full.yaml\n",
        ),
        (
            "limits that cannot be",
            "        type: input_validation\n        turns_max: 0\n        threshold: 7\n        ranges: {temperature: {}, top_p: {min: 2, max: 1}}\n        schema: {properties: {a: {dependentRequired: {}}}}\n        answer: {schema: {type: text}}\n",
        ),
        (
            "redacting a whole request",
            "        type: input_validation\n        body_bytes_max: 10\n      - {type: input_validation, name: b, action: redact, turns_max: 1}\n",
        ),
    ];
    let cases = cases.map(|(name, options)| (name, rule(options)));
    let cases: Vec<(&str, &str)> = cases.iter().map(|(n, text)| (*n, text.as_str())).collect();
    insta::assert_snapshot!(page(&cases));
}

#[test]
fn values_that_cannot_be_read_or_redacted() {
    insta::assert_snapshot!(page(&[
        (
            "a head that is redacted, and that of an answer",
            "PROVIDERS\npolicies:\n  - name: a\n    input:\n      - {type: waf, action: redact, places: [query, tool_arguments]}\n    output:\n      - {type: waf, action: block, places: [header]}\n",
        ),
        (
            "nothing, and anything",
            "PROVIDERS\npolicies:\n  - name: a\n    input:\n      - {type: waf, action: block, places: [], allow: ['*'], threshold: 50}\n",
        ),
    ]));
}

#[test]
fn the_process() {
    insta::assert_snapshot!(page(&[
        (
            "addresses",
            "providers: [{name: simulator}]\ngateway:\n  host: 127.0.0.1:80\n  port: 80\n  admin: {host: \"a b\", port: 80}\n",
        ),
        (
            "limits",
            "providers: [{name: simulator}]\ngateway:\n  limits: {body_bytes_max: 0, event_bytes_max: 10, header_bytes_max: 99999999, requests_max: 0}\n",
        ),
        (
            "failover",
            "providers: [{name: simulator}]\ngateway:\n  failover: {attempts_max: 0, hold_ms: 99999999, backoff_ms: 5000}\n",
        ),
        (
            "telemetry",
            "providers: [{name: simulator}]\ntelemetry:\n  traces: {otlp_endpoint: \"http://localhost:4318/v1/traces\", sample_percent: 101}\n",
        ),
        (
            "tls",
            "providers: [{name: simulator}]\ngateway:\n  tls: {cert_file: \"\"}\n",
        ),
    ]));
}

#[test]
fn habits_from_elsewhere() {
    insta::assert_snapshot!(page(&[
        (
            "names of another gateway",
            "model_list:\n  - model_name: gpt-4o\n    litellm_params: {model: openai/gpt-4o}\nproviders:\n  - {name: openai, api_key: os.environ/OPENAI_API_KEY, api_base: x}\n"
        ),
        (
            "variables",
            "gateway: {port: \"${PORT}\"}\nproviders:\n  - {name: vllm, base_url: \"${VLLM_URL}/v1\"}\n"
        ),
        (
            "a variable with its sign",
            "gateway:\n  secret_key_ref:\n    env: $OPENAI_API_KEY\n"
        ),
        ("no space after a dash", "providers:\n  -name: openai\n"),
        (
            "no space after a colon",
            "gateway:\n  port:41002\nproviders: [{name: simulator}]\n"
        ),
        (
            "words for items",
            "providers: [{name: simulator}]\nmodels: [{name: a, targets: [simulator/a]}]\nservices: [{name: b, keys: [tg_prod_a_b]}]\n"
        ),
        (
            "a duration in words",
            "gateway: {timeouts: {connect_ms: 5 seconds}}\nproviders: [{name: simulator}]\n"
        ),
        (
            "a base URL with the endpoint",
            "providers:\n  - {name: a, base_url: \"http://h/v1/chat/completions\"}\n  - {name: anthropic, base_url: \"http://h/v1/messages\"}\n"
        ),
        (
            "a rule by half its name",
            "providers: [{name: simulator}]\npolicies: [{name: p, input: [{type: pii, action: mask, entities: [SSN]}]}]\n"
        ),
    ]));
}

#[test]
fn catalogue_mistakes() {
    let entry = |fields: &str| format!("PROVIDERS\ncatalogue:\n  - {fields}\n");
    let cases = [
        ("an unknown provider", "{provider: opnai, model: m}"),
        ("a model without a name", "{provider: openai}"),
        (
            "an unknown ability",
            "{provider: openai, model: m, abilities: [tool]}",
        ),
        (
            "an unknown parameter",
            "{provider: openai, model: m, refuses: [heat]}",
        ),
        ("like nothing", "{provider: openai, model: m, like: gpt-4o}"),
        (
            "no tokens",
            "{provider: openai, model: m, context_tokens: 0}",
        ),
        ("no price", "{provider: openai, model: m, prices: {}}"),
        (
            "a price that is none",
            "{provider: openai, model: m, prices: {input: -1}}",
        ),
        (
            "too fine a price",
            "{provider: openai, model: m, prices: {input: 0.0000001}}",
        ),
        (
            "long from nowhere",
            "{provider: openai, model: m, prices: {input: 1, long: {input: 2}}}",
        ),
        (
            "one twice",
            "{provider: openai, model: m}\n  - {provider: openai, model: m}",
        ),
    ];
    let cases = cases.map(|(name, fields)| (name, entry(fields)));
    let cases: Vec<(&str, &str)> = cases.iter().map(|(name, text)| (*name, &**text)).collect();
    insta::assert_snapshot!(page(&cases));
}
