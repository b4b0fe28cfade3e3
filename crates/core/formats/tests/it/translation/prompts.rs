//! Features of requests whose prompt is not a chat, at providers of chats.

use tollgate_formats::exchange::ChatRequest;
use tollgate_formats::{ChatFormat, Dialect, FormatId, Losses, Request, chat_formats};

use super::requests::{Feature, features, plain, raw};
use super::{Cell, Passage, Row, cell};
use crate::continued;

/// What the format has and a chat has not.
const OWN: &[Feature] = &[
    Feature {
        name: "what comes behind the text (`suffix`)",
        note: "",
        add: |request| extra(request, "suffix", "\"The end.\""),
        probe: |request| extra_of(request, "suffix"),
    },
    Feature {
        name: "the prompt before the answer (`echo`)",
        note: "",
        add: |request| extra(request, "echo", "true"),
        probe: |request| extra_of(request, "echo"),
    },
    Feature {
        name: "the best of several (`best_of`)",
        note: "",
        add: |request| extra(request, "best_of", "3"),
        probe: |request| extra_of(request, "best_of"),
    },
];

fn extra(request: &mut ChatRequest, name: &str, json: &str) {
    request.extras.push((name.to_owned(), raw(json)));
}

fn extra_of(request: &ChatRequest, name: &str) -> Option<String> {
    let mut extras = request.extras.iter();
    let found = extras.find(|(found, _)| found == name);
    found.map(|(_, json)| json.get().to_owned())
}

/// What the table says of each feature that such a request can have.
pub(super) fn rows() -> Vec<Row> {
    let rows = all().map(|feature| Row {
        feature: feature.name,
        note: feature.note,
        cells: chat_formats().map(|to| one(feature, to)).collect(),
    });
    rows.filter(|row| row.cells.iter().any(|cell| *cell != Cell::Unsaid))
        .collect()
}

fn all() -> impl Iterator<Item = &'static Feature> {
    features().chain(OWN)
}

fn one(feature: &Feature, to: &'static dyn ChatFormat) -> Cell {
    let without = pass(&plain(), to);
    let mut with = plain();
    (feature.add)(&mut with);
    let mut with = pass(&with, to);
    if with.said == without.said {
        with.before = None;
    }
    cell(&with, &without, feature.probe)
}

/// Features that arrive as they were, by their place among all.
pub(crate) fn carried(to: &'static dyn ChatFormat) -> Vec<usize> {
    let places = all().enumerate();
    places
        .filter(|(_, feature)| one(feature, to) == Cell::Carried)
        .map(|(place, _)| place)
        .collect()
}

/// What features of a request, together in one, become; each by its name.
pub(crate) fn together(
    prompt: &str,
    places: &[usize],
    to: &'static dyn ChatFormat,
) -> (ChatRequest, Vec<super::requests::Seen>, Losses) {
    let features: Vec<&Feature> = all().collect();
    let mut request = plain();
    for place in places {
        (features[*place].add)(&mut request);
    }
    request.messages.truncate(1);
    request.messages[0].parts = vec![tollgate_formats::exchange::Part::Text(prompt.to_owned())];
    let passage = pass(&request, to);
    let seen = places.iter().map(|place| {
        let feature = features[*place];
        let said = passage.before.as_ref().and_then(feature.probe);
        (feature.name, said, (feature.probe)(&passage.after))
    });
    (passage.after.clone(), seen.collect(), passage.losses)
}

/// A request through both formats.
fn pass(request: &ChatRequest, to: &dyn ChatFormat) -> Passage<ChatRequest> {
    let said = match continued::prompt(request) {
        Some(_) => continued::write(request),
        // It has no place for more than a prompt.
        None => continued::write(&plain()),
    };
    let said = said.to_string().into_bytes();
    let codec = FormatId::OpenaiCompletions.format().codec();
    let Ok(Request::Chat(before)) = codec.decode_request(&said) else {
        panic!("a prompt is a chat");
    };
    let mut losses = Losses::default();
    let written = to.encode_request(&before, Dialect::Original, &mut losses);
    let mut after = to.decode_request(&written).unwrap();
    after.stream = before.stream;
    Passage {
        before: Some(*before),
        said,
        after,
        written: written.to_vec(),
        losses,
    }
}
