//! Operations beside the chat: embeddings and reranking, for every caller's format with
//! every provider's. Nothing of them is streamed.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Parts, open_to};
use crate::stub::Stub;

/// A wire format of an operation, as its SDK and its provider speak it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    OpenAi,
    Cohere,
    GeminiOne,
    GeminiBatch,
    CohereRerank,
    JinaRerank,
}

use Shape::{Cohere, CohereRerank, GeminiBatch, GeminiOne, JinaRerank, OpenAi};

/// Who calls whom: only kinds of provider that there are.
const PAIRS: [(Shape, Shape); 16] = [
    (OpenAi, OpenAi),
    (OpenAi, Cohere),
    (Cohere, Cohere),
    (Cohere, OpenAi),
    (OpenAi, GeminiBatch),
    (Cohere, GeminiBatch),
    (GeminiOne, GeminiOne),
    (GeminiBatch, GeminiBatch),
    (GeminiOne, OpenAi),
    (GeminiOne, Cohere),
    (GeminiBatch, OpenAi),
    (GeminiBatch, Cohere),
    (CohereRerank, CohereRerank),
    (CohereRerank, JinaRerank),
    (JinaRerank, JinaRerank),
    (JinaRerank, CohereRerank),
];

impl Shape {
    const fn operation(self) -> &'static str {
        match self {
            CohereRerank | JinaRerank => "rerank",
            _ => "embeddings",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            OpenAi => "openai_embeddings",
            Cohere => "cohere_embed",
            GeminiOne => "gemini_embed",
            GeminiBatch => "gemini_batch_embed",
            CohereRerank => "cohere_rerank",
            JinaRerank => "jina_rerank",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            OpenAi => "/v1/embeddings",
            Cohere => "/v2/embed",
            GeminiOne => "/v1beta/models/m:embedContent",
            GeminiBatch => "/v1/models/m:batchEmbedContents",
            CohereRerank => "/v2/rerank",
            JinaRerank => "/v1/rerank",
        }
    }

    fn provider(self, name: &str, at: &str) -> String {
        match self {
            OpenAi | JinaRerank => {
                format!("{{name: {name}, kind: openai_compatible, base_url: {at}/v1}}")
            }
            GeminiOne | GeminiBatch => format!("{{name: {name}, kind: gemini, base_url: {at}}}"),
            Cohere | CohereRerank => format!("{{name: {name}, kind: cohere, base_url: {at}}}"),
        }
    }

    fn body(self, text: &str) -> Value {
        match self {
            OpenAi => json!({"model": "m", "input": text, "encoding_format": "base64"}),
            Cohere => json!({"model": "m", "texts": [text], "input_type": "search_document"}),
            GeminiOne => json!({"content": {"parts": [{"text": text}]}}),
            GeminiBatch => {
                json!({"requests": [{"model": "models/m", "content": {"parts": [{"text": text}]}}]})
            }
            CohereRerank | JinaRerank => {
                json!({"model": "m", "query": "who?", "documents": ["nobody", text]})
            }
        }
    }

    /// The model that its provider was asked for, in the path or in the body.
    fn asked(self, stub: &Stub) -> (String, Value) {
        let seen = stub.last();
        let path = seen.head.split(' ').nth(1).unwrap_or_default().to_owned();
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        let model = match self {
            GeminiOne | GeminiBatch => path
                .rsplit('/')
                .next()
                .and_then(|last| last.split(':').next()),
            _ => {
                assert_eq!(path, self.path());
                body["model"].as_str()
            }
        };
        (model.unwrap_or_default().to_owned(), body)
    }

    fn ask(self, text: &str) -> Ask {
        Ask::post(self.path(), self.body(text).to_string())
    }

    /// The tokens that its provider reports: Cohere bills searches, and tells nothing else.
    fn tokens(self) -> u64 {
        if self == CohereRerank { 0 } else { 7 }
    }

    /// What its provider answers: two numbers, or one result, for seven tokens or searches.
    fn answer(self) -> Value {
        match self {
            OpenAi => {
                json!({"object": "list", "model": "m-1", "usage": {"prompt_tokens": 7, "total_tokens": 7},
                "data": [{"object": "embedding", "index": 0, "embedding": "AAAAPwAAgL8="}]})
            }
            JinaRerank => json!({"model": "m-1", "usage": {"total_tokens": 7},
                "results": [{"index": 1, "relevance_score": 0.75}]}),
            CohereRerank => json!({"id": "x", "results": [{"index": 1, "relevance_score": 0.75}],
                "meta": {"billed_units": {"search_units": 7}}}),
            GeminiOne => {
                json!({"embedding": {"values": [0.5, -1]}, "usageMetadata": {"promptTokenCount": 7}})
            }
            GeminiBatch => {
                json!({"embeddings": [{"values": [0.5, -1]}], "usageMetadata": {"promptTokenCount": 7}})
            }
            Cohere => json!({"id": "x", "embeddings": {"float": [[0.5, -1]]},
                "meta": {"billed_units": {"input_tokens": 7}}, "response_type": "embeddings_by_type"}),
        }
    }

    /// What a caller reads of an answer, in one form for all of an operation.
    fn read(self, answer: &Value) -> Value {
        match self {
            // Base64 was asked for.
            OpenAi => match answer["data"][0]["embedding"].as_str() {
                Some("AAAAPwAAgL8=") => json!([0.5, -1]),
                other => json!(other),
            },
            Cohere => answer["embeddings"]["float"][0].clone(),
            GeminiOne => answer["embedding"]["values"].clone(),
            GeminiBatch => answer["embeddings"][0]["values"].clone(),
            CohereRerank | JinaRerank => answer["results"].clone(),
        }
    }

    fn expected(self) -> Value {
        match self {
            CohereRerank | JinaRerank => json!([{"index": 1, "relevance_score": 0.75}]),
            _ => json!([0.5, -1]),
        }
    }

    /// The words of an error, where its SDK looks for them.
    fn error(self, told: &Told) -> String {
        let body = told.json();
        let words = match self {
            Cohere | CohereRerank => &body["message"],
            _ => &body["error"]["message"],
        };
        words
            .as_str()
            .unwrap_or_else(|| panic!("{body}"))
            .to_owned()
    }
}

async fn bench(config: &str, stubs: &[&Stub]) -> Bench {
    let urls = stubs.iter().map(|stub| stub.url());
    let names: Vec<(&str, String)> = ["$ONE", "$TWO"].into_iter().zip(urls).collect();
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    Bench::with(config, parts).await
}

async fn answering(provider: Shape) -> Stub {
    Stub::answering("application/json", &provider.answer().to_string()).await
}

#[tokio::test]
async fn every_caller_reads_every_provider() {
    for (caller, provider) in PAIRS {
        let row = format!("{caller:?} to {provider:?}");
        let stub = answering(provider).await;
        let bench = bench(&open_to(&[provider.provider("one", "$ONE")], ""), &[&stub]).await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        assert_eq!(told.status, 200, "{row}: {}", told.text());
        assert_eq!(
            caller.read(&told.json()),
            caller.expected(),
            "{row}: {}",
            told.text()
        );
        let (model, asked) = provider.asked(&stub);
        assert_eq!(model, "m", "{row}");
        assert!(asked.to_string().contains("somebody"), "{row}: {asked}");
        let expected = json!({
            "operation": caller.operation(), "format": caller.label(), "model": "m",
            "stream": false, "status": 200, "provider": "one",
            "input_tokens": provider.tokens(), "output_tokens": 0, "usage_source": "reported",
        });
        let searches = match provider {
            CohereRerank => json!(7),
            _ => Value::Null,
        };
        assert_eq!(record["search_units"], searches, "{row}: {record}");
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&record[name], value, "{row}: {name} in {record}");
        }
    }
}

#[tokio::test]
async fn searches_that_a_provider_bills_are_in_the_metrics() {
    for (caller, provider, searches) in [
        (CohereRerank, CohereRerank, Some(14)),
        (JinaRerank, CohereRerank, Some(14)),
        (CohereRerank, JinaRerank, None),
    ] {
        let stub = answering(provider).await;
        let bench = bench(&open_to(&[provider.provider("one", "$ONE")], ""), &[&stub]).await;
        for _ in 0..2 {
            let (told, _record) = bench.ask(caller.ask("somebody")).await;
            assert_eq!(told.status, 200, "{}", told.text());
        }
        let page = bench.settler.metrics();
        let samples: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("tollgate_searches_total{"))
            .collect();
        let expected = searches.map(|searches| {
            let label = caller.label();
            format!(
                "tollgate_searches_total{{service=\"anonymous\",model=\"m\",format=\"{label}\",stream=\"false\"}} {searches}"
            )
        });
        let expected: Vec<&str> = expected.as_deref().into_iter().collect();
        assert_eq!(samples, expected, "{caller:?} to {provider:?}");
    }
}

#[tokio::test]
async fn the_next_provider_answers_where_one_fails() {
    for (caller, first) in PAIRS {
        let down = Stub::raw(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        )
        .await;
        let stub = answering(first).await;
        let providers = [first.provider("a", "$ONE"), first.provider("b", "$TWO")];
        let models =
            "models: [{name: m, targets: [{provider: a, model: x}, {provider: b, model: y}]}]\n";
        let bench = bench(&open_to(&providers, models), &[&down, &stub]).await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        let row = format!("{caller:?} to {first:?}: {}", told.text());
        assert_eq!(told.status, 200, "{row}");
        assert_eq!(caller.read(&told.json()), caller.expected(), "{row}");
        assert_eq!(
            (&record["failovers"], &record["input_tokens"]),
            (&json!(1), &json!(first.tokens())),
            "{row}"
        );
        let (model, asked) = first.asked(&stub);
        assert_eq!(model, "y", "{row}");
        // A list of requests names the model once more.
        let named = asked["requests"][0]["model"].as_str();
        assert!(
            named.is_none_or(|named| named == "models/y"),
            "{row}: {asked}"
        );
    }
}

#[tokio::test]
async fn errors_come_in_the_callers_format() {
    for (caller, provider) in PAIRS {
        let body = match provider {
            Cohere | CohereRerank => json!({"message": "the texts are too long"}),
            _ => {
                json!({"error": {"message": "the texts are too long", "type": "invalid_request_error"}})
            }
        };
        let body = body.to_string();
        let stub = Stub::raw(format!(
            "HTTP/1.1 422 Unprocessable Entity\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
        .await;
        let bench = bench(&open_to(&[provider.provider("one", "$ONE")], ""), &[&stub]).await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        let row = format!("{caller:?} to {provider:?}: {}", told.text());
        assert_eq!(told.status, 422, "{row}");
        assert!(
            caller.error(&told).contains("the texts are too long"),
            "{row}"
        );
        assert_eq!(record["error_class"], "provider_refused", "{row}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_in_the_callers_format() {
    for (caller, provider) in PAIRS {
        let stub = Stub::answering("application/json", r#"{"other": []}"#).await;
        let bench = bench(&open_to(&[provider.provider("one", "$ONE")], ""), &[&stub]).await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        assert_eq!(told.status, 502, "{caller:?} {provider:?}: {}", told.text());
        assert!(!caller.error(&told).is_empty());
        assert_eq!(record["error_class"], "provider_protocol");
    }
}

fn rule(action: &str) -> String {
    format!(
        "policies: [{{name: default, input: [{{type: pii_detection, action: {action}, entities: [ssn]}}], \
         output: [{{type: pii_detection, action: {action}, entities: [ssn]}}]}}]\n"
    )
}

#[tokio::test]
async fn texts_are_redacted_before_any_provider_reads_them() {
    for (caller, provider) in PAIRS {
        let stub = answering(provider).await;
        let config = open_to(&[provider.provider("one", "$ONE")], &rule("redact"));
        let bench = bench(&config, &[&stub]).await;
        let (told, _record) = bench.ask(caller.ask("I am 536-22-1234.")).await;
        let row = format!("{caller:?} to {provider:?}: {}", told.text());
        assert_eq!(told.status, 200, "{row}");
        assert_eq!(caller.read(&told.json()), caller.expected(), "{row}");
        let asked = String::from_utf8(stub.last().body).unwrap();
        assert!(asked.contains("I am [SSN]."), "{row}: {asked}");
    }
}

#[tokio::test]
async fn what_is_blocked_reaches_nobody() {
    for (caller, provider) in PAIRS {
        let config = open_to(&[provider.provider("one", "$DEAD")], &rule("block"));
        let bench = bench(&config, &[]).await;
        let (told, record) = bench.ask(caller.ask("I am 536-22-1234.")).await;
        let row = format!("{caller:?} to {provider:?}: {}", told.text());
        assert_eq!(told.status, 400, "{row}");
        assert!(!caller.error(&told).is_empty(), "{row}");
        assert_eq!(record["error_class"], "policy_blocked", "{row}");
        assert!(
            record
                .get("attempts")
                .is_none_or(|attempts| attempts == &json!([])),
            "{row}: {record}"
        );
    }
}

#[tokio::test]
async fn what_answers_other_inputs_is_no_answer() {
    for (caller, provider) in PAIRS
        .into_iter()
        .filter(|(caller, provider)| caller != provider)
    {
        let mut answer = provider.answer();
        match provider {
            OpenAi => {
                answer["data"] =
                    json!([{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [2]}]);
            }
            Cohere => answer["embeddings"]["float"] = json!([[1], [2]]),
            GeminiOne | GeminiBatch => answer["embeddings"] = json!([]),
            CohereRerank | JinaRerank => answer["results"][0]["index"] = json!(2),
        }
        let stub = Stub::answering("application/json", &answer.to_string()).await;
        let bench = bench(&open_to(&[provider.provider("one", "$ONE")], ""), &[&stub]).await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        assert_eq!(told.status, 502, "{caller:?} {provider:?}: {}", told.text());
        assert_eq!(
            record["error_class"], "provider_protocol",
            "{caller:?} {provider:?}"
        );
    }
}

#[tokio::test]
async fn tokens_pass_no_rule_that_cannot_read_them_and_count_one_by_one() {
    let body = json!({"model": "m", "input": [[1, 2], [3]]}).to_string();
    let rules = rule("block");
    let bench_of = |rules: &str| open_to(&[OpenAi.provider("one", "$ONE")], rules);
    let stub = Stub::answering("application/json", r#"{"data": [], "model": "m"}"#).await;
    let strict = bench(&bench_of(&rules), &[&stub]).await;
    let (told, record) = strict.ask(Ask::post(OpenAi.path(), body.clone())).await;
    assert_eq!(told.status, 400, "{}", told.text());
    assert_eq!(record["error_class"], "policy_blocked");
    let allowed = rules.replace("entities: [ssn]}", "entities: [ssn], unscannable: allow}");
    let open = bench(&bench_of(&allowed), &[&stub]).await;
    let (told, record) = open.ask(Ask::post(OpenAi.path(), body)).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(
        (&record["input_tokens"], &record["usage_source"]),
        (&json!(3), &json!("estimated"))
    );
}

#[tokio::test]
async fn tokens_go_to_a_provider_that_can_read_them() {
    let body = json!({"model": "m", "input": [[1, 2], [3]]}).to_string();
    let stub = answering(OpenAi).await;
    let providers = [Cohere.provider("a", "$DEAD"), OpenAi.provider("b", "$ONE")];
    let models = "models: [{name: m, targets: [{provider: a}, {provider: b}]}]\n";
    let both = bench(&open_to(&providers, models), &[&stub]).await;
    let (told, _record) = both.ask(Ask::post(OpenAi.path(), body.clone())).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let alone = bench(&open_to(&providers[..1], ""), &[]).await;
    let (told, record) = alone.ask(Ask::post(OpenAi.path(), body)).await;
    assert_eq!(told.status, 400, "{}", told.text());
    assert!(OpenAi.error(&told).contains("token_ids"), "{}", told.text());
    assert_eq!(record["error_class"], "untranslatable");
}

#[tokio::test]
async fn a_provider_without_the_operation_is_not_asked() {
    for caller in [
        OpenAi,
        Cohere,
        GeminiOne,
        GeminiBatch,
        CohereRerank,
        JinaRerank,
    ] {
        let provider = "{name: one, kind: anthropic, base_url: $DEAD}".to_owned();
        let bench = bench(&open_to(&[provider], ""), &[]).await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        let says = format!("cannot be asked for {}", caller.operation());
        assert!(
            caller.error(&told).contains(&says),
            "{caller:?}: {}",
            told.text()
        );
        assert_eq!(told.status, 503, "{caller:?}");
        assert!(record["error_class"].is_string(), "{record}");
    }
}
