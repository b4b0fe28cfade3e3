//! Embeddings and reranking as the providers' documents describe them.

use serde_json::{Value, json};
use tollgate_simulator::Options;

use crate::client::{call, start};

fn numbers(vector: &Value) -> Vec<f64> {
    let list = vector.as_array().unwrap().iter();
    list.map(|number| number.as_f64().unwrap()).collect()
}

fn cosine(one: &Value, two: &Value) -> f64 {
    let (one, two) = (numbers(one), numbers(two));
    one.iter().zip(&two).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn every_provider_embeds_in_its_own_shape() {
    let simulator = start(Options::default()).await;
    let texts = ["a red bicycle", "the red bicycle", "an old tea pot"];
    let body = json!({"model": "m", "input": texts, "dimensions": 32});
    let openai = call(&simulator, "/v1/embeddings", &body).await.json();
    let vectors: Vec<&Value> = (0..3).map(|at| &openai["data"][at]["embedding"]).collect();
    assert!((cosine(vectors[0], vectors[0]) - 1.0).abs() < 1e-5);
    assert!(cosine(vectors[0], vectors[1]) > cosine(vectors[0], vectors[2]));
    assert_eq!(
        openai["usage"]["prompt_tokens"],
        openai["usage"]["total_tokens"]
    );
    let body = json!({"model": "m", "texts": texts, "input_type": "clustering", "output_dimension": 32,
        "embedding_types": ["float", "int8"]});
    let cohere = call(&simulator, "/v2/embed", &body).await.json();
    assert_eq!(&cohere["embeddings"]["float"][0], vectors[0]);
    let whole = numbers(&cohere["embeddings"]["int8"][0]);
    assert!(whole.len() == 32 && whole.iter().all(|step| step.abs() <= 128.0));
    let one = json!({"content": {"parts": [{"text": texts[0]}]}, "outputDimensionality": 32});
    let gemini = call(&simulator, "/v1beta/models/m:embedContent", &one)
        .await
        .json();
    assert_eq!(&gemini["embedding"]["values"], vectors[0]);
    let mut named = one;
    named["model"] = json!("models/m");
    let batch = json!({"requests": [named]});
    let gemini = call(&simulator, "/v1/models/m:batchEmbedContents", &batch)
        .await
        .json();
    assert_eq!(&gemini["embeddings"][0]["values"], vectors[0]);
    simulator.books().settled().await;
    let first = simulator.books().all().remove(0);
    assert_eq!(openai["usage"]["prompt_tokens"], first.input_tokens);
    assert_eq!(
        (first.format.as_str(), first.output_tokens),
        ("openai_embeddings", 0)
    );
}

#[tokio::test]
async fn base64_is_that_of_the_floats() {
    let simulator = start(Options::default()).await;
    let body = json!({"model": "m", "input": "", "encoding_format": "base64", "dimensions": 2});
    let reply = call(&simulator, "/v1/embeddings", &body).await.json();
    // Two floats of no words are zeros: eight bytes.
    assert_eq!(reply["data"][0]["embedding"], "AAAAAAAAAAA=");
}

#[tokio::test]
async fn the_closest_document_comes_first() {
    let simulator = start(Options::default()).await;
    let body = json!({"model": "m", "query": "old tea", "top_n": 1,
        "documents": ["a red bicycle", "an old pot of tea"]});
    let cohere = call(&simulator, "/v2/rerank", &body).await.json();
    let results = cohere["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["index"]), (1, &json!(1)));
    assert!(results[0].get("document").is_none());
    assert_eq!(cohere["meta"]["billed_units"]["search_units"], 1);
    let jina = call(&simulator, "/v1/rerank", &body).await.json();
    assert_eq!(jina["results"][0]["document"]["text"], "an old pot of tea");
    assert!(jina["usage"]["total_tokens"].as_u64().unwrap() > 5);
}

#[tokio::test]
async fn faults_and_mistakes_are_told_as_each_provider_tells_them() {
    let simulator = start(Options::default()).await;
    let body = json!({"model": "m", "texts": ["x"]});
    let reply = call(&simulator, "/v2/embed", &body).await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.json()["message"]
            .as_str()
            .unwrap()
            .contains("input_type")
    );
    let body = json!({"content": {"parts": [{"text": "[[sim: fault=429]] x"}]}});
    let reply = call(&simulator, "/v1beta/models/m:embedContent", &body).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.json()["error"]["status"], "RESOURCE_EXHAUSTED");
    let body = json!({"model": "sim-503", "query": "q", "documents": ["d"]});
    let reply = call(&simulator, "/v1/rerank", &body).await;
    assert_eq!(reply.status, 503);
    assert!(reply.json()["error"]["message"].is_string());
    simulator.books().settled().await;
    let faults: Vec<_> = simulator
        .books()
        .all()
        .into_iter()
        .filter_map(|record| record.fault)
        .collect();
    assert_eq!(faults, ["429:1000ms", "503"]);
}
