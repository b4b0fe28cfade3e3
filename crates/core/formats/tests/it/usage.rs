//! Usage reports: an unknown count is never zero.

use tollgate_formats::FormatId;
use tollgate_formats::exchange::StreamEvent;
use tollgate_formats::view::EventView;
use tollgate_types::{Tier, Usage};

use crate::load::{codec, events};

fn answer(format: FormatId, usage: &str) -> Option<Usage> {
    let body = format!(r#"{{"choices":[],"content":[],"usage":{usage}}}"#);
    let format = codec(format);
    let decoded = format!(
        r#"{{"id":"a","model":"m","type":"message","role":"assistant","stop_reason":"end_turn",
            "choices":[{{"index":0,"message":{{"content":"x"}},"finish_reason":"stop"}}],
            "content":[],"usage":{usage}}}"#
    );
    let seen = format.view_answer(body.as_bytes(), false).unwrap().usage;
    let read = format.decode_answer(decoded.as_bytes()).unwrap().usage;
    assert_eq!(seen, read, "{usage}");
    seen
}

fn event(format: FormatId, data: &str) -> Option<Usage> {
    let events = events(&[format!("data: {data}\n\n").as_bytes()]);
    let mut view = EventView::default();
    format.format().view_event(&events[0], &mut view).unwrap();
    view.usage
}

#[test]
fn a_report_without_both_counts_is_unknown() {
    let limit = 1_u64 << 40;
    for (format, input, output) in [
        (FormatId::OpenaiChat, "prompt_tokens", "completion_tokens"),
        (FormatId::AnthropicMessages, "input_tokens", "output_tokens"),
    ] {
        for usage in [
            "{}".to_owned(),
            "null".to_owned(),
            "7".to_owned(),
            format!(r#"{{"{input}":3}}"#),
            format!(r#"{{"{output}":3}}"#),
            format!(r#"{{"{input}":-3,"{output}":3}}"#),
            format!(r#"{{"{input}":3,"{output}":-3}}"#),
            format!(r#"{{"{input}":3,"{output}":1.5}}"#),
            format!(r#"{{"{input}":"3","{output}":3}}"#),
            format!(r#"{{"{input}":3,"{output}":null}}"#),
            format!(r#"{{"{input}":{limit},"{output}":3}}"#),
        ] {
            assert_eq!(answer(format, &usage), None, "{usage}");
        }
        let known = answer(
            format,
            &format!(r#"{{"{input}":0,"{output}":{}}}"#, limit - 1),
        );
        let usage = known.unwrap();
        assert_eq!((usage.input, usage.output), (0, limit - 1));
    }
}

#[test]
fn a_detail_greater_than_its_whole_is_left_out() {
    let usage = r#"{"prompt_tokens":3,"completion_tokens":2,"prompt_cache_hit_tokens":4,
        "prompt_tokens_details":{"cached_tokens":9,"cache_write_tokens":3},
        "completion_tokens_details":{"reasoning_tokens":3}}"#;
    let expected = Usage {
        input: 3,
        output: 2,
        cache_write_input: 3,
        ..Usage::default()
    };
    assert_eq!(answer(FormatId::OpenaiChat, usage), Some(expected));
    let usage = r#"{"input_tokens":3,"output_tokens":2,"cache_read_input_tokens":9,
        "output_tokens_details":{"thinking_tokens":3}}"#;
    let expected = Usage {
        input: 12,
        output: 2,
        cached_input: 9,
        ..Usage::default()
    };
    assert_eq!(answer(FormatId::AnthropicMessages, usage), Some(expected));
    let usage = r#"{"input_tokens":3,"output_tokens":2,"cache_read_input_tokens":-9}"#;
    assert_eq!(answer(FormatId::AnthropicMessages, usage), None);
}

#[test]
fn later_reports_of_a_stream_need_no_input() {
    let format = FormatId::AnthropicMessages;
    let start = |usage: &str| {
        let data = format!(r#"{{"type":"message_start","message":{{"usage":{usage}}}}}"#);
        event(format, &data)
    };
    let delta = |usage: &str| {
        let data = format!(r#"{{"type":"message_delta","delta":{{}},"usage":{usage}}}"#);
        event(format, &data)
    };
    assert_eq!(delta(r#"{"output_tokens":5}"#).unwrap().output, 5);
    assert_eq!(
        delta(r#"{"input_tokens":null,"output_tokens":5}"#)
            .unwrap()
            .input,
        0
    );
    assert_eq!(delta(r#"{"input_tokens":-1,"output_tokens":5}"#), None);
    assert_eq!(delta("{}"), None);
    assert_eq!(start(r#"{"output_tokens":5}"#), None);
    assert_eq!(
        start(r#"{"input_tokens":4,"output_tokens":1}"#)
            .unwrap()
            .input,
        4
    );
    let chunk = r#"{"choices":[],"usage":{}}"#;
    assert_eq!(event(FormatId::OpenaiChat, chunk), None);
}

#[test]
fn what_a_cache_read_and_wrote_stands_beside_the_input_of_bedrock() {
    let format = codec(FormatId::BedrockConverse);
    let read = |usage: &str| {
        let body = format!(
            r#"{{"output":{{"message":{{"role":"assistant","content":[]}}}},"stopReason":"end_turn","usage":{usage}}}"#
        );
        let seen = format.view_answer(body.as_bytes(), false).unwrap().usage;
        assert_eq!(format.decode_answer(body.as_bytes()).unwrap().usage, seen);
        seen
    };
    let whole = r#"{"inputTokens":3,"outputTokens":2,"totalTokens":14,"cacheReadInputTokens":9}"#;
    let expected = Usage {
        input: 12,
        output: 2,
        cached_input: 9,
        ..Usage::default()
    };
    assert_eq!(read(whole), Some(expected));
    for unknown in [
        "null",
        "{}",
        r#"{"inputTokens":3}"#,
        r#"{"outputTokens":3}"#,
        r#"{"inputTokens":-3,"outputTokens":3}"#,
        r#"{"inputTokens":3,"outputTokens":3,"cacheReadInputTokens":-9}"#,
    ] {
        assert_eq!(read(unknown), None, "{unknown}");
    }
}

#[test]
fn usage_says_the_service_class_of_the_answer() {
    let chat = r#""usage":{"prompt_tokens":1,"completion_tokens":1},"choices":[],"service_tier":"priority""#;
    let responses = r#""usage":{"input_tokens":1,"output_tokens":1},"output":[],"status":"completed","service_tier":"priority""#;
    let anthropic =
        r#""usage":{"input_tokens":1,"output_tokens":1,"service_tier":"priority"},"content":[]"#;
    let bedrock = r#""usage":{"inputTokens":1,"outputTokens":1},"output":{"message":{"content":[]}},"serviceTier":{"type":"priority"}"#;
    for (format, written) in [
        (FormatId::OpenaiChat, chat),
        (FormatId::OpenaiResponses, responses),
        (FormatId::AnthropicMessages, anthropic),
        (FormatId::BedrockConverse, bedrock),
    ] {
        for (word, tier) in [
            ("\"priority\"", Tier::Priority),
            ("\"default\"", Tier::Standard),
            ("\"newest\"", Tier::Other),
            ("\"fl\\u0065x\"", Tier::Other),
            ("null", Tier::Unsaid),
        ] {
            let body = format!("{{{}}}", written.replace("\"priority\"", word));
            let view = format.format().view_answer(body.as_bytes(), true).unwrap();
            assert_eq!(view.usage.unwrap().tier, tier, "{body}");
        }
    }
    let chunk = format!("{{{chat}}}");
    let done = format!(r#"{{"type":"response.completed","response":{{{responses}}}}}"#);
    let begun = format!(r#"{{"type":"message_start","message":{{{anthropic}}}}}"#);
    for (format, data) in [
        (FormatId::OpenaiChat, chunk),
        (FormatId::OpenaiResponses, done),
        (FormatId::AnthropicMessages, begun),
    ] {
        assert_eq!(event(format, &data).unwrap().tier, Tier::Priority, "{data}");
        let events = events(&[format!("data: {data}\n\n").as_bytes()]);
        let mut decoder = codec(format).stream_decoder();
        let mut out = Vec::new();
        decoder.push(&events[0], &mut out).unwrap();
        let told = out.iter().any(|event| match event {
            StreamEvent::Usage(usage) => usage.tier == Tier::Priority,
            StreamEvent::Start { usage, .. } => {
                usage.is_some_and(|usage| usage.tier == Tier::Priority)
            }
            _ => false,
        });
        assert!(told, "{out:?}");
    }
}

#[test]
fn a_request_says_the_service_class_that_it_asks_for() {
    for (format, rest) in [
        (FormatId::OpenaiChat, r#""messages":[]"#),
        (FormatId::OpenaiResponses, r#""input":"a""#),
        (FormatId::AnthropicMessages, r#""messages":[]"#),
    ] {
        for (word, tier) in [
            ("flex", Tier::Flex),
            ("auto", Tier::Unsaid),
            ("soon", Tier::Other),
        ] {
            let body = format!(r#"{{"model":"m","service_tier":"{word}",{rest}}}"#);
            let view = format.format().view_request(body.as_bytes(), true).unwrap();
            assert_eq!(view.tier, tier, "{body}");
        }
        // It is still a text where it is no word of the protocol.
        let body = format!(r#"{{"model":"m","service_tier":"a sentence of words",{rest}}}"#);
        let view = format.format().view_request(body.as_bytes(), true).unwrap();
        assert!(!view.texts.is_empty(), "{body}");
    }
}
