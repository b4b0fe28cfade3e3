//! The options of `content_safety`.

use tollgate_policy::{
    ContentSafetyOptions, DetectorOptions, SafetyCategory, SafetyHold, SafetyLimit, Score,
    Severity, WINDOW_BYTES, WINDOW_BYTES_RANGE,
};

use super::{Check, Direction};
use crate::problem::quote;
use crate::spec::{ActionSpec, ContentSafetySpec, ModeSpec, RuleCommonSpec, SafetyCategorySpec};
use crate::tree::child;

impl Check<'_> {
    pub(super) fn content_safety(
        &mut self,
        path: &str,
        rule: &RuleCommonSpec,
        spec: &ContentSafetySpec,
        direction: Direction,
    ) -> DetectorOptions {
        DetectorOptions::ContentSafety(ContentSafetyOptions {
            categories: spec.categories.iter().map(category).collect(),
            limit: self.safety_limit(path, spec),
            hold: self.safety_hold(path, rule, spec, direction),
        })
    }

    fn safety_limit(&mut self, path: &str, spec: &ContentSafetySpec) -> SafetyLimit {
        if spec.severity.is_some() && spec.threshold.is_some() {
            let help = "remove one of them";
            let message = "`severity` and `threshold` both say where a finding begins";
            self.error(&child(path, "threshold"), message, help);
        }
        if spec.threshold.is_some() {
            let score = self.score(&child(path, "threshold"), spec.threshold, 0);
            return SafetyLimit::Probability(Score::percent(score));
        }
        SafetyLimit::Severity(match spec.severity {
            Some(2) => Severity::Low,
            None | Some(4) => Severity::Medium,
            Some(6) => Severity::High,
            Some(_) => {
                let message = "there is no such severity";
                self.error(&child(path, "severity"), message, "write 2, 4 or 6");
                Severity::Medium
            }
        })
    }

    fn safety_hold(
        &mut self,
        path: &str,
        rule: &RuleCommonSpec,
        spec: &ContentSafetySpec,
        direction: Direction,
    ) -> SafetyHold {
        let usual = SafetyHold::Window(WINDOW_BYTES);
        let Some(written) = &spec.stream else {
            let acts = rule.action != ActionSpec::Flag && rule.mode != Some(ModeSpec::Shadow);
            if direction == Direction::Output && acts {
                let message = "this rule does not say how much of a streamed answer it may hold";
                let help = "write `stream: window(2048)`, which delays an answer by 2 KiB, or \
                            `stream: buffer`, which delays it to its end";
                self.error(path, message, help);
            }
            return usual;
        };
        let path = child(path, "stream");
        if direction == Direction::Input {
            let fact = "only a rule over `output` reads `stream`: a request is there as a whole";
            self.warning(&path, fact, "remove it");
        }
        hold(written).unwrap_or_else(|| {
            let message = format!("{} is no way to hold a stream", quote(written));
            let help = format!(
                "write `buffer`, or `window(BYTES)` with {} to {}",
                WINDOW_BYTES_RANGE.start(),
                WINDOW_BYTES_RANGE.end()
            );
            self.error(&path, message, help);
            usual
        })
    }
}

/// What `buffer` and `window(BYTES)` stand for.
fn hold(written: &str) -> Option<SafetyHold> {
    if written == "buffer" {
        return Some(SafetyHold::Text);
    }
    let bytes = written.strip_prefix("window(")?.strip_suffix(')')?;
    let bytes = bytes.trim().parse().ok()?;
    WINDOW_BYTES_RANGE
        .contains(&bytes)
        .then_some(SafetyHold::Window(bytes))
}

const fn category(written: &SafetyCategorySpec) -> SafetyCategory {
    match written {
        SafetyCategorySpec::Hate => SafetyCategory::Hate,
        SafetyCategorySpec::Violence => SafetyCategory::Violence,
        SafetyCategorySpec::SelfHarm => SafetyCategory::SelfHarm,
        SafetyCategorySpec::Sexual => SafetyCategory::Sexual,
        SafetyCategorySpec::SexualMinors => SafetyCategory::SexualMinors,
        SafetyCategorySpec::Harassment => SafetyCategory::Harassment,
        SafetyCategorySpec::Illicit => SafetyCategory::Illicit,
    }
}
