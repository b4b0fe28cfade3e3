//! What providers pass through: routes of their own, below their names.

use super::Check;
use super::number::{bytes, ms};
use super::url::path_of;
use crate::own_path::OwnPath;
use crate::problem::quote;
use crate::spec::{PassThroughSpec, PassedPathSpec, ProviderSpec, UnscannableSpec, WebSocketsSpec};
use crate::tree::{child, item};
use crate::valid::{ProviderConfig, RouteConfig, SocketLimits};

const DAY_MS: u64 = 86_400_000;

/// The providers that pass something through, by name.
pub(super) fn names(providers: &[ProviderSpec]) -> impl Iterator<Item = &str> {
    let passing = providers.iter().filter(|spec| enabled(spec).is_some());
    passing.map(|spec| spec.name.as_str())
}

fn enabled(provider: &ProviderSpec) -> Option<&PassThroughSpec> {
    let spec = provider.pass_through.as_ref();
    spec.filter(|spec| spec.enabled != Some(false))
}

impl Check<'_> {
    /// Adds a route for every path that passes, with and without the version of the base URL.
    pub(super) fn passed_through(
        &mut self,
        specs: &[ProviderSpec],
        providers: &[ProviderConfig],
        routes: &mut Vec<RouteConfig>,
    ) {
        for (index, (spec, provider)) in specs.iter().zip(providers).enumerate() {
            let Some(passing) = enabled(spec) else {
                continue;
            };
            let at = child(&item("providers", index), "pass_through");
            self.prefix(&at, &provider.name, routes);
            let sockets = self.sockets(&child(&at, "web_sockets"), &passing.web_sockets);
            self.signed(&at, Some(provider));
            for (path, written) in passed(&at, passing) {
                let pattern = written.map_or("/*", |written| &written.path);
                let methods = written.map_or(&[][..], |written| &written.methods);
                let (below, is_prefix) = match pattern.strip_suffix("/*") {
                    Some(prefix) => (prefix, true),
                    None => (pattern, false),
                };
                if !self.path(&child(&path, "path"), pattern, below, is_prefix) {
                    continue;
                }
                let methods = self.methods(&child(&path, "methods"), methods);
                for (prefix, to) in places(below, provider) {
                    let route = RouteConfig {
                        name: provider.name.clone(),
                        path: format!("/{}{prefix}", provider.name),
                        is_prefix,
                        methods: methods.clone(),
                        is_pass_through: true,
                        sockets: Some(sockets),
                        provider: index,
                        to: Some(to.to_owned()),
                        request_texts: tollgate_formats::TextPaths::default(),
                        response_texts: tollgate_formats::TextPaths::default(),
                        unscannable_allowed: passing.unscannable == Some(UnscannableSpec::Allow)
                            || self.lost.touches(&child(&at, "unscannable")),
                        origin: self.origin(&at),
                        timeouts: provider.timeouts,
                    };
                    self.same_route(&path, &route, routes);
                    routes.push(route);
                }
            }
        }
    }

    fn sockets(&mut self, path: &str, spec: &WebSocketsSpec) -> SocketLimits {
        let silent = ms(1, 120_000, DAY_MS);
        let open = ms(1, 3_600_000, DAY_MS);
        let message = bytes(1, 32 << 20, 1 << 30);
        let at = |field: &str| child(path, field);
        SocketLimits {
            idle: self.millis(&at("silent_ms"), spec.silent_ms, &silent),
            whole: self.millis(&at("open_ms"), spec.open_ms, &open),
            message_bytes_max: self.number(
                &at("message_bytes_max"),
                spec.message_bytes_max,
                &message,
            ),
        }
    }

    /// A prefix that nobody else has, and policies can name.
    fn prefix(&mut self, at: &str, name: &str, routes: &[RouteConfig]) {
        if OwnPath::begins_with(name) {
            let message = format!("the paths below `/{name}` are the gateway's own");
            self.error(at, message, "give the provider another name");
        }
        let mut routes = routes.iter();
        if let Some(route) = routes.find(|route| *route.name == *name && !route.is_pass_through) {
            let message = format!(
                "the route at line {} is called {} too",
                route.origin.line,
                quote(name)
            );
            let help = "give one of them another name: policies and logs go by it";
            self.error(at, message, help);
        }
    }
}

/// What is written, and where; one that stands for everything where nothing is.
fn passed<'s>(at: &str, spec: &'s PassThroughSpec) -> Vec<(String, Option<&'s PassedPathSpec>)> {
    let paths = child(at, "paths");
    let written = spec.paths.iter().enumerate();
    let mut all: Vec<_> = written
        .map(|(index, path)| (item(&paths, index), Some(path)))
        .collect();
    if all.is_empty() {
        all.push((at.to_owned(), None));
    }
    all
}

/// A path behind the provider's name as callers may write it, each with where it leads
/// below the base URL.
fn places<'p>(below: &'p str, provider: &ProviderConfig) -> Vec<(String, &'p str)> {
    let base = provider
        .base_url
        .as_deref()
        .map(path_of)
        .unwrap_or_default();
    let Some(version) = base.rsplit('/').next().filter(|last| is_version(last)) else {
        return vec![(below.to_owned(), below)];
    };
    let versioned = below
        .strip_prefix('/')
        .and_then(|rest| rest.strip_prefix(version));
    let bare = versioned
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .unwrap_or(below);
    vec![(format!("/{version}{bare}"), bare), (bare.to_owned(), bare)]
}

/// `v1`, `v2`, `v1beta`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::places;
    use crate::validate::providers::stand_in;
    use crate::{Timeouts, valid::ProviderConfig};
    use std::time::Duration;

    #[test]
    fn a_version_at_the_end_of_the_base_url_may_be_written_or_left_out() {
        let timeouts = Timeouts {
            connect: Duration::ZERO,
            first_token: Duration::ZERO,
            between_tokens: Duration::ZERO,
            whole: Duration::ZERO,
        };
        let at = |url: &str, below: &'static str| {
            let provider = ProviderConfig {
                base_url: Some(url.to_owned()),
                ..stand_in(timeouts)
            };
            places(below, &provider)
        };
        let both =
            |below: &str, to: &'static str| vec![(below.to_owned(), to), (to.to_owned(), to)];
        assert_eq!(at("https://a/v1", ""), both("/v1", ""));
        assert_eq!(at("https://a/v1", "/v1/files"), both("/v1/files", "/files"));
        assert_eq!(
            at("https://a/x/v1beta", "/files"),
            both("/v1beta/files", "/files")
        );
        assert_eq!(at("https://a/v1", "/v1x"), both("/v1/v1x", "/v1x"));
        assert_eq!(
            at("https://a", "/v1/files"),
            [("/v1/files".to_owned(), "/v1/files")]
        );
    }
}
