//! Answers that their provider holds: read, gone on from, cancelled, deleted.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bench::{Bench, Parts, Provider, open_to};
use crate::stub::Stub;

const ONE: &str = "{name: one, kind: openai, base_url: $A/v1, secret_key_ref: {env: PROVIDER_KEY}}";
const TWO: &str = "{name: two, kind: simulator, base_url: $B}";
const CHAT: &str = "{name: chat, kind: openai_compatible, base_url: $B/v1}";
const MODELS_OF_ONE: &str = "models: [{name: m1, targets: [{provider: one, model: m}]}]";
const MODELS: &str = "models: [{name: m1, targets: [{provider: one, model: m}]}, {name: m2, targets: [{provider: two, model: m}]}]";

fn create(model: &str, more: &Value) -> Ask {
    create_at("/v1/responses", model, more)
}

fn create_at(path: &str, model: &str, more: &Value) -> Ask {
    let mut body =
        json!({"model": model, "input": "[[sim: text=\"My number is 536-22-1234.\"]] hello"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    Ask::post(path, body.to_string())
}

fn id(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_only_provider_that_holds_answers_is_asked() {
    let bench = Bench::start(&open_to(&[ONE.to_owned(), CHAT.to_owned()], "")).await;
    let (told, _record) = bench.ask(create("one/m", &json!({}))).await;
    let made = told.json();
    let path = format!("/v1/responses/{}", id(&made));
    assert!(!path.contains("_at_"), "{path}");
    let (told, record) = bench.ask(Ask::get(&path)).await;
    assert_eq!(
        (told.status, &told.json()["output"]),
        (200, &made["output"])
    );
    for (name, value) in json!({
        "operation": "held", "format": "openai_responses", "path": "/v1/responses/{id}", "status": 200,
        "provider": "one", "method": "GET",
    })
    .as_object()
    .unwrap()
    {
        assert_eq!(&record[name], value, "{name} in {record}");
    }
    assert!(
        record.get("output_tokens").is_none_or(|tokens| tokens == 0),
        "counted twice: {record}"
    );
    assert_eq!(bench.a.served().path, path);
    // A client of Azure OpenAI asks for a version, which is no other provider's.
    let azure = format!("/openai/responses/{}?api-version=preview", id(&made));
    let (told, _record) = bench.ask(Ask::get(&azure)).await;
    assert_eq!((told.status, bench.a.served().path), (200, path.clone()));
    let (told, _record) = bench
        .ask(Ask::get(&format!("{path}/input_items?limit=5")))
        .await;
    assert_eq!(told.json()["object"], "list", "{}", told.text());
    let (told, _record) = bench.ask(Ask::get(&format!("{path}?stream=true"))).await;
    assert!(
        told.text().contains("response.completed"),
        "{}",
        told.text()
    );
    let (told, _record) = bench.ask(Ask::post(format!("{path}/cancel"), "")).await;
    assert_eq!(
        (told.status, &told.json()["error"]["type"]),
        (400, &json!("invalid_request_error"))
    );
    let (told, _record) = bench.ask(Ask::new("DELETE", &path)).await;
    assert_eq!(
        told.json(),
        json!({"id": id(&made), "object": "response", "deleted": true})
    );
    let (told, _record) = bench.ask(Ask::get(&path)).await;
    assert_eq!(told.status, 404, "{}", told.text());
    let (told, _record) = bench.ask(Ask::new("PUT", &path)).await;
    assert_eq!(
        (told.status, told.header("allow")),
        (405, Some("GET, DELETE"))
    );
    assert_eq!(bench.b.requests(), 0);
}

#[tokio::test]
async fn an_id_leads_to_whoever_made_the_answer() {
    let config = open_to(&[ONE.to_owned(), TWO.to_owned()], MODELS);
    let bench = Bench::start(&config).await;
    for (model, maker, other) in [("m1", &bench.a, &bench.b), ("m2", &bench.b, &bench.a)] {
        for streamed in [false, true] {
            let (told, _record) = bench.ask(create(model, &json!({"stream": streamed}))).await;
            let text = told.text();
            let marks = text.matches("_at_").count();
            let id = if streamed {
                assert_eq!(
                    marks,
                    text.matches("\"object\":\"response\"").count(),
                    "{text}"
                );
                let at = text.find("\"id\":\"resp_").unwrap() + "\"id\":\"".len();
                text[at..].split('"').next().unwrap().to_owned()
            } else {
                assert_eq!(marks, 1, "{text}");
                id(&told.json())
            };
            let before = other.requests();
            // Another replica, or the same after a restart, knows as much.
            bench.reload(&config);
            let path = format!("/v1/responses/{id}");
            let (told, _record) = bench.ask(Ask::get(&path)).await;
            assert_eq!(told.status, 200, "{}", told.text());
            assert_eq!(told.json()["id"], id.as_str());
            assert!(!maker.served().path.contains("_at_"));
            let more = json!({"previous_response_id": id, "stream": streamed});
            let (told, _record) = bench.ask(create(model, &more)).await;
            assert_eq!(told.status, 200, "{}", told.text());
            assert!(
                told.text()
                    .contains(&format!("\"previous_response_id\":\"{id}\"")),
                "{}",
                told.text()
            );
            assert_eq!(other.requests(), before);
            let wrong = if model == "m1" { "m2" } else { "m1" };
            let (told, _record) = bench.ask(create(wrong, &more)).await;
            assert_eq!(told.status, 404, "{}", told.text());
            let (told, _record) = bench.ask(Ask::new("DELETE", &path)).await;
            assert_eq!(told.json()["id"], id.as_str());
        }
    }
    let unmarked = Ask::get("/v1/responses/resp_unmarked");
    assert_eq!(bench.ask(unmarked).await.0.status, 404);
}

#[tokio::test]
async fn a_key_reaches_what_its_models_lead_to() {
    let services = "services: [{name: s, models: [m2], keys: [{id: $ID, hash: \"$HASH\"}]}]";
    let config = format!("providers: [{ONE}, {TWO}]\n{MODELS}\n{services}");
    let bench = Bench::start(&open_to(&[ONE.to_owned(), TWO.to_owned()], MODELS)).await;
    let (told, _record) = bench.ask(create("m1", &json!({}))).await;
    let of_one = id(&told.json());
    let (told, _record) = bench.ask(create("m2", &json!({}))).await;
    let of_two = id(&told.json());
    bench.reload(&config);
    let get = |id: &str| Ask::get(&format!("/v1/responses/{id}"));
    assert_eq!(bench.ask(get(&of_two)).await.0.status, 401);
    assert_eq!(bench.ask(get(&of_two).key(&bench.key)).await.0.status, 200);
    let (told, _record) = bench.ask(get(&of_one).key(&bench.key)).await;
    assert_eq!(
        (told.status, &told.json()["error"]["type"]),
        (404, &json!("not_found_error"))
    );
}

#[tokio::test]
async fn output_rules_read_what_was_held() {
    let rule =
        "policies: [{name: p, models: [\"*\"], output: [{type: pii_detection, action: redact}]}]";
    let bench = Bench::start(&open_to(&[ONE.to_owned()], "")).await;
    let (told, _record) = bench.ask(create("m", &json!({}))).await;
    assert!(told.text().contains("536-22-1234"));
    let path = format!("/v1/responses/{}", id(&told.json()));
    bench.reload(&open_to(&[ONE.to_owned()], rule));
    for query in ["", "?stream=true", "/input_items"] {
        let (told, _record) = bench.ask(Ask::get(&format!("{path}{query}"))).await;
        assert_eq!(told.status, 200, "{query}");
        assert!(
            !told.text().contains("536-22-1234"),
            "{query}: {}",
            told.text()
        );
    }
}

#[tokio::test]
async fn a_policy_of_some_models_reads_what_was_held_since_it_may_be_theirs() {
    for scope in [
        "models: [m1]",
        "models: [\"claude-*\"]",
        "when: 'model == \"m1\"'",
    ] {
        let rule = format!(
            "policies: [{{name: p, {scope}, output: [{{type: pii_detection, action: redact}}]}}]"
        );
        let bench = Bench::start(&open_to(&[ONE.to_owned()], MODELS_OF_ONE)).await;
        let (told, _record) = bench.ask(create("m1", &json!({}))).await;
        let path = format!("/v1/responses/{}", id(&told.json()));
        bench.reload(&open_to(
            &[ONE.to_owned()],
            &format!("{MODELS_OF_ONE}\n{rule}"),
        ));
        for more in ["", "?stream=true", "/input_items"] {
            let (told, _record) = bench.ask(Ask::get(&format!("{path}{more}"))).await;
            assert_eq!(told.status, 200, "{scope} {more}");
            let text = told.text();
            assert!(!text.contains("536-22-1234"), "{scope} {more}: {text}");
        }
    }
}

#[tokio::test]
async fn behind_a_providers_name_its_answers_are_read_and_known_by_their_marks() {
    let rule =
        "policies: [{name: p, models: [\"*\"], output: [{type: pii_detection, action: redact}]}]";
    let one = ONE.replace("name: one,", "name: one, pass_through: {},");
    for providers in [vec![one.clone()], vec![one.clone(), TWO.to_owned()]] {
        let bench = Bench::start(&open_to(&providers, "")).await;
        let ask = create_at("/one/v1/responses", "m", &json!({}));
        let (told, _record) = bench.ask(ask).await;
        let made = id(&told.json());
        assert_eq!(made.contains("_at_"), providers.len() == 2, "{made}");
        bench.reload(&open_to(&providers, rule));
        for before in ["/one/v1", "/one"] {
            let path = format!("{before}/responses/{made}");
            for more in ["", "?stream=true", "/input_items"] {
                let (told, record) = bench.ask(Ask::get(&format!("{path}{more}"))).await;
                assert_eq!(told.status, 200, "{more}: {}", told.text());
                assert!(
                    !told.text().contains("536-22-1234"),
                    "{more}: {}",
                    told.text()
                );
                assert_eq!(record["operation"], "held", "{record}");
                assert!(!bench.a.served().path.contains("_at_"));
            }
            let (told, _record) = bench.ask(Ask::get(&path)).await;
            assert_eq!(told.json()["id"], made.as_str());
        }
        let asked = bench.a.requests();
        for path in ["/one/v1/Responses/resp_1", "/one/v1/responses/resp_1/"] {
            let (told, _record) = bench.ask(Ask::get(path)).await;
            assert_eq!(told.status, 400, "{path}: {}", told.text());
        }
        let of_two = format!("/one/v1/responses/resp_1_at_{:016x}", 7);
        assert_eq!(bench.ask(Ask::get(&of_two)).await.0.status, 404);
        assert_eq!(bench.a.requests(), asked);
        let path = format!("/one/v1/responses/{made}");
        let (told, _record) = bench.ask(Ask::new("DELETE", &path)).await;
        assert_eq!(told.json()["id"], made.as_str());
    }
}

#[tokio::test]
async fn what_a_provider_does_instead_of_an_answer_is_told_as_it_is_of_any_call() {
    let whole = |status: &str, headers: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}"
        )
    };
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(3000));
    let busy = r#"{"error":{"message":"slow down","type":"rate_limit_error","code":"busy"}}"#;
    for (answer, status, class, says) in [
        (
            whole("200 OK", "", &long),
            502,
            "provider_protocol",
            "answer_bytes_max",
        ),
        (
            whole("302 Found", "location: http://elsewhere/\r\n", ""),
            502,
            "provider_protocol",
            "redirects are not followed",
        ),
        (
            whole("429 Busy", "retry-after: 7\r\n", busy),
            429,
            "provider_rate_limited",
            "slow down",
        ),
        (
            whole("401 No", "", "{}"),
            502,
            "provider_credential",
            "the gateway's credential",
        ),
        (
            whole("200 OK", "", "no"),
            502,
            "provider_protocol",
            "no JSON object",
        ),
    ] {
        let stub = Stub::raw(answer).await;
        let names = [("$STUB", stub.url())];
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let config = open_to(&[ONE.replace("$A", "$STUB")], "").replacen(
            "anonymous: allow",
            "anonymous: allow, limits: {answer_bytes_max: 2048}",
            1,
        );
        let bench = Bench::with(&config, parts).await;
        let (told, record) = bench.ask(Ask::get("/v1/responses/resp_1")).await;
        assert_eq!(told.status, status, "{says}: {}", told.text());
        assert!(told.text().contains(says), "{says}: {}", told.text());
        assert_eq!(record["error_class"], class, "{record}");
        assert_eq!(record["attempts"][0]["error_class"], class, "{record}");
        let wait = told.header("retry-after");
        assert_eq!(wait, (status == 429).then_some("7"), "{says}");
    }
}
