//! A provider with its pool and its credential.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use tollgate_config::{Auth, ProviderConfig};
use tollgate_formats::{FORMATS, FormatId, has_model, with_model};
use tollgate_identity::{CloudCredential, NoCredential, ToSign};
use tollgate_net::{Endpoint, EndpointOptions, Upstream};
use tollgate_telemetry::{Attempt, SpanId};
use tollgate_types::Secret;

use super::health::Health;
use super::kept::{Keeper, Way};
use super::{BuildError, Surroundings, identity, secret};
use crate::clock::now_unix_s;

/// A provider that can be asked.
#[derive(Debug)]
pub(crate) struct RunningProvider {
    pub(crate) name: Arc<str>,
    /// Its kind as configuration, logs and prices name it.
    pub(crate) kind: &'static str,
    pub(crate) upstream: Upstream,
    pub(crate) health: Health,
    /// `None` for the built-in simulator.
    pub(crate) host: Option<Arc<str>>,
    /// 0 for the built-in simulator.
    pub(crate) port: u16,
    pub(crate) pass_caller_credential: bool,
    /// What proves who the gateway is, where it is no key.
    pub(crate) identity: Option<CloudCredential>,
    /// Set in any case: the credential, and what the configuration adds.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// Where each format's operation is, by [`FormatId`]: for whole answers, for streams.
    paths: Vec<[Path; 2]>,
    /// The way to its place.
    pub(super) way: Arc<Way>,
}

impl RunningProvider {
    /// Builds a provider. `connections_max` limits its pool.
    pub(super) fn build(
        config: &ProviderConfig,
        connections_max: usize,
        keeper: &mut Keeper<'_>,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, BuildError> {
        let fail = |reason: String| BuildError {
            message: format!("provider `{}`: {reason}", config.name),
        };
        let way = Arc::new(Way {
            base_url: base_url(config, surroundings)
                .ok_or_else(|| fail("the built-in simulator is not running".to_owned()))?,
            connect_timeout: config.timeouts.connect,
            ca_pem: certificates(config).map_err(fail)?,
            ca_file: config.ca_file.clone(),
            connections_max,
        });
        let endpoint = Endpoint::parse(&way.base_url).map_err(|error| fail(error.to_string()))?;
        let places = |streams| {
            FORMATS.iter().map(move |format| {
                let below = (format.label(), format.provider_path(streams));
                config.kind.path(below, streams, &config.site)
            })
        };
        let paths = places(false)
            .zip(places(true))
            .map(|(whole, stream)| {
                Ok([
                    Path::new(&endpoint, &whole)?,
                    Path::new(&endpoint, &stream)?,
                ])
            })
            .collect::<Result<_, _>>()
            .map_err(fail)?;
        let built_in = config.base_url.is_none() && config.kind.is_simulator();
        let (host, port) = if built_in {
            (None, 0)
        } else {
            (Some(Arc::from(endpoint.host())), endpoint.port())
        };
        let upstream = keeper.pool(&way, || {
            let options = EndpointOptions {
                connect_timeout: way.connect_timeout,
                extra_roots_pem: way.ca_pem.clone(),
                connections_max: way.connections_max,
                ..EndpointOptions::default()
            };
            Upstream::new(endpoint, options, surroundings.tasks)
                .map_err(|error| fail(error.to_string()))
        })?;
        let (identity, own) = identity::of(config, keeper, surroundings)?;
        let mut headers = fixed_headers(config, surroundings)?;
        headers.extend(own);
        Ok(Self {
            name: Arc::clone(&config.name),
            kind: config.kind.label,
            upstream,
            health: Health::new(),
            host,
            port,
            pass_caller_credential: config.pass_caller_credential,
            identity,
            headers,
            paths,
            way,
        })
    }

    /// Where a format's operation is for a model, streamed or not.
    pub(crate) fn path(&self, format: FormatId, model: &str, streams: bool) -> Uri {
        let places = self.paths.get(format as usize);
        match places.map(|[whole, stream]| if streams { stream } else { whole }) {
            None => Uri::default(),
            Some(Path::Fixed(uri)) => uri.clone(),
            // What a name has in it is encoded, so that it is a path in any case.
            Some(Path::OfModel(path)) => with_model(path, model).parse().unwrap_or_default(),
        }
    }

    /// Waits until it is known whether there is a credential: only in the first moments of a
    /// provider, later nobody waits. The limit of time is the caller's.
    pub(crate) async fn ready(&self) -> Ready<'_> {
        if let Some(identity) = &self.identity
            && identity.is_starting()
        {
            // What is rare is boxed: every request carries the size of this future.
            Box::pin(identity.first()).await;
        }
        Ready(self)
    }

    /// As [`Self::ready`], for so long at most; without a credential an answer says so.
    pub(crate) async fn ready_within(&self, limit: Duration) -> Ready<'_> {
        let ready = tokio::time::timeout(limit, self.ready()).await;
        ready.unwrap_or(Ready(self))
    }

    /// The provider refused the gateway's credential: one that can be renewed is.
    pub(crate) fn refused(&self) {
        if let Some(identity) = &self.identity {
            identity.refused(now_unix_s());
        }
    }

    /// An attempt that begins so long after its request did, for the record.
    pub(crate) fn attempt(
        &self,
        span_id: SpanId,
        target: &Arc<str>,
        model: Arc<str>,
        start_offset_ns: u64,
    ) -> Attempt {
        Attempt {
            span_id,
            target: Arc::clone(target),
            provider: Arc::clone(&self.name),
            provider_kind: self.kind,
            model,
            host: self.host.clone(),
            port: self.port,
            start_offset_ns,
            duration_ns: 0,
            ttft_ns: None,
            status: 0,
            class: None,
            error: None,
        }
    }

    /// A path below this provider's base URL, with the caller's query.
    pub(crate) fn plain_path(
        &self,
        path: &str,
        query: Option<&str>,
    ) -> Result<Uri, http::uri::InvalidUri> {
        let base = self.upstream.endpoint().base_path();
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        format!("{base}{path}{query}").parse()
    }
}

/// A provider of which it is known whether it has a credential: only such a one is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready<'p>(&'p RunningProvider);

impl Deref for Ready<'_> {
    type Target = RunningProvider;

    fn deref(&self) -> &RunningProvider {
        self.0
    }
}

impl Ready<'_> {
    /// Proves to the provider who asks, where it wants more than a key: puts a signature or
    /// a token into `headers`.
    ///
    /// # Errors
    /// When there is nothing to prove it by.
    pub(crate) fn authorize(
        self,
        method: &Method,
        uri: &Uri,
        body: &[Bytes],
        headers: &mut HeaderMap,
    ) -> Result<(), NoCredential> {
        let Some(identity) = &self.identity else {
            return Ok(());
        };
        let request = ToSign {
            method,
            host: self.upstream.endpoint().authority().as_str(),
            uri,
            body,
        };
        identity.authorize(&request, now_unix_s(), headers)
    }
}

fn base_url(config: &ProviderConfig, surroundings: &Surroundings<'_>) -> Option<String> {
    config.base_url.clone().or_else(|| {
        surroundings
            .simulator
            .map(|address| format!("http://{address}"))
    })
}

/// Where an operation is.
#[derive(Debug)]
enum Path {
    /// For every model.
    Fixed(Uri),
    /// With the model's name in it.
    OfModel(String),
}

impl Path {
    fn new(endpoint: &Endpoint, below: &str) -> Result<Self, String> {
        let base = endpoint.base_path();
        // `https://host/v1` and a path that begins with `/v1` name the version twice.
        let version = below.split('/').nth(1).unwrap_or_default();
        let named_twice = base
            .strip_suffix(version)
            .and_then(|base| base.strip_suffix('/'))
            .filter(|_| is_version(version));
        let path = format!("{}{below}", named_twice.unwrap_or(base));
        let uri = with_model(&path, "model")
            .parse()
            .map_err(|error| format!("base_url: {error}"))?;
        Ok(if has_model(&path) {
            Self::OfModel(path)
        } else {
            Self::Fixed(uri)
        })
    }
}

/// `v1`, `v2`, `v1beta`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
}

fn certificates(config: &ProviderConfig) -> Result<Vec<u8>, String> {
    let Some(path) = &config.ca_file else {
        return Ok(Vec::new());
    };
    std::fs::read(path).map_err(|error| format!("ca_file {}: {error}", path.display()))
}

/// The credential as this kind of provider wants it, then the configured headers.
fn fixed_headers(
    config: &ProviderConfig,
    surroundings: &Surroundings<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, BuildError> {
    let mut headers = Vec::new();
    if let Some(reference) = &config.secret {
        let whose = format!("the secret of provider `{}`", config.name);
        let secret = secret::resolve(reference, &whose, surroundings.env)?;
        headers.push(
            credential(config.kind.auth, &secret).ok_or_else(|| BuildError {
                message: format!(
                    "the secret of provider `{}` has characters that no header can carry",
                    config.name
                ),
            })?,
        );
    }
    for (name, value) in &config.headers {
        let pair = name
            .parse::<HeaderName>()
            .ok()
            .zip(HeaderValue::from_str(value).ok());
        headers.push(pair.ok_or_else(|| BuildError {
            message: format!(
                "provider `{}`: `{name}` is not a header that can be sent",
                config.name
            ),
        })?);
    }
    for (name, reference) in &config.secret_headers {
        let whose = format!("the secret of provider `{}`", config.name);
        let secret = secret::resolve(reference, &whose, surroundings.env)?;
        let pair = name
            .parse::<HeaderName>()
            .ok()
            .zip(sensitive(secret.expose()));
        headers.push(pair.ok_or_else(|| BuildError {
            message: format!(
                "provider `{}`: the secret of `{name}` has characters that no header can carry",
                config.name
            ),
        })?);
    }
    Ok(headers)
}

pub(super) fn credential(auth: Auth, secret: &Secret) -> Option<(HeaderName, HeaderValue)> {
    Some(match auth {
        Auth::Header(name) => (HeaderName::from_static(name), sensitive(secret.expose())?),
        Auth::Bearer => {
            let bearer = Secret::new(["Bearer ", secret.expose()].concat());
            (header::AUTHORIZATION, sensitive(bearer.expose())?)
        }
    })
}

/// A header's value that is never shown.
fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}
