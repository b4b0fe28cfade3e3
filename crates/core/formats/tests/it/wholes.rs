//! Streams of Responses in which something comes whole and not in pieces.

use serde_json::{Value, json};
use tollgate_formats::FormatId;
use tollgate_formats::exchange::{BlockKind, Delta, Finish, StreamEvent};
use tollgate_wire::sse::Event;

use crate::collect::collect;
use crate::load::decode;

/// Answers may have a text, an annotation and a call.
fn message() -> Value {
    json!({"type": "message", "id": "msg", "role": "assistant", "content": [part()]})
}

fn part() -> Value {
    json!({"type": "output_text", "text": "It rains.", "annotations":
        [{"type": "url_citation", "url": "https://x", "start_index": 0, "end_index": 2}]})
}

fn call() -> Value {
    json!({"type": "function_call", "id": "fc", "call_id": "c1", "name": "f", "arguments": "{\"a\":1}"})
}

fn thought() -> Value {
    json!({"type": "reasoning", "id": "rs", "summary": [
        {"type": "summary_text", "text": "one"}, {"type": "summary_text", "text": "two"}]})
}

fn of(events: &[Value]) -> Vec<StreamEvent> {
    let event = |event: &Value| Event::from_parts(None, event.to_string().as_bytes());
    let events: Vec<Event> = events.iter().map(event).collect();
    decode(FormatId::OpenaiResponses, &events)
}

fn completed(output: &Value) -> Value {
    json!({"type": "response.completed", "response": {"status": "completed", "output": output}})
}

fn done(index: u64, item: &Value) -> Value {
    json!({"type": "response.output_item.done", "output_index": index, "item": item})
}

/// Kinds, texts, and how many citations and losses there are.
fn told(events: &[StreamEvent]) -> (Vec<(&'static str, String)>, usize, Vec<&'static str>) {
    let said = collect(events);
    assert!(said.ended && said.blocks.iter().all(|block| block.ended));
    let kind = |kind: &BlockKind| match kind {
        BlockKind::Text => "text",
        BlockKind::Refusal => "refusal",
        BlockKind::Reasoning => "reasoning",
        BlockKind::ToolCall { .. } => "call",
    };
    let blocks = said.blocks.iter();
    let cited = |event: &&StreamEvent| {
        matches!(
            event,
            StreamEvent::Delta {
                delta: Delta::Citation(_),
                ..
            }
        )
    };
    let lost = events.iter().filter_map(|event| match event {
        StreamEvent::Lost(loss) => Some(loss.name()),
        _ => None,
    });
    (
        blocks
            .map(|block| (kind(&block.kind), block.text.clone()))
            .collect(),
        events.iter().filter(cited).count(),
        lost.collect(),
    )
}

fn text() -> (&'static str, String) {
    ("text", "It rains.".to_owned())
}

#[test]
fn a_text_without_pieces_is_read_wherever_it_comes_whole() {
    let part_done = json!({"type": "response.content_part.done", "output_index": 0, "content_index": 0, "part": part()});
    let everything = [
        part_done.clone(),
        done(0, &message()),
        completed(&json!([message()])),
    ];
    for events in [
        vec![part_done, completed(&json!([]))],
        vec![done(0, &message()), completed(&json!([]))],
        vec![completed(&json!([message()]))],
        everything.to_vec(),
    ] {
        let told = told(&of(&events));
        assert_eq!(told, (vec![text()], 1, Vec::new()), "{events:?}");
    }
}

#[test]
fn what_came_in_pieces_is_not_told_once_more() {
    let delta = |text: &str| json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": text});
    let events = [
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message"}}),
        json!({"type": "response.content_part.added", "output_index": 0, "content_index": 0, "part": {"type": "output_text", "text": ""}}),
        delta("It "),
        delta("rains."),
        json!({"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "It rains."}),
        json!({"type": "response.output_text.annotation.added", "output_index": 0, "content_index": 0,
            "annotation": {"type": "url_citation", "url": "https://x"}}),
        json!({"type": "response.content_part.done", "output_index": 0, "content_index": 0, "part": part()}),
        done(0, &message()),
        // Counted otherwise.
        completed(&json!([thought(), message()])),
    ];
    let (blocks, cited, lost) = told(&of(&events));
    assert_eq!(
        blocks,
        [text(), ("reasoning", "one\n\ntwo".to_owned())],
        "what was not told before"
    );
    assert_eq!((cited, lost), (1, Vec::new()));
}

#[test]
fn a_call_that_only_comes_whole_is_a_call() {
    let stray = json!({"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "{\"a\":1}"});
    for events in [
        vec![done(1, &call()), completed(&json!([thought(), call()]))],
        vec![completed(&json!([thought(), call()]))],
        vec![stray, done(1, &call()), completed(&json!([thought()]))],
    ] {
        let read = of(&events);
        let (mut blocks, _, lost) = told(&read);
        blocks.sort_unstable();
        let expected = [
            ("call", "{\"a\":1}".to_owned()),
            ("reasoning", "one\n\ntwo".to_owned()),
        ];
        assert_eq!((blocks.as_slice(), lost), (&expected[..], Vec::new()));
        assert_eq!(collect(&read).finishes, [(0, Finish::ToolCalls)]);
    }
}

#[test]
fn what_has_no_block_to_go_to_is_named() {
    let arguments =
        json!({"type": "response.function_call_arguments.delta", "output_index": 3, "delta": "{"});
    let cited = json!({"type": "response.output_text.annotation.added", "output_index": 4, "content_index": 0,
        "annotation": {"type": "url_citation", "url": "https://x"}});
    for event in [arguments, cited] {
        let (blocks, _, lost) = told(&of(&[event, completed(&json!([]))]));
        assert_eq!((blocks, lost), (Vec::new(), vec!["stray_delta"]));
    }
    let search = json!({"type": "web_search_call", "id": "ws"});
    let (_, _, lost) = told(&of(&[completed(&json!([search]))]));
    assert_eq!(lost.len(), 1);
}

#[test]
fn an_item_of_the_end_is_told_once_and_so_is_its_loss() {
    let added = |item: &Value| json!({"type": "response.output_item.added", "output_index": 0, "item": item});
    let empty = json!({"type": "reasoning", "id": "rs", "summary": []});
    let events = [added(&empty), done(0, &empty), completed(&json!([empty]))];
    let (blocks, _, _) = told(&of(&events));
    assert_eq!(blocks, [("reasoning", String::new())]);
    let search = json!({"type": "web_search_call", "id": "ws"});
    let events = [
        added(&search),
        done(0, &search),
        completed(&json!([search])),
    ];
    let (_, _, lost) = told(&of(&events));
    assert_eq!(lost.len(), 1);
}
