//! Streams: golden transcripts, and the same result for every cut.

use std::fmt::Write as _;
use tollgate_formats::FormatId;
use tollgate_formats::exchange::{
    BlockKind, Citation, Delta, Finish, Likely, Seal, StreamEvent, TokenLogprob,
};

use tollgate_formats::view::EventView;
use tollgate_wire::sse::Event;
use tollgate_wire::{StrSpan, json};

use crate::check;
use crate::collect::collect;
use crate::load::{
    callers, chats, decode, encode, events, file, files, json as value, options, read_answer,
};

/// One line for each event: what the gateway sees of it.
fn views(format: FormatId, events: &[Event]) -> String {
    let mut out = String::new();
    for (event, view) in events.iter().zip(view_all(format, events)) {
        line(&mut out, event, &view).unwrap();
    }
    out
}

fn line(out: &mut String, event: &Event, view: &EventView) -> std::fmt::Result {
    let text = |span: StrSpan| {
        json::decode(span.span.of(event.data()), span.escaped)
            .unwrap()
            .into_owned()
    };
    write!(out, "{:?}", view.kind)?;
    for piece in &view.pieces {
        let lane = piece.lane;
        write!(
            out,
            " {:?}@{}.{} {:?}",
            piece.field,
            lane.choice,
            lane.block,
            text(piece.text)
        )?;
    }
    if !view.logprobs.is_empty() {
        write!(out, " +logprobs")?;
    }
    for closed in &view.closed {
        write!(out, " closes {}.{:?}", closed.choice, closed.block)?;
    }
    if view.only_text {
        write!(out, " only-text")?;
    }
    if let Some(finish) = view.finish {
        write!(out, " finish={}", text(finish))?;
    }
    if let Some(usage) = view.usage {
        write!(out, " {usage:?}")?;
    }
    if let Some(failure) = &view.failure {
        write!(out, " {failure:?}")?;
    }
    writeln!(out)
}

fn view_all(format: FormatId, events: &[Event]) -> Vec<EventView> {
    let mut view = EventView::default();
    let seen = events.iter().map(|event| {
        format.format().view_event(event, &mut view).unwrap();
        view.clone()
    });
    seen.collect()
}

fn everything(format: FormatId, frames: &[&[u8]]) -> String {
    let events = events(frames);
    let canonical = decode(format, &events);
    let mut text = views(format, &events);
    text += "\n";
    for event in &canonical {
        writeln!(text, "{event:?}").unwrap();
    }
    for target in callers() {
        let (encoded, losses) = encode(target, &canonical);
        check::stream(target, &encoded);
        write!(
            text,
            "\n== {} losses: {losses}\n{encoded}",
            target.format().label()
        )
        .unwrap();
    }
    text
}

#[test]
fn transcripts_read_and_translate_as_recorded() {
    for format in chats() {
        for (name, bytes) in files(format, "sse") {
            insta::assert_snapshot!(
                format!("{}__{name}", format.format().label()),
                everything(format, &[&bytes])
            );
        }
    }
}

#[test]
fn every_cut_of_a_stream_gives_the_same() {
    let all = |format: FormatId, frames: &[&[u8]]| {
        let events = events(frames);
        let views = view_all(format, &events);
        let canonical = decode(format, &events);
        let targets = callers().map(|target| encode(target, &canonical).0);
        let written: Vec<String> = targets.collect();
        (views, canonical, written)
    };
    for format in chats() {
        for (name, bytes) in files(format, "sse") {
            let whole = all(format, &[&bytes]);
            let said = |events: &[Event]| -> Vec<_> {
                let parts =
                    |event: &Event| (event.name().map(str::to_owned), event.data().to_vec());
                events.iter().map(parts).collect()
            };
            let uncut = said(&events(&[&bytes]));
            for cut in 0..=bytes.len() {
                let (left, right) = bytes.split_at(cut);
                // What is read of an event depends on nothing but its name and data.
                assert_eq!(said(&events(&[left, right])), uncut, "{name} cut at {cut}");
                if cut % 64 == 0 {
                    assert_eq!(all(format, &[left, right]), whole, "{name} cut at {cut}");
                }
            }
        }
    }
}

/// The events of a text that comes in pieces, as raw JSON string content.
fn pieces(format: FormatId, field: &str, pieces: &[&str]) -> Vec<Event> {
    if format == FormatId::BedrockConverse {
        return converse_pieces(field, pieces);
    }
    if format == FormatId::OpenaiResponses {
        return response_pieces(field, pieces);
    }
    if format == FormatId::CohereChat {
        return cohere_pieces(field, pieces);
    }
    let mut stream = match (format, field) {
        (FormatId::OpenaiChat, "arguments") => {
            r#"data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f"}}]}}]}"#
        }
        (FormatId::OpenaiChat, _) => r#"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant"}}]}"#,
        (_, "partial_json") => {
            r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#
        }
        (_, "thinking") => r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
        _ => r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
    }
    .to_owned();
    for piece in pieces {
        let delta = match (format, field) {
            (FormatId::OpenaiChat, "arguments") => {
                format!(r#"{{"tool_calls":[{{"index":0,"function":{{"arguments":"{piece}"}}}}]}}"#)
            }
            _ => format!(r#"{{"{field}":"{piece}"}}"#),
        };
        let event = match format {
            FormatId::OpenaiChat | FormatId::OpenaiResponses => {
                format!(r#"{{"id":"c","choices":[{{"index":0,"delta":{delta}}}]}}"#)
            }
            _ => format!(r#"{{"type":"content_block_delta","index":0,"delta":{delta}}}"#),
        };
        write!(stream, "\n\ndata: {event}").unwrap();
    }
    stream += match format {
        FormatId::OpenaiChat => "\n\ndata: [DONE]\n\n",
        _ => "\n\ndata: {\"type\":\"message_stop\"}\n\n",
    };
    events(&[stream.as_bytes()])
}

/// As [`pieces`], where the events are named and only calls are announced.
fn converse_pieces(field: &str, pieces: &[&str]) -> Vec<Event> {
    let start = r#"{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}"#;
    let start = Event::from_parts(Some("contentBlockStart"), start.as_bytes());
    let mut events: Vec<Event> = (field == "input").then_some(start).into_iter().collect();
    events.extend(pieces.iter().map(|piece| {
        let delta = match field {
            "text" => format!(r#"{{"text":"{piece}"}}"#),
            "input" => format!(r#"{{"toolUse":{{"input":"{piece}"}}}}"#),
            _ => format!(r#"{{"reasoningContent":{{"text":"{piece}"}}}}"#),
        };
        let data = format!(r#"{{"contentBlockIndex":0,"delta":{delta}}}"#);
        Event::from_parts(Some("contentBlockDelta"), data.as_bytes())
    }));
    let stop = br#"{"stopReason":"end_turn"}"#;
    events.push(Event::from_parts(Some("messageStop"), stop));
    events
}

/// The same for Responses, where the field is in the type of the event.
fn response_pieces(field: &str, pieces: &[&str]) -> Vec<Event> {
    let mut stream = String::new();
    if field == "function_call_arguments" {
        stream += "data: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"function_call\",\"call_id\":\"t\",\"name\":\"f\",\"arguments\":\"\"}}\n\n";
    }
    for piece in pieces {
        let event = format!(
            r#"{{"type":"response.{field}.delta","output_index":0,"content_index":0,"delta":"{piece}"}}"#
        );
        write!(stream, "data: {event}\n\n").unwrap();
    }
    stream += "data: {\"type\":\"response.completed\",\"response\":{\"output\":[]}}\n\n";
    events(&[stream.as_bytes()])
}

/// The same for Cohere's chats.
fn cohere_pieces(field: &str, pieces: &[&str]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut push = |kind: &str, message: &str| {
        let data = format!(r#"{{"type":"{kind}","index":0,"delta":{{"message":{message}}}}}"#);
        events.push(Event::from_parts(Some(kind), data.as_bytes()));
    };
    if field == "arguments" {
        let call =
            r#"{"tool_calls":{"id":"t","type":"function","function":{"name":"f","arguments":""}}}"#;
        push("tool-call-start", call);
    }
    for piece in pieces {
        match field {
            "arguments" => push(
                "tool-call-delta",
                &format!(r#"{{"tool_calls":{{"function":{{"arguments":"{piece}"}}}}}}"#),
            ),
            "tool_plan" => push("tool-plan-delta", &format!(r#"{{"tool_plan":"{piece}"}}"#)),
            _ => push(
                "content-delta",
                &format!(r#"{{"content":{{"{field}":"{piece}"}}}}"#),
            ),
        }
    }
    events.push(Event::from_parts(
        Some("message-end"),
        br#"{"delta":{"finish_reason":"COMPLETE"}}"#,
    ));
    events
}

#[test]
fn a_character_that_events_cut_in_half_is_joined() {
    let table: [(&[&str], &str); 7] = [
        (&["a\\ud83d", "\\ude00b"], "a\u{1f600}b"),
        (
            &["\\ud83d", "", "\\ude00\\ud83d", "\\ude01"],
            "\u{1f600}\u{1f601}",
        ),
        (&["a\\ud83d", "b"], "a\u{fffd}b"),
        (&["a", "\\ude00b"], "a\u{fffd}b"),
        (&["a\\ud83d"], "a\u{fffd}"),
        (&["\\\\ud83d", "x"], "\\ud83dx"),
        (&["\\ud83d\\ude00", "x"], "\u{1f600}x"),
    ];
    for (format, fields) in [
        (
            FormatId::OpenaiChat,
            ["content", "reasoning_content", "refusal", "arguments"].as_slice(),
        ),
        (
            FormatId::AnthropicMessages,
            &["text", "thinking", "partial_json"],
        ),
        (FormatId::BedrockConverse, &["text", "thought", "input"]),
        (
            FormatId::CohereChat,
            &["text", "thinking", "tool_plan", "arguments"],
        ),
        (
            FormatId::OpenaiResponses,
            &[
                "output_text",
                "refusal",
                "reasoning_summary_text",
                "function_call_arguments",
            ],
        ),
    ] {
        for field in fields {
            for (given, whole) in &table {
                let said = collect(&decode(format, &pieces(format, field, given)));
                let texts: Vec<&str> = said.blocks.iter().map(|block| &*block.text).collect();
                assert_eq!(texts, [*whole], "{format:?} {field} {given:?}");
            }
        }
    }
}

#[test]
fn a_stream_written_and_read_back_says_the_same() {
    for format in chats() {
        for (name, bytes) in files(format, "sse") {
            let canonical = decode(format, &events(&[&bytes]));
            let before = collect(&canonical);
            for target in callers() {
                let (encoded, losses) = encode(target, &canonical);
                let after = collect(&decode(target, &events(&[encoded.as_bytes()])));
                assert_eq!(before.ended, after.ended, "{name}");
                assert_eq!(before.failure.is_some(), after.failure.is_some(), "{name}");
                if losses.is_empty() && before.failure.is_none() {
                    let text = |said: &crate::collect::Said| {
                        let mut texts: Vec<String> =
                            said.blocks.iter().map(|block| block.text.clone()).collect();
                        texts.retain(|text| !text.is_empty() && text != "{}");
                        texts
                    };
                    assert_eq!(text(&before), text(&after), "{name} to {target:?}");
                }
            }
        }
    }
}

/// What ends a stream in some format.
const END_MARKS: [&str; 5] = [
    "[DONE]",
    "message_stop",
    "messageStop",
    "\"metrics\"",
    "response.completed",
];

#[test]
fn an_error_in_a_stream_is_never_an_end() {
    for format in chats() {
        let canonical = decode(format, &events(&[&file(format, "error.sse")]));
        for target in callers() {
            let (encoded, _losses) = encode(target, &canonical);
            assert!(encoded.contains("\"error\"") || encoded.contains("Exception"));
            assert!(END_MARKS.iter().all(|mark| !encoded.contains(mark)));
        }
    }
}

#[test]
fn a_stream_that_breaks_gets_no_end_mark() {
    for format in chats() {
        let bytes = file(format, "text.sse");
        let all = events(&[&bytes]);
        let canonical = decode(format, &all[..all.len() / 2]);
        for target in callers() {
            let (encoded, _losses) = encode(target, &canonical);
            assert!(END_MARKS.iter().all(|mark| !encoded.contains(mark)));
            for end in [
                "[DONE]",
                "message_stop",
                "response.completed",
                "response.incomplete",
            ] {
                assert!(!encoded.contains(end), "{encoded}");
            }
        }
    }
}

#[test]
fn a_filtered_end_is_one_that_sdks_accept() {
    for format in callers() {
        for started in [false, true] {
            let head = if started {
                let canonical = decode(
                    FormatId::OpenaiChat,
                    &events(&[&file(FormatId::OpenaiChat, "text.sse")]),
                );
                encode(format, &canonical[..3]).0
            } else {
                String::new()
            };
            let open = if started {
                [tollgate_formats::view::Opened {
                    choice: 0,
                    block: 0,
                }]
                .into_iter()
                .collect()
            } else {
                Default::default()
            };
            let delivered = tollgate_formats::Delivered {
                started,
                open,
                id: started.then(|| "their-id".into()),
            };
            let usage = Some(Default::default());
            let end = match format.format().journal() {
                Some(mut journal) => {
                    for event in events(&[head.as_bytes()]) {
                        journal.note(&mut event.raw().clone());
                    }
                    journal.filtered_end(&delivered, usage, &options())
                }
                None => format.format().filtered_end(&delivered, usage, &options()),
            };
            let text = head + str::from_utf8(&end).unwrap();
            check::stream(format, &text);
            let word = match format {
                FormatId::OpenaiChat | FormatId::OpenaiCompletions => "content_filter",
                FormatId::AnthropicMessages => "refusal",
                FormatId::GeminiGenerate => "SAFETY",
                FormatId::BedrockConverse => "guardrail_intervened",
                FormatId::OpenaiResponses => "content_filter",
                FormatId::CohereChat => "ERROR_TOXIC",
                _ => "SAFETY",
            };
            assert!(text.contains(word));
            if matches!(format, FormatId::OpenaiChat | FormatId::GeminiGenerate) {
                let id = if started { "their-id" } else { "id-1" };
                assert!(str::from_utf8(&end).unwrap().contains(id), "{text}");
            }
        }
        let whole = value(
            &format
                .format()
                .filtered_answer(&options(), Default::default()),
        );
        read_answer(format, whole.to_string().as_bytes());
    }
}

#[test]
fn a_call_without_arguments_is_an_empty_object_to_openai_clients() {
    let canonical = decode(
        FormatId::AnthropicMessages,
        &events(&[&file(FormatId::AnthropicMessages, "thinking_tools.sse")]),
    );
    let (encoded, losses) = encode(FormatId::OpenaiChat, &canonical);
    assert!(losses.is_empty(), "{losses}");
    let said = collect(&decode(
        FormatId::OpenaiChat,
        &events(&[encoded.as_bytes()]),
    ));
    let last = said.blocks.last().unwrap();
    assert_eq!(last.text, "{}");
    assert_eq!(said.blocks[0].signature, "EqQB+/sig==");
    assert_eq!(said.usage.unwrap().input, 135);
}

#[test]
fn what_waits_for_its_turn_is_bounded() {
    let format = FormatId::AnthropicMessages.chat().unwrap();
    let mut encoder = format.stream_encoder(options());
    let (mut out, mut losses) = (bytes::BytesMut::new(), tollgate_formats::Losses::default());
    let call = |block| StreamEvent::BlockStart {
        choice: 0,
        block,
        kind: BlockKind::ToolCall {
            id: format!("call_{block}"),
            name: "f".to_owned(),
            signature: None,
        },
    };
    encoder.push(&call(0), &mut out, &mut losses);
    encoder.push(&call(1), &mut out, &mut losses);
    let delta = Delta::Arguments("x".repeat(1 << 20));
    let piece = StreamEvent::Delta {
        choice: 0,
        block: 1,
        delta,
    };
    for _ in 0..8 {
        encoder.push(&piece, &mut out, &mut losses);
    }
    encoder.push(&StreamEvent::End, &mut out, &mut losses);
    let text = str::from_utf8(&out).unwrap();
    assert!(text.contains("event: error") && !text.contains("message_stop"));
    check::stream(FormatId::AnthropicMessages, text);
}

#[test]
fn servers_that_count_calls_badly_are_understood() {
    let chunk = |call: &str| {
        let data =
            format!(r#"{{"id":"c","choices":[{{"index":0,"delta":{{"tool_calls":[{call}]}}}}]}}"#);
        Event::from_parts(None, data.as_bytes())
    };
    let done = Event::from_parts(None, b"[DONE]");
    // Without an index; with arguments before the name; without an id; as plain JSON.
    let stream = [
        chunk(r#"{"id":"a","function":{"name":"f","arguments":"{\"x\":"}}"#),
        chunk(r#"{"function":{"arguments":"1}"}}"#),
        chunk(r#"{"index":5,"id":"b","function":{"arguments":"{\"y\""}}"#),
        chunk(r#"{"index":5,"function":{"name":"g","arguments":":2}"}}"#),
        chunk(r#"{"index":6,"function":{"name":"h","arguments":{"z":3}}}"#),
        done,
    ];
    let said = collect(&decode(FormatId::OpenaiChat, &stream));
    let calls: Vec<_> = said
        .blocks
        .iter()
        .map(|block| (block.kind.clone(), block.text.as_str()))
        .collect();
    let kind = |id: &str, name: &str| BlockKind::ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        signature: None,
    };
    assert_eq!(calls[0], (kind("a", "f"), r#"{"x":1}"#));
    assert_eq!(calls[1], (kind("b", "g"), r#"{"y":2}"#));
    assert_eq!(calls[2], (kind("call_c_0_2", "h"), r#"{"z":3}"#));
}

#[test]
fn the_parts_of_array_content_are_one_text() {
    let frames = [
        r#"{"choices":[{"delta":{"content":[{"type":"text","text":"a@"},{"type":"text","text":"b"}]}}]}"#,
        r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},".co",{"text":"m"}]}}]}"#,
        r#"{"choices":[{"delta":{"content":"!"}}]}"#,
    ]
    .map(|data| format!("data: {data}\n\n"));
    let frames: Vec<&[u8]> = frames.iter().map(|frame| frame.as_bytes()).collect();
    let seen = views(FormatId::OpenaiChat, &events(&frames));
    let thinking = u32::MAX;
    assert_eq!(
        seen,
        format!(
            "Content Text@0.0 \"a@\" Text@0.0 \"b\" only-text\n\
             Content Reasoning@0.{thinking} \"t\" Text@0.0 \".co\" Text@0.0 \"m\" only-text\n\
             Content Text@0.0 \"!\" only-text\n"
        )
    );
}

/// Encodes as a Responses stream, and gives its end.
fn as_response(events: impl Iterator<Item = StreamEvent>) -> String {
    let format = FormatId::OpenaiResponses.chat().unwrap();
    let mut encoder = format.stream_encoder(options());
    let mut losses = tollgate_formats::Losses::default();
    let mut last = String::new();
    for event in events {
        let mut out = bytes::BytesMut::new();
        encoder.push(&event, &mut out, &mut losses);
        if !out.is_empty() {
            last = String::from_utf8(out.to_vec()).unwrap();
        }
    }
    last
}

fn a_text() -> StreamEvent {
    StreamEvent::BlockStart {
        choice: 0,
        block: 0,
        kind: BlockKind::Text,
    }
}

const fn piece_of(delta: Delta) -> StreamEvent {
    StreamEvent::Delta {
        choice: 0,
        block: 0,
        delta,
    }
}

#[test]
fn a_response_that_cites_or_counts_without_end_is_bounded() {
    let cited = piece_of(Delta::Citation(Citation {
        url: Some(format!("https://x/{}", "y".repeat(1 << 20))),
        ..Citation::default()
    }));
    let token = |text: String| Likely {
        text,
        logprob: serde_json::Number::from(-1),
    };
    let counted = StreamEvent::Logprobs {
        choice: 0,
        tokens: vec![TokenLogprob {
            token: token("x".to_owned()),
            top: vec![token("y".repeat(1 << 20))],
        }],
    };
    for event in [cited, counted] {
        let many = std::iter::repeat_n(event, 40);
        let end = as_response([a_text()].into_iter().chain(many).chain([StreamEvent::End]));
        assert!(end.contains("response.failed"), "{}", &end[..200]);
    }
}

#[test]
fn very_many_citations_of_a_long_text_take_linear_time() {
    let cited = piece_of(Delta::Citation(Citation {
        url: Some("https://x".to_owned()),
        ..Citation::default()
    }));
    let said = piece_of(Delta::Text("é".repeat(1 << 20)));
    let end = as_response(
        [a_text(), said]
            .into_iter()
            .chain(std::iter::repeat_n(cited, 20_000))
            .chain([StreamEvent::End]),
    );
    assert!(end.contains("\"end_index\":1048576"));
}

#[test]
fn every_choice_of_an_event_is_open_until_it_ends() {
    for (format, choice) in [
        (
            FormatId::OpenaiChat,
            r#""choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]"#,
        ),
        (
            FormatId::GeminiGenerate,
            r#""candidates":[{"index":0,"content":{"parts":[{"text":"a"}]}},{"index":1,"content":{"parts":[{"text":"b"}]}}]"#,
        ),
    ] {
        let event = Event::from_parts(None, format!("{{{choice}}}").as_bytes());
        let mut view = EventView::default();
        format.format().view_event(&event, &mut view).unwrap();
        let mut delivered = tollgate_formats::Delivered::default();
        delivered.note(&event, &view);
        let open: Vec<u32> = delivered.open.iter().map(|part| part.choice).collect();
        assert_eq!(open, [0, 1]);
        let end = format.format().filtered_end(&delivered, None, &options());
        let end = events(&[&end]);
        let mut ended: Vec<u32> = Vec::new();
        for event in &end {
            format.format().view_event(event, &mut view).unwrap();
            ended.extend(view.closed.iter().map(|closed| closed.choice));
        }
        ended.sort_unstable();
        assert_eq!(ended, [0, 1]);
    }
}

#[test]
fn a_prompt_that_was_blocked_is_filtered_however_it_is_read() {
    let format = FormatId::GeminiGenerate.format();
    for word in ["OTHER", "SAFETY", "IMAGE_SAFETY", "NEW_REASON"] {
        let body = format!(r#"{{"promptFeedback":{{"blockReason":"{word}"}}}}"#);
        let view = format.view_answer(body.as_bytes(), false).unwrap();
        let read = view.read_finish(format, body.as_bytes());
        assert_eq!(read, Some(Finish::ContentFilter), "{word}");
        let answer = format.id().chat().unwrap().decode_answer(body.as_bytes());
        assert_eq!(answer.unwrap().choices[0].finish, read, "{word}");
        let event = Event::from_parts(None, body.as_bytes());
        let mut view = EventView::default();
        format.view_event(&event, &mut view).unwrap();
        assert_eq!(view.read_finish(format, event.data()), read, "{word}");
    }
}

#[test]
fn seals_are_told_from_ids_and_signatures_in_streams_as_in_whole_answers() {
    let seal = Seal::new(FormatId::GeminiGenerate, "c2ln".to_owned());
    let id = seal.in_id("call_1");
    for (format, frames) in [
        (
            FormatId::BedrockConverse,
            [
                (
                    "contentBlockStart",
                    serde_json::json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": id, "name": "f"}}}),
                ),
                (
                    "contentBlockDelta",
                    serde_json::json!({"contentBlockIndex": 1, "delta": {"reasoningContent": {"signature": seal.kept_by(FormatId::BedrockConverse)}}}),
                ),
            ],
        ),
        (
            FormatId::AnthropicMessages,
            [
                (
                    "content_block_start",
                    serde_json::json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": id, "name": "f", "input": {}}}),
                ),
                (
                    "content_block_start",
                    serde_json::json!({"type": "content_block_start", "index": 1, "content_block": {"type": "thinking", "thinking": "", "signature": seal.kept_by(FormatId::AnthropicMessages)}}),
                ),
            ],
        ),
    ] {
        let event = |(name, data): &(&str, serde_json::Value)| {
            Event::from_parts(Some(name), data.to_string().as_bytes())
        };
        let read = decode(format, &frames.iter().map(event).collect::<Vec<_>>());
        let is_call = |event: &StreamEvent| {
            matches!(event, StreamEvent::BlockStart { kind: BlockKind::ToolCall { id, signature: Some(found), .. }, .. }
                if id == "call_1" && *found == seal)
        };
        assert!(read.iter().any(is_call), "{read:?}");
        let is_signed = |event: &StreamEvent| matches!(event, StreamEvent::Delta { delta: Delta::Signature(found), .. } if *found == seal);
        assert!(read.iter().any(is_signed), "{read:?}");
    }
}

#[test]
fn what_is_signed_without_a_text_has_an_empty_one_for_callers_of_converse() {
    let events = [
        StreamEvent::BlockStart {
            choice: 0,
            block: 0,
            kind: BlockKind::Reasoning,
        },
        piece_of(Delta::Signature(Seal::new(
            FormatId::GeminiGenerate,
            "c2ln".to_owned(),
        ))),
        StreamEvent::BlockEnd {
            choice: 0,
            block: 0,
        },
    ];
    let (text, _losses) = encode(FormatId::BedrockConverse, &events);
    let empty = text.find(r#""reasoningContent":{"text":""}"#).unwrap();
    let signature = text.find(r#""reasoningContent":{"signature""#).unwrap();
    assert!(empty < signature);
}
