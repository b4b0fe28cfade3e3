//! Models in full: below each other, side by side, as JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tollgate_catalogue::{Day, Dollars, Model, PriceSource, Rates, ServiceClass, Word};

use super::entry::Entry;
use super::list::tokens;

/// What is shown of a model, name by name.
fn lines(entry: &Entry, day: Day, prompt_tokens: u64) -> Vec<(String, String)> {
    let facts = entry.facts();
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| {
        let value = if value.is_empty() {
            "-".to_owned()
        } else {
            value
        };
        lines.push((name.to_owned(), value));
    };
    line("provider", entry.provider.clone());
    line("model", entry.name.clone());
    let aliases = entry.model.into_iter().flat_map(Model::aliases);
    line("aliases", aliases.collect::<Vec<_>>().join(" "));
    line("family", entry.family.clone());
    line("state", entry.state(day).to_owned());
    let date = |date: Option<Day>| date.map(|date| date.to_string()).unwrap_or_default();
    line("deprecated", date(entry.model.and_then(Model::deprecated)));
    line("shutdown", date(entry.model.and_then(Model::shutdown)));
    line("context tokens", tokens(facts.context_tokens));
    line("output tokens", tokens(facts.output_tokens));
    line("takes", facts.inputs.labels().join(" "));
    line("gives", facts.outputs.labels().join(" "));
    line("can", facts.abilities.labels().join(" "));
    line("cannot", facts.lacks.labels().join(" "));
    line("refuses", facts.refuses.labels().join(" "));
    let vocabulary = facts.vocabulary.map(Word::label);
    line("vocabulary", vocabulary.unwrap_or_default().to_owned());
    let source = entry.price_source(day);
    line("price said by", source.label().to_owned());
    for class in ServiceClass::ALL {
        if let Some(price) = entry.price(*class, day) {
            let name = format!("price, {}", class.label());
            line(&name, rates(price.at(prompt_tokens)));
            if let Some((above, long)) = price.above.filter(|_| prompt_tokens == 0) {
                line(&format!("{name}, above {above} tokens"), rates(&long));
            }
        }
    }
    for (from, class, price) in entry.later_prices(day) {
        let name = format!("price, {}, from {from}", class.label());
        line(&name, rates(price.at(prompt_tokens)));
    }
    lines
}

fn rates(rates: &Rates) -> String {
    let rate = |(unit, picodollars)| {
        let dollars = Dollars { unit, picodollars };
        format!("{} {dollars}", dollars.unit.label())
    };
    rates.iter().map(rate).collect::<Vec<_>>().join(", ")
}

/// One model below the other.
pub(super) fn all(entries: &[Entry], day: Day, prompt_tokens: u64) -> String {
    let mut out = String::new();
    for entry in entries {
        for (name, value) in lines(entry, day, prompt_tokens) {
            let _infallible = writeln!(out, "{name:<24}{value}");
        }
        for source in entry.model.into_iter().flat_map(Model::sources) {
            let by = if source.is_original {
                ""
            } else {
                " (not the provider's own)"
            };
            let _infallible = writeln!(
                out,
                "{:<24}{} on {}{by}",
                "read from", source.address, source.read
            );
        }
        if entry.is_configured {
            let _infallible = writeln!(out, "{:<24}the configuration", "and from");
        }
        out.push('\n');
    }
    out.push_str("Prices are US dollars for a million tokens, or for one of other units.\n");
    out
}

/// Models side by side.
pub(super) fn compared(entries: &[Entry], day: Day, prompt_tokens: u64) -> String {
    let columns: Vec<_> = entries
        .iter()
        .map(|entry| lines(entry, day, prompt_tokens))
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in columns.iter().flatten() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let value = |column: &[(String, String)], name: &str| {
        let mut lines = column.iter();
        let found = lines.find(|(known, _)| known == name);
        found.map_or_else(|| "-".to_owned(), |(_, value)| value.clone())
    };
    let width = |column: &[(String, String)]| {
        let widths = column.iter().map(|(_, value)| value.chars().count());
        widths.max().unwrap_or_default()
    };
    let mut out = String::new();
    for name in names {
        let mut line = format!("{name:<34}");
        for column in &columns {
            let width = width(column);
            let _infallible = write!(line, "{:<width$}  ", value(column, name));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// As a list of objects. What is not known is `null` or not there.
pub(super) fn json(entries: &[Entry], day: Day, prompt_tokens: u64) -> Value {
    let models = entries.iter().map(|entry| one(entry, day, prompt_tokens));
    json!({ "as_of": tollgate_catalogue::CATALOGUE_AS_OF, "models": models.collect::<Vec<_>>() })
}

fn one(entry: &Entry, day: Day, prompt_tokens: u64) -> Value {
    let facts = entry.facts();
    let known = |tokens: u32| (tokens > 0).then_some(tokens);
    let date = |date: Option<Day>| date.map(|date| date.to_string());
    let sources = entry
        .model
        .into_iter()
        .flat_map(Model::sources)
        .map(|source| {
            json!({
                "address": source.address,
                "read": source.read.to_string(),
                "is_original": source.is_original,
            })
        });
    let mut prices = Map::new();
    for class in ServiceClass::ALL {
        if let Some(price) = entry.price(*class, day) {
            let rates = price.at(prompt_tokens).iter().map(|(unit, picodollars)| {
                let dollars = Dollars { unit, picodollars };
                (unit.label().to_owned(), json!(dollars.to_string()))
            });
            prices.insert(class.label().to_owned(), Value::Object(rates.collect()));
        }
    }
    let source = entry.price_source(day);
    json!({
        "provider": entry.provider,
        "kind": entry.kind,
        "model": entry.name,
        "aliases": entry.model.into_iter().flat_map(Model::aliases).collect::<Vec<_>>(),
        "family": entry.family,
        "state": Some(entry.state(day)).filter(|state| !state.is_empty()),
        "deprecated": date(entry.model.and_then(Model::deprecated)),
        "shutdown": date(entry.model.and_then(Model::shutdown)),
        "context_tokens": known(facts.context_tokens),
        "output_tokens": known(facts.output_tokens),
        "inputs": facts.inputs.labels(),
        "outputs": facts.outputs.labels(),
        "abilities": facts.abilities.labels(),
        "lacks": facts.lacks.labels(),
        "refuses": facts.refuses.labels(),
        "vocabulary": facts.vocabulary.map(Word::label),
        "price_source": (source != PriceSource::Unknown).then(|| source.label()),
        "prices_usd": prices,
        "is_configured": entry.is_configured,
        "sources": sources.collect::<Vec<_>>(),
    })
}
