//! What is served where. The page `docs/reference/simulator.md` shows the same list.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;

use super::state::State;
use super::{admin, chat, models, plain};
use crate::count::Counter;
use crate::echo::Reply;
use crate::format::Format;
use crate::gemini::request::Path;
use crate::other::Shape;
use crate::play::Broken;
use crate::refused::Refused;

/// Answers one request. An error breaks the connection.
pub(super) async fn answer(
    state: &State,
    req: Request<Incoming>,
) -> Result<Response<Reply>, Broken> {
    let whole = req.uri().path().to_owned();
    let path = ["/v1beta1", "/v1beta", "/v1alpha", "/v1"]
        .iter()
        .find_map(|version| whole.strip_prefix(version))
        .unwrap_or(&whole);
    if req.method() == Method::POST
        && let Some(asked) = asked(path)
    {
        return chat::gemini(state, req, asked).await;
    }
    if req.method() == Method::POST
        && let Some(model) = path.strip_suffix(":countTokens")
        && let Some((before, model)) = model.split_once("/models/")
    {
        let counter = if before.is_empty() {
            Counter::Gemini
        } else {
            Counter::Vertex
        };
        let model = model.to_owned();
        return chat::count(state, req, (counter, &model)).await;
    }
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    match (req.method(), parts.as_slice()) {
        (&Method::POST, ["chat", "completions"]) => chat::openai(state, req).await,
        (&Method::POST, ["completions"]) => chat::completions(state, req).await,
        (&Method::POST, ["responses"]) => chat::responses(state, req).await,
        (&Method::POST, ["responses", "input_tokens"]) => {
            chat::count(state, req, (Counter::OpenAi, "")).await
        }
        (_, ["responses", id]) => chat::held(state, req, (id, "")).await,
        (_, ["responses", id, below]) => chat::held(state, req, (id, below)).await,
        (&Method::POST, ["messages"]) => chat::anthropic(state, req).await,
        (&Method::POST, ["messages", "count_tokens"]) => {
            chat::count(state, req, (Counter::Anthropic, "")).await
        }
        (&Method::POST, ["model", name, "count-tokens"]) => {
            chat::count(state, req, (Counter::Bedrock, name)).await
        }
        (&Method::POST, ["model", name, "converse"]) => {
            chat::bedrock(state, req, (name, false)).await
        }
        (&Method::POST, ["model", name, "converse-stream"]) => {
            chat::bedrock(state, req, (name, true)).await
        }
        (&Method::POST, ["v2", "chat"]) => chat::cohere(state, req).await,
        (&Method::POST, ["embeddings"]) => chat::other(state, req, Shape::OpenAiEmbeddings).await,
        (&Method::POST, ["v2", "embed"]) => chat::other(state, req, Shape::CohereEmbed).await,
        (&Method::POST, ["v2", "rerank"]) => chat::other(state, req, Shape::CohereRerank).await,
        (&Method::POST, ["rerank"]) => chat::other(state, req, Shape::JinaRerank).await,
        // `/v1` and `/v1beta`.
        (&Method::POST, [.., "models", call]) if call.ends_with(":embedContent") => {
            chat::other(state, req, Shape::GeminiEmbed).await
        }
        (&Method::POST, [.., "models", call]) if call.ends_with(":batchEmbedContents") => {
            chat::other(state, req, Shape::GeminiBatchEmbed).await
        }
        (&Method::POST, ["sentiment"]) => plain::sentiment(state, req).await,
        (_, ["echo"]) => plain::echo(state, req).await,
        (&Method::GET, ["models"]) => Ok(models::list(state, &req)),
        (&Method::GET, ["models", id @ ..]) => Ok(models::one(state, &req, &id.join("/"))),
        (_, ["__sim", call]) => Ok(admin::answer(state, call, req).await),
        (&Method::GET | &Method::HEAD, ["" | "health"]) => Ok(text(
            "Tollgate's simulator: no model is behind this address.\n",
        )),
        _ => Ok(nowhere(&req)),
    }
}

/// What a path of Gemini's asks for: `…/models/MODEL:generateContent`.
fn asked(path: &str) -> Option<Path> {
    let (_before, last) = path.split_once("/models/")?;
    let (model, method) = last.rsplit_once(':')?;
    let stream = match method {
        "generateContent" => false,
        "streamGenerateContent" => true,
        _ => return None,
    };
    let model = model.replace("%2F", "/");
    Some(Path { model, stream })
}

/// The format a caller of the shared paths expects.
pub(super) fn format_of<B>(req: &Request<B>) -> Format {
    let has = |name| req.headers().contains_key(name);
    if has("anthropic-version") {
        Format::Anthropic
    } else if has("x-goog-api-key") || req.uri().path().starts_with("/v1beta") {
        Format::Gemini
    } else {
        Format::OpenAi
    }
}

/// A JSON response that is on no record.
pub(super) fn json(status: StatusCode, body: &impl serde::Serialize) -> Response<Reply> {
    // Only plain structs and values come here, and they always serialise.
    unrecorded(status, serde_json::to_string(body).unwrap_or_default())
}

/// An error in its format, on no record.
pub(super) fn refusal(format: Format, refused: &Refused) -> Response<Reply> {
    unrecorded(refused.status, format.error_body(refused, "req_sim_000000"))
}

fn unrecorded(status: StatusCode, body: String) -> Response<Reply> {
    response(
        status,
        "application/json",
        Reply::Plain(Full::new(Bytes::from(body))),
    )
}

/// A response of this content type.
pub(super) fn response(
    status: StatusCode,
    content_type: &'static str,
    body: Reply,
) -> Response<Reply> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Tells the caller when to come again: in whole seconds, and in milliseconds as OpenAI does.
pub(super) fn retry_after(headers: &mut HeaderMap, wait: Duration) {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    headers.insert("retry-after-ms", HeaderValue::from(millis));
    headers.insert(
        header::RETRY_AFTER,
        HeaderValue::from(millis.div_ceil(1000)),
    );
}

fn text(text: &'static str) -> Response<Reply> {
    response(
        StatusCode::OK,
        "text/plain; charset=utf-8",
        Reply::Plain(Full::new(Bytes::from_static(text.as_bytes()))),
    )
}

fn nowhere(req: &Request<Incoming>) -> Response<Reply> {
    let refused = Refused::new(
        StatusCode::NOT_FOUND,
        format!("Invalid URL ({} {})", req.method(), req.uri().path()),
    );
    refusal(format_of(req), &refused)
}
