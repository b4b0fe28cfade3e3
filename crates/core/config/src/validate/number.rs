//! Numbers: their bounds, units and defaults.

use std::time::Duration;

use super::Check;

/// Bounds and default of a number.
pub(super) struct Rule {
    min: u64,
    default: u64,
    max: u64,
    unit: &'static str,
}

/// A rule for a duration in milliseconds.
pub(super) const fn ms(min: u64, default: u64, max: u64) -> Rule {
    Rule {
        min,
        default,
        max,
        unit: " (milliseconds)",
    }
}

/// A rule for a size in bytes.
pub(super) const fn bytes(min: u64, default: u64, max: u64) -> Rule {
    Rule {
        min,
        default,
        max,
        unit: " (bytes)",
    }
}

/// A rule for a plain number.
pub(super) const fn plain(min: u64, default: u64, max: u64) -> Rule {
    Rule {
        min,
        default,
        max,
        unit: "",
    }
}

impl Check<'_> {
    /// A number within its bounds.
    pub(super) fn number(&mut self, path: &str, written: Option<u64>, rule: &Rule) -> u64 {
        let Some(value) = written else {
            return rule.default;
        };
        if value < rule.min {
            let message = format!("{value} is too small");
            let help = format!("write {}{} or more", rule.min, rule.unit);
            self.error(path, message, help);
        } else if value > rule.max {
            let message = format!("{value} is too large");
            let help = format!("write {}{} at most", rule.max, rule.unit);
            self.error(path, message, help);
        }
        value
    }

    pub(super) fn millis(&mut self, path: &str, written: Option<u64>, rule: &Rule) -> Duration {
        Duration::from_millis(self.number(path, written, rule))
    }

    pub(super) fn size(&mut self, path: &str, written: Option<u64>, rule: &Rule) -> usize {
        usize::try_from(self.number(path, written, rule)).unwrap_or(usize::MAX)
    }

    pub(super) fn count(&mut self, path: &str, written: Option<u32>, rule: &Rule) -> u32 {
        let value = self.number(path, written.map(u64::from), rule);
        u32::try_from(value).unwrap_or(u32::MAX)
    }
}
