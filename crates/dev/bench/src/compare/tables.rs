//! The tables, in Markdown that also reads well in a terminal.

mod grid;

use super::Plan;
use super::cell::{Cell, Phase};
use super::gateway::Gateway;
use super::summary::{Median, NOISE_SHARE_MAX, Summary};
use super::targets::{Target, targets};
use super::workload::{RATE, Workload};
use grid::{Row, section};

/// Every table of a run.
pub(crate) fn render(summary: &Summary, plan: &Plan<'_>) -> String {
    let rounds = plan.rounds();
    let sections = [
        format!(
            "Medians of {rounds} interleaved rounds; least and most in brackets. `*`: others used the machine during every phase."
        ),
        section(
            "Targets",
            &TARGETS,
            targets(summary).iter().map(target).collect(),
        ),
        section(
            "CPU and throughput",
            &CPU,
            rows(summary, plan, |work| work.counts_cpu, cpu),
        ),
        section(
            &format!("At {RATE} requests/s, from the scheduled time (us)"),
            &OPEN,
            rows(summary, plan, |work| work.has_open_loop, open),
        ),
        section(
            "Time to first token, 4 streams (us)",
            &FIRST,
            rows(
                summary,
                plan,
                |work| work.name == "first-token",
                first_token,
            ),
        ),
        section(
            "One connection, back to back (us)",
            &BACK,
            rows(
                summary,
                plan,
                |work| work.name == "back-to-back",
                back_to_back,
            ),
        ),
        section(
            "Process",
            &PROCESS,
            plan.gateways
                .iter()
                .filter_map(|gateway| process(summary, *gateway))
                .collect(),
        ),
        noise(summary),
    ];
    let sections: Vec<String> = sections
        .into_iter()
        .filter(|section| !section.is_empty())
        .collect();
    sections.join("\n\n")
}

const TARGETS: [&str; 7] = [
    "target",
    "ours",
    "reference",
    "counts",
    "must",
    "goal",
    "verdict",
];
const CPU: [&str; 6] = [
    "work",
    "row",
    "CPU us",
    "to reference",
    "per second",
    "bad answers",
];
const OPEN: [&str; 6] = ["work", "row", "p50", "p99", "added p50", "added p99"];
const FIRST: [&str; 6] = ["work", "row", "p50", "p99", "added p50", "added p99"];
const BACK: [&str; 5] = ["work", "row", "p50", "p99", "longest"];
const PROCESS: [&str; 7] = [
    "row",
    "ready ms",
    "idle MiB",
    "most MiB, unary-1k",
    "most MiB, any work",
    "log lines",
    "spans",
];

fn rows(
    summary: &Summary,
    plan: &Plan<'_>,
    wanted: impl Fn(&Workload) -> bool,
    row: impl Fn(&Summary, Gateway, &Workload) -> Option<Row>,
) -> Vec<Row> {
    let works = plan.workloads.iter().filter(|work| wanted(work));
    works
        .flat_map(|work| {
            plan.gateways
                .iter()
                .filter_map(|gateway| row(summary, *gateway, work))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn target(target: &Target) -> Row {
    let Target {
        what,
        unit,
        must,
        goal,
        ..
    } = target;
    let number = |value: f64| {
        if *unit == "x" {
            format!("{value:.2}")
        } else {
            format!("{value:.1}")
        }
    };
    let reference = target
        .reference
        .map(|(gateway, value)| format!("{} {value:.1}", gateway.name()));
    let star = if target.is_noisy { "*" } else { "" };
    vec![
        what.clone(),
        format!("{:.1}{star}", target.ours),
        reference.unwrap_or_else(|| "-".to_owned()),
        format!("{} {unit}", number(target.counts)),
        format!("<= {must}"),
        goal.map_or_else(|| "-".to_owned(), |goal| format!("<= {goal}")),
        target.verdict().to_owned(),
    ]
}

/// What a kind of work is compared with.
fn reference(work: &Workload) -> (Gateway, &'static str) {
    match work.name {
        "messages-100k" => (Gateway::Floor, "unary-100k"),
        _ if work.is_translated() && work.is_stream() => (Gateway::Nginx, "stream"),
        _ if work.is_translated() => (Gateway::Nginx, "unary-1k"),
        name if work.body_bytes > 10 * 1024 => (Gateway::Floor, name),
        name => (Gateway::Nginx, name),
    }
}

fn cpu(summary: &Summary, gateway: Gateway, work: &Workload) -> Option<Row> {
    let speed = summary.closed(gateway, work.name, |phase| Some(phase.per_second()))?;
    let cpu = summary.cpu(gateway, work.name);
    let (reference, reference_work) = reference(work);
    let ratio = cpu.and_then(|own| {
        let reference = summary.cpu(reference, reference_work)?;
        Some(own.value / reference.value)
    });
    let each = if work.is_stream() { " /event" } else { "" };
    let bad: u64 = summary.of(gateway, work.name).map(Cell::bad_answers).sum();
    Some(vec![
        work.name.to_owned(),
        gateway.name().to_owned(),
        cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{}{each}", spread(cpu, 2))),
        ratio.map_or_else(
            || "-".to_owned(),
            |ratio| format!("{ratio:.2} x {}", reference.name()),
        ),
        format!("{:.0}", speed.value),
        if bad == 0 {
            "0".to_owned()
        } else {
            format!("{bad}: INVALID")
        },
    ])
}

fn spread(median: Median, digits: usize) -> String {
    let Median {
        value,
        least,
        most,
        is_noisy,
    } = median;
    let star = if is_noisy { "*" } else { "" };
    format!("{value:.digits$}{star} ({least:.digits$}-{most:.digits$})")
}

fn open(summary: &Summary, gateway: Gateway, work: &Workload) -> Option<Row> {
    let p50 = |phase: &Phase| Some(phase.report.latency_us.p50);
    let p99 = |phase: &Phase| Some(phase.report.latency_us.p99);
    let figures = |gateway| {
        Some((
            summary.open(gateway, work.name, p50)?,
            summary.open(gateway, work.name, p99)?,
        ))
    };
    let untranslated = if work.is_translated() {
        reference(work).1
    } else {
        work.name
    };
    let direct = Some((
        summary.open(Gateway::Direct, untranslated, p50),
        summary.open(Gateway::Direct, untranslated, p99),
    ));
    latency(
        work,
        gateway,
        figures(gateway)?,
        direct.and_then(|(p50, p99)| Some((p50?, p99?))),
    )
}

fn first_token(summary: &Summary, gateway: Gateway, work: &Workload) -> Option<Row> {
    let figures = |gateway| {
        let p50 = summary.closed(gateway, work.name, |phase| {
            Some(phase.report.first_content_us.p50)
        })?;
        let p99 = summary.closed(gateway, work.name, |phase| {
            Some(phase.report.first_content_us.p99)
        })?;
        Some((p50, p99))
    };
    latency(work, gateway, figures(gateway)?, figures(Gateway::Direct))
}

fn latency(
    work: &Workload,
    gateway: Gateway,
    own: (Median, Median),
    direct: Option<(Median, Median)>,
) -> Option<Row> {
    let added = |own: Median, direct: Option<Median>| {
        direct.map_or_else(
            || "-".to_owned(),
            |direct| format!("{:.0}", own.value - direct.value),
        )
    };
    Some(vec![
        work.name.to_owned(),
        gateway.name().to_owned(),
        spread(own.0, 0),
        spread(own.1, 0),
        added(own.0, direct.map(|direct| direct.0)),
        added(own.1, direct.map(|direct| direct.1)),
    ])
}

fn back_to_back(summary: &Summary, gateway: Gateway, work: &Workload) -> Option<Row> {
    let figure =
        |figure: fn(&Phase) -> f64| summary.closed(gateway, work.name, |phase| Some(figure(phase)));
    Some(vec![
        work.name.to_owned(),
        gateway.name().to_owned(),
        spread(figure(|phase| phase.report.latency_us.p50)?, 0),
        spread(figure(|phase| phase.report.latency_us.p99)?, 0),
        spread(figure(|phase| phase.report.latency_us.max)?, 0),
    ])
}

fn process(summary: &Summary, gateway: Gateway) -> Option<Row> {
    if gateway == Gateway::Direct {
        return None;
    }
    let cells = || summary.cells.iter().filter(|cell| cell.gateway == gateway);
    let share = |kept: fn(&Cell) -> u64| {
        let requests: u64 = cells().map(|cell| cell.requests).sum();
        let kept: u64 = cells().map(kept).sum();
        if kept == 0 {
            "-".to_owned()
        } else {
            format!("{:.2} a request", kept as f64 / requests.max(1) as f64)
        }
    };
    let or_none =
        |median: Option<Median>| median.map_or_else(|| "-".to_owned(), |median| spread(median, 1));
    Some(vec![
        gateway.name().to_owned(),
        or_none(summary.process(gateway, |cell| Some(cell.ready_ms))),
        or_none(summary.process(gateway, |cell| cell.idle_mib)),
        or_none(summary.process(gateway, |cell| {
            (cell.work == "unary-1k").then_some(cell.peak_mib)
        })),
        cells()
            .map(|cell| cell.peak_mib)
            .max_by(f64::total_cmp)
            .map_or_else(String::new, |most| format!("{most:.1}")),
        share(|cell| cell.log_lines),
        share(|cell| cell.spans),
    ])
}

fn noise(summary: &Summary) -> String {
    let phases: Vec<&Phase> = summary
        .cells
        .iter()
        .flat_map(|cell| [Some(&cell.closed), cell.open.as_ref()])
        .flatten()
        .collect();
    let noisy = phases
        .iter()
        .filter(|phase| phase.others > NOISE_SHARE_MAX)
        .count();
    let mut shares: Vec<f64> = phases.iter().map(|phase| phase.others).collect();
    shares.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| {
        shares
            .get((shares.len() * percent / 100).min(shares.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    format!(
        "Noise: of {} phases {noisy} had others use more than {NOISE_SHARE_MAX} of a core; their share was {:.2} at the median, {:.2} at most.",
        phases.len(),
        at(50),
        at(100)
    )
}
