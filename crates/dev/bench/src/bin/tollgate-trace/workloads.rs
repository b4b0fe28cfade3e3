//! The workloads: what the gateway does with a message, crate by crate.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use tollgate_config::{Sources, load};
use tollgate_formats::view::EventView;
use tollgate_formats::{AnswerOptions, ChatFormat, Dialect, FormatId, Losses, chat_formats};
use tollgate_identity::{KeyEntry, Keyring, ModelScope, hash};
use tollgate_plan::{Options, Resolved, compile};
use tollgate_policy::{
    DetectorError, Machine, Mode, OnError, PiiDetector, PiiOptions, RequestFacts, Rule, RuleAction,
    RuleSet, Style, Verdict,
};
use tollgate_wire::Document;
use tollgate_wire::json::{Error as JsonError, Reader};
use tollgate_wire::sse::EventReader;

use crate::bodies;

/// A prepared workload; false when it did not do what it is to do.
type Round = Box<dyn FnMut() -> bool>;
type Prepare = fn() -> Result<Round, Box<dyn Error>>;

const KIB: usize = 1024;

/// Every workload by name.
pub(crate) static WORKLOADS: [(&str, Prepare); 20] = [
    ("wire-scan-1k", || scan(bodies::chat(KIB, 1))),
    ("wire-scan-100k", || scan(bodies::chat(100 * KIB, 1))),
    ("wire-scan-100k-400-turns", || {
        scan(bodies::chat(100 * KIB, 400))
    }),
    ("view-request-1k", || view_request(bodies::chat(KIB, 1))),
    ("view-request-100k", || {
        view_request(bodies::chat(100 * KIB, 1))
    }),
    ("view-request-100k-400-turns", || {
        view_request(bodies::chat(100 * KIB, 400))
    }),
    ("sse-200-events", sse),
    ("view-events-chat", || view_events(FormatId::OpenaiChat)),
    ("view-events-messages", || {
        view_events(FormatId::AnthropicMessages)
    }),
    ("pii-request-1k", || pii_request(bodies::chat(KIB, 1), 0)),
    ("pii-request-1k-found", || {
        pii_request(bodies::personal(KIB), 2)
    }),
    ("pii-request-100k", || {
        pii_request(bodies::chat(100 * KIB, 1), 0)
    }),
    ("pii-events-chat", || pii_events(FormatId::OpenaiChat)),
    ("pii-events-messages", || {
        pii_events(FormatId::AnthropicMessages)
    }),
    ("translate-request-to-messages", || {
        translate_request(FormatId::OpenaiChat)
    }),
    ("translate-request-to-chat", || {
        translate_request(FormatId::AnthropicMessages)
    }),
    ("translate-events-to-chat", || {
        translate_events(FormatId::AnthropicMessages)
    }),
    ("translate-events-to-messages", || {
        translate_events(FormatId::OpenaiChat)
    }),
    ("key-check", key_check),
    ("plan-select", plan_select),
];

/// One pass over a document, its members skipped.
fn scan(body: Bytes) -> Result<Round, Box<dyn Error>> {
    Ok(Box::new(move || {
        let scanned = Reader::new(black_box(&body)).and_then(|mut reader| {
            reader.skip()?;
            reader.finish()
        });
        let scanned: Result<(), JsonError> = scanned;
        scanned.is_ok()
    }))
}

fn view_request(body: Bytes) -> Result<Round, Box<dyn Error>> {
    let format = FormatId::OpenaiChat.format();
    Ok(Box::new(move || {
        format
            .view_request(black_box(&body), false)
            .is_ok_and(|view| black_box(view).stream)
    }))
}

/// Frames of one event each, as a provider writes them.
fn sse() -> Result<Round, Box<dyn Error>> {
    let events = bodies::events(FormatId::OpenaiChat)?;
    let frames: Vec<Bytes> = events.iter().map(|event| event.raw().clone()).collect();
    Ok(Box::new(move || {
        let mut reader = EventReader::new(1 << 20);
        frames.iter().all(|frame| {
            reader.push(frame.clone());
            matches!(black_box(reader.next_event()), Ok(Some(_)))
        })
    }))
}

fn view_events(format: FormatId) -> Result<Round, Box<dyn Error>> {
    let events = bodies::events(format)?;
    let mut view = EventView::default();
    Ok(Box::new(move || {
        events.iter().all(|event| {
            format
                .format()
                .view_event(black_box(event), &mut view)
                .is_ok()
        })
    }))
}

fn rules() -> Result<Arc<RuleSet>, DetectorError> {
    Ok(Arc::new(RuleSet::new(vec![Rule {
        policy: Arc::from("default"),
        name: Arc::from("pii_detection"),
        action: RuleAction::Redact(Style::Label),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: Arc::new(PiiDetector::new(&PiiOptions::default())?),
    }])))
}

fn pii_request(body: Bytes, findings: usize) -> Result<Round, Box<dyn Error>> {
    let view = FormatId::OpenaiChat.format().view_request(&body, true)?;
    let rules = rules()?;
    Ok(Box::new(move || {
        let mut document = Document::new(body.clone());
        let verdict = Machine::new(Arc::clone(&rules)).request(&mut document, black_box(&view));
        verdict == Verdict::Pass && document.edits().len() == findings
    }))
}

/// View and machine, as a stream with output rules goes.
fn pii_events(format: FormatId) -> Result<Round, Box<dyn Error>> {
    let events = bodies::events(format)?;
    let rules = rules()?;
    let mut view = EventView {
        all_texts: true,
        ..EventView::default()
    };
    let mut out = Vec::new();
    Ok(Box::new(move || {
        let mut machine = Machine::new(Arc::clone(&rules));
        let passed = events.iter().all(|event| {
            out.clear();
            format.format().view_event(event, &mut view).is_ok()
                && machine.event(event, &view, black_box(&mut out)) == Verdict::Pass
        });
        passed && machine.finish(&mut out) == Verdict::Pass
    }))
}

/// The codec of a format, and that of another.
fn pair(from: FormatId) -> Result<[&'static dyn ChatFormat; 2], Box<dyn Error>> {
    let own = from.chat().ok_or("a format without conversations")?;
    let other = chat_formats().find(|format| format.id() != from);
    Ok([own, other.ok_or("one format only")?])
}

fn translate_request(from: FormatId) -> Result<Round, Box<dyn Error>> {
    let body = match from {
        FormatId::OpenaiChat => bodies::chat(4 * KIB, 8),
        FormatId::AnthropicMessages => bodies::messages(4 * KIB, 8),
        _ => return Err("this format is not traced".into()),
    };
    let [own, other] = pair(from)?;
    Ok(Box::new(move || {
        let mut losses = Losses::default();
        let request = own.decode_request(black_box(&body));
        request.is_ok_and(|request| {
            let written = other.encode_request(&request, Dialect::Original, &mut losses);
            !written.is_empty()
        })
    }))
}

fn translate_events(from: FormatId) -> Result<Round, Box<dyn Error>> {
    let events = bodies::events(from)?;
    let [own, other] = pair(from)?;
    let options = AnswerOptions {
        model: "gpt-4o-mini".to_owned(),
        created_unix_s: 1_735_689_600,
        began_unix_ms: 0,
        fallback_id: "id-1".to_owned(),
        ..AnswerOptions::default()
    };
    Ok(Box::new(move || {
        let mut decoder = own.stream_decoder();
        let mut encoder = other.stream_encoder(options.clone());
        let (mut decoded, mut losses) = (Vec::new(), Losses::default());
        events.iter().all(|event| {
            let mut out = BytesMut::new();
            let read = decoder.push(event, &mut decoded);
            for event in decoded.drain(..) {
                encoder.push(&event, &mut out, &mut losses);
            }
            black_box(out.freeze());
            read.is_ok()
        })
    }))
}

/// A key of the form that is generated; it opens nothing.
fn key_check() -> Result<Round, Box<dyn Error>> {
    let keyring = Keyring::new([KeyEntry {
        id: KEY_ID.into(),
        hash: hash(KEY),
        service: "billing".into(),
        team: None,
        expires_unix_s: Some(u64::MAX),
        models: ModelScope::all(),
    }])?;
    Ok(Box::new(move || {
        keyring.authenticate(black_box(KEY), 1_735_689_600).is_ok()
    }))
}

const KEY_ID: &str = "mAMUkmG4";
const KEY: &str = "tg_prod_mAMUkmG4_eytEZ6Ixp7ZlPVk9Izu0agMSwQgQ1OLSe84FMX9eHKE30cl8x";

/// From the model's name to the targets: a condition, then weights.
fn plan_select() -> Result<Round, Box<dyn Error>> {
    let loaded = load(&Sources::from_text("trace.yaml", CONFIGURATION))
        .map_err(|report| report.render(false))?;
    let plan =
        compile(&loaded.set, &Options::default()).map_err(|problems| format!("{problems:?}"))?;
    let mut headers = HeaderMap::new();
    headers.insert("x-tier", HeaderValue::from_static("gold"));
    Ok(Box::new(move || {
        let facts = RequestFacts {
            service: "billing",
            team: "",
            headers: &headers,
            path: "/v1/chat/completions",
            model: "chat",
            input_bytes: 1200,
            has_image: false,
            tokens: 300,
        };
        let resolved = plan.default.resolve(&plan, black_box("chat"));
        matches!(resolved, Ok(Resolved::Model(model)) if black_box(plan.select(model, &facts, 7)).len() == 3)
    }))
}

const CONFIGURATION: &str = "
providers:
  - name: simulator
models:
  - name: chat
    strategy: weighted
    targets:
      - {name: gold, provider: simulator, model: a, weight: 3, when: \"headers['x-tier'] == 'gold' && input_bytes < 20000\"}
      - {name: large, provider: simulator, model: b, weight: 2}
      - {name: images, provider: simulator, model: c, when: has_image}
      - {name: small, provider: simulator, model: d, weight: 1}
  - name: other
    targets:
      - {provider: simulator, model: e}
";
