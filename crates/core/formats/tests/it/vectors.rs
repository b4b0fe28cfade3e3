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
        "output_dimension": 8, "embedding_types": ["float"]});
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
