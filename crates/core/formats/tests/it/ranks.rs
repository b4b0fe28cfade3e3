//! Reranking: every format to every other.

use serde_json::json;
use tollgate_formats::{FormatId, Losses, Operation};

use crate::load::{json as value, options};
use crate::vectors::{cuts, pairs, request, views};

const COHERE: FormatId = FormatId::CohereRerank;
const JINA: FormatId = FormatId::JinaRerank;

#[test]
fn reranking_translates_as_recorded() {
    pairs(Operation::Rerank);
}

#[test]
fn the_places_of_reranking_are_found() {
    views(Operation::Rerank);
}

#[test]
fn transcripts_of_reranking_hold_however_they_are_cut() {
    cuts(Operation::Rerank);
}

#[test]
fn what_only_one_format_has_is_lost_by_name() {
    let body = json!({"model": "m", "query": "q", "documents": ["d"], "max_tokens_per_doc": 9});
    let (_, losses) = request(COHERE.format(), JINA.format(), body.to_string().as_bytes());
    assert_eq!(losses.to_string(), "max_tokens_per_doc");
    let body = json!({"model": "m", "query": "q", "documents": [{"text": "d", "by": "x"}], "return_documents": true});
    let (told, losses) = request(JINA.format(), COHERE.format(), body.to_string().as_bytes());
    assert_eq!(losses.to_string(), "document, return_documents");
    assert_eq!(
        told.unwrap()["documents"],
        json!([r#"{"by":"x","text":"d"}"#])
    );
}

#[test]
fn a_query_that_is_no_text_stays_in_its_format() {
    let body = json!({"model": "m", "query": {"image": "https://x/a.png"}, "documents": ["d"]});
    let body = body.to_string();
    let (told, losses) = request(JINA.format(), COHERE.format(), body.as_bytes());
    assert_eq!(told, None);
    assert!(losses.to_string().contains("query"), "{losses}");
    let (told, losses) = request(JINA.format(), JINA.format(), body.as_bytes());
    assert_eq!(told.unwrap()["query"], json!({"image": "https://x/a.png"}));
    assert!(losses.is_empty(), "{losses}");
    let text = json!({"query": {"text": "q"}, "documents": ["d"]}).to_string();
    let (told, _) = request(JINA.format(), COHERE.format(), text.as_bytes());
    assert_eq!(told.unwrap()["query"], "q");
}

#[test]
fn documents_are_told_again_as_the_caller_expects() {
    let body = json!({"model": "m", "query": "q", "documents": ["d"]}).to_string();
    let (told, losses) = request(COHERE.format(), JINA.format(), body.as_bytes());
    assert_eq!(
        (
            told.unwrap()["return_documents"].clone(),
            losses.to_string()
        ),
        (json!(false), String::new())
    );
    let (_, losses) = request(JINA.format(), COHERE.format(), body.as_bytes());
    assert_eq!(losses.to_string(), "return_documents");
    let (told, _) = request(JINA.format(), JINA.format(), body.as_bytes());
    assert!(told.unwrap().get("return_documents").is_none());
}

#[test]
fn searches_that_are_billed_are_usage() {
    let body = json!({"results": [], "meta": {"billed_units": {"search_units": 3}}}).to_string();
    for format in [COHERE, JINA] {
        let view = format.format().view_answer(body.as_bytes(), false).unwrap();
        let usage = view.usage.unwrap();
        assert_eq!((usage.input, usage.searches), (0, 3), "{format:?}");
        let answer = format
            .format()
            .codec()
            .decode_answer(body.as_bytes())
            .unwrap();
        for to in [COHERE, JINA] {
            let told =
                to.format()
                    .codec()
                    .encode_answer(&answer, &options(), &mut Losses::default());
            let told = value(&told.unwrap());
            assert_eq!(
                told["meta"]["billed_units"],
                json!({"search_units": 3}),
                "{to:?}"
            );
        }
    }
}

#[test]
fn results_of_voyage_are_read() {
    let body = json!({"object": "list", "model": "rerank-2.5", "usage": {"total_tokens": 26},
        "data": [{"index": 1, "relevance_score": 0.4, "document": "d"}]});
    let answer = JINA
        .format()
        .codec()
        .decode_answer(body.to_string().as_bytes())
        .unwrap();
    let mut losses = Losses::default();
    let told = COHERE
        .format()
        .codec()
        .encode_answer(&answer, &options(), &mut losses);
    let told = value(&told.unwrap());
    assert!(losses.is_empty(), "{losses}");
    assert_eq!(
        told["results"],
        json!([{"index": 1, "relevance_score": 0.4, "document": {"text": "d"}}])
    );
    assert_eq!(told["meta"]["billed_units"], json!({"input_tokens": 26}));
}
