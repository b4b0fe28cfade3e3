//! Rules that would have nothing to read: plain HTTP routes that name no texts.

use tollgate_config::{Config, PolicyConfig, Problem, RouteConfig, RuleConfig};
use tollgate_policy::{Mode, OnError, RuleAction};

use crate::compile::Compiler;
use crate::policies::{restores, takes_route};

impl Compiler {
    /// A policy that seems to hold and cannot is worse than none.
    pub(crate) fn unscannable_routes(&mut self, config: &Config) {
        let routes = config.routes.iter();
        for route in routes.filter(|route| !route.unscannable_allowed) {
            let policies = config.policies.iter();
            for policy in policies.filter(|policy| takes_route(&policy.scope, &route.name)) {
                self.unread_requests(policy, route);
                self.unread_answers(policy, route);
                self.rerouted(policy, route);
            }
        }
    }

    fn unread_requests(&mut self, policy: &PolicyConfig, route: &RouteConfig) {
        let is_named = !route.request_texts.is_empty();
        let blind = |rule: &&RuleConfig| !is_named && !rule.detector.reads_only_head();
        let rules: Vec<_> = insisting(&policy.input).filter(blind).collect();
        self.unread(policy, route, &rules, ("requests", "request"));
    }

    /// What an input rule restores is looked for in the answer.
    fn unread_answers(&mut self, policy: &PolicyConfig, route: &RouteConfig) {
        let is_named = !route.response_texts.is_empty();
        let restoring = insisting(&policy.input).filter(|rule| restores(rule));
        let blind = |rule: &&RuleConfig| !is_named && !rule.detector.reads_only_head();
        let rules = insisting(&policy.output).chain(restoring);
        let rules: Vec<_> = rules.filter(blind).collect();
        self.unread(policy, route, &rules, ("answers", "response"));
    }

    fn unread(
        &mut self,
        policy: &PolicyConfig,
        route: &RouteConfig,
        rules: &[&RuleConfig],
        (messages, field): (&str, &str),
    ) {
        if rules.is_empty() {
            return;
        }
        let message = format!(
            "{} of policy `{}` cannot read the {messages} of route `{}`, which names no texts in them",
            names(rules),
            policy.name,
            route.name
        );
        let help = format!(
            "name them on the route, `texts: {{{field}: [\"**\"]}}` for every string of a JSON body; or write `unscannable: allow` on the rule or on the route, to let them pass unread; or `models: [\"*\"]` on the policy, for models only"
        );
        let problem = Problem::error(
            route.origin.clone(),
            format!("routes[{}]", route.name),
            message,
        );
        self.problems.push(problem.with_help(help));
    }

    /// A route leads to one service, whatever a rule says.
    fn rerouted(&mut self, policy: &PolicyConfig, route: &RouteConfig) {
        let reroutes = |rule: &&RuleConfig| {
            rule.mode == Mode::Enforce && matches!(rule.action, RuleAction::Route { .. })
        };
        let rules: Vec<_> = insisting(&policy.input).filter(reroutes).collect();
        if rules.is_empty() {
            return;
        }
        let message = format!(
            "{} of policy `{}` cannot send the requests of route `{}` to a model",
            names(&rules),
            policy.name,
            route.name
        );
        let problem = Problem::error(
            route.origin.clone(),
            format!("routes[{}]", route.name),
            message,
        );
        self.problems.push(problem.with_help("write `models: [\"*\"]` on the policy, for models only; or `unscannable: allow` on the rule or on the route"));
    }
}

/// The rules that do not let pass what they cannot read.
fn insisting(rules: &[RuleConfig]) -> impl Iterator<Item = &RuleConfig> {
    rules
        .iter()
        .filter(|rule| rule.unscannable == OnError::Block)
}

fn names(rules: &[&RuleConfig]) -> String {
    let names: Vec<_> = rules
        .iter()
        .map(|rule| format!("`{}`", rule.name))
        .collect();
    let word = if names.len() == 1 { "rule" } else { "rules" };
    format!("{word} {}", names.join(", "))
}
