//! What may be sent, in the framing that the caller reads.

use std::collections::VecDeque;

use bytes::Bytes;
use tollgate_wire::framing::{Framing, StreamWriter};
use tollgate_wire::sse::Event;

/// Bytes on their way to the caller.
#[derive(Debug)]
pub(super) struct Outbox {
    queue: VecDeque<Bytes>,
    /// How the provider frames its events.
    theirs: Framing,
    writer: StreamWriter,
    has_ended: bool,
}

impl Outbox {
    pub(super) fn new(theirs: Framing, ours: Framing) -> Self {
        Self {
            queue: VecDeque::new(),
            theirs,
            writer: StreamWriter::new(ours),
            has_ended: false,
        }
    }

    /// Whether a frame can go out as it came.
    pub(super) fn may_pass_frames(&self) -> bool {
        self.theirs == self.writer.framing() && self.theirs != Framing::JsonArray
    }

    /// An event of the provider that nobody changed.
    pub(super) fn pass(&mut self, event: &Event) {
        let bytes = self.writer.pass(event, self.theirs);
        self.put(bytes);
    }

    /// Server-sent events, whole ones.
    pub(super) fn write(&mut self, events: Bytes) {
        let bytes = self.writer.write(events);
        self.put(bytes);
    }

    /// Bytes of the provider's stream that are no event.
    pub(super) fn put(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.queue.push_back(bytes);
        }
    }

    /// How many pieces wait.
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Puts a frame in the place of the pieces that it was cut into: those behind the
    /// first `before` ones.
    pub(super) fn rejoin(&mut self, before: usize, frame: Bytes) {
        self.queue.truncate(before);
        self.put(frame);
    }

    pub(super) fn pop(&mut self) -> Option<Bytes> {
        self.queue.pop_front()
    }

    /// What the framing needs behind the last event, once.
    pub(super) fn end(&mut self) -> Option<Bytes> {
        if std::mem::replace(&mut self.has_ended, true) {
            return None;
        }
        Some(self.writer.end()).filter(|end| !end.is_empty())
    }
}
