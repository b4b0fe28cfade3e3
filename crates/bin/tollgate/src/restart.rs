//! Settings that a running process cannot change.

use tollgate_config::Config;

/// The settings in which `new` differs from what the process was started with and which
/// take effect only at the next start.
pub(crate) fn needed_for(started: &Config, new: &Config) -> Vec<&'static str> {
    let (from, to) = (&started.gateway, &new.gateway);
    let (limits, timeouts) = (&from.limits, &from.caller_timeouts);
    let (telemetry, wanted) = (&started.telemetry, &new.telemetry);
    let same = [
        ("gateway.host", from.host == to.host),
        ("gateway.port", from.port == to.port),
        ("gateway.tls", from.tls == to.tls),
        ("gateway.admin.host", from.admin_host == to.admin_host),
        ("gateway.admin.port", from.admin_port == to.admin_port),
        ("gateway.state_dir", from.state_dir == to.state_dir),
        (
            "gateway.limits.header_bytes_max",
            limits.header_bytes_max == to.limits.header_bytes_max,
        ),
        (
            "gateway.limits.headers_max",
            limits.headers_max == to.limits.headers_max,
        ),
        (
            "gateway.limits.connections_max",
            limits.connections_max == to.limits.connections_max,
        ),
        (
            "gateway.timeouts.header_ms",
            timeouts.header == to.caller_timeouts.header,
        ),
        (
            "gateway.timeouts.idle_ms",
            timeouts.idle == to.caller_timeouts.idle,
        ),
        (
            "telemetry.access_log",
            telemetry.access_log == wanted.access_log,
        ),
        (
            "telemetry.traces.otlp_endpoint",
            telemetry.otlp_endpoint == wanted.otlp_endpoint,
        ),
        (
            "telemetry.traces.sample",
            telemetry.sample_ppm == wanted.sample_ppm,
        ),
        (
            "telemetry.traces.service_name",
            telemetry.service_name == wanted.service_name,
        ),
    ];
    same.iter()
        .filter(|(_, same)| !same)
        .map(|(name, _)| *name)
        .collect()
}
