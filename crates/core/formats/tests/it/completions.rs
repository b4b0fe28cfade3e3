//! Texts that go on: requests as chats, answers of chats, and what the gateway sees.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tollgate_formats::exchange::{
    BlockKind, ChatAnswer, ChatRequest, Choice, Delta, Finish, Likely, Part, Role, StreamEvent,
    TokenLogprob, ToolCall,
};
use tollgate_formats::view::{EventKind, EventView, Field};
use tollgate_formats::{
    Answer, ChatFormat, DecodeError, Dialect, FormatId, Losses, NativeOnly, Operation, Request,
    chat_formats,
};
use tollgate_types::Usage;

use crate::load::{self, chats, encode, events, file, files, options};
use crate::translation::prompts;
use crate::{any_bytes, check, collect::collect, continued};

const OWN: FormatId = FormatId::OpenaiCompletions;

fn decode(body: &Value) -> Result<ChatRequest, DecodeError> {
    let codec = OWN.format().codec();
    let request = codec.decode_request(body.to_string().as_bytes())?;
    let Request::Chat(request) = request else {
        panic!("a prompt is a chat");
    };
    Ok(*request)
}

/// The body for a provider, and what is lost.
fn asked(to: FormatId, body: &Value) -> (Value, String) {
    let mut losses = Losses::default();
    let request = decode(body).unwrap();
    let codec = load::codec(to);
    let body = codec.encode_request(&request, Dialect::Original, &mut losses);
    (load::json(&body), losses.to_string())
}

/// The answer for a caller, and what is lost.
fn told(answer: ChatAnswer) -> (Value, String) {
    let mut losses = Losses::default();
    let codec = OWN.format().codec();
    let answer = Answer::Chat(Box::new(answer));
    let body = codec.encode_answer(&answer, &options(), &mut losses);
    (load::json(&body.unwrap()), losses.to_string())
}

fn of(parts: Vec<Part>) -> ChatAnswer {
    let choice = Choice {
        parts,
        ..Choice::default()
    };
    ChatAnswer {
        choices: vec![choice],
        ..ChatAnswer::default()
    }
}

fn text(words: &str) -> Part {
    Part::Text(words.to_owned())
}

#[test]
fn a_prompt_is_what_the_user_says_at_every_provider() {
    for chat in chats() {
        let (body, losses) = asked(chat, &json!({"model": "m", "prompt": "Say \"hi\"\n"}));
        let read = load::codec(chat);
        let read = read.decode_request(body.to_string().as_bytes()).unwrap();
        assert_eq!(losses, "", "{chat:?}");
        assert!(read.system.is_empty() && read.messages[0].role == Role::User);
        assert_eq!(continued::prompt(&read), Some("Say \"hi\"\n"), "{chat:?}");
    }
}

#[test]
fn requests_and_answers_translate_as_recorded() {
    let request: Value = load::json(&file(OWN, "request.json"));
    for chat in chats() {
        let (body, losses) = asked(chat, &request);
        let answer = load::codec(chat).decode_answer(&file(chat, "answer.json"));
        let (answer, lost) = told(answer.unwrap());
        let text = format!(
            "losses: {losses}\n{}\n\nlosses: {lost}\n{}",
            serde_json::to_string_pretty(&body).unwrap(),
            serde_json::to_string_pretty(&answer).unwrap()
        );
        insta::assert_snapshot!(format!("{}", chat.format().label()), text);
    }
}

#[test]
fn one_prompt_in_a_list_is_one_prompt() {
    let request = decode(&json!({"model": "m", "prompt": ["only"]})).unwrap();
    assert_eq!(continued::prompt(&request), Some("only"));
}

#[test]
fn what_a_chat_cannot_be_asked_is_refused_with_the_reason() {
    for (prompt, refused) in [
        (json!(["one", "two"]), NativeOnly::Prompts),
        (json!([1, 2, 3]), NativeOnly::Tokens),
        (json!([[1, 2], [3]]), NativeOnly::Tokens),
        (json!(["one", [3]]), NativeOnly::Tokens),
    ] {
        let body = json!({"model": "m", "prompt": prompt});
        let error = decode(&body).unwrap_err();
        assert_eq!(error, DecodeError::NativeOnly(refused), "{body}");
        assert!(error.to_string().starts_with("`prompt` has "));
        // Its own providers are asked with these bytes.
        let view = OWN.format().view_request(body.to_string().as_bytes(), true);
        assert!(view.is_ok());
    }
    for prompt in [json!([]), json!(null)] {
        let error = decode(&json!({"model": "m", "prompt": prompt})).unwrap_err();
        assert!(matches!(error, DecodeError::Shape(_)), "{error}");
    }
}

#[test]
fn what_says_nothing_is_no_loss() {
    let body = json!({"model": "m", "prompt": "p", "n": 2, "best_of": 2, "echo": false,
        "suffix": null, "logit_bias": {}, "stream_options": {"include_usage": true}});
    assert_eq!(asked(FormatId::OpenaiChat, &body).1, "");
    let body = json!({"model": "m", "prompt": "p", "best_of": 2, "echo": true, "suffix": "s",
        "min_p": 0.1, "top_logprobs": 3});
    let lost = "echo, unknown_field, suffix, top_logprobs, best_of";
    assert_eq!(asked(FormatId::OpenaiChat, &body).1, lost);
}

#[test]
fn probabilities_are_asked_for_as_chats_have_it() {
    for (written, alone, top) in [(0, json!(true), Value::Null), (3, json!(true), json!(3))] {
        let body = json!({"model": "m", "prompt": "p", "logprobs": written});
        let (body, losses) = asked(FormatId::OpenaiChat, &body);
        assert_eq!((&body["logprobs"], &body["top_logprobs"]), (&alone, &top));
        assert_eq!(losses, "");
    }
}

#[test]
fn biases_reach_chats_of_the_same_maker() {
    let body = json!({"model": "m", "prompt": "p", "logit_bias": {"50256": -100}});
    let (to, losses) = asked(FormatId::OpenaiChat, &body);
    assert_eq!(to["logit_bias"], body["logit_bias"]);
    assert_eq!(losses, "");
    let (_, losses) = asked(FormatId::OpenaiResponses, &body);
    assert_eq!(losses, "logit_bias");
}

#[test]
fn probabilities_are_told_in_lists_side_by_side() {
    let likely = |text: &str, logprob: i32| Likely {
        text: text.to_owned(),
        logprob: logprob.into(),
    };
    let token = |text: &str, top: Vec<Likely>| TokenLogprob {
        token: likely(text, -1),
        top,
    };
    let mut answer = of(vec![text("é b")]);
    answer.choices[0].logprobs = vec![
        token("é", vec![likely("é", -1), likely("e", -3), likely("e", -4)]),
        token(" b", vec![likely(" c", -2)]),
    ];
    let (body, losses) = told(answer.clone());
    let expected = json!({
        "tokens": ["é", " b"],
        "token_logprobs": [-1, -1],
        "top_logprobs": [{"é": -1, "e": -3}, {" c": -2, " b": -1}],
        "text_offset": [0, 1],
    });
    assert_eq!(
        (&body["choices"][0]["logprobs"], losses.as_str()),
        (&expected, "")
    );
    for token in &mut answer.choices[0].logprobs {
        token.top.clear();
    }
    let (body, _) = told(answer);
    assert_eq!(body["choices"][0]["logprobs"]["top_logprobs"], Value::Null);
}

#[test]
fn a_refusal_is_text_and_what_is_no_text_is_lost_by_name() {
    let call = Part::ToolCall(ToolCall {
        id: "c".to_owned(),
        name: "f".to_owned(),
        arguments: String::new(),
        signature: None,
    });
    let thought = Part::Reasoning(tollgate_formats::exchange::Thought {
        text: "hm".to_owned(),
        ..Default::default()
    });
    let refused = Part::Refusal("I will not.".to_owned());
    let mut answer = of(vec![thought, text("So. "), refused, call]);
    answer.choices[0].finish = Some(Finish::ToolCalls);
    let (body, losses) = told(answer);
    let choice = &body["choices"][0];
    assert_eq!(choice["text"], "So. I will not.");
    assert_eq!(choice["finish_reason"], "stop");
    assert_eq!(losses, "reasoning, tool_call");
}

#[test]
fn every_finish_is_one_of_the_three_that_the_format_has() {
    for (finish, word) in [
        (Finish::Stop, "stop"),
        (Finish::StopSequence, "stop"),
        (Finish::Length, "length"),
        (Finish::WindowFull, "length"),
        (Finish::ContentFilter, "content_filter"),
        (Finish::Pause, "stop"),
        (Finish::Other("else".to_owned()), "stop"),
    ] {
        let mut answer = of(vec![text("t")]);
        answer.choices[0].finish = Some(finish);
        assert_eq!(told(answer).0["choices"][0]["finish_reason"], word);
    }
}

#[test]
fn nothing_is_ever_written_as_a_prompt() {
    let codec = OWN.format().codec();
    let request = decode(&json!({"model": "m", "prompt": "p"})).unwrap();
    let request = Request::Chat(Box::new(request));
    let mut losses = Losses::default();
    let written = codec.encode_request(&request, Dialect::Original, &mut losses);
    assert!(written.is_none() && codec.stream_decoder().is_none());
    assert!(codec.decode_answer(&file(OWN, "answer.json")).is_err());
    assert!(Operation::Complete.is_written_as(Operation::Chat));
    for other in [Operation::Chat, Operation::Complete, Operation::Embed] {
        assert!(!other.is_written_as(Operation::Complete));
    }
}

#[test]
fn the_places_of_requests_and_answers_are_found() {
    let mut lines = Vec::new();
    let body = file(OWN, "request.json");
    let view = OWN.format().view_request(&body, true).unwrap();
    for span in &view.texts {
        let text = String::from_utf8_lossy(span.text.span.of(&body)).into_owned();
        lines.push(format!(
            "{:?} {:?} {} {text}",
            span.role, span.field, span.turn
        ));
    }
    lines.push(format!("{} bytes, {} turns", view.text_bytes, view.turns));
    assert!(view.stream && !view.stream_usage_asked && view.ask_usage.is_some());
    let body = file(OWN, "answer.json");
    let view = OWN.format().view_answer(&body, true).unwrap();
    for span in &view.texts {
        let text = String::from_utf8_lossy(span.text.span.of(&body)).into_owned();
        lines.push(format!("answer: {:?} {} {text}", span.field, span.turn));
    }
    assert_eq!(view.logprobs.len(), 1);
    lines.push(format!("{:?}", view.usage));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn prompts_are_counted_whatever_they_are() {
    for (prompt, turns, ids, texts) in [
        (json!("one"), 1, 0, 1),
        (json!(["one", "two"]), 2, 0, 2),
        (json!([1, 2, 3]), 1, 3, 0),
        (json!([[1, 2], [3]]), 2, 3, 0),
        (json!(["one", [3, 4]]), 2, 2, 1),
        (json!({"text": "one"}), u32::MAX, 0, 1),
    ] {
        let body = json!({"model": "m", "prompt": prompt}).to_string();
        let view = OWN.format().view_request(body.as_bytes(), true).unwrap();
        assert_eq!((view.turns, view.token_ids), (turns, ids), "{body}");
        assert_eq!(view.texts.len(), texts, "{body}");
        // No template stands around them.
        assert_eq!(view.counted.messages, 0);
    }
}

#[test]
fn what_two_parsers_could_read_differently_is_refused() {
    for body in [
        r#"{"model":"a","model":"b","prompt":"p"}"#,
        r#"{"model":"a","prompt":"p","prompt":"q"}"#,
        r#"{"model":"a","prompt":"p","\u0070rompt":"q"}"#,
        r#"{"model":"a","prompt":"p","stream":true,"stream":false}"#,
        r#"{"prompt":"p","stream_options":{},"stream_options":{}}"#,
        r#"{"model":"a","MODEL":"b","prompt":"p"}"#,
        r#"{"model":"a"}"#,
        r#"{"model":7,"prompt":"p"}"#,
        r#"{"model":"a","prompt":"p"} {}"#,
        "[]",
        "",
    ] {
        let view = OWN.format().view_request(body.as_bytes(), true);
        assert!(view.is_err(), "{body}");
    }
}

#[test]
fn a_suffix_and_what_no_format_names_are_texts() {
    let body = json!({"model": "m", "prompt": "p", "suffix": "behind", "user": "who",
        "guided_regex": "else"})
    .to_string();
    let view = OWN.format().view_request(body.as_bytes(), true).unwrap();
    let seen = |span: &tollgate_formats::view::TextSpan| {
        let text = String::from_utf8_lossy(span.text.span.of(body.as_bytes()));
        (span.field, text.into_owned())
    };
    let texts: Vec<_> = view.texts.iter().map(seen).collect();
    for expected in [
        (Field::Text, "p".to_owned()),
        (Field::Text, "behind".to_owned()),
        (Field::Metadata, "who".to_owned()),
        (Field::Members, "\"guided_regex\":\"else\"".to_owned()),
    ] {
        assert!(texts.contains(&expected), "{expected:?} in {texts:?}");
    }
    assert_eq!(view.text_bytes, 10);
}

#[test]
fn streams_of_its_own_providers_are_seen_however_they_are_cut() {
    let views = |frames: &[&[u8]]| -> Vec<EventView> {
        let mut view = EventView::default();
        let seen = events(frames).into_iter().map(|event| {
            OWN.format().view_event(&event, &mut view).unwrap();
            view.clone()
        });
        seen.collect()
    };
    for (name, bytes) in files(OWN, "sse") {
        let whole = views(&[&bytes]);
        let kinds: Vec<String> = whole
            .iter()
            .map(|view| {
                let choices: Vec<u32> = view.pieces.iter().map(|one| one.lane.choice).collect();
                format!("{:?} {choices:?} {}", view.kind, view.logprobs.len())
            })
            .collect();
        insta::assert_snapshot!(format!("seen__{name}"), kinds.join("\n"));
        let is_error = whole.iter().any(|view| view.kind == EventKind::Error);
        assert_eq!(is_error, name == "error");
        for cut in 0..=bytes.len() {
            let (left, right) = bytes.split_at(cut);
            assert_eq!(views(&[left, right]), whole, "{name} cut at {cut}");
        }
        any_bytes::check(OWN, &bytes, 7);
    }
}

#[test]
fn transcripts_hold_however_they_are_cut() {
    for name in ["request.json", "answer.json"] {
        let body = file(OWN, name);
        for end in 0..=body.len() {
            any_bytes::check(OWN, &body[..end], 7);
        }
    }
}

#[test]
fn offsets_go_on_from_chunk_to_chunk_of_each_choice() {
    let token = |text: &str| TokenLogprob {
        token: Likely {
            text: text.to_owned(),
            logprob: (-1).into(),
        },
        top: Vec::new(),
    };
    let told = |choice, texts: &[&str]| StreamEvent::Logprobs {
        choice,
        tokens: texts.iter().map(|text| token(text)).collect(),
    };
    let (out, _) = encode(
        OWN,
        &[told(0, &["ab", "c"]), told(1, &["x"]), told(0, &["d"])],
    );
    let offsets = events(&[out.as_bytes()]);
    let offsets = offsets.iter().map(|event| {
        let chunk = load::json(event.data());
        let choice = &chunk["choices"][0];
        (
            choice["index"].clone(),
            choice["logprobs"]["text_offset"].clone(),
        )
    });
    let expected = [
        (json!(0), json!([0, 2])),
        (json!(1), json!([0])),
        (json!(0), json!([3])),
    ];
    assert_eq!(offsets.collect::<Vec<_>>(), expected);
}

/// What each provider carries of a prompt's request, by its place in the table.
static CARRIED: LazyLock<Vec<(&'static dyn ChatFormat, Vec<usize>)>> = LazyLock::new(|| {
    let with = |to| (to, prompts::carried(to));
    chat_formats().map(with).collect()
});

/// Texts of several choices in any order of their pieces.
fn pieces() -> impl Strategy<Value = Vec<(u32, String)>> {
    vec((0..3_u32, "[a-z\"\\\\\n\u{e9}\u{1f600}<]{0,11}"), 0..20)
}

/// The events of a provider that says these pieces.
fn said(pieces: &[(u32, String)], usage: Usage) -> Vec<StreamEvent> {
    let mut out = vec![StreamEvent::Start {
        id: "a".to_owned(),
        model: "m".to_owned(),
        usage: None,
    }];
    let choices: BTreeSet<u32> = pieces.iter().map(|(choice, _)| *choice).collect();
    let block = 0;
    out.extend(choices.iter().map(|choice| StreamEvent::BlockStart {
        choice: *choice,
        block,
        kind: BlockKind::Text,
    }));
    out.extend(pieces.iter().map(|(choice, text)| StreamEvent::Delta {
        choice: *choice,
        block,
        delta: Delta::Text(text.clone()),
    }));
    for choice in choices {
        out.push(StreamEvent::BlockEnd { choice, block });
        out.push(StreamEvent::Finish {
            choice,
            reason: Finish::Length,
            stop_sequence: None,
        });
    }
    out.extend([StreamEvent::Usage(usage), StreamEvent::End]);
    out
}

/// The text of each choice that has one.
fn joined(pieces: impl Iterator<Item = (u32, String)>) -> Vec<(u32, String)> {
    let mut texts = std::collections::BTreeMap::<u32, String>::new();
    for (choice, text) in pieces {
        texts.entry(choice).or_default().push_str(&text);
    }
    texts.retain(|_, text| !text.is_empty());
    texts.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_marked_carried_comes_out_or_is_named(
        // Blanks alone are no turn in some formats.
        prompt in "[a-z][a-z\"\\\\\n\u{e9}\u{1f600}<]{0,40}",
        picked in vec(any::<prop::sample::Index>(), 1..5),
    ) {
        for (to, carried) in CARRIED.iter() {
            let places: BTreeSet<usize> = picked.iter().map(|index| *index.get(carried)).collect();
            let places: Vec<usize> = places.into_iter().collect();
            let (after, seen, losses) = prompts::together(&prompt, &places, *to);
            prop_assert_eq!(continued::prompt(&after), Some(prompt.as_str()));
            for (name, said, arrived) in seen {
                prop_assert!(said == arrived || !losses.is_empty(), "{} to {}: {:?} {:?}", name, to.label(), said, arrived);
            }
        }
    }

    #[test]
    fn any_texts_of_any_choices_are_streamed_whole(pieces in pieces(), cut in 1_usize..97) {
        let usage = Usage { input: 9, output: 8, ..Usage::default() };
        let canonical = said(&pieces, usage);
        let (out, losses) = encode(OWN, &canonical);
        prop_assert!(losses.is_empty(), "{losses}");
        check::stream(OWN, &out);
        let frames: Vec<&[u8]> = out.as_bytes().chunks(cut).collect();
        let read = load::decode(OWN, &events(&frames));
        let after = collect(&read);
        prop_assert!(after.ended);
        prop_assert_eq!(after.usage, Some(usage));
        let deltas = read.iter().filter_map(|event| match event {
            StreamEvent::Delta { choice, delta, .. } => Some((*choice, delta.text().to_owned())),
            _ => None,
        });
        prop_assert_eq!(joined(deltas), joined(pieces.iter().cloned()));
        prop_assert_eq!(after.finishes.len(), collect(&canonical).finishes.len());
    }

    #[test]
    fn any_texts_are_told_whole(texts in vec("[a-z\"\\\\\n\u{e9}\u{1f600}<]{0,40}", 0..4)) {
        let answer = of(texts.iter().map(|words| text(words)).collect());
        let (body, losses) = told(answer);
        let read = continued::read(body.to_string().as_bytes());
        prop_assert_eq!(losses.as_str(), "");
        let said = read.choices[0].parts.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            _ => "?",
        });
        prop_assert_eq!(said.collect::<String>(), texts.concat());
    }

    #[test]
    fn any_bytes_are_refused_or_read_and_written(bytes in vec(any::<u8>(), 0..200), cut in 0_usize..2000, flip in any::<u8>()) {
        let mut inputs = vec![bytes];
        for name in ["request.json", "answer.json", "logprobs.sse"] {
            let mut input = file(OWN, name);
            let at = cut % input.len();
            input[at] ^= flip;
            inputs.push(input);
        }
        for input in inputs {
            any_bytes::check(OWN, &input, cut % 97);
        }
    }
}
