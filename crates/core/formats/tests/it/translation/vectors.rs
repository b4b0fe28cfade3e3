//! Features of embeddings.

use serde_json::value::RawValue;
use tollgate_formats::exchange::{
    EmbedAnswer, EmbedInput, EmbedPart, EmbedRequest, EmbedTask, Image, Truncate,
};
use tollgate_formats::{Form, Format, Forms, Vector, Vectors};
use tollgate_types::Usage;

use super::Row;
use super::features::{Feature, Told, rows};

pub(super) fn requests(from: &'static dyn Format) -> Vec<Row> {
    let plain = EmbedRequest {
        model: "m".to_owned(),
        inputs: vec![EmbedInput::of_text("hello".to_owned())],
        ..EmbedRequest::default()
    };
    let mut table = rows(INPUTS, &plain, from);
    table.extend(rows(TASKS, &plain, from));
    table.extend(rows(PARAMETERS, &plain, from));
    table
}

pub(super) fn answers(from: &'static dyn Format) -> Vec<Row> {
    let plain = Told {
        answer: EmbedAnswer {
            id: "a-1".to_owned(),
            model: "m".to_owned(),
            vectors: vec![written(Form::Float, "[0.5,1]")],
            ..EmbedAnswer::default()
        },
        ..Told::default()
    };
    rows(ANSWERS, &plain, from)
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

fn text(text: &str) -> EmbedPart {
    EmbedPart::Text(text.to_owned())
}

fn inline() -> EmbedPart {
    EmbedPart::Image(Image::Inline {
        media_type: "image/png".to_owned(),
        base64: "AAAA".to_owned(),
        detail: None,
    })
}

fn input(request: &mut EmbedRequest, parts: Vec<EmbedPart>) {
    request.inputs[0].parts = parts;
}

/// The first part that is seen as something.
fn seen(request: &EmbedRequest, of: impl Fn(&EmbedPart) -> Option<String>) -> Option<String> {
    let mut parts = request.inputs.iter().flat_map(|input| &input.parts);
    parts.find_map(of)
}

fn image(request: &EmbedRequest) -> Option<String> {
    seen(request, |part| match part {
        EmbedPart::Image(image) => Some(format!("{image:?}")),
        _ => None,
    })
}

fn asked(request: &mut EmbedRequest, forms: &str) {
    request.forms = forms_of(forms);
}

/// Forms by their names, which only a format reads.
fn forms_of(names: &str) -> Forms {
    let body = format!(r#"{{"texts":[],"embedding_types":{names}}}"#);
    let format = tollgate_formats::FormatId::CohereEmbed.format();
    format.view_request(body.as_bytes(), false).unwrap().forms
}

fn form(request: &EmbedRequest, form: Form) -> Option<String> {
    request.forms.has(form).then(String::new)
}

fn task(request: &EmbedRequest) -> Option<String> {
    request.task.as_ref().map(|task| format!("{task:?}"))
}

fn cut(request: &EmbedRequest) -> Option<String> {
    request.truncate.map(|cut| format!("{cut:?}"))
}

fn written(form: Form, json: &str) -> Vectors {
    Vectors {
        form,
        list: vec![Vector::Written(raw(json))],
    }
}

static INPUTS: &[Feature<EmbedRequest>] = &[
    Feature {
        name: "text",
        note: "",
        add: |request, _| input(request, vec![text("good day")]),
        probe: |request| {
            seen(request, |part| match part {
                EmbedPart::Text(text) => Some(text.clone()),
                _ => None,
            })
            .filter(|text| text == "good day")
        },
    },
    Feature {
        name: "several inputs",
        note: "",
        add: |request, _| {
            let more = EmbedInput::of_text("good day".to_owned());
            request.inputs.push(more);
        },
        probe: |request| {
            let count = request.inputs.len();
            (count > 1).then(|| count.to_string())
        },
    },
    Feature {
        name: "input of several texts",
        note: "one text, a line for each",
        add: |request, _| input(request, vec![text("good"), text("day")]),
        probe: |request| {
            let parts = &request.inputs[0].parts;
            (parts.len() > 1).then(|| format!("{parts:?}"))
        },
    },
    Feature {
        name: "image inline",
        note: "",
        add: |request, _| input(request, vec![inline()]),
        probe: image,
    },
    Feature {
        name: "image by URL",
        note: "",
        add: |request, _| {
            let image = Image::Url {
                url: "https://h/a.png".to_owned(),
                detail: None,
            };
            input(request, vec![EmbedPart::Image(image)]);
        },
        probe: image,
    },
    Feature {
        name: "image and text in one input",
        note: "",
        add: |request, _| input(request, vec![text("hello"), inline()]),
        probe: image,
    },
    Feature {
        name: "ids of tokens",
        note: "",
        add: |request, _| input(request, vec![EmbedPart::Tokens(raw("[1,2]"))]),
        probe: |request| {
            seen(request, |part| match part {
                EmbedPart::Tokens(tokens) => Some(tokens.get().to_owned()),
                _ => None,
            })
        },
    },
    Feature {
        name: "title of a document",
        note: "",
        add: |request, _| request.inputs[0].title = Some("A".to_owned()),
        probe: |request| request.inputs[0].title.clone(),
    },
];

static TASKS: &[Feature<EmbedRequest>] = &[
    Feature {
        name: "use: to search with",
        note: "",
        add: |request, _| request.task = Some(EmbedTask::Query),
        probe: task,
    },
    Feature {
        name: "use: to be found",
        note: "",
        add: |request, _| request.task = Some(EmbedTask::Document),
        probe: |request| task(request).filter(|task| task == "Document"),
    },
    Feature {
        name: "use: classification",
        note: "",
        add: |request, _| request.task = Some(EmbedTask::Classification),
        probe: task,
    },
    Feature {
        name: "use: clustering",
        note: "",
        add: |request, _| request.task = Some(EmbedTask::Clustering),
        probe: task,
    },
    Feature {
        name: "use: one of the format's own (`QUESTION_ANSWERING`)",
        note: "another use: to be found",
        add: |request, _| request.task = Some(EmbedTask::Other("QUESTION_ANSWERING".to_owned())),
        probe: task,
    },
];

static PARAMETERS: &[Feature<EmbedRequest>] = &[
    Feature {
        name: "length of the vectors",
        note: "",
        add: |request, _| request.dimensions = Some(8),
        probe: |request| request.dimensions.map(|length| length.to_string()),
    },
    Feature {
        name: "vectors in base64",
        note: "",
        add: |request, _| asked(request, r#"["base64"]"#),
        probe: |request| form(request, Form::Base64),
    },
    Feature {
        name: "vectors of whole numbers, or of bits",
        note: "",
        add: |request, _| asked(request, r#"["int8"]"#),
        probe: |request| form(request, Form::Int8),
    },
    Feature {
        name: "inputs too long: refused",
        note: "",
        add: |request, _| request.truncate = Some(Truncate::Never),
        probe: cut,
    },
    Feature {
        name: "inputs too long: cut at an end",
        note: "",
        add: |request, _| request.truncate = Some(Truncate::End),
        probe: cut,
    },
    Feature {
        name: "the caller's user",
        note: "",
        add: |request, _| request.user = Some("u-1".to_owned()),
        probe: |request| request.user.clone(),
    },
    Feature {
        name: "a parameter that nobody here knows",
        note: "",
        add: |request, _| request.extras.push(("odd".to_owned(), raw("1"))),
        probe: |request| {
            let extra = request.extras.first();
            extra.map(|(name, value)| format!("{name} {value}"))
        },
    },
];

static ANSWERS: &[Feature<Told>] = &[
    Feature {
        name: "numbers, to the last digit",
        note: "",
        add: |told, _| {
            let vectors = written(Form::Float, "[0.10000000000000000001,-1E-3]");
            told.answer.vectors = vec![vectors];
        },
        probe: |told| match &told.answer.vectors[0].list[0] {
            Vector::Written(json) => Some(json.get().to_owned()),
            Vector::Floats(_) => None,
        },
    },
    Feature {
        name: "base64 for a caller that asks for it",
        note: "the shortest decimals of the same floats",
        add: |told, _| {
            told.forms = forms_of(r#"["base64"]"#);
            told.answer.vectors = vec![Vectors {
                form: Form::Base64,
                list: vec![Vector::Floats(vec![0.25, -2.0])],
            }];
        },
        probe: |told| match &told.answer.vectors[0].list[0] {
            Vector::Floats(floats) => Some(format!("{floats:?}")),
            Vector::Written(_) => None,
        },
    },
    Feature {
        name: "whole numbers, or bits, beside decimals",
        note: "",
        add: |told, _| told.answer.vectors.push(written(Form::Int8, "[64,127]")),
        probe: |told| {
            let mut vectors = told.answer.vectors.iter();
            let int8 = vectors.find(|vectors| vectors.form == Form::Int8);
            int8.map(|vectors| format!("{vectors:?}"))
        },
    },
    Feature {
        name: "usage: tokens",
        note: "",
        add: |told, _| {
            told.answer.usage = Some(Usage {
                input: 7,
                ..Usage::default()
            });
        },
        probe: |told| told.answer.usage.map(|usage| format!("{usage:?}")),
    },
];
