//! The options of `pii_detection`.

use std::sync::Arc;

use tollgate_policy::{DetectorOptions, PiiCheck, PiiCustom, PiiOptions, Score};

use crate::problem::quote;
use crate::spec::{PiiCheckSpec, PiiCustomSpec, PiiDetectionSpec};
use crate::tree::{child, item};
use crate::validate::Check;

/// The score of a custom entity that words before it announce.
const WITH_CONTEXT: u8 = 30;

impl Check<'_> {
    pub(super) fn pii_detection(&mut self, path: &str, spec: &PiiDetectionSpec) -> DetectorOptions {
        let entities = child(path, "entities");
        for (index, name) in spec.entities.iter().enumerate() {
            self.option(&item(&entities, index), PiiOptions::check(name));
        }
        let patterns = child(path, "allow_patterns");
        for (index, pattern) in spec.allow_patterns.iter().enumerate() {
            self.option(&item(&patterns, index), PiiOptions::check_allowed(pattern));
        }
        let usual = PiiOptions::default();
        let threshold = usual.threshold.hundredths();
        let customs = child(path, "custom");
        let custom = spec.custom.iter().enumerate();
        let options = PiiOptions {
            entities: spec.entities.clone(),
            threshold: Score::percent(self.score(
                &child(path, "threshold"),
                spec.threshold,
                threshold,
            )),
            custom: custom
                .map(|(index, custom)| self.pii_custom(&item(&customs, index), custom))
                .collect(),
            allow: shared(&spec.allow),
            allow_patterns: shared(&spec.allow_patterns),
        };
        if options.is_nothing() {
            let help = "name entities, add some under `custom`, or remove the line";
            self.error(&entities, "this rule checks nothing", help);
        }
        for (entity, most) in options.below_threshold() {
            let fact = format!(
                "{} scores {} at most, unless a word announces it",
                quote(&entity),
                f64::from(most) / 100.0
            );
            self.warning(
                &child(path, "threshold"),
                fact,
                "write a lower `threshold`, or leave it out",
            );
        }
        DetectorOptions::PiiDetection(options)
    }

    fn pii_custom(&mut self, path: &str, spec: &PiiCustomSpec) -> PiiCustom {
        self.name(&child(path, "name"), &spec.name);
        let usual = if spec.context.is_empty() {
            100
        } else {
            WITH_CONTEXT
        };
        let custom = PiiCustom {
            name: spec.name.as_str().into(),
            pattern: spec.pattern.as_deref().map(Into::into),
            max_len: spec.max_len.map(usize::from),
            values: shared(&spec.values),
            check: spec.check.map(|check| match check {
                PiiCheckSpec::Luhn => PiiCheck::Luhn,
                PiiCheckSpec::Mod97 => PiiCheck::Mod97,
                PiiCheckSpec::Verhoeff => PiiCheck::Verhoeff,
                PiiCheckSpec::Mod11And10 => PiiCheck::Mod11And10,
                PiiCheckSpec::Icao9303 => PiiCheck::Icao9303,
            }),
            context: shared(&spec.context),
            score: self.score(&child(path, "score"), spec.score, usual),
        };
        let place = match (&spec.pattern, spec.values.is_empty()) {
            (Some(_), true) => child(path, "pattern"),
            (None, false) => child(path, "values"),
            _ => path.to_owned(),
        };
        self.option(&place, custom.check());
        let context = child(path, "context");
        for (index, word) in spec.context.iter().enumerate() {
            self.option(&item(&context, index), PiiCustom::check_context(word));
        }
        custom
    }
}

fn shared(written: &[String]) -> Vec<Arc<str>> {
    written.iter().map(|text| text.as_str().into()).collect()
}
