//! Rules that plain HTTP routes cannot keep: those with nothing to read, where a route names
//! no texts, and those that send a request elsewhere.

use tollgate_config::{Config, PolicyConfig, Problem, RouteConfig, RuleConfig};
use tollgate_policy::{Mode, OnError, RuleAction};

use crate::compile::Compiler;
use crate::policies::restores;

impl Compiler {
    /// A policy that seems to hold and cannot is worse than none.
    pub(crate) fn unscannable_routes(&mut self, config: &Config) {
        for (nth, route) in config.routes.iter().enumerate() {
            // What a provider passes through may be several routes of one name.
            let before = config.routes.get(..nth).unwrap_or_default();
            if before.iter().any(|other| other.name == route.name) {
                continue;
            }
            let policies = config.policies.iter();
            for policy in policies.filter(|policy| policy.scope.takes_route(&route.name)) {
                if !route.unscannable_allowed {
                    self.unread_requests(policy, route);
                    self.unread_answers(policy, route);
                }
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
        let fact = format!(
            "cannot read the {messages} of route `{}`, which names no texts in them",
            route.name
        );
        let help = if route.is_pass_through {
            "write `unscannable: allow` on the rule or under `pass_through`, to let them pass unread; or `models: [\"*\"]` on the policy, for models only; or pass fewer `paths` through".to_owned()
        } else {
            format!(
                "name them on the route, `texts: {{{field}: [\"**\"]}}` for every string of a JSON body; or write `unscannable: allow` on the rule or on the route, to let them pass unread; or `models: [\"*\"]` on the policy, for models only"
            )
        };
        self.refuse((policy, rules), route, &fact, &help);
    }

    /// A route leads to one service, whatever a rule says or may leave unread.
    fn rerouted(&mut self, policy: &PolicyConfig, route: &RouteConfig) {
        let reroutes = |rule: &&RuleConfig| {
            rule.mode == Mode::Enforce && matches!(rule.action, RuleAction::Route { .. })
        };
        let rules: Vec<_> = policy.input.iter().filter(reroutes).collect();
        let fact = format!(
            "cannot send the requests of route `{}` to a model",
            route.name
        );
        let help = "write `models: [\"*\"]` on the policy, for models only; or another `action`, or `mode: shadow`";
        self.refuse((policy, &rules), route, &fact, help);
    }

    fn refuse(
        &mut self,
        (policy, rules): (&PolicyConfig, &[&RuleConfig]),
        route: &RouteConfig,
        fact: &str,
        help: &str,
    ) {
        if rules.is_empty() {
            return;
        }
        let message = format!("{} of policy `{}` {fact}", names(rules), policy.name);
        let path = if route.is_pass_through {
            format!("providers[{}].pass_through", route.name)
        } else {
            format!("routes[{}]", route.name)
        };
        let problem = Problem::error(route.origin.clone(), path, message);
        self.problems.push(problem.with_help(help));
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
