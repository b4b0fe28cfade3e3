//! What the process itself uses, from `/proc`.
//!
//! The names are those that Prometheus's client libraries agree on. Where there is no
//! `/proc` the families are left out.

use super::page::{Page, Value};

/// The kernel reports processor time in hundredths of a second on every architecture.
const TICK_NS: u64 = 10_000_000;

/// Writes the `process_*` families.
pub(super) fn render(page: &mut Page, start_unix_ns: u64) {
    let started = Value::Nano(i64::try_from(start_unix_ns).unwrap_or(i64::MAX));
    page.single(
        "process_start_time_seconds",
        "gauge",
        "Start of the process, seconds since the Unix epoch.",
        started,
    );
    if let Some(cpu_ns) = cpu_ns() {
        let help = "User and system processor time, seconds.";
        page.single(
            "process_cpu_seconds_total",
            "counter",
            help,
            Value::Nano(cpu_ns),
        );
    }
    if let Some(bytes) = resident_bytes() {
        page.single(
            "process_resident_memory_bytes",
            "gauge",
            "Resident memory.",
            Value::Count(bytes),
        );
    }
    if let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") {
        page.single(
            "process_open_fds",
            "gauge",
            "Open file descriptors.",
            Value::Count(descriptors.count() as u64),
        );
    }
}

fn cpu_ns() -> Option<i64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the command in parentheses and may hold spaces.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    i64::try_from((user + system) * TICK_NS).ok()
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1_024)
}
