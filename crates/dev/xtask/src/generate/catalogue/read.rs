//! A file of models, as a person writes it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tollgate_catalogue::{
    Ability, Day, Modality, Parameter, ProviderKind, ServiceClass, Unit, Vocabulary, Word, Words,
    per_million, per_one,
};

/// The models of one kind of provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) provider: String,
    /// Pages, by a name that is used in this file only.
    pub(super) sources: BTreeMap<String, Page>,
    #[serde(rename = "model")]
    pub(super) models: Vec<ModelData>,
}

/// Where facts were read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    pub(super) url: String,
    pub(super) read: String,
    /// False for a page that is neither the provider's nor the maker's.
    #[serde(default = "yes")]
    pub(super) original: bool,
}

const fn yes() -> bool {
    true
}

/// A model.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelData {
    pub(super) name: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    pub(super) family: String,
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) context: u32,
    #[serde(default)]
    pub(super) output: u32,
    #[serde(default)]
    inputs: Vec<String>,
    #[serde(default)]
    outputs: Vec<String>,
    #[serde(default)]
    abilities: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    refuses: Vec<String>,
    vocabulary: Option<String>,
    deprecated: Option<String>,
    shutdown: Option<String>,
    #[serde(default)]
    price: Vec<PriceData>,
}

/// The prices of one service class, prompt length and time.
#[derive(Debug, Deserialize)]
struct PriceData {
    class: Option<String>,
    #[serde(default)]
    above: u32,
    from: Option<String>,
    /// By unit: dollars for a million tokens, or for one of other units.
    #[serde(flatten)]
    rates: BTreeMap<String, String>,
}

/// One price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) class: ServiceClass,
    pub(super) from: Day,
    pub(super) above: u32,
    pub(super) unit: Unit,
    pub(super) picodollars: u64,
}

impl File {
    /// # Errors
    /// What is wrong, with the model's name.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if ProviderKind::find(&file.provider).is_none_or(|kind| kind.is_http()) {
            return Err(format!(
                "`{}` is no kind of provider with models",
                file.provider
            ));
        }
        for (name, page) in &file.sources {
            page.day()
                .map_err(|reason| format!("source {name}: {reason}"))?;
            if !page.url.starts_with("https://") && !page.url.starts_with("docs/") {
                return Err(format!("source {name}: `{}` is no address", page.url));
            }
        }
        for model in &file.models {
            file.check(model)
                .map_err(|reason| format!("{}: {reason}", model.name))?;
        }
        Ok(file)
    }

    fn check(&self, model: &ModelData) -> Result<(), String> {
        if model.sources.is_empty() {
            return Err("no source".to_owned());
        }
        if let Some(source) = model
            .sources
            .iter()
            .find(|name| !self.sources.contains_key(*name))
        {
            return Err(format!("source `{source}` is not listed"));
        }
        if model.context > 0 && model.output > model.context {
            return Err("more output than context".to_owned());
        }
        let both = model.abilities()?.bits() & model.lacks()?.bits();
        if both != 0 {
            return Err("an ability that it has and lacks".to_owned());
        }
        model.inputs()?;
        model.outputs()?;
        model.refuses()?;
        model.vocabulary()?;
        model.deprecated()?;
        model.shutdown()?;
        model.prices().map(|_| ())
    }
}

impl Page {
    pub(super) fn day(&self) -> Result<Day, String> {
        day(&self.read)
    }
}

impl ModelData {
    pub(super) fn inputs(&self) -> Result<Words<Modality>, String> {
        words(&self.inputs)
    }

    pub(super) fn outputs(&self) -> Result<Words<Modality>, String> {
        words(&self.outputs)
    }

    /// Whoever takes pictures and answers in words sees.
    pub(super) fn abilities(&self) -> Result<Words<Ability>, String> {
        let abilities: Words<Ability> = words(&self.abilities)?;
        let sees = self.inputs()?.has(Modality::Image) && self.outputs()?.has(Modality::Text);
        Ok(if sees {
            abilities.with(Ability::Vision)
        } else {
            abilities
        })
    }

    pub(super) fn lacks(&self) -> Result<Words<Ability>, String> {
        words(&self.lacks)
    }

    pub(super) fn refuses(&self) -> Result<Words<Parameter>, String> {
        words(&self.refuses)
    }

    pub(super) fn vocabulary(&self) -> Result<Option<Vocabulary>, String> {
        self.vocabulary.as_deref().map(word).transpose()
    }

    pub(super) fn deprecated(&self) -> Result<Option<Day>, String> {
        self.deprecated.as_deref().map(day).transpose()
    }

    pub(super) fn shutdown(&self) -> Result<Option<Day>, String> {
        self.shutdown.as_deref().map(day).transpose()
    }

    /// Sorted; none twice.
    pub(super) fn prices(&self) -> Result<Vec<Row>, String> {
        let mut rows = Vec::new();
        for price in &self.price {
            let class = price.class.as_deref().map(word).transpose()?;
            let from = price.from.as_deref().map(day).transpose()?;
            for (unit, dollars) in &price.rates {
                let unit: Unit = word(unit)?;
                let read = if unit.is_million() {
                    per_million
                } else {
                    per_one
                };
                rows.push(Row {
                    class: class.unwrap_or(ServiceClass::Standard),
                    from: from.unwrap_or(Day::FIRST),
                    above: price.above,
                    unit,
                    picodollars: read(dollars).ok_or_else(|| format!("`{dollars}` is no price"))?,
                });
            }
        }
        rows.sort_unstable();
        let key = |row: &Row| (row.class, row.from, row.above, row.unit);
        if rows
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if key(a) == key(b)))
        {
            return Err("a price twice".to_owned());
        }
        // A request has one price for long prompts.
        let tiers: BTreeSet<_> = rows
            .iter()
            .filter(|row| row.above > 0)
            .map(|row| (row.class, row.from, row.above))
            .collect();
        let prices: BTreeSet<_> = tiers.iter().map(|(class, from, _)| (class, from)).collect();
        if tiers.len() > prices.len() {
            return Err("several prices for long prompts".to_owned());
        }
        Ok(rows)
    }
}

fn words<W: Word>(labels: &[String]) -> Result<Words<W>, String> {
    labels.iter().map(|label| word(label)).collect()
}

fn word<W: Word>(label: &str) -> Result<W, String> {
    W::find(label).ok_or_else(|| format!("`{label}` is no word of the catalogue"))
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("`{text}` is no day"))
}

#[cfg(test)]
mod tests {
    use super::File;

    const HEAD: &str =
        "provider = 'openai'\n[sources]\na = { url = 'https://a.example', read = '2026-11-22' }\n";

    fn read(model: &str) -> Result<File, String> {
        File::read(&format!(
            "{HEAD}[[model]]\nname = 'm'\nfamily = 'f'\n{model}"
        ))
    }

    #[test]
    fn what_is_left_out_is_not_known() {
        let file = read("sources = ['a']\ninputs = ['image']\noutputs = ['text']").unwrap();
        let model = &file.models[0];
        assert_eq!((model.context, model.output), (0, 0));
        assert_eq!(model.abilities().unwrap().labels(), ["vision"]);
        assert!(model.prices().unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (model, reason) in [
            ("sources = []", "no source"),
            ("sources = ['b']", "not listed"),
            ("sources = ['a']\ncontext = 5\noutput = 6", "more output"),
            ("sources = ['a']\nabilities = ['fly']", "`fly` is no word"),
            (
                "sources = ['a']\nabilities = ['tools']\nlacks = ['tools']",
                "has and lacks",
            ),
            ("sources = ['a']\nshutdown = '2026-02-30'", "no day"),
            ("sources = ['a']\nspeed = 3", "unknown field"),
            (
                "sources = ['a']\n[[model.price]]\ninput = 'cheap'",
                "no price",
            ),
            (
                "sources = ['a']\n[[model.price]]\ninput = '1'\n[[model.price]]\ninput = '2'",
                "twice",
            ),
            (
                "sources = ['a']\n[[model.price]]\nabove = 5\ninput = '1'\n[[model.price]]\nabove = 6\ninput = '2'",
                "several prices for long prompts",
            ),
        ] {
            let said = read(model).unwrap_err();
            assert!(said.contains(reason), "{said}");
        }
    }

    #[test]
    fn a_file_is_of_a_kind_of_provider_that_serves_models() {
        for provider in ["nobody", "http"] {
            let text = HEAD.replace("openai", provider) + "[[model]]\n";
            let said = File::read(&format!("{text}name = 'm'\nfamily = 'f'\nsources = ['a']"));
            assert!(
                said.unwrap_err().contains("no kind of provider"),
                "{provider}"
            );
        }
    }
}
