//! What only Cohere's formats have: billed counts, words for failures, documents by number.

use serde_json::{Value, json};
use tollgate_formats::exchange::{BlockKind, Citation, Delta, Part, StreamEvent};
use tollgate_formats::view::{EventKind, EventView};
use tollgate_formats::{Dialect, FormatId, Losses, last_report};
use tollgate_types::{ErrorClass, Usage};
use tollgate_wire::sse::Event;

use crate::collect::collect;
use crate::load::{codec, decode, encode, file, json as value, options};

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

/// A request of another format as Cohere gets it, and what was lost.
fn asked(from: FormatId, body: &Value) -> (Value, String) {
    let mut losses = Losses::default();
    let request = codec(from)
        .decode_request(body.to_string().as_bytes())
        .unwrap();
    let body = codec(COHERE).encode_request(&request, Dialect::Original, &mut losses);
    (value(&body), losses.to_string())
}

/// An answer as a caller of another format gets it, and what was lost.
fn told(from: FormatId, to: FormatId, body: &Value) -> (Value, String) {
    let mut losses = Losses::default();
    let answer = codec(from)
        .decode_answer(body.to_string().as_bytes())
        .unwrap();
    let body = codec(to).encode_answer(&answer, &options(), &mut losses);
    (value(&body), losses.to_string())
}

fn cited(citations: &Value) -> Value {
    let content = json!([{"type": "text", "text": "It rains."}]);
    let message = json!({"role": "assistant", "content": content, "citations": citations});
    json!({"id": "a", "finish_reason": "COMPLETE", "message": message})
}

/// As many as a body of a few megabytes has; each is looked at once.
#[test]
fn parts_and_citations_cost_their_sum() {
    let count = 100_000;
    let content = vec!["a"; count];
    let citation = |index: usize| json!({"content_index": count - index});
    let citations: Vec<Value> = (1..=count).map(citation).collect();
    let turn = json!({"role": "assistant", "content": content, "citations": citations});
    let body = json!({"model": "m", "messages": [turn]}).to_string();
    let request = codec(COHERE).decode_request(body.as_bytes()).unwrap();
    let parts = &request.messages[0].parts;
    let is_one = |part: &&Part| matches!(part, Part::Citation(_));
    assert_eq!(parts.iter().filter(is_one).count(), 256);
    assert!(matches!(
        &parts[count - 256..][..3],
        [Part::Text(_), Part::Citation(_), Part::Text(_)]
    ));
    assert_eq!(request.unread.to_string(), "citation");
}

#[test]
fn citations_stand_behind_their_part_in_the_order_in_which_they_came() {
    let content = json!([{"text": "one"}, {"text": "two"}]);
    let of = |index: u64, title: &str| {
        let document = json!({"type": "document", "document": {"title": title}});
        json!({"start": 0, "end": 1, "content_index": index, "sources": [document]})
    };
    let citations = json!([of(1, "c"), of(0, "a"), of(1, "d"), of(0, "b")]);
    let message = json!({"role": "assistant", "content": content, "citations": citations});
    let body = json!({"id": "a", "finish_reason": "COMPLETE", "message": message}).to_string();
    let read = codec(COHERE).decode_answer(body.as_bytes()).unwrap();
    let said: String = read.choices[0]
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Citation(citation) => citation.title.clone().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(said, "oneabtwocd");
}

/// Each of them names a passage of a long text.
#[test]
fn many_citations_of_a_long_text_are_written_up_to_a_limit() {
    let text = "\u{e9}".repeat(300_000);
    let annotation = json!({"type": "url_citation", "url": "https://x", "title": "t",
        "start_index": 299_990, "end_index": 300_000});
    let part =
        json!({"type": "output_text", "text": text, "annotations": vec![annotation; 50_000]});
    let item = json!({"type": "message", "role": "assistant", "content": [part]});
    let (body, losses) = asked(
        FormatId::OpenaiResponses,
        &json!({"model": "m", "input": [item]}),
    );
    let citations = body["messages"][0]["citations"].as_array().unwrap();
    assert_eq!(citations.len(), 256);
    assert_eq!(citations[255]["text"], "\u{e9}".repeat(10));
    assert!(losses.contains("citation"), "{losses}");
}

/// The canonical stream of a text in these pieces, with a citation of a passage behind.
fn backed(pieces: &[String], range: Option<(u64, u64)>, times: usize) -> Vec<StreamEvent> {
    let delta = |delta| StreamEvent::Delta {
        choice: 0,
        block: 0,
        delta,
    };
    let mut events = vec![StreamEvent::BlockStart {
        choice: 0,
        block: 0,
        kind: BlockKind::Text,
    }];
    events.extend(pieces.iter().map(|piece| delta(Delta::Text(piece.clone()))));
    let citation = Citation {
        range,
        url: Some("https://x".to_owned()),
        ..Citation::default()
    };
    events.extend(vec![delta(Delta::Citation(citation)); times]);
    events.push(StreamEvent::BlockEnd {
        choice: 0,
        block: 0,
    });
    events
}

fn citations(stream: &str) -> Vec<Value> {
    let lines = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let begun = lines.filter(|line| line.contains("\"citation-start\""));
    begun
        .map(|line| value(line.as_bytes())["delta"]["message"]["citations"].clone())
        .collect()
}

#[test]
fn a_streamed_passage_is_told_or_left_out_and_never_another_one() {
    // The second piece is too long to be kept; the third alone would fit.
    let pieces = ["a".repeat(1_000_000), "b".repeat(100_000), "c".repeat(10)];
    let passage = |range| {
        let (text, _) = encode(COHERE, &backed(&pieces, range, 1));
        let told = citations(&text).remove(0);
        (
            told["text"].as_str().unwrap().to_owned(),
            told["end"].as_u64().unwrap(),
        )
    };
    assert_eq!(passage(Some((0, 3))), ("aaa".to_owned(), 3));
    assert_eq!(
        passage(Some((1_000_000, 1_000_003))),
        (String::new(), 1_000_003)
    );
    assert_eq!(passage(None), (String::new(), 1_100_010));
}

#[test]
fn streamed_citations_are_written_up_to_a_limit() {
    let pieces = ["\u{e9}".repeat(500_000)];
    let (text, losses) = encode(COHERE, &backed(&pieces, Some((499_000, 499_001)), 20_000));
    let told = citations(&text);
    assert_eq!(told.len(), 256);
    assert!(told.iter().all(|told| told["text"] == "\u{e9}"));
    assert_eq!(losses.to_string(), "citation");
}

#[test]
fn documents_keep_their_numbers_where_others_are_lost() {
    let document = |name: &str, source: Value| json!({"document": {"name": name, "format": "pdf", "source": source}});
    let text = |text: &str| {
        let mut document = document("d", json!({"text": text}));
        document["document"]["format"] = json!("txt");
        document
    };
    let content = json!([text("one"), document("p", json!({"bytes": "JVBERi0="})), text("two"), {"text": "so?"}]);
    let body = json!({"messages": [{"role": "user", "content": content}]});
    let (asked, losses) = asked(FormatId::BedrockConverse, &body);
    assert_eq!(losses, "document");
    let documents = asked["documents"].as_array().unwrap();
    assert!(documents[0].get("id").is_none(), "{documents:?}");
    assert_eq!((documents.len(), &documents[1]["id"]), (2, &json!("doc:2")));
    let source = json!({"type": "document", "id": "doc:2", "document": {"text": "two"}});
    let citations = json!([{"start": 0, "end": 2, "sources": [source]}]);
    let (told, losses) = told(COHERE, FormatId::BedrockConverse, &cited(&citations));
    let content = &told["output"]["message"]["content"][0]["citationsContent"];
    let location = &content["citations"][0]["location"];
    assert_eq!(location["documentChunk"]["documentIndex"], 2, "{told}");
    assert_eq!(losses, "");
}

#[test]
fn given_documents_are_the_first_of_all() {
    let inside = json!([{"type": "document", "document": "inside"}, {"type": "text", "text": "a"}]);
    let turns = json!([{"role": "user", "content": inside}, {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"}]);
    let body = json!({"model": "m", "messages": turns, "documents": ["given"]});
    let request = codec(COHERE)
        .decode_request(body.to_string().as_bytes())
        .unwrap();
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let documents = parts.filter_map(|part| match part {
        Part::Document(document) => Some(format!("{:?}", document.content)),
        _ => None,
    });
    let documents: Vec<String> = documents.collect();
    assert_eq!(documents, [r#"Text("given")"#, r#"Text("inside")"#]);
}

#[test]
fn the_id_of_a_source_is_its_number_or_a_loss() {
    for (source, lost) in [
        (
            json!({"type": "document", "id": "doc:3", "document": {"id": "doc:3", "text": "a"}}),
            "",
        ),
        (
            json!({"type": "tool", "id": "look_up_1:0", "tool_output": {"a": "b"}}),
            "sources.id",
        ),
        (
            json!({"type": "document", "id": "mine", "document": {"id": "mine", "text": "a"}}),
            "sources.id",
        ),
        // As it was written for a source that is no document of the request.
        (
            json!({"type": "document", "id": "https://x", "document": {"url": "https://x"}}),
            "",
        ),
        (
            json!({"type": "document", "id": "", "document": {"text": "a"}}),
            "",
        ),
    ] {
        let citations = json!([{"start": 0, "end": 2, "sources": [source]}]);
        let body = cited(&citations).to_string();
        let read = codec(COHERE).decode_answer(body.as_bytes()).unwrap();
        assert_eq!(read.unread.to_string(), lost, "{source}");
    }
}

#[test]
fn a_nucleus_is_kept_within_what_cohere_takes() {
    for (given, written, lost) in [
        ("0", json!(0.01), "top_p"),
        ("0.001", json!(0.01), "top_p"),
        ("0.01", json!(0.01), ""),
        ("0.5", json!(0.5), ""),
        ("0.99", json!(0.99), ""),
        ("0.999", json!(0.99), ""),
        ("1", json!(0.99), ""),
    ] {
        let body = format!(
            r#"{{"model":"m","messages":[{{"role":"user","content":"a"}}],"top_p":{given}}}"#
        );
        let (told, losses) = asked(FormatId::OpenaiChat, &value(body.as_bytes()));
        assert_eq!((&told["p"], losses.as_str()), (&written, lost), "{given}");
    }
}

#[test]
fn what_stands_where_a_message_begins_is_said() {
    let message = json!({"role": "assistant", "tool_plan": "I look.",
        "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "So: "}],
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]});
    let begun = event(&json!({"type": "message-start", "id": "a", "delta": {"message": message}}));
    let more = event(&json!({"type": "content-delta", "index": 1,
        "delta": {"message": {"content": {"text": "rain."}}}}));
    let end = event(&json!({"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}));
    assert_eq!(seen(&begun).kind, EventKind::Content);
    let events = decode(COHERE, &[begun, more, end]);
    let said = collect(&events);
    assert!(said.ended && said.blocks.iter().all(|block| block.ended));
    let texts: Vec<&str> = said
        .blocks
        .iter()
        .map(|block| block.text.as_str())
        .collect();
    assert_eq!(texts, ["I look.", "Hm.", "So: rain.", "{}"]);
    assert!(
        matches!(&said.blocks[3].kind, BlockKind::ToolCall { id, name, .. } if id == "c" && name == "f")
    );
    let lost = events
        .iter()
        .any(|event| matches!(event, StreamEvent::Lost(_)));
    assert!(!lost, "{events:?}");
    // Most often nothing stands there.
    let empty = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
    let begun = event(&json!({"type": "message-start", "id": "a", "delta": {"message": empty}}));
    assert_eq!(seen(&begun).kind, EventKind::Preamble);
    assert!(matches!(
        &decode(COHERE, &[begun])[..],
        [StreamEvent::Start { .. }]
    ));
}
