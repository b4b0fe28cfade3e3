//! Requests that leave HTTP: each over an HTTP/1.1 connection of its own.

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Limited};
use hyper::client::conn::http1::Builder;
use hyper_util::rt::TokioIo;

use super::{SendError, Upstream};
use crate::body::Outgoing;
use crate::socket::{Observer, Socket};
use crate::tunnel::Line;

/// How much is read of an answer that does not switch, in bytes; more is left out.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// Nothing needs to be known about the socket of a line.
struct Nobody;

impl Observer for Nobody {}

/// What a provider answered to the wish to leave HTTP.
#[derive(Debug)]
pub enum Switched {
    /// It agrees: the head of its answer, and the connection.
    Line(Response<()>, Line),
    /// It does not: its answer, whose body is left out when it is too long.
    Refused(Response<Bytes>),
}

impl Upstream {
    /// Sends a request that asks to leave HTTP (`connection: upgrade`). Its connection is
    /// one of those of the pool, and is never used for anything else.
    ///
    /// Without limit of time but for connecting: a deadline is the caller's. Dropping the
    /// future cancels the call.
    ///
    /// # Errors
    /// As [`Upstream::send`].
    pub async fn switch(&self, mut request: Request<Outgoing>) -> Result<Switched, SendError> {
        let (transport, slot) = self.0.open_alone().await?;
        let io = TokioIo::new(Socket::new(transport, Nobody));
        let handshake = Builder::new().handshake(io).await;
        let (mut sender, connection) = handshake.map_err(|source| SendError::Closed {
            written: false,
            source,
        })?;
        self.0.tasks.spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%error, "connection to a provider ended before it left HTTP");
            }
        });
        let host = self.0.endpoint.host_header().clone();
        request.headers_mut().entry(HOST).or_insert(host);
        *request.version_mut() = Version::HTTP_11;
        let failed = |source| SendError::from_hyper(source, true, None);
        let mut answer = sender.send_request(request).await.map_err(failed)?;
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            let upgraded = hyper::upgrade::on(&mut answer).await.map_err(failed)?;
            let line = Line::new(TokioIo::new(upgraded), Some(slot));
            return Ok(Switched::Line(answer.map(drop), line));
        }
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, REFUSAL_BYTES_MAX).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        Ok(Switched::Refused(Response::from_parts(head, body)))
    }
}
