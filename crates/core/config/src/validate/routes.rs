//! Plain HTTP routes: paths, methods, and what they must stay clear of.

use tollgate_formats::{PATHS_MAX, TextPath, TextPaths};

use super::Check;
use crate::own_path::OwnPath;
use crate::problem::quote;
use crate::spec::{RouteSpec, UnscannableSpec};
use crate::tree::{child, item};
use crate::valid::{ProviderConfig, RouteConfig, Timeouts};

const PATH_CHARS_MAX: usize = 512;

impl Check<'_> {
    pub(super) fn routes(
        &mut self,
        specs: &[RouteSpec],
        providers: &[ProviderConfig],
        around: Timeouts,
    ) -> Vec<RouteConfig> {
        let names: Vec<&str> = providers.iter().map(|provider| &*provider.name).collect();
        let mut routes: Vec<RouteConfig> = Vec::with_capacity(specs.len());
        for (index, spec) in specs.iter().enumerate() {
            let path = item("routes", index);
            self.name(&child(&path, "name"), &spec.name);
            let (below, is_prefix) = match spec.path.strip_suffix("/*") {
                Some(prefix) => (prefix, true),
                None => (spec.path.as_str(), false),
            };
            let at = child(&path, "path");
            if self.path(&at, &spec.path, below, is_prefix) {
                self.own_paths(&at, below, is_prefix);
            }
            let provider = self.provider(&child(&path, "provider"), &spec.provider, &names);
            let config = provider.and_then(|index| providers.get(index));
            self.signed(&child(&path, "provider"), config);
            let texts = child(&path, "texts");
            let route = RouteConfig {
                name: spec.name.as_str().into(),
                path: below.to_owned(),
                is_prefix,
                methods: self.methods(&child(&path, "methods"), &spec.methods),
                is_pass_through: false,
                sockets: None,
                provider: provider.unwrap_or(providers.len()),
                to: self.destination(&child(&path, "to"), spec.to.as_deref(), is_prefix),
                request_texts: self.texts(&child(&texts, "request"), &spec.texts.request),
                response_texts: self.texts(&child(&texts, "response"), &spec.texts.response),
                // What cannot be read may have said so.
                unscannable_allowed: spec.unscannable == Some(UnscannableSpec::Allow)
                    || self.lost.touches(&child(&path, "unscannable"))
                    || self.lost.touches(&texts),
                origin: self.origin(&path),
                timeouts: self.timeouts(
                    &child(&path, "timeouts"),
                    &spec.timeouts,
                    &config.map_or(around, |config| config.timeouts),
                ),
            };
            self.same_route(&path, &route, &routes);
            routes.push(route);
        }
        routes
    }

    pub(super) fn path(&mut self, at: &str, written: &str, path: &str, is_prefix: bool) -> bool {
        let rooted = path.starts_with('/') || (is_prefix && path.is_empty());
        let clean = |c: char| c.is_ascii_graphic() && !"?#*\\\"<>^`{|}".contains(c);
        let segments = path.split('/').skip(1);
        let plain = segments.clone().all(|s| s != "." && s != "..")
            && (path == "/" || segments.clone().all(|segment| !segment.is_empty()));
        let good = rooted
            && path.chars().all(clean)
            && (plain || path.is_empty())
            && path.len() <= PATH_CHARS_MAX;
        if !good {
            let message = format!("{} is not a path for a route", quote(written));
            let help = "write an exact path such as `/v1/sentiment`, or a prefix that ends in `/*`; without `?`, `#`, `//` and `..`";
            self.error(at, message, help);
        }
        good
    }

    fn own_paths(&mut self, at: &str, path: &str, is_prefix: bool) {
        if let Some(own) = OwnPath::taken_by(path, is_prefix) {
            let message = format!("this route takes {} from the gateway", quote(&own));
            self.error(
                at,
                message,
                "choose a path that the gateway does not answer itself",
            );
        }
    }

    pub(super) fn methods(&mut self, path: &str, written: &[String]) -> Vec<String> {
        let mut methods: Vec<String> = Vec::with_capacity(written.len());
        for (index, method) in written.iter().enumerate() {
            let upper = method.to_ascii_uppercase();
            let good = !upper.is_empty()
                && upper.len() <= 32
                && upper.chars().all(|c| c.is_ascii_uppercase() || c == '-')
                && upper != "CONNECT";
            if !good {
                let message = format!("{} is not a method that can be passed on", quote(method));
                let help = "write methods such as `GET`, `POST`, `PUT`, `DELETE`";
                self.error(&item(path, index), message, help);
            }
            if !methods.contains(&upper) {
                methods.push(upper);
            }
        }
        methods
    }

    fn texts(&mut self, path: &str, written: &[String]) -> TextPaths {
        if written.len() > PATHS_MAX {
            let message = format!("{} paths are more than can be looked for", written.len());
            let help = format!("write {PATHS_MAX} at most; `**` stands for all that is below");
            self.error(path, message, help);
        }
        let mut paths = Vec::with_capacity(written.len().min(PATHS_MAX));
        for (index, text) in written.iter().enumerate() {
            match text.parse::<TextPath>() {
                Ok(text) => paths.push(text),
                Err(error) => {
                    let message = format!("{} is not a path to texts: {error}", quote(text));
                    let help = "write names divided by `.`, with `[]` for each element of a list, `*` for each member, and `**` at the end for all that is below: `inputs[].text`";
                    self.error(&item(path, index), message, help);
                }
            }
        }
        // What a broken path leads to is anybody's guess.
        if paths.len() < written.len() {
            return TextPaths::everything();
        }
        TextPaths::new(paths)
    }

    fn destination(&mut self, path: &str, to: Option<&str>, is_prefix: bool) -> Option<String> {
        let to = to?;
        let stem = if is_prefix {
            to.strip_suffix("/*").unwrap_or(to)
        } else {
            to
        };
        let clean = |c: char| c.is_ascii_graphic() && !"?#*\\\"<>^`{|}".contains(c);
        let up = stem
            .split('/')
            .any(|segment| segment == ".." || segment == ".");
        if !to.starts_with('/') || !stem.chars().all(clean) || up {
            let message = format!("{} is not a path at the provider", quote(to));
            let help = "write a path such as `/predict`; without `?`, `#` and `..`";
            self.error(path, message, help);
        }
        Some(stem.to_owned())
    }

    pub(super) fn same_route(&mut self, path: &str, route: &RouteConfig, before: &[RouteConfig]) {
        let methods = child(path, "methods");
        let known = |nth| !self.lost.touches(&child(&item("routes", nth), "methods"));
        let methods_meet = |a: &RouteConfig, b: &RouteConfig| {
            a.methods.is_empty()
                || b.methods.is_empty()
                || a.methods.iter().any(|method| b.methods.contains(method))
        };
        let same = before.iter().enumerate().find(|(nth, other)| {
            other.path == route.path
                && known(*nth)
                && other.is_prefix == route.is_prefix
                && methods_meet(other, route)
        });
        if let Some((_, other)) = same {
            let message = format!(
                "the route {} has this path and method already, at line {}",
                quote(&other.name),
                other.origin.line
            );
            let help = "change the path, or give the two different `methods`";
            self.error_without(&[&methods], &child(path, "path"), message, help);
        }
    }
}
