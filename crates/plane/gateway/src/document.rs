//! Reads the body under a byte budget and scans it into spans.

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;
use tollgate_config::{Called, Limits};
use tollgate_formats::view::RequestView;
use tollgate_formats::{Client, DecodeError, FormatId};
use tollgate_tokens::Prompt;
use tollgate_wire::Document;
use tollgate_wire::framing::Framing;

use crate::aside::aside;
use crate::budget::{Budget, Share};
use crate::collect::{Bounds, CollectError, collect};
use crate::expect::prompt_of;
use crate::headers;
use crate::mark::{Mark, taken_off};

/// A request body in memory, with the places that matter.
#[derive(Debug)]
pub(crate) struct Read {
    /// The caller's wire format.
    pub(crate) format: FormatId,
    /// Whose client asks in it.
    pub(crate) client: Client,
    /// How a streamed answer is framed for the caller.
    pub(crate) framing: Framing,
    /// The body, which carries its share of the byte budget, and the edits to it.
    pub(crate) document: Document,
    /// Its places.
    pub(crate) view: RequestView,
    /// What of it counts as prompt.
    pub(crate) prompt: Prompt,
    /// Who holds the answer that it goes on from, where its id says so.
    pub(crate) mark: Option<Mark>,
}

/// Why a body could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadError {
    /// Over the limit of one body.
    #[error("the request body is over the limit of {max} bytes (gateway.limits.body_bytes_max)")]
    TooLarge {
        /// The limit.
        max: usize,
    },
    /// All bodies together are over their limit.
    #[error(
        "the gateway is out of memory for request bodies (gateway.limits.buffered_bytes_max); try again"
    )]
    NoRoom,
    /// The caller was too slow.
    #[error("the request body did not arrive within {} ms (gateway.timeouts.body_ms)", .0.as_millis())]
    TimedOut(Duration),
    /// The caller hung up or broke its own framing.
    #[error("the request body broke off")]
    Broken,
    /// The body is compressed.
    #[error("request bodies with content-encoding `{0}` are not read; send the body uncompressed")]
    Encoded(String),
    /// Nothing was sent.
    #[error("the request body is empty: send the request as JSON")]
    Empty,
    /// Not a request of this format.
    #[error("the request body is not a valid request: {0}")]
    Shape(#[from] DecodeError),
}

/// What bounds request bodies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyBounds<'b> {
    /// Sizes.
    pub(crate) limits: &'b Limits,
    /// The bytes in memory.
    pub(crate) room: &'b Budget,
    /// From head to last byte.
    pub(crate) timeout: Duration,
}

/// Reads and scans the body of an exchange. `texts` asks for the places of all texts.
pub(crate) async fn read<B>(
    body: B,
    head: &Parts,
    called: Called<'_>,
    texts: bool,
    bounds: BodyBounds<'_>,
) -> Result<Read, ReadError>
where
    B: Body<Data = Bytes>,
{
    if let Some(encoding) = headers::encoded(&head.headers) {
        return Err(ReadError::Encoded(encoding.chars().take(32).collect()));
    }
    let (bytes, share) = collected(body, bounds).await?;
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    let format = called.format.format();
    let (mut view, prompt) = aside(bytes.len(), || {
        let view = format.view_request(&bytes, texts)?;
        let prompt = prompt_of(&view, &bytes);
        Ok::<_, DecodeError>((view, prompt))
    })?;
    if let Some(streams) = called.streams {
        view.stream = streams;
    }
    let client = format.client(&|name| headers::text(&head.headers, name));
    // Mistral's servers tell it unasked.
    view.stream_usage_asked |= client != Client::Common;
    let (document, mark) = unmarked(share.around(bytes), &view);
    Ok(Read {
        format: called.format,
        client,
        framing: format.framing_asked(head.uri.query()),
        document,
        view,
        prompt,
        mark,
    })
}

/// A document whose id of an earlier answer is as its provider knows it, and the mark that
/// was in it.
pub(crate) fn unmarked(bytes: Bytes, view: &RequestView) -> (Document, Option<Mark>) {
    let marked = view.held.and_then(|id| taken_off(&bytes, id));
    let mut document = Document::new(bytes);
    let mark = marked.and_then(|(edit, mark)| document.push(edit).ok().map(|()| mark));
    (document, mark)
}

/// Reads a body, whatever it is, with its share of the byte budget.
pub(crate) async fn collected<B>(
    body: B,
    bounds: BodyBounds<'_>,
) -> Result<(Bytes, Share), ReadError>
where
    B: Body<Data = Bytes>,
{
    let BodyBounds {
        limits,
        room,
        timeout,
    } = bounds;
    let bounds = Bounds {
        bytes_max: limits.body_bytes_max,
        room,
        room_bytes_max: limits.buffered_bytes_max,
        timeout,
    };
    collect(body, bounds).await.map_err(|error| match error {
        CollectError::TooLarge { max } => ReadError::TooLarge { max },
        CollectError::NoRoom => ReadError::NoRoom,
        CollectError::TimedOut => ReadError::TimedOut(timeout),
        CollectError::Broken => ReadError::Broken,
    })
}
