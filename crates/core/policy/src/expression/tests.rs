//! Expressions: what they mean, and what is refused.

use super::{EvaluationError, Expression, RequestFacts, SOURCE_BYTES_MAX};

fn evaluate(source: &str) -> Result<bool, EvaluationError> {
    let expression = Expression::compile(source);
    let mut value = Err(EvaluationError::Failed(format!("{expression:?}")));
    with_facts(|facts| {
        if let Ok(expression) = &expression {
            value = expression.evaluate(facts);
        }
    });
    value
}

fn with_facts(run: impl FnOnce(&RequestFacts<'_>)) {
    let mut headers = http::HeaderMap::new();
    headers.insert("x-tier", http::HeaderValue::from_static("gold"));
    headers.insert("x-odd", http::HeaderValue::from_bytes(b"\xff").unwrap());
    let facts = RequestFacts {
        service: "billing",
        team: "",
        headers: &headers,
        path: "/v1/chat/completions",
        model: Some("gpt-5"),
        input_bytes: 1200,
        has_image: false,
        tokens: 300,
    };
    run(&facts);
}

#[test]
fn conditions_see_the_request() {
    for source in [
        "service == 'billing'",
        "headers['x-tier'] == \"gold\" && input_bytes < 20000",
        "'x-tier' in headers && !('x-other' in headers)",
        "path.startsWith('/v1/') && path.endsWith(\"completions\") && path.contains('chat')",
        "model in ['gpt-5', 'gpt-5-mini']",
        "!has_image && tokens >= 300 && tokens * 2 == 600",
        "size(model) == 5",
        "has_image ? false : true",
        "['gpt', 'claude'].exists(prefix, model.startsWith(prefix))",
        "has(headers.x) || true",
        "true",
    ] {
        assert_eq!(evaluate(source), Ok(true), "{source}");
    }
    assert_eq!(evaluate("service == 'other'"), Ok(false));
}

#[test]
fn of_a_request_that_nobody_knows_only_the_rest_decides() {
    with_facts(|facts| {
        let unknown = RequestFacts {
            model: None,
            ..*facts
        };
        let evaluate = |source| Expression::compile(source).unwrap().evaluate(&unknown);
        for source in [
            "model == ''",
            "input_bytes < 9",
            "!has_image",
            "tokens == 300",
        ] {
            assert!(evaluate(source).is_err(), "{source}");
        }
        assert_eq!(evaluate("model == 'm' && service == 'other'"), Ok(false));
        assert_eq!(evaluate("tokens > 9 || service == 'billing'"), Ok(true));
    });
}

#[test]
fn a_missing_header_is_an_error_that_the_other_side_absorbs() {
    assert_eq!(
        evaluate("headers['x-none'] == 'a'"),
        Err(EvaluationError::HeaderMissing("x-none".to_owned()))
    );
    assert_eq!(
        evaluate("headers['x-odd'] == 'a'"),
        Err(EvaluationError::HeaderMissing("x-odd".to_owned()))
    );
    assert_eq!(
        evaluate("headers['x-none'] == 'a' || service == 'billing'"),
        Ok(true)
    );
    assert_eq!(
        evaluate("headers['x-none'] == 'a' && service == 'other'"),
        Ok(false)
    );
    assert_eq!(
        evaluate("'x-none' in headers && headers['x-none'] == 'a'"),
        Ok(false)
    );
}

#[test]
fn a_value_that_is_not_a_bool_is_an_error() {
    assert_eq!(
        evaluate("model"),
        Err(EvaluationError::NotBool("string".to_owned()))
    );
    assert!(matches!(
        evaluate("tokens / 0 == 1"),
        Err(EvaluationError::Failed(_))
    ));
    assert!(matches!(
        evaluate("tokens == 1 + 9223372036854775807"),
        Err(EvaluationError::Failed(_))
    ));
    assert!(matches!(
        evaluate("headers[1] == 'a'"),
        Err(EvaluationError::Failed(_))
    ));
}

#[test]
fn unknown_names_are_refused_with_what_is_known() {
    let error = Expression::compile("service == 'a' &&\n  modle == 'b'").unwrap_err();
    assert!(
        error
            .message
            .starts_with("unknown variable `modle`; did you mean `model`?"),
        "{error}"
    );
    assert_eq!((error.line, error.column, error.offset), (2, 3, 20));
    let error = Expression::compile("request.path == 'a'").unwrap_err();
    assert!(
        error
            .message
            .contains("known: service, team, headers, path"),
        "{error}"
    );
    let error = Expression::compile("path.matches('a+')").unwrap_err();
    assert!(
        error.message.starts_with("unknown function `matches`"),
        "{error}"
    );
}

#[test]
fn syntax_errors_have_a_place() {
    let error = Expression::compile("model ==").unwrap_err();
    assert_eq!(error.line, 1);
    assert!(!error.message.is_empty());
    for source in ["", " ", "&&", "'", "model == 'a", "(", "a b"] {
        assert!(Expression::compile(source).is_err(), "{source}");
    }
}

#[test]
fn what_could_cost_too_much_is_refused() {
    let long = format!("model == '{}'", "a".repeat(SOURCE_BYTES_MAX));
    let deep = format!("{}true{}", "(".repeat(1000), ")".repeat(1000));
    let chain = format!("tokens{} == 1", " + 1".repeat(900));
    let choices = format!("{}true", "true ? true : ".repeat(200));
    let unary = format!("{}true", "!".repeat(4000));
    let members = format!("headers{}", ".a".repeat(2000));
    for source in [long, deep, chain, choices, members] {
        assert!(Expression::compile(&source).is_err(), "{}", source.len());
    }
    assert!(Expression::compile(&unary).is_err());
    for size in [60, 250] {
        let sums = format!("tokens{} == 1", " + 1".repeat(size));
        let members = format!("headers{}", ".a".repeat(size));
        let indices = format!("headers{}", "[1]".repeat(size));
        let unary = format!("{}true", "!".repeat(size));
        let negative = format!("{}1 == 1", "- ".repeat(size));
        for source in [sums, members, indices, unary, negative] {
            let _bounded = Expression::compile(&source).map(drop);
        }
    }
    for source in [
        "[1].all(a, [2].all(b, a == b))",
        "headers.all(name, true)",
        "[1, 2].map(x, x)[0] == 1 && foo.bar",
    ] {
        assert!(Expression::compile(source).is_err(), "{source}");
    }
    assert!(Expression::compile(&vec!["service == 'a'"; 200].join(" || ")).is_ok());
}
