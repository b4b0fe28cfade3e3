//! The human form of a report: place, source line, caret, help.
//!
//! Promises that nothing from the file reaches a terminal unescaped: control
//! characters become spaces and long lines are cut around the caret.

use std::fmt::Write as _;

use super::{Problem, Report, Severity};

/// Characters of a source line that are shown.
const LINE_CHARS_MAX: usize = 120;
/// Characters kept before the caret when a long line is cut.
const BEFORE_CARET: usize = 60;

pub(super) fn report(report: &Report, colour: bool) -> String {
    let mut out = String::new();
    for problem in &report.problems {
        out.push_str(&self::problem(problem, colour));
        out.push('\n');
    }
    if report.left_out > 0 {
        let _ = writeln!(out, "and {} more problems\n", report.left_out);
    }
    let count = |severity| {
        let seen = report.problems.iter().filter(|p| p.severity == severity);
        seen.count()
    };
    let errors = count(Severity::Error);
    let warnings = count(Severity::Warning);
    let _ = writeln!(out, "{}", summary(errors, warnings));
    out
}

fn summary(errors: usize, warnings: usize) -> String {
    let plural = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    match (errors, warnings) {
        (0, 0) => "no problems".to_owned(),
        (0, _) => plural(warnings, "warning"),
        (_, 0) => plural(errors, "error"),
        _ => format!(
            "{}, {}",
            plural(errors, "error"),
            plural(warnings, "warning")
        ),
    }
}

pub(super) fn problem(problem: &Problem, colour: bool) -> String {
    let paint = Paint { colour };
    let mut out = String::new();
    let mark = match problem.severity {
        Severity::Error => paint.with("1;31", "error"),
        Severity::Warning => paint.with("1;33", "warning"),
    };
    let _ = writeln!(out, "{mark}: {}", clean(&problem.message));
    let origin = &problem.origin;
    let width = origin.line.to_string().len().max(1);
    let bar = paint.with("34", "|");
    if !origin.file.is_empty() {
        let _ = write!(out, "{:width$}{} {origin}", "", paint.with("34", "-->"));
        if !problem.path.is_empty() {
            let _ = write!(out, " ({})", clean(&problem.path));
        }
        out.push('\n');
    }
    if let Some(line) = &problem.source_line {
        let (line, start, length) = window(line, origin.column);
        let number = paint.with("34", &origin.line.to_string());
        let caret = paint.with("1;31", &"^".repeat(length));
        let _ = writeln!(out, "{:width$} {bar}", "");
        let _ = writeln!(out, "{number} {bar} {line}");
        let _ = writeln!(out, "{:width$} {bar} {:start$}{caret}", "", "");
    }
    if let Some(help) = &problem.help {
        for (index, line) in help.lines().enumerate() {
            let lead = if index == 0 { "= help:" } else { "       " };
            let lead = paint.with("36", lead);
            let _ = writeln!(out, "{:width$} {lead} {}", "", clean(line));
        }
    }
    out
}

struct Paint {
    colour: bool,
}

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The text without what a terminal would act on.
fn clean(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// The part of the line to show, where the caret starts in it, and its length.
fn window(line: &str, column: u32) -> (String, usize, usize) {
    let chars: Vec<char> = clean(line.trim_end()).chars().collect();
    let caret = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let caret = caret.min(chars.len());
    let length = token_length(chars.get(caret..).unwrap_or_default());
    let skip = if chars.len() > LINE_CHARS_MAX {
        caret.saturating_sub(BEFORE_CARET)
    } else {
        0
    };
    let shown: String = chars.iter().skip(skip).take(LINE_CHARS_MAX).collect();
    (shown, caret - skip, length.clamp(1, LINE_CHARS_MAX / 2))
}

/// How far a map or list in brackets reaches on its line.
fn bracket_length(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    for (index, c) in rest.iter().enumerate() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    rest.len()
}

/// How far the thing under the caret reaches: a quoted text, or up to the end of a word.
fn token_length(rest: &[char]) -> usize {
    let Some(&first) = rest.first() else { return 1 };
    if first == '{' || first == '[' {
        return bracket_length(rest);
    }
    if first == '"' || first == '\'' {
        let closing = rest.iter().skip(1).position(|&c| c == first);
        return closing.map_or(1, |at| at + 2);
    }
    let ends = |(index, c): (usize, &char)| match c {
        ' ' | ',' | ']' | '}' => true,
        ':' => rest.get(index + 1).is_none_or(|next| *next == ' '),
        _ => false,
    };
    rest.iter().enumerate().position(ends).unwrap_or(rest.len())
}
