//! Features of reranking.

use serde_json::value::RawValue;
use tollgate_formats::exchange::{RerankAnswer, RerankDocument, RerankRequest, RerankResult};
use tollgate_formats::{Format, FormatId};
use tollgate_types::Usage;

use super::Row;
use super::features::{Feature, rows};

pub(super) fn requests(from: &'static dyn Format) -> Vec<Row> {
    let plain = RerankRequest {
        model: "m".to_owned(),
        query: document("hello"),
        documents: vec![document("a"), document("b")],
        // What a format does by itself is not what the other does.
        return_documents: Some(false),
        ..RerankRequest::default()
    };
    rows(REQUESTS, &plain, from)
}

pub(super) fn answers(from: &'static dyn Format) -> Vec<Row> {
    let plain = RerankAnswer {
        id: "a-1".to_owned(),
        results: vec![result(0, "0.5")],
        ..RerankAnswer::default()
    };
    rows(ANSWERS, &plain, from)
}

fn document(text: &str) -> RerankDocument {
    RerankDocument::Text(text.to_owned())
}

fn object(json: &str) -> RerankDocument {
    RerankDocument::Object(RawValue::from_string(json.to_owned()).unwrap())
}

fn result(index: u64, score: &str) -> RerankResult {
    RerankResult {
        index,
        score: serde_json::from_str(score).unwrap(),
        document: None,
    }
}

fn usage(answer: &mut RerankAnswer, input: u64, searches: u64) {
    answer.usage = Some(Usage {
        input,
        searches,
        ..Usage::default()
    });
}

fn told(answer: &RerankAnswer) -> Option<String> {
    let document = answer.results[0].document.as_ref();
    document.map(|document| format!("{document:?}"))
}

static REQUESTS: &[Feature<RerankRequest>] = &[
    Feature {
        name: "query",
        note: "",
        add: |request, _| request.query = document("good day"),
        probe: |request| Some(format!("{:?}", request.query)),
    },
    Feature {
        name: "query that is more than a text",
        note: "",
        add: |request, _| request.query = object(r#"{"image":"https://h/a.png"}"#),
        probe: |request| match &request.query {
            RerankDocument::Object(json) => Some(json.get().to_owned()),
            RerankDocument::Text(_) => None,
        },
    },
    Feature {
        name: "document",
        note: "",
        add: |request, _| request.documents[1] = document("good day"),
        probe: |request| Some(format!("{:?}", request.documents)),
    },
    Feature {
        name: "document that is more than a text",
        note: "its JSON, as a text",
        add: |request, _| request.documents[1] = object(r#"{"text":"b","by":"x"}"#),
        probe: |request| {
            let shown = format!("{:?}", request.documents[1]);
            shown.contains("by").then_some(shown)
        },
    },
    Feature {
        name: "number of results",
        note: "",
        add: |request, _| request.top_n = Some(1),
        probe: |request| request.top_n.map(|most| most.to_string()),
    },
    Feature {
        name: "documents told again: asked for",
        note: "",
        add: |request, _| request.return_documents = Some(true),
        probe: |request| {
            let asks = request.return_documents == Some(true);
            asks.then(String::new)
        },
    },
    Feature {
        name: "documents told again: by themselves",
        note: "",
        add: |request, _| request.return_documents = None,
        probe: |request| {
            let tells = request.origin == Some(FormatId::JinaRerank);
            (tells && request.return_documents.is_none()).then(String::new)
        },
    },
    Feature {
        name: "documents told again: not asked for",
        note: "",
        // Said as the format does: by a word, or by none.
        add: |request, format| {
            let says = format == FormatId::JinaRerank;
            request.return_documents = says.then_some(false);
        },
        probe: |request| {
            let tells = request.origin == Some(FormatId::JinaRerank);
            let told = request.return_documents.unwrap_or(tells);
            (!told).then(String::new)
        },
    },
    Feature {
        name: "most tokens of a document that are read",
        note: "",
        add: |request, _| request.document_tokens_max = Some(512),
        probe: |request| request.document_tokens_max.map(|most| most.to_string()),
    },
    Feature {
        name: "a parameter that nobody here knows",
        note: "",
        add: |request, _| {
            let value = RawValue::from_string("1".to_owned()).unwrap();
            request.extras.push(("odd".to_owned(), value));
        },
        probe: |request| {
            let extra = request.extras.first();
            extra.map(|(name, value)| format!("{name} {value}"))
        },
    },
];

static ANSWERS: &[Feature<RerankAnswer>] = &[
    Feature {
        name: "order and scores",
        note: "",
        add: |answer, _| answer.results = vec![result(1, "0.987654321"), result(0, "1e-7")],
        probe: |answer| {
            let results = answer.results.iter();
            let shown = results.map(|result| format!("{} {}", result.index, result.score));
            let shown: Vec<String> = shown.collect();
            (shown.len() == 2).then(|| shown.join(", "))
        },
    },
    Feature {
        name: "document told again",
        note: "",
        add: |answer, _| answer.results[0].document = Some(document("good day")),
        probe: told,
    },
    Feature {
        name: "document told again that is more than a text",
        note: "",
        add: |answer, _| {
            answer.results[0].document = Some(object(r#"{"text":"b","by":"x"}"#));
        },
        probe: told,
    },
    Feature {
        name: "usage: tokens",
        note: "",
        add: |answer, _| usage(answer, 7, 0),
        probe: |answer| answer.usage.map(|usage| format!("{usage:?}")),
    },
    Feature {
        name: "usage: searches",
        note: "",
        add: |answer, _| usage(answer, 0, 3),
        probe: |answer| answer.usage.map(|usage| format!("{usage:?}")),
    },
    Feature {
        name: "usage: tokens and searches",
        note: "",
        add: |answer, _| usage(answer, 7, 3),
        probe: |answer| answer.usage.map(|usage| format!("{usage:?}")),
    },
];
