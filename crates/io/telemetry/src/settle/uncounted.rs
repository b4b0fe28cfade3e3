//! Usage and cost of a record, completed where the provider left them open.

use tollgate_catalogue::{Day, ServiceClass};
use tollgate_tokens::{Source, estimate};

use crate::record::{Settled, Text};

/// Completes a record with exact counts: 5 to 20 µs for each KiB of kept text.
pub(super) fn complete_exactly(record: &mut Settled) {
    let family = record.expected.family;
    complete(record, |text| {
        let (kept, source) = family.count(text.kept());
        let more = text.more_tokens();
        (
            kept.saturating_add(more),
            if more > 0 { Source::Estimated } else { source },
        )
    });
}

/// Completes a record with estimates: when there is too much to count.
pub(super) fn complete_roughly(record: &mut Settled) {
    let family = record.expected.family;
    complete(record, |text| {
        let kept = estimate(family, text.kept());
        (kept.saturating_add(text.more_tokens()), Source::Estimated)
    });
}

/// Works out what the record costs, unless somebody has.
pub(super) fn price(record: &mut Settled) {
    let (None, Some(usage)) = (record.cost, &record.usage) else {
        return;
    };
    let seconds = i64::try_from(record.start_unix_ns / 1_000_000_000).unwrap_or(i64::MAX);
    let day = Day::of_unix(seconds);
    let class = ServiceClass::of(record.tier());
    let price = record.price.price(class, day);
    record.cost = price.and_then(|price| price.cost(usage));
    if record.cost.is_some() {
        record.price_source = record.price.source(class, day);
    }
}

fn complete(record: &mut Settled, tokens: impl Fn(&Text) -> (u64, Source)) {
    if let Some(uncounted) = record.uncounted.take() {
        let is_part_known = record.usage.is_some();
        let mut source = is_part_known.then_some(record.usage_source);
        let mut usage = record.usage.unwrap_or_default();
        // What the family puts around the texts of a prompt is known, pictures are not.
        let frame = u64::from(record.expected.frame);
        let around = if record.expected.is_comparable || frame == 0 {
            Source::Counted
        } else {
            Source::Estimated
        };
        for (text, side, (frame, around)) in [
            (&uncounted.input, &mut usage.input, (frame, around)),
            (&uncounted.output, &mut usage.output, (0, Source::Counted)),
        ] {
            if let Some(text) = text {
                let (counted, from) = tokens(text);
                *side = counted.saturating_add(frame);
                let from = from.worse(around);
                source = Some(source.map_or(from, |known| known.worse(from)));
            }
        }
        if let Some(source) = source {
            record.usage = Some(usage);
            record.usage_source = source;
        }
    }
    price(record);
}
