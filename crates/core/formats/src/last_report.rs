//! Token usage in answers that are of no format here.
//!
//! Providers name their counts in a few ways, and put them at the end. So nothing but the
//! end is looked at: a name in quotes that no backslash comes before is a member's, wherever
//! the bytes begin, because inside a string a quote has a backslash.

use serde_json::{Deserializer, Map, Value};
use tollgate_types::{Tier, Usage};

use crate::read::COUNT_LIMIT;

/// Members that hold a report.
const REPORTS: [&[u8]; 4] = [
    b"\"usage\"",
    b"\"usageMetadata\"",
    b"\"usage_metadata\"",
    b"\"billed_units\"",
];

/// How many members are read, at most.
const MEMBERS_MAX: usize = 16;

/// The last report of tokens in the end of a JSON text, or of a stream of JSON events.
///
/// `None` where there is none, or one that leaves a count open: an unknown count is not
/// zero. `tail` may begin anywhere. The report is looked for in one pass from its end.
#[must_use]
pub fn last_report(tail: &[u8]) -> Option<Usage> {
    let quotes = (0..tail.len())
        .rev()
        .filter(|at| tail.get(*at) == Some(&b'"'));
    let members = quotes.filter_map(|at| member_at(tail, at));
    members.take(MEMBERS_MAX).find_map(report)
}

/// What comes behind the name of a report, if that is what is here.
fn member_at(tail: &[u8], at: usize) -> Option<&[u8]> {
    let (before, rest) = tail.split_at_checked(at)?;
    let rest = REPORTS.iter().find_map(|name| rest.strip_prefix(*name))?;
    (before.last() != Some(&b'\\')).then_some(rest)
}

fn report(rest: &[u8]) -> Option<Usage> {
    let value = rest
        .trim_ascii_start()
        .strip_prefix(b":")?
        .trim_ascii_start();
    if value.first() != Some(&b'{') {
        return None;
    }
    let report = Deserializer::from_slice(value)
        .into_iter::<Map<String, Value>>()
        .next()?;
    usage(&report.ok()?)
}

/// A report in the canonical shape.
fn usage(report: &Map<String, Value>) -> Option<Usage> {
    let count = |names: &[&str]| names.iter().find_map(|name| as_count(report.get(*name)?));
    let within = |names: &[&str], part: &str| {
        names
            .iter()
            .find_map(|name| as_count(report.get(*name)?.get(part)?))
    };
    let input = count(&[
        "prompt_tokens",
        "input_tokens",
        "promptTokenCount",
        "inputTokens",
    ]);
    let output = count(&[
        "completion_tokens",
        "output_tokens",
        "candidatesTokenCount",
        "outputTokens",
    ]);
    let total = count(&["total_tokens", "totalTokenCount", "totalTokens"]);
    // Here the cached parts and the thoughts stand beside the counts, not inside.
    let read = count(&["cache_read_input_tokens", "cacheReadInputTokens"]);
    let written = count(&["cache_creation_input_tokens", "cacheWriteInputTokens"]);
    let thoughts = count(&["thoughtsTokenCount"]).unwrap_or_default();
    let (input, output) = match (input, output, total) {
        (Some(input), Some(output), _) => (input, output),
        // What only reads, as embeddings do, often says no more than the total.
        (Some(input), None, Some(total)) => (input, total.saturating_sub(input + thoughts)),
        (None, Some(output), Some(total)) => (total.saturating_sub(output + thoughts), output),
        (None, None, Some(total)) => (total, 0),
        _ => return None,
    };
    let details = [
        "prompt_tokens_details",
        "input_tokens_details",
        "input_token_details",
    ];
    let cached = within(&details, "cached_tokens").or_else(|| count(&["cachedContentTokenCount"]));
    let details = [
        "completion_tokens_details",
        "output_tokens_details",
        "output_token_details",
    ];
    let reasoning = within(&details, "reasoning_tokens").unwrap_or(thoughts);
    let beside = read.unwrap_or_default() + written.unwrap_or_default();
    let part = |part: u64, whole: u64| if part > whole { 0 } else { part };
    let (input, output) = (input + beside, output + thoughts);
    Some(Usage {
        input,
        output,
        cached_input: part(read.or(cached).unwrap_or_default(), input),
        cache_write_input: part(written.unwrap_or_default(), input),
        reasoning: part(reasoning, output),
        searches: 0,
        tier: report
            .get("service_tier")
            .and_then(Value::as_str)
            .map_or(Tier::Unsaid, |tier| Tier::of(tier.as_bytes())),
    })
}

fn as_count(value: &Value) -> Option<u64> {
    value.as_u64().filter(|count| *count < COUNT_LIMIT)
}

#[cfg(test)]
mod tests {
    use tollgate_types::Usage;

    use super::last_report;

    fn of(input: u64, output: u64, cached_input: u64, reasoning: u64) -> Option<Usage> {
        Some(Usage {
            input,
            output,
            cached_input,
            reasoning,
            ..Usage::default()
        })
    }

    #[test]
    fn every_way_to_write_a_report_is_read() {
        for (text, expected) in [
            (
                r#"{"usage":{"prompt_tokens":8,"total_tokens":8}}"#,
                of(8, 0, 0, 0),
            ),
            (
                r#"{"usage" : {"total_tokens":50,"input_tokens":40,"output_tokens":10,"input_tokens_details":{"image_tokens":30,"cached_tokens":5}}}"#,
                of(40, 10, 5, 0),
            ),
            (
                r#"{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4,"thoughtsTokenCount":5,"totalTokenCount":12}}"#,
                of(3, 9, 0, 5),
            ),
            (
                r#"{"usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7}}"#,
                of(3, 4, 0, 0),
            ),
            (
                r#"{"meta":{"billed_units":{"input_tokens":3,"output_tokens":4}}}"#,
                of(3, 4, 0, 0),
            ),
            (r#"{"usage":{"total_tokens":12}}"#, of(12, 0, 0, 0)),
        ] {
            assert_eq!(last_report(text.as_bytes()), expected, "{text}");
        }
        let beside = r#"{"usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":30,"cache_creation_input_tokens":4}}"#;
        let beside = last_report(beside.as_bytes()).expect("a report");
        assert_eq!(
            (beside.input, beside.cached_input, beside.cache_write_input),
            (35, 30, 4)
        );
    }

    #[test]
    fn a_report_is_found_in_any_end_and_the_last_one_counts() {
        let body = r#"{"usage":{"input_tokens":1,"output_tokens":1},"data":[{"b64_json":"AAAA"}],"usage":{"input_tokens":7,"output_tokens":2},"x":"}{"}"#;
        for from in 0..body.find(r#""usage":{"input_tokens":7"#).unwrap() {
            assert_eq!(
                last_report(&body.as_bytes()[from..]),
                of(7, 2, 0, 0),
                "{from}"
            );
        }
        let events = "data: {\"type\":\"a\"}\n\ndata: {\"usage\":{\"input_tokens\":1,\"output_tokens\":3}}\n\ndata: [DONE]\n\n";
        assert_eq!(last_report(events.as_bytes()), of(1, 3, 0, 0));
    }

    #[test]
    fn a_text_that_speaks_of_usage_is_none() {
        for text in [
            r#"{"text":"{\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}"}"#,
            r#"{"usage":"none"}"#,
            r#"{"usage":null}"#,
            r#"{"usage":{"input_tokens":1}}"#,
            r#"{"usage":{"type":"duration","seconds":3}}"#,
            r#"{"usage":{"input_tokens":-1,"output_tokens":1.5}}"#,
            r#"{"usage":{"input_tokens":99999999999999,"output_tokens":1}}"#,
            r#"{"usage":{"input_tokens":1,"#,
            "",
            r#"""#,
        ] {
            assert_eq!(last_report(text.as_bytes()), None, "{text}");
        }
    }
}
