//! Blocks one after the other, for formats that have one open block at a time.
//!
//! Blocks of the canonical stream may run side by side (parallel tool calls in pieces).
//! The first goes out as it comes, the others wait until it ends. What waits is bounded, in
//! blocks and in bytes with all that they own; an answer that would need more fails.

use std::collections::VecDeque;

use crate::exchange::{BlockKind, Delta};
use crate::failure::Failure;

/// The most bytes of blocks that wait for their turn.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most blocks that wait for their turn.
const WAITING_BLOCKS_MAX: usize = 256;

/// One step of the blocks in a row.
pub(crate) enum Step<'e> {
    /// A block begins; none is open.
    Begin(&'e BlockKind),
    /// A piece of the open block.
    Piece(&'e Delta),
    /// The open block ends.
    End,
}

/// A block that waits for its turn.
struct Waiting {
    block: u32,
    kind: BlockKind,
    deltas: Vec<Delta>,
    ended: bool,
}

/// Puts blocks in a row.
#[derive(Default)]
pub(crate) struct Row {
    open: Option<u32>,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
}

impl Row {
    /// A block begins.
    ///
    /// # Errors
    /// When too much would wait.
    pub(crate) fn begin(
        &mut self,
        block: u32,
        kind: &BlockKind,
        mut step: impl FnMut(Step<'_>),
    ) -> Result<(), Failure> {
        if self.open.is_none() {
            self.open = Some(block);
            step(Step::Begin(kind));
            return Ok(());
        }
        self.waiting.push_back(Waiting {
            block,
            kind: kind.clone(),
            deltas: Vec::new(),
            ended: false,
        });
        if self.waiting.len() > WAITING_BLOCKS_MAX {
            return Err(too_much(WAITING_BLOCKS_MAX, "blocks"));
        }
        self.wait_for(bytes_of_block(kind))
    }

    /// A piece of a block. False when there is no such block.
    ///
    /// # Errors
    /// When too much would wait.
    pub(crate) fn piece(
        &mut self,
        block: u32,
        delta: &Delta,
        mut step: impl FnMut(Step<'_>),
    ) -> Result<bool, Failure> {
        if self.open == Some(block) {
            step(Step::Piece(delta));
            return Ok(true);
        }
        let mut waiting = self.waiting.iter_mut();
        let Some(waiting) = waiting.find(|waiting| waiting.block == block) else {
            return Ok(false);
        };
        waiting.deltas.push(delta.clone());
        self.wait_for(bytes_of(delta)).map(|()| true)
    }

    /// A block ends. Waiting blocks go out, up to the first that is not over.
    pub(crate) fn end(&mut self, block: u32, mut step: impl FnMut(Step<'_>)) {
        if self.open == Some(block) {
            self.next(&mut step);
            return;
        }
        let mut waiting = self.waiting.iter_mut();
        if let Some(waiting) = waiting.find(|waiting| waiting.block == block) {
            waiting.ended = true;
        }
    }

    /// Every block ends.
    pub(crate) fn end_all(&mut self, mut step: impl FnMut(Step<'_>)) {
        while self.open.is_some() {
            self.next(&mut step);
        }
    }

    /// Forgets what waits: nothing more goes out.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    fn next(&mut self, step: &mut impl FnMut(Step<'_>)) {
        self.open = None;
        step(Step::End);
        while let Some(waiting) = self.waiting.pop_front() {
            self.waiting_bytes = self
                .waiting_bytes
                .saturating_sub(bytes_of_block(&waiting.kind));
            step(Step::Begin(&waiting.kind));
            for delta in &waiting.deltas {
                self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes_of(delta));
                step(Step::Piece(delta));
            }
            if !waiting.ended {
                self.open = Some(waiting.block);
                return;
            }
            step(Step::End);
        }
    }

    fn wait_for(&mut self, bytes: usize) -> Result<(), Failure> {
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        if self.waiting_bytes <= WAITING_BYTES_MAX {
            return Ok(());
        }
        Err(too_much(WAITING_BYTES_MAX, "bytes of its blocks"))
    }
}

fn too_much(most: usize, of: &str) -> Failure {
    Failure::of_provider(format!("the answer interleaves more than {most} {of}"))
}

fn bytes_of_block(kind: &BlockKind) -> usize {
    size_of::<Waiting>() + kind.owned_bytes()
}

fn bytes_of(delta: &Delta) -> usize {
    size_of::<Delta>() + delta.owned_bytes()
}

#[cfg(test)]
mod tests {
    use super::{BlockKind, Delta, Row, WAITING_BLOCKS_MAX, WAITING_BYTES_MAX};
    use crate::exchange::Citation;

    const OPEN: u32 = 0;

    fn row() -> Row {
        let mut row = Row::default();
        row.begin(OPEN, &BlockKind::Text, |_step| {}).unwrap();
        row
    }

    #[test]
    fn what_waiting_blocks_own_is_bounded() {
        let kind = BlockKind::ToolCall {
            id: "x".repeat(WAITING_BYTES_MAX / 2),
            name: String::new(),
            signature: None,
        };
        let mut row = row();
        row.begin(1, &kind, |_step| {}).unwrap();
        assert!(row.begin(2, &kind, |_step| {}).is_err());
    }

    #[test]
    fn citations_that_wait_are_bounded() {
        let mut row = row();
        row.begin(1, &BlockKind::Text, |_step| {}).unwrap();
        let cited = Delta::Citation(Citation {
            url: Some("x".repeat(WAITING_BYTES_MAX / 2)),
            ..Citation::default()
        });
        assert!(row.piece(1, &cited, |_step| {}).unwrap());
        assert!(row.piece(1, &cited, |_step| {}).is_err());
    }

    #[test]
    fn blocks_that_wait_are_bounded_and_make_room_as_they_go() {
        let mut row = row();
        let most = u32::try_from(WAITING_BLOCKS_MAX).unwrap();
        for block in 1..=most {
            row.begin(block, &BlockKind::Text, |_step| {}).unwrap();
        }
        row.end(OPEN, |_step| {});
        row.begin(most + 1, &BlockKind::Text, |_step| {}).unwrap();
        let over = row.begin(most + 2, &BlockKind::Text, |_step| {});
        assert!(over.is_err());
        row.end_all(|_step| {});
        assert_eq!((row.waiting_bytes, row.waiting.len()), (0, 0));
    }
}
