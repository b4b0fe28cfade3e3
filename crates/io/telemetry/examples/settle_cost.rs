//! What settling one request costs, in processor time of the whole process.
//!
//! `cargo run --release -p tollgate-telemetry --example settle_cost`: builds a record,
//! pushes it, and lets the settler write metrics, an access-log line (to `/dev/null`, or
//! the file given) and spans at 100 % sampling. Each row is a median of five rounds. A
//! second file gets the last round's metrics, for `promtool check metrics`.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;

use bytes::Bytes;
use smallvec::smallvec;
use tollgate_telemetry::{
    AccessLog, Attempt, BoxError, Delivery, Expected, Name, Options, PriceSource, Priced,
    RequestId, Sampler, Settled, Settler, Source, SpanId, SpanTransport, Step, Steps, TraceContext,
};
use tollgate_types::{Tier, Usage};

const RECORDS: u64 = 51_200;
/// So many records, then a pause: 40 000 a second.
const BURST: u64 = 256;
const PAUSE: std::time::Duration = std::time::Duration::from_micros(6_400);
const ROUNDS: usize = 5;

/// Takes every batch.
struct Nowhere;

impl SpanTransport for Nowhere {
    async fn post(&self, _body: Bytes) -> Result<Delivery, BoxError> {
        Ok(Delivery {
            status: 200,
            retry_after: None,
        })
    }
}

/// What a snapshot would share between requests.
struct Names {
    service: std::sync::Arc<str>,
    key_id: std::sync::Arc<str>,
    model: std::sync::Arc<str>,
    revision: std::sync::Arc<str>,
}

const STEPS: [Step; 7] = [
    Step::Operation,
    Step::Caller,
    Step::Document,
    Step::Inspect,
    Step::Route,
    Step::Attempt,
    Step::Reply,
];

fn record(names: &Names, sampler: Sampler, number: u64) -> Box<Settled> {
    let mut steps = Steps::default();
    STEPS.iter().for_each(|step| steps.add(*step, 1_500));
    let attempt = Attempt {
        span_id: SpanId::random(),
        target: names.model.clone(),
        provider: names.service.clone(),
        provider_kind: "openai",
        model: names.model.clone(),
        host: Some(names.service.clone()),
        port: 443,
        start_offset_ns: 40_000,
        duration_ns: 900_000_000 + number * 17,
        ttft_ns: Some(200_000_000 + number * 13),
        status: 200,
        class: None,
        error: None,
    };
    Box::new(Settled {
        request_id: RequestId::random(),
        trace: TraceContext::start(sampler),
        start_unix_ns: 1_795_249_053_000_250_999 + number,
        duration_ns: 1_000_000_000 + number * 19,
        ttft_ns: Some(210_000_000 + number * 13),
        service: Some(names.service.clone()),
        team: Some(names.service.clone()),
        key_id: Some(names.key_id.clone()),
        method: http::Method::POST,
        path: Name::Static("/v1/chat/completions"),
        operation: "chat",
        format: "openai_chat",
        route: Some(names.model.clone()),
        model: Some(names.model.clone()),
        is_stream: number.is_multiple_of(2),
        status: 200,
        class: None,
        attempts: smallvec![attempt],
        served_by: Some(0),
        response_model: Some(Name::Shared(names.model.clone())),
        response_id: Some(Box::from("chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT")),
        finish_reason: Some(Name::Static("stop")),
        usage: Some(Usage {
            input: 210,
            output: 64,
            ..Usage::default()
        }),
        usage_source: Source::Reported,
        expected: Expected::default(),
        uncounted: None,
        price: Priced::listed("openai", "gpt-4o-mini"),
        asked_tier: Tier::Unsaid,
        cost: None,
        price_source: PriceSource::Unknown,
        bytes_in: 1_024,
        bytes_out: 1_400,
        losses: vec![],
        findings: vec![],
        checks: vec![],
        retries: 0,
        failovers: 0,
        is_caller_gone: false,
        steps,
        revision: Some(names.revision.clone()),
    })
}

/// Processor time of all threads so far, in nanoseconds.
fn cpu_ns() -> io::Result<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        sum += text
            .split(' ')
            .next()
            .and_then(|ns| ns.parse::<u64>().ok())
            .unwrap_or_default();
    }
    Ok(sum)
}

fn round(
    names: &Names,
    access_log: AccessLog,
    traces: bool,
    settle: bool,
) -> Result<u64, BoxError> {
    let options = Options {
        access_log,
        traces: traces.then(|| "cost".into()),
        version: "0.0.0",
        ..Options::default()
    };
    let settler = Settler::start(options)?;
    let sampler = if traces {
        Sampler::ppm(1_000_000)
    } else {
        Sampler::OFF
    };
    let exporter = settler.take_exporter();
    let before = cpu_ns()?;
    let spent = std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let (Ok(runtime), Some(exporter)) = (runtime, exporter) {
                runtime.block_on(exporter.run(Nowhere));
            }
        });
        for number in 0..RECORDS {
            let record = record(names, sampler, number);
            if settle {
                settler.settle(record);
                if number % BURST == BURST - 1 {
                    // The settler's own thread writes, as in a gateway.
                    std::thread::park_timeout(PAUSE);
                }
            }
        }
        settler.flush();
        let spent = cpu_ns();
        settler.shutdown();
        spent
    })?;
    let spans = if traces { RECORDS * 2 } else { 0 };
    let page = settler.metrics();
    if let Some(path) = std::env::args_os().nth(2) {
        std::fs::write(path, &page)?;
    }
    if !page.contains(&format!("tollgate_spans_sent_total {spans}\n")) {
        return Err("spans were dropped: the cost of the others would be wrong".into());
    }
    Ok((spent - before) / RECORDS)
}

fn main() -> Result<(), BoxError> {
    let path = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("/dev/null"), PathBuf::from);
    let names = Names {
        service: "billing-service".into(),
        key_id: "k3yK3yK3".into(),
        model: "gpt-4o-mini".into(),
        revision: "0123456789abcdef".into(),
    };
    let log = AccessLog::File(path);
    let cells = [
        ("build and drop the record", AccessLog::Off, false, false),
        ("+ queue and metrics", AccessLog::Off, false, true),
        ("+ queue, metrics, access log", log.clone(), false, true),
        ("+ queue, metrics, spans", AccessLog::Off, true, true),
        ("+ everything", log, true, true),
    ];
    let mut table = String::new();
    for (name, access_log, traces, settle) in cells {
        let rounds: Result<Vec<u64>, BoxError> = (0..ROUNDS)
            .map(|_| round(&names, access_log.clone(), traces, settle))
            .collect();
        let mut rounds = rounds?;
        rounds.sort_unstable();
        writeln!(
            table,
            "{name:32} {:>6} ns a request",
            rounds.get(ROUNDS / 2).copied().unwrap_or_default()
        )?;
    }
    io::stdout().write_all(table.as_bytes())?;
    Ok(())
}
