//! The turns of a request, as this format wants them: user and assistant in turns, the
//! user first, none empty, tool results at the front of the user's turn.

use crate::anthropic_messages::blocks::{Place, is_nothing, write_blocks};
use crate::exchange::{ChatRequest, Part};
use crate::format::FormatId;
use crate::loss::Carry;
use crate::turns::{FIRST_WORD, Turn, Turns, results_first};
use crate::write::{Array, Object};

/// Writes `system` and `messages`.
pub(super) fn write(o: &mut Object<'_>, request: &ChatRequest, carry: &mut Carry<'_>) {
    let says = |part: &Part| !is_nothing(part, Place::Request);
    let all = Turns::of(request, FormatId::AnthropicMessages, says, carry);
    write_system(o, &all.system, carry);
    o.array("messages", |a| {
        if all.lacks_first() {
            a.object(|o| {
                o.string("role", "user");
                o.string("content", FIRST_WORD);
            });
        }
        for turn in &all.turns {
            write_turn(a, turn, carry);
        }
    });
}

fn write_system(o: &mut Object<'_>, system: &[&Part], carry: &mut Carry<'_>) {
    match system {
        [] => {}
        [Part::Text(text)] => {
            if !text.trim().is_empty() {
                o.string("system", text);
            }
        }
        parts => {
            let texts = parts.iter().copied().filter(|part| match part {
                Part::Text(_) | Part::CacheMark(_) => true,
                _ => {
                    carry.lose_content("system");
                    false
                }
            });
            let texts: Vec<&Part> = texts.collect();
            o.array("system", |a| write_blocks(a, texts, Place::Request, carry));
        }
    }
}

fn write_turn(a: &mut Array<'_>, turn: &Turn<'_>, carry: &mut Carry<'_>) {
    a.object(|o| {
        o.string("role", turn.role());
        if let [Part::Text(text)] = turn.parts.as_slice() {
            o.string("content", text);
            return;
        }
        o.array("content", |a| {
            write_blocks(a, results_first(&turn.parts), Place::Request, carry);
        });
    });
}
