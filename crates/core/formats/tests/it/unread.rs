//! No string of a request reaches a provider unread, words of the protocol excepted.

use tollgate_formats::FormatId;
use tollgate_formats::view::EventView;
use tollgate_wire::sse::Event;

use crate::load::{BOTH, IN_BODY, chats, file};

/// The texts that the view of a request finds.
fn found(format: FormatId, body: &str) -> Vec<String> {
    let view = format.format().view_request(body.as_bytes(), true).unwrap();
    let texts = view.texts.iter().map(|text| {
        let raw = text.text.span.of(body.as_bytes());
        tollgate_wire::json::decode(raw, text.text.escaped)
            .unwrap()
            .into_owned()
    });
    texts.collect()
}

/// Top-level members of both formats; `S` is to be found as often as it is there.
const MEMBERS: &[&str] = &[
    r#""stop":["S","S"]"#,
    r#""stop_sequences":["S"]"#,
    r#""prompt_cache_key":"S""#,
    r#""user":{"S":"S"}"#,
    r#""unknown":{"S":[{"type":"S"},"S"]}"#,
    r#""S":1"#,
    r#""metadata":{"S":"S"}"#,
    r#""tool_choice":{"type":"function","function":{"name":"S"}}"#,
    r#""tool_choice":{"type":"tool","name":"S"}"#,
    r#""response_format":{"type":"json_schema","json_schema":{"name":"S","description":"S","schema":{"enum":["S"]}}}"#,
    r#""output_config":{"format":{"type":"json_schema","schema":{"properties":{"S":{"const":"S"}}}}}"#,
    r#""web_search_options":{"user_location":{"type":"approximate","approximate":{"city":"S"}}}"#,
    r#""mcp_servers":[{"type":"url","url":"S","name":"S","authorization_token":"token"}]"#,
    r#""mcp_servers":[{"authorization_token":"S"}]"#,
    r#""tools":["S",{"S":"S","type":"S"}]"#,
    r#""tools":[{"type":"custom","name":"S","input_schema":{"type":"object","properties":{"S":{"type":"string","description":"S","default":"S","examples":["S"]}},"required":["S"]},"input_examples":[{"S":"S"}]}]"#,
    r#""tools":[{"type":"function","function":{"name":"S","description":"S","parameters":{"$defs":{"S":{"enum":["S"]}}}}}]"#,
    r#""tools":[{"type":"custom","custom":{"name":"S","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"S"}}}}]"#,
];

/// Messages of both formats.
const MESSAGES: &[&str] = &[
    r#"{"role":"user","content":"S","S":"S"}"#,
    r#"{"role":"user","content":[{"type":"text","text":{"S":"S"}}]}"#,
    r#"{"role":"user","content":[{"type":"S","text":"S","more":{"x":["S"]}}]}"#,
    r#"{"role":"user","content":[["S"]]}"#,
];

const OPENAI: &[&str] = &[
    r#"{"role":"assistant","thinking":"S","content":""}"#,
    r#"{"role":"assistant","thinking":{"S":"S"},"audio":"S"}"#,
    r#"{"role":"assistant","reasoning_details":[{"type":"x","text":"S","more":"S","data":"opaque"}]}"#,
    r#"{"role":"assistant","tool_calls":[{"id":"opaque","type":"function","function":{"name":"S","arguments":{"S":"S"}}}]}"#,
    r#"{"role":"assistant","tool_calls":{"S":["S"]}}"#,
    r#"{"role":"tool","tool_call_id":"opaque","content":"S"}"#,
    r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"S","detail":"S"}}]}"#,
    r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,opaque"}}]}"#,
    r#"{"role":"user","content":[{"type":"image_url","image_url":"S"}]}"#,
    r#"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"opaque","format":"S"}}]}"#,
    r#"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"S"}}]}"#,
    r#"{"role":"user","content":[{"type":"file","file":{"file_data":"S","file_id":"S"}}]}"#,
    r#"{"role":"tool","tool_call_id":"S","content":"x"}"#,
    r#"{"role":"user","content":[{"type":"file","file":{"file_data":"opaque","filename":"S","x":"S"}}]}"#,
];

const ANTHROPIC: &[&str] = &[
    r#"{"role":"assistant","content":[{"type":"tool_use","id":"opaque","name":"S","input":{"S":{"S":"S"}}}]}"#,
    r#"{"role":"user","content":[{"type":"search_result","source":"S","title":"S","content":[{"type":"text","text":"S"}]}]}"#,
    r#"{"role":"user","content":[{"type":"document","source":{"type":"url","url":"S"},"context":["S"]}]}"#,
    r#"{"role":"user","content":[{"type":"image","source":{"type":"url","url":"S","x":"S"}}]}"#,
    r#"{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"opaque"}}]}"#,
    r#"{"role":"user","content":[{"type":"text","text":"x","citations":[{"type":"char_location","cited_text":"S","x":"S"}]}]}"#,
    r#"{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"S"}}]}"#,
    r#"{"role":"assistant","content":[{"type":"thinking","thinking":"S","signature":"opaque"},{"type":"redacted_thinking","data":"opaque"}]}"#,
    r#"{"role":"assistant","content":[{"type":"thinking","thinking":"S","signature":"S"},{"type":"redacted_thinking","data":"S"}]}"#,
];

const BEDROCK: &[&str] = &[
    r#"{"role":"user","content":[{"text":"S"},{"guardContent":{"text":{"text":"S","qualifiers":["S"]}}}]}"#,
    r#"{"role":"assistant","content":[{"toolUse":{"toolUseId":"opaque","name":"S","input":{"S":{"S":"S"}}}}]}"#,
    r#"{"role":"user","content":[{"toolResult":{"toolUseId":"opaque","content":[{"text":"S"},{"json":{"S":["S"]}},{"json":"S"}]}}]}"#,
    r#"{"role":"user","content":[{"toolResult":{"toolUseId":"S","content":[],"status":"S"}}]}"#,
    r#"{"role":"user","content":[{"searchResult":{"source":"S","title":"S","content":[{"text":"S"}],"citations":{"enabled":true}}}]}"#,
    r#"{"role":"user","content":[{"document":{"format":"pdf","name":"S","context":"S","source":{"bytes":"opaque"}}}]}"#,
    r#"{"role":"user","content":[{"document":{"format":"S","name":"x1y2","source":{"bytes":"S"}}}]}"#,
    r#"{"role":"user","content":[{"document":{"name":"S","source":{"text":"S"}}},{"document":{"source":{"content":[{"text":"S","S":"S"}]}}}]}"#,
    r#"{"role":"user","content":[{"image":{"format":"png","source":{"s3Location":{"uri":"S","bucketOwner":"S"}}}}]}"#,
    r#"{"role":"user","content":[{"video":{"format":"mp4","source":{"bytes":"opaque"},"S":"S"}},{"audio":"S"}]}"#,
    r#"{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"S","signature":"opaque"}}},{"reasoningContent":{"redactedContent":"opaque"}}]}"#,
    r#"{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"S","signature":"S"}}},{"reasoningContent":{"redactedContent":"S"}}]}"#,
    r#"{"role":"assistant","content":[{"citationsContent":{"content":[{"text":"S"}],"citations":[{"title":"S","source":"S","sourceContent":[{"text":"S"}],"location":{"web":{"url":"S","domain":"S"}}}]}}]}"#,
    r#"{"role":"user","content":[{"cachePoint":{"type":"default","ttl":"S"}},{"strange":{"S":"S"}}]}"#,
];

/// Top-level members of Bedrock's alone.
const BEDROCK_MEMBERS: &[&str] = &[
    r#""system":[{"text":"S"},{"guardContent":{"text":{"text":"S"}}}]"#,
    r#""inferenceConfig":{"maxTokens":9,"stopSequences":["S"]}"#,
    r#""toolConfig":{"tools":[{"toolSpec":{"name":"S","description":"S","inputSchema":{"json":{"type":"object","properties":{"S":{"description":"S"}}}}}},{"systemTool":{"name":"S"}},"S"],"toolChoice":{"tool":{"name":"S"}}}"#,
    r#""toolConfig":"S""#,
    r#""promptVariables":{"S":{"text":"S"}}"#,
    r#""requestMetadata":{"S":"S"}"#,
    r#""additionalModelRequestFields":{"S":"S","thinking":{"type":"enabled","S":1},"system":"S"}"#,
    r#""additionalModelResponseFieldPaths":["S"]"#,
    r#""guardrailConfig":{"guardrailIdentifier":"S","guardrailVersion":"S","trace":"enabled"}"#,
    r#""outputConfig":{"effort":"high","textFormat":{"type":"json_schema","structure":{"jsonSchema":{"name":"S","description":"S","schema":"S"}}}}"#,
    r#""serviceTier":{"type":"S"},"performanceConfig":{"latency":"S"}"#,
];

const RESPONSES: &[&str] = &[
    r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"S"},{"type":"input_file","file_id":"S","filename":"S"}]}"#,
    r#"{"type":"function_call","id":"opaque","call_id":"opaque","name":"S","arguments":"S","S":1}"#,
    r#"{"type":"function_call_output","call_id":"S","output":[{"type":"input_text","text":"S"}]}"#,
    r#"{"type":"function_call_output","call_id":"opaque","output":"S"}"#,
    r#"{"type":"reasoning","id":"opaque","summary":[{"type":"summary_text","text":"S"}],"encrypted_content":"opaque"}"#,
    r#"{"type":"reasoning","id":"S","summary":["S"],"content":[{"type":"reasoning_text","text":"S"}],"encrypted_content":"S"}"#,
    r#"{"type":"custom_tool_call","call_id":"opaque","name":"S","input":"S"}"#,
    r#"{"type":"web_search_call","id":"opaque","action":{"type":"search","query":"S","sources":[{"url":"S"}]}}"#,
    r#"{"type":"image_generation_call","id":"opaque","result":"opaque","revised_prompt":"S"}"#,
    r#"{"type":"mcp_call","id":"opaque","server_label":"S","name":"S","arguments":"S","output":"S","error":"S"}"#,
    r#"{"role":"user","content":[{"type":"input_image","image_url":"S","detail":"S"}]}"#,
    r#"{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,opaque"}]}"#,
    r#"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"opaque","format":"S"}}]}"#,
    r#"{"role":"assistant","content":[{"type":"output_text","text":"S","annotations":[{"type":"url_citation","title":"S","url":"S"}],"logprobs":[{"token":"S"}]}]}"#,
];

const COHERE: &[&str] = &[
    r#"{"role":"assistant","tool_plan":"S","tool_calls":[{"id":"opaque","type":"function","function":{"name":"S","arguments":"S","S":1}}]}"#,
    r#"{"role":"assistant","tool_plan":{"S":"S"},"tool_calls":{"S":["S"]}}"#,
    r#"{"role":"assistant","tool_calls":[{"id":"S","function":{"name":"x","arguments":{"S":"S"}}}]}"#,
    r#"{"role":"assistant","content":[{"type":"thinking","thinking":"S","signature":"opaque"},{"type":"thinking","thinking":"","data":"S"}]}"#,
    r#"{"role":"tool","tool_call_id":"opaque","content":[{"type":"document","document":{"id":"opaque","data":{"S":"S","text":"S"},"S":"S"}}]}"#,
    r#"{"role":"tool","tool_call_id":"S","content":[{"type":"document","document":{"data":"S"}},"S"]}"#,
    r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"S","detail":"S"}},{"type":"image_url","image_url":"S"}]}"#,
    r#"{"role":"assistant","content":"S","citations":[{"start":0,"end":1,"text":"S","sources":[{"type":"document","id":"opaque","document":{"S":"S","title":"S"}},{"type":"tool","id":"S","tool_output":{"S":["S"]}}],"S":1}]}"#,
    r#"{"role":"assistant","content":"S","citations":["S",{"sources":"S"}]}"#,
];

/// Top-level members of Cohere's alone.
const COHERE_MEMBERS: &[&str] = &[
    r#""documents":["S",{"id":"S","data":{"S":"S"}}]"#,
    r#""documents":{"S":"S"}"#,
    r#""response_format":{"type":"json_object","json_schema":{"properties":{"S":{"const":"S"}}}}"#,
    r#""citation_options":{"mode":"S"},"safety_mode":"S","tool_choice":"S""#,
];

/// A body in the shape of most formats, for this one.
fn shaped(format: FormatId, body: &str) -> String {
    if format == FormatId::OpenaiResponses {
        body.replace("\"messages\":", "\"input\":")
    } else {
        body.to_owned()
    }
}

fn check(format: FormatId, body: &str) {
    let body = shaped(format, body).replace("\"S\"", "\"a secret\"");
    let wanted = body.matches("a secret").count();
    let texts = found(format, &body);
    let secrets = texts.iter();
    let secrets: usize = secrets.map(|text| text.matches("a secret").count()).sum();
    assert_eq!(secrets, wanted, "{format:?} {body} {texts:?}");
    for word in ["opaque", "token", "m-1", "user", "object", "json_schema"] {
        assert!(!texts.iter().any(|text| text == word), "{format:?} {body}");
    }
    let counted = format.format().view_request(body.as_bytes(), false);
    assert!(counted.unwrap().texts.is_empty());
}

#[test]
fn every_string_of_a_request_is_read() {
    for format in IN_BODY {
        for member in MEMBERS {
            check(
                format,
                &format!(r#"{{"model":"m-1","messages":[],{member}}}"#),
            );
        }
        let own = match format {
            FormatId::OpenaiChat => OPENAI,
            FormatId::BedrockConverse => BEDROCK,
            FormatId::OpenaiResponses => RESPONSES,
            FormatId::CohereChat => COHERE,
            _ => ANTHROPIC,
        };
        if format == FormatId::BedrockConverse {
            for member in BEDROCK_MEMBERS {
                check(format, &format!(r#"{{"messages":[],{member}}}"#));
            }
        }
        if format == FormatId::CohereChat {
            for member in COHERE_MEMBERS {
                check(
                    format,
                    &format!(r#"{{"model":"m-1","messages":[],{member}}}"#),
                );
            }
        }
        for message in MESSAGES.iter().chain(own) {
            check(
                format,
                &format!(r#"{{"model":"m-1","messages":[{message}]}}"#),
            );
        }
    }
}

#[test]
fn a_number_of_many_digits_is_read_and_a_measure_is_not() {
    let bodies = [
        r#"{"model":"m","messages":[],"user":4111111111111111,"seed":4111111111111110}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"x"}],"stop":[1,4111111111111111]}"#,
        r#"{"model":"m","messages":[],"max_tokens":4096,"metadata":4111111111111111}"#,
    ];
    for body in &bodies[1..] {
        for format in IN_BODY {
            let texts = found(format, &shaped(format, body));
            assert!(
                texts.ends_with(&["4111111111111111".to_owned()]),
                "{texts:?}"
            );
        }
    }
    assert_eq!(found(FormatId::OpenaiChat, bodies[0]), ["4111111111111111"]);
}

#[test]
fn a_number_of_many_digits_is_read_where_a_content_stands() {
    let content = |role| format!(r#""messages":[{{"role":"{role}","content":N}}]"#);
    let places = [
        (&BOTH[..], content("user")),
        (&BOTH, content("system")),
        (&BOTH, content("assistant")),
        (&[FormatId::OpenaiChat], content("tool")),
        (
            &[FormatId::AnthropicMessages],
            r#""messages":[],"system":N"#.to_owned(),
        ),
        (
            &[FormatId::AnthropicMessages],
            r#""messages":[],"system":[N]"#.to_owned(),
        ),
        (
            &[FormatId::AnthropicMessages],
            r#""messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":N}]}]"#
                .to_owned(),
        ),
    ];
    for (formats, place) in places {
        for format in formats {
            let body = |number| format!(r#"{{"model":"m",{}}}"#, place.replace('N', number));
            assert_eq!(found(*format, &body("41111111")), ["41111111"], "{place}");
            assert_eq!(found(*format, &body("4111111")), [""; 0], "{place}");
        }
    }
}

#[test]
fn a_url_that_holds_data_is_none_only_in_base64() {
    for (url, is_read) in [
        ("data:image/png;base64,iVBORw0KGgo=", false),
        ("data:text/plain,falcon", true),
        ("data:text/plain;base64,so it is", true),
        ("data:text/plain;base64,123-45-6789", true),
        ("https://falcon/123-45-6789", true),
    ] {
        let body = format!(
            r#"{{"model":"m","messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"{url}"}}}}]}}]}}"#
        );
        assert_eq!(
            !found(FormatId::OpenaiChat, &body).is_empty(),
            is_read,
            "{url}"
        );
        let body = format!(
            r#"{{"model":"m","messages":[{{"role":"user","content":[{{"type":"image","source":{{"type":"url","url":"{url}"}}}}]}}]}}"#
        );
        assert_eq!(
            !found(FormatId::AnthropicMessages, &body).is_empty(),
            is_read,
            "{url}"
        );
    }
}

#[test]
fn words_of_the_protocol_are_no_texts() {
    let body = r#"{"model":"m-1","service_tier":"auto","reasoning_effort":"high","modalities":["text"],
        "tool_choice":"auto","thinking":{"type":"enabled","budget_tokens":9},"stream_options":{"include_usage":true},
        "tools":[{"type":"web_search_20250305","cache_control":{"type":"ephemeral","ttl":"5m"},"input_schema":
            {"type":"object","properties":{},"required":[],"additionalProperties":false}}],
        "messages":[{"role":"user","content":[{"type":"text","text":""}]}]}"#;
    for format in IN_BODY {
        assert_eq!(found(format, &shaped(format, body)), Vec::<String>::new());
    }
}

#[test]
fn every_text_can_be_replaced() {
    for format in chats() {
        let mut body = file(format, "request.json");
        let view = format.format().view_request(&body, true).unwrap();
        let mut texts = view.texts;
        texts.sort_by_key(|text| text.text.span);
        for text in texts.iter().rev() {
            let span = text.text.quoted();
            // A number has no quotes to keep.
            if body[span.start as usize] == b'"' {
                let keep = text.text.span;
                body.splice(keep.range(), *b"[X]");
            }
        }
        let json: Result<serde_json::Value, _> = serde_json::from_slice(&body);
        let json = json.unwrap();
        let is_list = |name: &str| json[name].is_array();
        assert!(is_list("messages") || is_list("contents") || is_list("input"));
        assert_eq!(
            format
                .format()
                .view_request(&body, true)
                .unwrap()
                .texts
                .len(),
            texts.len()
        );
    }
}

/// Whether an event can be read, with all its texts wanted and without.
fn reads(format: FormatId, data: &str) -> [bool; 2] {
    let event = Event::from_parts(None, data.as_bytes());
    [false, true].map(|all_texts| {
        let mut view = EventView {
            all_texts,
            ..EventView::default()
        };
        format.format().view_event(&event, &mut view).is_ok()
    })
}

#[test]
fn a_member_named_twice_is_refused_where_texts_are_wanted() {
    let many: String = (0..40).map(|n| format!(r#""k{n}":0,"#)).collect();
    let events = [
        (
            FormatId::OpenaiChat,
            r#"{"choices":[{"index":0,"delta":{"content":"a","c\u006fntent":"b"}}]}"#,
        ),
        (
            FormatId::OpenaiChat,
            r#"{"choices":[{"index":0,"delta":{"content":"a"},"delta":{"content":"b"}}]}"#,
        ),
        (
            FormatId::AnthropicMessages,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","text":"b"}}"#,
        ),
        (
            FormatId::OpenaiChat,
            &format!(r#"{{{many}"k39":0,"choices":[]}}"#),
        ),
        (
            FormatId::BedrockConverse,
            r#"{"contentBlockIndex":0,"delta":{"text":"a","text":"b"}}"#,
        ),
    ];
    for (format, data) in events {
        assert!(!reads(format, data)[1], "{data}");
    }
    let plain = format!(r#"{{{many}"k40":0,"choices":[{{"k1":0,"delta":{{"k1":0}}}}]}}"#);
    assert_eq!(reads(FormatId::OpenaiChat, &plain), [true; 2]);
}

#[test]
fn a_model_in_other_letters_is_refused() {
    for format in chats().filter(|format| *format != FormatId::BedrockConverse) {
        for name in ["Model", "MODEL", "mode\\u004c"] {
            let body = format!(r#"{{"model":"a","messages":[],"contents":[],"{name}":"b"}}"#);
            for texts in [false, true] {
                let viewed = format.format().view_request(body.as_bytes(), texts);
                assert!(viewed.is_err(), "{body}");
            }
        }
    }
}

#[test]
fn an_index_that_a_client_may_read_in_two_ways_is_refused_where_texts_are_wanted() {
    let chat = r#"{"choices":[{"index":I,"delta":{"content":"x"}}]}"#;
    let call = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":I}]}}]}"#;
    let block = r#"{"type":"content_block_delta","index":I,"delta":{"type":"text_delta"}}"#;
    let places = [
        (FormatId::OpenaiChat, chat),
        (FormatId::OpenaiChat, call),
        (FormatId::AnthropicMessages, block),
        (
            FormatId::BedrockConverse,
            r#"{"contentBlock\u0049ndex":I,"delta":{"text":"x"}}"#,
        ),
    ];
    for (format, place) in places {
        for (index, plain) in [
            ("0", true),
            ("7", true),
            ("null", true),
            ("1.0", false),
            ("1e0", false),
            ("-1", false),
            ("4294967296", false),
            (r#""1""#, false),
            ("true", false),
            ("[1]", false),
        ] {
            let data = place.replace('I', index);
            assert_eq!(reads(format, &data), [true, plain], "{data}");
        }
    }
}
