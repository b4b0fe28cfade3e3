//! What must hold, each as a ratio or a difference within one run.

use super::gateway::Gateway;
use super::gateway::Gateway::{Direct, Floor, Nginx, Tollgate, TollgatePii};
use super::summary::Summary;

/// Something that is to hold.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) ours: f64,
    /// What it is compared with, and that row's figure.
    pub(crate) reference: Option<(Gateway, f64)>,
    /// The ratio or difference that counts.
    pub(crate) counts: f64,
    pub(crate) unit: &'static str,
    pub(crate) must: f64,
    pub(crate) goal: Option<f64>,
    pub(crate) is_noisy: bool,
}

impl Target {
    pub(crate) fn verdict(&self) -> &'static str {
        match (
            self.counts <= self.must,
            self.goal.map(|goal| self.counts <= goal),
        ) {
            (false, _) => "MISSED",
            (true, Some(true)) => "goal met",
            (true, _) => "met",
        }
    }
}

/// Every target that this run has the figures for.
pub(crate) fn targets(summary: &Summary) -> Vec<Target> {
    let mut found = ratios(summary);
    found.extend(added_by_policies(summary));
    found.extend(times(summary));
    found.extend(process(summary));
    found
}

fn ratios(summary: &Summary) -> Vec<Target> {
    let rows = [
        ("unary-1k", Nginx, "unary-1k", 1.4, 1.2),
        ("unary-10k", Nginx, "unary-10k", 1.4, 1.2),
        ("unary-100k", Floor, "unary-100k", 1.35, 1.2),
        ("turns-100k", Floor, "turns-100k", 2.3, 1.8),
        ("messages-1k", Nginx, "unary-1k", 2.0, 1.7),
        ("gemini-1k", Nginx, "unary-1k", 2.0, 1.7),
        ("bedrock-1k", Nginx, "unary-1k", 2.0, 1.7),
        ("stream", Nginx, "stream", 1.35, 1.1),
        ("stream-paced", Nginx, "stream-paced", 1.25, 1.1),
    ];
    let target = |(work, reference, reference_work, must, goal): (&str, _, _, _, _)| {
        let ours = summary.cpu(Tollgate, work)?;
        let theirs = summary.cpu(reference, reference_work)?;
        Some(Target {
            what: format!("CPU, {work}"),
            ours: ours.value,
            reference: Some((reference, theirs.value)),
            counts: ours.value / theirs.value,
            unit: "x",
            must,
            goal: Some(goal),
            is_noisy: ours.is_noisy || theirs.is_noisy,
        })
    };
    rows.into_iter().filter_map(target).collect()
}

fn added_by_policies(summary: &Summary) -> Vec<Target> {
    let rows = [
        ("unary-1k", 4.0),
        ("unary-10k", 4.0),
        ("unary-100k", 4.0),
        ("turns-100k", 4.0),
        ("messages-1k", 4.0),
        ("stream", 1.0),
        ("stream-paced", 1.0),
        ("stream-messages", 1.0),
    ];
    let target = |(work, must)| {
        let with = summary.cpu(TollgatePii, work)?;
        let without = summary.cpu(Tollgate, work)?;
        Some(Target {
            what: format!("CPU that pii_detection adds, {work}"),
            ours: with.value,
            reference: Some((Tollgate, without.value)),
            counts: with.value - without.value,
            unit: "us",
            must,
            goal: None,
            is_noisy: with.is_noisy || without.is_noisy,
        })
    };
    rows.into_iter().filter_map(target).collect()
}

fn times(summary: &Summary) -> Vec<Target> {
    let first = |gateway| {
        summary.closed(gateway, "first-token", |phase| {
            Some(phase.report.first_content_us.p50)
        })
    };
    let p99 = |gateway| {
        summary.open(gateway, "unary-1k", |phase| {
            Some(phase.report.latency_us.p99)
        })
    };
    let back = |gateway| {
        summary.closed(gateway, "back-to-back", |phase| {
            Some(phase.report.latency_us.p99)
        })
    };
    let rows = [
        (
            "time to first token, p50, 4 streams, over direct",
            first(Tollgate),
            Direct,
            first(Direct),
            150.0,
        ),
        (
            "p99 at 500 requests/s, over the bare proxy",
            p99(Tollgate),
            Floor,
            p99(Floor),
            100.0,
        ),
        (
            "back to back on one connection, p99, over direct: no stall",
            back(Tollgate),
            Direct,
            back(Direct),
            5000.0,
        ),
    ];
    let target =
        |(what, ours, reference, theirs, must): (&str, Option<super::summary::Median>, _, _, _)| {
            let (ours, theirs): (_, super::summary::Median) = (ours?, theirs?);
            Some(Target {
                what: what.to_owned(),
                ours: ours.value,
                reference: Some((reference, theirs.value)),
                counts: ours.value - theirs.value,
                unit: "us",
                must,
                goal: None,
                is_noisy: ours.is_noisy || theirs.is_noisy,
            })
        };
    rows.into_iter().filter_map(target).collect()
}

fn process(summary: &Summary) -> Vec<Target> {
    let peak = |cell: &super::cell::Cell| (cell.work == "unary-1k").then_some(cell.peak_mib);
    let rows = [
        (
            "memory idle",
            summary.process(Tollgate, |cell| cell.idle_mib),
            "MiB",
            10.0,
        ),
        (
            "memory at most, unary-1k, 64 connections",
            summary.process(Tollgate, peak),
            "MiB",
            30.0,
        ),
        (
            "start to ready",
            summary.process(Tollgate, |cell| Some(cell.ready_ms)),
            "ms",
            40.0,
        ),
    ];
    let target = |(what, ours, unit, must): (&str, Option<super::summary::Median>, _, _)| {
        let ours = ours?;
        Some(Target {
            what: what.to_owned(),
            ours: ours.value,
            reference: None,
            counts: ours.value,
            unit,
            must,
            goal: None,
            is_noisy: ours.is_noisy,
        })
    };
    rows.into_iter().filter_map(target).collect()
}
