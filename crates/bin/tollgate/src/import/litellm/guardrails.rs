//! `LiteLLM`'s guardrails as rules. One that callers choose by request is only recorded
//! here until somebody enforces it.

use crate::import::draft::Draft;
use crate::import::input::{Input, Rule};
use crate::import::yaml::Node;

use Rule::{Lost, NotNeeded};

/// Entities that Presidio and we know by one name.
const ENTITIES: &[&str] = &[
    "CREDIT_CARD",
    "CRYPTO",
    "EMAIL_ADDRESS",
    "IBAN_CODE",
    "IP_ADDRESS",
    "PHONE_NUMBER",
    "UK_NHS",
    "URL",
    "US_BANK_NUMBER",
    "US_DRIVER_LICENSE",
    "US_ITIN",
    "US_PASSPORT",
    "US_SSN",
];

const PARAMETERS: &[(&str, Rule)] = &[
    (
        "presidio_analyzer_api_base",
        NotNeeded("what is looked for is built in"),
    ),
    (
        "presidio_anonymizer_api_base",
        NotNeeded("what is looked for is built in"),
    ),
    (
        "output_parse_pii",
        Lost("write `style: restore` at the rule"),
    ),
    ("presidio_language", NotNeeded("rules read every language")),
];

/// Rules, in the order written.
pub(super) fn import(input: &Input<'_>, draft: &mut Draft) {
    for item in input.items_at("guardrails") {
        let Some(params) = item.at("litellm_params") else {
            continue;
        };
        let guardrail = params.word("guardrail").unwrap_or_default();
        let made = match guardrail {
            "presidio" => presidio(&params),
            "hide-secrets" | "hide_secrets" => vec![rule("secrets", "redact", Vec::new())],
            _ => Vec::new(),
        };
        if made.is_empty() {
            item.lost("nothing built in does the same; see docs/policies.md for what there is");
            continue;
        }
        let sides = sides(&params);
        if sides == Some((false, false)) {
            item.not_needed(
                "no request and answer passed it: logs have no prompts here, and MCP is not spoken",
            );
            continue;
        }
        for key in ["guardrail", "default_on"] {
            if let Some(member) = params.at(key) {
                member.carried("`policies[imported]`");
            }
        }
        if let Some(name) = item.at("guardrail_name") {
            name.not_needed("rules stand in one policy and are named by their type");
        }
        let on = params.at("default_on").is_some_and(|on| on.is_true());
        if !on {
            item.lost("callers chose it by request: it only records what it would do; remove `mode: shadow` to enforce it for all");
        }
        let always = on && sides.is_some();
        let (before, behind) = sides.unwrap_or((true, false));
        for (name, kind, mut fields) in made {
            fields.insert(0, ("type", Node::text(kind)));
            fields.insert(
                0,
                (
                    "name",
                    Node::text(format!(
                        "{name}-{}",
                        draft
                            .input_rules
                            .len()
                            .saturating_add(draft.output_rules.len())
                    )),
                ),
            );
            if !always {
                fields.push(("mode", Node::text("shadow")));
            }
            let node = Node::Map(fields);
            if before {
                draft.input_rules.push(node.clone());
            }
            if behind {
                draft.output_rules.push(node);
            }
        }
        params.rest(PARAMETERS);
        item.rest(&[]);
    }
}

/// Whether it is for requests and for answers; neither where it was over logs only. `None`
/// where it is not said in a way that is known.
fn sides(params: &Input<'_>) -> Option<(bool, bool)> {
    let Some(mode) = params.at("mode") else {
        return Some((true, false));
    };
    let items = mode.items();
    let words: Option<Vec<&str>> = match mode.text() {
        Some(word) => Some(vec![word]),
        None => items.iter().map(Input::text).collect(),
    };
    let known = [
        "pre_call",
        "during_call",
        "post_call",
        "logging_only",
        "pre_mcp_call",
        "during_mcp_call",
    ];
    let words =
        words.filter(|words| !words.is_empty() && words.iter().all(|word| known.contains(word)));
    let Some(words) = words else {
        mode.lost("this mode is not known here: the rule only records what it would do; remove `mode: shadow` to enforce it");
        return None;
    };
    mode.carried("`policies[imported]`: `input` or `output`");
    let has = |mode: &str| words.contains(&mode);
    Some((has("pre_call") || has("during_call"), has("post_call")))
}

/// Name, type and fields of a rule.
type Made = (String, &'static str, Vec<(&'static str, Node)>);

fn rule(kind: &'static str, action: &str, entities: Vec<String>) -> Made {
    let mut fields = vec![("action", Node::text(action))];
    if !entities.is_empty() {
        fields.push(("entities", Node::texts(&entities)));
    }
    (format!("{kind}-{action}"), kind, fields)
}

/// One rule for what is masked, one for what is blocked.
fn presidio(params: &Input<'_>) -> Vec<Made> {
    let mut masked = Vec::new();
    let mut blocked = Vec::new();
    let entities = params.members_at("pii_entities_config");
    for (entity, action) in &entities {
        if !ENTITIES.contains(entity) {
            action
                .lost("this entity is not known by that name; see docs/reference/pii-entities.md");
            continue;
        }
        let list = if action.text() == Some("BLOCK") {
            &mut blocked
        } else {
            &mut masked
        };
        list.push((*entity).to_owned());
        action.carried("`entities` of the rule");
    }
    if entities.is_empty() {
        return vec![rule("pii_detection", "redact", Vec::new())];
    }
    let lists = [("redact", masked), ("block", blocked)];
    let lists = lists.into_iter().filter(|(_action, list)| !list.is_empty());
    lists
        .map(|(action, list)| rule("pii_detection", action, list))
        .collect()
}
