//! A caller's body on its way to a provider, and its bond with the provider's answer.
//!
//! A connection ends in many ways when an upload breaks off, and over HTTP/2 an upload runs
//! in a task of its own, which would outlive its answer. So the two hold on to each other:
//! the upload tells the answer's side why it broke off, and ends when that side is dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::BoxBody;
use tokio::sync::oneshot;

use crate::server::BoxError;

/// A caller's body, pulled as the provider takes it.
#[derive(Debug)]
pub struct Upload {
    body: BoxBody<Bytes, BoxError>,
    /// `None` before the request is sent, and once the body broke off.
    bond: Option<oneshot::Sender<BoxError>>,
}

/// The answer's end of an upload; the upload stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Bond(oneshot::Receiver<BoxError>);

/// An upload that ends before its end: the caller broke off, or nobody waits for the answer.
///
/// Over HTTP/2 the provider sees CANCEL.
#[derive(Debug, thiserror::Error)]
#[error("the upload was given up")]
pub struct UploadStopped(#[from] h2::Error);

impl UploadStopped {
    fn new() -> Self {
        h2::Error::from(h2::Reason::CANCEL).into()
    }
}

impl Upload {
    /// A body that is passed on as it comes. Whatever error it ends in reaches whoever
    /// waits for the answer.
    #[must_use]
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + Sync + 'static,
        B::Error: Into<BoxError>,
    {
        Self {
            body: body.map_err(Into::into).boxed(),
            bond: None,
        }
    }

    /// Ties the body to the answer that is going to be waited for.
    pub(crate) fn bond(&mut self) -> Bond {
        let (bond, other) = oneshot::channel();
        self.bond = Some(bond);
        Bond(other)
    }
}

impl Bond {
    /// Why the caller's body broke off, if it did; told once.
    pub(crate) fn broken(&mut self) -> Option<BoxError> {
        self.0.try_recv().ok()
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = UploadStopped;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadStopped>>> {
        let this = self.get_mut();
        if let Some(bond) = &mut this.bond
            && bond.poll_closed(cx).is_ready()
        {
            return Poll::Ready(Some(Err(UploadStopped::new())));
        }
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        frame.map_err(|error| {
            // Nobody left to tell is as good.
            let _ = this.bond.take().map(|bond| bond.send(error));
            UploadStopped::new()
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
