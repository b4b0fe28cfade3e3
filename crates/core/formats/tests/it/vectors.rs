//! Embeddings: every format to every other, and back.

use proptest::prelude::*;
use serde_json::{Value, json};
use tollgate_formats::{
    AnswerOptions, Codec, Dialect, EmbedFormat, FORMATS, Form, Format, FormatId, Losses, Operation,
};
use tollgate_wire::Document;

use crate::load::{file, json as value, options};

const OPENAI: FormatId = FormatId::OpenaiEmbeddings;
const COHERE: FormatId = FormatId::CohereEmbed;
const GEMINI: FormatId = FormatId::GeminiBatchEmbed;

/// The formats of an operation.
pub(crate) fn of(operation: Operation) -> impl Iterator<Item = &'static dyn Format> {
    let all = FORMATS.iter().copied();
    all.filter(move |format| format.codec().operation() == operation)
}

fn codec(format: FormatId) -> &'static dyn EmbedFormat {
    match format.format().codec() {
        Codec::Embed(codec) => codec,
        _ => panic!("{format:?} is no format of embeddings"),
    }
}

/// A request in another format, where it can be written, and what it loses.
pub(crate) fn request(from: &dyn Format, to: &dyn Format, body: &[u8]) -> (Option<Value>, Losses) {
    let mut losses = Losses::default();
    let mut request = from.codec().decode_request(body).unwrap();
    request.set_model("theirs");
    let codec = to.codec();
    let written = codec.encode_request(&request, Dialect::Original, &mut losses);
    (written.map(|body| value(&body)), losses)
}

fn asked(from: FormatId, to: FormatId, body: &Value) -> (Option<Value>, String) {
    let body = body.to_string();
    let (body, losses) = request(from.format(), to.format(), body.as_bytes());
    (body, losses.to_string())
}

/// An answer in another format, for a caller that asked for these forms.
fn told(from: FormatId, to: FormatId, body: &Value, request: &Value) -> (Value, String) {
    let answer = codec(from)
        .decode_answer(body.to_string().as_bytes())
        .unwrap();
    let view = codec(to).view_request(request.to_string().as_bytes(), false);
    let options = AnswerOptions {
        forms: view.unwrap().forms,
        ..options()
    };
    let mut losses = Losses::default();
    let body = codec(to).encode_answer(&answer, &options, &mut losses);
    (value(&body), losses.to_string())
}

pub(crate) fn pairs(operation: Operation) {
    for from in of(operation) {
        for to in of(operation) {
            let (body, losses) = request(from, to, &file(from.id(), "request.json"));
            let mut lost = Losses::default();
            let answer = from
                .codec()
                .decode_answer(&file(from.id(), "answer.json"))
                .unwrap();
            let answer = to
                .codec()
                .encode_answer(&answer, &options(), &mut lost)
                .unwrap();
            let text = format!(
                "losses: {losses}\n{}\n\nlosses: {lost}\n{}",
                serde_json::to_string_pretty(&body).unwrap(),
                serde_json::to_string_pretty(&value(&answer)).unwrap()
            );
            insta::assert_snapshot!(format!("{}__{}", from.label(), to.label()), text);
        }
    }
}

/// Where the texts are in the transcripts of a format, and what else is seen.
pub(crate) fn views(operation: Operation) {
    for format in of(operation) {
        let mut lines = Vec::new();
        let body = file(format.id(), "request.json");
        let view = format.view_request(&body, true).unwrap();
        for span in &view.texts {
            let text = String::from_utf8_lossy(span.text.span.of(&body)).into_owned();
            lines.push(format!(
                "{:?} {:?} {} {text}",
                span.role, span.field, span.turn
            ));
        }
        lines.push(format!(
            "{} bytes, image: {}",
            view.text_bytes, view.has_image
        ));
        let body = file(format.id(), "answer.json");
        let view = format.view_answer(&body, true).unwrap();
        for span in &view.texts {
            let text = String::from_utf8_lossy(span.text.span.of(&body)).into_owned();
            lines.push(format!(
                "answer: {:?} {:?} {} {text}",
                span.role, span.field, span.turn
            ));
        }
        lines.push(format!("{:?}", view.usage));
        insta::assert_snapshot!(format!("places__{}", format.label()), lines.join("\n"));
    }
}

/// Any cut of a transcript is judged as the fuzz targets judge it.
pub(crate) fn cuts(operation: Operation) {
    for format in of(operation) {
        for name in ["request.json", "answer.json"] {
            let body = file(format.id(), name);
            for end in 0..=body.len() {
                crate::any_bytes::check(format.id(), &body[..end], 7);
            }
        }
    }
}

#[test]
fn embeddings_translate_as_recorded() {
    pairs(Operation::Embed);
}

#[test]
fn the_places_of_embeddings_are_found() {
    views(Operation::Embed);
}

#[test]
fn transcripts_of_embeddings_hold_however_they_are_cut() {
    cuts(Operation::Embed);
}

#[test]
fn texts_and_what_they_are_for_reach_every_provider() {
    let texts = ["one", "two"];
    let (body, losses) = asked(
        OPENAI,
        COHERE,
        &json!({"model": "m", "input": texts, "dimensions": 8}),
    );
    assert_eq!(losses, "");
    let cohere = json!({"model": "theirs", "texts": texts, "input_type": "search_document",
        "output_dimension": 8, "embedding_types": ["float"], "truncate": "NONE"});
    assert_eq!(body.unwrap(), cohere);
    let (body, losses) = asked(
        COHERE,
        GEMINI,
        &json!({"model": "m", "texts": ["one"], "input_type": "search_query", "output_dimension": 8}),
    );
    assert_eq!(losses, "");
    let gemini = json!({"requests": [{"model": "models/theirs", "content": {"parts": [{"text": "one"}]},
        "taskType": "RETRIEVAL_QUERY", "outputDimensionality": 8}]});
    assert_eq!(body.unwrap(), gemini);
    let (body, losses) = asked(GEMINI, OPENAI, &gemini);
    assert_eq!(losses, "input_type");
    let openai = json!({"model": "theirs", "input": ["one"], "dimensions": 8});
    assert_eq!(body.unwrap(), openai);
}

#[test]
fn tokens_belong_to_their_own_format() {
    for input in [json!([1, 2, 3]), json!([[1, 2], [3]])] {
        let body = json!({"model": "m", "input": input});
        let (own, losses) = asked(OPENAI, OPENAI, &body);
        assert_eq!((own.is_some(), losses.as_str()), (true, ""));
        for to in [COHERE, GEMINI, FormatId::GeminiEmbed] {
            let (other, losses) = asked(OPENAI, to, &body);
            assert_eq!((other, losses.as_str()), (None, "token_ids"), "{to:?}");
        }
    }
}

#[test]
fn an_input_without_a_text_is_not_left_out_of_a_list() {
    let body = json!({"model": "m", "images": ["data:image/png;base64,AA==", "https://x/a.png"], "input_type": "image"});
    let (openai, losses) = asked(COHERE, OPENAI, &body);
    assert_eq!((openai, losses.as_str()), (None, "input_type, image"));
    let (gemini, losses) = asked(COHERE, GEMINI, &body);
    assert_eq!((gemini, losses.as_str()), (None, "input_type, image"));
    let (own, losses) = asked(COHERE, COHERE, &body);
    assert_eq!(
        (own.unwrap()["images"].clone(), losses.as_str()),
        (body["images"].clone(), "")
    );
}

#[test]
fn floats_and_base64_are_made_of_each_other() {
    let cohere = json!({"id": "c", "embeddings": {"float": [[0.5, -1.0]]}, "meta": {"billed_units": {"input_tokens": 3}}});
    let asks = json!({"model": "m", "input": "x", "encoding_format": "base64"});
    let (body, losses) = told(COHERE, OPENAI, &cohere, &asks);
    assert_eq!(losses, "");
    assert_eq!(body["data"][0]["embedding"], "AAAAPwAAgL8=");
    assert_eq!(
        body["usage"],
        json!({"prompt_tokens": 3, "total_tokens": 3})
    );
    let asks = json!({"model": "m", "texts": ["x"], "embedding_types": ["base64", "float"]});
    let (again, losses) = told(OPENAI, COHERE, &body, &asks);
    assert_eq!(losses, "");
    assert_eq!(
        again["embeddings"],
        json!({"base64": ["AAAAPwAAgL8="], "float": [[0.5, -1]]})
    );
    let (again, _) = told(COHERE, GEMINI, &again, &json!({"requests": []}));
    assert_eq!(again["embeddings"], json!([{"values": [0.5, -1]}]));
}

#[test]
fn forms_that_cannot_be_made_of_floats_are_lost_by_name() {
    let body = json!({"model": "m", "texts": ["x"], "embedding_types": ["int8", "float"]});
    for to in [OPENAI, GEMINI] {
        assert_eq!(asked(COHERE, to, &body).1, "embedding_types", "{to:?}");
    }
    let view = codec(COHERE)
        .view_request(body.to_string().as_bytes(), false)
        .unwrap();
    assert!(view.forms.has(Form::Int8) && !view.forms.has(Form::Base64));
}

#[test]
fn every_request_of_a_list_names_the_model() {
    let body = json!({"requests": [
        {"model": "models/a", "content": {"parts": [{"text": "x"}]}},
        {"content": {"parts": []}},
    ]});
    let format = GEMINI.format();
    let document = Document::new(body.to_string().into());
    let view = format.view_request(document.original(), false).unwrap();
    let edits = format.name_model(&document, &view, "b");
    let edited = value(&document.finish(&edits).concat());
    let names: Vec<&Value> = edited["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["model"])
        .collect();
    assert_eq!(names, ["models/b", "models/b"]);
}

#[test]
fn as_many_numbers_as_a_batch_has_are_read_whatever_their_form() {
    let vector = format!("[{}0.125]", "-0.0123456789,".repeat(1535));
    let vectors = |before: &str, after: &str| {
        let one = format!("{before}{vector}{after}");
        vec![one; 2048].join(",")
    };
    let answers = [
        (
            OPENAI,
            format!(r#"{{"data":[{}]}}"#, vectors(r#"{"embedding":"#, "}")),
        ),
        (
            COHERE,
            format!(r#"{{"embeddings":{{"float":[{}]}}}}"#, vectors("", "")),
        ),
        (COHERE, format!(r#"{{"embeddings":[{}]}}"#, vectors("", ""))),
        (
            GEMINI,
            format!(r#"{{"embeddings":[{}]}}"#, vectors(r#"{"values":"#, "}")),
        ),
    ];
    for (from, body) in answers {
        let format = from.format();
        let view = format.view_answer(body.as_bytes(), true).unwrap();
        assert_eq!(view.texts, [], "{from:?}");
        let answer = codec(from).decode_answer(body.as_bytes()).unwrap();
        assert_eq!(answer.vectors[0].list.len(), 2048, "{from:?}");
        let last = format!("{:?}", answer.vectors[0].list[2047]);
        assert!(last.contains(&vector), "{from:?}");
    }
}

#[test]
fn as_many_tokens_as_a_batch_has_are_read() {
    let tokens = format!("[{}7]", "1234,".repeat(600_000));
    for input in [tokens.clone(), format!("[{tokens}]")] {
        let body = format!(r#"{{"model":"m","input":{input}}}"#);
        OPENAI.format().view_request(body.as_bytes(), true).unwrap();
        let request = codec(OPENAI).decode_request(body.as_bytes()).unwrap();
        assert_eq!(request.inputs.len(), 1);
    }
}

#[test]
fn ids_of_tokens_are_counted_and_no_texts() {
    for (input, ids, bytes) in [
        (r#""abc""#, 0, 3),
        ("[1,2,3]", 3, 0),
        ("[[1,2],[3],[]]", 3, 0),
        (r#"["abc",[1,2],7,[1,"de",[4]]]"#, 5, 5),
        ("12", 1, 0),
        ("[[[1,2]]]", 2, 0),
        ("{}", 0, 0),
    ] {
        let body = format!(r#"{{"model":"m","input":{input}}}"#);
        for texts in [true, false] {
            let view = OPENAI
                .format()
                .view_request(body.as_bytes(), texts)
                .unwrap();
            assert_eq!((view.token_ids, view.text_bytes), (ids, bytes), "{input}");
        }
    }
}

#[test]
fn texts_count_in_whatever_shape_models_are_given_them() {
    let said = "what nobody expects here";
    let part = json!({"odd": [{"deeper": said}]});
    for (format, body) in [
        (OPENAI, json!({"input": part})),
        (OPENAI, json!({"input": [part]})),
        (COHERE, json!({"texts": part})),
        (COHERE, json!({"texts": [part]})),
        (COHERE, json!({"inputs": [{"content": [part]}]})),
        (COHERE, json!({"inputs": [{"content": [{"text": [said]}]}]})),
        (
            GEMINI,
            json!({"requests": [{"content": {"parts": [part]}}]}),
        ),
        (GEMINI, json!({"requests": [{"content": said}]})),
        (
            FormatId::GeminiEmbed,
            json!({"content": {"parts": [{"text": {"x": said}}]}}),
        ),
        (
            FormatId::CohereRerank,
            json!({"query": part, "documents": []}),
        ),
        (
            FormatId::JinaRerank,
            json!({"query": "", "documents": [part]}),
        ),
        (
            FormatId::JinaRerank,
            json!({"query": "", "documents": [[said]]}),
        ),
        (
            FormatId::JinaRerank,
            json!({"query": "", "documents": [{"text": {"x": said}}]}),
        ),
    ] {
        let text = body.to_string();
        for texts in [true, false] {
            let view = format
                .format()
                .view_request(text.as_bytes(), texts)
                .unwrap();
            assert_eq!(view.text_bytes, said.len() as u64, "{format:?} {text}");
        }
    }
}

#[test]
fn a_form_that_nobody_knows_is_a_text_unless_it_is_one_word() {
    let noted = |form: &str| {
        let body = json!({"input": "x", "encoding_format": form}).to_string();
        let view = OPENAI.format().view_request(body.as_bytes(), true).unwrap();
        view.texts.len() - 1
    };
    assert_eq!((noted("int8"), noted("bytes_only")), (0, 0));
    assert_eq!(noted("call-0171-5552368-now@example.com"), 1);
}

#[test]
fn what_is_told_again_of_a_request_is_not_what_a_model_says() {
    let body = br#"{"embeddings":{"float":[]},"texts":["told again"]}"#;
    let view = COHERE.format().view_answer(body, true).unwrap();
    assert_eq!(view.texts.len(), 1);
    assert!(!view.texts[0].field.is_said());
}

#[test]
fn a_vector_stands_at_the_place_of_its_input() {
    let list = |places: &[u32]| {
        let data: Vec<Value> = places
            .iter()
            .map(|place| json!({"index": place, "embedding": [place]}))
            .collect();
        let answer = codec(OPENAI).decode_answer(json!({"data": data}).to_string().as_bytes());
        answer
            .map(|answer| format!("{:?}", answer.vectors[0].list))
            .ok()
    };
    assert_eq!(list(&[1, 0, 2]), list(&[0, 1, 2]));
    for wrong in [&[1][..], &[0, 2], &[0, 0], &[1, 2, 3]] {
        assert_eq!(list(wrong), None, "{wrong:?}");
    }
}

#[test]
fn an_answer_has_a_vector_for_each_input_in_each_form() {
    let checked = |from: FormatId, body: &Value, inputs| {
        let answer = from
            .format()
            .codec()
            .decode_answer(body.to_string().as_bytes());
        answer.unwrap().check(inputs).is_ok()
    };
    for (from, two) in [
        (
            OPENAI,
            json!({"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [2]}]}),
        ),
        (
            COHERE,
            json!({"embeddings": {"int8": [[1], [2]], "float": [[1], [2]]}}),
        ),
        (
            GEMINI,
            json!({"embeddings": [{"values": [1]}, {"values": [2]}]}),
        ),
    ] {
        assert!(
            checked(from, &two, Some(2)) && checked(from, &two, None),
            "{from:?}"
        );
        for inputs in [0, 1, 3] {
            assert!(!checked(from, &two, Some(inputs)), "{from:?} {inputs}");
        }
    }
    for wrong in [
        json!({"int8": [[1], [2]]}),
        json!({"float": [[1], [2]], "int8": [[1]]}),
        json!({}),
    ] {
        assert!(
            !checked(COHERE, &json!({"embeddings": wrong}), Some(2)),
            "{wrong}"
        );
    }
    let ranks = |places: &[u32]| {
        let results: Vec<Value> = places
            .iter()
            .map(|place| json!({"index": place, "relevance_score": 0.5}))
            .collect();
        checked(FormatId::JinaRerank, &json!({"results": results}), Some(2))
    };
    assert!(ranks(&[1, 0]) && ranks(&[1]) && ranks(&[]));
    assert!(!ranks(&[2]) && !ranks(&[1, 1]));
}

#[test]
fn inputs_are_counted() {
    let text = json!({"content": {"parts": [{"text": "x"}]}});
    for (format, body, inputs) in [
        (OPENAI, json!({"input": "x"}), Some(1)),
        (OPENAI, json!({"input": ["x", "y"]}), Some(2)),
        (OPENAI, json!({"input": [1, 2, 3]}), Some(1)),
        (OPENAI, json!({"input": [[1, 2], "y"]}), Some(2)),
        (OPENAI, json!({"input": {}}), None),
        (
            COHERE,
            json!({"texts": ["x", "y"], "inputs": [{"content": []}]}),
            Some(3),
        ),
        (GEMINI, json!({"requests": [text, text]}), Some(2)),
        (GEMINI, json!({"requests": []}), Some(0)),
        (FormatId::GeminiEmbed, text, Some(1)),
        (
            FormatId::CohereRerank,
            json!({"query": "q", "documents": ["x", {}]}),
            Some(2),
        ),
    ] {
        let view = format
            .format()
            .view_request(body.to_string().as_bytes(), false)
            .unwrap();
        assert_eq!(view.inputs, inputs, "{format:?} {body}");
    }
}

#[test]
fn tokens_of_images_count_beside_those_of_texts() {
    let input = |units: Value| {
        let body = json!({"embeddings": {}, "meta": {"billed_units": units}}).to_string();
        let view = COHERE.format().view_answer(body.as_bytes(), false).unwrap();
        view.usage.map(|usage| usage.input)
    };
    assert_eq!(
        input(json!({"input_tokens": 3, "image_tokens": 40})),
        Some(43)
    );
    assert_eq!(input(json!({"image_tokens": 40})), Some(40));
    assert_eq!(input(json!({"input_tokens": 3})), Some(3));
    assert_eq!(input(json!({"search_units": 3})), Some(0));
}

#[test]
fn an_input_of_which_nothing_can_be_written_is_refused_by_name() {
    let file = json!({"fileData": {"fileUri": "gs://x/a.pdf"}});
    let pdf = json!({"inlineData": {"mimeType": "application/pdf", "data": "AA=="}});
    for parts in [json!([]), json!([file]), json!([pdf])] {
        let body = json!({"requests": [{"content": {"parts": [{"text": "x"}]}}, {"content": {"parts": parts}}]});
        for to in [OPENAI, COHERE, GEMINI] {
            let (written, losses) = asked(GEMINI, to, &body);
            assert_eq!(written, None, "{to:?} {parts}");
            assert!(losses.contains("input"), "{to:?} {parts}: {losses}");
        }
    }
}

#[test]
fn what_openai_refuses_no_other_model_cuts() {
    let body = json!({"model": "m", "input": "x", "encoding_format": "int8"});
    let (cohere, losses) = asked(OPENAI, COHERE, &body);
    let cohere = cohere.unwrap();
    assert_eq!(
        (cohere["truncate"].clone(), losses.as_str()),
        (json!("NONE"), "embedding_types")
    );
    assert_eq!(cohere["embedding_types"], json!(["float"]));
    let gemini = json!({"requests": [{"content": {"parts": [{"text": "x"}]}}]});
    assert!(
        asked(GEMINI, COHERE, &gemini)
            .0
            .unwrap()
            .get("truncate")
            .is_none()
    );
}

#[test]
fn what_a_list_of_requests_asks_for_beside_is_lost_once_and_by_name() {
    let one = |more: &str| format!(r#"{{"content":{{"parts":[{{"text":"x"}}]}}{more}}}"#);
    let list = |more: [&str; 3]| {
        let body = format!(r#"{{"requests":[{}]}}"#, more.map(one).join(","));
        let (body, losses) = request(GEMINI.format(), GEMINI.format(), body.as_bytes());
        let extras = body.unwrap()["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_object().unwrap().contains_key("truncate"))
            .collect::<Vec<_>>();
        (extras, losses.to_string())
    };
    let (yes, no) = (r#","truncate":true"#, r#","truncate":false"#);
    assert_eq!(list([yes, yes, yes]), (vec![true; 3], String::new()));
    for differing in [[yes, yes, no], [yes, "", ""], ["", yes, yes]] {
        let lost = (vec![false; 3], "truncate".to_owned());
        assert_eq!(list(differing), lost, "{differing:?}");
    }
    let beside = br#"{"requests":[{"content":{"parts":[{"text":"x"}]}}],"truncate":1}"#;
    for to in [GEMINI, OPENAI] {
        let (_, losses) = request(GEMINI.format(), to.format(), beside);
        assert_eq!(losses.to_string(), "truncate", "{to:?}");
    }
}

#[test]
fn many_unknown_members_and_many_inputs_cost_their_sum() {
    let extras: String = (0..100_000).map(|n| format!(r#","x{n}":1"#)).collect();
    let inputs = vec![r#""a""#; 100_000].join(",");
    let body = format!(r#"{{"model":"m","input":[{inputs}]{extras}}}"#);
    let (written, losses) = request(OPENAI.format(), GEMINI.format(), body.as_bytes());
    assert_eq!(
        written.unwrap()["requests"].as_array().unwrap().len(),
        100_000
    );
    assert_eq!(losses.to_string(), "unknown_field");
    let first = format!(r#"{{"content":{{"parts":[]}}{extras}}}"#);
    let rest = r#",{"content":{"parts":[]}}"#.repeat(100_000);
    let body = format!(r#"{{"requests":[{first}{rest}]}}"#);
    let decoded = codec(GEMINI).decode_request(body.as_bytes()).unwrap();
    assert_eq!((decoded.inputs.len(), decoded.extras.len()), (100_001, 0));
}

fn any_vector() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(-10.0_f32..10.0, 1..6)
}

proptest! {
    #[test]
    fn any_vectors_survive_every_way(
        list in prop::collection::vec(any_vector(), 0..5),
        way in prop::collection::vec(prop::sample::select(vec![OPENAI, COHERE, GEMINI]), 1..5),
        is_base64 in any::<bool>(),
    ) {
        let data: Vec<Value> = list.iter().enumerate()
            .map(|(index, vector)| json!({"index": index, "embedding": vector}))
            .collect();
        let mut body = json!({"data": data});
        let mut from = OPENAI;
        let form = if is_base64 { "base64" } else { "float" };
        for to in way {
            let asks = match to {
                OPENAI => json!({"model": "m", "input": "x", "encoding_format": form}),
                COHERE => json!({"texts": ["x"], "embedding_types": [form]}),
                _ => json!({"requests": []}),
            };
            let (next, losses) = told(from, to, &body, &asks);
            prop_assert_eq!(losses, "");
            (from, body) = (to, next);
        }
        let (last, _) = told(from, GEMINI, &body, &json!({"requests": []}));
        let got: Vec<Vec<f32>> = last["embeddings"].as_array().unwrap().iter()
            .map(|one| serde_json::from_value(one["values"].clone()).unwrap())
            .collect();
        prop_assert_eq!(got, list);
    }
}
