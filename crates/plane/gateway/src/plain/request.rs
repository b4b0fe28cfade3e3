//! The request as a plain route's provider gets it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::request::Parts;
use http_body::Body as _;
use percent_encoding::percent_decode_str;
use tollgate_net::{Outgoing, Upload};
use tollgate_plan::Route;

use super::PlainError;
use super::inspect::Sent;
use super::upload::{Following, Uploaded};
use crate::headers::{holds_key, strip_request};
use crate::snapshot::RunningProvider;

/// The caller's head for the provider of a route: its path, its query, what it may see.
///
/// Keys of this gateway stay here, also where no client is expected to put them.
pub(super) fn head(
    route: &Route,
    provider: &RunningProvider,
    head: &Parts,
) -> Result<Request<()>, PlainError> {
    if !is_plain(head.uri.path()) {
        return Err(PlainError::Path);
    }
    let path = route.upstream_path(head.uri.path());
    let query = head.uri.query().map(without_keys);
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

/// Whether every server reads a path alike. A prefix is a promise about what lies below
/// it; `/models/../admin` would keep it here and break it at the provider.
fn is_plain(path: &str) -> bool {
    let decoded = |segment: &str| {
        segment
            .to_ascii_lowercase()
            .replace("%2e", ".")
            .replace("%25", "%")
    };
    let odd = |segment: &str| {
        let lower = decoded(segment);
        matches!(lower.as_str(), "." | "..")
            || ["%2f", "%5c", "%00", "%2e", "\\"]
                .iter()
                .any(|part| lower.contains(part))
    };
    !path.contains("//") && !path.split('/').any(odd)
}

/// A query without the parameters that hold a gateway key.
pub(crate) fn without_keys(query: &str) -> Cow<'_, str> {
    let holds = |pair: &str| holds_key(&percent_decode_str(pair).collect::<Vec<_>>());
    if !query.split('&').any(holds) {
        return Cow::Borrowed(query);
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !holds(pair)).collect();
    Cow::Owned(kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::{is_plain, without_keys};

    #[test]
    fn a_path_that_servers_read_differently_is_not_passed_on() {
        for path in ["/m/a", "/m", "/m/a.b/..c", "/m/%20x", "/m/a/"] {
            assert!(is_plain(path), "{path}");
        }
        for path in [
            "/m/../admin",
            "/m/%2e%2e/admin",
            "/m/.%2E/admin",
            "/m/..%2fadmin",
            "/m/%252e%252e/admin",
            "/m/a\\..\\b",
            "/m/%5c..",
            "/m//admin",
            "/m/./x",
            "/m/%00",
        ] {
            assert!(!is_plain(path), "{path}");
        }
    }

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
            assert_eq!(without_keys(&query), expected);
        }
    }
}
