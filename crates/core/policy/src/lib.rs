//! Policies: expressions, detectors and the machine that applies rules to text.
//!
//! No I/O: spans and stream events go in, edits and verdicts come out. The gateway
//! (and later the mesh server and the library) are shells that pump it, so the
//! verdict is the same everywhere.
//!
//! From the outside in: a [`Machine`] reads the texts of a message through a
//! format's view; a `TextLane` reads the raw JSON of one text, in one piece or in
//! many; a `Scanner` runs the matchers of all rules over the decoded text; a
//! [`Matcher`] decides about one kind of finding. A [`Check`] looks at a request as a
//! whole. Adding a detector is one folder
//! that implements [`Detector`] and one line in the list of `detectors`: nothing above
//! it changes.

mod blocks;
mod characters;
mod check;
mod detector;
mod detectors;
mod digit;
mod expression;
mod hex;
mod machine;
#[cfg(test)]
mod pieces;
mod place;
mod replace;
mod restore;
mod rule;
mod scanner;
mod session;
mod similar;
#[cfg(test)]
mod testing;
mod text_lane;
mod trial;
mod vault;

pub use check::{Check, CheckFinding, MessageFacts};
pub use detector::{
    Begin, Cursor, Detector, Entity, Extent, Finding, LEFT_CONTEXT_BYTES, Matcher, Score, Window,
};
pub use detectors::content_safety::{
    ContentSafetyDetector, ContentSafetyOptions, HELD_BYTES_MAX, ModelUnreadable, SafetyCategory,
    SafetyHold, SafetyLimit, Severity, WINDOW_BYTES, WINDOW_BYTES_RANGE,
};
pub use detectors::fingerprints::{
    FingerprintList, Fingerprinted, FingerprintsDetector, FingerprintsOptions, fingerprints,
};
pub use detectors::input_validation::{
    AnswerForm, CharacterEntity, InputValidationDetector, InputValidationOptions, Names,
    RequestLimits, Schema, SchemaError,
};
pub use detectors::keywords::{KeywordList, KeywordsDetector, KeywordsOptions};
pub use detectors::patterns::{PatternOptions, RegexDetector, RegexOptions};
pub use detectors::pii::{PII_THRESHOLD, PiiCheck, PiiCustom, PiiDetector, PiiEntity, PiiOptions};
pub use detectors::secrets::{SecretsDetector, SecretsOptions};
pub use detectors::waf::{SearchUnbuildable, WafDetector, WafEntity, WafOptions};
pub use detectors::{DetectorError, DetectorOptions};
pub use expression::{
    EvaluationError, Expression, ExpressionError, RequestFacts, SOURCE_BYTES_MAX, VARIABLES,
};
pub use machine::{Blocked, Machine, RuleCheck, RuleRecord, Verdict};
pub use place::{Place, Places};
pub use restore::Restorer;
pub use rule::{Mode, OnError, Rule, RuleAction, RuleSet, Style};
pub use session::Clock;
pub use trial::{Outcome, Tried, TriedFinding, try_on};
pub use vault::{KeyId, Keys, NONCE_BYTES, Vault};
