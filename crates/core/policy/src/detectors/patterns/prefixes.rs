//! What a text may end in when a match has begun and is not decided yet.

use regex_syntax::hir::{Hir, HirKind, Repetition};

/// The pattern without its assertions: it matches wherever the pattern does, and more.
pub(super) fn bare(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Hir::empty(),
        HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(bare(&repetition.sub)),
            ..repetition.clone()
        }),
        HirKind::Capture(capture) => bare(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(bare).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(bare).collect()),
    }
}

/// The texts that a match may begin with while more can follow: every beginning of what
/// the pattern matches but for the whole, and the whole where an assertion has yet to see
/// what follows. Characters are never cut.
pub(crate) fn undecided(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::fail(),
        HirKind::Look(_) | HirKind::Class(_) => Hir::empty(),
        HirKind::Literal(literal) => {
            let bytes: Vec<Hir> = literal.0.iter().map(|byte| Hir::literal([*byte])).collect();
            in_sequence(&bytes)
        }
        HirKind::Repetition(repetition) => match repetition.max {
            Some(0) => Hir::fail(),
            max => Hir::concat(vec![
                Hir::repetition(Repetition {
                    min: 0,
                    max: max.map(|max| max - 1),
                    greedy: true,
                    sub: Box::new(bare(&repetition.sub)),
                }),
                undecided(&repetition.sub),
            ]),
        },
        HirKind::Capture(capture) => undecided(&capture.sub),
        HirKind::Concat(parts) => in_sequence(parts),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(undecided).collect()),
    }
}

/// As [`undecided`] for parts that follow each other. Halves keep the result small and
/// flat for long literals.
fn in_sequence(parts: &[Hir]) -> Hir {
    let (first, second) = parts.split_at(parts.len() / 2);
    match (first, second) {
        ([], []) => Hir::fail(),
        ([], [literal]) if is_byte(literal) => Hir::empty(),
        ([], [part]) => undecided(part),
        _ => {
            let read = first.iter().map(bare).chain([in_sequence(second)]);
            Hir::alternation(vec![in_sequence(first), Hir::concat(read.collect())])
        }
    }
}

fn is_byte(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Literal(literal) if literal.0.len() == 1)
}
