//! `/__sim/`: the books, the faults, the reset. Open to whoever can reach the simulator.

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::json;

use super::route::json as respond;
use super::state::State;
use crate::echo::Reply;
use crate::fault::Faults;

/// Largest body of an admin call, in bytes.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Answers one admin call.
pub(super) async fn answer(state: &State, call: &str, req: Request<Incoming>) -> Response<Reply> {
    match (req.method(), call) {
        (&Method::GET, "books") => books(state, req.uri().query()),
        (&Method::GET, "faults") => respond(StatusCode::OK, &state.faults()),
        (&Method::POST, "faults") => set_faults(state, req).await,
        (&Method::POST, "reset") => {
            state.reset();
            respond(StatusCode::OK, &json!({"reset": true}))
        }
        _ => error(
            StatusCode::NOT_FOUND,
            "known are GET books[?last=N], GET faults, POST faults, POST reset",
        ),
    }
}

fn books(state: &State, query: Option<&str>) -> Response<Reply> {
    let last = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("last=")));
    match last.map_or(Ok(usize::MAX), str::parse) {
        Ok(last) => respond(
            StatusCode::OK,
            &json!({"totals": state.books.totals(), "records": state.books.last(last)}),
        ),
        Err(_) => error(StatusCode::BAD_REQUEST, "`last` must be a whole number"),
    }
}

async fn set_faults(state: &State, req: Request<Incoming>) -> Response<Reply> {
    let Ok(body) = Limited::new(req.into_body(), BODY_BYTES_MAX)
        .collect()
        .await
    else {
        return error(StatusCode::PAYLOAD_TOO_LARGE, "faults take at most 1 MiB");
    };
    let faults: Faults = match serde_json::from_slice(&body.to_bytes()) {
        Ok(faults) => faults,
        Err(bad) => return error(StatusCode::BAD_REQUEST, &bad.to_string()),
    };
    match state.set_faults(faults) {
        Ok(()) => respond(StatusCode::OK, &state.faults()),
        Err(bad) => error(StatusCode::BAD_REQUEST, &bad.to_string()),
    }
}

fn error(status: StatusCode, message: &str) -> Response<Reply> {
    respond(status, &json!({"error": message}))
}
