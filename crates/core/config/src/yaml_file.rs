//! YAML files that stand beside a configuration and are none: read, checked and
//! reported on in the same way.
//!
//! The shape of the file is a type of whoever reads it. What the type cannot say is
//! checked there, with the places that are asked for here.

use std::path::Path;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::problem::{Problem, Report, quote};
use crate::schema;
use crate::sources::{Source, Sources};
use crate::suggest::known_or_similar;
use crate::tree::{self, Node, Read};
use crate::valid::Origin;

/// A type that says what is written in a file.
pub trait Shape: DeserializeOwned + JsonSchema {}

impl<T: DeserializeOwned + JsonSchema> Shape for T {}

/// One file, within the bounds of a configuration's.
#[derive(Clone, Debug)]
pub struct YamlFile {
    sources: Sources,
    tree: Node,
}

impl YamlFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, is over a limit, or is not YAML.
    pub fn read(path: &Path) -> Result<Self, Report> {
        Self::of(Sources::read(path), tree::read)
    }

    /// A file from memory. Relative paths start at the folder in `name`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_text(name: &str, text: &str) -> Result<Self, Report> {
        Self::of(Sources::from_text(name, text), tree::read)
    }

    /// A file of several documents from memory: a list of those that hold something.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn documents_from_text(name: &str, text: &str) -> Result<Self, Report> {
        Self::of(Sources::from_text(name, text), tree::read_documents)
    }

    fn of(sources: Sources, read: fn(&Source) -> Read) -> Result<Self, Report> {
        let mut problems = sources.unread().to_vec();
        let mut tree = Node::empty_map(Origin::default());
        if let Some(source) = sources.files().first() {
            let read = read(source);
            problems.extend(read.problems);
            tree = read.node;
        }
        if problems.is_empty() {
            Ok(Self { sources, tree })
        } else {
            Err(Report::new(problems, &sources))
        }
    }

    /// What stands at `path` (`tests[2].expect`; empty for the whole), which must be there.
    ///
    /// # Errors
    /// Everything in which it is not of the shape of `T`.
    pub fn decode<T: Shape>(&self, path: &str) -> Result<T, Vec<Problem>> {
        let fail = |message: String| vec![Problem::error(self.origin(path), path, message)];
        let Some(node) = self.tree.at(path) else {
            return Err(fail("nothing is written here".to_owned()));
        };
        let schema = schema::of::<T>();
        let checked = schema::check_part(&schema, node, path);
        if !checked.problems.is_empty() {
            return Err(checked.problems);
        }
        T::deserialize(checked.json).map_err(|error| fail(format!("cannot be understood: {error}")))
    }

    /// Where the value at `path` stands, or the closest one around it.
    #[must_use]
    pub fn origin(&self, path: &str) -> Origin {
        self.tree.origin_near(path)
    }

    /// The problem of a name at `path` that is not among the known ones; `what` says what
    /// it should name.
    #[must_use]
    pub fn unknown<'n>(
        &self,
        path: &str,
        what: &str,
        written: &str,
        known: impl Iterator<Item = &'n str> + Clone,
    ) -> Problem {
        let message = format!("there is no {what} {}", quote(written));
        let mut problem = Problem::error(self.origin(path), path, message);
        problem.help = known_or_similar(written, known, &format!("known {what}s"), 0);
        problem
    }

    /// Problems of this file, with their source lines.
    #[must_use]
    pub fn report(&self, problems: Vec<Problem>) -> Report {
        Report::new(problems, &self.sources)
    }

    /// Where relative paths in the file start: the folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.sources.folder()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Shape {
        name: String,
        #[serde(default)]
        items: Vec<serde_json::Value>,
    }

    fn file(text: &str) -> YamlFile {
        YamlFile::from_text("a.yaml", text).unwrap()
    }

    #[test]
    fn what_fits_is_decoded_and_keeps_its_places() {
        let file = file("name: x\nitems:\n  - {a: 1}\n  - two\n");
        let shape: Shape = file.decode("").unwrap();
        assert_eq!((shape.name.as_str(), shape.items.len()), ("x", 2));
        assert_eq!(file.origin("items[1]").to_string(), "a.yaml:4:5");
        assert_eq!(file.decode::<String>("items[1]").unwrap(), "two");
    }

    #[test]
    fn every_mistake_is_told_with_its_place_and_what_was_meant() {
        let problems = file("nmae: x\nitems: {}\n")
            .decode::<Shape>("")
            .unwrap_err();
        let report = file("nmae: x\nitems: {}\n").report(problems).to_string();
        assert!(report.contains("a.yaml:1:1"), "{report}");
        assert!(report.contains("did you mean `name`?"), "{report}");
        assert!(report.contains("expected a list"), "{report}");
        let list = file("- a\n").decode::<Shape>("").unwrap_err();
        let help = list[0].help.as_deref().unwrap();
        assert_eq!(help, "write its fields: `items`, `name`");
    }

    #[test]
    fn what_is_no_yaml_is_a_report() {
        let report = YamlFile::from_text("a.yaml", "a: [").unwrap_err();
        assert!(report.to_string().contains("not valid YAML"), "{report}");
    }

    #[test]
    fn several_documents_are_a_list_and_an_empty_one_is_none() {
        let text = "---\na: 1\n---\n# nothing\n---\nb: |\n  ---\n  c\n";
        let file = YamlFile::documents_from_text("a.yaml", text).unwrap();
        let documents: serde_json::Value = file.decode("").unwrap();
        assert_eq!(documents, serde_json::json!([{"a": 1}, {"b": "---\nc\n"}]));
        assert_eq!(file.origin("[0].a").to_string(), "a.yaml:2:4");
        let none = YamlFile::documents_from_text("a.yaml", "").unwrap();
        assert_eq!(
            none.decode::<serde_json::Value>("").unwrap(),
            serde_json::json!([])
        );
        assert!(YamlFile::from_text("a.yaml", text).is_err());
    }

    #[test]
    fn an_unknown_name_comes_with_the_known_ones() {
        let problem = file("name: x\n").unknown("name", "format", "opnai", ["openai"].into_iter());
        assert_eq!(problem.message, "there is no format `opnai`");
        assert_eq!(problem.help.as_deref(), Some("did you mean `openai`?"));
    }
}
