//! The tables against the codecs: a path with a mistake in it is one that nobody reads.

use serde_json::{Map, Value, json};
use tollgate_catalogue::{Parameter, Word};
use tollgate_wire::Document;

use super::place_of;
use crate::exchange::{ChatRequest, Reasoning};
use crate::members::{Members, last_name};
use crate::{ChatFormat, Codec, Dialect, FORMATS, Losses, Request, chat_formats, common_chat};

const DIALECTS: [Dialect; 2] = [Dialect::Original, Dialect::Compatible];

/// Whether a request has a parameter, as its codec read it.
fn has(request: &ChatRequest, parameter: Parameter) -> bool {
    let sampling = &request.sampling;
    match parameter {
        Parameter::Temperature => sampling.temperature.is_some(),
        Parameter::TopP => sampling.top_p.is_some(),
        Parameter::TopK => sampling.top_k.is_some(),
        Parameter::FrequencyPenalty => sampling.frequency_penalty.is_some(),
        Parameter::PresencePenalty => sampling.presence_penalty.is_some(),
        Parameter::Stop => !request.stop.is_empty(),
        Parameter::Seed => sampling.seed.is_some(),
        Parameter::Logprobs => sampling.logprobs.is_some() || sampling.top_logprobs.is_some(),
        Parameter::LogitBias => request.extras.iter().any(|(name, _)| name == "logit_bias"),
        Parameter::MaxTokens => request.max_output_tokens.is_some(),
        Parameter::ReasoningEffort => matches!(request.reasoning, Some(Reasoning::Effort(_))),
        Parameter::Verbosity => request.verbosity.is_some(),
        Parameter::ServiceTier => request.service_tier.is_some(),
    }
}

/// A value as every format has it at this path.
fn sample(parameter: Parameter, path: &str) -> &'static str {
    match parameter {
        Parameter::TopK | Parameter::MaxTokens | Parameter::Seed => "50",
        Parameter::Stop => r#"["END"]"#,
        Parameter::Logprobs if path.ends_with("top_logprobs") => "3",
        Parameter::Logprobs if path == "generationConfig.logprobs" => "3",
        Parameter::Logprobs => "true",
        Parameter::LogitBias => r#"{"50256":-100}"#,
        Parameter::ReasoningEffort | Parameter::Verbosity => r#""low""#,
        Parameter::ServiceTier => r#""flex""#,
        _ => "0.5",
    }
}

/// A request of a format that asks a model and nothing more.
fn plain(format: &dyn ChatFormat, model: &str) -> ChatRequest {
    let body = json!({"model": model, "messages": [{"role": "user", "content": "hi"}]});
    let request = common_chat().decode_request(body.to_string().as_bytes());
    let request = ChatRequest {
        origin: None,
        ..request.unwrap()
    };
    let body = format.encode_request(&request, Dialect::Original, &mut Losses::default());
    format.decode_request(&body).unwrap()
}

/// The request without what is at these paths.
fn without(format: &dyn ChatFormat, body: &str, paths: &[&'static str]) -> ChatRequest {
    let mut members = Members::of(format, Dialect::Original, body.as_bytes()).unwrap();
    for path in paths {
        members.remove(path);
    }
    let pieces = Document::new(body.to_owned().into()).finish(&members.finish());
    format.decode_request(&pieces.concat()).unwrap()
}

#[test]
fn what_is_at_a_path_is_what_the_codec_reads_as_the_parameter() {
    for format in chat_formats() {
        let request = plain(format, "m");
        let body = format.encode_request(&request, Dialect::Original, &mut Losses::default());
        let body = std::str::from_utf8(&body).unwrap();
        for place in format.parameters(Dialect::Original) {
            for path in place.paths {
                let body = match path.split_once(".[") {
                    Some((list, word)) => {
                        let word = json!([word.trim_end_matches(']')]).to_string();
                        with_member(body, list, &word)
                    }
                    None => with_member(body, path, sample(place.parameter, path)),
                };
                let body = body.replace(
                    r#""maxReasoningEffort""#,
                    r#""type":"enabled","maxReasoningEffort""#,
                );
                let read = format.decode_request(body.as_bytes()).unwrap();
                assert!(has(&read, place.parameter), "{path} in {body}");
                let read = without(format, &body, &[path]);
                assert!(!has(&read, place.parameter), "{path} in {body}");
            }
        }
    }
}

#[test]
fn what_a_codec_writes_of_a_parameter_is_at_its_paths() {
    let common = common_chat();
    let models = [
        "m",
        "claude-sonnet-4-5",
        "nova-pro",
        "gpt-oss-20b",
        "gemini-3-pro",
    ];
    let all = Parameter::ALL.iter().copied();
    for (parameter, model) in all.flat_map(|one| models.map(|model| (one, model))) {
        let place = place_of(common.parameters(Dialect::Original), parameter).unwrap();
        let path = place.paths[0];
        let body = json!({"model": model, "messages": [{"role": "user", "content": "hi"}]});
        let body = with_member(&body.to_string(), path, sample(parameter, path));
        let request = common.decode_request(body.as_bytes()).unwrap();
        for (format, dialect) in chat_formats().flat_map(|format| DIALECTS.map(|d| (format, d))) {
            let body = format.encode_request(&request, dialect, &mut Losses::default());
            let body = std::str::from_utf8(&body).unwrap();
            let place = place_of(format.parameters(dialect), parameter);
            let paths = place.map_or(&[][..], |place| place.paths);
            let label = format.label();
            assert!(
                !has(&without(format, body, paths), parameter),
                "{label}: {body}"
            );
        }
    }
}

#[test]
fn the_limit_is_written_by_the_name_that_prompts_write() {
    for (format, dialect) in chat_formats().flat_map(|format| DIALECTS.map(|d| (format, d))) {
        let mut request = plain(format, "m");
        request.max_output_tokens = Some(50);
        let body = format.encode_request(&request, dialect, &mut Losses::default());
        let members = Members::of(format, dialect, &body).unwrap();
        let place = place_of(format.parameters(dialect), Parameter::MaxTokens).unwrap();
        assert!(place.is_offered && members.value(place.paths[0]).is_some());
    }
}

#[test]
fn no_path_leads_through_another_and_names_of_one_value_are_of_one_object() {
    for (format, dialect) in chat_formats().flat_map(|format| DIALECTS.map(|d| (format, d))) {
        let places = format.parameters(dialect);
        let paths: Vec<_> = places.iter().flat_map(|place| place.paths).collect();
        for (index, path) in paths.iter().enumerate() {
            for (other_index, other) in paths.iter().enumerate() {
                let through = format!("{path}.");
                assert!(index == other_index || path != other, "{path}");
                assert!(!other.starts_with(&through), "{path} and {other}");
            }
        }
        let place = place_of(places, Parameter::MaxTokens).unwrap();
        let outer = |path: &'static str| path.strip_suffix(last_name(path));
        let first = outer(place.paths[0]);
        assert!(place.paths.iter().all(|path| outer(path) == first));
        let parameters = places.iter().map(|place| place.parameter);
        for parameter in parameters {
            let own = places.iter().filter(|place| place.parameter == parameter);
            assert_eq!(own.count(), 1, "{}", format.label());
        }
    }
}

#[test]
fn what_is_at_a_path_of_a_prompt_is_what_its_codec_reads() {
    let formats = FORMATS.iter().map(|format| format.codec());
    for codec in formats.filter(|codec| matches!(codec, Codec::Complete(_))) {
        let places = codec.places(Dialect::Original).unwrap();
        let plain = json!({"model": "m", "prompt": "hi"}).to_string();
        let decode = |body: &str| match codec.decode_request(body.as_bytes()) {
            Ok(Request::Chat(request)) => request,
            other => panic!("{other:?}"),
        };
        for place in places.parameters {
            let [path] = place.paths else {
                panic!("{place:?}");
            };
            let value = match place.parameter {
                Parameter::Logprobs => "3",
                parameter => sample(parameter, path),
            };
            let body = with_member(&plain, path, value);
            assert!(has(&decode(&body), place.parameter), "{body}");
            assert!(!has(&decode(&plain), place.parameter), "{path}");
        }
        let limit = place_of(places.parameters, Parameter::MaxTokens).unwrap();
        assert!(limit.is_offered);
    }
}

/// A path with each of its names in camel case and in snake case.
pub(crate) fn spellings(path: &str) -> Vec<String> {
    path.split('.').fold(vec![String::new()], |paths, name| {
        let snake: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_uppercase() {
                    format!("_{}", c.to_ascii_lowercase())
                } else {
                    c.to_string()
                }
            })
            .collect();
        let dot = if paths == [""] { "" } else { "." };
        let with = |path: &String| [name, &snake].map(|name| format!("{path}{dot}{name}"));
        paths.iter().flat_map(with).collect()
    })
}

/// A body with one more member, in an object of its own where the path leads into one.
pub(crate) fn with_member(body: &str, path: &str, json: &str) -> String {
    let json = path.rsplit('.').fold(json.to_owned(), |json, name| {
        format!("{{\"{name}\":{json}}}")
    });
    let (first, _) = path.split_once('.').unwrap_or((path, ""));
    let mut members: Map<String, Value> = serde_json::from_str(body).unwrap();
    let more: Map<String, Value> = serde_json::from_str(&json).unwrap();
    let camel = crate::spelling::camel(first).into_owned();
    members.remove(&camel);
    members.extend(more);
    serde_json::to_string(&members).unwrap()
}
