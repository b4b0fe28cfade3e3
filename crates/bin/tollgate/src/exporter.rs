//! Posts spans to a collector over the gateway's own connections.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, Request, Uri};
use http_body::Body;
use tollgate_net::{Endpoint, EndpointOptions, Outgoing, TaskTracker, Upstream};
use tollgate_telemetry::{BoxError, Delivery, SpanTransport, TRACES_CONTENT_TYPE, traces_url};

/// A collector that speaks OTLP over HTTP.
#[derive(Debug)]
pub(crate) struct Collector {
    upstream: Upstream,
    path: Uri,
}

impl Collector {
    /// The collector at `endpoint`, for example `http://localhost:4318`.
    pub(crate) fn new(endpoint: &str, tasks: &TaskTracker) -> Result<Self, BoxError> {
        let url = traces_url(endpoint)?;
        let path = url.path().parse()?;
        let upstream = Upstream::new(
            Endpoint::parse(&url.to_string())?,
            EndpointOptions::default(),
            tasks,
        )?;
        Ok(Self { upstream, path })
    }
}

impl SpanTransport for Collector {
    async fn post(&self, body: Bytes) -> Result<Delivery, BoxError> {
        let mut request = Request::new(Outgoing::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.clone();
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(TRACES_CONTENT_TYPE));
        let answer = self.upstream.send(request).await?;
        let status = answer.status().as_u16();
        let seconds = answer
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let mut body = answer.into_body();
        // Read to its end, so that the connection can be used again.
        while poll_fn(|cx| Pin::new(&mut body).poll_frame(cx))
            .await
            .transpose()?
            .is_some()
        {}
        Ok(Delivery {
            status,
            retry_after: seconds.map(Duration::from_secs),
        })
    }
}
