//! `secrets`: keys, tokens, passwords and private keys.
//!
//! The rules of our own are a list (`secrets/rules.txt`) of patterns that one step per
//! byte decides, applied by one matcher in one pass. A user's `gitleaks.toml` is a second
//! matcher. Secrets without an upper bound are swallowed from their prefix on, so that
//! nothing of them gets out however a text is cut, and the same in a text at hand as a
//! whole.

mod allow;
mod assigned;
mod catalogue;
mod gitleaks;
mod matcher;
mod name;
mod pattern;
mod pem;
mod place;
mod prefixes;
mod reader;
mod scheme;
mod seen;
mod services;
mod skim;
mod spoken;
#[cfg(test)]
mod tests;
mod url;
mod value;
mod words;

use std::cmp::Reverse;
use std::sync::Arc;

use self::allow::Allow;
use self::catalogue::Rule;
use self::matcher::Builtin;
use self::name::Names;
use self::prefixes::Prefixes;
use self::services::Services;
use crate::detector::{Detector, Entity, Matcher};
use crate::detectors::DetectorError;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretsOptions {
    /// Rules, by name or by tag. All but the noisy ones when none is named.
    pub rules: Vec<String>,
    /// Rules that are not applied, by name or by tag.
    pub exclude: Vec<String>,
    /// Values that are no findings; `*` at the end stands for anything.
    pub allow: Vec<String>,
    /// The least score of what is reported, in hundredths.
    pub threshold: u8,
    /// The text of a `gitleaks.toml`. With it, rules of our own apply only when it says
    /// `useDefault`, or when `rules` names them.
    pub gitleaks: Option<String>,
}

/// The longest value that may be allowed, in bytes: as much of a secret may have to be held
/// until it is known not to be that value.
const ALLOWED_BYTES_MAX: usize = 512;

/// The most values that may be allowed.
const ALLOWED_MAX: usize = 1024;

impl SecretsOptions {
    /// Checks a name of `rules` or `exclude`.
    ///
    /// # Errors
    /// When neither a rule nor a tag has this name.
    pub fn check_name(name: &str) -> Result<(), DetectorError> {
        is_known(&catalogue::rules().map_err(unreadable)?, name)
    }

    /// Checks the text of a `gitleaks.toml`.
    ///
    /// # Errors
    /// What cannot be read or applied, with the rule and the line.
    pub fn check_gitleaks(text: &str) -> Result<(), DetectorError> {
        gitleaks::load(text).map(|_| ())
    }

    /// Checks the values of `allow`.
    ///
    /// # Errors
    /// When one is empty or too long, or there are too many.
    pub fn check_allow(&self) -> Result<(), DetectorError> {
        let wrong = |message: String, help: String| DetectorError::Option { message, help };
        if self.allow.len() > ALLOWED_MAX {
            let message = format!("{} values are allowed", self.allow.len());
            return Err(wrong(message, format!("write at most {ALLOWED_MAX}")));
        }
        let is_wrong = |value: &&String| !(4..=ALLOWED_BYTES_MAX).contains(&value.len());
        match self.allow.iter().find(is_wrong) {
            None => Ok(()),
            Some(value) => Err(wrong(
                format!("a value that is allowed has {} bytes", value.len()),
                format!("write 4 to {ALLOWED_BYTES_MAX}; `*` at the end stands for what follows"),
            )),
        }
    }
}

/// The detector.
#[derive(Debug)]
pub struct SecretsDetector {
    matchers: Vec<Arc<dyn Matcher>>,
}

impl SecretsDetector {
    /// A detector of what `options` name.
    ///
    /// # Errors
    /// A name that no rule and no tag has, a value that cannot be allowed, or no rule left.
    pub fn new(options: &SecretsOptions) -> Result<Self, DetectorError> {
        let rules = catalogue::rules().map_err(unreadable)?;
        options.check_allow()?;
        for name in options.rules.iter().chain(&options.exclude) {
            is_known(&rules, name)?;
        }
        let user = options
            .gitleaks
            .as_deref()
            .map(gitleaks::load)
            .transpose()?;
        let disabled = |rule: &Rule| {
            let mut names = user.iter().flat_map(|user| &user.disabled);
            names.any(|name| name.replace('-', "_") == rule.name)
        };
        let default = user.as_ref().is_none_or(|user| user.use_default);
        let on = |rule: &Rule| {
            let named = |list: &[String]| {
                list.iter()
                    .any(|name| rule.name == name || rule.tags.contains(&name.as_str()))
            };
            let wanted = if options.rules.is_empty() {
                default && !disabled(rule) && !rule.tags.contains(&catalogue::NOISY)
            } else {
                named(&options.rules)
            };
            wanted && !named(&options.exclude)
        };
        let rules: Vec<Rule> = rules.into_iter().filter(on).collect();
        let mut matchers = user.map(|user| user.matchers).unwrap_or_default();
        if rules.is_empty() && matchers.is_empty() {
            return Err(DetectorError::Option {
                message: "no rule is left".to_owned(),
                help: "name some under `rules`, or fewer under `exclude`".to_owned(),
            });
        }
        if !rules.is_empty() {
            matchers.insert(0, Arc::new(builtin(rules, options)?));
        }
        Ok(Self { matchers })
    }
}

impl Detector for SecretsDetector {
    fn name(&self) -> &'static str {
        "secrets"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}

/// The list of rules is a part of the program; the tests read it.
fn unreadable(error: impl std::error::Error) -> DetectorError {
    DetectorError::Option {
        message: error.to_string(),
        help: "report this as a bug".to_owned(),
    }
}

/// Whether a rule or a tag has this name.
fn is_known(rules: &[Rule], name: &str) -> Result<(), DetectorError> {
    let names = || {
        rules
            .iter()
            .flat_map(|rule| std::iter::once(&rule.name).chain(&rule.tags))
    };
    if names().any(|known| *known == name) {
        return Ok(());
    }
    let shared = |known: &&&str| {
        let same = known
            .bytes()
            .zip(name.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        (same, Reverse(known.len()))
    };
    let nearest = names().max_by_key(shared).copied().unwrap_or_default();
    Err(DetectorError::Option {
        message: format!("there is no rule or tag `{name}` for secrets"),
        help: format!("write `{nearest}`, or another that docs/detectors/secrets.md lists"),
    })
}

/// The matcher of these rules.
fn builtin(rules: Vec<Rule>, options: &SecretsOptions) -> Result<Builtin, DetectorError> {
    let threshold = options.threshold;
    let entities = rules.iter().map(|rule| Entity::new(rule.name)).collect();
    let named = |name: &str, score: u8| {
        let index = rules.iter().position(|rule| rule.name == name)?;
        u16::try_from(index).ok().filter(|_| score >= threshold)
    };
    let private_key = named("private_key", 99);
    let url_password = named("url_password", 90);
    let bearer_token = named("bearer_token", 85);
    let basic_auth = named("basic_auth", 85);
    let password = named("password", 75);
    let generic_api_key = named("generic_api_key", 75);
    let forms: Vec<_> = (0_u16..)
        .zip(rules)
        .flat_map(|(entity, rule)| rule.forms.into_iter().map(move |form| (form, entity)))
        .filter(|(form, _)| form.score >= threshold)
        .collect();
    let numbered = || (0_u16..).zip(forms.iter().map(|(form, _)| form));
    Ok(Builtin {
        entities,
        prefixes: Prefixes::new(numbered()),
        services: Services::new(numbered()).map_err(unreadable)?,
        names: Names::new().map_err(unreadable)?,
        allow: Allow::new(&options.allow),
        threshold,
        private_key,
        url_password,
        bearer_token,
        basic_auth,
        password,
        generic_api_key,
        forms,
    })
}
