//! Bifrost's virtual keys as services.

use super::LIMITS;
use crate::import::draft::{Draft, Service, is_model_name, name_of};
use crate::import::input::{Input, Rule};

use Rule::{Lost, NotNeeded};

/// A virtual key is a service here; its callers get a new key.
pub(super) fn service(key: &Input<'_>, governance: &Input<'_>, draft: &mut Draft) {
    let Some(name) = key.word("name").or_else(|| key.word("id")) else {
        key.lost("a virtual key has a name; add a service by hand");
        return;
    };
    if key.at("is_active").is_some_and(|active| !active.is_true()) {
        key.not_needed("it is not active");
        return;
    }
    let models = allowed(key);
    let unique = service_name(name, draft);
    let team = key.at("team_id").and_then(|id| {
        let name = team(&id, governance);
        match &name {
            Some(_) => id.carried("`team` of the service"),
            None => id.lost("no team has this id; write `team` at the service"),
        }
        name
    });
    if let Some(value) = key.at("value") {
        value.lost(format!(
            "make a gateway key with `tollgate keys new --service {unique}` and give it to the caller"
        ));
    }
    if let Some(name) = key.at("name") {
        name.carried(format!("`services[].name`: {unique}"));
    }
    draft.services.push(Service {
        name: unique,
        team,
        models: Some(models),
    });
    key.rest(&[
        ("id", NotNeeded("services are named")),
        ("is_active", NotNeeded("it is active")),
        ("description", NotNeeded("it is a comment")),
        ("budget_id", LIMITS),
        ("rate_limit_id", LIMITS),
        (
            "mcp_configs",
            Lost("MCP servers are not spoken to by this gateway"),
        ),
    ]);
}

/// A name that no other service has.
fn service_name(name: &str, draft: &Draft) -> String {
    let free = |name: &String| !draft.services.iter().any(|known| known.name == *name);
    let stem = name_of(name);
    let numbered = (draft.services.len()..).map(|count| name_of(&format!("{count}-{stem}")));
    std::iter::once(stem.clone())
        .chain(numbered)
        .find(free)
        .unwrap_or(stem)
}

fn team(id: &Input<'_>, governance: &Input<'_>) -> Option<String> {
    let teams = governance.items_at("teams");
    let team = teams
        .iter()
        .find(|team| team.word("id").is_some() && team.word("id") == id.text())?;
    Some(name_of(team.word("name")?))
}

/// The models that a virtual key is for. What lists nothing allows nothing, as there since
/// 1.5.0; before that it allowed everything, which is not guessed.
fn allowed(key: &Input<'_>) -> Vec<String> {
    let mut models = Vec::new();
    for config in key.items_at("provider_configs") {
        let Some(provider) = config.word("provider") else {
            config.lost("it names no provider, so it allows nothing here");
            continue;
        };
        let listed = config.items_at("allowed_models");
        for model in &listed {
            match model.text() {
                Some("*") => models.push(format!("{}/*", name_of(provider))),
                Some(text) if is_model_name(text) => {
                    models.push(format!("{}/{text}", name_of(provider)));
                }
                _ => model.lost("this is no name of a model here"),
            }
        }
        if listed.is_empty() {
            config.lost("it lists no model and allows none; before 1.5.0 it allowed all: then write them under `services[].models`");
        } else {
            for member in ["provider", "allowed_models"] {
                if let Some(member) = config.at(member) {
                    member.carried("`services[].models`");
                }
            }
        }
        config.rest(&[
            (
                "weight",
                Lost("shares are said by model: `weight` of the targets"),
            ),
            (
                "key_ids",
                Lost("a service does not choose among keys of a provider"),
            ),
            ("budget", LIMITS),
            ("rate_limit", LIMITS),
        ]);
    }
    if models.is_empty() {
        key.lost("nothing that it may use was carried, so its service may use nothing: write `services[].models`");
    }
    models
}
