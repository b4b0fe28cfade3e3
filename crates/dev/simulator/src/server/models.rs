//! `GET /v1/models`, in the shape of the format whose header the request carries.

use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::route::{format_of, json as respond, refusal};
use super::state::State;
use crate::echo::Reply;
use crate::format::{CREATED, Format};
use crate::refused::Refused;

/// All models.
pub(super) fn list<B>(state: &State, req: &Request<B>) -> Response<Reply> {
    let format = format_of(req);
    if let Some(refusal) = unknown_caller(state, req, format) {
        return refusal;
    }
    let models = &state.options.models;
    let data: Vec<_> = models.iter().map(|model| describe(format, model)).collect();
    let body = match format {
        // Bedrock lists its models elsewhere: nobody asks for its shape here.
        Format::OpenAi
        | Format::Completions
        | Format::Bedrock
        | Format::Responses
        | Format::Cohere
        | Format::Other(_) => {
            json!({"object": "list", "data": data})
        }
        Format::Anthropic => json!({
            "data": data,
            "has_more": false,
            "first_id": models.first(),
            "last_id": models.last(),
        }),
        Format::Gemini => json!({"models": data}),
    };
    respond(StatusCode::OK, &body)
}

/// One model. Names that are not listed exist too, unless they begin with `missing-`.
pub(super) fn one<B>(state: &State, req: &Request<B>, id: &str) -> Response<Reply> {
    let format = format_of(req);
    if let Some(refusal) = unknown_caller(state, req, format) {
        return refusal;
    }
    if id.starts_with("missing-") {
        let refused = Refused::new(
            StatusCode::NOT_FOUND,
            format!("The model '{id}' does not exist"),
        )
        .param("model")
        .code("model_not_found");
        return refusal(format, &refused);
    }
    respond(StatusCode::OK, &describe(format, id))
}

fn unknown_caller<B>(state: &State, req: &Request<B>, format: Format) -> Option<Response<Reply>> {
    if state.admits(req.headers(), req.uri()) {
        return None;
    }
    let refused = format.unknown_caller();
    Some(refusal(format, &refused))
}

fn describe(format: Format, model: &str) -> Value {
    match format {
        Format::OpenAi
        | Format::Completions
        | Format::Bedrock
        | Format::Responses
        | Format::Cohere
        | Format::Other(_) => {
            json!({"id": model, "object": "model", "created": CREATED, "owned_by": "tollgate-simulator"})
        }
        Format::Anthropic => json!({
            "type": "model",
            "id": model,
            "display_name": model,
            "created_at": "2026-01-01T00:00:00Z",
        }),
        Format::Gemini => json!({
            "name": format!("models/{model}"),
            "version": "001",
            "displayName": model,
            "supportedGenerationMethods": ["generateContent"],
        }),
    }
}
