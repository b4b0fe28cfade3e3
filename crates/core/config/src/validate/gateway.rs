//! The process: addresses, limits, timeouts, failover.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::Check;
use super::number::{Rule, bytes, ms, plain};
use crate::problem::quote;
use crate::spec::{
    AnonymousSpec, ConversationsSpec, FailoverSpec, GatewaySpec, LimitsSpec, RefusedSpec,
    TimeoutsSpec, TlsSpec, TranslationSpec,
};
use crate::valid::{
    CallerTimeouts, ConversationsConfig, Failover, GatewayConfig, Limits, Parameters, Timeouts,
    TlsConfig,
};

const DAY_MS: u64 = 86_400_000;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

const CONNECT: Rule = ms(1, 5000, 600_000);
const FIRST_TOKEN: Rule = ms(1, 60_000, DAY_MS);
const BETWEEN_TOKENS: Rule = ms(1, 60_000, DAY_MS);
const WHOLE: Rule = ms(1, 600_000, DAY_MS);
const HEADER: Rule = ms(1, 30_000, DAY_MS);
const BODY: Rule = ms(1, 60_000, DAY_MS);
const IDLE: Rule = ms(1, 120_000, DAY_MS);
const REQUEST: Rule = ms(1, 900_000, DAY_MS);
const DRAIN: Rule = ms(0, 30_000, DAY_MS);

const ADMIN_HOST: &str = "127.0.0.1";

impl Check<'_> {
    pub(super) fn gateway(&mut self, spec: &GatewaySpec, timeouts: Timeouts) -> GatewayConfig {
        self.addresses(spec);
        if let Some(service) = &spec.service {
            self.name("gateway.service", service);
        }
        let anonymous = spec.anonymous == Some(AnonymousSpec::Allow);
        if anonymous {
            let message = "callers without a key are served";
            let help =
                "meant for development; remove `anonymous: allow` to ask every caller for a key";
            self.warning("gateway.anonymous", message, help);
            self.shared_conversations(spec);
        }
        let admin_host = spec.admin.host.as_deref().unwrap_or(ADMIN_HOST);
        GatewayConfig {
            conversations: spec
                .conversations
                .as_ref()
                .map(|spec| self.conversations(spec)),
            host: spec.host.clone(),
            port: spec.port,
            service: spec.service.clone(),
            anonymous,
            tls: spec.tls.as_ref().map(|tls| self.tls(tls)),
            admin_host: admin_host.to_owned(),
            admin_port: spec.admin.port,
            limits: self.limits(&spec.limits),
            caller_timeouts: CallerTimeouts {
                header: self.millis(
                    "gateway.timeouts.header_ms",
                    spec.timeouts.header_ms,
                    &HEADER,
                ),
                body: self.millis("gateway.timeouts.body_ms", spec.timeouts.body_ms, &BODY),
                idle: self.millis("gateway.timeouts.idle_ms", spec.timeouts.idle_ms, &IDLE),
                request: self.request_timeout,
            },
            timeouts,
            failover: self.failover(&spec.failover),
            strict_translation: spec.translation == Some(TranslationSpec::Strict),
            parameters: self.refused_parameters(spec),
            state_dir: spec.state_dir.as_deref().map(|dir| self.state_dir(dir)),
            drain: self.millis("gateway.drain_ms", spec.drain_ms, &DRAIN),
        }
    }

    fn refused_parameters(&mut self, spec: &GatewaySpec) -> Parameters {
        match spec.parameters {
            None | Some(RefusedSpec::Pass) => Parameters::Pass,
            Some(RefusedSpec::Refuse) => Parameters::Refuse,
            Some(RefusedSpec::Adjust) => {
                if spec.translation == Some(TranslationSpec::Strict) {
                    let message = "`translation: strict` refuses what `adjust` would change";
                    let help = "write `parameters: refuse`, or `translation: best_effort`";
                    self.warning("gateway.parameters", message, help);
                }
                Parameters::Adjust
            }
        }
    }

    fn addresses(&mut self, spec: &GatewaySpec) {
        if let Some(host) = &spec.host {
            self.host("gateway.host", host);
        }
        if let Some(host) = &spec.admin.host
            && self.host("gateway.admin.host", host)
            && !is_loopback(host)
        {
            let message = format!("the admin API is open to whoever reaches {}", quote(host));
            let help = "keep `127.0.0.1` unless the network in front of it is closed";
            self.warning("gateway.admin.host", message, help);
        }
        let ports = (spec.port, spec.admin.port);
        if ports.0.is_some_and(|port| port != 0) && ports.0 == ports.1 {
            let message = "the admin listener has the gateway's port";
            self.error("gateway.admin.port", message, "give it a port of its own");
        }
    }

    fn host(&mut self, path: &str, host: &str) -> bool {
        let named = !host.is_empty()
            && host.len() <= 253
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        let good = named || host.parse::<IpAddr>().is_ok();
        if !good {
            let message = format!("{} is not an address to listen on", quote(host));
            let help = "write an address such as `127.0.0.1`, `0.0.0.0` or `::1`; the port has a field of its own";
            self.error(path, message, help);
        }
        good
    }

    fn tls(&mut self, spec: &TlsSpec) -> TlsConfig {
        TlsConfig {
            cert_file: self.file("gateway.tls.cert_file", &spec.cert_file),
            key_file: self.file("gateway.tls.key_file", &spec.key_file),
        }
    }

    fn state_dir(&mut self, dir: &str) -> PathBuf {
        self.file("gateway.state_dir", dir)
    }

    /// Whoever has no key is one service with all others that have none.
    fn shared_conversations(&mut self, spec: &GatewaySpec) {
        if spec.conversations.is_some() {
            let message = "callers without a key share their conversations: whoever knows an id reads what another one's placeholders stand for";
            let help = "remove `anonymous: allow`, or `conversations`";
            self.warning("gateway.conversations", message, help);
        }
    }

    fn conversations(&mut self, spec: &ConversationsSpec) -> ConversationsConfig {
        let at = |field: &str| format!("gateway.conversations.{field}");
        let ttl_s = plain(1, 3600, 30 * 86_400);
        let count = plain(1, 10_000, 10_000_000);
        let size = bytes(1024, 64 * MIB, 16 * GIB);
        ConversationsConfig {
            header: self.header_name(&at("header"), &spec.header),
            ttl: Duration::from_secs(self.number(&at("ttl_s"), spec.ttl_s, &ttl_s)),
            conversations_max: self.size(&at("conversations_max"), spec.conversations_max, &count),
            bytes_max: self.size(&at("bytes_max"), spec.bytes_max, &size),
        }
    }

    fn limits(&mut self, spec: &LimitsSpec) -> Limits {
        let at = |field: &str| format!("gateway.limits.{field}");
        let body = bytes(1, 32 * MIB, 16 * GIB);
        let buffered = bytes(1, 512 * MIB, 1024 * GIB);
        let event = bytes(1024, 4 * MIB, GIB);
        let head = bytes(1024, 65_536, MIB);
        let count = plain(1, 10_000, 10_000_000);
        let usize_of = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let limits = Limits {
            body_bytes_max: self.size(&at("body_bytes_max"), spec.body_bytes_max, &body),
            answer_bytes_max: self.size(&at("answer_bytes_max"), spec.answer_bytes_max, &body),
            buffered_bytes_max: self.size(
                &at("buffered_bytes_max"),
                spec.buffered_bytes_max,
                &buffered,
            ),
            event_bytes_max: self.size(&at("event_bytes_max"), spec.event_bytes_max, &event),
            header_bytes_max: self.size(&at("header_bytes_max"), spec.header_bytes_max, &head),
            headers_max: usize_of(self.count(
                &at("headers_max"),
                spec.headers_max,
                &plain(1, 100, 10_000),
            )),
            connections_max: usize_of(self.count(
                &at("connections_max"),
                spec.connections_max,
                &count,
            )),
            requests_max: usize_of(self.count(&at("requests_max"), spec.requests_max, &count)),
            counts_max: usize_of(self.count(
                &at("counts_max"),
                spec.counts_max,
                &plain(1, 8, 1_000),
            )),
        };
        let all = limits.buffered_bytes_max;
        for (field, limit) in [
            ("body_bytes_max", limits.body_bytes_max),
            ("answer_bytes_max", limits.answer_bytes_max),
        ] {
            if limit > all && self.tree.at(&at(field)).is_some() {
                let message = format!(
                    "{limit} can never be reached: all bodies together may have {all} bytes"
                );
                let help = "lower it, or raise `buffered_bytes_max`";
                self.warning(&at(field), message, help);
            }
        }
        limits
    }

    pub(super) fn gateway_timeouts(&mut self, spec: &TimeoutsSpec) -> Timeouts {
        let at = |field: &str| format!("gateway.timeouts.{field}");
        self.request_timeout = self.millis(&at("request_ms"), spec.request_ms, &REQUEST);
        let timeouts = Timeouts {
            connect: self.millis(&at("connect_ms"), spec.connect_ms, &CONNECT),
            first_token: self.millis(&at("first_token_ms"), spec.first_token_ms, &FIRST_TOKEN),
            between_tokens: self.millis(
                &at("between_tokens_ms"),
                spec.between_tokens_ms,
                &BETWEEN_TOKENS,
            ),
            whole: self.millis(&at("whole_ms"), spec.whole_ms, &WHOLE),
        };
        self.timeouts_that_bind("gateway.timeouts", spec, &timeouts);
        timeouts
    }

    /// A provider's, target's or route's own timeouts over those around it.
    pub(super) fn timeouts(
        &mut self,
        path: &str,
        spec: &TimeoutsSpec,
        around: &Timeouts,
    ) -> Timeouts {
        let only_gateway = [
            ("header_ms", spec.header_ms),
            ("body_ms", spec.body_ms),
            ("idle_ms", spec.idle_ms),
            ("request_ms", spec.request_ms),
        ];
        for (field, value) in only_gateway {
            if value.is_some() {
                let message = format!("`{field}` is about callers, not about providers");
                let help = "move it to `gateway.timeouts`";
                self.error(&format!("{path}.{field}"), message, help);
            }
        }
        // A provider's connections serve all of its targets and routes.
        if spec.connect_ms.is_some() && !path.starts_with("providers") {
            let message = "`connect_ms` is about a provider's connections, which its targets share";
            let help = "move it to the provider's `timeouts`, or to `gateway.timeouts`";
            self.error(&format!("{path}.connect_ms"), message, help);
        }
        let mut pick = |field: &str, written: Option<u64>, around, rule: &Rule| match written {
            None => around,
            written => self.millis(&format!("{path}.{field}"), written, rule),
        };
        let timeouts = Timeouts {
            connect: pick("connect_ms", spec.connect_ms, around.connect, &CONNECT),
            first_token: pick(
                "first_token_ms",
                spec.first_token_ms,
                around.first_token,
                &FIRST_TOKEN,
            ),
            between_tokens: pick(
                "between_tokens_ms",
                spec.between_tokens_ms,
                around.between_tokens,
                &BETWEEN_TOKENS,
            ),
            whole: pick("whole_ms", spec.whole_ms, around.whole, &WHOLE),
        };
        self.timeouts_that_bind(path, spec, &timeouts);
        timeouts
    }

    /// Warns of a written timeout that another one always ends first.
    fn timeouts_that_bind(&mut self, path: &str, spec: &TimeoutsSpec, timeouts: &Timeouts) {
        let parts = [
            ("connect_ms", spec.connect_ms, timeouts.connect),
            ("first_token_ms", spec.first_token_ms, timeouts.first_token),
            (
                "between_tokens_ms",
                spec.between_tokens_ms,
                timeouts.between_tokens,
            ),
        ];
        for (field, written, value) in parts {
            if written.is_some() && value > timeouts.whole {
                let whole = timeouts.whole.as_millis();
                let message =
                    format!("can never be reached: `whole_ms` ends the attempt after {whole} ms");
                let help = "lower it, or raise `whole_ms`";
                self.warning(&format!("{path}.{field}"), message, help);
            }
        }
        // A plain route has one attempt, which nothing else ends.
        let is_chat = !path.starts_with("routes");
        if spec.whole_ms.is_some() && timeouts.whole > self.request_timeout && is_chat {
            let request = self.request_timeout.as_millis();
            let message =
                format!("can never be reached: a request ends after {request} ms (`request_ms`)");
            let help = "lower it, or raise `gateway.timeouts.request_ms`";
            self.warning(&format!("{path}.whole_ms"), message, help);
        }
    }

    fn failover(&mut self, spec: &FailoverSpec) -> Failover {
        let at = |field: &str| format!("gateway.failover.{field}");
        let failover = Failover {
            attempts_max: self.count(&at("attempts_max"), spec.attempts_max, &plain(1, 3, 100)),
            hold: self.millis(&at("hold_ms"), spec.hold_ms, &ms(0, 10_000, 600_000)),
            hold_bytes_max: self.size(
                &at("hold_bytes_max"),
                spec.hold_bytes_max,
                &bytes(0, 65_536, 16 * MIB),
            ),
            backoff: self.millis(&at("backoff_ms"), spec.backoff_ms, &ms(0, 100, 60_000)),
            backoff_max: self.millis(
                &at("backoff_ms_max"),
                spec.backoff_ms_max,
                &ms(0, 2000, 600_000),
            ),
            retry_budget_percent: self.count(
                &at("retry_budget_percent"),
                spec.retry_budget_percent,
                &plain(0, 20, 1000),
            ),
            retry_budget_per_second_min: self.count(
                &at("retry_budget_per_second_min"),
                spec.retry_budget_per_second_min,
                &plain(0, 10, 1_000_000),
            ),
        };
        if failover.backoff > failover.backoff_max {
            let first = failover.backoff.as_millis();
            let longest = failover.backoff_max.as_millis();
            let message =
                format!("the first back-off, {first} ms, is longer than the longest, {longest} ms");
            let help = "lower `backoff_ms`, or raise `backoff_ms_max`";
            let longest = at("backoff_ms_max");
            self.error_without(&[&longest], &at("backoff_ms"), message, help);
        }
        failover
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
