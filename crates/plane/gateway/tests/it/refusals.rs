//! What the gateway refuses by itself: every cause in the caller's own format, on record,
//! and without a word to a provider.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Provider};
use crate::speech::{Anthropic, OpenAi, Responses, Speech};

/// What a caller is told.
#[derive(Clone, Copy)]
struct Refusal {
    status: u16,
    class: &'static str,
    code: Option<&'static str>,
    /// Part of the message.
    says: &'static str,
}

const fn bad(says: &'static str) -> Refusal {
    Refusal {
        status: 400,
        class: "bad_request",
        code: None,
        says,
    }
}

const fn unknown(code: &'static str, says: &'static str) -> Refusal {
    Refusal {
        status: 401,
        class: "unauthenticated",
        code: Some(code),
        says,
    }
}

fn check(speech: Speech, told: &Told, record: &Value, refusal: &Refusal, bench: &Bench, row: &str) {
    assert_eq!(told.status, refusal.status, "{row}: {}", told.text());
    let error = speech.error(told);
    assert_eq!(
        error.kind,
        speech.error_kind(refusal.status),
        "{row}: {error:?}"
    );
    assert!(error.message.contains(refusal.says), "{row}: {error:?}");
    assert_eq!(error.code.as_deref(), refusal.code, "{row}: {error:?}");
    assert_eq!(
        told.header("content-type"),
        Some("application/json"),
        "{row}"
    );
    let id = told.header("x-tollgate-request-id").unwrap();
    assert_eq!(record["request_id"], id, "{row}");
    if speech == Anthropic {
        assert_eq!(told.json()["request_id"], id, "{row}");
    }
    assert_eq!(record["status"], refusal.status, "{row}: {record}");
    assert_eq!(record["error_class"], refusal.class, "{row}: {record}");
    assert_eq!(record["attempts"], json!([]), "{row}");
    assert_eq!(record["bytes_out"], told.body.len(), "{row}");
    assert_eq!(record["caller_gone"], false, "{row}");
    assert!(record.get("input_tokens").is_none(), "{row}: {record}");
    assert_eq!(bench.a.requests() + bench.b.requests(), 0, "{row}");
}

/// A gateway that anybody may call, with one provider that is nobody's default.
fn open(more: &str) -> String {
    format!(
        "gateway: {{anonymous: allow{more}}}\n\
         providers: [{{name: one, kind: simulator, base_url: $A, default: false}}]\n\
         models:\n  - {{name: m, targets: [{{provider: one, model: x}}]}}\n  \
         - {{name: picky, targets: [{{provider: one, model: x, when: \"service == 'other'\"}}]}}\n"
    )
}

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let table = [
        ("{\"model\":\"m\",\"messages\":", bad("not a valid request")),
        ("", bad("empty")),
        ("[1]", bad("not a valid request")),
        (
            "{\"model\":\"m\",\"model\":\"x\",\"messages\":[]}",
            bad("model"),
        ),
        (
            "{\"model\":\"m\",\"\\u006dodel\":\"x\",\"messages\":[]}",
            bad("model"),
        ),
        (
            "{\"model\":\"m\",\"messages\":[]} {}",
            bad("not a valid request"),
        ),
        ("{\"messages\":[]}", bad("names no `model`")),
        ("{\"model\":\"\",\"messages\":[]}", bad("names no `model`")),
    ];
    for speech in Speech::all() {
        let bench = Bench::start(&open("")).await;
        // What names its model in the path has no `model` to be wrong.
        let of_model = if speech.names_model_in_path() { 3 } else { 8 };
        for (body, refusal) in &table[..of_model] {
            let own = if speech == Responses {
                "input"
            } else {
                "messages"
            };
            let body = &body.replace("messages", own);
            let (told, record) = bench.ask(Ask::post(speech.path(), body.clone())).await;
            check(
                speech,
                &told,
                &record,
                refusal,
                &bench,
                &format!("{speech:?} {body}"),
            );
            assert_eq!(
                record["bytes_in"].as_u64().unwrap() > 0,
                told.json().to_string().contains("names no"),
                "{record}"
            );
        }
    }
}

#[tokio::test]
async fn models_that_nobody_serves_are_refused() {
    let not_found = |says| Refusal {
        status: 404,
        class: "not_found",
        code: Some("model_not_found"),
        says,
    };
    let none = Refusal {
        status: 503,
        class: "no_target",
        code: None,
        says: "conditions",
    };
    for speech in Speech::all() {
        let bench = Bench::start(&open("")).await;
        for (model, refusal) in [
            ("gone", not_found("`gone`")),
            ("nowhere/gpt-4o", not_found("`nowhere`")),
            ("picky", none),
        ] {
            let (told, record) = bench.ask(speech.ask(model, "Hi", false)).await;
            check(
                speech,
                &told,
                &record,
                &refusal,
                &bench,
                &format!("{speech:?} {model}"),
            );
            assert_eq!(record["model"], model);
        }
    }
}

#[tokio::test]
async fn sizes_and_encodings_that_are_not_taken() {
    let large = Refusal {
        status: 413,
        class: "body_too_large",
        code: None,
        says: "2000 bytes",
    };
    for speech in Speech::all() {
        let bench = Bench::start(&open(", limits: {body_bytes_max: 2000}")).await;
        let (path, body) = speech.sent(&speech.body("m", &"x".repeat(2000), false));
        let (told, record) = bench.ask(Ask::post(&path, body.clone())).await;
        check(speech, &told, &record, &large, &bench, "announced");

        let (ask, pieces) = Ask::post(speech.path(), "").fed();
        let sent = async {
            for piece in body.as_bytes().chunks(500) {
                // The gateway may have read enough.
                let _taken = pieces.send(piece.to_vec().into()).await;
            }
            drop(pieces);
        };
        let (told, ()) = tokio::join!(bench.call(ask), sent);
        check(
            speech,
            &told,
            &bench.settled().await,
            &large,
            &bench,
            "not announced",
        );

        let ask = speech
            .ask("m", "Hi", false)
            .header("content-encoding", "gzip");
        let (told, record) = bench.ask(ask).await;
        check(speech, &told, &record, &bad("`gzip`"), &bench, "compressed");

        let ask = speech
            .ask("m", "Hi", false)
            .header("content-encoding", "identity");
        assert_eq!(bench.ask(ask).await.0.status, 200);
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let slow = Refusal {
        status: 408,
        class: "body_timeout",
        code: None,
        says: "100 ms",
    };
    for speech in Speech::all() {
        let bench = Bench::start(&open(", timeouts: {body_ms: 100}")).await;
        let (ask, pieces) = Ask::post(speech.path(), "").fed();
        pieces.send("{\"model\":".into()).await.unwrap();
        let (told, record) = bench.ask(ask).await;
        check(
            speech,
            &told,
            &record,
            &slow,
            &bench,
            &format!("{speech:?}"),
        );
    }
}

#[tokio::test]
async fn without_any_key_every_ai_path_says_how_to_make_one() {
    let bench = Bench::start("providers: [{name: one, kind: simulator, base_url: $A}]\n").await;
    let missing = unknown("missing_api_key", "`tollgate keys new`");
    let foreign = unknown("invalid_api_key", "`tollgate keys new`");
    for speech in Speech::all() {
        let (told, record) = bench.ask(speech.ask("m", "Hi", false)).await;
        check(speech, &told, &record, &missing, &bench, "without");
        assert!(
            told.header("www-authenticate")
                .unwrap()
                .starts_with("Bearer")
        );
        let (told, record) = bench
            .ask(speech.ask("m", "Hi", false).key("sk-live-123"))
            .await;
        check(
            speech,
            &told,
            &record,
            &foreign,
            &bench,
            "with a provider's",
        );
    }
    let ask = Ask::get("/v1/models");
    let (told, record) = bench.ask(ask).await;
    check(OpenAi, &told, &record, &missing, &bench, "models");
    let (told, record) = bench
        .ask(Ask::get("/v1/models").header("anthropic-version", "1"))
        .await;
    check(Anthropic, &told, &record, &missing, &bench, "models");
    assert_eq!(bench.call(Ask::get("/health")).await.status, 200);
}

const KEYED: &str = "providers: [{name: one, kind: simulator, base_url: $A}]\n\
    services: [{name: shop, team: sales, models: [good, fine-*], keys: [{id: $ID, hash: \"$HASH\"EXPIRES}]}]\n";

fn keyed(expires: &str) -> String {
    KEYED.replace("EXPIRES", expires)
}

#[tokio::test]
async fn keys_that_do_not_fit_are_told_apart() {
    let bench = Bench::start(&keyed("")).await;
    let stranger = tollgate_identity::generate("test").unwrap();
    let mut mistyped = bench.key.clone();
    let last = if mistyped.pop() == Some('a') {
        'b'
    } else {
        'a'
    };
    mistyped.push(last);
    let table = [
        ("sk-ant-123", unknown("invalid_api_key", "begin with `tg_`")),
        (&mistyped, unknown("invalid_api_key", "mistyped")),
        (
            stranger.key.expose(),
            unknown("invalid_api_key", "not known"),
        ),
    ];
    for speech in Speech::all() {
        for (key, refusal) in &table {
            let (told, record) = bench.ask(speech.ask("good", "Hi", false).key(key)).await;
            check(speech, &told, &record, refusal, &bench, key);
            assert!(!told.text().contains(*key) && !record.to_string().contains(*key));
        }
        let table = [
            (
                "authorization",
                bench.key.clone(),
                unknown("missing_api_key", "without `Bearer`"),
            ),
            (
                "x-api-key",
                format!("Bearer {}", bench.key),
                unknown("invalid_api_key", "nothing but"),
            ),
        ];
        for (name, value, refusal) in &table {
            let ask = speech.ask("good", "Hi", false).header(name, value);
            let (told, record) = bench.ask(ask).await;
            check(speech, &told, &record, refusal, &bench, name);
        }
        let two = speech
            .ask("good", "Hi", false)
            .key(&bench.key)
            .header("x-api-key", "sk-1");
        let (told, record) = bench.ask(two).await;
        check(
            speech,
            &told,
            &record,
            &unknown("invalid_api_key", "two different"),
            &bench,
            "two",
        );
        let own = speech
            .ask("good", "Hi", false)
            .header("x-tollgate-key", &bench.key)
            .header("x-tollgate-key", stranger.key.expose());
        let (told, record) = bench.ask(own).await;
        let refusal = unknown("invalid_api_key", "two different");
        check(speech, &told, &record, &refusal, &bench, "two of ours");
    }
}

#[tokio::test]
async fn an_expired_key_is_refused() {
    let bench = Bench::start(&keyed(", expires: \"2024-01-31\"")).await;
    for speech in Speech::all() {
        let (told, record) = bench
            .ask(speech.ask("good", "Hi", false).key(&bench.key))
            .await;
        check(
            speech,
            &told,
            &record,
            &unknown("expired_api_key", "expired"),
            &bench,
            "expired",
        );
    }
}

#[tokio::test]
async fn a_model_out_of_scope_is_refused() {
    let forbidden = Refusal {
        status: 403,
        class: "forbidden",
        code: Some("model_not_allowed"),
        says: "service `shop` may not use the model `bad`",
    };
    let bench = Bench::start(&keyed("")).await;
    for speech in Speech::all() {
        let (told, record) = bench
            .ask(speech.ask("bad", "Hi", false).key(&bench.key))
            .await;
        check(speech, &told, &record, &forbidden, &bench, "bad");
        assert_eq!(
            (&record["service"], &record["team"]),
            (&"shop".into(), &"sales".into())
        );
        assert!(bench.key.contains(record["key_id"].as_str().unwrap()));
    }
    for (model, asked) in [("good", 1), ("fine-grained", 2)] {
        let (told, record) = bench
            .ask(OpenAi.ask(model, "Hi", false).key(&bench.key))
            .await;
        assert_eq!(told.status, 200);
        assert_eq!(record["service"], "shop");
        assert_eq!(bench.a.requests(), asked);
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there() {
    let bench = Bench::start(&open("")).await;
    let not_found = Refusal {
        status: 404,
        class: "not_found",
        code: Some("unknown_path"),
        says: "nothing is served at POST /v1/moderations",
    };
    let (told, record) = bench.ask(Ask::post("/v1/moderations", "{}")).await;
    check(OpenAi, &told, &record, &not_found, &bench, "path");
    assert_eq!(record["path"], "unknown");
    for (path, allow) in [
        ("/v1/chat/completions", "POST"),
        ("/v1/messages", "POST"),
        ("/v1/models", "GET, HEAD"),
    ] {
        let method = if allow == "POST" { "GET" } else { "DELETE" };
        let (told, record) = bench.ask(Ask::new(method, path)).await;
        assert_eq!(told.status, 405, "{path}");
        assert_eq!(told.header("allow"), Some(allow), "{path}");
        assert_eq!(record["error_class"], "method_not_allowed", "{path}");
    }
    let (told, _) = bench.ask(Ask::get("/v1/messages")).await;
    assert_eq!(Anthropic.error(&told).kind, "invalid_request_error");
}

#[tokio::test]
async fn probes_need_no_key_and_leave_no_record() {
    let bench = Bench::start(&keyed("")).await;
    for (method, path) in [
        ("GET", "/health"),
        ("GET", "/ready"),
        ("GET", "/"),
        ("HEAD", "/"),
        ("HEAD", "/health"),
    ] {
        let told = bench.call(Ask::new(method, path)).await;
        assert_eq!(told.status, 200, "{method} {path}");
        assert_eq!(told.body.is_empty(), method == "HEAD", "{method} {path}");
    }
    bench.gateway.drain();
    assert_eq!(bench.call(Ask::get("/ready")).await.status, 503);
    assert_eq!(bench.call(Ask::get("/health")).await.status, 200);
    assert_eq!(bench.unread_records(), 0);
}

#[tokio::test]
async fn a_gateway_without_a_configuration_asks_to_come_again() {
    let bench = Bench::start("").await;
    for path in ["/health", "/ready", "/"] {
        assert_eq!(bench.call(Ask::get(path)).await.status, 503, "{path}");
    }
    let refusal = Refusal {
        status: 503,
        class: "overloaded",
        code: None,
        says: "no valid configuration",
    };
    for speech in Speech::all() {
        let (told, record) = bench.ask(speech.ask("m", "Hi", false)).await;
        check(speech, &told, &record, &refusal, &bench, "starting");
        assert_eq!(told.header("retry-after"), Some("1"));
    }
}

#[tokio::test]
async fn one_model_is_answered_for_when_the_caller_may_use_it() {
    let bench = Bench::start(&keyed("")).await;
    for (speech, version) in [(OpenAi, None), (Anthropic, Some("2023-06-01"))] {
        let ask = |method: &str, path: &str| {
            let ask = Ask::new(method, path).key(&bench.key);
            version.map_or_else(
                || Ask::new(method, path).key(&bench.key),
                |version| ask.header("anthropic-version", version),
            )
        };
        for path in ["/v1/models/good", "/models/good", "/v1/models/g%6Fod"] {
            let (told, record) = bench.ask(ask("GET", path)).await;
            assert_eq!(
                (told.status, &told.json()["id"]),
                (200, &"good".into()),
                "{path}"
            );
            let kind = if speech == OpenAi { "object" } else { "type" };
            assert_eq!(told.json()[kind], "model", "{}", told.text());
            assert_eq!(record["operation"], "models");
            assert_eq!(record["path"], "/v1/models/{model}");
            assert!(record.get("model").is_none(), "{record}");
        }
        let not_found = Refusal {
            status: 404,
            class: "not_found",
            code: Some("model_not_found"),
            says: "that this key may use",
        };
        for path in ["bad", "gone", "nowhere/x", "fine-%20x"] {
            let path = &format!("/v1/models/{path}");
            let (told, record) = bench.ask(ask("GET", path)).await;
            check(speech, &told, &record, &not_found, &bench, path);
        }
    }
    let (told, _) = bench.ask(Ask::get("/v1/models/good")).await;
    assert_eq!(told.status, 401);
    let (told, _) = bench.ask(Ask::post("/v1/models/good", "{}")).await;
    assert_eq!(
        (told.status, told.header("allow")),
        (405, Some("GET, HEAD"))
    );
}

#[tokio::test]
async fn a_head_is_answered_without_a_body_and_is_no_hang_up() {
    let bench = Bench::start(&keyed("")).await;
    for is_http2 in [false, true] {
        for (path, key, status) in [
            ("/v1/models", true, 200),
            ("/v1/models", false, 401),
            ("/v1/nothing", true, 404),
            ("/v1/messages", true, 405),
        ] {
            let whole = |method: &str| {
                let ask = Ask::new(method, path).over_http2(is_http2);
                if key { ask.key(&bench.key) } else { ask }
            };
            let row = format!("{path} {status} {is_http2}");
            let (with, _) = bench.ask(whole("GET")).await;
            // A refusal of a path repeats the method.
            let longer = usize::from(with.text().contains("at GET"));
            let (told, record) = bench.ask(whole("HEAD")).await;
            assert_eq!((told.status, told.body.len()), (status, 0), "{row}");
            assert!(!told.is_broken, "{row}");
            let length = (with.body.len() + longer).to_string();
            assert_eq!(told.header("content-length"), Some(&*length), "{row}");
            assert_eq!(record["status"], status, "{row}: {record}");
            assert_eq!(record["bytes_out"], 0, "{row}: {record}");
            assert_eq!(record["caller_gone"], false, "{row}: {record}");
        }
    }
}

#[tokio::test]
async fn a_caller_without_a_key_does_not_learn_which_paths_exist() {
    let routed = "routes: [{name: r, path: /v1/route, provider: svc}]\n";
    let config = keyed("").replace(
        "providers: [",
        "providers: [{name: svc, kind: http, base_url: $B}, ",
    );
    let bench = Bench::start(&format!("{config}{routed}")).await;
    for path in ["/v1/route", "/v1/nothing"] {
        let (told, record) = bench.ask(Ask::get(path)).await;
        assert_eq!(
            (told.status, &record["path"]),
            (401, &"unknown".into()),
            "{path}"
        );
    }
}
