//! Spans on their way from the settler to the exporter.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::attributes::Attributes;
use super::protobuf::{Field, delimited_len};
use super::span;
use crate::ids::RequestId;
use crate::live::{OwnCounts, count};
use crate::record::Settled;

/// A batch is handed over once it has this much, or is this old.
const BATCH_BYTES: usize = 512 * 1024;
const BATCH_AGE: Duration = Duration::from_secs(1);
/// Where the exporter is behind, spans are kept up to this, then dropped.
const BUFFER_BYTES_MAX: usize = 1024 * 1024;
/// Batches that wait for the exporter.
pub(super) const BATCHES_MAX: usize = 1;

/// Bytes of the longest length that is written: beyond [`BUFFER_BYTES_MAX`] by far.
const LENGTH_BYTES_MAX: usize = 5;

const RESOURCE_SPANS: Field = Field(1);
const RESOURCE: Field = Field(1);
const RESOURCE_ATTRIBUTES: Field = Field(1);
const SCOPE_SPANS: Field = Field(2);
const SCOPE: Field = Field(1);
const SCOPE_NAME: Field = Field(1);
const SCOPE_VERSION: Field = Field(2);
const SPANS: Field = Field(2);

/// One `ExportTraceServiceRequest`.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) body: Bytes,
    pub(super) spans: u64,
}

/// Encoded spans that wait to be handed over.
pub(crate) struct SpanBuffer {
    /// The `Resource` and `InstrumentationScope` fields, encoded once.
    resource: Vec<u8>,
    scope: Vec<u8>,
    /// Room for what a batch begins with, then `ScopeSpans.spans` fields one after the
    /// other: so the batch is this buffer, and no copy of it.
    encoded: Vec<u8>,
    /// How much room that is, in bytes.
    room: usize,
    /// Length of the batch before, to begin the next one large enough.
    last_bytes: usize,
    spans: u64,
    since: Instant,
    /// One span, before its length is known.
    scratch: Vec<u8>,
    batches: mpsc::Sender<Batch>,
    own: Arc<OwnCounts>,
}

impl SpanBuffer {
    pub(super) fn new(
        service_name: &str,
        version: &str,
        batches: mpsc::Sender<Batch>,
        own: Arc<OwnCounts>,
    ) -> Self {
        let mut attributes = Vec::new();
        let mut writer = Attributes {
            out: &mut attributes,
            field: RESOURCE_ATTRIBUTES,
        };
        writer.text(b"service.name", service_name);
        writer.text(b"service.version", version);
        writer.text(b"service.instance.id", RequestId::random().hex().as_str());
        let mut resource = Vec::new();
        RESOURCE.bytes(&mut resource, &attributes);
        let mut names = Vec::new();
        SCOPE_NAME.bytes(&mut names, b"tollgate");
        SCOPE_VERSION.bytes(&mut names, version.as_bytes());
        let mut scope = Vec::new();
        SCOPE.bytes(&mut scope, &names);
        let room = 2 * delimited_len(0) + 2 * LENGTH_BYTES_MAX + resource.len() + scope.len();
        let (encoded, scratch) = (Vec::new(), Vec::new());
        Self {
            resource,
            scope,
            encoded,
            room,
            last_bytes: 0,
            spans: 0,
            since: Instant::now(),
            scratch,
            batches,
            own,
        }
    }

    /// Adds the spans of a record, if it is sampled.
    pub(crate) fn add(&mut self, record: &Settled) {
        if !record.trace.is_sampled {
            return;
        }
        if self.encoded.len() >= BUFFER_BYTES_MAX {
            count(&self.own.spans_dropped, 1 + record.attempts.len() as u64);
            return;
        }
        if self.spans == 0 {
            self.since = Instant::now();
            self.encoded.reserve(self.room + self.last_bytes);
            self.encoded.resize(self.room, 0);
        }
        self.push(|out| span::request(out, record));
        for attempt in &record.attempts {
            self.push(|out| span::attempt(out, record, attempt));
        }
        if self.encoded.len() >= BATCH_BYTES {
            self.hand_over();
        }
    }

    /// Hands over what is old enough.
    pub(crate) fn tick(&mut self) {
        if self.spans > 0 && self.since.elapsed() >= BATCH_AGE {
            self.hand_over();
        }
    }

    /// Whether nothing waits.
    pub(crate) const fn is_empty(&self) -> bool {
        self.spans == 0
    }

    /// Hands over everything, if the exporter has room for it.
    pub(crate) fn hand_over(&mut self) {
        if self.spans == 0 {
            return;
        }
        let Ok(place) = self.batches.try_reserve() else {
            return;
        };
        let mut encoded = std::mem::take(&mut self.encoded);
        self.last_bytes = encoded.len();
        let scope_spans = self.scope.len() + encoded.len() - self.room;
        let resource_spans = self.resource.len() + delimited_len(scope_spans);
        let mut begin = Vec::with_capacity(self.room);
        RESOURCE_SPANS.delimited(&mut begin, resource_spans);
        begin.extend_from_slice(&self.resource);
        SCOPE_SPANS.delimited(&mut begin, scope_spans);
        begin.extend_from_slice(&self.scope);
        let unused = self.room.saturating_sub(begin.len());
        if let Some(room) = encoded.get_mut(unused..self.room) {
            room.copy_from_slice(&begin);
        }
        let mut body = Bytes::from(encoded);
        body.advance(unused);
        place.send(Batch {
            body,
            spans: self.spans,
        });
        self.spans = 0;
    }

    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.scratch.clear();
        write(&mut self.scratch);
        SPANS.bytes(&mut self.encoded, &self.scratch);
        self.spans += 1;
    }
}

/// Spans that nobody takes any more are counted as dropped.
impl Drop for SpanBuffer {
    fn drop(&mut self) {
        self.hand_over();
        count(&self.own.spans_dropped, self.spans);
    }
}
