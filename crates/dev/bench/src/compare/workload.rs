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
    /// What the provider speaks.
    pub(crate) provider: Provider,
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

/// What a provider speaks; callers speak Chat Completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Chat Completions.
    Chat,
    /// Anthropic Messages.
    Messages,
    /// Gemini `generateContent`.
    Gemini,
    /// Bedrock Converse: signed requests, streams in binary messages.
    Bedrock,
}

impl Provider {
    /// The model that is served by such a provider.
    pub(crate) const fn model(self) -> &'static str {
        match self {
            Self::Chat => "gpt-4o-mini",
            Self::Messages => "claude-3-5-sonnet",
            Self::Gemini => "gemini-2.5-flash",
            Self::Bedrock => "nova-lite",
        }
    }
}

impl Workload {
    const fn unary(name: &'static str, body_bytes: usize, turns: usize) -> Self {
        Self {
            name,
            body_bytes,
            turns,
            provider: Provider::Chat,
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

    const fn to(self, provider: Provider) -> Self {
        Self { provider, ..self }
    }

    /// Whether the provider speaks another format than the caller.
    pub(crate) const fn is_translated(&self) -> bool {
        !matches!(self.provider, Provider::Chat)
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
pub(crate) static WORKLOADS: [Workload; 15] = [
    Workload::unary("unary-1k", KIB, 1),
    Workload::unary("unary-10k", 10 * KIB, 1),
    Workload::unary("unary-100k", 100 * KIB, 1),
    Workload::unary("turns-100k", 100 * KIB, 400),
    Workload::unary("messages-1k", KIB, 1).to(Provider::Messages),
    Workload::unary("messages-100k", 100 * KIB, 1).to(Provider::Messages),
    Workload::unary("gemini-1k", KIB, 1).to(Provider::Gemini),
    Workload::unary("bedrock-1k", KIB, 1).to(Provider::Bedrock),
    Workload::stream("stream", 64, 200, 0),
    Workload::stream("stream-paced", 64, 200, PACE_US),
    Workload::stream("stream-messages", 64, 200, 0).to(Provider::Messages),
    Workload::stream("stream-gemini", 64, 200, 0).to(Provider::Gemini),
    Workload::stream("stream-bedrock", 64, 200, 0).to(Provider::Bedrock),
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
