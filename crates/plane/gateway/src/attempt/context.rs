//! What the parts of one attempt share, and how any answer is read: with its limits, and an
//! error in the provider's words.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use tollgate_config::Timeouts;
use tollgate_formats::FormatId;
use tollgate_net::{Answer, AnswerBody};
use tollgate_plan::TargetId;
use tollgate_types::ErrorClass;

use super::Answered;
use super::error::{AttemptError, retry_after};
use crate::budget::Share;
use crate::clock::{nanoseconds, now_unix_s};
use crate::collect::{Bounds, CollectError, collect};
use crate::gateway::Shared;
use crate::settle::Settlement;
use crate::snapshot::{RunningProvider, Snapshot};

/// How much of an error answer is read. The rest says nothing new.
const ERROR_BYTES_MAX: usize = 256 * 1024;
/// How long an error answer may take to arrive after its head.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// What the parts of one attempt share.
pub(crate) struct Context<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) provider: &'a RunningProvider,
    /// What the provider speaks.
    pub(crate) format: FormatId,
    /// What the caller speaks.
    pub(crate) asked_in: FormatId,
    /// Whether the provider and the caller's client go by the same habits within a format.
    pub(crate) is_native: bool,
    pub(crate) target: TargetId,
    /// What the target allows, cut to what is left of the request's own time.
    pub(crate) timeouts: Timeouts,
    pub(crate) began: Instant,
    /// The index of the attempt in the record.
    pub(crate) attempt: usize,
    pub(crate) streamed: bool,
}

impl Context<'_> {
    /// How long the provider has to commit itself.
    fn limit(&self) -> Duration {
        if self.streamed {
            self.timeouts.first_token.min(self.timeouts.whole)
        } else {
            self.timeouts.whole
        }
    }

    /// When it has to have done that.
    pub(crate) fn deadline(&self) -> Instant {
        self.began + self.limit()
    }

    pub(crate) fn timed_out(&self) -> Box<AttemptError> {
        let waited_for = if self.streamed {
            "content"
        } else {
            "whole answer"
        };
        Box::new(AttemptError::timed_out(
            &self.provider.name,
            waited_for,
            self.limit(),
        ))
    }

    /// Reads a whole answer; its end is the deadline's.
    pub(crate) async fn whole(
        &self,
        body: AnswerBody,
    ) -> Result<(Bytes, Share), Box<AttemptError>> {
        let name = &self.provider.name;
        let limits = &self.snapshot.plan.base.gateway.limits;
        let bounds = self.bounds(limits.answer_bytes_max, self.timeouts.whole);
        let collected = collect(body, bounds).await;
        collected.map_err(|error| {
            Box::new(match error {
                CollectError::TooLarge { max } => AttemptError::protocol(
                    name,
                    &format!("an answer over {max} bytes (limits.answer_bytes_max)"),
                ),
                CollectError::NoRoom => AttemptError::no_room(),
                CollectError::TimedOut => {
                    AttemptError::timed_out(name, "whole answer", self.timeouts.whole)
                }
                CollectError::Broken => AttemptError::broken(name, None),
            })
        })
    }

    /// An error status: what it means, in the provider's words.
    pub(crate) async fn refused(&self, answer: Answer) -> Box<AttemptError> {
        let status = answer.status().as_u16();
        if !(400..600).contains(&status) {
            let what = format!("status {status}, which is no answer; redirects are not followed");
            return Box::new(AttemptError::protocol(&self.provider.name, &what));
        }
        let wait = retry_after(answer.headers(), now_unix_s());
        let body = self.error_body(answer.into_body()).await;
        let failure = self.format.format().decode_failure(status, &body);
        let mut error = AttemptError::provider(&self.provider.name, failure, status);
        error.retry_after = wait;
        let is_credential = error.class == ErrorClass::ProviderCredential;
        if is_credential {
            self.provider.refused();
        }
        let same_format = self.format == self.asked_in;
        if same_format && !is_credential && is_json_object(&body) {
            error.passed_on = Some(body);
        }
        Box::new(error)
    }

    /// An error is known by its head: its words have what is left of the time, and no more.
    pub(super) async fn error_body(&self, body: AnswerBody) -> Bytes {
        let left = self.deadline().saturating_duration_since(Instant::now());
        let bounds = self.bounds(ERROR_BYTES_MAX, left.min(ERROR_BODY_TIMEOUT));
        // Without its body an error is still an error.
        collect(body, bounds)
            .await
            .map_or_else(|_| Bytes::new(), |(body, share)| share.around(body))
    }

    /// Notes what became of the attempt, in the record and about its provider.
    pub(crate) fn came_to(
        &self,
        result: &Result<Answered, Box<AttemptError>>,
        settlement: &mut Settlement,
    ) {
        let took = nanoseconds(self.began.elapsed());
        let provider = self.provider;
        let Some(attempt) = settlement.record().attempts.get_mut(self.attempt) else {
            return;
        };
        match result {
            Ok(answered) => {
                provider.health.answered(&provider.name);
                attempt.status = answered.served().status;
                // A stream's attempt goes on until its last event.
                if matches!(answered, Answered::Whole(_)) {
                    attempt.duration_ns = took;
                }
            }
            Err(error) => {
                let cause = error.cause.as_deref().unwrap_or_default();
                provider.health.failed(&provider.name, error.class, cause);
                attempt.duration_ns = took;
                attempt.class = Some(error.class);
                attempt.status = error.provider_status;
                attempt.error.clone_from(&error.cause);
            }
        }
    }

    fn bounds(&self, bytes_max: usize, timeout: Duration) -> Bounds<'_> {
        Bounds {
            bytes_max,
            room: &self.shared.buffered,
            room_bytes_max: self.snapshot.plan.base.gateway.limits.buffered_bytes_max,
            timeout,
        }
    }
}

fn is_json_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{') && body.trim_ascii_end().last() == Some(&b'}')
}
