//! What `/proc` says about processes and the machine.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// CPU seconds of a process and of all its descendants, every thread and every reaped
/// child included.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let ticks: u64 = tree(pid).into_iter().filter_map(own_ticks).sum();
    seconds(ticks)
}

/// CPU seconds that the machine was not idle, since it started.
pub(crate) fn busy_seconds() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let fields = line.split_whitespace().skip(1).enumerate();
    // User, nice, system; not idle, not waiting; interrupts and what was stolen.
    let busy = fields.filter(|(index, _)| matches!(index, 0..=2 | 5..=7));
    seconds(
        busy.filter_map(|(_, ticks)| ticks.parse::<u64>().ok())
            .sum(),
    )
}

/// A memory figure of a process tree in MiB: `VmRSS` is now, `VmHWM` the most so far.
pub(crate) fn memory_mib(pid: u32, field: &str) -> f64 {
    let kib = |pid: u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = text.lines().find(|line| line.starts_with(field))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    tree(pid).into_iter().filter_map(kib).sum::<f64>() / 1024.0
}

/// Waits until others use little of the machine, at most so long; gives their share
/// of one core at the end.
pub(crate) async fn quiet(limit: Duration) -> f64 {
    const QUIET_SHARE: f64 = 0.1;
    let end = Instant::now() + limit;
    loop {
        let (before, start) = (busy_seconds(), Instant::now());
        sleep(Duration::from_millis(500)).await;
        let share = (busy_seconds() - before) / start.elapsed().as_secs_f64();
        if share < QUIET_SHARE || Instant::now() >= end {
            return share;
        }
    }
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// The fields of `/proc/PID/stat` behind the name, which may hold anything.
fn stat(pid: u32) -> Option<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    // Some fields are negative or letters; none of those is read here.
    Some(
        fields
            .split(' ')
            .map(|field| field.parse().unwrap_or(0))
            .collect(),
    )
}

fn own_ticks(pid: u32) -> Option<u64> {
    const USER: usize = 11;
    const SYSTEM_OF_CHILDREN: usize = 14;
    Some(stat(pid)?.get(USER..=SYSTEM_OF_CHILDREN)?.iter().sum())
}

/// A process and all its descendants that live now.
fn tree(pid: u32) -> Vec<u32> {
    const PARENT: usize = 1;
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for other in entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
        let parent = stat(other).and_then(|fields| u32::try_from(*fields.get(PARENT)?).ok());
        children.entry(parent.unwrap_or(0)).or_default().push(other);
    }
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(parent) = found.get(next) {
        found.extend(children.get(parent).into_iter().flatten());
        next += 1;
    }
    found
}
