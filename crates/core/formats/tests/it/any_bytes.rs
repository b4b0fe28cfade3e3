//! What holds for any bytes, whatever they are taken for: the fuzz targets' judge.

use bytes::{Bytes, BytesMut};
use tollgate_formats::exchange::StreamEvent;
use tollgate_formats::view::{EventView, RequestView, TextPiece};
use tollgate_formats::{
    AnswerOptions, Codec, DecodeError, Dialect, FORMATS, Format, FormatId, Losses,
};
use tollgate_wire::sse::{Event, EventReader};
use tollgate_wire::{Document, Edit, Span, json};

/// Every format that a request of this one can be written in, and its codec.
fn siblings(format: &dyn Format) -> impl Iterator<Item = (&'static dyn Format, Codec)> {
    let operation = format.codec().operation();
    let all = FORMATS.iter().map(|format| (*format, format.codec()));
    all.filter(move |(_format, codec)| operation.is_written_as(codec.operation()))
}

/// Every format in which what models say is streamed to callers.
fn callers() -> impl Iterator<Item = FormatId> {
    let ids = FORMATS.iter().map(|format| format.id());
    ids.filter(|format| format.format().codec().operation().is_streamed())
}
const EVENT_BYTES_MAX: usize = 1 << 16;

/// Takes the bytes for everything that can arrive in this format; streams come in
/// frames of `cut` bytes.
///
/// # Panics
/// When something does not hold.
pub(crate) fn check(format: FormatId, bytes: &[u8], cut: usize) {
    request_view(format.format(), bytes);
    requests(format.format(), bytes);
    answers(format.format(), bytes);
    stream(format, bytes, cut);
    failures(format.format(), bytes);
}

/// Texts wanted or not, the rest of the view is the same; edits do what they say.
fn request_view(format: &dyn Format, bytes: &[u8]) {
    let counted = format.view_request(bytes, false);
    let view = match (format.view_request(bytes, true), counted) {
        (Ok(view), Ok(counted)) => {
            assert!(counted.texts.is_empty() && counted.offers.is_empty());
            let filled = RequestView {
                texts: view.texts.clone(),
                offers: view.offers.clone(),
                ..counted
            };
            assert_eq!(filled, view);
            view
        }
        (view, counted) => {
            assert_eq!(view, counted);
            return;
        }
    };
    for text in &view.texts {
        assert!(within(text.text.span, bytes));
        assert!(json::decode(text.text.span.of(bytes), text.text.escaped).is_ok());
    }
    let sum: usize = view.texts.iter().map(|text| text.text.span.len()).sum();
    assert!(view.text_bytes <= sum as u64);
    let document = Document::new(Bytes::copy_from_slice(bytes));
    let names = format.name_model(&document, &view, "other");
    let named = document.finish(&names).concat();
    let again = format.view_request(&named, true).unwrap();
    assert_eq!(again.texts.len(), view.texts.len());
    if let Some(edit) = format.set_model(&document, &view, "an \"other\"") {
        let edited = apply(bytes, edit);
        let again = format.view_request(&edited, true).unwrap();
        let model = again.model.unwrap();
        let model = json::decode(model.span.of(&edited), model.escaped).unwrap();
        assert!(model.ends_with("an \"other\""), "{model}");
        assert_eq!(again.texts.len(), view.texts.len());
    } else {
        assert!(format.endpoints()[0].path.contains("{model}"));
    }
    if let Some(edit) = view.ask_usage {
        let edited = apply(bytes, edit);
        let again = format.view_request(&edited, true).unwrap();
        assert!(again.stream_usage_asked && again.texts.len() == view.texts.len());
    }
}

fn apply(bytes: &[u8], edit: Edit) -> Vec<u8> {
    Document::new(Bytes::copy_from_slice(bytes))
        .finish(&[edit])
        .concat()
}

fn within(span: Span, bytes: &[u8]) -> bool {
    span.start <= span.end && span.end as usize <= bytes.len()
}

/// A request that is read can be written in every format, and what is written is read.
fn requests(format: &dyn Format, bytes: &[u8]) {
    // The gateway never decodes what it could not view.
    if format.view_request(bytes, false).is_err() {
        return;
    }
    let Ok(request) = format.codec().decode_request(bytes) else {
        return;
    };
    for (format, target) in siblings(format) {
        let mut losses = Losses::default();
        let mut encode = |request| target.encode_request(request, Dialect::Original, &mut losses);
        let Some(written) = encode(&request) else {
            assert!(!losses.is_empty());
            continue;
        };
        format.view_request(&written, true).unwrap();
        let read = target.decode_request(&written).unwrap();
        let once = encode(&read).unwrap();
        let read = target.decode_request(&once).unwrap();
        let twice = encode(&read).unwrap();
        assert_eq!(text(&once), text(&twice), "first {}", text(&written));
    }
}

/// As [`requests`], for answers.
fn answers(format: &dyn Format, bytes: &[u8]) {
    let view = format.view_answer(bytes, true);
    if let Ok(view) = &view {
        for text in &view.texts {
            assert!(within(text.text.span, bytes));
        }
        assert!(view.logprobs.iter().all(|span| within(*span, bytes)));
    }
    assert_eq!(format.view_answer(bytes, false).is_ok(), view.is_ok());
    let Ok(answer) = format.codec().decode_answer(bytes) else {
        return;
    };
    assert!(is_viewed(&view.map(|_view| ())));
    for format in callers() {
        // Nobody asks for a text in a chat.
        let losses = &mut Losses::default();
        let written = format
            .format()
            .codec()
            .encode_answer(&answer, &options(), losses);
        let seen = written.map(|written| format.format().view_answer(&written, true));
        assert!(!matches!(seen, Some(Err(_))));
    }
    for (format, target) in siblings(format) {
        let mut losses = Losses::default();
        let mut encode = |answer| {
            target
                .encode_answer(answer, &options(), &mut losses)
                .unwrap()
        };
        let written = encode(&answer);
        format.view_answer(&written, true).unwrap();
        let read = target.decode_answer(&written).unwrap();
        let once = encode(&read);
        let read = target.decode_answer(&once).unwrap();
        let twice = encode(&read);
        assert_eq!(text(&once), text(&twice), "first {}", text(&written));
    }
}

/// A stream is the same however it is cut, and what is written of it in either format
/// is read without an error.
fn stream(format: FormatId, bytes: &[u8], cut: usize) {
    let events = events(bytes, bytes.len());
    // Raw bytes may move: the LF of a CRLF that comes in the next frame goes to the next event.
    let read = |events: &[Event]| -> Vec<_> {
        let seen = |event: &Event| (event.name().map(str::to_owned), event.data().to_vec());
        events.iter().map(seen).collect()
    };
    assert_eq!(read(&events), read(&self::events(bytes, cut)));
    let mut view = EventView::default();
    if !format.format().codec().operation().is_streamed() {
        let is_none = |event| format.format().view_event(event, &mut view).is_err();
        assert!(events.iter().all(is_none));
        return;
    }
    let mut decoder = format.format().codec().stream_decoder();
    let mut canonical = Vec::new();
    for event in &events {
        let seen = format.format().view_event(event, &mut view);
        if seen.is_ok() {
            for piece in &view.pieces {
                assert!(within(piece.text.span, event.data()) && !piece.text.span.is_empty());
            }
            assert!(view.logprobs.iter().all(|span| within(*span, event.data())));
            let named = view.pieces.clone();
            view.all_texts = true;
            if format.format().view_event(event, &mut view).is_ok() {
                let inside = |piece: &TextPiece| within(piece.text.span, event.data());
                assert!(view.pieces.iter().all(inside));
                assert!(named.iter().all(|piece| view.pieces.contains(piece)));
            }
            view.all_texts = false;
        }
        let decoder = decoder.as_mut();
        let read = decoder.map(|decoder| decoder.push(event, &mut canonical));
        if read.is_some_and(|read| read.is_ok()) {
            assert!(is_viewed(&seen), "{seen:?}: {}", text(event.data()));
        }
    }
    for target in callers() {
        rewritten(target, &canonical);
    }
}

/// A view refuses members that two readers could read differently; a decoder is one
/// reader, whose result is all that goes on.
fn is_viewed(seen: &Result<(), DecodeError>) -> bool {
    matches!(
        seen,
        Ok(()) | Err(DecodeError::Json(json::Error::DuplicateKey(_)))
    )
}

fn rewritten(target: FormatId, canonical: &[StreamEvent]) {
    let codec = target.format().codec();
    let mut encoder = codec.stream_encoder(options()).unwrap();
    let (mut out, mut losses) = (BytesMut::new(), Losses::default());
    for event in canonical {
        encoder.push(event, &mut out, &mut losses);
    }
    let mut decoder = codec.stream_decoder();
    let mut view = EventView::default();
    let mut again = Vec::new();
    let written = events(&out, out.len());
    assert!(out.is_empty() || out.ends_with(b"\n\n"));
    for event in written {
        let seen = target.format().view_event(&event, &mut view);
        let decoder = decoder.as_mut();
        let read = decoder.map(|decoder| decoder.push(&event, &mut again));
        assert!(
            seen.is_ok() && !matches!(read, Some(Err(_))),
            "{seen:?} {read:?}: {}",
            text(event.data())
        );
    }
}

fn events(bytes: &[u8], cut: usize) -> Vec<Event> {
    let mut reader = EventReader::new(EVENT_BYTES_MAX);
    let mut events = Vec::new();
    for frame in bytes.chunks(cut.max(1)) {
        reader.push(Bytes::copy_from_slice(frame));
        while let Ok(Some(event)) = reader.next_event() {
            events.push(event);
        }
    }
    events
}

/// Any body of an error is read, and written as JSON in which the class is kept.
fn failures(format: &dyn Format, bytes: &[u8]) {
    for status in [200, 400, 401, 404, 429, 500, 529] {
        let failure = format.decode_failure(status, bytes);
        let answer = failure.to_answer(Some("r".to_owned()));
        for target in FORMATS {
            let body = target.encode_failure(&answer);
            serde_json::from_slice::<serde_json::Value>(&body).unwrap();
            let again = target.decode_failure(status, &body);
            assert!(again.message.len() <= tollgate_formats::failure::MESSAGE_BYTES_MAX);
            if target.codec().operation().is_streamed() {
                let event = target.encode_failure_event(&answer);
                assert_eq!(events(&event, event.len()).len(), 1);
            }
        }
    }
}

fn options() -> AnswerOptions {
    AnswerOptions {
        model: "ours".to_owned(),
        created_unix_s: 1_795_248_000,
        began_unix_ms: 0,
        fallback_id: "id-1".to_owned(),
        ..AnswerOptions::default()
    }
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
