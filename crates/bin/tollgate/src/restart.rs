//! Settings that a running process cannot change.
//!
//! The parts are taken apart field by field: a new field does not compile until somebody
//! has said here whether a reload takes it.

use tollgate_config::{CallerTimeouts, Config, GatewayConfig, Limits, TelemetryConfig};

/// The settings in which `new` differs from what the process was started with and which
/// take effect only at the next start.
pub(crate) fn needed_for(started: &Config, new: &Config) -> Vec<&'static str> {
    let mut changed = Changed(Vec::new());
    changed.gateway(&started.gateway, &new.gateway);
    changed.limits(&started.gateway.limits, &new.gateway.limits);
    let timeouts = &started.gateway.caller_timeouts;
    changed.timeouts(timeouts, &new.gateway.caller_timeouts);
    changed.telemetry(&started.telemetry, &new.telemetry);
    changed.0
}

struct Changed(Vec<&'static str>);

impl Changed {
    fn compare<T: PartialEq>(&mut self, name: &'static str, from: &T, to: &T) {
        if from != to {
            self.0.push(name);
        }
    }

    fn gateway(&mut self, from: &GatewayConfig, to: &GatewayConfig) {
        let GatewayConfig {
            host,
            port,
            tls,
            admin_host,
            admin_port,
            state_dir,
            // Taken apart below.
            limits: _,
            caller_timeouts: _,
            // Taken with every reload.
            service: _,
            anonymous: _,
            timeouts: _,
            failover: _,
            strict_translation: _,
            drain: _,
            conversations: _,
            parameters: _,
        } = from;
        self.compare("gateway.host", host, &to.host);
        self.compare("gateway.port", port, &to.port);
        self.compare("gateway.tls", tls, &to.tls);
        self.compare("gateway.admin.host", admin_host, &to.admin_host);
        self.compare("gateway.admin.port", admin_port, &to.admin_port);
        self.compare("gateway.state_dir", state_dir, &to.state_dir);
    }

    fn limits(&mut self, from: &Limits, to: &Limits) {
        let Limits {
            header_bytes_max,
            headers_max,
            connections_max,
            // Taken with every reload.
            body_bytes_max: _,
            answer_bytes_max: _,
            buffered_bytes_max: _,
            event_bytes_max: _,
            requests_max: _,
            counts_max: _,
        } = from;
        let name = "gateway.limits.header_bytes_max";
        self.compare(name, header_bytes_max, &to.header_bytes_max);
        self.compare("gateway.limits.headers_max", headers_max, &to.headers_max);
        let name = "gateway.limits.connections_max";
        self.compare(name, connections_max, &to.connections_max);
    }

    fn timeouts(&mut self, from: &CallerTimeouts, to: &CallerTimeouts) {
        let CallerTimeouts {
            header,
            idle,
            // Taken with every reload.
            body: _,
            request: _,
        } = from;
        self.compare("gateway.timeouts.header_ms", header, &to.header);
        self.compare("gateway.timeouts.idle_ms", idle, &to.idle);
    }

    fn telemetry(&mut self, from: &TelemetryConfig, to: &TelemetryConfig) {
        let TelemetryConfig {
            access_log,
            otlp_endpoint,
            sample_ppm,
            service_name,
        } = from;
        self.compare("telemetry.access_log", access_log, &to.access_log);
        let name = "telemetry.traces.otlp_endpoint";
        self.compare(name, otlp_endpoint, &to.otlp_endpoint);
        let name = "telemetry.traces.sample_percent";
        self.compare(name, sample_ppm, &to.sample_ppm);
        let name = "telemetry.traces.service_name";
        self.compare(name, service_name, &to.service_name);
    }
}
