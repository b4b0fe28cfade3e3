//! What a detector finds is the same for every way to cut a text, and little is held. For
//! the tests and the fuzzer.

use tollgate_policy::{Cursor, Detector, Extent, Finding, LEFT_CONTEXT_BYTES, Matcher, Window};

/// The most that any matcher may hold that asks for no more.
const HELD_BYTES_MAX: usize = 8 * 1024;

/// Runs a detector over `text`, whole and in pieces of `length` bytes.
pub(crate) fn check(detector: &dyn Detector, text: &[u8], length: usize) {
    for matcher in detector.matchers() {
        let whole = found(&**matcher, text, text.len());
        let pieces = found(&**matcher, text, length);
        assert_eq!(
            pieces,
            whole,
            "{} in pieces of {length}: {:?}",
            detector.name(),
            String::from_utf8_lossy(text)
        );
    }
}

/// First byte, one past the last, entity.
type Found = (usize, usize, u16);

fn found(matcher: &dyn Matcher, text: &[u8], length: usize) -> Vec<Found> {
    let most = matcher.held_bytes_max().max(HELD_BYTES_MAX);
    let mut all = Vec::new();
    let mut cursor = Cursor::default();
    let mut end = 0;
    loop {
        end = text.len().min(end + length.max(1));
        let base = cursor.at.saturating_sub(LEFT_CONTEXT_BYTES);
        let window = Window {
            text: text.get(base..end).unwrap_or_default(),
            from: cursor.at - base,
            last: end == text.len(),
        };
        let mut fresh = Vec::new();
        let next = matcher.scan(&window, cursor.carry, &mut fresh);
        assert!((window.from..=window.text.len()).contains(&next.at));
        assert!(window.text.len() - next.at <= most, "too much is held");
        for finding in &fresh {
            assert!(finding.start >= window.from && finding.start < finding.end);
            assert!(finding.end <= window.text.len());
            assert!(usize::from(finding.entity) < matcher.entities().len());
            add(&mut all, finding, base);
        }
        cursor = Cursor {
            at: base + next.at,
            ..next
        };
        if window.last {
            assert_eq!(cursor.at, text.len(), "everything is decided at the end");
            all.sort_unstable();
            return all;
        }
    }
}

/// Adds a finding; the pieces of one are one.
fn add(all: &mut Vec<Found>, finding: &Finding, base: usize) {
    let (start, end) = (base + finding.start, base + finding.end);
    match all.last_mut() {
        Some(last) if finding.extent == Extent::Continues => {
            assert_eq!((last.1, last.2), (start, finding.entity), "goes on");
            last.1 = end;
        }
        _ => all.push((start, end, finding.entity)),
    }
}
