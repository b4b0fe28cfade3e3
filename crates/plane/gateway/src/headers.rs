//! Which headers pass, in each direction.

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, COOKIE, EXPECT,
    FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use tollgate_identity::KeyError;

/// The gateway's own headers.
pub(crate) mod own {
    use http::HeaderName;

    /// A gateway key, for callers whose other credential headers belong to the provider.
    pub(crate) const KEY: HeaderName = HeaderName::from_static("x-tollgate-key");
    /// Id of the request, on every answer.
    pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-tollgate-request-id");
    /// Asks for the headers below.
    pub(crate) const DETAIL: HeaderName = HeaderName::from_static("x-tollgate-detail");
    /// The provider that answered.
    pub(crate) const PROVIDER: HeaderName = HeaderName::from_static("x-tollgate-provider");
    /// The model that answered.
    pub(crate) const MODEL: HeaderName = HeaderName::from_static("x-tollgate-model");
    /// How many attempts were made.
    pub(crate) const ATTEMPTS: HeaderName = HeaderName::from_static("x-tollgate-attempts");
    /// The gateway's own time by step, in the form of Server-Timing.
    pub(crate) const TIMING: HeaderName = HeaderName::from_static("x-tollgate-timing");
    /// What a translation could not carry.
    pub(crate) const LOSS: HeaderName = HeaderName::from_static("x-tollgate-loss");
    /// The policy that edited or blocked.
    pub(crate) const POLICY: HeaderName = HeaderName::from_static("x-tollgate-policy");
}

/// Headers that belong to one connection (RFC 9110, section 7.6.1) or to its framing.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
];

/// Where callers put credentials. None of them may reach a provider.
const CREDENTIALS: [HeaderName; 5] = [
    AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
    COOKIE,
];

/// Those that a provider reads its own credential from.
pub(crate) const PROVIDER_CREDENTIALS: [HeaderName; 4] = [
    AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
];

/// Headers about the caller's network and the caller's hop that a provider has no business with.
const CALLER_ONLY: [HeaderName; 11] = [
    HOST,
    EXPECT,
    FORWARDED,
    ACCEPT_ENCODING,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// Leaves of a caller's request headers what a provider may see.
///
/// With `keep_credential` the caller's own credential for the provider stays: only
/// where the provider's configuration asks for it by name. Cookies and keys of this
/// gateway never do.
pub(crate) fn strip_request(headers: &mut HeaderMap, keep_credential: bool) {
    strip_hop_by_hop(headers);
    for name in &CALLER_ONLY {
        headers.remove(name);
    }
    headers.remove(CONTENT_LENGTH);
    for name in &CREDENTIALS {
        if !keep_credential || *name == COOKIE || holds_gateway_key(headers, name) {
            headers.remove(name);
        }
    }
    remove_own(headers);
}

/// A key of ours is nobody else's to see, whatever else a provider asks for.
fn holds_gateway_key(headers: &HeaderMap, name: &HeaderName) -> bool {
    let last_word = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default();
        let word = text.split_ascii_whitespace().last().unwrap_or_default();
        !matches!(tollgate_identity::parse(word), Err(KeyError::NotAKey))
    };
    headers.get_all(name).iter().any(last_word)
}

/// Leaves of a provider's answer headers what a caller may see.
pub(crate) fn strip_answer(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    headers.remove(SET_COOKIE);
    headers.remove(CONTENT_LENGTH);
    remove_own(headers);
}

/// True when the body is compressed and cannot be read as it is.
pub(crate) fn encoded(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_ENCODING)?.to_str().unwrap_or("unknown");
    (!value.eq_ignore_ascii_case("identity")).then_some(value)
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if let Some(listed) = headers.get(CONNECTION).cloned() {
        for name in listed.to_str().unwrap_or_default().split(',') {
            headers.remove(name.trim());
        }
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

fn remove_own(headers: &mut HeaderMap) {
    // Most messages carry none: collect only when there is one.
    if !headers
        .keys()
        .any(|name| name.as_str().starts_with("x-tollgate-"))
    {
        return;
    }
    let own: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-tollgate-"))
        .cloned()
        .collect();
    for name in own {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{CREDENTIALS, own, strip_answer, strip_request};

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn no_credential_of_a_caller_passes() {
        for name in &CREDENTIALS {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static("secret"));
            strip_request(&mut headers, false);
            assert!(headers.is_empty(), "{name}");
        }
    }

    #[test]
    fn what_a_provider_may_know_passes() {
        let mut headers = map(&[
            ("anthropic-beta", "x"),
            ("user-agent", "sdk"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
        ]);
        strip_request(&mut headers, false);
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn a_provider_cannot_speak_in_our_name_or_set_cookies() {
        let mut headers = map(&[
            ("set-cookie", "a=b"),
            ("x-tollgate-provider", "me"),
            ("x-request-id", "r"),
        ]);
        strip_answer(&mut headers);
        assert_eq!(headers, map(&[("x-request-id", "r")]));
        assert!(!headers.contains_key(own::PROVIDER));
    }
}
