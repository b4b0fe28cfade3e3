//! What only Cohere's formats have: billed counts, words for failures, documents by number.

use serde_json::{Value, json};
use tollgate_formats::exchange::StreamEvent;
use tollgate_formats::view::{EventKind, EventView};
use tollgate_formats::{FormatId, Losses, last_report};
use tollgate_types::{ErrorClass, Usage};
use tollgate_wire::sse::Event;

use crate::load::{codec, decode, file, json as value, options};

const COHERE: FormatId = FormatId::CohereChat;

fn answer(finish: &str, usage: &Value) -> Vec<u8> {
    let content = json!([{"type": "text", "text": "It rains."}]);
    let message = json!({"role": "assistant", "content": content});
    json!({"id": "a", "finish_reason": finish, "message": message, "usage": usage})
        .to_string()
        .into_bytes()
}

fn event(data: &Value) -> Event {
    Event::from_parts(None, data.to_string().as_bytes())
}

fn seen(event: &Event) -> EventView {
    let mut view = EventView {
        all_texts: true,
        ..EventView::default()
    };
    COHERE.format().view_event(event, &mut view).unwrap();
    view
}

#[test]
fn billed_counts_are_the_usage_wherever_it_is_read() {
    let counts = |input: u64, output: u64| json!({"input_tokens": input, "output_tokens": output});
    for (usage, input, output, cached_input) in [
        (
            json!({"billed_units": counts(21, 12), "tokens": counts(310, 18), "cached_tokens": 64}),
            21,
            12,
            0,
        ),
        (
            json!({"tokens": counts(310, 18), "billed_units": counts(0, 0)}),
            0,
            0,
            0,
        ),
        // Nobody says what is billed.
        (
            json!({"tokens": counts(310, 18), "cached_tokens": 64}),
            310,
            18,
            64,
        ),
        (
            json!({"tokens": counts(310, 18), "billed_units": {}}),
            310,
            18,
            0,
        ),
    ] {
        let expected = Some(Usage {
            input,
            output,
            cached_input,
            ..Usage::default()
        });
        let body = answer("COMPLETE", &usage);
        let view = codec(COHERE).view_answer(&body, false).unwrap();
        assert_eq!(view.usage, expected, "{usage}");
        let read = codec(COHERE).decode_answer(&body).unwrap();
        assert_eq!(read.usage, expected, "{usage}");
        let end =
            json!({"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage}});
        let end = event(&end);
        assert_eq!(seen(&end).usage, expected, "{usage}");
        let told = decode(COHERE, &[end]);
        let told = told.iter().find_map(|event| match event {
            StreamEvent::Usage(usage) => Some(*usage),
            _ => None,
        });
        assert_eq!(told, expected, "{usage}");
    }
}

/// Of paths without a format the same answer has the same usage.
#[test]
fn an_answer_that_passes_unread_has_the_same_usage() {
    let body = file(COHERE, "answer.json");
    let view = codec(COHERE).view_answer(&body, false).unwrap();
    assert_eq!(last_report(&body), view.usage);
    assert_eq!(view.usage.unwrap().input, 21);
}

#[test]
fn what_a_reranker_read_is_no_usage_where_searches_are_billed() {
    let meta = json!({"billed_units": {"search_units": 2}, "tokens": {"input_tokens": 900}});
    let body = json!({"results": [], "meta": meta}).to_string();
    let view = FormatId::CohereRerank
        .format()
        .view_answer(body.as_bytes(), false);
    let usage = view.unwrap().usage.unwrap();
    assert_eq!((usage.input, usage.searches), (0, 2));
}

#[test]
fn an_answer_that_ended_in_an_error_is_a_failure_of_its_provider() {
    for (word, class) in [
        ("ERROR", ErrorClass::ProviderFailed),
        ("TIMEOUT", ErrorClass::ProviderTimeout),
    ] {
        let body = answer(word, &Value::Null);
        let format = codec(COHERE);
        assert!(format.view_answer(&body, false).is_err(), "{word}");
        assert!(format.view_answer(&body, true).is_err(), "{word}");
        assert!(format.decode_answer(&body).is_err(), "{word}");
        let failure = format.decode_failure(200, &body);
        assert_eq!(
            (failure.class, failure.kind.as_deref()),
            (class, Some(word))
        );
        assert!(failure.message.contains(word), "{}", failure.message);

        let end = event(&json!({"type": "message-end", "delta": {"finish_reason": word}}));
        let view = seen(&end);
        assert_eq!(view.kind, EventKind::Error, "{word}");
        assert_eq!(view.failure.unwrap().class, class, "{word}");
        let told = decode(COHERE, &[end]);
        assert!(
            matches!(&told[..], [StreamEvent::Failure(failure)] if failure.class == class),
            "{told:?}"
        );
    }
    // A refusal by status keeps its meaning.
    let refused = codec(COHERE).decode_failure(498, br#"{"message": "a denied word"}"#);
    assert_eq!(
        (refused.class, refused.status, refused.message.as_str()),
        (ErrorClass::ProviderRefused, 498, "a denied word")
    );
}

#[test]
fn a_stream_that_failed_says_how_by_its_status() {
    let delta = json!({"finish_reason": "ERROR", "error": "wait", "status": 429});
    let end = event(&json!({"type": "message-end", "delta": delta}));
    let failure = seen(&end).failure.unwrap();
    assert_eq!(
        (failure.class, failure.message.as_str()),
        (ErrorClass::ProviderRateLimited, "wait")
    );
}

/// Version 2 has one word for both.
#[test]
fn a_full_window_ends_as_a_limit_does() {
    let body = br#"{"id":"a","type":"message","role":"assistant","model":"m","stop_reason":"model_context_window_exceeded",
        "content":[{"type":"text","text":"It"}],"usage":{"input_tokens":1,"output_tokens":1}}"#;
    let read = codec(FormatId::AnthropicMessages)
        .decode_answer(body)
        .unwrap();
    let mut losses = Losses::default();
    let told = codec(COHERE).encode_answer(&read, &options(), &mut losses);
    assert_eq!(value(&told)["finish_reason"], "MAX_TOKENS");
    assert!(losses.is_empty(), "{losses}");
}
