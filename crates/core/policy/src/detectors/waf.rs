//! Attacks on what stands behind a model: SQL injection, cross-site scripting, path
//! traversal, command and template injection, targets of server-side requests.
//!
//! A tool, a plug-in or a log viewer puts what it is given into a statement, a page, a
//! path or a command line. The detector reads the *values* that go there: parameters of
//! the query, segments of the path, headers, names of models, metadata, the strings in
//! tool arguments. Each is judged as a whole, in every form that something behind may
//! decode it to. It leaves prose alone unless asked to read it: prompts about code hold
//! code.

mod first;
mod forms;
mod html;
mod judge;
mod literals;
mod matcher;
mod path;
mod prose;
mod shell;
mod sql;
mod ssrf;
mod template;
#[cfg(test)]
mod tests;
mod value;

use std::sync::Arc;

use tollgate_formats::view::Field;

use crate::detector::{Detector, Entity, Matcher, Score};
use crate::place::{Place, Places};
use judge::Scene;
pub use literals::SearchUnbuildable;
use matcher::{Reading, Values};

/// What the detector looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WafEntity {
    /// A value that changes the SQL statement it is put in.
    SqlInjection,
    /// Markup or script of the value's own.
    Xss,
    /// A path that leads out of its folder.
    PathTraversal,
    /// A further command.
    CommandInjection,
    /// An expression that a template engine runs.
    TemplateInjection,
    /// An address that only machines inside can reach.
    Ssrf,
}

impl WafEntity {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::SqlInjection,
        Self::Xss,
        Self::PathTraversal,
        Self::CommandInjection,
        Self::TemplateInjection,
        Self::Ssrf,
    ];

    /// As configuration, logs and metrics write it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::SqlInjection => "sql_injection",
            Self::Xss => "xss",
            Self::PathTraversal => "path_traversal",
            Self::CommandInjection => "command_injection",
            Self::TemplateInjection => "template_injection",
            Self::Ssrf => "ssrf",
        }
    }
}

/// What is looked for, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct WafOptions {
    /// What is looked for; none means all.
    pub entities: Vec<WafEntity>,
    /// The places that are read. Default: [`WafOptions::PLACES`].
    pub places: Places,
    /// The least score of a finding. Default: [`WafOptions::THRESHOLD`].
    pub threshold: Score,
    /// Values that are no findings, whatever the size of their letters; with `*` at the
    /// end, all that begin so.
    pub allow: Vec<String>,
}

impl WafOptions {
    /// The least score of a finding where nothing else is said.
    pub const THRESHOLD: Score = Score::percent(50);

    /// The places where values stand.
    pub const PLACES: Places = Places::of(&[
        Place::Path,
        Place::Query,
        Place::Header,
        Place::Model,
        Place::Of(Field::Metadata),
        Place::Of(Field::Members),
        Place::Of(Field::ToolName),
        Place::Of(Field::ToolArguments),
        Place::Of(Field::ToolInput),
    ]);
}

impl Default for WafOptions {
    fn default() -> Self {
        Self {
            entities: Vec::new(),
            places: Self::PLACES,
            threshold: Self::THRESHOLD,
            allow: Vec::new(),
        }
    }
}

/// Which places are read alike. A text that stands alone is a value.
const READINGS: [(Reading, &[Place]); 6] = [
    (Reading::Value(Scene::Head), &[Place::Alone]),
    (
        Reading::Value(Scene::Head),
        &[Place::Path, Place::Query, Place::Model],
    ),
    (Reading::Value(Scene::Header), &[Place::Header]),
    (
        Reading::Value(Scene::Body),
        &[
            Place::Of(Field::Metadata),
            Place::Of(Field::ToolName),
            Place::Of(Field::ToolInput),
        ],
    ),
    (
        Reading::Strings,
        &[Place::Of(Field::ToolArguments), Place::Of(Field::Members)],
    ),
    (
        Reading::Prose,
        &[
            Place::Of(Field::Text),
            Place::Of(Field::Reasoning),
            Place::Of(Field::Refusal),
            Place::Of(Field::ToolDescription),
            Place::Of(Field::Document),
            Place::Of(Field::Unknown),
        ],
    ),
];

/// Finds attacks in values.
#[derive(Debug)]
pub struct WafDetector {
    matchers: Vec<Arc<dyn Matcher>>,
}

impl WafDetector {
    /// A detector with these options.
    ///
    /// # Errors
    /// What it searches for is too much for a search, which the tests rule out.
    pub fn new(options: &WafOptions) -> Result<Self, SearchUnbuildable> {
        literals::ready(&[
            &html::STYLE_SEARCH,
            &html::script::SEARCH,
            &path::names::NAMES,
            &prose::SEARCH,
            &shell::SEARCH,
            &ssrf::BARE_SEARCH,
            &template::SEARCH,
        ])?;
        let wanted: Arc<[WafEntity]> = if options.entities.is_empty() {
            WafEntity::ALL.into()
        } else {
            options.entities.as_slice().into()
        };
        let entities: Arc<[Entity]> = wanted
            .iter()
            .map(|entity| Entity::new(entity.label()))
            .collect();
        let allow: Arc<[String]> = options.allow.as_slice().into();
        let mut matchers: Vec<Arc<dyn Matcher>> = Vec::new();
        for (reading, places) in READINGS {
            let wished = places.iter().copied();
            let wished: Vec<Place> = wished
                .filter(|place| *place == Place::Alone || options.places.contains(*place))
                .collect();
            if wished.is_empty() {
                continue;
            }
            matchers.push(Arc::new(Values {
                reading,
                places: Places::of(&wished),
                wanted: Arc::clone(&wanted),
                entities: Arc::clone(&entities),
                threshold: options.threshold,
                allow: Arc::clone(&allow),
            }));
        }
        Ok(Self { matchers })
    }
}

impl Detector for WafDetector {
    fn name(&self) -> &'static str {
        "waf"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}
