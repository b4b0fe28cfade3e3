//! What a caller has received of a stream, as far as ending it properly needs it.
//!
//! An event counts when it goes out, not when it comes: what is held back may never
//! be sent, and an end must not close what was never opened.

use smallvec::SmallVec;
use tollgate_wire::json;
use tollgate_wire::sse::Event;

use crate::view::{Closed, EventKind, EventView, Opened};

/// How many open parts are remembered; answers have one or two.
const OPEN_MAX: usize = 256;

/// What a caller has received of a stream.
#[derive(Clone, Debug, Default)]
pub struct Delivered {
    /// The id that the events sent so far have, once one of them had one.
    pub id: Option<Box<str>>,
    /// The parts that are open, up to 256.
    pub open: SmallVec<[Opened; 4]>,
    /// Whether the stream has begun for the caller.
    pub started: bool,
}

impl Delivered {
    /// Notes an event that goes out.
    pub fn note(&mut self, event: &Event, view: &EventView) {
        if view.kind == EventKind::Other {
            return;
        }
        if self.id.is_none() {
            self.id = id_of(event, view);
        }
        self.parts(&view.opened, &view.closed);
    }

    /// Notes an event that goes out later than it came.
    pub fn note_later(&mut self, passage: Passage) {
        if !passage.counts {
            return;
        }
        self.id = self.id.take().or(passage.id);
        self.parts(&passage.opened, &passage.closed);
    }

    fn parts(&mut self, opened: &[Opened], closed: &[Closed]) {
        self.started = true;
        for opened in opened {
            if self.open.len() < OPEN_MAX && !self.open.contains(opened) {
                self.open.push(*opened);
            }
        }
        for closed in closed {
            self.open.retain(|part| !closed.ends(*part));
        }
    }
}

/// What is kept of an event that may go out later.
#[derive(Clone, Debug)]
pub struct Passage {
    counts: bool,
    id: Option<Box<str>>,
    opened: SmallVec<[Opened; 2]>,
    closed: SmallVec<[Closed; 1]>,
}

impl Passage {
    /// What the event says of the parts of the answer.
    #[must_use]
    pub fn of(event: &Event, view: &EventView) -> Self {
        Self {
            counts: view.kind != EventKind::Other,
            id: id_of(event, view),
            opened: view.opened.clone(),
            closed: SmallVec::from_slice(&view.closed),
        }
    }
}

fn id_of(event: &Event, view: &EventView) -> Option<Box<str>> {
    let id = view.id?;
    let id = json::decode(id.span.of(event.data()), id.escaped).ok()?;
    (!id.is_empty()).then(|| id.into())
}
