//! Behaviour of documents and their edits.

use bytes::Bytes;

use super::{Document, Edit, Overlap};
use crate::span::Span;

fn edit(start: u32, end: u32, with: &'static str) -> Edit {
    Edit {
        span: Span::new(start, end),
        with: Bytes::from_static(with.as_bytes()),
    }
}

fn edited(edits: &[Edit]) -> Document {
    let mut document = Document::new(Bytes::from_static(b"0123456789"));
    for edit in edits {
        document.push(edit.clone()).unwrap();
    }
    document
}

#[test]
fn an_unedited_document_is_its_original_without_a_copy() {
    let document = edited(&[]);
    let original = document.original().as_ptr();
    assert_eq!(document.to_bytes().as_ptr(), original);
    let pieces = document.finish(&[]);
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].as_ptr(), original);
    assert!(!document.is_edited());
    assert!(Document::default().finish(&[]).is_empty());
}

#[test]
fn edits_are_spliced_in_order_whatever_order_they_came_in() {
    let document = edited(&[
        edit(8, 10, "Z"),
        edit(0, 1, "A"),
        edit(4, 4, "+"),
        edit(2, 4, ""),
    ]);
    assert_eq!(document.to_bytes(), "A1+4567Z");
    assert_eq!(document.len(), 8);
    let pieces = document.finish(&[]);
    assert_eq!(pieces.concat(), document.to_bytes());
    assert_eq!(pieces[1].as_ptr(), document.original()[1..].as_ptr());
}

#[test]
fn inserts_at_one_place_keep_their_order_and_come_before_a_replacement() {
    let document = edited(&[
        edit(3, 5, "R"),
        edit(3, 3, "a"),
        edit(1, 3, "L"),
        edit(3, 3, "b"),
    ]);
    assert_eq!(document.to_bytes(), "0LabR56789");
}

#[test]
fn overlapping_and_unfit_edits_are_refused_and_change_nothing() {
    let mut document = edited(&[edit(2, 5, "x")]);
    for (start, end) in [
        (2, 5),
        (0, 3),
        (4, 6),
        (3, 3),
        (0, 10),
        (9, 11),
        (11, 11),
        (7, 6),
    ] {
        let span = Span { start, end };
        let refused = document.push(Edit {
            span,
            with: Bytes::new(),
        });
        assert_eq!(refused, Err(Overlap { span }));
    }
    assert_eq!(document.edits().len(), 1);
    assert_eq!(document.to_bytes(), "01x56789");
}

#[test]
fn edits_of_one_attempt_are_merged_and_lose_inside_replaced_spans() {
    let document = edited(&[edit(2, 5, "x")]);
    let more = [
        edit(9, 10, "!"),
        edit(3, 4, "lost"),
        edit(0, 0, "^"),
        edit(5, 6, "y"),
    ];
    assert_eq!(document.finish(&more).concat(), b"^01xy678!");
    assert_eq!(document.to_bytes(), "01x56789");
}

#[test]
fn debug_output_shows_no_content() {
    let shown = format!("{:?}", edited(&[edit(2, 5, "secret")]));
    assert_eq!(shown, "Document(10 bytes, [Edit(2..5 by 6 bytes)])");
}
