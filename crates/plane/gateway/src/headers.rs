//! Which headers pass, in each direction.

use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use smallvec::SmallVec;
use tollgate_identity::{Carrier, KeyError};
use tollgate_policy::Mode;
use tollgate_telemetry::{Finding, Settled};
use tollgate_types::is_credential_header;
use tollgate_wire::framing::Framing;

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
    /// Who counted the tokens that were asked for, and how well.
    pub(crate) const COUNT: HeaderName = HeaderName::from_static("x-tollgate-count");
    /// The policy that edited or blocked.
    pub(crate) const POLICY: HeaderName = HeaderName::from_static("x-tollgate-policy");
}

/// A header as text, by its name in small letters; empty where it is none.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get(name)?;
    Some(value.to_str().unwrap_or_default())
}

/// Whether a header asks for something by any value but `0` and `false`.
pub(crate) fn asks(value: Option<&HeaderValue>) -> bool {
    value.is_some_and(|value| !matches!(value.as_bytes(), b"" | b"0" | b"false"))
}

/// Names in one header value; what a header cannot hold becomes `?`.
pub(crate) fn names<'n>(names: impl Iterator<Item = &'n str>) -> HeaderValue {
    let text = names.collect::<Vec<_>>().join(", ");
    let safe: String = text
        .chars()
        .map(|c| match c {
            ' '..='~' => c,
            _ => '?',
        })
        .collect();
    HeaderValue::from_str(&safe).unwrap_or_else(|_| HeaderValue::from_static("?"))
}

/// How many findings a header tells of.
const FINDINGS_MAX: usize = 32;

/// What rules found, as the caller is told it: without those that only shadow.
pub(crate) fn findings(record: &Settled) -> Option<HeaderValue> {
    let told = record
        .findings
        .iter()
        .filter(|finding| finding.mode != Mode::Shadow.label());
    let told: Vec<String> = told.take(FINDINGS_MAX).map(Finding::to_string).collect();
    (!told.is_empty()).then(|| names(told.iter().map(String::as_str)))
}

/// Headers that belong to one connection (RFC 9110, section 7.6.1) or to its framing.
pub(crate) fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "content-length"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Headers about the caller's network and the hops in front of the gateway, which a
/// provider has no business with. What our own client sets is among them.
fn is_callers_own(name: &str) -> bool {
    const PREFIXES: [&str; 8] = [
        "amz-sdk-",
        "cf-",
        "sec-",
        "x-amz-",
        "x-amzn-",
        "x-auth-request-",
        "x-envoy-",
        "x-forwarded-",
    ];
    matches!(
        name,
        "accept-encoding"
            | "client-ip"
            | "expect"
            | "fastly-client-ip"
            | "forwarded"
            | "host"
            | "http2-settings"
            | "origin"
            | "referer"
            | "remote-user"
            | "traceparent"
            | "tracestate"
            | "true-client-ip"
            | "via"
            | "x-client-ip"
            | "x-cluster-client-ip"
            | "x-original-forwarded-for"
            | "x-real-ip"
            | "x-remote-user"
    ) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// What a provider may not tell a caller's browser, proxy or HTTP library.
fn is_about_the_hop(name: &str) -> bool {
    matches!(
        name,
        "alt-svc"
            | "authorization"
            | "clear-site-data"
            | "refresh"
            | "set-cookie"
            | "set-cookie2"
            | "strict-transport-security"
    ) || name.starts_with("access-control-")
}

fn is_ours(name: &str) -> bool {
    name.starts_with("x-tollgate-")
}

/// Leaves of a caller's request headers what a provider may see.
///
/// With `keep_credential` the caller's own credential for the provider stays: only
/// where the provider's configuration asks for it by name. Cookies and keys of this
/// gateway never do, wherever they stand.
pub(crate) fn strip_request(headers: &mut HeaderMap, keep_credential: bool) {
    remove_where(headers, |name, value| {
        let text = name.as_str();
        // Credentials of other gateways and clouds are neither ours to read nor this provider's.
        let is_theirs =
            || keep_credential && Carrier::of(name).is_some() && !holds_part_of_key(value);
        is_hop_by_hop(text)
            || is_callers_own(text)
            || is_ours(text)
            || (is_credential_header(text) && !is_theirs())
            || holds_key(value.as_bytes())
    });
}

/// The caller's credentials, for a provider whose configuration asks for them although
/// it speaks another format.
pub(crate) fn copy_credentials(caller: &HeaderMap, out: &mut HeaderMap) {
    for (name, value) in caller {
        if Carrier::of(name).is_some() {
            out.append(name, value.clone());
        }
    }
}

/// Whether a text has something in it that has the form of a gateway key: nobody else's
/// to see, whatever else a provider asks for.
pub(crate) fn holds_key(text: &[u8]) -> bool {
    // Few texts get as far as to be cut into words.
    text.contains(&b'_') && forms(text).any(|form| matches!(form, None | Some(KeyError::Checksum)))
}

/// Whether a credential begins like a gateway key, cut off or not.
fn holds_part_of_key(value: &HeaderValue) -> bool {
    forms(value.as_bytes()).any(|form| form != Some(KeyError::NotAKey))
}

/// What each word of a text lacks of being a gateway key.
fn forms(text: &[u8]) -> impl Iterator<Item = Option<KeyError>> {
    text.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
        .filter_map(|word| str::from_utf8(word).ok())
        .map(|word| tollgate_identity::parse(word).err())
}

/// Leaves of a provider's answer headers what a caller may see.
pub(crate) fn strip_answer(headers: &mut HeaderMap) {
    remove_where(headers, |name, _| {
        let text = name.as_str();
        is_hop_by_hop(text) || is_ours(text) || is_about_the_hop(text)
    });
}

/// Removes what a sender computed over a body that is another one now.
pub(crate) fn strip_digests(headers: &mut HeaderMap) {
    for name in ["content-digest", "content-md5", "digest", "repr-digest"] {
        headers.remove(name);
    }
}

/// True when a body is JSON, by what its sender says: `application/json`, or a type that
/// ends in `+json`.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let kind = media_type(headers);
    let suffix = kind.len().checked_sub(b"+json".len());
    let suffix = suffix.and_then(|at| kind.get(at..)).unwrap_or_default();
    kind.eq_ignore_ascii_case(b"application/json") || suffix.eq_ignore_ascii_case(b"+json")
}

/// True when a body is a stream in this framing, by what its sender says.
pub(crate) fn is_stream(headers: &HeaderMap, framing: Framing) -> bool {
    media_type(headers).eq_ignore_ascii_case(framing.media_type().as_bytes())
}

/// True when a body is a stream of server-sent events, by what its sender says.
pub(crate) fn is_event_stream(headers: &HeaderMap) -> bool {
    is_stream(headers, Framing::ServerSentEvents)
}

/// The media type without its parameters; its letters are of any case (RFC 9110, section
/// 8.3.1). Empty where there is none.
fn media_type(headers: &HeaderMap) -> &[u8] {
    let value = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let end = value.iter().position(|byte| *byte == b';');
    value
        .get(..end.unwrap_or(value.len()))
        .unwrap_or_default()
        .trim_ascii()
}

/// True when the body is compressed and cannot be read as it is.
pub(crate) fn encoded(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_ENCODING)?.to_str().unwrap_or("unknown");
    (!value.eq_ignore_ascii_case("identity")).then_some(value)
}

/// Removes what is unwanted, and what `connection` names as belonging to the hop. One
/// pass over the names that are there: asking for every name that could be there would
/// hash each of them.
fn remove_where(headers: &mut HeaderMap, unwanted: impl Fn(&HeaderName, &HeaderValue) -> bool) {
    let mut names: SmallVec<[HeaderName; 8]> = headers
        .iter()
        .filter(|(name, value)| unwanted(name, value))
        .map(|(name, _)| name.clone())
        .collect();
    for listed in headers.get_all(CONNECTION) {
        let listed = listed.to_str().unwrap_or_default().split(',');
        names.extend(listed.filter_map(|name| name.trim().parse::<HeaderName>().ok()));
    }
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{holds_key, own, strip_answer, strip_request};

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn no_credential_of_a_caller_passes_and_nothing_of_its_network() {
        let pass = [
            "authorization",
            "x-api-key",
            "cookie",
            "ocp-apim-subscription-key",
            "x-auth-token",
            "via",
            "cf-connecting-ip",
            "true-client-ip",
            "x-envoy-external-address",
            "x-forwarded-for",
        ];
        for name in pass {
            for keep_credential in [false, true] {
                let mut headers = HeaderMap::new();
                headers.insert(name, HeaderValue::from_static("secret"));
                strip_request(&mut headers, keep_credential);
                let is_kept = keep_credential && ["authorization", "x-api-key"].contains(&name);
                assert_eq!(!headers.is_empty(), is_kept, "{name}");
            }
        }
    }

    #[test]
    fn a_key_is_found_inside_a_text() {
        let key = tollgate_identity::generate("test").expect("random bytes");
        let key = key.key.expose();
        assert!(holds_key(format!("keyId=\"{key}\",x").as_bytes()));
        assert!(!holds_key(b"tg_test_id and t\xffg_"));
    }

    #[test]
    fn no_part_of_a_gateway_key_passes_as_a_credential() {
        for value in [
            "Bearer tg_test_cut",
            "\"tg_test_cut\"",
            "tg_test_cut, and more",
        ] {
            let mut headers = map(&[("authorization", value), ("x-api-key", value)]);
            strip_request(&mut headers, true);
            assert!(headers.is_empty(), "{value}");
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
    fn every_connection_header_counts() {
        let mut headers = map(&[("x-hop", "1"), ("connection", "a")]);
        headers.append("connection", HeaderValue::from_static("x-hop"));
        strip_request(&mut headers, false);
        assert!(headers.is_empty());
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
