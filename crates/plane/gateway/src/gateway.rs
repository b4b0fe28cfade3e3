//! The gateway as a whole: the current snapshot, and what outlives every snapshot.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::{Method, Request, Response};
use tokio::time::Instant;
use tollgate_net::{Drain, Incoming, Listener, ServerOptions, TlsReload};
use tollgate_telemetry::{RequestId, Sampler, Settler};

use crate::budget::Budget;
use crate::conversations::Conversations;
use crate::guarded::Guarded;
use crate::operation::spoken;
use crate::pipeline::{self, Greeting};
use crate::reply::{ReplyBody, without_needless_body};
use crate::snapshot::Snapshot;
use crate::status::{Rejected, Status};

/// What all requests share and no reload touches.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Bytes of bodies in memory.
    pub(crate) buffered: Budget,
    /// Requests in work.
    pub(crate) in_work: Budget,
    /// Counts of tokens that are being made.
    pub(crate) counting: Budget,
    pub(crate) settler: Settler,
    pub(crate) sampler: Sampler,
    pub(crate) conversations: Conversations,
    started: Instant,
}

impl Shared {
    /// The process clock.
    pub(crate) fn since_start(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A gateway that serves whatever snapshot was installed last.
#[derive(Debug)]
pub struct Gateway {
    snapshot: ArcSwapOption<Snapshot>,
    pub(crate) shared: Shared,
    draining: AtomicBool,
    pub(crate) status: Status,
}

impl Gateway {
    /// A gateway without a snapshot: it answers 503 until one is installed.
    #[must_use]
    pub fn new(settler: Settler, sampler: Sampler) -> Self {
        Self {
            snapshot: ArcSwapOption::empty(),
            shared: Shared {
                buffered: Budget::default(),
                in_work: Budget::default(),
                counting: Budget::default(),
                settler,
                sampler,
                conversations: Conversations::new(),
                started: Instant::now(),
            },
            draining: AtomicBool::new(false),
            status: Status::default(),
        }
    }

    /// The snapshot that serves new requests.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.snapshot.load_full()
    }

    /// Whether a snapshot serves.
    pub(crate) fn is_serving(&self) -> bool {
        self.snapshot.load().is_some()
    }

    /// Swaps in a snapshot. Requests that run keep theirs.
    pub fn install(&self, snapshot: Arc<Snapshot>, source: String) {
        self.status.accepted(&snapshot.plan.revision, source);
        self.shared
            .settler
            .live()
            .reloaded(Ok(Arc::clone(&snapshot.plan.revision)));
        self.snapshot.store(Some(snapshot));
    }

    /// Notes a configuration that was not taken, and why.
    pub fn reject(&self, rejected: Rejected) {
        self.shared.settler.live().reloaded(Err(()));
        self.status.rejected(rejected);
    }

    /// From now on `/ready` answers 503, so that no new traffic is sent here.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the gateway is on its way out.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Bytes of bodies in memory, as charged against `gateway.limits.buffered_bytes_max`.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.shared.buffered.taken()
    }

    /// Serves callers on `listener` until `drain` has ended.
    pub async fn serve(
        self: Arc<Self>,
        listener: Listener,
        tls: Option<TlsReload>,
        options: ServerOptions,
        drain: Drain,
    ) {
        let service = move |request, _peer| Arc::clone(&self).handle(request);
        tollgate_net::serve(vec![listener], tls, options, service, drain).await;
    }

    /// Serves one request.
    pub async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Response<ReplyBody> {
        let (head, body) = request.into_parts();
        let is_head = head.method == Method::HEAD;
        let greeting = Greeting {
            id: RequestId::random(),
            format: spoken(&head),
        };
        let ran = Guarded::new(pipeline::run(&self, &greeting, head, body)).await;
        finished(ran, &greeting, is_head)
    }
}

/// The answer to a request, also where its run ended in a panic.
fn finished(
    ran: Option<Response<ReplyBody>>,
    greeting: &Greeting,
    is_head: bool,
) -> Response<ReplyBody> {
    let response = ran.unwrap_or_else(|| pipeline::defect(greeting));
    without_needless_body(is_head, response)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use bytes::Bytes;
    use http_body_util::BodyExt as _;
    use serde_json::Value;
    use tollgate_formats::FORMATS;
    use tollgate_telemetry::{AccessLog, Options, TraceContext};

    use super::{
        Arc, Gateway, Greeting, Guarded, Incoming, Method, ReplyBody, Request, RequestId, Sampler,
        Settler, finished,
    };
    use crate::settle::Settlement;

    /// A settler, and its records once it is flushed.
    struct Log {
        settler: Settler,
        folder: tempfile::TempDir,
    }

    impl Log {
        fn start() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let options = Options {
                access_log: AccessLog::File(folder.path().join("log")),
                ..Options::default()
            };
            let settler = Settler::start(options).expect("starts");
            Self { settler, folder }
        }

        fn begin(&self, id: RequestId) -> Settlement {
            let trace = TraceContext::start(Sampler::OFF);
            Settlement::begin(&self.settler, id, Method::POST, trace, None)
        }

        fn only_record(&self) -> Value {
            self.settler.flush();
            let log = std::fs::read(self.folder.path().join("log")).expect("a log");
            serde_json::from_slice(&log).expect("one record")
        }
    }

    fn is_a_defect(record: &Value) {
        assert_eq!(record["status"], 500, "{record}");
        assert_eq!(record["error_class"], "internal", "{record}");
        assert_eq!(record["caller_gone"], false, "{record}");
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error_in_the_callers_format() {
        for format in FORMATS {
            let log = Log::start();
            let greeting = Greeting {
                id: RequestId::random(),
                format: format.id(),
            };
            let settlement = log.begin(greeting.id);
            let ran = Guarded::new(async move {
                let _held = settlement;
                panic!("on purpose");
            });
            let response = finished(ran.await, &greeting, false);
            assert_eq!(response.status(), 500);
            let id = greeting.id.to_string();
            assert_eq!(response.headers()["x-tollgate-request-id"], id);
            let body = response.into_body().collect().await.expect("whole");
            let body: Value = serde_json::from_slice(&body.to_bytes()).expect("JSON");
            let read = format.decode_failure(500, body.to_string().as_bytes());
            assert!(read.message.contains("gateway"), "{body}");
            let record = log.only_record();
            is_a_defect(&record);
            assert_eq!(record["request_id"], id);
        }
    }

    #[test]
    fn a_panic_while_an_answer_is_sent_is_no_hang_up() {
        let log = Log::start();
        let body = ReplyBody::whole(Bytes::from_static(b"{}"), log.begin(RequestId::random()));
        let sending = AssertUnwindSafe(move || {
            let _held = body;
            panic!("on purpose");
        });
        assert!(catch_unwind(sending).is_err());
        is_a_defect(&log.only_record());
    }

    fn future_size<A, B, F>(_call: impl Fn(A, B) -> F) -> usize {
        size_of::<F>()
    }

    /// The server moves the future of a request when it begins; what only rare requests
    /// need is boxed. A future that grows is noticed here.
    #[test]
    fn the_future_of_a_request_stays_small() {
        let size = future_size(|gateway: Arc<Gateway>, request: Request<Incoming>| {
            gateway.handle(request)
        });
        assert!(size <= 7168, "{size} bytes");
    }
}
