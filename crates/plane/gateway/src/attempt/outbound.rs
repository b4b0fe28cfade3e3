//! What goes out to a provider: the body in its format, and the headers.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use smallvec::SmallVec;
use tollgate_config::Quirk;
use tollgate_formats::{Dialect, FormatId, Losses, Request, splice};
use tollgate_wire::{Document, Pieces};

use super::error::AttemptError;
use crate::aside::aside;
use crate::budget::{Budget, Share};
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

/// What a target is asked with.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// The format that its provider is spoken to in.
    pub(super) format: FormatId,
    /// The model's name there.
    pub(super) model: &'a str,
    /// Which servers of the format it belongs to.
    pub(super) dialect: Dialect,
    /// Whether the server and the caller's client go by the same habits within the format.
    pub(super) is_native: bool,
    /// In what it differs from the format.
    pub(super) quirks: SmallVec<[&'static Quirk; 10]>,
}

impl Wanted<'_> {
    /// Whether the server knows a member, by this name.
    pub(super) fn takes(&self, member: &str) -> bool {
        !self.quirks.iter().any(|quirk| match quirk {
            Quirk::Refused(name) | Quirk::Needless(name) | Quirk::Renamed(name, _) => {
                *name == member
            }
            _ => false,
        })
    }

    /// A whole body as the server takes it.
    fn adjust(&self, body: Bytes, mut losses: Losses) -> Result<Outbound, Box<AttemptError>> {
        let mut pieces = SmallVec::from_iter([body.clone()]);
        if !self.quirks.is_empty() {
            let edits = splice(&body, &self.quirks, &mut losses)
                .map_err(|error| Box::new(AttemptError::undecodable(&error)))?;
            pieces = Document::new(body).finish(&edits);
        }
        Ok(Outbound {
            body: pieces,
            losses,
        })
    }
}

/// What an edit costs until the last attempt is over: itself, and the pieces around it.
const EDIT_BYTES: usize = 128;

/// Makes the bodies of one request; decodes it at most once, however many targets are tried.
#[derive(Debug)]
pub(super) struct Bodies<'r> {
    read: &'r Read,
    /// The bytes in memory, and how many they may be.
    room: (&'r Budget, usize),
    decoded: Option<(Request, Share)>,
    edits: Option<Share>,
}

impl<'r> Bodies<'r> {
    pub(super) const fn new(read: &'r Read, room: &'r Budget, room_bytes_max: usize) -> Self {
        Self {
            read,
            room: (room, room_bytes_max),
            decoded: None,
            edits: None,
        }
    }

    /// The body for a provider of `format`, asking for `model`. What it costs beside the
    /// caller's own bytes is charged to the byte budget as they are.
    pub(super) fn outbound(&mut self, wanted: &Wanted<'_>) -> Result<Outbound, Box<AttemptError>> {
        let edits = self.read.document.edits().len();
        if edits > 0 && self.edits.is_none() {
            self.edits = Some(self.charge(edits * EDIT_BYTES)?);
        }
        // What is kept for another format's provider comes out where a request is written anew.
        let is_same =
            wanted.format == self.read.format && wanted.is_native && !self.read.view.sealed;
        if is_same && wanted.quirks.is_empty() {
            return Ok(Outbound {
                body: self.spliced(wanted.model),
                losses: Losses::default(),
            });
        }
        aside(self.read.document.original().len(), || {
            if is_same {
                self.adjusted(wanted)
            } else {
                self.translated(wanted)
            }
        })
    }

    /// Pieces as one; what that costs is charged.
    pub(super) fn joined(&self, pieces: Pieces) -> Result<Bytes, Box<AttemptError>> {
        if pieces.len() == 1 {
            return Ok(pieces.into_iter().next().unwrap_or_default());
        }
        let bytes = pieces.iter().map(Bytes::len).sum();
        let share = self.charge(bytes)?;
        let mut out = Vec::with_capacity(bytes);
        pieces.iter().for_each(|piece| out.extend_from_slice(piece));
        Ok(share.around(out.into()))
    }

    /// The caller's own bytes for a server with quirks.
    fn adjusted(&self, wanted: &Wanted<'_>) -> Result<Outbound, Box<AttemptError>> {
        let Read { document, view, .. } = self.read;
        if document.is_edited() {
            // What policies changed may be in what is left out: they come first.
            let whole = self.spliced(wanted.model).concat();
            let whole = self.charge(whole.len())?.around(whole.into());
            return wanted.adjust(whole, Losses::default());
        }
        let mut losses = Losses::default();
        let mut edits = splice(document.original(), &wanted.quirks, &mut losses)
            .map_err(|error| Box::new(AttemptError::undecodable(&error)))?;
        let format = wanted.format.format();
        if wanted.takes("model") {
            edits.extend(format.name_model(document, view, wanted.model));
        }
        if wanted.takes("stream_options") {
            edits.extend(view.ask_usage.clone());
        }
        Ok(Outbound {
            body: document.finish(&edits),
            losses,
        })
    }

    /// Makes sure that the request can be read: what its provider holds nobody else can.
    pub(super) fn check(&mut self) -> Result<(), Box<AttemptError>> {
        if self.decoded.is_none() {
            self.decoded = Some(aside(self.read.document.original().len(), || {
                self.decode()
            })?);
        }
        Ok(())
    }

    fn translated(&mut self, wanted: &Wanted<'_>) -> Result<Outbound, Box<AttemptError>> {
        let (mut request, share) = match self.decoded.take() {
            Some(decoded) => decoded,
            None => self.decode()?,
        };
        request.set_model(wanted.model);
        let mut losses = Losses::default();
        let codec = wanted.format.format().codec();
        let body = codec
            .encode_request(&request, wanted.dialect, &mut losses)
            .ok_or_else(|| Box::new(AttemptError::unwritable(&losses)))?;
        self.decoded = Some((request, share));
        let body = self.charge(body.len())?.around(body);
        wanted.adjust(body, losses)
    }

    fn decode(&self) -> Result<(Request, Share), Box<AttemptError>> {
        let Read {
            format,
            document,
            view,
            ..
        } = self.read;
        let mut request = format
            .format()
            .codec()
            .decode_request(&document.to_bytes())
            .map_err(|error| Box::new(AttemptError::undecodable(&error)))?;
        request.set_stream(view.stream);
        request.set_client(self.read.client);
        let share = self.charge(request.size_bytes())?;
        Ok((request, share))
    }

    fn charge(&self, bytes: usize) -> Result<Share, Box<AttemptError>> {
        let (room, bytes_max) = self.room;
        room.take(bytes, bytes_max)
            .ok_or_else(|| Box::new(AttemptError::no_room()))
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
        let mut edits = format.name_model(document, view, model);
        edits.extend(view.ask_usage.clone());
        document.finish(&edits)
    }
}

/// The headers for a provider: the caller's own where the format stays the same, few
/// where it changes; never its credential unless the provider's configuration asks.
pub(crate) fn request_headers(
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
