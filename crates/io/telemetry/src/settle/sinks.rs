//! Everything that a record is written to, under one lock.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use tollgate_tokens::Calibration;

use super::{AccessLog, StartError, uncounted};
use crate::access_log::AccessLogSink;
use crate::live::OwnCounts;
use crate::metrics::Metrics;
use crate::otlp::SpanBuffer;
use crate::record::Settled;

/// Records that wait for their tokens to be counted, at most 128 KiB of text each.
/// Beyond it they are estimated.
const UNCOUNTED_MAX: usize = 64;

pub(super) struct Sinks {
    pub(super) metrics: Metrics,
    access_log: Option<AccessLogSink>,
    spans: Option<SpanBuffer>,
    uncounted: VecDeque<Box<Settled>>,
    calibration: Arc<Calibration>,
}

/// Opens the access log.
pub(super) fn open(
    access_log: &AccessLog,
    own: &Arc<OwnCounts>,
) -> Result<Option<AccessLogSink>, StartError> {
    let (opened, path) = match access_log {
        AccessLog::Off => return Ok(None),
        AccessLog::Stdout => (AccessLogSink::stdout(Arc::clone(own)), PathBuf::from("-")),
        AccessLog::File(path) => (AccessLogSink::file(path, Arc::clone(own)), path.clone()),
    };
    opened
        .map(Some)
        .map_err(|source| StartError::AccessLog { path, source })
}

impl Sinks {
    pub(super) fn new(
        access_log: Option<AccessLogSink>,
        spans: Option<SpanBuffer>,
        calibration: &Arc<Calibration>,
    ) -> Self {
        Self {
            metrics: Metrics::default(),
            access_log,
            spans,
            uncounted: VecDeque::new(),
            calibration: Arc::clone(calibration),
        }
    }

    /// Writes a record, or keeps it until its tokens are counted.
    pub(super) fn take(&mut self, mut record: Box<Settled>) {
        if record.uncounted.is_none() {
            uncounted::price(&mut record);
            self.write(&record);
        } else if self.uncounted.len() < UNCOUNTED_MAX {
            self.uncounted.push_back(record);
        } else {
            uncounted::complete_roughly(&mut record);
            self.write(&record);
        }
    }

    /// Writes a complete record to every sink.
    pub(super) fn write(&mut self, record: &Settled) {
        self.learn(record);
        self.metrics.add(record);
        if let Some(access_log) = &mut self.access_log {
            access_log.add(record);
        }
        if let Some(spans) = &mut self.spans {
            spans.add(record);
        }
    }

    /// Corrects later estimates by what a provider reported. Nobody else writes: whoever
    /// comes here holds the lock.
    fn learn(&self, record: &Settled) {
        if let (Some(reported), Some(served)) = (record.reported_input(), record.served()) {
            let key = self.calibration.key(&served.provider, &served.model);
            let raw = u64::from(record.expected.raw);
            self.calibration.learn(key, raw, reported);
        }
    }

    /// A record to be counted.
    pub(super) fn next_uncounted(&mut self) -> Option<Box<Settled>> {
        self.uncounted.pop_front()
    }

    pub(super) fn uncounted_len(&self) -> usize {
        self.uncounted.len()
    }

    /// Writes out what is buffered, as far as it is due.
    pub(super) fn end_batch(&mut self) {
        if let Some(access_log) = &mut self.access_log {
            access_log.write();
        }
        if let Some(spans) = &mut self.spans {
            spans.tick();
        }
    }

    /// Whether spans wait to be handed over.
    pub(super) fn has_spans(&self) -> bool {
        self.spans.as_ref().is_some_and(|spans| !spans.is_empty())
    }

    /// Hands all spans to the exporter.
    pub(super) fn hand_over_spans(&mut self) {
        if let Some(spans) = &mut self.spans {
            spans.hand_over();
        }
    }

    /// Takes no more spans; the exporter ends once it has sent what it has.
    pub(super) fn close_spans(&mut self) {
        self.spans = None;
    }
}
