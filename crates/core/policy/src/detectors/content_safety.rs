//! `content_safety`: hate, violence, self-harm, sexual content and their kin.
//!
//! A text is judged in windows: the whole text when it is short, else stretches of at most
//! [`WINDOW_BYTES`] that end with a sentence. A small model that is part of this binary
//! gives each window a probability per category; a window above the rule's limit is a
//! finding. `docs/detectors/content_safety.md` says what the model was trained on, how
//! often it is right, and where it is weak.

mod glance;
mod model;
mod reading;
#[cfg(test)]
mod tests;
mod windows;

use std::sync::Arc;

use crate::detector::{Detector, Matcher, Score};
use model::{HEADS, Model, Scores};
use windows::Windows;

/// The most text that is judged as one, in bytes, where a rule does not say otherwise.
pub const WINDOW_BYTES: usize = 2 * 1024;

/// The smallest and the largest window that a rule may ask for, in bytes.
pub const WINDOW_BYTES_RANGE: std::ops::RangeInclusive<usize> = 256..=HELD_BYTES_MAX;

/// The most text that a rule which waits for the end of a text holds, in bytes; of a
/// longer one it judges the first window, and so on.
pub const HELD_BYTES_MAX: usize = 64 * 1024;

/// Kinds of unsafe content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SafetyCategory {
    /// Contempt for people because of what they are: descent, religion, sex, disability.
    Hate,
    /// Threats, praise and depictions of violence.
    Violence,
    /// Suicide and self-harm: intent, encouragement, instructions.
    SelfHarm,
    /// Sexual content.
    Sexual,
    /// Sexual content that involves children.
    SexualMinors,
    /// Insults and attacks on a person.
    Harassment,
    /// Requests for help with crimes: weapons, drugs, fraud, intrusion.
    Illicit,
}

impl SafetyCategory {
    /// Every category, in the order of the model's heads.
    pub const ALL: [Self; 7] = [
        Self::Hate,
        Self::Violence,
        Self::SelfHarm,
        Self::Sexual,
        Self::SexualMinors,
        Self::Harassment,
        Self::Illicit,
    ];

    /// As configuration and records write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hate => "hate",
            Self::Violence => "violence",
            Self::SelfHarm => "self_harm",
            Self::Sexual => "sexual",
            Self::SexualMinors => "sexual_minors",
            Self::Harassment => "harassment",
            Self::Illicit => "illicit",
        }
    }

    /// The model's head for it.
    const fn head(self) -> usize {
        match self {
            Self::Hate => 0,
            Self::Violence => 1,
            Self::SelfHarm => 2,
            Self::Sexual => 3,
            Self::SexualMinors => 4,
            Self::Harassment => 5,
            Self::Illicit => 6,
        }
    }

    /// The head that says how grave it is, where there is one: threats against a group,
    /// graphic violence, ways to harm oneself.
    const fn grave_head(self) -> Option<usize> {
        match self {
            Self::Hate => Some(HEADS - 3),
            Self::Violence => Some(HEADS - 2),
            Self::SelfHarm => Some(HEADS - 1),
            Self::Sexual | Self::SexualMinors | Self::Harassment | Self::Illicit => None,
        }
    }
}

/// How grave a finding is, on the scale 0, 2, 4, 6 that content filters share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 2: likely of the category (the limit with the best F1), often mild or reported
    /// speech.
    Low,
    /// 4: sure enough to act on.
    Medium,
    /// 6: sure, and threatening, graphic, instructing, or about children.
    High,
}

/// From where on a window is a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SafetyLimit {
    /// From this severity on.
    Severity(Severity),
    /// From this probability on, the same for every category.
    Probability(Score),
}

/// How much of a text is held until it is judged, where a rule acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SafetyHold {
    /// A window of so many bytes, at a time. Windows of this size are also what is judged.
    Window(usize),
    /// The whole text, up to [`HELD_BYTES_MAX`]; it is judged in windows of
    /// [`WINDOW_BYTES`].
    Text,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentSafetyOptions {
    /// The categories; all when none is named. Repetitions count once.
    pub categories: Vec<SafetyCategory>,
    /// From where on a window is a finding. Default: severity 4.
    pub limit: SafetyLimit,
    /// What is held. Default: a window of [`WINDOW_BYTES`].
    pub hold: SafetyHold,
}

impl Default for ContentSafetyOptions {
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            limit: SafetyLimit::Severity(Severity::Medium),
            hold: SafetyHold::Window(WINDOW_BYTES),
        }
    }
}

/// A model that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a content safety model of this version")]
pub struct ModelUnreadable;

/// The detector.
#[derive(Debug)]
pub struct ContentSafetyDetector {
    matchers: [Arc<dyn Matcher>; 1],
}

impl ContentSafetyDetector {
    /// A detector of what `options` name, by the model in this binary.
    ///
    /// # Errors
    /// The binary was built with something else in the model's place.
    pub fn new(options: &ContentSafetyOptions) -> Result<Self, ModelUnreadable> {
        let model = Model::embedded().ok_or(ModelUnreadable)?;
        Ok(Self::of(options, model))
    }

    /// A detector by another model, as `training/content_safety/train.py` writes it.
    ///
    /// # Errors
    /// The bytes are no model.
    pub fn with_model(
        options: &ContentSafetyOptions,
        bytes: &[u8],
    ) -> Result<Self, ModelUnreadable> {
        let model = Model::parse(bytes).ok_or(ModelUnreadable)?;
        Ok(Self::of(options, Arc::new(model)))
    }

    fn of(options: &ContentSafetyOptions, model: Arc<Model>) -> Self {
        let mut wanted = options.categories.clone();
        if wanted.is_empty() {
            wanted.extend(SafetyCategory::ALL);
        }
        wanted.sort_unstable();
        wanted.dedup();
        Self {
            matchers: [Arc::new(Windows::new(options, wanted, model))],
        }
    }
}

impl Detector for ContentSafetyDetector {
    fn name(&self) -> &'static str {
        "content_safety"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}

/// How grave a window is in one category; `None` is 0.
fn severity(model: &Model, scores: &Scores, category: SafetyCategory) -> Option<Severity> {
    let score = |head: usize| scores.get(head).copied().unwrap_or_default();
    let head = model.head(category.head());
    let probability = score(category.head());
    if probability < head.likely {
        return None;
    }
    if probability < head.acting {
        return Some(Severity::Low);
    }
    let is_grave = match category.grave_head() {
        Some(grave) => score(grave) >= model.head(grave).likely,
        None => category == SafetyCategory::SexualMinors || probability >= GRAVE_PROBABILITY,
    };
    Some(if is_grave {
        Severity::High
    } else {
        Severity::Medium
    })
}

/// From this probability on a finding of a category without a head for its gravity is grave.
const GRAVE_PROBABILITY: f32 = 0.97;
