//! Policies and their rules.

use std::sync::Arc;

use tollgate_formats::{FORMATS, FormatId};
use tollgate_policy::{KeyId, Mode, OnError, RuleAction, Style};

use super::Check;
use crate::problem::quote;
use crate::spec::{
    ActionSpec, ModeSpec, OnErrorSpec, PolicySpec, RuleCommonSpec, RuleSpec, StyleSpec,
};
use crate::suggest::known_or_similar;
use crate::tree::{child, item};
use crate::valid::{PolicyConfig, RuleConfig, ScopeConfig, SecretRef};

mod content_safety;
mod fingerprints;
mod form;
mod lists;
mod pii;
mod secrets;
mod waf;

const MESSAGE_CHARS_MAX: usize = 1000;

/// What the names in a policy may refer to.
pub(super) struct Known<'c> {
    pub(super) services: Vec<&'c str>,
    pub(super) teams: Vec<&'c str>,
    pub(super) models: Vec<&'c str>,
    pub(super) routes: Vec<&'c str>,
}

/// Which way the messages of a rule go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Input,
    Output,
}

impl Check<'_> {
    pub(super) fn policies(
        &mut self,
        specs: &[PolicySpec],
        known: &Known<'_>,
    ) -> Vec<PolicyConfig> {
        let mut policies = Vec::with_capacity(specs.len());
        for (index, spec) in specs.iter().enumerate() {
            let path = item("policies", index);
            self.name(&child(&path, "name"), &spec.name);
            if spec.input.is_empty() && spec.output.is_empty() {
                let message = format!("the policy {} has no rules", quote(&spec.name));
                let help = "add rules under `input` or `output`, or remove it";
                self.warning(&path, message, help);
            }
            policies.push(PolicyConfig {
                name: spec.name.as_str().into(),
                scope: self.policy_scope(&path, spec, known),
                input: self.rules(&child(&path, "input"), &spec.input, Direction::Input, known),
                output: self.rules(
                    &child(&path, "output"),
                    &spec.output,
                    Direction::Output,
                    known,
                ),
                origin: self.origin(&path),
            });
        }
        policies
    }

    fn policy_scope(&mut self, path: &str, spec: &PolicySpec, known: &Known<'_>) -> ScopeConfig {
        self.known(
            &child(path, "services"),
            &spec.services,
            &known.services,
            "service",
        );
        self.known_teams(&child(path, "teams"), &spec.teams, &known.teams);
        self.model_patterns(&child(path, "models"), Some(&spec.models));
        self.known(&child(path, "routes"), &spec.routes, &known.routes, "route");
        let when = spec.when.as_ref();
        ScopeConfig {
            services: names(&spec.services),
            teams: names(&spec.teams),
            models: names(&spec.models),
            routes: names(&spec.routes),
            formats: self.formats(&child(path, "formats"), &spec.formats),
            when: when.and_then(|source| self.condition(path, source)),
        }
    }

    fn formats(&mut self, path: &str, written: &[String]) -> Vec<FormatId> {
        let labels: Vec<&str> = FORMATS.iter().map(|format| format.label()).collect();
        self.known(path, written, &labels, "format");
        let known = FORMATS.iter();
        known
            .filter(|format| written.iter().any(|name| name == format.label()))
            .map(|format| format.id())
            .collect()
    }

    /// A policy for something that does not exist would never hold.
    pub(super) fn known(&mut self, path: &str, written: &[String], known: &[&str], what: &str) {
        for (index, name) in written.iter().enumerate() {
            if known.contains(&name.as_str()) {
                continue;
            }
            let message = format!("there is no {what} {}", quote(name));
            let list = format!("known {what}s");
            let help = known_or_similar(name, known.iter().copied(), &list, self.problems.len());
            let help = help.unwrap_or_else(|| format!("add it under `{what}s`"));
            self.error(&item(path, index), message, help);
        }
    }

    /// A team is there when a service says that it belongs to it.
    fn known_teams(&mut self, path: &str, written: &[String], known: &[&str]) {
        let mut known = known.to_vec();
        known.sort_unstable();
        known.dedup();
        for (index, name) in written.iter().enumerate() {
            if known.contains(&name.as_str()) {
                continue;
            }
            let message = format!("no service is of the team {}", quote(name));
            let known = known.iter().copied();
            let help = known_or_similar(name, known, "known teams", self.problems.len());
            let help = help.unwrap_or_else(|| "write `team:` at its services".to_owned());
            self.error(&item(path, index), message, help);
        }
    }

    fn rules(
        &mut self,
        path: &str,
        specs: &[RuleSpec],
        direction: Direction,
        known: &Known<'_>,
    ) -> Vec<RuleConfig> {
        let rules = specs.iter().enumerate();
        rules
            .map(|(index, spec)| self.rule(&item(path, index), spec, direction, known))
            .collect()
    }

    fn rule(
        &mut self,
        path: &str,
        spec: &RuleSpec,
        direction: Direction,
        known: &Known<'_>,
    ) -> RuleConfig {
        let (rule, detector) = match spec {
            RuleSpec::PiiDetection(spec) => (&spec.rule, self.pii_detection(path, &spec.options)),
            RuleSpec::ContentSafety(spec) => {
                let options = self.content_safety(path, &spec.rule, &spec.options, direction);
                (&spec.rule, options)
            }
            RuleSpec::Keywords(spec) => (&spec.rule, self.keywords(path, &spec.options)),
            RuleSpec::Secrets(spec) => (&spec.rule, self.secrets(path, &spec.options)),
            RuleSpec::Regex(spec) => (&spec.rule, self.regex(path, &spec.options)),
            RuleSpec::Fingerprints(spec) => (&spec.rule, self.fingerprints(path, &spec.options)),
            RuleSpec::InputValidation(spec) => {
                let action = spec.rule.action;
                let options = self.input_validation(path, &spec.options, direction, action);
                (&spec.rule, options)
            }
            RuleSpec::Waf(spec) => {
                let options = self.waf(path, &spec.rule, &spec.options, direction);
                (&spec.rule, options)
            }
        };
        if let Some(name) = &rule.name {
            self.name(&child(path, "name"), name);
        }
        RuleConfig {
            name: rule
                .name
                .as_deref()
                .unwrap_or_else(|| detector.kind())
                .into(),
            action: self.action(path, rule, direction, known),
            mode: match rule.mode {
                Some(ModeSpec::Shadow) => Mode::Shadow,
                Some(ModeSpec::Enforce) | None => Mode::Enforce,
            },
            on_error: on_error(rule.on_error),
            unscannable: on_error(rule.unscannable),
            key: self.secret(&child(path, "key_ref"), rule.key_ref.as_ref()),
            salt: self.salt(path, spec),
            detector,
            origin: self.origin(path),
        }
    }

    /// The salt of a detector that has one.
    fn salt(&mut self, path: &str, spec: &RuleSpec) -> Option<SecretRef> {
        let RuleSpec::Fingerprints(spec) = spec else {
            return None;
        };
        let salt = spec.options.salt_ref.as_ref();
        self.secret(&child(path, "salt_ref"), salt)
    }

    fn action(
        &mut self,
        path: &str,
        rule: &RuleCommonSpec,
        direction: Direction,
        known: &Known<'_>,
    ) -> RuleAction {
        self.idle_fields(path, rule);
        match rule.action {
            ActionSpec::Block => RuleAction::Block {
                message: rule.message.as_deref().map(Arc::from),
            },
            ActionSpec::Redact => RuleAction::Redact(self.style(path, rule, direction)),
            ActionSpec::Flag => RuleAction::Flag,
            ActionSpec::Route => self.route_to(path, rule, direction, known),
        }
    }

    fn style(&mut self, path: &str, rule: &RuleCommonSpec, direction: Direction) -> Style {
        let key = KeyId::default();
        if rule.style.is_some_and(StyleSpec::wants_key) && rule.key_ref.is_none() {
            let help = "write `key_ref:` with `env: NAME_OF_A_VARIABLE` or `file: PATH`";
            self.error(path, "this style needs a key", help);
        }
        match rule.style {
            Some(StyleSpec::Mask) => Style::Mask {
                keep_last: rule.keep_last.unwrap_or(0),
            },
            Some(StyleSpec::Hash) => Style::Hash { key },
            Some(StyleSpec::Encrypt) => Style::Encrypt { key },
            Some(StyleSpec::Restore) => {
                if direction == Direction::Output {
                    let help = "move the rule to `input`, or write another `style`";
                    let message = "what an answer says cannot be restored later";
                    self.error(&child(path, "style"), message, help);
                }
                Style::Restore
            }
            Some(StyleSpec::Label) | None => Style::Label,
        }
    }

    fn route_to(
        &mut self,
        path: &str,
        rule: &RuleCommonSpec,
        direction: Direction,
        known: &Known<'_>,
    ) -> RuleAction {
        if direction == Direction::Output {
            let help = "move the rule to `input`, or write another `action`";
            self.error(
                &child(path, "action"),
                "an answer cannot go to another model",
                help,
            );
        }
        let model = rule.route_to.as_deref().unwrap_or_default();
        if model.is_empty() {
            let help = "write `route_to:` and the name of a model";
            self.error(path, "`action: route` without a model", help);
        } else if !known.models.is_empty() && !known.models.contains(&model) {
            let fact = format!("{} is not among `models`", quote(model));
            let help =
                "write one of them, unless the default provider or `provider/model` is meant";
            self.warning(&child(path, "route_to"), fact, help);
        }
        RuleAction::Route {
            model: model.into(),
        }
    }

    /// Warns of fields that the rule's action does not read.
    fn idle_fields(&mut self, path: &str, rule: &RuleCommonSpec) {
        let action = rule.action;
        if let Some(message) = &rule.message {
            self.blocked_message(&child(path, "message"), message, action);
        }
        let idle = [
            (
                "style",
                rule.style.is_some(),
                action == ActionSpec::Redact,
                "`action: redact`",
            ),
            (
                "keep_last",
                rule.keep_last.is_some(),
                rule.style == Some(StyleSpec::Mask),
                "`style: mask`",
            ),
            (
                "key_ref",
                rule.key_ref.is_some(),
                rule.style.is_some_and(StyleSpec::wants_key),
                "`style: hash` or `style: encrypt`",
            ),
            (
                "route_to",
                rule.route_to.is_some(),
                action == ActionSpec::Route,
                "`action: route`",
            ),
        ];
        for (field, is_written, is_read, reader) in idle {
            if is_written && !is_read {
                let fact = format!("only a rule with {reader} reads `{field}`");
                self.warning(
                    &child(path, field),
                    fact,
                    format!("remove it, or write {reader}"),
                );
            }
        }
    }

    fn blocked_message(&mut self, path: &str, message: &str, action: ActionSpec) {
        if action != ActionSpec::Block {
            let fact = "nobody reads this message: the rule refuses nothing";
            self.warning(path, fact, "remove it, or write `action: block`");
        }
        if message.trim().is_empty() || message.chars().count() > MESSAGE_CHARS_MAX {
            let help = format!("write 1 to {MESSAGE_CHARS_MAX} characters, or remove the line");
            self.error(path, "this message cannot be shown", help);
        }
    }
}

fn on_error(written: Option<OnErrorSpec>) -> OnError {
    match written {
        Some(OnErrorSpec::Allow) => OnError::Allow,
        Some(OnErrorSpec::Block) | None => OnError::Block,
    }
}

fn names(written: &[String]) -> Vec<Arc<str>> {
    written
        .iter()
        .map(|name| Arc::from(name.as_str()))
        .collect()
}
