//! Parameters that a model refuses: removed, lowered, or a reason not to ask it.
//!
//! Works on the body as it goes out, so that it does not matter whose format the caller
//! spoke. A body that needs no change is not copied; one that does is spliced.

use bytes::Bytes;
use smallvec::SmallVec;
use tollgate_catalogue::{Facts, Parameter, Word};
use tollgate_formats::ParameterPlaces;
use tollgate_wire::json::{Error, Kind, Reader};
use tollgate_wire::{Document, Edit, Pieces, Span};

/// What is to be changed in a body.
#[derive(Debug, Default)]
pub(super) struct Changes {
    edits: SmallVec<[Edit; 4]>,
    /// The names of the members that are removed or lowered.
    pub(super) names: SmallVec<[&'static str; 4]>,
}

impl Changes {
    /// What a model's facts demand of a body. A body that is no JSON object is left to the
    /// provider to refuse.
    pub(super) fn of(places: &'static ParameterPlaces, facts: &Facts, body: &[u8]) -> Self {
        if facts.output_tokens == 0 && facts.refuses.is_empty() {
            return Self::default();
        }
        let Ok(Some(members)) = members(body, places.group) else {
            return Self::default();
        };
        members.changes(places, facts)
    }

    /// True where nothing is to be changed.
    pub(super) fn is_none(&self) -> bool {
        self.edits.is_empty()
    }

    /// The body with the changes.
    pub(super) fn made(&self, body: &Bytes) -> Pieces {
        Document::new(body.clone()).finish(&self.edits)
    }
}

/// A member of an object.
#[derive(Debug)]
struct Member {
    name: String,
    /// The name with its quotes.
    key: Span,
    /// The value, where it is a whole number.
    number: Option<(Span, u64)>,
}

/// The members of an object, in order.
#[derive(Debug, Default)]
struct Members {
    list: Vec<Member>,
    /// Where the object is closed.
    end: u32,
    /// Where the comma before each member stands.
    commas: Vec<u32>,
}

fn members(body: &[u8], group: &str) -> Result<Option<Members>, Error> {
    let mut reader = Reader::new(body)?;
    if reader.kind()? != Kind::Object {
        return Ok(None);
    }
    if group.is_empty() {
        return Members::read(&mut reader, body).map(Some);
    }
    let mut found = None;
    reader.object(|reader, key| {
        if key.as_str() == group && reader.kind()? == Kind::Object {
            found = Some(Members::read(reader, body)?);
        }
        Ok::<_, Error>(())
    })?;
    Ok(found)
}

impl Members {
    fn read(reader: &mut Reader<'_>, body: &[u8]) -> Result<Self, Error> {
        let mut members = Self::default();
        let span = reader.object(|reader, key| {
            let quoted = key.span().quoted();
            let number = match reader.kind()? {
                Kind::Number => {
                    let place = reader.number()?;
                    let digits = std::str::from_utf8(place.of(body)).unwrap_or_default();
                    digits.parse().ok().map(|number| (place, number))
                }
                _ => None,
            };
            members.commas.push(comma_before(body, quoted.start));
            members.list.push(Member {
                name: key.as_str().to_owned(),
                key: quoted,
                number,
            });
            Ok::<_, Error>(())
        })?;
        members.end = span.end.saturating_sub(1);
        Ok(members)
    }

    fn changes(&self, places: &'static ParameterPlaces, facts: &Facts) -> Changes {
        let mut changes = Changes::default();
        let mut remove: SmallVec<[bool; 16]> = SmallVec::from_elem(false, self.list.len());
        let refuses =
            |word: &str| Parameter::find(word).is_some_and(|word| facts.refuses.has(word));
        let newest = places.limits.first().copied().unwrap_or_default();
        let has_newest = self.list.iter().any(|member| member.name == newest);
        for (member, remove) in self.list.iter().zip(&mut remove) {
            let others = places.others.iter();
            let mut other = others.filter(|(name, word)| *name == member.name && refuses(word));
            if let Some((name, _)) = other.next() {
                *remove = true;
                changes.names.push(name);
            }
            let Some(limit) = places.limits.iter().find(|limit| **limit == member.name) else {
                continue;
            };
            if *limit != newest && refuses(Parameter::MaxTokens.label()) {
                if has_newest {
                    *remove = true;
                    changes.names.push(limit);
                    continue;
                }
                let with = Bytes::from(format!("\"{newest}\""));
                changes.edits.push(Edit {
                    span: member.key,
                    with,
                });
            }
            if let Some((span, tokens)) = member.number
                && facts.output_tokens > 0
                && tokens > u64::from(facts.output_tokens)
            {
                let with = Bytes::from(facts.output_tokens.to_string());
                changes.edits.push(Edit { span, with });
                changes.names.push(limit);
            }
        }
        changes.edits.extend(self.removed(&remove));
        changes
    }

    /// A member goes with the comma behind it; those behind which none is kept go with the
    /// comma before them.
    fn removed(&self, remove: &[bool]) -> SmallVec<[Edit; 4]> {
        let kept = remove.iter().rposition(|remove| !remove);
        let last = kept.map_or(0, |kept| kept + 1);
        let mut edits = SmallVec::new();
        let mut cut = |start: u32, end: u32| {
            edits.push(Edit {
                span: Span::new(start, end),
                with: Bytes::new(),
            });
        };
        let places = self.list.iter().map(|member| member.key.start);
        let starts: Vec<u32> = places.collect();
        for (index, _) in remove
            .iter()
            .enumerate()
            .take(last)
            .filter(|(_, remove)| **remove)
        {
            if let (Some(start), Some(next)) = (starts.get(index), starts.get(index + 1)) {
                cut(*start, *next);
            }
        }
        let tail = if last == 0 {
            starts.first()
        } else {
            self.commas.get(last)
        };
        if let Some(start) = tail {
            cut(*start, self.end);
        }
        edits
    }
}

/// Where the comma before a member stands; its own place where there is none.
fn comma_before(body: &[u8], start: u32) -> u32 {
    let before = body.get(..start as usize).unwrap_or_default();
    let comma = before.iter().rposition(|byte| !byte.is_ascii_whitespace());
    let comma = comma.filter(|at| before.get(*at) == Some(&b','));
    comma.and_then(|at| u32::try_from(at).ok()).unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use tollgate_catalogue::{Facts, Parameter};
    use tollgate_formats::ParameterPlaces;

    use super::Changes;

    static FLAT: ParameterPlaces = ParameterPlaces {
        group: "",
        limits: &["max_completion_tokens", "max_tokens"],
        others: &[("temperature", "temperature"), ("top_p", "top_p")],
    };
    static GROUPED: ParameterPlaces = ParameterPlaces {
        group: "config",
        limits: &["limit"],
        others: &[("heat", "temperature")],
    };

    fn facts() -> Facts {
        let refuses = [
            Parameter::Temperature,
            Parameter::TopP,
            Parameter::MaxTokens,
        ];
        Facts {
            output_tokens: 100,
            refuses: refuses.into_iter().collect(),
            ..Facts::default()
        }
    }

    fn changed(places: &'static ParameterPlaces, body: &str) -> (String, Vec<&'static str>) {
        let changes = Changes::of(places, &facts(), body.as_bytes());
        let made = changes.made(&Bytes::from(body.to_owned())).concat();
        let text = String::from_utf8(made).unwrap();
        (text, changes.names.to_vec())
    }

    #[test]
    fn what_a_model_refuses_is_removed_and_the_rest_stays_as_it_was() {
        for (body, made, names) in [
            (
                r#"{"model":"m", "temperature" : 0.5 ,"messages":[{"temperature":1}]}"#,
                r#"{"model":"m", "messages":[{"temperature":1}]}"#,
                vec!["temperature"],
            ),
            (
                r#"{"model":"m","top_p":1, "temperature":null }"#,
                r#"{"model":"m"}"#,
                vec!["top_p", "temperature"],
            ),
            (r#"{ "temperature":1}"#, "{ }", vec!["temperature"]),
            (r#"{"model":"m"}"#, r#"{"model":"m"}"#, vec![]),
        ] {
            assert_eq!(changed(&FLAT, body), (made.to_owned(), names), "{body}");
        }
    }

    #[test]
    fn a_limit_is_lowered_and_gets_the_name_that_the_model_takes() {
        for (body, made, names) in [
            (
                r#"{"max_completion_tokens":101,"a":1}"#,
                r#"{"max_completion_tokens":100,"a":1}"#,
                vec!["max_completion_tokens"],
            ),
            (
                r#"{"max_tokens":7}"#,
                r#"{"max_completion_tokens":7}"#,
                vec![],
            ),
            (
                r#"{"max_tokens":700}"#,
                r#"{"max_completion_tokens":100}"#,
                vec!["max_tokens"],
            ),
            (
                r#"{"max_tokens":7,"max_completion_tokens":8}"#,
                r#"{"max_completion_tokens":8}"#,
                vec!["max_tokens"],
            ),
            (
                r#"{"max_completion_tokens":1.5}"#,
                r#"{"max_completion_tokens":1.5}"#,
                vec![],
            ),
        ] {
            assert_eq!(changed(&FLAT, body), (made.to_owned(), names), "{body}");
        }
    }

    #[test]
    fn parameters_may_stand_in_a_group() {
        let body = r#"{"heat":1,"config":{"heat":1,"limit":500}}"#;
        let made = r#"{"heat":1,"config":{"limit":100}}"#;
        assert_eq!(
            changed(&GROUPED, body),
            (made.to_owned(), vec!["heat", "limit"])
        );
    }

    #[test]
    fn nothing_known_changes_nothing() {
        let body = br#"{"temperature":1,"max_tokens":1000000}"#;
        assert!(Changes::of(&FLAT, &Facts::default(), body).names.is_empty());
        assert!(Changes::of(&FLAT, &facts(), b"[1").names.is_empty());
    }

    proptest! {
        #[test]
        fn what_is_left_is_json_with_all_other_members(
            members in prop::collection::vec(("(temperature|top_p|[a-z]{1,3})", 0..9_u8), 0..8),
        ) {
            let mut seen = std::collections::HashSet::new();
            let members: Vec<_> = members.into_iter().filter(|(name, _)| seen.insert(name.clone())).collect();
            let text: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
            let body = format!("{{ {} }}", text.join(" , "));
            let (made, _) = changed(&FLAT, &body);
            let mut expected = json!({});
            for (name, value) in members {
                if name != "temperature" && name != "top_p" {
                    expected[name] = json!(value);
                }
            }
            prop_assert_eq!(serde_json::from_str::<Value>(&made).unwrap(), expected, "{}", made);
        }
    }
}
