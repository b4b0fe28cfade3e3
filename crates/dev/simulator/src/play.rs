//! A response body that plays a script: writes with their tokens, pauses, a cut.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::books::{Ending, Ticket};
use crate::distribution::Distribution;
use crate::fault::Fault;
use crate::format::Format;
use crate::random::Random;

/// Before a cut, time for what was written to leave the process.
const FLUSH_PAUSE: Duration = Duration::from_millis(5);

/// One step of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Bytes, and how many tokens they deliver.
    Write(Bytes, u64),
    /// Nothing for a while.
    Wait(Duration),
    /// Nothing ever again.
    Stall,
    /// The connection breaks.
    Cut,
}

/// The connection must break here.
#[derive(Debug, thiserror::Error)]
#[error("the simulator breaks the connection, as it was told to")]
pub(crate) struct Broken;

/// When tokens come.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Before the first token.
    pub(crate) first: Duration,
    /// Between tokens, in milliseconds.
    pub(crate) between_ms: Distribution,
    pub(crate) random: Random,
}

impl Pace {
    /// How long an answer of so many tokens takes as a whole.
    pub(crate) fn whole(mut self, tokens: u64) -> Duration {
        if self.between_ms == Distribution::ZERO {
            return self.first;
        }
        let between: f64 = (1..tokens)
            .map(|_| self.between_ms.sample(&mut self.random))
            .sum();
        self.first + Duration::from_secs_f64(between / 1000.0)
    }
}

/// The body that plays.
#[derive(Debug)]
pub(crate) struct Play {
    steps: VecDeque<Step>,
    ticket: Ticket,
    pace: Option<Pace>,
    /// Bytes still to come, where the whole length was announced.
    announced: Option<u64>,
    /// The time by which the last token was due: delays add up from here, so that the mean
    /// pace holds although timers are coarse.
    due: Instant,
    started: bool,
    /// Was the pause before the next step already taken?
    waited: bool,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Play {
    /// A stream: no length is announced, tokens come at the given pace.
    pub(crate) fn stream(steps: Vec<Step>, pace: Pace, ticket: Ticket) -> Self {
        Self::new(steps, Some(pace), None, ticket)
    }

    /// A message of known length, even if a step breaks it off.
    pub(crate) fn message(steps: Vec<Step>, length: u64, ticket: Ticket) -> Self {
        Self::new(steps, None, Some(length), ticket)
    }

    /// A whole message that costs `tokens`.
    pub(crate) fn whole(body: Bytes, tokens: u64, ticket: Ticket) -> Self {
        let length = body.len() as u64;
        Self::message(vec![Step::Write(body, tokens)], length, ticket)
    }

    fn new(steps: Vec<Step>, pace: Option<Pace>, announced: Option<u64>, ticket: Ticket) -> Self {
        let mut play = Self {
            steps: steps.into(),
            ticket,
            pace,
            announced,
            due: Instant::now(),
            started: false,
            waited: false,
            sleep: None,
        };
        play.steps
            .retain(|step| !matches!(step, Step::Write(bytes, _) if bytes.is_empty()));
        // An empty body is never polled.
        if play.steps.is_empty() {
            play.ticket.close(Ending::Finished);
        }
        play
    }

    /// How long to wait before the step at the front.
    fn pause(&mut self) -> Option<Duration> {
        match self.steps.front()? {
            Step::Write(_, tokens @ 1..) => {
                let pace = self.pace.as_mut()?;
                let millis: f64 = if self.started {
                    (0..*tokens)
                        .map(|_| pace.between_ms.sample(&mut pace.random))
                        .sum()
                } else {
                    pace.first.as_secs_f64() * 1000.0
                };
                self.started = true;
                Some(Duration::from_secs_f64(millis / 1000.0))
            }
            Step::Wait(pause) => Some(*pause),
            Step::Cut => Some(FLUSH_PAUSE),
            Step::Write(..) | Step::Stall => None,
        }
    }

    /// Starts the pause before the next step, once. A pause that is already over starts no timer.
    fn prepare(&mut self) {
        if std::mem::replace(&mut self.waited, true) {
            return;
        }
        let Some(pause) = self.pause().filter(|pause| !pause.is_zero()) else {
            return;
        };
        let now = Instant::now();
        self.due = match self.steps.front() {
            Some(Step::Write(..)) => self.due + pause,
            _ => now + pause,
        };
        if self.due > now {
            self.sleep = Some(Box::pin(tokio::time::sleep_until(self.due)));
        }
    }
}

impl Body for Play {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = &mut *self;
        loop {
            this.prepare();
            if let Some(sleep) = &mut this.sleep {
                std::task::ready!(sleep.as_mut().poll(cx));
                this.sleep = None;
            }
            if matches!(this.steps.front(), Some(Step::Stall)) {
                // The connection ends this wait: the caller's patience or the simulator's stop.
                return Poll::Pending;
            }
            this.waited = false;
            match this.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Wait(_) | Step::Stall) => {}
                Some(Step::Cut) => {
                    this.ticket.close(Ending::BrokenOff);
                    return Poll::Ready(Some(Err(Broken)));
                }
                Some(Step::Write(bytes, tokens)) => {
                    this.ticket.delivered(tokens);
                    if this.steps.is_empty() {
                        this.ticket.close(Ending::Finished);
                    }
                    if let Some(left) = &mut this.announced {
                        *left = left.saturating_sub(bytes.len() as u64);
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.announced
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Works a fault into the steps of a stream. Faults of the head are not for here.
pub(crate) fn strike_stream(steps: &mut Vec<Step>, fault: Fault, format: Format) {
    match fault {
        Fault::Cut { after } => {
            steps.truncate(place(steps, after));
            steps.push(Step::Cut);
        }
        Fault::Stall { after, pause } => {
            let stall = pause.map_or(Step::Stall, Step::Wait);
            steps.insert(place(steps, after), stall);
        }
        Fault::Malformed { after } => {
            let event = Step::Write(format.malformed_event(), 0);
            steps.insert(place(steps, after), event);
        }
        Fault::Error { after } => {
            steps.truncate(place(steps, after));
            steps.push(Step::Write(format.error_event(), 0));
        }
        Fault::Truncated { after } => {
            let place = place(steps, after);
            let half = steps.get(place).map(first_half);
            steps.truncate(place);
            steps.extend(half);
        }
        Fault::Empty => steps.clear(),
        Fault::Status { .. }
        | Fault::Slow { .. }
        | Fault::Hang
        | Fault::Reset
        | Fault::WrongType => {}
    }
}

/// Works a fault into a unary body: the steps, and the length to announce.
pub(crate) fn strike_message(body: &Bytes, tokens: u64, fault: Option<Fault>) -> (Vec<Step>, u64) {
    let whole = body.len() as u64;
    let (start, end) = halves(body);
    match fault {
        Some(Fault::Cut { .. }) => (vec![Step::Write(start, 0), Step::Cut], whole),
        Some(Fault::Stall { pause, .. }) => {
            let stall = pause.map_or(Step::Stall, Step::Wait);
            (
                vec![Step::Write(start, 0), stall, Step::Write(end, tokens)],
                whole,
            )
        }
        Some(Fault::Truncated { .. }) => {
            let length = start.len() as u64;
            (vec![Step::Write(start, 0)], length)
        }
        Some(Fault::Malformed { .. }) => {
            let body = Bytes::from_static(b"{\"id\": this is not JSON");
            let length = body.len() as u64;
            (vec![Step::Write(body, 0)], length)
        }
        Some(Fault::Empty) => (Vec::new(), 0),
        _ => (vec![Step::Write(body.clone(), tokens)], whole),
    }
}

/// The step before which `after` tokens are delivered; if there are fewer, the step after the
/// last token.
fn place(steps: &[Step], after: u64) -> usize {
    let mut delivered = 0;
    let mut last = 0;
    for (place, step) in steps.iter().enumerate() {
        if let Step::Write(_, tokens @ 1..) = step {
            if delivered >= after {
                return place;
            }
            delivered += tokens;
            last = place + 1;
        }
    }
    last
}

fn first_half(step: &Step) -> Step {
    match step {
        Step::Write(bytes, _) => Step::Write(halves(bytes).0, 0),
        other => other.clone(),
    }
}

fn halves(bytes: &Bytes) -> (Bytes, Bytes) {
    let mut end = bytes.clone();
    let start = end.split_to(bytes.len() / 2);
    (start, end)
}
