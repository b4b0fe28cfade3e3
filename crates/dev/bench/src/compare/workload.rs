//! The kinds of work.

/// A kind of work that a row is measured under.
#[derive(Debug)]
pub(crate) struct Workload {
    /// Its name on the command line and in the tables.
    pub(crate) name: &'static str,
    /// Length of the request body.
    pub(crate) body_bytes: usize,
    /// Messages that the prompt is spread over.
    pub(crate) turns: usize,
    /// The provider speaks another format than the caller.
    pub(crate) is_translated: bool,
    /// Connections of the closed loop.
    pub(crate) connections: u32,
    /// What the answers are.
    pub(crate) answers: Answers,
    /// Whether it runs for CPU; others run for times alone.
    pub(crate) counts_cpu: bool,
    /// Whether latency is measured at a fixed rate too.
    pub(crate) has_open_loop: bool,
}

/// What the answers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// One whole body.
    Whole,
    /// Events.
    Stream {
        /// Events with content.
        events: u64,
        /// Between two of them.
        delay_us: u64,
    },
}

impl Workload {
    const fn unary(name: &'static str, body_bytes: usize, turns: usize) -> Self {
        Self {
            name,
            body_bytes,
            turns,
            is_translated: false,
            connections: 64,
            answers: Answers::Whole,
            counts_cpu: true,
            has_open_loop: true,
        }
    }

    const fn stream(name: &'static str, connections: u32, events: u64, delay_us: u64) -> Self {
        Self {
            connections,
            answers: Answers::Stream { events, delay_us },
            has_open_loop: false,
            ..Self::unary(name, KIB, 1)
        }
    }

    const fn translated(self) -> Self {
        Self {
            is_translated: true,
            ..self
        }
    }

    /// Whether CPU is counted for each event instead of each request.
    pub(crate) const fn is_stream(&self) -> bool {
        matches!(self.answers, Answers::Stream { .. })
    }

    /// Whether events come at a pace.
    pub(crate) const fn is_paced(&self) -> bool {
        matches!(self.answers, Answers::Stream { delay_us, .. } if delay_us > 0)
    }
}

const KIB: usize = 1024;
/// Between two events of a paced stream.
const PACE_US: u64 = 10_000;
/// The open loop's requests per second.
pub(crate) const RATE: u32 = 500;

/// Every kind of work, in the order of the tables.
pub(crate) static WORKLOADS: [Workload; 11] = [
    Workload::unary("unary-1k", KIB, 1),
    Workload::unary("unary-10k", 10 * KIB, 1),
    Workload::unary("unary-100k", 100 * KIB, 1),
    Workload::unary("turns-100k", 100 * KIB, 400),
    Workload::unary("translated-1k", KIB, 1).translated(),
    Workload::unary("translated-100k", 100 * KIB, 1).translated(),
    Workload::stream("stream", 64, 200, 0),
    Workload::stream("stream-paced", 64, 200, PACE_US),
    Workload::stream("stream-translated", 64, 200, 0).translated(),
    // Short streams, so that there are many first tokens.
    Workload {
        counts_cpu: false,
        ..Workload::stream("first-token", 4, 10, PACE_US)
    },
    Workload {
        connections: 1,
        has_open_loop: false,
        ..Workload::unary("back-to-back", KIB, 1)
    },
];
