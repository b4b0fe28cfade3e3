//! Edits of a document agree with a model that looks at each byte.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use tollgate_wire::{Document, Edit, Span};

const BODY: &[u8] = b"abcdefgh";

#[derive(Default)]
struct Model {
    /// What is inserted in front of each byte, and at the end.
    inserts: [Vec<Bytes>; BODY.len() + 1],
    /// What replaces the bytes from here on.
    replacements: [Option<Bytes>; BODY.len()],
    /// For each byte, the first one of the span that replaces it.
    replaced_from: [Option<usize>; BODY.len()],
}

impl Model {
    fn push(&mut self, edit: &Edit) -> bool {
        let range = edit.span.range();
        if range.start > range.end || range.end > BODY.len() {
            return false;
        }
        if range.is_empty() {
            let before = range
                .start
                .checked_sub(1)
                .and_then(|before| self.replaced_from[before]);
            let after = self.replaced_from.get(range.start).copied().flatten();
            if before.is_some() && before == after {
                return false;
            }
            self.inserts[range.start].push(edit.with.clone());
            return true;
        }
        let inside = range.start + 1..range.end;
        if self.replaced_from[range.clone()]
            .iter()
            .any(Option::is_some)
            || self.inserts[inside]
                .iter()
                .any(|inserts| !inserts.is_empty())
        {
            return false;
        }
        self.replacements[range.start] = Some(edit.with.clone());
        self.replaced_from[range.clone()].fill(Some(range.start));
        true
    }

    fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for place in 0..=BODY.len() {
            out.extend(self.inserts[place].concat());
            let Some(&byte) = BODY.get(place) else { break };
            out.extend(self.replacements[place].iter().flatten());
            if self.replaced_from[place].is_none() {
                out.push(byte);
            }
        }
        out
    }
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0_u32..10, 0_u32..10, "[A-Z]{0,3}").prop_map(|(start, end, with)| Edit {
        span: Span::new(start, end),
        with: with.into(),
    });
    vec(edit, 0..8)
}

proptest! {
    #[test]
    fn edits_are_taken_refused_and_spliced_as_by_the_model(own in edits(), more in edits()) {
        let mut model = Model::default();
        let mut document = Document::new(Bytes::from_static(BODY));
        for edit in &own {
            prop_assert_eq!(document.push(edit.clone()).is_ok(), model.push(edit));
        }
        prop_assert_eq!(document.to_bytes(), model.text());
        prop_assert_eq!(document.len(), model.text().len());
        prop_assert_eq!(document.finish(&[]).concat(), model.text());
        for edit in &more {
            model.push(edit);
        }
        prop_assert_eq!(document.finish(&more).concat(), model.text());
    }
}
