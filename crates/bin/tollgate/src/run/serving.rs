//! The two listeners.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tollgate_config::Config;
use tollgate_gateway::{Admin, Gateway, Reload};
use tollgate_net::{
    BindError, Drain, FixedLimits, Listener, ServerOptions, ServerTlsFiles, TlsError, TlsReload,
};

use super::arguments::Arguments;
use crate::configuration::Configuration;
use crate::surroundings::{VERSION, environment, now_unix_s};

/// The port for callers, where nothing says another.
const PORT: u16 = 41002;
/// The admin port, likewise.
const ADMIN_PORT: u16 = 41003;
/// The admin listener serves a few people and a scraper.
const ADMIN_CONNECTIONS_MAX: usize = 64;

/// Where to listen, and how.
#[derive(Debug)]
pub(super) struct Addresses {
    host: String,
    port: u16,
    admin_host: String,
    admin_port: u16,
    tls: Option<TlsReload>,
    options: ServerOptions,
}

impl Addresses {
    /// The certificate of the main port.
    pub(super) fn tls(&self) -> Option<TlsReload> {
        self.tls.clone()
    }

    /// From the arguments, else the configuration, else the environment, else the defaults.
    pub(super) fn of(arguments: &Arguments, base: &Config) -> Result<Self, String> {
        let gateway = &base.gateway;
        let tls = gateway.tls.as_ref().map(|files| {
            TlsReload::load(ServerTlsFiles {
                certificate: files.cert_file.clone(),
                key: files.key_file.clone(),
                client_roots: None,
            })
        });
        let host = arguments
            .host
            .clone()
            .or_else(|| gateway.host.clone())
            .or_else(|| environment("TOLLGATE_HOST"));
        let port = arguments.port.or(gateway.port);
        let admin_port = arguments.admin_port.or(gateway.admin_port);
        Ok(Self {
            host: host.unwrap_or_else(|| "127.0.0.1".to_owned()),
            port: port.map_or_else(|| port_of("TOLLGATE_PORT", PORT), Ok)?,
            admin_host: gateway.admin_host.clone(),
            admin_port: admin_port
                .map_or_else(|| port_of("TOLLGATE_ADMIN_PORT", ADMIN_PORT), Ok)?,
            tls: tls
                .transpose()
                .map_err(|error| format!("error: {}", with_cause(&error)))?,
            options: ServerOptions {
                header_bytes_max: gateway.limits.header_bytes_max,
                headers_max: gateway.limits.headers_max,
                header_timeout: gateway.caller_timeouts.header,
                idle_timeout: gateway.caller_timeouts.idle,
                connections_max: gateway.limits.connections_max,
                fixed: FixedLimits::default(),
            },
        })
    }
}

/// What cannot be used, and what the system or rustls said about it.
fn with_cause(error: &TlsError) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn port_of(variable: &str, default: u16) -> Result<u16, String> {
    let Some(text) = environment(variable) else {
        return Ok(default);
    };
    text.parse()
        .map_err(|_not_a_number| format!("error: {variable} is `{text}`, which is no port"))
}

/// What listens.
pub(super) struct Serving {
    drain: Drain,
    admin_drain: Drain,
    gateway: JoinHandle<()>,
    admin: JoinHandle<()>,
    url: String,
    admin_url: String,
    tls: Option<TlsReload>,
}

impl Serving {
    /// Binds both addresses and begins to serve.
    pub(super) async fn bind(
        gateway: &Arc<Gateway>,
        configuration: &Arc<Configuration>,
        addresses: Addresses,
    ) -> Result<Self, String> {
        let Addresses {
            host,
            port,
            admin_host,
            admin_port,
            tls,
            options,
        } = addresses;
        if port == admin_port && port != 0 && host == admin_host {
            return Err(format!(
                "port {port} is both the port for callers and that of the admin listener: choose another for one of them"
            ));
        }
        let listener = bind(&host, port, "--port, gateway.port or TOLLGATE_PORT").await?;
        let admin_ways = "--admin-port, gateway.admin.port or TOLLGATE_ADMIN_PORT";
        let admin_listener = bind(&admin_host, admin_port, admin_ways).await?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = url(scheme, &listener);
        let admin_url = self::url("http", &admin_listener);
        let (drain, admin_drain) = (Drain::new(), Drain::new());

        let reload: Arc<dyn Reload> = Arc::clone(configuration) as Arc<dyn Reload>;
        let admin = Admin::new(Arc::clone(gateway), reload, VERSION);
        let is_loopback = admin_listener
            .address()
            .is_ok_and(|address| address.ip().is_loopback());
        let admin = if is_loopback {
            admin.on_loopback()
        } else {
            admin
        };
        let admin_options = ServerOptions {
            connections_max: ADMIN_CONNECTIONS_MAX,
            ..options.clone()
        };
        let callers = Arc::clone(gateway).serve(listener, tls.clone(), options, drain.clone());
        let admin = admin.serve(
            admin_listener,
            admin_options,
            drain.clone(),
            admin_drain.clone(),
        );
        Ok(Self {
            gateway: spawn(callers),
            admin: spawn(admin),
            drain,
            admin_drain,
            url,
            admin_url,
            tls,
        })
    }

    /// Says where it serves. What a newcomer would stumble over is a warning of the
    /// configuration, which was said when it was installed.
    pub(super) fn say(&self) {
        tracing::info!(
            url = self.url,
            admin = self.admin_url,
            version = VERSION,
            "serving"
        );
        let end = self
            .tls
            .as_ref()
            .and_then(|tls| tls.status().expires_unix_s);
        if end.is_some_and(|end| end <= now_unix_s()) {
            tracing::warn!("the TLS certificate has expired: callers will refuse it");
        }
    }

    /// Stops accepting, lets running requests finish within `limit`, or until `hurry`;
    /// the number of connections that were cut. The admin listener goes last: it shows
    /// the drain.
    pub(super) async fn drain(self, limit: Duration, hurry: impl Future<Output = ()>) -> usize {
        self.drain.begin();
        let drained = tokio::select! {
            drained = self.drain.finish(limit) => drained,
            () = hurry => self.drain.finish(Duration::ZERO).await,
        };
        let _ = self.gateway.await;
        self.admin_drain.begin();
        self.admin_drain.finish(Duration::from_secs(1)).await;
        let _ = self.admin.await;
        drained.cut
    }
}

/// Binds, or says in which ways another port can be chosen.
async fn bind(host: &str, port: u16, ways: &str) -> Result<Listener, String> {
    Listener::bind(host, port)
        .await
        .map_err(|error| match error {
            BindError::InUse { .. } | BindError::Forbidden { .. } => format!("{error} ({ways})"),
            other => other.to_string(),
        })
}

#[expect(
    clippy::disallowed_methods,
    reason = "both tasks are awaited when the process drains"
)]
fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(future)
}

fn url(scheme: &str, listener: &Listener) -> String {
    listener.address().map_or_else(
        |_| format!("{scheme}://?"),
        |address| format!("{scheme}://{address}"),
    )
}
