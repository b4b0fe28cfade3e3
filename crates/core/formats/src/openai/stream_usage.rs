//! Whether a request wants usage in its stream, and how to ask for it.

use bytes::Bytes;
use tollgate_wire::json::{Reader, set_once};
use tollgate_wire::{Edit, Span};

use crate::format::DecodeError;
use crate::read;
use crate::view::{Field, RequestView, Speaker, Texts, unknown};

/// What `stream_options` says of usage, and what to write where to ask for it.
pub(crate) struct StreamUsage {
    asked: bool,
    ask: (Span, &'static str),
}

impl StreamUsage {
    /// Reads `stream_options`.
    pub(crate) fn read(
        r: &mut Reader<'_>,
        from: Speaker,
        texts: &mut Texts,
    ) -> Result<Self, DecodeError> {
        let start = r.offset();
        if read::null(r)? {
            return Ok(Self {
                asked: false,
                ask: (Span::new(start, r.offset()), r#"{"include_usage":true}"#),
            });
        }
        let mut include: Option<(bool, Span)> = None;
        let mut members = false;
        let span = r.object::<DecodeError>(|r, key| {
            members = true;
            if key.as_str() == "include_usage" {
                let start = r.offset();
                let value = read::boolean(r)?.unwrap_or_default();
                set_once(&mut include, (value, Span::new(start, r.offset())), &key)?;
                return Ok(());
            }
            unknown(r, &key, (from, Field::Metadata), texts)
        })?;
        let inside = Span::at(span.start + 1);
        Ok(match include {
            Some((asked, value)) => Self {
                asked,
                ask: (value, "true"),
            },
            None if members => Self {
                asked: false,
                ask: (inside, r#""include_usage":true,"#),
            },
            None => Self {
                asked: false,
                ask: (inside, r#""include_usage":true"#),
            },
        })
    }

    /// Says in a view what its request wants; `None` where it has no `stream_options`.
    pub(crate) fn tell(options: Option<&Self>, view: &mut RequestView) {
        view.stream_usage_asked = view.stream && options.is_some_and(|options| options.asked);
        let absent = (
            Span::at(view.body_start),
            r#""stream_options":{"include_usage":true},"#,
        );
        let (span, with) = options.map_or(absent, |options| options.ask);
        view.ask_usage = (view.stream && !view.stream_usage_asked).then(|| Edit {
            span,
            with: Bytes::from_static(with.as_bytes()),
        });
    }
}
