//! Features of messages that are no conversations.

use std::collections::BTreeSet;

use bytes::Bytes;
use tollgate_formats::exchange::{EmbedAnswer, EmbedRequest, RerankAnswer, RerankRequest};
use tollgate_formats::{
    AnswerOptions, Codec, EmbedFormat, Format, FormatId, Forms, Loss, Losses, RerankFormat,
};

use super::{Cell, Passage, Probe, Row, cell};
use crate::load::options;
use crate::vectors::of;

/// A feature: how it gets into a message of a format, and how it is seen there.
pub(super) struct Feature<T: 'static> {
    pub(super) name: &'static str,
    pub(super) note: &'static str,
    pub(super) add: fn(&mut T, FormatId),
    pub(super) probe: Probe<T>,
}

/// A canonical message of any of these operations.
pub(super) trait Message: Clone {
    /// As the format writes what came from another; `None` where it cannot be sent at all.
    fn written(&self, to: &dyn Format, losses: &mut Losses) -> Option<Bytes>;

    fn read(from: &dyn Format, body: &[u8], beside: &Self) -> Self;

    fn set_origin(&mut self, origin: FormatId);
}

/// The other formats of the same operation.
pub(super) fn others(format: &'static dyn Format) -> impl Iterator<Item = &'static dyn Format> {
    let operation = format.codec().operation();
    of(operation).filter(move |other| other.id() != format.id())
}

pub(super) fn rows<T: Message>(
    features: &[Feature<T>],
    plain: &T,
    from: &'static dyn Format,
) -> Vec<Row> {
    let row = |feature: &Feature<T>| Row {
        feature: feature.name,
        note: feature.note,
        cells: others(from)
            .map(|to| one(feature, plain, from, to))
            .collect(),
    };
    features.iter().map(row).collect()
}

fn one<T: Message>(feature: &Feature<T>, plain: &T, from: &dyn Format, to: &dyn Format) -> Cell {
    let mut with = plain.clone();
    (feature.add)(&mut with, from.id());
    let Ok(mut without) = pass(plain, from, to) else {
        panic!("{} to {}: what is plain goes", from.label(), to.label());
    };
    // What the plain one loses of this feature is the feature's.
    if without.before.as_ref().and_then(feature.probe).is_some() {
        without.losses = Losses::default();
    }
    match pass(&with, from, to) {
        Ok(with) => cell(&with, &without, feature.probe),
        Err(Some((before, losses))) if (feature.probe)(&before).is_some() => {
            let known: BTreeSet<&Loss> = without.losses.iter().collect();
            let names = losses.iter().filter(|loss| !known.contains(loss));
            Cell::Refused(names.map(Loss::name).collect())
        }
        Err(_unsaid) => Cell::Unsaid,
    }
}

/// A message through both formats; an error where it is not sent: as it was read, and the
/// losses, or nothing where the first format could not say it.
fn pass<T: Message>(
    message: &T,
    from: &dyn Format,
    to: &dyn Format,
) -> Result<Passage<T>, Option<(T, Losses)>> {
    let mut own = message.clone();
    own.set_origin(from.id());
    let (mut unsaid, mut losses) = (Losses::default(), Losses::default());
    let said = own.written(from, &mut unsaid).ok_or(None)?;
    let before = T::read(from, &said, message);
    let Some(written) = before.written(to, &mut losses) else {
        return Err(unsaid.is_empty().then_some((before, losses)));
    };
    Ok(Passage {
        after: T::read(to, &written, message),
        before: unsaid.is_empty().then_some(before),
        said: said.to_vec(),
        written: written.to_vec(),
        losses,
    })
}

fn embeds(format: &dyn Format) -> &'static dyn EmbedFormat {
    match format.codec() {
        Codec::Embed(format) => format,
        _ => panic!("{} has no vectors", format.label()),
    }
}

fn ranks(format: &dyn Format) -> &'static dyn RerankFormat {
    match format.codec() {
        Codec::Rerank(format) => format,
        _ => panic!("{} ranks nothing", format.label()),
    }
}

impl Message for EmbedRequest {
    fn written(&self, to: &dyn Format, losses: &mut Losses) -> Option<Bytes> {
        embeds(to).encode_request(self, losses)
    }

    fn read(from: &dyn Format, body: &[u8], _beside: &Self) -> Self {
        embeds(from).decode_request(body).unwrap()
    }

    fn set_origin(&mut self, origin: FormatId) {
        self.origin = Some(origin);
    }
}

impl Message for RerankRequest {
    fn written(&self, to: &dyn Format, losses: &mut Losses) -> Option<Bytes> {
        ranks(to).encode_request(self, losses)
    }

    fn read(from: &dyn Format, body: &[u8], _beside: &Self) -> Self {
        ranks(from).decode_request(body).unwrap()
    }

    fn set_origin(&mut self, origin: FormatId) {
        self.origin = Some(origin);
    }
}

/// Vectors, and the forms of them that the caller asked for.
#[derive(Clone, Default)]
pub(super) struct Told {
    pub(super) answer: EmbedAnswer,
    pub(super) forms: Forms,
}

impl Message for Told {
    fn written(&self, to: &dyn Format, losses: &mut Losses) -> Option<Bytes> {
        let options = AnswerOptions {
            forms: self.forms,
            ..options()
        };
        Some(embeds(to).encode_answer(&self.answer, &options, losses))
    }

    fn read(from: &dyn Format, body: &[u8], beside: &Self) -> Self {
        Self {
            answer: embeds(from).decode_answer(body).unwrap(),
            forms: beside.forms,
        }
    }

    fn set_origin(&mut self, origin: FormatId) {
        self.answer.origin = Some(origin);
    }
}

impl Message for RerankAnswer {
    fn written(&self, to: &dyn Format, losses: &mut Losses) -> Option<Bytes> {
        Some(ranks(to).encode_answer(self, &options(), losses))
    }

    fn read(from: &dyn Format, body: &[u8], _beside: &Self) -> Self {
        ranks(from).decode_answer(body).unwrap()
    }

    fn set_origin(&mut self, origin: FormatId) {
        self.origin = Some(origin);
    }
}
