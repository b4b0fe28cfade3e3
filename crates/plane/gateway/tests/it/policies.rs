//! Policies on the way in and on the way out, whole and streamed, in both formats.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::ask::Told;
use crate::bench::{Bench, Parts, Provider, open_pairs, open_to, pairs_before, soon};
use crate::speech::{Anthropic, Bedrock, OpenAi, Speech};
use crate::stub::Stub;

pub(crate) fn policies(input: &str, output: &str) -> String {
    let rule = |action: &str| match action {
        "" => String::new(),
        action => {
            format!("{{type: pii_detection, action: {action}, entities: [ssn, email_address]}}")
        }
    };
    format!(
        "policies: [{{name: privacy, input: [{}], output: [{}]}}]\n",
        rule(input),
        rule(output)
    )
}

async fn bench(provider: Speech, input: &str, output: &str) -> Bench {
    let providers = [provider.provider("one", "$A")];
    Bench::start(&open_to(&providers, &policies(input, output))).await
}

/// Every caller's format with every provider's, under one rule in each direction.
async fn ruled(input: &str, output: &str) -> Vec<(Speech, Speech, Arc<Bench>)> {
    open_pairs(&policies(input, output)).await
}

pub(crate) fn findings(record: &Value, action: &str) -> Vec<(String, u64)> {
    let all = record["findings"]
        .as_array()
        .unwrap_or_else(|| panic!("none in {record}"));
    let read = all.iter().map(|finding| {
        assert_eq!(finding["policy"], "privacy");
        assert_eq!(finding["detector"], "pii_detection");
        assert_eq!(finding["action"], action);
        (
            finding["entity"].as_str().unwrap().to_owned(),
            finding["count"].as_u64().unwrap(),
        )
    });
    let mut read: Vec<_> = read.collect();
    read.sort();
    read
}

const SECRETS: [&str; 2] = ["536-22-1234", "ann@example.org"];

pub(crate) fn clean(told: &Told) {
    for secret in SECRETS {
        assert!(!told.text().contains(secret), "{}", told.text());
    }
}

#[tokio::test]
async fn a_request_is_redacted_before_any_provider_reads_it() {
    for (caller, provider, bench) in ruled("redact", "").await {
        for streamed in [false, true] {
            let prompt = "[[sim: echo]] I am 536-22-1234, not 536-22-1234 or ann@example.org.";
            let (told, record) = bench.ask(caller.ask("m", prompt, streamed)).await;
            let row = format!("{caller:?} to {provider:?}, streamed: {streamed}");
            let heard = caller.read(&told, streamed);
            // The provider echoes what it got.
            assert_eq!(
                heard.text, "I am [SSN], not [SSN] or [EMAIL_ADDRESS].",
                "{row}"
            );
            let header = told.header("x-tollgate-policy").unwrap();
            for said in [
                "privacy/pii_detection;detector=pii_detection;entity=ssn;count=2;action=redact;mode=enforce;us=",
                "entity=email_address;count=1",
            ] {
                assert!(header.contains(said), "{row}: {header}");
            }
            let found = [("email_address".to_owned(), 1), ("ssn".to_owned(), 2)];
            assert_eq!(findings(&record, "redact"), found, "{row}");
            assert_eq!(record["status"], 200, "{row}");
            assert!(record.get("error_class").is_none(), "{row}: {record}");
            assert_eq!(
                record["input_tokens"],
                provider.billed(&bench.a.served()),
                "{row}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_without_findings_is_not_touched() {
    for speech in Speech::all() {
        let bench = bench(speech, "redact", "").await;
        let body = speech.body("m", "Nothing to see \u{e9} here", false);
        let (told, record) = bench.ask(speech.asking(&body)).await;
        let (_, sent) = speech.sent(&body);
        assert_eq!(bench.a.served().body_bytes, sent.len() as u64);
        assert_eq!(told.header("x-tollgate-policy"), None);
        assert!(record.get("findings").is_none());
    }
}

#[tokio::test]
async fn a_blocked_request_reaches_no_provider() {
    for (caller, provider, bench) in ruled("block", "").await {
        for streamed in [false, true] {
            let (told, record) = bench
                .ask(caller.ask("m", "I am 536-22-1234.", streamed))
                .await;
            assert_eq!(told.status, 400, "{}", told.text());
            let error = caller.error(&told);
            assert_eq!(error.kind, caller.error_kind(400), "{provider:?}");
            assert_eq!(error.code.as_deref(), Some("policy_violation"));
            assert!(
                error.message.contains("privacy") && error.message.contains("ssn"),
                "{error:?}"
            );
            let header = told.header("x-tollgate-policy").unwrap();
            assert!(
                header.contains("entity=ssn;count=1;action=block"),
                "{header}"
            );
            clean(&told);
            assert_eq!(record["error_class"], "policy_blocked");
            assert_eq!(findings(&record, "block"), [("ssn".to_owned(), 1)]);
            assert_eq!(bench.a.requests(), 0);
        }
    }
}

#[tokio::test]
async fn a_blocked_caller_reads_the_rules_own_message() {
    let policy = "policies: [{name: p, input: [{type: pii_detection, action: block, message: \"Ask legal first.\"}]}]\n";
    let bench = Bench::start(&open_to(&[OpenAi.provider("a", "$A")], policy)).await;
    let (told, _) = bench
        .ask(OpenAi.ask("m", "4111 1111 1111 1111", false))
        .await;
    assert_eq!(OpenAi.error(&told).message, "Ask legal first.");
}

const ANSWER: &str = "Call 536-22-1234 or ann@example.org, then wait.";

#[tokio::test]
async fn an_answer_is_redacted_in_whole_and_in_pieces() {
    for (caller, provider, bench) in ruled("", "redact").await {
        for (streamed, piece) in [(false, 9), (true, 1), (true, 2), (true, 7)] {
            let prompt = format!("[[sim: text=\"{ANSWER}\", piece={piece}]] Say it.");
            let (told, record) = bench.ask(caller.ask("m", &prompt, streamed)).await;
            let row = format!("{caller:?} to {provider:?}, {piece}, streamed: {streamed}");
            let heard = caller.read(&told, streamed);
            assert_eq!(
                heard.text, "Call [SSN] or [EMAIL_ADDRESS], then wait.",
                "{row}"
            );
            assert_eq!(heard.has_ended, streamed, "{row}");
            clean(&told);
            let found = [("email_address".to_owned(), 1), ("ssn".to_owned(), 1)];
            assert_eq!(findings(&record, "redact"), found, "{row}");
            let served = bench.a.served();
            assert_eq!(record["output_tokens"], served.answer_tokens, "{row}");
            assert!(record.get("error_class").is_none(), "{row}: {record}");
            if !streamed {
                let header = told.header("x-tollgate-policy").unwrap();
                assert!(
                    header.starts_with("privacy/pii_detection;"),
                    "{row}: {header}"
                );
            }
        }
    }
}

#[tokio::test]
async fn arguments_of_tools_are_redacted_too() {
    for (caller, provider, bench) in ruled("", "redact").await {
        for streamed in [false, true] {
            let prompt = "[[sim: tool=send, arguments=\"{\\\"to\\\": \\\"ann@example.org\\\"}\", piece=3]] Go";
            let mut body = caller.body("m", prompt, streamed);
            caller.offer(&mut body, &["send"]);
            let (told, record) = bench.ask(caller.asking(&body)).await;
            let heard = caller.read(&told, streamed);
            let arguments: Value = serde_json::from_str(&heard.calls[0].1).unwrap();
            assert_eq!(
                arguments,
                json!({"to": "[EMAIL_ADDRESS]"}),
                "{caller:?} to {provider:?}"
            );
            clean(&told);
            assert_eq!(
                findings(&record, "redact"),
                [("email_address".to_owned(), 1)]
            );
        }
    }
}

#[tokio::test]
async fn a_blocked_answer_ends_as_the_formats_own_filter_ends_it() {
    for (caller, provider, bench) in ruled("", "block").await {
        for streamed in [false, true] {
            let prompt = format!("[[sim: text=\"Well then. {ANSWER}\", piece=3]] Say it.");
            let (told, record) = bench.ask(caller.ask("m", &prompt, streamed)).await;
            let row = format!("{caller:?} to {provider:?}, streamed: {streamed}");
            assert_eq!(told.status, 200, "{row}: {}", told.text());
            let heard = caller.read(&told, streamed);
            let finish = caller.finish("content_filter");
            assert_eq!(
                heard.finish.as_deref(),
                Some(finish),
                "{row}: {}",
                told.text()
            );
            assert_eq!(heard.has_ended, streamed, "{row}: {}", told.text());
            // Some filters leave words of their own.
            let own = caller == Bedrock && heard.text.contains("withheld by a policy");
            assert!(
                own || "Well then. Call ".starts_with(&heard.text),
                "{row}: {heard:?}"
            );
            clean(&told);
            assert_eq!(record["error_class"], "policy_blocked", "{row}: {record}");
            assert_eq!(record["status"], 200, "{row}");
            assert_eq!(record["caller_gone"], false, "{row}");
            assert_eq!(findings(&record, "block"), [("ssn".to_owned(), 1)], "{row}");
            assert!(
                record["output_tokens"].as_u64().unwrap() > 0,
                "{row}: {record}"
            );
            assert!(
                record["attempts"][0].get("error_class").is_none(),
                "{row}: {record}"
            );
        }
    }
}

#[tokio::test]
async fn a_block_in_mid_stream_cancels_the_call() {
    for (caller, provider, bench) in ruled("", "block").await {
        let prompt = format!(
            "[[sim: text=\"{ANSWER}{}\", pace=5ms]] Say it.",
            " and more".repeat(300)
        );
        let (told, record) = bench.ask(caller.ask("m", &prompt, true)).await;
        assert!(caller.read(&told, true).has_ended);
        assert_eq!(record["error_class"], "policy_blocked");
        soon(bench.a.books().settled()).await;
        let served = bench.a.served();
        assert!(
            served.hung_up_at.is_some_and(|at| at < 300),
            "{caller:?} to {provider:?}: {served:?}"
        );
    }
}

#[tokio::test]
async fn an_overlay_holds_for_its_service_only() {
    let other = tollgate_identity::generate("test").unwrap();
    let config = format!(
        "providers: [{{name: a, kind: simulator, base_url: $A}}]\n\
         services:\n  - {{name: shop, keys: [{{id: $ID, hash: \"$HASH\"}}]}}\n  \
         - {{name: billing, keys: [{{id: {}, hash: \"{}\"}}]}}\n\
         --- billing\n{}",
        other.id,
        other.hash_hex,
        policies("redact", "")
    );
    let bench = Bench::start(&config).await;
    let ask = |key: &str| {
        OpenAi
            .ask("m", "[[sim: echo]] I am 536-22-1234", false)
            .key(key)
    };
    let (told, record) = bench.ask(ask(&bench.key)).await;
    assert_eq!(OpenAi.read(&told, false).text, "I am 536-22-1234");
    assert!(record.get("findings").is_none());
    assert_eq!(record["service"], "shop");
    let (told, record) = bench.ask(ask(other.key.expose())).await;
    assert_eq!(OpenAi.read(&told, false).text, "I am [SSN]");
    assert_eq!(findings(&record, "redact"), [("ssn".to_owned(), 1)]);
    assert_eq!(record["service"], "billing");
}

#[tokio::test]
async fn a_sidecar_has_the_overlay_of_its_service_for_everybody() {
    let config = format!(
        "gateway: {{anonymous: allow, service: billing}}\n\
         providers: [{{name: a, kind: simulator, base_url: $A}}]\n--- billing\n{}",
        policies("redact", "")
    );
    let bench = Bench::start(&config).await;
    let (told, record) = bench
        .ask(OpenAi.ask("m", "[[sim: echo]] I am 536-22-1234", false))
        .await;
    assert_eq!(OpenAi.read(&told, false).text, "I am [SSN]");
    assert_eq!(record["service"], "billing");
}

#[tokio::test]
async fn what_was_redacted_stays_redacted_for_the_target_that_takes_over() {
    let config = |provider: Speech| {
        let models =
            "models: [{name: m, targets: [{provider: a, model: x}, {provider: b, model: y}]}]\n";
        let second = provider.next();
        let providers = [provider.provider("a", "$A"), second.provider("b", "$B")];
        open_to(&providers, &format!("{models}{}", policies("redact", "")))
    };
    for (caller, provider, bench) in pairs_before(config).await {
        bench.a.script("503");
        let prompt = "[[sim: echo]] I am 536-22-1234";
        let (told, record) = bench.ask(caller.ask("m", prompt, false)).await;
        assert_eq!(
            caller.read(&told, false).text,
            "I am [SSN]",
            "{caller:?} {provider:?}"
        );
        assert_eq!(record["failovers"], 1);
        assert_eq!(findings(&record, "redact"), [("ssn".to_owned(), 1)]);
    }
}

#[tokio::test]
async fn what_was_taken_out_of_a_request_comes_back_in_its_answer() {
    let policy = "policies: [{name: p, input: [{type: pii_detection, action: redact, style: restore, entities: [ssn, email_address]}]}]\n";
    for (caller, provider, bench) in open_pairs(policy).await {
        for streamed in [false, true] {
            let prompt = "[[sim: echo]] I am 536-22-1234, mail ann@example.org.";
            let (told, record) = bench.ask(caller.ask("m", prompt, streamed)).await;
            let row = format!("{caller:?} to {provider:?}, streamed: {streamed}");
            let heard = caller.read(&told, streamed);
            assert_eq!(
                heard.text, "I am 536-22-1234, mail ann@example.org.",
                "{row}"
            );
            let actions: Vec<&Value> = record["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|finding| &finding["action"])
                .collect();
            assert_eq!(actions, ["redact", "redact", "restore"], "{row}: {record}");
            let output_tokens = bench.a.served().output_tokens;
            assert_eq!(record["output_tokens"], output_tokens, "{row}");
        }
    }
}

#[tokio::test]
async fn a_flagged_request_goes_on_as_it_is_and_a_shadow_is_not_told() {
    let policy = "policies: [{name: p, input: [{type: pii_detection, action: flag, entities: [ssn]}, \
                  {type: pii_detection, name: later, action: block, mode: shadow, entities: [email_address]}]}]\n";
    let bench = Bench::start(&open_to(&[OpenAi.provider("a", "$A")], policy)).await;
    let prompt = "[[sim: echo]] I am 536-22-1234, mail ann@example.org.";
    let (told, record) = bench.ask(OpenAi.ask("m", prompt, false)).await;
    assert_eq!(
        OpenAi.read(&told, false).text,
        "I am 536-22-1234, mail ann@example.org."
    );
    let header = told.header("x-tollgate-policy").unwrap();
    assert!(
        header.contains("action=flag") && !header.contains("later"),
        "{header}"
    );
    assert_eq!(record["findings"][1]["mode"], "shadow", "{record}");
    let states: Vec<_> = record["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            (
                check["rule"].as_str().unwrap(),
                check["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(states, [("pii_detection", "ran"), ("later", "ran")]);
}

#[tokio::test]
async fn a_finding_sends_a_request_to_another_model() {
    let config = open_to(
        &[OpenAi.provider("a", "$A"), OpenAi.provider("b", "$B")],
        "policies: [{name: p, input: [{type: pii_detection, action: route, route_to: b/local, entities: [ssn]}]}]\n",
    );
    let bench = Bench::start(&config).await;
    let (told, record) = bench.ask(OpenAi.ask("m", "ssn 536-22-1234", false)).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!((bench.a.requests(), bench.b.requests()), (0, 1));
    assert_eq!(record["findings"][0]["action"], "route");
    let (_, record) = bench.ask(OpenAi.ask("m", "nothing", false)).await;
    assert_eq!((bench.a.requests(), bench.b.requests()), (1, 1));
    assert!(record.get("findings").is_none());
}

#[tokio::test]
async fn a_policy_holds_where_its_scope_says() {
    let config = open_to(
        &[OpenAi.provider("a", "$A")],
        "policies:\n\
         \x20 - {name: small, when: \"input_bytes < 200\", input: [{type: pii_detection, action: redact}]}\n\
         \x20 - {name: other, models: [\"x-*\"], input: [{type: pii_detection, action: block}]}\n\
         \x20 - {name: messages, formats: [anthropic_messages], output: [{type: pii_detection, action: redact}]}\n",
    );
    let bench = Bench::start(&config).await;
    let ssn = "[[sim: echo]] ssn 536-22-1234";
    let (told, record) = bench.ask(OpenAi.ask("m", ssn, false)).await;
    assert_eq!(OpenAi.read(&told, false).text, "ssn [SSN]");
    assert_eq!(record["checks"].as_array().unwrap().len(), 1, "{record}");
    let long = format!("{ssn} {}", "x".repeat(200));
    let (told, _) = bench.ask(OpenAi.ask("m", &long, false)).await;
    assert!(OpenAi.read(&told, false).text.contains("536-22-1234"));
    let (told, _) = bench.ask(OpenAi.ask("x-1", ssn, false)).await;
    assert_eq!(told.status, 400);
    let (told, _) = bench.ask(Anthropic.ask("m", &long, false)).await;
    assert!(Anthropic.read(&told, false).text.contains("[SSN]"));
}

#[tokio::test]
async fn a_conversation_remembers_what_its_placeholders_stand_for() {
    let config = format!(
        "{}policies: [{{name: p, input: [{{type: pii_detection, action: redact, style: restore, entities: [ssn]}}]}}]\n",
        open_to(&[OpenAi.provider("a", "$A")], "").replacen(
            "allow}",
            "allow, conversations: {header: x-conversation-id}}",
            1
        )
    );
    let bench = Bench::start(&config).await;
    let say = async |conversation: &str, prompt: &str| {
        let ask = OpenAi
            .ask("m", prompt, false)
            .header("x-conversation-id", conversation);
        let (told, _) = bench.ask(ask).await;
        OpenAi.read(&told, false).text
    };
    assert_eq!(
        say("one", "[[sim: echo]] I am 536-22-1234.").await,
        "I am 536-22-1234."
    );
    // The model remembers the placeholder; what it stood for, the gateway does.
    assert_eq!(
        say("one", "[[sim: echo]] Who is [SSN_1]?").await,
        "Who is 536-22-1234?"
    );
    assert_eq!(
        say("two", "[[sim: echo]] Who is [SSN_1]?").await,
        "Who is [SSN_1]?"
    );
    assert_eq!(
        say("one", "[[sim: echo]] 457-55-5462 and [SSN_1]").await,
        "457-55-5462 and 536-22-1234"
    );
}

#[tokio::test]
async fn a_model_that_is_passed_on_is_a_text() {
    let rules = policies("redact", "");
    for speech in Speech::all() {
        let bench = Bench::start(&open_to(&[speech.provider("a", "$A")], &rules)).await;
        let (told, _) = bench
            .ask(speech.ask("a/gpt-4o-2024-08-06", "Hi", false))
            .await;
        assert_eq!(told.status, 200, "{}", told.text());
        let (told, record) = bench.ask(speech.ask("a/x-536-22-1234", "Hi", false)).await;
        assert_eq!(
            (told.status, &record["error_class"]),
            (400, &json!("policy_blocked"))
        );
        assert!(!record.to_string().contains("536-22"), "{record}");
        // What is no name goes nowhere, not even into the record.
        for (name, status, says) in [
            ("a/so 536-22-1234 it is", 400, "policy"),
            ("a/so it is", 404, "cannot be a model's name"),
        ] {
            let (told, record) = bench.ask(speech.ask(name, "Hi", false)).await;
            assert_eq!(told.status, status, "{}", told.text());
            assert!(told.text().contains(says), "{}", told.text());
            assert!(!record.to_string().contains("it is"), "{record}");
        }
        assert_eq!(bench.a.requests(), 1);
    }
}

#[tokio::test]
async fn what_a_provider_says_is_in_no_header_and_no_record() {
    const SAID: &str = "card 4111-1111-1111-1111 of ann@example.org";
    let answer = json!({"id": SAID, "type": "message", "role": "assistant", "model": SAID,
        "content": [{"type": "text", "text": "Found."}, {"type": SAID, "x": 1}, {"type": "text", "text": "", "ann": 1}],
        "stop_reason": SAID, "stop_sequence": null, SAID: 1, "usage": {"input_tokens": 3, "output_tokens": 2}});
    let stub = Stub::answering("application/json", &answer.to_string()).await;
    let names = [("$STUB", stub.url())];
    for (caller, losses) in [
        (
            OpenAi,
            json!(["unknown_field", "content.type", "stop_reason"]),
        ),
        (Anthropic, Value::Null),
    ] {
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let config = open_to(&[Anthropic.provider("a", "$STUB")], &policies("", "redact"));
        let bench = Bench::with(&config, parts).await;
        let (told, record) = bench.ask(caller.ask("m", "Hi", false)).await;
        assert_eq!(told.status, 200, "{}", told.text());
        let all = format!("{record} {:?}", told.headers);
        for said in ["4111", "example.org", "ann@"] {
            assert!(!all.contains(said), "{all}");
        }
        let mut named: Vec<_> = record["losses"].as_array().cloned().unwrap_or_default();
        named.sort_by_key(ToString::to_string);
        let mut wanted: Vec<_> = losses.as_array().cloned().unwrap_or_default();
        wanted.sort_by_key(ToString::to_string);
        assert_eq!(named, wanted, "{record}");
    }
}
