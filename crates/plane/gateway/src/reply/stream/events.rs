//! What happens to each event between the provider and the caller.
//!
//! The provider's edge: events of another format are decoded and encoded again. The
//! caller's edge: what the caller would receive is watched, inspected by the output
//! rules, and rid of what it did not ask for. Policies therefore always read the very
//! bytes that are about to be delivered.

use bytes::{Bytes, BytesMut};
use tollgate_formats::exchange::StreamEvent;
use tollgate_formats::view::{EventKind, EventView};
use tollgate_formats::{
    AnswerOptions, FormatId, Losses, StreamDecoder, StreamEncoder, StreamJournal,
};
use tollgate_policy::{Machine, Verdict};
use tollgate_telemetry::Name;
use tollgate_types::Usage;
use tollgate_wire::sse::{Event, EventReader};

use super::super::{Asked, Observed};
use super::outbox::Outbox;
use crate::mark::Mark;

/// Why an event ends its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// An output rule blocked.
    Blocked,
    /// It is not of its provider's format.
    Malformed,
    /// What we wrote for it is not of the caller's.
    Defect,
}

/// The way of one stream's events.
#[derive(Debug)]
pub(super) struct Events {
    theirs: FormatId,
    edge: CallerEdge,
    translation: Option<Translation>,
    /// Reused for every event.
    view: EventView,
    /// A stop reason has come.
    has_finished: bool,
    /// What the ids of the answer are marked with.
    mark: Option<Mark>,
}

/// The part behind the translation: everything here is in the caller's format.
#[derive(Debug)]
struct CallerEdge {
    format: FormatId,
    usage_asked: bool,
    machine: Option<Machine>,
    view: EventView,
    passed: Vec<Bytes>,
    /// What went out, where the format's last event says it once more.
    journal: Option<Box<dyn StreamJournal>>,
}

struct Translation {
    decoder: Box<dyn StreamDecoder>,
    encoder: Box<dyn StreamEncoder>,
    decoded: Vec<StreamEvent>,
    losses: Losses,
    /// The end, or the error that stands for it, was decoded.
    is_over: bool,
    /// Cuts what the encoder wrote into the caller's events.
    reader: EventReader,
}

impl std::fmt::Debug for Translation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Translation")
            .field("losses", &self.losses)
            .finish_non_exhaustive()
    }
}

impl Events {
    pub(super) fn new(
        (theirs, is_native): (FormatId, bool),
        asked: &Asked,
        options: AnswerOptions,
    ) -> Self {
        let translation = (theirs != asked.format || !is_native)
            .then(|| {
                let decoder = theirs.format().codec().stream_decoder();
                decoder.zip(asked.format.format().codec().stream_encoder(options))
            })
            .flatten();
        let translation = translation.map(|(decoder, encoder)| Translation {
            decoder,
            encoder,
            decoded: Vec::new(),
            losses: Losses::default(),
            is_over: false,
            // What we write grows in translation, and has the bounds of what it is made of.
            reader: EventReader::new(usize::MAX),
        });
        let all_texts = !asked.guard.is_empty();
        let view = EventView {
            all_texts,
            ..EventView::default()
        };
        let machine = all_texts.then(|| asked.guard.machine());
        let journal = machine
            .as_ref()
            .and_then(|_| asked.format.format().journal());
        let edge = CallerEdge {
            journal,
            format: asked.format,
            usage_asked: asked.usage_asked,
            machine,
            view: view.clone(),
            passed: Vec::new(),
        };
        Self {
            theirs,
            edge,
            translation,
            view,
            has_finished: false,
            mark: asked.mark,
        }
    }

    /// Whether a frame can go out as it came when all of its events passed.
    pub(super) const fn may_pass_frames(&self) -> bool {
        self.translation.is_none() && self.edge.machine.is_none()
    }

    /// Takes one event of the provider. True when it went out unchanged.
    pub(super) fn push(
        &mut self,
        event: &Event,
        observed: &mut Observed,
        out: &mut Outbox,
    ) -> Result<bool, Stopped> {
        if self.translation.is_some() {
            return self.translate(event, observed, out).map(|()| false);
        }
        if self
            .theirs
            .format()
            .view_event(event, &mut self.view)
            .is_err()
        {
            return Err(Stopped::Malformed);
        }
        self.know_usage();
        observed.event(self.theirs, &self.view, event.data());
        if let Some(marked) = self.mark.and_then(|mark| mark.event(event, &self.view)) {
            let viewed = self.theirs.format().view_event(&marked, &mut self.view);
            viewed.map_err(|_unreadable| Stopped::Defect)?;
            self.edge.pass(&marked, &self.view, out)?;
            return Ok(false);
        }
        self.edge.pass(event, &self.view, out)
    }

    /// Some servers report usage beside an empty choice: behind the stop reason this is
    /// the report and nothing else, which a caller that did not ask for it must not see.
    fn know_usage(&mut self) {
        let view = &mut self.view;
        if self.has_finished && view.kind == EventKind::Preamble && view.usage.is_some() {
            view.kind = EventKind::UsageOnly;
        }
        self.has_finished |= view.kind == EventKind::Finish;
    }

    /// Bytes after the last whole event.
    pub(super) fn rest(&self, rest: &Event, out: &mut Outbox) {
        if self.may_pass_frames() && out.may_pass_frames() {
            out.put(rest.received().clone());
        }
    }

    /// The provider's stream is over: what is still held goes out.
    pub(super) fn finish(
        &mut self,
        observed: &mut Observed,
        out: &mut Outbox,
    ) -> Result<(), Stopped> {
        if let Some(translation) = &mut self.translation {
            // Servers that close without the end mark of their format still end.
            if !translation.is_over {
                translation.decoded.push(StreamEvent::End);
                self.encode(observed, out)?;
            }
        }
        self.edge.finish(out)
    }

    /// The output machine, for what it found.
    pub(super) const fn machine(&self) -> Option<&Machine> {
        self.edge.machine.as_ref()
    }

    /// The events that end the stream as the caller's format ends one that was filtered.
    pub(super) fn filtered_end(&mut self, usage: Option<Usage>, options: &AnswerOptions) -> Bytes {
        let edge = &mut self.edge;
        let delivered = edge.machine.as_ref().map(Machine::delivered).cloned();
        let delivered = delivered.unwrap_or_default();
        match &mut edge.journal {
            Some(journal) => journal.filtered_end(&delivered, usage, options),
            None => edge
                .format
                .format()
                .filtered_end(&delivered, usage, options),
        }
    }

    /// What the answer's translation could not carry.
    pub(super) fn losses(&self) -> Vec<Name> {
        let losses = self
            .translation
            .as_ref()
            .map(|translation| &translation.losses);
        losses
            .into_iter()
            .flat_map(Losses::iter)
            .map(crate::attempt::loss_name)
            .collect()
    }

    fn translate(
        &mut self,
        event: &Event,
        observed: &mut Observed,
        out: &mut Outbox,
    ) -> Result<(), Stopped> {
        let Some(translation) = &mut self.translation else {
            return Ok(());
        };
        let decoded = translation.decoder.push(event, &mut translation.decoded);
        decoded.map_err(|_not_of_its_format| Stopped::Malformed)?;
        self.encode(observed, out)
    }

    /// Writes what was decoded as the caller's events and passes them.
    fn encode(&mut self, observed: &mut Observed, out: &mut Outbox) -> Result<(), Stopped> {
        let Some(translation) = &mut self.translation else {
            return Ok(());
        };
        let mut written = BytesMut::new();
        for event in translation.decoded.drain(..) {
            observed.canonical(&event);
            translation.is_over |= matches!(event, StreamEvent::End | StreamEvent::Failure(_));
            translation
                .encoder
                .push(&event, &mut written, &mut translation.losses);
        }
        translation.reader.push(written.freeze());
        let defect = |_unreadable| Stopped::Defect;
        while let Some(event) = translation.reader.next_event().map_err(defect)? {
            let mut view = std::mem::take(&mut self.edge.view);
            let viewed = self.edge.format.format().view_event(&event, &mut view);
            let passed = match viewed {
                Ok(()) => self.edge.pass(&event, &view, out),
                Err(_) => Err(Stopped::Defect),
            };
            self.edge.view = view;
            passed?;
        }
        Ok(())
    }
}

impl CallerEdge {
    /// Passes one event of the caller's format. True when it went out unchanged.
    fn pass(&mut self, event: &Event, view: &EventView, out: &mut Outbox) -> Result<bool, Stopped> {
        if view.kind == EventKind::UsageOnly && !self.usage_asked {
            return Ok(false);
        }
        let Some(machine) = &mut self.machine else {
            out.pass(event);
            return Ok(true);
        };
        let verdict = machine.event(event, view, &mut self.passed);
        self.write(out);
        match verdict {
            Verdict::Pass => Ok(false),
            Verdict::Block(_) => Err(Stopped::Blocked),
        }
    }

    fn finish(&mut self, out: &mut Outbox) -> Result<(), Stopped> {
        let Some(machine) = &mut self.machine else {
            return Ok(());
        };
        let verdict = machine.finish(&mut self.passed);
        self.write(out);
        match verdict {
            Verdict::Pass => Ok(()),
            Verdict::Block(_) => Err(Stopped::Blocked),
        }
    }

    /// Writes what passed the rules.
    fn write(&mut self, out: &mut Outbox) {
        for mut bytes in self.passed.drain(..) {
            if let Some(journal) = &mut self.journal {
                journal.note(&mut bytes);
            }
            out.write(bytes);
        }
    }
}
