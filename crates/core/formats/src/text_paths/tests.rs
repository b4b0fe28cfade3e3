//! Paths as people write them, over bodies as they come.

use tollgate_wire::sse::Event;

use super::{TextPath, TextPathError, TextPaths};
use crate::view::{EventKind, EventView};

fn paths(written: &[&str]) -> TextPaths {
    TextPaths::new(written.iter().map(|path| path.parse().unwrap()).collect())
}

/// The raw texts that the paths lead to.
fn read<'b>(written: &[&str], body: &'b str) -> Vec<&'b str> {
    let view = paths(written).view_request(body.as_bytes()).unwrap();
    let texts = view.texts.iter();
    texts.map(|text| &body[text.text.span.range()]).collect()
}

#[test]
fn a_path_is_shown_as_it_was_written() {
    for written in [
        "text",
        "inputs[].text",
        "[].a",
        "[][]",
        "a[][].*.b",
        "*",
        "**",
        "a.**",
        "a b.ü",
        "*[].**",
    ] {
        let path: TextPath = written.parse().unwrap();
        assert_eq!(path.to_string(), written);
    }
}

#[test]
fn what_is_no_path_says_why() {
    let long = "a".repeat(201);
    let deep = "a.".repeat(16) + "a";
    let step = |text: &str| TextPathError::Step(text.to_owned());
    for (written, why) in [
        ("", TextPathError::Empty),
        (long.as_str(), TextPathError::TooLong),
        (deep.as_str(), TextPathError::TooDeep),
        ("**.a", TextPathError::AfterRest),
        ("**[]", TextPathError::AfterRest),
        ("a..b", TextPathError::EmptyStep),
        ("a.[]", step("[]")),
        ("a[0]", step("a[0]")),
        ("a*", step("a*")),
        ("a\n", step("a\n")),
    ] {
        assert_eq!(written.parse::<TextPath>(), Err(why), "{written}");
    }
}

#[test]
fn paths_lead_to_strings_and_numbers() {
    let body = r#"{"n": 1, "text": "a", "inputs": [{"text": "b", "id": "x"}, {"text": 42}], "m": {"k": "c", "l": "d"}}"#;
    assert_eq!(read(&["text", "inputs[].text"], body), ["a", "b", "42"]);
    assert_eq!(read(&["m.*"], body), ["c", "d"]);
    assert_eq!(read(&["**"], body), [body]);
    assert_eq!(read(&["inputs"], r#"{"inputs": {}}"#), [""; 0]);
    assert_eq!(read(&["nothing", "m.l.deeper"], body), ["d"]);
    assert_eq!(read(&["[].a"], r#"[{"a": "x", "b": "y"}]"#), ["x"]);
}

#[test]
fn a_text_to_which_several_paths_lead_is_one_text() {
    let body = r#"{"a": {"b": "x", "n": 7}}"#;
    assert_eq!(read(&["a.b", "a.*", "**", "a", "a.n"], body), [body]);
    assert_eq!(read(&["a.b", "a.*", "a.n"], body), ["x", "7"]);
}

#[test]
fn a_path_that_ends_early_or_meets_another_shape_reads_all_that_is_there() {
    for (path, body, texts) in [
        (
            "inputs",
            r#"{"inputs": ["a", {"b": "c"}, 5]}"#,
            vec![r#"["a", {"b": "c"}, 5]"#],
        ),
        ("inputs[].text", r#"{"inputs": "a"}"#, vec!["a"]),
        (
            "inputs[].text",
            r#"{"inputs": {"text": "a", "t": "b"}}"#,
            vec!["a", "b"],
        ),
        ("inputs.text", r#"{"inputs": [["a"]]}"#, vec![r#"["a"]"#]),
        ("text", r#"["a", {"b": "c"}]"#, vec!["a", r#"{"b": "c"}"#]),
        ("text", r#""a""#, vec!["a"]),
        ("text", "5", vec![]),
        ("text", "4111111111111111", vec!["4111111111111111"]),
        ("l[].text", r#"{"l": 41111111}"#, vec!["41111111"]),
        (
            "l[].text",
            r#"{"l": [41111111, 4111111]}"#,
            vec!["41111111"],
        ),
        ("m.a.b", r#"{"m": {"a": 41111111}}"#, vec!["41111111"]),
        ("m.a.b", r#"{"m": {"b": 41111111}}"#, vec![]),
        ("text", r#"{"text": null}"#, vec![]),
        ("text", r#"{"text": ""}"#, vec![]),
    ] {
        assert_eq!(read(&[path], body), texts, "{path} in {body}");
    }
}

#[test]
fn escaped_names_are_the_names_they_spell() {
    assert_eq!(read(&["text"], r#"{"t\u0065xt": "a\n"}"#), [r"a\n"]);
}

#[test]
fn keys_that_are_more_than_names_are_texts_where_all_is() {
    let body = r#"{"a b": {"x": "1"}, "name": "2", "ann@example.org": 3}"#;
    let event = Event::from_parts(None, body.as_bytes());
    let mut view = EventView::default();
    paths(&["**"]).view_event(&event, &mut view).unwrap();
    let texts = view.pieces.iter();
    let texts: Vec<&str> = texts.map(|piece| &body[piece.text.span.range()]).collect();
    assert_eq!(texts, ["a b", "1", "2", "ann@example.org"]);
    assert_eq!(read(&["*"], body), [r#"{"x": "1"}"#, "2", "3"]);
}

#[test]
fn a_member_named_twice_is_refused_where_a_path_meets_it() {
    let twice = |path: &str, body: &str| paths(&[path]).view_answer(body.as_bytes()).is_err();
    assert!(twice("a", r#"{"a": "x", "\u0061": "y"}"#));
    assert!(twice("b.a", r#"{"b": {"a": 1, "a": 2}}"#));
    // Both are read.
    assert!(!twice("**", r#"{"b": {"a": 1, "a": 2}}"#));
    assert!(twice("*", r#"{"a": 1, "a": 2}"#));
    assert!(!twice("a", r#"{"b": 1, "b": 2, "a": "x"}"#));
}

#[test]
fn what_is_no_json_has_no_view() {
    let all = TextPaths::everything();
    let deep = "[".repeat(200) + &"]".repeat(200);
    for body in ["", "{", "text", r#"{"a": "x"} {"#, deep.as_str()] {
        assert!(all.view_request(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn each_place_of_an_event_is_a_text_of_its_own() {
    let paths = paths(&["token.text", "done", "choices[].t"]);
    let mut view = EventView::default();
    let mut event = |data: &str| {
        let event = Event::from_parts(None, data.as_bytes());
        paths.view_event(&event, &mut view).unwrap();
        let lanes: Vec<_> = view.pieces.iter().map(|piece| piece.lane).collect();
        (view.kind, lanes)
    };
    let (_, first) = event(r#"{"token": {"text": "a"}}"#);
    let (_, more) = event(r#"{"choices": [{"t": "c"}, {"t": "d"}], "token": {"text": "b"}}"#);
    assert_eq!((first.len(), more.len()), (1, 3));
    assert_eq!(first[0], more[2]);
    assert!(more[0] != more[1] && more[1] != more[2]);
    assert_eq!(event("[DONE]"), (EventKind::End, vec![]));
}

#[test]
fn an_event_without_data_says_nothing() {
    let event = Event::from_parts(Some("ping"), b"");
    let mut view = EventView::default();
    paths(&["**"]).view_event(&event, &mut view).unwrap();
    assert_eq!(view.kind, EventKind::Other);
}
