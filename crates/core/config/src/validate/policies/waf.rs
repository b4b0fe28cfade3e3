//! The options of `waf`.

use tollgate_formats::view::Field;
use tollgate_policy::{DetectorOptions, OnError, Place, Places, Score, WafEntity, WafOptions};

use super::{Check, Direction};
use crate::problem::quote;
use crate::spec::{ActionSpec, RuleCommonSpec, WafEntitySpec, WafPlaceSpec, WafSpec};
use crate::tree::{child, item};
use crate::valid::{Config, RouteConfig, RuleConfig};

/// The longest value that is let pass, and how many there may be.
const ALLOWED_MAX: usize = 1000;

impl Check<'_> {
    pub(super) fn waf(
        &mut self,
        path: &str,
        rule: &RuleCommonSpec,
        spec: &WafSpec,
        direction: Direction,
    ) -> DetectorOptions {
        let is_bodily = direction == Direction::Output || rule.action == ActionSpec::Redact;
        let places = match &spec.places {
            Some(written) => self.waf_places(path, rule, written, direction),
            None if is_bodily => BODY.to_vec(),
            None => HEAD.iter().chain(&BODY).copied().collect(),
        };
        self.waf_allowed(&child(path, "allow"), &spec.allow);
        let usual = WafOptions::THRESHOLD.hundredths();
        let threshold = self.score(&child(path, "threshold"), spec.threshold, usual);
        DetectorOptions::Waf(WafOptions {
            entities: spec.entities.iter().map(entity).collect(),
            places: Places::of(&places),
            threshold: Score::percent(threshold),
            allow: spec.allow.clone(),
        })
    }

    fn waf_places(
        &mut self,
        path: &str,
        rule: &RuleCommonSpec,
        written: &[WafPlaceSpec],
        direction: Direction,
    ) -> Vec<Place> {
        let path = child(path, "places");
        if written.is_empty() {
            let help = "name the places, or remove the line for all that values stand in";
            self.error(&path, "a rule that reads nothing", help);
        }
        for (index, place) in written.iter().enumerate() {
            if !places(*place).iter().any(|place| HEAD.contains(place)) {
                continue;
            }
            if direction == Direction::Output {
                let help = "remove it, or move the rule to `input`";
                self.error(&item(&path, index), "an answer has no such place", help);
            } else if rule.action == ActionSpec::Redact {
                let fact = "a request's head cannot be redacted";
                let help = "write `action: block`, `flag` or `route`, or only `places` of the \
                            body: `metadata`, `tool_name`, `tool_arguments`";
                self.error(&item(&path, index), fact, help);
            }
        }
        written
            .iter()
            .flat_map(|place| places(*place))
            .copied()
            .collect()
    }

    /// Warns of rules that hold for a route and read none of the texts that it names.
    pub(in crate::validate) fn prose_of_routes(&mut self, config: &Config) {
        for (index, policy) in config.policies.iter().enumerate() {
            let within = |field: &str| child(&item("policies", index), field);
            let in_scope = |route: &&RouteConfig| policy.scope.takes_route(&route.name);
            let routes: Vec<_> = config.routes.iter().filter(in_scope).collect();
            let asked = routes
                .iter()
                .filter(|route| !route.request_texts.is_empty());
            self.unread_prose(&within("input"), &policy.input, asked.copied());
            let answered = routes
                .iter()
                .filter(|route| !route.response_texts.is_empty());
            self.unread_prose(&within("output"), &policy.output, answered.copied());
        }
    }

    fn unread_prose<'c>(
        &mut self,
        path: &str,
        rules: &[RuleConfig],
        routes: impl Iterator<Item = &'c RouteConfig>,
    ) {
        let routes: Vec<String> = routes.map(|route| quote(&route.name)).collect();
        if routes.is_empty() {
            return;
        }
        let blind = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| wants_values(rule));
        for (index, rule) in blind {
            let message = format!(
                "the rule {} reads none of the texts of {}: they are prose",
                quote(&rule.name),
                routes.join(", ")
            );
            let help = "write `text` among its `places`; or `unscannable: allow`, to let them pass \
                        unread; or `models: [\"*\"]` on the policy, for models only";
            self.warning(&item(path, index), message, help);
        }
    }

    fn waf_allowed(&mut self, path: &str, allowed: &[String]) {
        if allowed.len() > ALLOWED_MAX {
            let help = format!("write at most {ALLOWED_MAX}");
            self.error(path, "too many values", help);
        }
        for (index, value) in allowed.iter().enumerate() {
            let stem = value.trim_end_matches('*').trim();
            if stem.is_empty() || value.len() > ALLOWED_MAX {
                let help = format!("write 1 to {ALLOWED_MAX} bytes, `*` at the end aside");
                self.error(
                    &item(path, index),
                    "this would let anything pass, or nothing",
                    help,
                );
            }
        }
    }
}

/// A rule that reads something of bodies, but no prose.
fn wants_values(rule: &RuleConfig) -> bool {
    let DetectorOptions::Waf(options) = &rule.detector else {
        return false;
    };
    let reads_prose = options.places.contains(Place::Of(Field::Text));
    !reads_prose && !rule.detector.reads_only_head() && rule.unscannable == OnError::Block
}

/// Values in the head of a request.
const HEAD: [Place; 4] = [Place::Path, Place::Query, Place::Header, Place::Model];

/// Values in the body of a message.
const BODY: [Place; 5] = [
    Place::Of(Field::Metadata),
    Place::Of(Field::Members),
    Place::Of(Field::ToolName),
    Place::Of(Field::ToolArguments),
    Place::Of(Field::ToolInput),
];

/// What a written place stands for.
const fn places(written: WafPlaceSpec) -> &'static [Place] {
    match written {
        WafPlaceSpec::Path => &[Place::Path],
        WafPlaceSpec::Query => &[Place::Query],
        WafPlaceSpec::Header => &[Place::Header],
        WafPlaceSpec::Model => &[Place::Model],
        WafPlaceSpec::Metadata => &[Place::Of(Field::Metadata), Place::Of(Field::Members)],
        WafPlaceSpec::ToolName => &[Place::Of(Field::ToolName)],
        WafPlaceSpec::ToolArguments => {
            &[Place::Of(Field::ToolArguments), Place::Of(Field::ToolInput)]
        }
        WafPlaceSpec::ToolDescription => &[Place::Of(Field::ToolDescription)],
        WafPlaceSpec::Document => &[Place::Of(Field::Document)],
        WafPlaceSpec::Text => &[
            Place::Of(Field::Text),
            Place::Of(Field::Reasoning),
            Place::Of(Field::Refusal),
            Place::Of(Field::Unknown),
        ],
    }
}

const fn entity(written: &WafEntitySpec) -> WafEntity {
    match written {
        WafEntitySpec::SqlInjection => WafEntity::SqlInjection,
        WafEntitySpec::Xss => WafEntity::Xss,
        WafEntitySpec::PathTraversal => WafEntity::PathTraversal,
        WafEntitySpec::CommandInjection => WafEntity::CommandInjection,
        WafEntitySpec::TemplateInjection => WafEntity::TemplateInjection,
        WafEntitySpec::Ssrf => WafEntity::Ssrf,
    }
}
