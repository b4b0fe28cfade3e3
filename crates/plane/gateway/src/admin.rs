//! The admin listener: what runs, how it does, and a way to reload it.
//!
//! Meant for loopback. It has no keys; whoever reaches it may read the configuration
//! (secrets are references there) and ask for a reload. Browsers are turned away, so
//! that no web page can drive it.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;
use serde_json::{Value, json};
use tollgate_net::{Drain, Incoming, Listener, ServerOptions};

use crate::gateway::Gateway;
use crate::status::Rejected;

/// Where a browser says from which site a request comes (Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What the admin listener asks of whoever owns the configuration. Both calls may block.
pub trait Reload: Send + Sync + 'static {
    /// Reads, compiles and installs the configuration; the revision that runs now.
    ///
    /// # Errors
    /// Why it was not taken; what ran before goes on.
    fn reload(&self) -> Result<Arc<str>, Rejected>;

    /// The effective configuration, secrets as references.
    fn config(&self) -> Value;

    /// What became of the TLS certificate's files; null without TLS.
    fn certificate(&self) -> Value {
        Value::Null
    }
}

/// The admin listener's service.
pub struct Admin {
    gateway: Arc<Gateway>,
    reload: Arc<dyn Reload>,
    version: &'static str,
    /// Only names of this machine are answered to.
    is_local: bool,
}

impl Admin {
    /// Joins the gateway with whoever owns its configuration.
    #[must_use]
    pub fn new(gateway: Arc<Gateway>, reload: Arc<dyn Reload>, version: &'static str) -> Self {
        Self {
            gateway,
            reload,
            version,
            is_local: false,
        }
    }

    /// For a listener on loopback: answers only to requests for `localhost` or an address,
    /// so that no web page gets in by a name that it points at loopback (DNS rebinding).
    #[must_use]
    pub const fn on_loopback(mut self) -> Self {
        self.is_local = true;
        self
    }

    /// Serves `listener` until `drain` has ended; `callers` is the drain of the gateway's
    /// own listener, whose connections are shown.
    pub async fn serve(
        self,
        listener: Listener,
        options: ServerOptions,
        callers: Drain,
        drain: Drain,
    ) {
        let admin = Arc::new(self);
        let service = move |request: Request<Incoming>, _peer| {
            let live = admin.gateway.shared.settler.live();
            live.set_connections(i64::try_from(callers.open_connections()).unwrap_or(i64::MAX));
            live.set_unreadable_heads(callers.unreadable_heads());
            let admin = Arc::clone(&admin);
            async move { admin.handle(request).await }
        };
        tollgate_net::serve(vec![listener], None, options, service, drain).await;
    }

    /// Answers one request.
    pub async fn handle<B: Send>(&self, request: Request<B>) -> Response<Full<Bytes>> {
        if is_from_a_page(request.headers()) {
            return answer(
                StatusCode::FORBIDDEN,
                &json!({"error": "the admin listener does not serve browsers"}),
            );
        }
        if self.is_local && !names_this_machine(&request) {
            return answer(
                StatusCode::FORBIDDEN,
                &json!({"error": "the admin listener on loopback answers to localhost and to addresses"}),
            );
        }
        let read = request.method() == Method::GET || request.method() == Method::HEAD;
        match request.uri().path() {
            "/status" if read => answer(StatusCode::OK, &self.status()),
            "/metrics" if read => metrics(self.gateway.shared.settler.metrics()),
            "/config" if read => answer(StatusCode::OK, &self.reload.config()),
            "/reload" if request.method() == Method::POST => self.reload().await,
            "/health" | "/ready" if read => self.probe(request.uri().path()),
            "/reload" => not_allowed("POST"),
            "/status" | "/metrics" | "/config" | "/health" | "/ready" => not_allowed("GET, HEAD"),
            _ => answer(
                StatusCode::NOT_FOUND,
                &json!({"error": "unknown path", "paths": ["/status", "/metrics", "/config", "/reload", "/health", "/ready"]}),
            ),
        }
    }

    fn status(&self) -> Value {
        let gateway = &self.gateway;
        let snapshot = gateway.snapshot();
        json!({
            "version": self.version,
            "draining": gateway.is_draining(),
            "uptime_s": gateway.shared.since_start().as_secs(),
            "configuration": gateway.status.now(),
            "certificate": self.reload.certificate(),
            "anonymous": snapshot.as_ref().is_some_and(|snapshot| snapshot.anonymous),
            "requests_in_work": gateway.shared.in_work.taken(),
            "buffered_bytes": gateway.buffered_bytes(),
            "providers": snapshot.as_ref().map(|snapshot| snapshot.providers()).unwrap_or_default(),
        })
    }

    fn probe(&self, path: &str) -> Response<Full<Bytes>> {
        let fit = self.gateway.is_serving() && (path == "/health" || !self.gateway.is_draining());
        let status = if fit {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        answer(
            status,
            &json!({"status": if fit { "ok" } else { "unavailable" }}),
        )
    }

    async fn reload(&self) -> Response<Full<Bytes>> {
        let reload = Arc::clone(&self.reload);
        match tokio::task::spawn_blocking(move || reload.reload()).await {
            Ok(Ok(revision)) => answer(StatusCode::OK, &json!({"revision": &*revision})),
            Ok(Err(rejected)) => answer(StatusCode::UNPROCESSABLE_ENTITY, &rejected),
            Err(_) => answer(
                StatusCode::INTERNAL_SERVER_ERROR,
                &json!({"error": "the reload was cut short"}),
            ),
        }
    }
}

/// Whether a web page sent the request. Browsers say so in one header or the other; what a
/// person types into the address bar is none.
fn is_from_a_page(headers: &HeaderMap) -> bool {
    let site = headers.get_all(SEC_FETCH_SITE);
    headers.contains_key(ORIGIN) || site.iter().any(|site| site != "none")
}

/// Whether a request is for `localhost` or an address, wherever it says so; one that names
/// nobody is, too. Two `Host` headers could be read in two ways and are refused.
fn names_this_machine<B>(request: &Request<B>) -> bool {
    let mut headers = request.headers().get_all(HOST).iter();
    let (host, another) = (headers.next(), headers.next());
    let in_line = request.uri().authority().map(Authority::as_str);
    let in_header = host.map(|host| host.to_str().unwrap_or_default());
    another.is_none() && in_line.into_iter().chain(in_header).all(is_this_machine)
}

fn is_this_machine(named: &str) -> bool {
    let Ok(authority) = named.parse::<Authority>() else {
        return false;
    };
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok()
}

fn answer(status: StatusCode, body: &impl Serialize) -> Response<Full<Bytes>> {
    let mut text = serde_json::to_vec_pretty(body).unwrap_or_default();
    text.push(b'\n');
    respond(status, "application/json", Bytes::from(text))
}

fn metrics(text: String) -> Response<Full<Bytes>> {
    respond(
        StatusCode::OK,
        "text/plain; version=0.0.4; charset=utf-8",
        Bytes::from(text),
    )
}

fn not_allowed(allow: &'static str) -> Response<Full<Bytes>> {
    let mut response = answer(
        StatusCode::METHOD_NOT_ALLOWED,
        &json!({"error": format!("use {allow} here")}),
    );
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allow));
    response
}

fn respond(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
