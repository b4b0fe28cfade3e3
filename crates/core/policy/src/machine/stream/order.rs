//! How the pieces of one event follow each other.
//!
//! Pieces of one lane join in the order of the document, whatever they are spread
//! over: choices that repeat an index, members that repeat a name. A piece is the
//! last of its text only when the event ends the text, or when the other half of a
//! tool call (name, arguments) stands behind it. It leaves out what the texts are.

use smallvec::SmallVec;
use tollgate_formats::view::{EventView, Field, Lane, TextPiece};

use super::LANES_MAX;
use crate::machine::is_bare;

/// More texts in one event than a stream may have open.
#[derive(Debug)]
pub(super) struct TooMany;

/// Whether a piece is a text of its own, which no other continues: of a kind that comes
/// whole, or JSON that stands in no string.
pub(super) fn is_own_text(data: &[u8], piece: &TextPiece) -> bool {
    if piece.lane.is_whole() || is_bare(data, piece.text.span) {
        return true;
    }
    match piece.field {
        Field::Text
        | Field::Reasoning
        | Field::Refusal
        | Field::ToolName
        | Field::ToolArguments
        | Field::ToolInput
        | Field::Unknown => false,
        Field::ToolDescription | Field::Document | Field::Metadata | Field::Members => true,
    }
}

/// Whether the event carries more of the text.
pub(super) fn carries(view: &EventView, lane: Lane) -> bool {
    view.pieces.iter().any(|piece| piece.lane == lane)
}

/// Whether the event goes on with the other half of a tool call (its name, or its
/// arguments) before it carries any more of this lane.
pub(super) fn gives_way(view: &EventView, lane: Lane) -> bool {
    let Some(other) = other_half(lane) else {
        return false;
    };
    view.pieces
        .iter()
        .find(|piece| piece.lane == other || piece.lane == lane)
        .is_some_and(|piece| piece.lane == other)
}

/// The arguments that belong to a name, and the other way round.
fn other_half(lane: Lane) -> Option<Lane> {
    let other = match lane.field() {
        Field::ToolName => Field::ToolArguments,
        Field::ToolArguments => Field::ToolName,
        _ => return None,
    };
    Some(Lane::of(lane.choice, lane.block, other))
}

/// For every piece of an event, whether it is the last of its text.
pub(super) fn last_pieces(
    data: &[u8],
    view: &EventView,
    ends: impl Fn(Lane) -> bool,
) -> Result<SmallVec<[bool; 4]>, TooMany> {
    let mut last: SmallVec<[bool; 4]> = SmallVec::from_elem(false, view.pieces.len());
    // Read from behind: the lanes met so far, and whether it ends there.
    let mut behind: SmallVec<[(Lane, bool); 4]> = SmallVec::new();
    for (piece, last) in view.pieces.iter().zip(&mut last).rev() {
        if is_own_text(data, piece) {
            *last = true;
            continue;
        }
        let lane = piece.lane;
        *last = match behind.iter_mut().find(|(met, _)| *met == lane) {
            Some((_, anew)) => std::mem::take(anew),
            None => {
                behind.push((lane, false));
                ends(lane)
            }
        };
        if let Some(other) = other_half(lane) {
            match behind.iter_mut().find(|(met, _)| *met == other) {
                Some((_, anew)) => *anew = true,
                None => behind.push((other, true)),
            }
        }
        if behind.len() > 2 * LANES_MAX {
            return Err(TooMany);
        }
    }
    Ok(last)
}
