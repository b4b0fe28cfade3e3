//! Holds the head of a stream back until its first content has come.
//!
//! What comes before content (role announcements, `message_start`, pings) commits the
//! provider to nothing: an error may still follow. It is held for a bounded time and
//! size, so that such an error fails over like one in the head.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use http_body::Body;
use tollgate_formats::view::{EventKind, EventView};
use tollgate_net::{AnswerBody, BodyError};
use tollgate_wire::framing::StreamReader;
use tollgate_wire::sse::Event;

use super::context::Context;
use super::error::AttemptError;
use super::{Attempts, Served, StreamAnswer};

/// What the events held so far say.
enum Held {
    /// Nothing but preamble.
    Preamble,
    /// Content, or an end without any: the stream stands.
    Committed,
}

impl Attempts<'_> {
    /// Reads events until the stream is committed, or the hold is over.
    pub(super) async fn hold(
        &self,
        ctx: &Context<'_>,
        served: Served,
        body: AnswerBody,
    ) -> Result<StreamAnswer, Box<AttemptError>> {
        let limits = &self.snapshot.plan.base.gateway.limits;
        let mut stream = StreamAnswer {
            served,
            body,
            reader: StreamReader::new(ctx.format.format().framing(), limits.event_bytes_max),
            held: Vec::new(),
            began: ctx.began,
            timeouts: ctx.timeouts,
        };
        let hold = self.failover().hold;
        let bytes_max = self.failover().hold_bytes_max;
        match tokio::time::timeout(hold, self.until_committed(ctx, &mut stream, bytes_max)).await {
            Ok(Ok(())) | Err(_) => Ok(stream),
            Ok(Err(error)) => Err(error),
        }
    }

    /// A frame that is held, charged to the byte budget until the caller has it.
    fn charged(&self, frame: Bytes) -> Result<Bytes, Box<AttemptError>> {
        let max = self.snapshot.plan.base.gateway.limits.buffered_bytes_max;
        let share = self.shared.buffered.take(frame.len(), max);
        let share = share.ok_or_else(|| Box::new(AttemptError::no_room()))?;
        Ok(share.around(frame))
    }

    /// Cancel safe: whatever was read is in `stream`.
    async fn until_committed(
        &self,
        ctx: &Context<'_>,
        stream: &mut StreamAnswer,
        bytes_max: usize,
    ) -> Result<(), Box<AttemptError>> {
        let name = &ctx.provider.name;
        let mut view = EventView::default();
        let mut bytes = 0;
        loop {
            let Some(frame) = next_frame(&mut stream.body)
                .await
                .map_err(|error| Box::new(AttemptError::broken(name, Some(&error))))?
            else {
                // A stop reason or an end mark would have committed: this is no end.
                return Err(Box::new(AttemptError::broken(name, None)));
            };
            bytes += frame.len();
            stream.reader.push(self.charged(frame)?);
            let mut held = Held::Preamble;
            while let Some(event) = next_event(ctx, stream)? {
                held = match held {
                    Held::Preamble => read(ctx, &event, &mut view)?,
                    committed @ Held::Committed => committed,
                };
                stream.held.push(event);
            }
            if matches!(held, Held::Committed) || bytes > bytes_max {
                return Ok(());
            }
        }
    }
}

fn next_event(
    ctx: &Context<'_>,
    stream: &mut StreamAnswer,
) -> Result<Option<Event>, Box<AttemptError>> {
    stream.reader.next_event().map_err(|error| {
        Box::new(AttemptError::protocol(
            &ctx.provider.name,
            &format!("a stream that cannot be read: {error}"),
        ))
    })
}

fn read(ctx: &Context<'_>, event: &Event, view: &mut EventView) -> Result<Held, Box<AttemptError>> {
    let name = &ctx.provider.name;
    if ctx.format.format().view_event(event, view).is_err() {
        return Err(Box::new(AttemptError::protocol(
            name,
            "an event that is not of its format",
        )));
    }
    match view.kind {
        EventKind::Error => Err(Box::new(match view.failure.take() {
            Some(failure) => AttemptError::provider(name, failure, 200),
            None => AttemptError::protocol(name, "an error event that says nothing"),
        })),
        EventKind::Preamble | EventKind::Other => Ok(Held::Preamble),
        EventKind::Content
        | EventKind::BlockEnd
        | EventKind::Finish
        | EventKind::UsageOnly
        | EventKind::End => Ok(Held::Committed),
    }
}

/// The next data frame of a body.
async fn next_frame(body: &mut AnswerBody) -> Result<Option<Bytes>, BodyError> {
    loop {
        let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await;
        match frame {
            None => return Ok(None),
            Some(Err(error)) => return Err(error),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}
