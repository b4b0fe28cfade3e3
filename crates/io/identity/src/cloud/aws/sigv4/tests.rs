//! Known answers: those that AWS publishes in its documentation and for its test suite.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri};
use tollgate_types::Secret;

use super::{Scope, hex, sign, signing_key};
use crate::cloud::aws::AwsKeys;
use crate::cloud::live::ToSign;

/// 2015-08-30T12:36:00Z.
const WHEN: u64 = 1_440_938_160;
const SESSION_TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

fn keys() -> AwsKeys {
    AwsKeys {
        id: "AKIDEXAMPLE".to_owned(),
        secret: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned()),
        session_token: None,
    }
}

struct Case {
    method: Method,
    host: &'static str,
    path: &'static str,
    content_type: Option<&'static str>,
    body: &'static str,
    service: &'static str,
}

const VANILLA: Case = Case {
    method: Method::GET,
    host: "example.amazonaws.com",
    path: "/",
    content_type: None,
    body: "",
    service: "service",
};

fn authorization(case: &Case, keys: &AwsKeys) -> String {
    let uri: Uri = case.path.parse().expect("a path");
    let mut headers = HeaderMap::new();
    if let Some(kind) = case.content_type {
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    // Two pieces are signed as one.
    let (first, rest) = case.body.split_at(case.body.len() / 2);
    let request = ToSign {
        method: &case.method,
        host: case.host,
        uri: &uri,
        body: &[Bytes::from(first), Bytes::from(rest)],
    };
    let scope = Scope {
        region: "us-east-1",
        service: case.service,
    };
    sign(&request, keys, scope, WHEN, &mut headers);
    assert_eq!(headers["x-amz-date"], "20150830T123600Z");
    assert!(headers["authorization"].is_sensitive());
    headers["authorization"].to_str().expect("text").to_owned()
}

#[test]
fn requests_have_the_published_signatures() {
    let post = || Case {
        method: Method::POST,
        ..VANILLA
    };
    let cases = [
        (
            VANILLA,
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            Case {
                path: "/?Param2=value2&Param1=value1",
                ..VANILLA
            },
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            post(),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            Case {
                content_type: Some("application/x-www-form-urlencoded"),
                body: "Param1=value1",
                ..post()
            },
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (
            Case {
                host: "iam.amazonaws.com",
                path: "/?Action=ListUsers&Version=2010-05-08",
                content_type: Some("application/x-www-form-urlencoded; charset=utf-8"),
                service: "iam",
                ..VANILLA
            },
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ),
    ];
    for (case, expected) in cases {
        let value = authorization(&case, &keys());
        assert!(value.ends_with(expected), "{} {value}", case.path);
    }
}

#[test]
fn a_session_token_is_signed_with_the_rest() {
    let keys = AwsKeys {
        session_token: Some(Secret::new(SESSION_TOKEN.to_owned())),
        ..keys()
    };
    let case = Case {
        method: Method::POST,
        ..VANILLA
    };
    let value = authorization(&case, &keys);
    let expected = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead";
    assert_eq!(value, expected);
}

#[test]
fn the_key_of_a_day_is_the_published_one() {
    let scope = Scope {
        region: "us-east-1",
        service: "iam",
    };
    let key = signing_key(&keys(), "20150830", scope);
    let expected = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9";
    assert_eq!(hex(&key), expected);
}

#[test]
fn what_another_signature_left_is_replaced() {
    let uri: Uri = "/model/a:b/converse".parse().expect("a path");
    let request = ToSign {
        method: &Method::POST,
        host: "h",
        uri: &uri,
        body: &[],
    };
    let scope = Scope {
        region: "r",
        service: "bedrock",
    };
    let mut clean = HeaderMap::new();
    sign(&request, &keys(), scope, WHEN, &mut clean);
    let mut dirty = HeaderMap::new();
    for name in [
        "authorization",
        "x-amz-content-sha256",
        "x-amz-security-token",
        "x-amz-date",
    ] {
        dirty.insert(name, HeaderValue::from_static("old"));
    }
    sign(&request, &keys(), scope, WHEN, &mut dirty);
    assert_eq!(clean, dirty);
}
