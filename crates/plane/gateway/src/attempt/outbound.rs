//! What goes out to a provider: the body in its format, and the headers.

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use smallvec::SmallVec;
use tollgate_formats::exchange::ChatRequest;
use tollgate_formats::{DecodeError, Dialect, FormatId, Losses};
use tollgate_wire::{Edit, Pieces};

use crate::document::Read;
use crate::headers;
use crate::snapshot::RunningProvider;

/// A request body in a provider's format.
#[derive(Debug)]
pub(super) struct Outbound {
    /// The body, as slices of the caller's bytes where it can be.
    pub(super) body: Pieces,
    /// What the format could not carry.
    pub(super) losses: Losses,
}

/// Makes the bodies of one request; decodes it at most once, however many targets are tried.
#[derive(Debug)]
pub(super) struct Bodies<'r> {
    read: &'r Read,
    decoded: Option<ChatRequest>,
}

impl<'r> Bodies<'r> {
    pub(super) const fn new(read: &'r Read) -> Self {
        Self {
            read,
            decoded: None,
        }
    }

    /// The body for a provider of `format`, asking for `model`.
    pub(super) fn outbound(
        &mut self,
        format: FormatId,
        model: &str,
        dialect: Dialect,
    ) -> Result<Outbound, DecodeError> {
        if format == self.read.format {
            return Ok(Outbound {
                body: self.spliced(model),
                losses: Losses::default(),
            });
        }
        let request = match &mut self.decoded {
            Some(request) => request,
            slot => slot.insert(
                self.read
                    .format
                    .format()
                    .decode_request(&self.read.document.to_bytes())?,
            ),
        };
        model.clone_into(&mut request.model);
        let mut losses = Losses::default();
        let body = format
            .format()
            .encode_request(request, dialect, &mut losses);
        Ok(Outbound {
            body: SmallVec::from_iter([body]),
            losses,
        })
    }

    /// The caller's own bytes with the edits of policies, the target's model name,
    /// and the wish for usage in the stream.
    fn spliced(&self, model: &str) -> Pieces {
        let Read {
            format,
            document,
            view,
            ..
        } = self.read;
        let format = format.format();
        let model = format.set_model(document, view, model);
        let usage = view.ask_usage.clone();
        let edits: SmallVec<[Edit; 2]> = model.into_iter().chain(usage).collect();
        document.finish(&edits)
    }
}

/// The headers for a provider: the caller's own where the format stays the same, few
/// where it changes; never its credential unless the provider's configuration asks.
pub(super) fn request_headers(
    caller: &HeaderMap,
    provider: &RunningProvider,
    (theirs, ours): (FormatId, FormatId),
) -> HeaderMap {
    let same_format = theirs == ours;
    let mut out = if same_format {
        caller.clone()
    } else {
        neutral(caller)
    };
    if provider.pass_caller_credential && !same_format {
        headers::copy_credentials(caller, &mut out);
    }
    headers::strip_request(&mut out, provider.pass_caller_credential);
    out.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    out.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, value) in theirs.format().required_headers() {
        if !out.contains_key(*name) {
            out.insert(*name, HeaderValue::from_static(value));
        }
    }
    for (name, value) in &provider.headers {
        out.insert(name, value.clone());
    }
    out
}

fn neutral(caller: &HeaderMap) -> HeaderMap {
    let mut out = HeaderMap::with_capacity(12);
    for name in [USER_AGENT, ACCEPT] {
        if let Some(value) = caller.get(&name) {
            out.insert(name, value.clone());
        }
    }
    out
}
