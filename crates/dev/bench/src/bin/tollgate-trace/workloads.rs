//! The workloads: what the gateway does with a message, crate by crate.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use tollgate_config::{Sources, load};
use tollgate_formats::view::EventView;
use tollgate_formats::{ChatFormat, Dialect, Losses, chat_formats, common_chat};
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
pub(crate) type Round = Box<dyn FnMut() -> bool>;

const KIB: usize = 1024;

/// A workload by its name, and what prepares it.
pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) prepare: Box<dyn Fn() -> Result<Round, Box<dyn Error>>>,
}

impl Workload {
    fn new(
        name: impl Into<String>,
        prepare: impl Fn() -> Result<Round, Box<dyn Error>> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            prepare: Box::new(prepare),
        }
    }
}

/// Every workload.
pub(crate) fn workloads() -> Vec<Workload> {
    let mut all = vec![
        Workload::new("wire-scan-1k", || scan(bodies::chat(KIB, 1))),
        Workload::new("wire-scan-100k", || scan(bodies::chat(100 * KIB, 1))),
        Workload::new("wire-scan-100k-400-turns", || {
            scan(bodies::chat(100 * KIB, 400))
        }),
        Workload::new("view-request-1k", || view_request(bodies::chat(KIB, 1))),
        Workload::new("view-request-100k", || {
            view_request(bodies::chat(100 * KIB, 1))
        }),
        Workload::new("view-request-100k-400-turns", || {
            view_request(bodies::chat(100 * KIB, 400))
        }),
        Workload::new("sse-200-events", sse),
        Workload::new("pii-request-1k", || pii_request(bodies::chat(KIB, 1), 0)),
        Workload::new("pii-request-1k-found", || {
            pii_request(bodies::personal(KIB), 2)
        }),
        Workload::new("pii-request-100k", || {
            pii_request(bodies::chat(100 * KIB, 1), 0)
        }),
        Workload::new("pii-events-openai_chat", || pii_events(common_chat())),
        Workload::new("key-check", key_check),
        Workload::new("plan-select", plan_select),
    ];
    for format in chat_formats() {
        let label = format.label();
        all.push(Workload::new(format!("view-events-{label}"), move || {
            view_events(format)
        }));
        if format.id() == common_chat().id() {
            continue;
        }
        for [from, to] in [[common_chat(), format], [format, common_chat()]] {
            let (one, other) = (from.label(), to.label());
            all.push(Workload::new(
                format!("translate-request-{one}-to-{other}"),
                move || translate_request(from, to),
            ));
            all.push(Workload::new(
                format!("translate-events-{one}-to-{other}"),
                move || translate_events(from, to),
            ));
        }
    }
    all
}

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
    let format = common_chat();
    Ok(Box::new(move || {
        format
            .view_request(black_box(&body), false)
            .is_ok_and(|view| black_box(view).stream)
    }))
}

/// Frames of one event each, as a provider writes them.
fn sse() -> Result<Round, Box<dyn Error>> {
    let events = bodies::events(common_chat())?;
    let frames: Vec<Bytes> = events.iter().map(|event| event.raw().clone()).collect();
    Ok(Box::new(move || {
        let mut reader = EventReader::new(1 << 20);
        frames.iter().all(|frame| {
            reader.push(frame.clone());
            matches!(black_box(reader.next_event()), Ok(Some(_)))
        })
    }))
}

fn view_events(format: &'static dyn ChatFormat) -> Result<Round, Box<dyn Error>> {
    let events = bodies::events(format)?;
    let mut view = EventView::default();
    Ok(Box::new(move || {
        events
            .iter()
            .all(|event| format.view_event(black_box(event), &mut view).is_ok())
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
    let view = common_chat().view_request(&body, true)?;
    let rules = rules()?;
    Ok(Box::new(move || {
        let mut document = Document::new(body.clone());
        let verdict = Machine::new(Arc::clone(&rules)).request(&mut document, black_box(&view));
        verdict == Verdict::Pass && document.edits().len() == findings
    }))
}

/// View and machine, as a stream with output rules goes.
fn pii_events(format: &'static dyn ChatFormat) -> Result<Round, Box<dyn Error>> {
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
            format.view_event(event, &mut view).is_ok()
                && machine.event(event, &view, black_box(&mut out)) == Verdict::Pass
        });
        passed && machine.finish(&mut out) == Verdict::Pass
    }))
}

fn translate_request(
    own: &'static dyn ChatFormat,
    other: &'static dyn ChatFormat,
) -> Result<Round, Box<dyn Error>> {
    let body = bodies::request(own, 4 * KIB, 7)?;
    Ok(Box::new(move || {
        let mut losses = Losses::default();
        let request = own.decode_request(black_box(&body));
        request.is_ok_and(|request| {
            let written = other.encode_request(&request, Dialect::Original, &mut losses);
            !written.is_empty()
        })
    }))
}

fn translate_events(
    own: &'static dyn ChatFormat,
    other: &'static dyn ChatFormat,
) -> Result<Round, Box<dyn Error>> {
    let events = bodies::events(own)?;
    let options = bodies::answer_options();
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
            model: Some("chat"),
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
