//! Sending spans: one batch at a time, again where that may help, never for ever.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::batch::{BATCHES_MAX, Batch, SpanBuffer};
use crate::ids::random_u64;
use crate::live::{OwnCounts, count};

/// The `content-type` of what a [`SpanTransport`] posts.
pub const TRACES_CONTENT_TYPE: &str = "application/x-protobuf";

/// Tries for one batch; then it is dropped.
const TRIES_MAX: u32 = 5;
/// For one try.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
const BACKOFF: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Any error of a transport.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a collector answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The HTTP status.
    pub status: u16,
    /// Its `Retry-After`, if it had one in seconds.
    pub retry_after: Option<Duration>,
}

/// Posts one batch to a collector.
pub trait SpanTransport: Send + Sync {
    /// Posts `body` as [`TRACES_CONTENT_TYPE`] and reads the answer to its end.
    fn post(&self, body: Bytes) -> impl Future<Output = Result<Delivery, BoxError>> + Send;
}

/// The address that traces are posted to below a collector's base address
/// (`http://localhost:4318` → `http://localhost:4318/v1/traces`).
///
/// # Errors
/// When the base is not an absolute `http` or `https` address.
pub fn traces_url(endpoint: &str) -> Result<Uri, BoxError> {
    let uri: Uri = format!("{}/v1/traces", endpoint.trim_end_matches('/')).parse()?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        _ => Err("not an absolute http or https address".into()),
    }
}

/// Takes batches of spans from the settler and sends them.
#[derive(Debug)]
pub struct SpanExporter {
    batches: mpsc::Receiver<Batch>,
    own: Arc<OwnCounts>,
}

impl SpanExporter {
    pub(crate) fn new(
        service_name: &str,
        version: &str,
        own: &Arc<OwnCounts>,
    ) -> (SpanBuffer, Self) {
        let (sender, batches) = mpsc::channel(BATCHES_MAX);
        (
            SpanBuffer::new(service_name, version, sender, Arc::clone(own)),
            Self {
                batches,
                own: Arc::clone(own),
            },
        )
    }

    /// Sends until the settler has shut down and the last batch is delivered or given up.
    ///
    /// After the shutdown a batch is tried once and not again. Spawn it on a tracker and
    /// give it a limit when the process ends.
    pub async fn run(mut self, transport: impl SpanTransport) {
        let mut is_failing = false;
        while let Some(batch) = self.batches.recv().await {
            match self.deliver(&transport, &batch).await {
                Ok(()) => {
                    count(&self.own.spans_sent, batch.spans);
                    if is_failing {
                        tracing::info!("the trace collector takes spans again");
                    }
                    is_failing = false;
                }
                Err(reason) => {
                    count(&self.own.spans_dropped, batch.spans);
                    if !is_failing {
                        tracing::warn!(
                            reason,
                            "the trace collector takes no spans; they are dropped until it does"
                        );
                    }
                    is_failing = true;
                }
            }
        }
    }

    async fn deliver(&self, transport: &impl SpanTransport, batch: &Batch) -> Result<(), String> {
        let mut backoff = BACKOFF;
        let mut tries = 1;
        loop {
            let (reason, wait) =
                match timeout(SEND_TIMEOUT, transport.post(batch.body.clone())).await {
                    Ok(Ok(Delivery {
                        status: 200..=299, ..
                    })) => return Ok(()),
                    Ok(Ok(Delivery {
                        status,
                        retry_after,
                    })) => (
                        format!("status {status}"),
                        retry(status, retry_after, backoff),
                    ),
                    Ok(Err(error)) => (error.to_string(), Some(backoff)),
                    Err(_elapsed) => ("no answer in time".to_owned(), Some(backoff)),
                };
            count(&self.own.exports_failed, 1);
            let Some(wait) = wait.filter(|_| tries < TRIES_MAX && !self.batches.is_closed()) else {
                return Err(reason);
            };
            sleep(jittered(wait)).await;
            backoff = (backoff * 2).min(BACKOFF_MAX);
            tries += 1;
        }
    }
}

/// How long to wait before the next try, by what OTLP says of the status; `None`: never again.
fn retry(status: u16, retry_after: Option<Duration>, backoff: Duration) -> Option<Duration> {
    matches!(status, 429 | 502 | 503 | 504).then(|| retry_after.unwrap_or(backoff).min(BACKOFF_MAX))
}

/// Between the wait and half as much again, so that gateways do not return together.
fn jittered(wait: Duration) -> Duration {
    let half = u64::try_from(wait.as_millis() / 2)
        .unwrap_or(u64::MAX)
        .max(1);
    wait + Duration::from_millis(random_u64() % half)
}
