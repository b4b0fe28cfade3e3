//! Where a request carries its credential.
//!
//! SDKs of different providers use different headers; all of them are read. A request
//! with two different credentials is refused: which one counts would otherwise be our
//! choice, and another proxy's choice might be the other one.

use http::header::{AUTHORIZATION, HeaderName, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, HeaderValue};

use crate::key::PREFIX;

const API_KEY: HeaderName = HeaderName::from_static("api-key");
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// The header a credential came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// `Authorization: Bearer …`: OpenAI and most others.
    Bearer,
    /// `x-api-key`: Anthropic.
    XApiKey,
    /// `x-goog-api-key`: Gemini.
    XGoogApiKey,
    /// `api-key`: Azure OpenAI.
    ApiKey,
    /// `Authorization: AWS4-HMAC-SHA256 Credential=…/…`: the AWS SDKs. The access key id is
    /// the credential; the signature is not looked at.
    Aws,
}

impl Carrier {
    /// The carrier that a header is, if it is one.
    #[must_use]
    pub fn of(name: &HeaderName) -> Option<Self> {
        match name.as_str() {
            "authorization" => Some(Self::Bearer),
            "x-api-key" => Some(Self::XApiKey),
            "x-goog-api-key" => Some(Self::XGoogApiKey),
            "api-key" => Some(Self::ApiKey),
            _ => None,
        }
    }

    /// The name of the header.
    #[must_use]
    pub const fn header(self) -> HeaderName {
        match self {
            Self::Bearer | Self::Aws => AUTHORIZATION,
            Self::XApiKey => X_API_KEY,
            Self::XGoogApiKey => X_GOOG_API_KEY,
            Self::ApiKey => API_KEY,
        }
    }
}

/// The credential of a request cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Several headers hold different credentials.
    #[error("the request carries two different credentials")]
    Ambiguous,
    /// A credential has other characters than visible ASCII.
    #[error("the credential has characters that no key has")]
    Unreadable,
}

/// The one credential of a request, and where it was found first (the order of [`Carrier`]).
///
/// The same credential in several headers counts once. An empty header counts as
/// absent, and so does `Authorization` with another scheme than `Bearer` and that of AWS.
/// An access key id of AWS counts beside another credential only where it is a gateway key.
///
/// # Errors
/// When there are two different ones, or one is not visible ASCII.
pub fn credential(headers: &HeaderMap) -> Result<Option<(&str, Carrier)>, CredentialError> {
    let mut found: Option<(&str, Carrier)> = None;
    let mut signer = None;
    // One pass over the headers that are there is cheaper than asking for each name.
    for (name, value) in headers {
        let Some(carrier) = Carrier::of(name) else {
            continue;
        };
        let Some(text) = read(value, carrier)? else {
            if carrier == Carrier::Bearer && signer.is_none() {
                signer = access_key_id(value);
            }
            continue;
        };
        match found {
            None => found = Some((text, carrier)),
            // Both values are the caller's own: their comparison tells it nothing.
            Some((first, other)) if first == text => found = Some((text, carrier.min(other))),
            Some(_) => return Err(CredentialError::Ambiguous),
        }
    }
    match (found, signer) {
        (None, signer) => Ok(signer.map(|id| (id, Carrier::Aws))),
        (Some((text, _)), Some(id)) if text != id && id.starts_with(PREFIX) => {
            Err(CredentialError::Ambiguous)
        }
        (found, _) => Ok(found),
    }
}

/// The one credential of a request: in its headers, or a gateway key in its query: as `key`,
/// where clients of Gemini may put it, or in the `X-Amz-Credential` of an address that was
/// signed. Any other one in a query is somebody else's.
///
/// # Errors
/// As [`credential`].
pub fn credential_of<'r>(
    headers: &'r HeaderMap,
    query: Option<&'r str>,
) -> Result<Option<&'r str>, CredentialError> {
    let mut found = credential(headers)?.map(|(text, _carrier)| text);
    let pairs = query.unwrap_or_default().split('&');
    let keys = pairs.filter_map(key_in);
    for key in keys.filter(|key| key.starts_with(PREFIX)) {
        match found {
            None => found = Some(key),
            Some(first) if first == key => {}
            Some(_) => return Err(CredentialError::Ambiguous),
        }
    }
    Ok(found)
}

/// What a pair of a query holds, if it may be a gateway key.
fn key_in(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    if name.eq_ignore_ascii_case("x-amz-credential") {
        // A slash may be percent-encoded, and no key has either.
        return value.split(['/', '%']).next();
    }
    (name == "key").then_some(value)
}

/// The access key id in an `Authorization` of AWS: `AWS4-HMAC-SHA256 Credential=ID/SCOPE, …`.
fn access_key_id(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?.trim();
    let (scheme, rest) = text.split_once(' ')?;
    if !scheme.starts_with("AWS4-") {
        return None;
    }
    let mut parts = rest.split(',').map(str::trim);
    let credential = parts.find_map(|part| part.strip_prefix("Credential="))?;
    let id = credential.split('/').next().unwrap_or_default();
    let is_one = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic());
    is_one.then_some(id)
}

/// How browsers send a key to OpenAI's WebSockets, where they can set no header: as one of
/// the subprotocols.
const SUBPROTOCOL: &str = "openai-insecure-api-key.";

/// The credential among the subprotocols of a request for a WebSocket.
#[must_use]
pub fn socket_credential(headers: &HeaderMap) -> Option<&str> {
    let listed = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let listed = listed.filter_map(|value| value.to_str().ok());
    let mut protocols = listed.flat_map(|value| value.split(','));
    protocols.find_map(|protocol| protocol.trim().strip_prefix(SUBPROTOCOL))
}

fn read(value: &HeaderValue, carrier: Carrier) -> Result<Option<&str>, CredentialError> {
    let text = match (value.to_str(), carrier) {
        (Ok(text), _) => text.trim(),
        // An opaque scheme of someone else's is not ours to judge.
        (Err(_), Carrier::Bearer) if !is_bearer(value.as_bytes()) => return Ok(None),
        (Err(_), _) => return Err(CredentialError::Unreadable),
    };
    let text = match carrier {
        Carrier::Bearer if is_bearer(text.as_bytes()) => {
            text.get(BEARER.len()..).unwrap_or_default().trim_start()
        }
        Carrier::Bearer => "",
        Carrier::XApiKey | Carrier::XGoogApiKey | Carrier::ApiKey | Carrier::Aws => text,
    };
    if text.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(CredentialError::Unreadable);
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

const BEARER: &[u8] = b"bearer";

/// Schemes are case-insensitive and end at a space (RFC 9110, section 11.4).
fn is_bearer(value: &[u8]) -> bool {
    match value.split_at_checked(BEARER.len()) {
        Some((scheme, rest)) => {
            scheme.eq_ignore_ascii_case(BEARER) && rest.first().is_none_or(|byte| *byte == b' ')
        }
        None => false,
    }
}

#[cfg(test)]
mod tests;
