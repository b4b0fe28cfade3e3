//! The options of `secrets`.

use tollgate_policy::{DetectorOptions, SecretsOptions};

use crate::spec::SecretsSpec;
use crate::tree::{child, item};
use crate::validate::Check;

/// The least score of what is reported, in hundredths, unless the configuration says.
const THRESHOLD: u8 = 50;

impl Check<'_> {
    pub(super) fn secrets(&mut self, path: &str, spec: &SecretsSpec) -> DetectorOptions {
        for (list, names) in [("rules", &spec.rules), ("exclude", &spec.exclude)] {
            for (index, name) in names.iter().enumerate() {
                let path = item(&child(path, list), index);
                self.option(&path, SecretsOptions::check_name(name));
            }
        }
        if let Some(text) = &spec.gitleaks {
            let checked = SecretsOptions::check_gitleaks(text);
            self.option(&child(path, "gitleaks"), checked);
        }
        let options = SecretsOptions {
            rules: spec.rules.clone(),
            exclude: spec.exclude.clone(),
            allow: spec.allow.clone(),
            threshold: self.score(&child(path, "threshold"), spec.threshold, THRESHOLD),
            gitleaks: spec.gitleaks.clone(),
        };
        self.option(&child(path, "allow"), options.check_allow());
        DetectorOptions::Secrets(options)
    }
}
