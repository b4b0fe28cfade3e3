//! The results as JUnit XML, which CI systems show.

use std::fmt::Write as _;

use super::results::{Results, Suite, Tested};

/// The whole document.
pub(super) fn document(results: &Results) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let broken = results.suites.iter().filter(|suite| suite.broken.is_some());
    // Writing to a string cannot fail.
    let _ = writeln!(
        xml,
        "<testsuites name=\"tollgate test\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        results.tests().count(),
        results.failed(),
        broken.count(),
    );
    for suite in &results.suites {
        add_suite(suite, &mut xml);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn add_suite(suite: &Suite, xml: &mut String) {
    let file = escaped(&suite.file);
    let failed = suite.tests.iter().filter(|test| !test.is_passed()).count();
    let seconds: f64 = suite.tests.iter().map(|test| test.seconds).sum();
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{file}\" tests=\"{}\" failures=\"{failed}\" errors=\"{}\" time=\"{seconds:.6}\">",
        suite.tests.len(),
        u8::from(suite.broken.is_some()),
    );
    if let Some(report) = &suite.broken {
        let _ = writeln!(
            xml,
            "    <testcase name=\"{file}\" classname=\"{file}\" file=\"{file}\"><error message=\"the tests cannot run\">{}</error></testcase>",
            escaped(&report.to_string()),
        );
    }
    for test in &suite.tests {
        add_test(test, &file, xml);
    }
    xml.push_str("  </testsuite>\n");
}

fn add_test(test: &Tested, file: &str, xml: &mut String) {
    let _ = write!(
        xml,
        "    <testcase name=\"{}\" classname=\"{file}\" file=\"{file}\" line=\"{}\" time=\"{:.6}\"",
        escaped(&test.name),
        test.origin.line,
        test.seconds,
    );
    if test.is_passed() {
        xml.push_str("/>\n");
        return;
    }
    xml.push_str(">\n");
    for (failure, place) in &test.failures {
        let _ = writeln!(
            xml,
            "      <failure message=\"{}\">{}</failure>",
            escaped(failure.field),
            escaped(&format!(
                "{place}\nexpected {}\nactual   {}",
                failure.expected, failure.actual
            )),
        );
    }
    xml.push_str("    </testcase>\n");
}

/// A text for a value or for content; what XML cannot carry at all becomes `U+FFFD`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            escaped("<a b=\"c\">&\u{1b}\n"),
            "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}&#10;"
        );
    }
}
