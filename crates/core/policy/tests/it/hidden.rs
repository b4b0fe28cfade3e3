//! Nothing of an answer passes unread, wherever an odd or hostile provider puts it.

use bytes::Bytes;
use tollgate_formats::view::every_text;
use tollgate_formats::{FORMATS, Format, FormatId};
use tollgate_policy::{Machine, Verdict};
use tollgate_wire::Document;
use tollgate_wire::sse::{Event, EventReader};

use crate::support::{Sent, block, pump, redact};

/// A card, which one rule set redacts and another blocks.
const CARD: &str = "4111 1111 1111 1111";

fn events(stream: &str) -> Vec<Event> {
    let mut reader = EventReader::new(usize::MAX);
    reader.push(Bytes::copy_from_slice(stream.as_bytes()));
    std::iter::from_fn(|| reader.next_event().unwrap()).collect()
}

fn sent(format: FormatId, stream: &str) -> (String, Sent) {
    let sent = pump(&redact(), format, &events(stream));
    let text = String::from_utf8(sent.frames.concat()).unwrap();
    (text, sent)
}

/// Events of Chat that have `@` where a text may stand.
const CHAT: [&str; 30] = [
    r#"data: {"choices":[{"index":0,"delta":{"content":"@"}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"content":{"text":"@"}}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"@"}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"content":[{"type":"odd","value":{"deep":["@"]}}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"content":null,"role":"@"}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"content":[null,["@"]]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"content":[{"type":"text","text":{"value":"@"}}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"refusal":"@"}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"refusal":["@"]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"@"},{"type":"reasoning.summary","summary":"@"}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"function_call":{"name":"f","arguments":"@"}}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"audio":{"transcript":"@"}}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"content":"fine"},"logprobs":{"refusal":[{"top_logprobs":[{"token":"@"}]}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"reasoning_content":"@"}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"reasoning":"@"}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"reasoning":{"summary":"@"}}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"thinking":"@"}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"title":"@"}}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"tool_calls":"@"}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":{"card":"@"}}}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f","note":"@"},"more":"@"}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{"content":"fine"},"logprobs":{"content":[{"token":"@"}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"@"}]}}]}"#,
    r#"data: {"choices":[{"index":0,"delta":{},"native_finish_reason":"@","odd":"@"}]}"#,
    r#"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"note":"@"}}"#,
    r#"data: {"id":"@","object":"@","model":"@","system_fingerprint":"@","choices":[]}"#,
    r#"data: {"choices":[],"citations":["@"],"@":{"x":1}}"#,
    r#"data: {"error":{"message":"@","type":"@","code":"@","metadata":{"raw":"@"}}}"#,
    r#"data: {"choices":"@"}"#,
    "data: {\"choices\":[]}\n: @\nid: @\nretry: @\nodd: @",
];

/// Events of Messages that have `@` where a text may stand.
const MESSAGES: [&str; 24] = [
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"@"}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":["@"]}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":null,"odd":[["@"]]}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"@"}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"to\": \"@\"}"}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"@","document_title":"@"}}}"#,
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"@","signature":""}}"#,
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"web_search_tool_result","tool_use_id":"t","content":[{"type":"web_search_result","title":"@","url":"@"}]}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"odd_delta","odd":"@"}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"odd_delta","odd":{"deep":["@"]}}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":"@"}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"@"}}"#,
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":{"x":"@"}}}"#,
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"odd","odd":"@"}}"#,
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"@","name":"f","input":{"@":1}}}"#,
    r#"data: {"type":"content_block_start","index":0,"content_block":"@"}"#,
    r#"data: {"type":"message_start","message":{"id":"m","content":[],"odd":"@","usage":{"input_tokens":1,"note":"@"}}}"#,
    r#"data: {"type":"message_start","message":"@"}"#,
    r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":"@","odd":"@"}}"#,
    r#"data: {"type":"odd","odd":"@"}"#,
    "event: odd\ndata: {\"odd\":\"@\"}",
    "event: @\ndata: {\"type\":\"ping\"}\nid: @\n: @",
    r#"data: {"type":"error","error":{"type":"api_error","message":"@","details":{"x":"@"}}}"#,
    r#"data: {"type":"ping","odd":["@"]}"#,
];

#[test]
fn an_event_hides_nothing() {
    let tables = [
        (FormatId::OpenaiChat, &CHAT[..]),
        (FormatId::AnthropicMessages, &MESSAGES),
    ];
    for (format, table) in tables {
        for event in table {
            let stream = format!("{}\n\n", event.replace('@', CARD));
            let (text, sent) = sent(format, &stream);
            assert_eq!(sent.verdict, Verdict::Pass, "{event}");
            assert!(!text.contains("4111"), "{event} became {text}");
            let is_field = event.contains(": @") || event.contains("\"token\":");
            let blocked = pump(&block(), format, &events(&stream));
            assert_eq!(
                matches!(blocked.verdict, Verdict::Block(_)),
                !is_field,
                "{event}"
            );
        }
    }
}

#[test]
fn what_clients_join_is_read_as_one() {
    let table = [
        (
            FormatId::OpenaiChat,
            r#"data: {"choices":[{"index":0,"delta":{"thinking":"@"}}]}"#,
        ),
        (
            FormatId::OpenaiChat,
            r#"data: {"choices":[{"index":0,"delta":{"odd":{"deep":"@"}}}]}"#,
        ),
        (
            FormatId::OpenaiChat,
            r#"data: {"choices":[{"index":0,"delta":{"content":{"text":"@"}}}]}"#,
        ),
        (
            FormatId::AnthropicMessages,
            r#"data: {"type":"content_block_delta","index":0,"delta":{"odd":"@"}}"#,
        ),
    ];
    for (format, event) in table {
        for cut in 1..CARD.len() {
            let (first, second) = CARD.split_at(cut);
            let stream = [first, second]
                .map(|piece| event.replace('@', piece) + "\n\n")
                .concat();
            let (text, sent) = sent(format, &stream);
            assert_eq!(sent.records.len(), 1, "cut at {cut}: {text}");
            assert!(text.contains("[CREDIT_CARD]"), "cut at {cut}: {text}");
        }
    }
}

#[test]
fn what_each_event_repeats_is_not_joined() {
    let event = "data: {\"choices\":[],\"odd\":\"4111 1111\"}\n\n";
    let (text, sent) = sent(FormatId::OpenaiChat, &event.repeat(4));
    assert_eq!((text, sent.records.len()), (event.repeat(4), 0));
}

#[test]
fn what_follows_the_end_mark_is_refused() {
    let mut view = tollgate_formats::view::EventView {
        all_texts: true,
        ..Default::default()
    };
    let format = FormatId::OpenaiChat.format();
    for (data, fits) in [("[DONE]", true), (" [DONE] ", true), ("[DONE] 4111", false)] {
        let event = Event::from_parts(None, data.as_bytes());
        assert_eq!(format.view_event(&event, &mut view).is_ok(), fits, "{data}");
    }
}

#[test]
fn keep_alive_comments_stay_and_say_nothing() {
    let (text, _) = sent(FormatId::OpenaiChat, ": 4111 1111 1111 1111\n\n\n");
    assert_eq!(text, ":\n\n\n");
}

/// A call that begins with an id alone may be read as more of the last call, or apart.
#[test]
fn a_call_that_begins_without_a_name_is_seen() {
    let call = |id: &str, arguments: &str| {
        format!(
            r#"data: {{"choices":[{{"index":0,"delta":{{"tool_calls":[{{"index":0,{id}"function":{{"arguments":"{arguments}"}}}}]}}}}]}}"#
        ) + "\n\n"
    };
    let named = r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"pay","arguments":""}}]}}]}"#.to_owned() + "\n\n";
    let apart =
        named.clone() + &call("", r#"{\"n\": \"1"#) + &call("\"id\":\"b\",", "4111111111111111");
    assert!(matches!(
        sent(FormatId::OpenaiChat, &apart).1.verdict,
        Verdict::Block(_)
    ));
    let complete =
        named.clone() + &call("", r#"{\"n\": 1}"#) + &call("\"id\":\"b\",", "4111111111111111");
    let (text, complete) = sent(FormatId::OpenaiChat, &complete);
    assert_eq!(complete.verdict, Verdict::Pass);
    assert!(
        text.contains("[CREDIT_CARD]") && !text.contains("4111"),
        "{text}"
    );
    // A server that repeats the id of the call goes on with it.
    let repeated = named
        + &call("\"id\":\"a\",", r#"{\"n\": \"4111 1111"#)
        + &call("\"id\":\"a\",", r#" 1111 1111\"}"#);
    let (text, repeated) = sent(FormatId::OpenaiChat, &repeated);
    assert_eq!(repeated.verdict, Verdict::Pass);
    assert!(
        text.contains("[CREDIT_CARD]") && !text.contains("4111"),
        "{text}"
    );
}

/// Whole answers with `@` where a text may stand.
const ANSWERS: [(FormatId, &str); 22] = [
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"content":"@"}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"content":{"text":"@"}}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"content":null,"context":{"citations":[{"content":"@"}]},"annotations":["@"]}}]}"#,
    ),
    (FormatId::OpenaiChat, r#"{"choices":[{"message":"@"}]}"#),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{},"logprobs":{"content":[{"token":"@"}]}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":["@"]},"odd":"@"}]}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[],"usage":{"note":"@"},"odd":{"@":["@"]}}"#,
    ),
    (
        FormatId::AnthropicMessages,
        r#"{"content":[{"type":"text","text":"@"}]}"#,
    ),
    (
        FormatId::AnthropicMessages,
        r#"{"content":[{"type":"odd","odd":{"deep":"@"}},"@",{"type":"text","text":["@"]}]}"#,
    ),
    (
        FormatId::AnthropicMessages,
        r#"{"content":"@","stop_sequence":"@","id":"@"}"#,
    ),
    (
        FormatId::AnthropicMessages,
        r#"{"content":[],"container":{"id":"@"},"odd":"@"}"#,
    ),
    (
        FormatId::AnthropicMessages,
        r#"{"content":[{"type":"tool_use","id":"@","name":"@","input":"@"}],"usage":{"note":"@"}}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"content":[null,{"type":"text","text":"@"},["@"]]}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"content":null,"refusal":"@"}},{"message":{"refusal":{"odd":"@"}}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"reasoning":"@","reasoning_content":"@","thinking":["@"]}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"reasoning_details":[{"type":"reasoning.text","text":"@"}]}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"annotations":[{"type":"url_citation","url_citation":{"title":"@","url":"@"}}]}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{"function_call":{"name":"f","arguments":"{\"to\": \"@\"}"},"audio":{"transcript":"@"}}}]}"#,
    ),
    (
        FormatId::OpenaiChat,
        r#"{"choices":[{"message":{},"logprobs":{"refusal":[{"top_logprobs":[{"token":"@"}]}]}}],"error":{"message":"@"}}"#,
    ),
    (
        FormatId::AnthropicMessages,
        r#"{"content":[{"type":"thinking","thinking":"@","signature":"s"},{"type":"text","text":null,"odd":"@"}]}"#,
    ),
    (
        FormatId::AnthropicMessages,
        r#"{"content":[{"type":"text","text":"x","citations":[{"type":"char_location","cited_text":"@"}]},null,["@"]]}"#,
    ),
    (
        FormatId::AnthropicMessages,
        r#"{"content":[{"type":"web_search_tool_result","content":[{"title":"@","url":"@"}]}],"error":{"message":"@"}}"#,
    ),
];

#[test]
fn a_whole_answer_hides_nothing() {
    for (format, body) in ANSWERS {
        let body = Bytes::from(body.replace('@', CARD));
        let view = format.format().view_answer(&body, true).unwrap();
        let mut document = Document::new(body.clone());
        assert_eq!(
            Machine::new(redact()).answer(&mut document, &view),
            Verdict::Pass
        );
        let out = String::from_utf8(document.to_bytes().to_vec()).unwrap();
        assert!(!out.contains("4111"), "{out}");
        serde_json::from_str::<serde_json::Value>(&out).unwrap();
    }
}

#[test]
fn an_error_hides_nothing_and_keeps_what_programs_read() {
    let body = r#"{"type":"error","error":{"type":"rate_limit_error","message":"You, 4111 1111 1111 1111, are out","code":"slow_down"},"request_id":"req_1"}"#;
    let view = every_text(body.as_bytes()).unwrap();
    let mut document = Document::new(Bytes::from(body));
    assert_eq!(
        Machine::new(redact()).answer(&mut document, &view),
        Verdict::Pass
    );
    assert_eq!(document.to_bytes(), body.replace(CARD, "[CREDIT_CARD]"));
}

#[test]
fn what_the_protocols_write_is_no_text() {
    let streamed = |format: &&&dyn Format| format.codec().operation().is_streamed();
    for format in FORMATS.iter().filter(streamed) {
        let word = match format.id() {
            FormatId::OpenaiChat => {
                r#"data: {"id":"chatcmpl-4111111111111111","object":"chat.completion.chunk","created":1741570283,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi "},"logprobs":null,"finish_reason":null}],"obfuscation":"x4Zq"}"#
            }
            FormatId::AnthropicMessages => {
                r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi "}}"#
            }
            FormatId::OpenaiResponses => {
                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":4,\"item_id\":\"msg_4111111111111111\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hi \",\"logprobs\":[],\"obfuscation\":\"x4Zq\"}"
            }
            FormatId::GeminiGenerate => {
                r#"data: {"candidates":[{"content":{"parts":[{"text":"Hi "}],"role":"model"},"index":0}],"modelVersion":"gemini-3-pro","responseId":"4111111111111111"}"#
            }
            FormatId::BedrockConverse => {
                "event: contentBlockDelta\ndata: {\"contentBlockIndex\":0,\"delta\":{\"text\":\"Hi \"},\"p\":\"abcdefg\"}"
            }
            FormatId::CohereChat => {
                "event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\"Hi \"}}}}"
            }
            FormatId::OpenaiCompletions => {
                r#"data: {"id":"cmpl-4111111111111111","object":"text_completion","created":1741570283,"model":"gpt-3.5-turbo-instruct","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"text":"Hi ","logprobs":null,"finish_reason":null}]}"#
            }
            other => panic!("{other:?} has no streams"),
        };
        let mut view = tollgate_formats::view::EventView {
            all_texts: true,
            ..Default::default()
        };
        let event = &events(&format!("{word}\n\n"))[0];
        format.view_event(event, &mut view).unwrap();
        assert_eq!(view.pieces.len(), 1, "{:?}", view.pieces);
    }
}
