//! What the user knows of models: words, limits, prices.

use std::sync::Arc;

use tollgate_catalogue::{
    Ability, Known, Model, Parameter, Price, Priced, Rates, Unit, Word, Words, per_million,
};

use super::Check;
use crate::problem::quote;
use crate::spec::{CatalogueSpec, LongPricesSpec, PricesSpec};
use crate::suggest::known_or_similar;
use crate::tree::{child, item};
use crate::valid::{CatalogueConfig, ProviderConfig};

/// The dearest token that is believed: a thousand dollars for a million are 10⁹.
const PICODOLLARS_MAX: u64 = 1_000_000_000;

impl Check<'_> {
    pub(super) fn catalogue(
        &mut self,
        specs: &[CatalogueSpec],
        providers: &[ProviderConfig],
    ) -> Vec<CatalogueConfig> {
        let names: Vec<&str> = providers.iter().map(|provider| &*provider.name).collect();
        let mut entries: Vec<CatalogueConfig> = Vec::with_capacity(specs.len());
        for (index, spec) in specs.iter().enumerate() {
            let path = item("catalogue", index);
            self.model_name(&child(&path, "model"), &spec.model);
            let found = self.provider(&child(&path, "provider"), &spec.provider, &names);
            let kind = found
                .and_then(|index| providers.get(index))
                .map(|found| found.kind);
            let known = self.known_model(&path, spec, kind.map(|kind| kind.label));
            if kind.is_some_and(|kind| kind.is_http()) {
                let message = format!("{} serves no models", quote(&spec.provider));
                let help = "name a provider that does, or remove the entry";
                self.error(&child(&path, "provider"), message, help);
            }
            let Some(provider) = found else { continue };
            let twice =
                |entry: &CatalogueConfig| entry.provider == provider && *entry.model == *spec.model;
            if entries.iter().any(twice) {
                let message = format!("{} is there twice", quote(&spec.model));
                self.error(&path, message, "write what is known of it in one entry");
            }
            entries.push(CatalogueConfig {
                provider,
                model: spec.model.as_str().into(),
                known,
            });
        }
        entries
    }

    fn known_model(&mut self, path: &str, spec: &CatalogueSpec, kind: Option<&str>) -> Known {
        let listed = match &spec.like {
            Some(like) => self.like(&child(path, "like"), like).map(Known::of),
            None => kind.map(|kind| Known::listed(kind, &spec.model)),
        };
        let mut known = listed.unwrap_or_default();
        let facts = &mut known.facts;
        for (field, written, fact) in [
            (
                "context_tokens",
                spec.context_tokens,
                &mut facts.context_tokens,
            ),
            (
                "output_tokens",
                spec.output_tokens,
                &mut facts.output_tokens,
            ),
        ] {
            if let Some(tokens) = written {
                *fact = tokens;
                if tokens == 0 {
                    let help = "write how many, or leave the line out where it is not known";
                    self.error(&child(path, field), "no model has 0 tokens", help);
                }
            }
        }
        if let Some(words) = &spec.abilities {
            known.facts.abilities =
                self.catalogue_words::<Ability>(&child(path, "abilities"), words);
            known.facts.lacks = known.facts.lacks.without(known.facts.abilities);
        }
        if let Some(words) = &spec.refuses {
            known.facts.refuses = self.catalogue_words::<Parameter>(&child(path, "refuses"), words);
        }
        if let Some(word) = &spec.vocabulary {
            let found = self.catalogue_word(&child(path, "vocabulary"), word);
            known.facts.vocabulary = found.or(known.facts.vocabulary);
        }
        if let Some(prices) = &spec.prices {
            let price = self.price(&child(path, "prices"), prices);
            known.priced = Priced::Configuration(Arc::new(price));
        }
        known
    }

    fn like(&mut self, path: &str, like: &str) -> Option<Model> {
        let found = like
            .split_once('/')
            .and_then(|(kind, model)| Model::find(kind, model));
        if found.is_none() {
            let message = format!("{} is not in the catalogue", quote(like));
            let help =
                "write `kind/model` as `tollgate models` lists it, for example `openai/gpt-4o`";
            self.error(path, message, help);
        }
        found
    }

    fn catalogue_words<W: Word>(&mut self, path: &str, words: &[String]) -> Words<W> {
        let mut set = Words::NONE;
        for (index, written) in words.iter().enumerate() {
            if let Some(word) = self.catalogue_word(&item(path, index), written) {
                set = set.with(word);
            }
        }
        set
    }

    fn catalogue_word<W: Word>(&mut self, path: &str, written: &str) -> Option<W> {
        let found = W::find(written);
        if found.is_none() {
            let labels = W::ALL.iter().map(|word| word.label());
            let help = known_or_similar(written, labels, "known words", 0).unwrap_or_default();
            let message = format!("{} is no word of the catalogue", quote(written));
            self.error(path, message, help);
        }
        found
    }

    fn price(&mut self, path: &str, spec: &PricesSpec) -> Price {
        let rates = self.rates(
            path,
            [
                spec.input,
                spec.cached_input,
                spec.cache_write,
                spec.output,
                spec.reasoning,
            ],
        );
        if spec.input.is_none() && spec.output.is_none() {
            let help = "write `input` and `output` in US dollars for a million tokens";
            self.error(path, "no price of a token", help);
        }
        let above = spec
            .long
            .as_ref()
            .and_then(|long| self.long(&child(path, "long"), long));
        Price {
            rates,
            above: above.map(|(tokens, long)| (tokens, rates.with(&long))),
        }
    }

    fn long(&mut self, path: &str, spec: &LongPricesSpec) -> Option<(u32, Rates)> {
        let rates = self.rates(
            path,
            [
                spec.input,
                spec.cached_input,
                spec.cache_write,
                spec.output,
                spec.reasoning,
            ],
        );
        let above = spec.above_tokens.filter(|tokens| *tokens > 0);
        if above.is_none() {
            let help = "write from how many prompt tokens on these prices hold, for example 200000";
            self.error(path, "`above_tokens` is missing", help);
        }
        Some((above?, rates))
    }

    /// In the order of the fields.
    fn rates(&mut self, path: &str, written: [Option<f64>; 5]) -> Rates {
        let fields = [
            Unit::Input,
            Unit::CachedInput,
            Unit::CacheWrite,
            Unit::Output,
            Unit::Reasoning,
        ];
        let mut rates = Rates::UNKNOWN;
        for (unit, dollars) in fields.into_iter().zip(written) {
            let Some(dollars) = dollars else { continue };
            // The shortest text of a number is the one that was written.
            let exact = per_million(&dollars.to_string());
            match exact.filter(|picodollars| *picodollars <= PICODOLLARS_MAX) {
                Some(picodollars) => rates.set(unit, picodollars),
                None => {
                    let message = format!("{dollars} is no price of a million tokens");
                    let help = "write US dollars from 0 to 1000, with six decimals at most";
                    self.error(&child(path, unit.label()), message, help);
                }
            }
        }
        rates
    }
}
