//! From the names in a rule to kinds of personal data.

use super::catalogue::kinds;
use super::kind::{Group, Kind};
use crate::detectors::DetectorError;
use crate::similar::similar;

/// Entities that Presidio and others find with a language model.
const OF_MODELS: [&str; 12] = [
    "person",
    "name",
    "location",
    "address",
    "street_address",
    "organization",
    "organisation",
    "nrp",
    "title",
    "gpe",
    "username",
    "profession",
];

/// An entity that rules may name, for references and completion.
#[derive(Clone, Copy, Debug)]
pub struct PiiEntity {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// Other names that rules may use.
    pub aliases: &'static [&'static str],
    /// Whether it is looked for when a rule names nothing.
    pub usual: bool,
    kind: &'static Kind,
}

impl PiiEntity {
    /// Every entity, by falling priority.
    pub fn all() -> impl Iterator<Item = Self> {
        kinds().map(|kind| Self {
            name: kind.name,
            about: kind.about,
            aliases: kind.aliases,
            usual: kind.usual,
            kind,
        })
    }

    /// The page that lists every entity.
    #[must_use]
    pub fn markdown() -> String {
        let mut page = String::from(
            "# Entities of `pii_detection`\n\n\
             Made by `cargo xtask generate` from the code. See [the detector](../detectors/pii_detection.md) \
             for what the columns mean. Looked for by default: those with a `yes`.\n\n\
             | entity | what it is | default | groups | other names |\n|---|---|---|---|---|\n",
        );
        for entity in Self::all() {
            let list = |names: &mut dyn Iterator<Item = &'static str>| {
                let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                names.join(" ")
            };
            let usual = if entity.usual { "yes" } else { "" };
            let groups = list(&mut entity.groups());
            let aliases = list(&mut entity.aliases.iter().copied());
            let Self { name, about, .. } = entity;
            page.extend([
                "| `", name, "` | ", about, " | ", usual, " | ", &groups, " | ", &aliases, " |\n",
            ]);
        }
        page
    }

    /// The groups it belongs to, its country's included; not `all`.
    pub fn groups(&self) -> impl Iterator<Item = &'static str> {
        let groups = self.kind.groups.iter().map(|group| group.name());
        let country = self.kind.country();
        let known = self.kind.groups;
        groups.chain(
            country.filter(move |country| !known.iter().any(|group| group.name() == *country)),
        )
    }
}

/// The group without kinds, for rules that look for entities of their own only.
const NONE: &str = "none";

/// A kind that a rule asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selected {
    pub(super) kind: &'static Kind,
    /// Whether the rule names it, not only a group.
    pub(super) named: bool,
}

/// The kinds that the names ask for, in the order of the catalogue; the usual ones when
/// there are no names.
pub(super) fn select(names: &[String]) -> Result<Vec<Selected>, DetectorError> {
    let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(refused(unknown));
    }
    let selected = kinds().filter_map(|kind| {
        let named = names.iter().any(|name| kind.goes_by(name));
        let grouped = names.iter().any(|name| kind.is_in(name));
        let usual = names.is_empty() && kind.usual;
        (named || grouped || usual).then_some(Selected { kind, named })
    });
    Ok(selected.collect())
}

/// A name in the form of the catalogue.
fn plain(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

fn is_known(name: &str) -> bool {
    name == NONE || kinds().any(|kind| kind.goes_by(name) || kind.is_in(name))
}

fn refused(name: &str) -> DetectorError {
    if OF_MODELS.contains(&name) {
        return DetectorError::Option {
            message: format!(
                "`{name}` has no form of its own: only a language model finds it, and this detector has none"
            ),
            help: "remove it, or ask a service that has a model for it".to_owned(),
        };
    }
    let names =
        |kind: &'static Kind| std::iter::once(kind.name).chain(kind.aliases.iter().copied());
    let known = kinds().flat_map(names).chain(Group::ALL.map(Group::name));
    DetectorError::Option {
        message: format!("there is no entity or group `{name}`"),
        help: match similar(name, known) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "docs/reference/pii-entities.md lists them all".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{kinds, select};
    use crate::detectors::DetectorError;

    fn names(wanted: &[&str]) -> Vec<&'static str> {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        select(&wanted)
            .unwrap()
            .iter()
            .map(|one| one.kind.name)
            .collect()
    }

    #[test]
    fn entities_go_by_several_names() {
        for name in ["ssn", "US_SSN", "us-ssn", "Social Security Number"] {
            assert_eq!(names(&[name]), ["ssn"], "{name}");
        }
        assert_eq!(
            names(&["IBAN_CODE", "email", "iban"]),
            ["iban_code", "email_address"]
        );
    }

    #[test]
    fn groups_and_countries_name_several() {
        assert!(names(&["financial"]).contains(&"credit_card"));
        assert!(names(&["de"]).iter().all(|name| name.starts_with("de_")));
        assert_eq!(names(&["all"]).len(), kinds().count());
        assert!(names(&[]).contains(&"credit_card"));
        assert!(!names(&[]).contains(&"date_time"));
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        let error = |name: &str| match select(&[name.to_owned()]) {
            Err(DetectorError::Option { message, help }) => format!("{message}; {help}"),
            other => panic!("{other:?}"),
        };
        assert!(error("PERSON").contains("language model"));
        assert!(error("credit_crad").contains("did you mean `credit_card`?"));
        assert!(error("shoe_size").contains("`shoe_size`; docs/reference/pii-entities.md"));
    }

    #[test]
    fn the_list_is_the_one_that_is_checked_in() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../docs/reference/pii-entities.md"
        );
        let page = std::fs::read_to_string(path).unwrap();
        assert!(page == super::PiiEntity::markdown(), "cargo xtask generate");
    }

    #[test]
    fn no_name_is_taken_twice() {
        let mut seen: Vec<&str> = Vec::new();
        for kind in kinds() {
            for name in std::iter::once(&kind.name).chain(kind.aliases) {
                assert!(!seen.contains(name), "{name}");
                assert_eq!(*name, super::plain(name));
                seen.push(name);
            }
        }
    }
}
