//! Behaviour of the JSON reader on chosen texts.

use super::{DEPTH_MAX, Error, Kind, Reader, VALUES_MAX, decode, escape_into, set_once};
use crate::span::{Span, StrSpan};

fn skip(text: &str) -> Result<Span, Error> {
    let mut reader = Reader::new(text.as_bytes())?;
    let span = reader.skip()?;
    reader.finish()?;
    Ok(span)
}

fn string_at(start: u32, end: u32, escaped: bool) -> StrSpan {
    StrSpan {
        span: Span::new(start, end),
        escaped,
    }
}

#[test]
fn members_are_given_with_decoded_keys_and_places() {
    let text = br#" { "model" : "gpt" , "\u006dax": 12, "x": [1, {"a": null}] } "#;
    let mut reader = Reader::new(text).unwrap();
    let mut seen = Vec::new();
    let span = reader
        .object::<Error>(|reader, key| {
            match key.as_str() {
                "model" => assert_eq!(reader.string()?, string_at(14, 17, false)),
                "max" => assert_eq!(reader.u64()?, 12),
                _ => assert_eq!(reader.kind()?, Kind::Array),
            }
            seen.push((key.to_string(), key.span()));
            Ok(())
        })
        .unwrap();
    assert_eq!(span, Span::new(1, 60));
    let keys = [
        ("model".to_owned(), string_at(4, 9, false)),
        ("max".to_owned(), string_at(22, 30, true)),
        ("x".to_owned(), string_at(38, 39, false)),
    ];
    assert_eq!(seen, keys);
    reader.finish().unwrap();
}

#[test]
fn elements_are_counted_and_may_stay_unread() {
    let mut reader = Reader::new(br#"[[], "two", {"k": [3]} , -0.5e1]"#).unwrap();
    let mut kinds = Vec::new();
    let read = reader.array::<Error>(|reader, index| {
        kinds.push((index, reader.kind()?));
        Ok(())
    });
    assert_eq!(read, Ok(Span::new(0, 32)));
    let expected = [Kind::Array, Kind::String, Kind::Object, Kind::Number];
    assert_eq!(
        kinds,
        [0, 1, 2, 3].into_iter().zip(expected).collect::<Vec<_>>()
    );
}

#[test]
fn a_value_of_the_wrong_kind_stays_readable() {
    let mut reader = Reader::new(b"  true").unwrap();
    let wrong = |expected| Error::WrongKind {
        offset: 2,
        expected,
    };
    assert_eq!(reader.string(), Err(wrong(Kind::String)));
    assert_eq!(reader.u64(), Err(wrong(Kind::Number)));
    assert_eq!(reader.null(), Err(wrong(Kind::Null)));
    assert_eq!(
        reader.array::<Error>(|_, _| Ok(())),
        Err(wrong(Kind::Array))
    );
    assert_eq!(
        reader.object::<Error>(|_, _| Ok(())),
        Err(wrong(Kind::Object))
    );
    assert_eq!(reader.bool(), Ok(true));
    assert_eq!(reader.finish(), Ok(()));
}

#[test]
fn numbers_that_are_not_whole_are_refused_as_u64() {
    for text in ["-1", "1.0", "1e3", "18446744073709551616", "-0"] {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        assert_eq!(reader.u64(), Err(Error::Number { offset: 0 }), "{text}");
    }
    let mut reader = Reader::new(b"18446744073709551615").unwrap();
    assert_eq!(reader.u64(), Ok(u64::MAX));
}

#[test]
fn a_number_no_double_can_hold_is_refused() {
    let long = "9".repeat(400);
    for text in [
        "1e309",
        "-1e999999999999999999999",
        "179769313486231580e292",
        &long,
    ] {
        assert_eq!(skip(text), Err(Error::Number { offset: 0 }), "{text}");
    }
    let tiny = format!("0.{}1e400", "0".repeat(200));
    let scaled = format!("1{}e-400", "0".repeat(500));
    for text in [
        "1e308",
        "0e999999999999",
        "1e-999999999999",
        "-0.0",
        &tiny,
        &scaled,
    ] {
        skip(text).unwrap();
    }
}

#[test]
fn nesting_stops_one_below_the_limit() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    skip(&nested(DEPTH_MAX - 1)).unwrap();
    let offset = u32::try_from(DEPTH_MAX).unwrap() - 1;
    assert_eq!(skip(&nested(DEPTH_MAX)), Err(Error::Depth { offset }));
    assert_eq!(skip(&"[".repeat(1 << 20)), Err(Error::Depth { offset }));

    fn walk(reader: &mut Reader<'_>) -> Result<(), Error> {
        match reader.kind()? {
            Kind::Array => reader.array(|reader, _index| walk(reader)).map(|_span| ()),
            _ => reader.skip().map(|_span| ()),
        }
    }
    walk(&mut Reader::new(nested(DEPTH_MAX - 1).as_bytes()).unwrap()).unwrap();
    let text = nested(DEPTH_MAX);
    let refused = walk(&mut Reader::new(text.as_bytes()).unwrap());
    assert_eq!(refused, Err(Error::Depth { offset }));
}

#[test]
fn errors_name_the_byte_and_what_was_expected() {
    let cases = [
        ("", "expected a value at byte 0"),
        ("{\"a\":1,}", "expected a key at byte 7"),
        ("{\"a\" 1}", "expected `:` at byte 5"),
        ("[1 2]", "expected `,` or `]` at byte 3"),
        ("[1,]", "expected a value at byte 3"),
        ("[1}", "expected `,` or `]` at byte 2"),
        ("nul", "expected null at byte 0"),
        ("01", "expected the end of the text at byte 1"),
        ("-", "expected a digit at byte 1"),
        ("1.e3", "expected a digit at byte 2"),
        ("\"a", "expected a closing quote at byte 2"),
        ("\"a\nb\"", "raw control character in a string at byte 2"),
        ("\"\\x\"", "invalid escape at byte 1"),
        ("\"\\u12g4\"", "invalid escape at byte 1"),
        ("\"ab\\ud800\"", "lone surrogate at byte 3"),
        ("\"\\udc00\\ud800\"", "lone surrogate at byte 1"),
        ("\"\\ud800\\ud800\"", "lone surrogate at byte 1"),
        ("\u{feff}1", "expected a value at byte 0"),
    ];
    for (text, message) in cases {
        assert_eq!(skip(text).unwrap_err().to_string(), message, "{text}");
    }
    let invalid = Reader::new(b"\"ab\xff\"").err();
    assert_eq!(invalid, Some(Error::Utf8 { offset: 3 }));
}

#[test]
fn an_error_hidden_by_a_closure_does_not_make_the_text_valid() {
    for text in ["[[1,x],2]", "[[1,2],3]", "[[[1]],3]"] {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let read = reader.array::<Error>(|reader, _index| {
            let hidden = reader.array::<Error>(|reader, _index| {
                reader.skip()?;
                Err(Error::TooLong)
            });
            drop(hidden);
            Ok(())
        });
        read.unwrap_err();
    }
}

#[test]
fn a_second_value_is_refused_where_it_counts() {
    let mut reader = Reader::new(br#"{"model":"a","\u006dodel":"b"}"#).unwrap();
    let mut model = None;
    let read = reader.object::<Error>(|reader, key| {
        let value = reader.string()?;
        set_once(&mut model, value, &key)
    });
    let error = read.unwrap_err();
    assert_eq!(error.to_string(), "duplicate key \"model\" at byte 14");
}

#[test]
fn escapes_decode_to_their_characters() {
    let raw = br#"a\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00z"#;
    let text = decode(raw, true).unwrap();
    assert_eq!(text, "a\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{20ac}\u{1f600}z");
    assert_eq!(decode(b"\\n", false).unwrap(), "\\n");
    assert_eq!(decode(b"ab\xff", false), Err(Error::Utf8 { offset: 2 }));
    assert_eq!(decode(b"ab\\", true), Err(Error::Escape { offset: 2 }));
}

#[test]
fn only_what_must_be_escaped_is() {
    let mut out = b">".to_vec();
    escape_into(
        "a/b \"c\" \\ \u{1}\u{1f}\n\r\t\u{8}\u{c}\u{7f} \u{e9}",
        &mut out,
    );
    let expected = ">a/b \\\"c\\\" \\\\ \\u0001\\u001f\\n\\r\\t\\b\\f\u{7f} \u{e9}";
    assert_eq!(str::from_utf8(&out).unwrap(), expected);
}

#[test]
fn an_event_may_begin_or_end_in_the_middle_of_a_surrogate_pair() {
    for (text, decoded) in [
        (r#""ab\ud83d""#, "ab\u{fffd}"),
        (r#""\udc4b cd""#, "\u{fffd} cd"),
        (r#""\udc4b \ud83d\udc4b\ud83d""#, "\u{fffd} 👋\u{fffd}"),
    ] {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        assert!(
            matches!(reader.string(), Err(Error::Surrogate { .. })),
            "{text}"
        );
        let mut reader = Reader::of_event(text.as_bytes()).unwrap();
        let string = reader.string().unwrap();
        assert_eq!(reader.text(string), decoded);
        reader.finish().unwrap();
    }
}

#[test]
fn as_much_is_handed_out_as_the_limit_says_and_what_is_passed_over_does_not_count() {
    let zeros = |count: u32| format!("[0{}]", ",0".repeat(count as usize - 1));
    let count = |text: &str| {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let mut count = 0;
        reader
            .array::<Error>(|_, _| {
                count += 1;
                Ok(())
            })
            .map(|_| count)
    };
    assert_eq!(count(&zeros(VALUES_MAX)), Ok(VALUES_MAX));
    let refused = count(&zeros(VALUES_MAX + 1));
    assert!(matches!(refused, Err(Error::TooMany { .. })), "{refused:?}");
    assert_eq!(count(&format!("[{}]", zeros(VALUES_MAX + 1))), Ok(1));
}

#[test]
fn a_list_of_numbers_is_passed_as_a_whole_and_anything_else_stays_unread() {
    let zeros = format!("[0{}]", ",0".repeat(VALUES_MAX as usize));
    for (text, count) in [
        ("[]", 0),
        (" [ 1 , -2.5e3,0 ] ", 3),
        (&*zeros, VALUES_MAX + 1),
    ] {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        let (span, found) = reader.numbers().unwrap().unwrap();
        assert_eq!(
            (span.of(text.as_bytes()), found),
            (text.trim().as_bytes(), count)
        );
        reader.finish().unwrap();
    }
    for text in ["3", "\"[1]\"", "{}", "[1,null]", "[[1]]", "[1,\"2\"]"] {
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        assert_eq!(reader.numbers(), Ok(None), "{text}");
        assert_eq!(reader.offset(), 0, "{text}");
        reader.skip().unwrap();
        reader.finish().unwrap();
    }
    for text in ["[1,]", "[1", "[01]", "[1e999]", "[1 2]", "[-]"] {
        assert!(
            Reader::new(text.as_bytes()).unwrap().numbers().is_err(),
            "{text}"
        );
    }
    let deep = "[".repeat(DEPTH_MAX - 1);
    let mut reader = Reader::new(deep.as_bytes()).unwrap();
    assert_eq!(reader.numbers(), Ok(None));
    assert!(matches!(reader.skip(), Err(Error::Syntax { .. })));
}
