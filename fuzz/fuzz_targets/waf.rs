//! Values of any bytes: nothing panics, and no cut changes what is found.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tollgate_formats::view::Field;
use tollgate_policy::{
    Cursor, Detector, Finding, LEFT_CONTEXT_BYTES, Matcher, Place, Places, WafDetector,
    WafOptions, Window,
};

const PLACES: [Place; 5] = [
    Place::Query,
    Place::Header,
    Place::Of(Field::Metadata),
    Place::Of(Field::ToolArguments),
    Place::Of(Field::Text),
];

static DETECTOR: LazyLock<WafDetector> = LazyLock::new(|| {
    WafDetector::new(&WafOptions {
        places: Places::ALL.and(Places::HEAD),
        ..WafOptions::default()
    })
    .unwrap()
});

fn scan(matcher: &dyn Matcher, text: &[u8], piece: usize) -> Vec<Finding> {
    let mut cursor = Cursor::default();
    let mut found = Vec::new();
    let mut end = 0;
    loop {
        end = text.len().min(end + piece);
        let base = cursor.at.saturating_sub(LEFT_CONTEXT_BYTES);
        let window = Window {
            text: &text[base..end],
            from: cursor.at - base,
            last: end == text.len(),
        };
        let mut fresh = Vec::new();
        let next = matcher.scan(&window, cursor.carry, &mut fresh);
        found.extend(fresh.into_iter().map(|finding| Finding {
            start: base + finding.start,
            end: base + finding.end,
            ..finding
        }));
        cursor = Cursor {
            at: base + next.at,
            ..next
        };
        if end == text.len() {
            return found;
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((seed, text)) = data.split_first() else {
        return;
    };
    let piece = 1 + usize::from(seed >> 3);
    let place = PLACES[usize::from(seed & 7) % PLACES.len()];
    let matchers = DETECTOR.matchers().iter();
    for matcher in matchers.filter(|matcher| matcher.places().contains(place)) {
        let whole = scan(&**matcher, text, text.len().max(1));
        assert_eq!(scan(&**matcher, text, piece), whole);
        for found in &whole {
            assert!(found.start < found.end && found.end <= text.len());
        }
    }
});
