//! Asking a token endpoint: one small request, one small answer, little time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body::Body as _;
use serde_json::Value;
use tollgate_net::{Endpoint, EndpointOptions, Outgoing, TaskTracker, Upstream};
use tollgate_types::Secret;

use super::CredentialError;

/// For one question and its answer.
const LIMIT: Duration = Duration::from_secs(5);
/// To a connection. A metadata server that is not there is noticed soon.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// The largest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The longest code of an error that is repeated, in characters.
const CODE_CHARS_MAX: usize = 64;

/// Why there is no answer. Names no path and no word of a body but codes of errors.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("`{0}` is not an address")]
    Address(String),
    #[error("{host} was not reached: {reason}")]
    Send { host: String, reason: String },
    #[error("{host} did not answer within {} ms", LIMIT.as_millis())]
    Slow { host: String },
    #[error("{host} answered with status {status}{code}")]
    Status {
        host: String,
        status: u16,
        code: String,
    },
    #[error("{host} answered with more than {ANSWER_BYTES_MAX} bytes")]
    TooLong { host: String },
}

/// Asks over connections of its own: questions are an hour apart.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    tasks: TaskTracker,
}

/// A question.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) headers: HeaderMap,
    /// What is sent, which mostly has a secret in it.
    pub(crate) body: Option<Secret>,
}

impl<'a> Question<'a> {
    pub(crate) fn get(url: &'a str) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: None,
        }
    }

    /// A form, as OAuth 2.0 has it (RFC 6749, appendix B).
    pub(crate) fn form(url: &'a str, members: &[(&str, &str)]) -> Self {
        let question = Self {
            method: Method::POST,
            body: Some(super::form(members)),
            ..Self::get(url)
        };
        question
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
    }

    /// Adds a header; one that cannot be sent is left out, and the place will say so.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

impl Client {
    pub(crate) const fn new(tasks: TaskTracker) -> Self {
        Self { tasks }
    }

    /// The body of a good answer. `place` says in errors who was asked.
    pub(crate) async fn ask(
        &self,
        place: &'static str,
        question: Question<'_>,
    ) -> Result<Secret, CredentialError> {
        let failed = |source| CredentialError::Fetch { place, source };
        let (endpoint, path) = split(question.url).map_err(failed)?;
        let host = endpoint.authority().to_string();
        let asked = tokio::time::timeout(LIMIT, self.once(endpoint, path, question));
        let (status, body) = match asked.await {
            Ok(answer) => answer.map_err(failed)?,
            Err(_elapsed) => return Err(failed(FetchError::Slow { host })),
        };
        if (200..300).contains(&status) {
            let text = std::str::from_utf8(&body).ok();
            let text = text.ok_or(CredentialError::Answer { place })?;
            return Ok(Secret::new(text.to_owned()));
        }
        let code = code_of(&body).map_or_else(String::new, |code| format!(" ({code})"));
        Err(failed(FetchError::Status { host, status, code }))
    }

    /// As [`Self::ask`], for an answer in JSON.
    pub(crate) async fn ask_json(
        &self,
        place: &'static str,
        question: Question<'_>,
    ) -> Result<Value, CredentialError> {
        let text = self.ask(place, question).await?;
        let read = serde_json::from_str::<Value>(text.expose()).ok();
        read.filter(Value::is_object)
            .ok_or(CredentialError::Answer { place })
    }

    async fn once(
        &self,
        endpoint: Endpoint,
        path: Uri,
        question: Question<'_>,
    ) -> Result<(u16, Bytes), FetchError> {
        let host = endpoint.authority().to_string();
        let not_sent = |error: &dyn std::error::Error| FetchError::Send {
            host: host.clone(),
            reason: with_causes(error),
        };
        let options = EndpointOptions {
            connect_timeout: CONNECT_LIMIT,
            ..EndpointOptions::default()
        };
        let upstream =
            Upstream::new(endpoint, options, &self.tasks).map_err(|error| not_sent(&error))?;
        let body = question.body.map_or_else(Outgoing::empty, |body| {
            Outgoing::from(Bytes::copy_from_slice(body.expose().as_bytes()))
        });
        let mut request = Request::new(body);
        *request.method_mut() = question.method;
        *request.uri_mut() = path;
        *request.headers_mut() = question.headers;
        let sent = Box::pin(upstream.send(request)).await;
        let answer = sent.map_err(|error| not_sent(&error))?;
        let status = answer.status().as_u16();
        let mut body = answer.into_body();
        let mut read = BytesMut::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let frame = frame.map_err(|error| not_sent(&error))?;
            let data = frame.into_data().unwrap_or_default();
            if read.len() + data.len() > ANSWER_BYTES_MAX {
                return Err(FetchError::TooLong { host });
            }
            read.extend_from_slice(&data);
        }
        Ok((status, read.freeze()))
    }
}

/// Where a URL leads, and what to ask for there.
fn split(url: &str) -> Result<(Endpoint, Uri), FetchError> {
    let bad = || FetchError::Address(url.split(['?', '#']).next().unwrap_or_default().to_owned());
    let uri: Uri = url.parse().map_err(|_invalid| bad())?;
    let scheme = uri.scheme_str().ok_or_else(bad)?;
    let authority = uri.authority().ok_or_else(bad)?;
    let endpoint = Endpoint::parse(&format!("{scheme}://{authority}")).map_err(|_invalid| bad())?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Ok((endpoint, path.parse().map_err(|_invalid| bad())?))
}

/// The code of an error, as OAuth (`error`), Entra ID (`AADSTS…`) and STS (`Code`) have it.
/// Only what has the form of a code is repeated: the rest of such a body is anybody's.
fn code_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let is_code = |code: &&str| {
        !code.is_empty()
            && code.chars().count() <= CODE_CHARS_MAX
            && code
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    };
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        let code = ["error", "code", "Code"]
            .into_iter()
            .find_map(|name| json.get(name)?.as_str().filter(is_code))?;
        let more = json.get("error_description").and_then(Value::as_str);
        let more = more.and_then(|text| text.split(':').next().filter(is_code));
        return Some(more.map_or_else(|| code.to_owned(), |more| format!("{code}, {more}")));
    }
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    Some(code).filter(is_code).map(str::to_owned)
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A string member that is not empty.
pub(crate) fn text_of<'v>(json: &'v Value, name: &str) -> Option<&'v str> {
    json.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A whole number, also where it is written as a string.
pub(crate) fn number_of(json: &Value, name: &str) -> Option<u64> {
    let value = json.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{code_of, split};

    #[test]
    fn codes_of_errors_are_repeated_and_nothing_else() {
        let code = |body: &str| code_of(body.as_bytes());
        let entra = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret s3cret"}"#;
        assert_eq!(
            code(entra).as_deref(),
            Some("invalid_client, AADSTS7000215")
        );
        let sts =
            "<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>";
        assert_eq!(code(sts).as_deref(), Some("ExpiredTokenException"));
        for body in [
            "",
            "no",
            r#"{"error":"a secret, as it is"}"#,
            "<Code>a b</Code>",
            "{}",
        ] {
            assert_eq!(code(body), None, "{body}");
        }
    }

    #[test]
    fn an_address_is_repeated_without_its_query() {
        let error = split("ftp//x?token=secret").expect_err("no address");
        assert!(!error.to_string().contains("secret"), "{error}");
        let (endpoint, path) = split("http://a:81/b?c=d").expect("an address");
        assert_eq!((endpoint.port(), path.to_string().as_str()), (81, "/b?c=d"));
    }
}
