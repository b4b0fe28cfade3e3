//! The request as a plain route's provider gets it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::request::Parts;
use http_body::Body as _;
use percent_encoding::percent_decode_str;
use tollgate_config::is_read_alike;
use tollgate_net::{Outgoing, Upload};
use tollgate_plan::Route;
use tollgate_types::is_credential_header;

use super::PlainError;
use super::inspect::Sent;
use super::upload::{Following, Uploaded};
use crate::headers::{holds_key, strip_request};
use crate::snapshot::Ready;

/// The caller's head for the provider of a route: its path, its query, what it may see.
///
/// Keys of this gateway stay here, also where no client is expected to put them.
pub(super) fn head(
    route: &Route,
    provider: Ready<'_>,
    head: &Parts,
) -> Result<Request<()>, PlainError> {
    if !is_read_alike(head.uri.path()) {
        return Err(PlainError::Path);
    }
    let path = route.upstream_path(head.uri.path());
    let keeps_callers = !route.config.is_pass_through || provider.pass_caller_credential;
    let query = head.uri.query();
    let query = query.map(|query| without_keys(query, keeps_callers));
    let uri = provider
        .plain_path(&path, query.as_deref())
        .map_err(|_invalid| PlainError::Path)?;
    let mut headers = head.headers.clone();
    strip_request(&mut headers, provider.pass_caller_credential);
    for (name, value) in &provider.headers {
        headers.insert(name, value.clone());
    }
    // A token is shown whatever the body is; what would have to be signed is no route.
    provider
        .authorize(&head.method, &uri, &[], &mut headers)
        .map_err(|source| PlainError::NoCredential {
            provider: Arc::clone(&provider.name),
            source,
        })?;
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The caller's body: as it was read, or as it comes, and then what is seen of it; each
/// piece of it may take up to `limit`.
pub(super) fn body(body: Sent, limit: Duration) -> (Outgoing, Option<Arc<Uploaded>>) {
    let body = match body {
        Sent::Passing(body) => body,
        Sent::Read(document) => return (document.finish(&[]).into(), None),
    };
    if body.is_end_stream() {
        return (Outgoing::empty(), None);
    }
    let (following, uploaded) = Following::new(body, limit);
    (Outgoing::Streamed(Upload::new(following)), Some(uploaded))
}

/// A query without the parameters that hold a gateway key, and unless `keeps_callers` without
/// those in which APIs take a credential of the caller's own.
pub(crate) fn without_keys(query: &str, keeps_callers: bool) -> Cow<'_, str> {
    let holds = |pair: &str| {
        let decoded = percent_decode_str(pair).collect::<Vec<_>>();
        holds_key(&decoded) || (!keeps_callers && is_credential(&decoded))
    };
    if !query.split('&').any(holds) {
        return Cow::Borrowed(query);
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !holds(pair)).collect();
    Cow::Owned(kept.join("&"))
}

/// Whether a parameter is a credential, by its name.
fn is_credential(pair: &[u8]) -> bool {
    let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    is_credential_header(&name)
        || matches!(
            &*name,
            "key"
                | "apikey"
                | "api_key"
                | "access_token"
                | "oauth_token"
                | "subscription-key"
                | "x-amz-credential"
                | "x-amz-security-token"
                | "x-amz-signature"
                | "x-goog-credential"
                | "x-goog-signature"
        )
}

#[cfg(test)]
mod tests {
    use super::without_keys;

    #[test]
    fn a_query_loses_the_parameters_that_hold_a_gateway_key_and_nothing_else() {
        let key = tollgate_identity::generate("test").expect("random bytes");
        let key = key.key.expose();
        let hidden = key.replace('_', "%5F");
        for (query, expected) in [
            (format!("a=1&api_key={key}&b=%2F"), "a=1&b=%2F"),
            (format!("api_key={hidden}"), ""),
            (format!("a=Bearer%20{key}&a=2"), "a=2"),
            ("a=tg_1&&b".to_owned(), "a=tg_1&&b"),
        ] {
            assert_eq!(without_keys(&query, true), expected);
        }
    }

    #[test]
    fn a_query_loses_the_callers_own_credential_where_the_gateway_shows_its_own() {
        for query in [
            "key=AIzaCallers",
            "%6Bey=AIzaCallers",
            "Api-Key=x",
            "access_token=x",
            "subscription-key=x",
            "X-Amz-Signature=x",
            "key",
        ] {
            let whole = format!("a=1&{query}&pageToken=t");
            assert_eq!(without_keys(&whole, false), "a=1&pageToken=t", "{query}");
            assert_eq!(without_keys(&whole, true), whole);
        }
        let other = "keys=1&monkey=2&api-version=preview&alt=sse";
        assert_eq!(without_keys(other, false), other);
    }
}
