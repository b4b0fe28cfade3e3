//! Chat in any format: read, let a fault strike, answer, deliver.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::held::Held;
use super::route::{response as with_type, retry_after};
use super::state::{Numbered, State, hex, sha256};
use crate::answer::{Answer, compose};
use crate::anthropic::request::{Operation, read as read_anthropic};
use crate::ask::Ask;
use crate::books::{Ending, Ticket};
use crate::count::Counter;
use crate::distribution::Distribution;
use crate::echo::Reply;
use crate::fault::Fault;
use crate::format::Format;
use crate::gemini::request::{Path, read as read_gemini};
use crate::gemini::stream::as_array;
use crate::other::{self, Shape, Wanted};
use crate::play::{Broken, Pace, Play, Step, strike_message, strike_stream};
use crate::random::Random;
use crate::refused::Refused;
use crate::responses::request::read as read_responses;
use crate::responses::response;

const JSON: &str = "application/json";

/// `POST /v1/chat/completions`.
pub(super) async fn openai(
    state: &State,
    req: Request<Incoming>,
) -> Result<Response<Reply>, Broken> {
    let call = Call::receive(state, Format::OpenAi, req).await?;
    let ask = call.read(crate::openai::request::read);
    call.answer(ask).await
}

/// `POST /v1/completions`.
pub(super) async fn completions(
    state: &State,
    req: Request<Incoming>,
) -> Result<Response<Reply>, Broken> {
    let call = Call::receive(state, Format::Completions, req).await?;
    let ask = call.read(crate::openai::completions::read);
    call.answer(ask).await
}

/// `POST /v2/chat`.
pub(super) async fn cohere(
    state: &State,
    req: Request<Incoming>,
) -> Result<Response<Reply>, Broken> {
    let call = Call::receive(state, Format::Cohere, req).await?;
    let ask = call.read(crate::cohere::request::read);
    call.answer(ask).await
}

/// `POST /model/NAME/converse` and `POST /model/NAME/converse-stream`.
pub(super) async fn bedrock(
    state: &State,
    req: Request<Incoming>,
    (model, stream): (&str, bool),
) -> Result<Response<Reply>, Broken> {
    let model = percent_decode_str(model).decode_utf8_lossy();
    let call = Call::receive(state, Format::Bedrock, req).await?;
    let ask = call.read(|body| crate::bedrock::request::read(body, &model, stream));
    call.answer(ask).await
}

/// `POST /v1/responses`.
pub(super) async fn responses(
    state: &State,
    req: Request<Incoming>,
) -> Result<Response<Reply>, Broken> {
    let call = Call::receive(state, Format::Responses, req).await?;
    let ask = call.read(|body| {
        let ask = read_responses(body)?;
        let earlier = ask.kept.earlier.as_deref();
        match earlier.filter(|id| state.held.find(id).is_none()) {
            None => Ok(ask),
            Some(id) => {
                let text = format!("Previous response with id '{id}' not found.");
                let refused = Refused::invalid(text).param("previous_response_id");
                Err(refused.code("previous_response_not_found"))
            }
        }
    });
    call.answer(ask).await
}

/// What is asked of an answer that is held: `/v1/responses/{id}`, and below it.
pub(super) async fn held(
    state: &State,
    req: Request<Incoming>,
    place: (&str, &str),
) -> Result<Response<Reply>, Broken> {
    let call = Call::receive(state, Format::Responses, req).await?;
    let fault = call.fault(None);
    if let Some(fault) = fault.filter(|fault| fault.strikes_before_the_head()) {
        return call.fail(fault).await;
    }
    if !state.admits(&call.parts.headers, &call.parts.uri) {
        let refused = call.format.unknown_caller();
        return Ok(call.refuse(&refused));
    }
    let query = call.parts.uri.query().unwrap_or_default();
    let streams = query.split('&').any(|pair| pair == "stream=true");
    match state.held.answer(&call.parts.method, place, streams) {
        Ok((body, is_events)) => {
            let kind = if is_events {
                call.format.stream_type()
            } else {
                JSON
            };
            Ok(call.respond(StatusCode::OK, kind, |ticket| Play::whole(body, 0, ticket)))
        }
        Err(refused) => Ok(call.refuse(&refused)),
    }
}

/// `POST /v1beta/models/MODEL:generateContent` and `:streamGenerateContent`.
pub(super) async fn gemini(
    state: &State,
    req: Request<Incoming>,
    path: Path,
) -> Result<Response<Reply>, Broken> {
    let mut call = Call::receive(state, Format::Gemini, req).await?;
    let mut pairs = call.parts.uri.query().unwrap_or_default().split('&');
    call.as_array = path.stream && !pairs.any(|pair| pair == "alt=sse");
    let ask = call.read(|body| read_gemini(body, path.clone()));
    call.answer(ask).await
}

/// `POST /v1/messages`.
pub(super) async fn anthropic(
    state: &State,
    req: Request<Incoming>,
) -> Result<Response<Reply>, Broken> {
    let call = Call::receive(state, Format::Anthropic, req).await?;
    let ask = call.read(|body| read_anthropic(body, Operation::Create));
    call.answer(ask).await
}

/// Counts, of a model that the path may name.
pub(super) async fn count(
    state: &State,
    req: Request<Incoming>,
    (counter, model): (Counter, &str),
) -> Result<Response<Reply>, Broken> {
    let model = percent_decode_str(model).decode_utf8_lossy();
    let format = match counter {
        Counter::Anthropic => Format::Anthropic,
        Counter::OpenAi => Format::Responses,
        Counter::Gemini | Counter::Vertex => Format::Gemini,
        Counter::Bedrock => Format::Bedrock,
    };
    let call = Call::receive(state, format, req).await?;
    let ask = call.read(|body| counter.read(body, &model));
    call.count(ask, counter).await
}

/// Embeddings and reranking: read, let a fault strike, answer.
pub(super) async fn other(
    state: &State,
    req: Request<Incoming>,
    shape: Shape,
) -> Result<Response<Reply>, Broken> {
    let call = Call::receive(state, Format::Other(shape), req).await?;
    let wanted = call.wanted(shape);
    let fault = wanted.as_ref().ok().and_then(|wanted| wanted.fault);
    let fault = fault.or(call.numbered.fault);
    if let Some(fault) = fault {
        call.ticket.struck(fault.to_string());
    }
    if let Some(fault) = fault.filter(|fault| fault.strikes_before_the_head()) {
        return call.fail(fault).await;
    }
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(refused) => return Ok(call.refuse(&refused)),
    };
    call.ticket.read_tokens(wanted.tokens());
    if let Some(Fault::Slow { delay }) = fault {
        tokio::time::sleep(delay).await;
    }
    let body = other::answer(shape, &wanted, &call.numbered.id());
    let (steps, length) = strike_message(&body, 0, fault);
    let content_type = content_type(JSON, fault);
    Ok(call.respond(StatusCode::OK, content_type, |ticket| {
        Play::message(steps, length, ticket)
    }))
}

/// A request that is on record.
struct Call<'a> {
    state: &'a State,
    format: Format,
    parts: Parts,
    body: Result<Bytes, Refused>,
    digest: [u8; 32],
    numbered: Numbered,
    ticket: Ticket,
    /// A stream is one JSON array.
    as_array: bool,
}

impl<'a> Call<'a> {
    /// Reads the body and opens the record.
    async fn receive(
        state: &'a State,
        format: Format,
        req: Request<Incoming>,
    ) -> Result<Self, Broken> {
        let (parts, body) = req.into_parts();
        let body = match Limited::new(body, state.options.request_bytes_max)
            .collect()
            .await
        {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Refused::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "Request exceeds the maximum size of {} bytes",
                    state.options.request_bytes_max
                ),
            )),
            // The caller went away before it had said what it wants.
            Err(_) => return Err(Broken),
        };
        let bytes = body.as_deref().unwrap_or_default();
        let digest = sha256(bytes);
        let numbered = state.number();
        let ticket = state.record(&numbered, format.name(), &parts, bytes);
        ticket.note(|record| record.body_sha256 = hex(&digest));
        Ok(Self {
            state,
            format,
            parts,
            body,
            digest,
            numbered,
            ticket,
            as_array: false,
        })
    }

    fn read(&self, read: impl FnOnce(&Value) -> Result<Ask, Refused>) -> Result<Ask, Refused> {
        let is_versioned = self.parts.headers.contains_key("anthropic-version");
        if self.format == Format::Anthropic && !is_versioned {
            return Err(Refused::invalid("anthropic-version: header is required"));
        }
        if !self.state.admits(&self.parts.headers, &self.parts.uri) {
            return Err(self.format.unknown_caller());
        }
        let body = self.body.as_ref().map_err(Clone::clone)?;
        let body: Value = serde_json::from_slice(body).map_err(|bad| {
            Refused::invalid(format!(
                "We could not parse the JSON body of your request: {bad}"
            ))
        })?;
        let ask = read(&body)?;
        self.ticket.note(|record| {
            record.model = Some(ask.model.clone());
            record.stream = ask.stream;
        });
        Ok(ask)
    }

    /// Reads a request that is no chat. Its path may name the model.
    fn wanted(&self, shape: Shape) -> Result<Wanted, Refused> {
        let uri = &self.parts.uri;
        if !self.state.admits(&self.parts.headers, uri) {
            return Err(self.format.unknown_caller());
        }
        let body = self.body.as_ref().map_err(Clone::clone)?;
        let body: Value = serde_json::from_slice(body)
            .map_err(|bad| Refused::invalid(format!("the body is no JSON: {bad}")))?;
        let last = self.parts.uri.path().rsplit('/').next();
        let model = last.and_then(|last| last.rsplit_once(':'));
        let wanted = other::read(shape, &body, model.map(|(model, _method)| model))?;
        self.ticket
            .note(|record| record.model = Some(wanted.model.clone()));
        Ok(wanted)
    }

    /// Puts the fault that strikes this request on record.
    fn fault(&self, ask: Option<&Ask>) -> Option<Fault> {
        let fault = ask.and_then(Ask::fault).or(self.numbered.fault)?;
        self.ticket.struck(fault.to_string());
        Some(fault)
    }

    async fn answer(self, ask: Result<Ask, Refused>) -> Result<Response<Reply>, Broken> {
        let fault = self.fault(ask.as_ref().ok());
        if let Some(fault) = fault.filter(|fault| fault.strikes_before_the_head()) {
            return self.fail(fault).await;
        }
        let ask = match ask {
            Ok(ask) => ask,
            Err(refused) => return Ok(self.refuse(&refused)),
        };
        self.ticket.read_tokens(ask.input_tokens);
        let answer = self.compose(&ask);
        self.hold(&ask, &answer);
        let pace = self.pace(&ask, fault);
        if ask.stream {
            return Ok(self.stream(&ask, &answer, pace, fault));
        }
        if matches!(fault, Some(Fault::Error { .. })) {
            let code = self.format.broken_status();
            return self
                .fail(Fault::Status {
                    code,
                    retry_after: None,
                })
                .await;
        }
        self.message(&ask, &answer, pace, fault).await
    }

    /// Keeps an answer of Responses, unless that is not wanted.
    fn hold(&self, ask: &Ask, answer: &Answer) {
        if self.format != Format::Responses || !ask.kept.store {
            return;
        }
        let mut events = Vec::new();
        for step in self.format.stream(ask, answer) {
            if let Step::Write(bytes, _tokens) = step {
                events.extend_from_slice(&bytes);
            }
        }
        self.state.held.keep(Held {
            id: response::id(answer),
            answer: response::finished(ask, answer),
            events: events.into(),
            input: ask.kept.input.clone(),
        });
    }

    async fn count(
        self,
        ask: Result<Ask, Refused>,
        counter: Counter,
    ) -> Result<Response<Reply>, Broken> {
        let fault = self.fault(ask.as_ref().ok());
        if let Some(fault) = fault.filter(|fault| fault.strikes_before_the_head()) {
            return self.fail(fault).await;
        }
        match ask {
            Err(refused) => Ok(self.refuse(&refused)),
            Ok(ask) => {
                let body = counter.told(ask.input_tokens).to_string();
                Ok(self.whole(StatusCode::OK, Bytes::from(body)))
            }
        }
    }

    fn compose(&self, ask: &Ask) -> Answer {
        let stream = self
            .digest
            .first_chunk()
            .copied()
            .map_or(0, u64::from_be_bytes);
        let random = Random::new(self.state.options.seed, stream);
        let answer = compose(ask, self.state.options.answer_tokens, random);
        self.ticket.note(|record| {
            record.cached_tokens = answer.usage.cached;
            record.answer_tokens = answer.usage.output;
        });
        answer
    }

    fn pace(&self, ask: &Ask, fault: Option<Fault>) -> Pace {
        let (options, directive) = (&self.state.options, &ask.directive);
        let mut random = self.numbered.random.clone();
        let first_ms = options.ttft_ms.sample(&mut random);
        let first = directive
            .ttft
            .unwrap_or_else(|| Duration::from_secs_f64(first_ms / 1000.0));
        let late = match fault {
            Some(Fault::Slow { delay }) => delay,
            _ => Duration::ZERO,
        };
        let ordered = directive
            .pace
            .map(|pace| Distribution::Constant(pace.as_secs_f64() * 1000.0));
        Pace {
            first: first + late,
            between_ms: ordered.unwrap_or(options.token_ms),
            random,
        }
    }

    fn stream(
        self,
        ask: &Ask,
        answer: &Answer,
        pace: Pace,
        fault: Option<Fault>,
    ) -> Response<Reply> {
        let mut steps = self.format.stream(ask, answer);
        if let Some(fault) = fault {
            strike_stream(&mut steps, fault, self.format);
        }
        if self.as_array {
            steps = as_array(steps, !fault.is_some_and(Fault::breaks_a_stream));
        }
        let right = if self.as_array {
            JSON
        } else {
            self.format.stream_type()
        };
        let content_type = content_type(right, fault);
        self.respond(StatusCode::OK, content_type, |ticket| {
            Play::stream(steps, pace, ticket)
        })
    }

    /// A unary answer comes when all of it is there.
    async fn message(
        self,
        ask: &Ask,
        answer: &Answer,
        pace: Pace,
        fault: Option<Fault>,
    ) -> Result<Response<Reply>, Broken> {
        let body = self.format.message(ask, answer);
        let pause = pace.whole(answer.usage.output);
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let (steps, length) = strike_message(&body, answer.usage.output, fault);
        let content_type = content_type(JSON, fault);
        Ok(self.respond(StatusCode::OK, content_type, |ticket| {
            Play::message(steps, length, ticket)
        }))
    }

    /// A fault that strikes before there is a status line.
    async fn fail(mut self, fault: Fault) -> Result<Response<Reply>, Broken> {
        match fault {
            Fault::Hang => std::future::pending().await,
            Fault::Status { code, retry_after } => {
                let status =
                    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut refused = Refused::new(status, self.format.failure_text(status));
                refused.retry_after = retry_after;
                Ok(self.refuse(&refused))
            }
            _ => {
                self.ticket.close(Ending::BrokenOff);
                Err(Broken)
            }
        }
    }

    fn refuse(self, refused: &Refused) -> Response<Reply> {
        let body = self.format.error_body(refused, &self.numbered.id());
        let header = self.format.error_header(refused);
        let mut response = self.whole(refused.status, Bytes::from(body));
        if let Some(wait) = refused.retry_after {
            retry_after(response.headers_mut(), wait);
        }
        if let Some((name, value)) = header {
            let headers = response.headers_mut();
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn whole(self, status: StatusCode, body: Bytes) -> Response<Reply> {
        self.respond(status, JSON, |ticket| Play::whole(body, 0, ticket))
    }

    fn respond(
        self,
        status: StatusCode,
        content_type: &'static str,
        play: impl FnOnce(Ticket) -> Play,
    ) -> Response<Reply> {
        self.ticket
            .note(|record| record.status = Some(status.as_u16()));
        let mut response = with_type(
            status,
            content_type,
            Reply::Play(Box::new(play(self.ticket))),
        );
        // `req_sim_` and digits: always a valid value.
        if let Ok(id) = HeaderValue::try_from(self.numbered.id()) {
            response.headers_mut().insert(self.format.id_header(), id);
        }
        response
    }
}

fn content_type(right: &'static str, fault: Option<Fault>) -> &'static str {
    match fault {
        Some(Fault::WrongType) => "text/html",
        _ => right,
    }
}
