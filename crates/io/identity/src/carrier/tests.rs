//! One credential, wherever it stands; two are refused.

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::{Carrier, CredentialError, credential, credential_of};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
        headers.append(*name, value);
    }
    headers
}

#[test]
fn every_sdk_finds_its_header_read() {
    for (name, value, carrier) in [
        ("authorization", "Bearer key", Carrier::Bearer),
        ("authorization", "bearer  key ", Carrier::Bearer),
        ("x-api-key", "key", Carrier::XApiKey),
        ("x-goog-api-key", " key", Carrier::XGoogApiKey),
        ("api-key", "key", Carrier::ApiKey),
    ] {
        assert_eq!(
            credential(&headers(&[(name, value)])),
            Ok(Some(("key", carrier))),
            "{name}: {value}"
        );
    }
}

#[test]
fn a_gateway_key_in_the_query_is_a_credential_and_no_other_key_is() {
    let header = headers(&[("x-goog-api-key", "tg_a")]);
    let none = HeaderMap::new();
    for (headers, query, found) in [
        (&none, "key=tg_a", Ok(Some("tg_a"))),
        (&none, "alt=sse&key=tg_a&key=tg_a", Ok(Some("tg_a"))),
        (&header, "key=tg_a", Ok(Some("tg_a"))),
        (&header, "key=AIza", Ok(Some("tg_a"))),
        (&none, "key=AIza&xkey=tg_a&key", Ok(None)),
        (&header, "key=tg_b", Err(CredentialError::Ambiguous)),
        (&none, "key=tg_a&key=tg_b", Err(CredentialError::Ambiguous)),
    ] {
        assert_eq!(credential_of(headers, Some(query)), found, "{query}");
    }
    assert_eq!(credential_of(&header, None), Ok(Some("tg_a")));
}

#[test]
fn no_credential_an_empty_one_and_another_scheme_are_none() {
    for pairs in [
        &[][..],
        &[("x-api-key", "")],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer  ")],
        &[("authorization", "Basic dXNlcjpwYXNz")],
        &[("authorization", "Bearertoken")],
        &[("authorization", "AWS4-HMAC-SHA256 Credential=é")],
    ] {
        assert_eq!(credential(&headers(pairs)), Ok(None), "{pairs:?}");
    }
}

const SCOPE: &str = "20260101/us-east-1/bedrock/aws4_request";

#[test]
fn an_access_key_id_is_a_credential_whatever_the_signature() {
    for value in [
        format!(
            "AWS4-HMAC-SHA256 Credential=key/{SCOPE}, SignedHeaders=host;x-amz-date, Signature=0"
        ),
        format!("AWS4-HMAC-SHA256 SignedHeaders=host,Credential=key/{SCOPE},Signature=0"),
        "AWS4-ECDSA-P256-SHA256 Credential=key/20260101/bedrock/aws4_request".to_owned(),
    ] {
        let found = headers(&[("authorization", &value)]);
        assert_eq!(
            credential(&found),
            Ok(Some(("key", Carrier::Aws))),
            "{value}"
        );
    }
    for value in [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 Credential=/x",
        "AWS Credential=key/x",
    ] {
        assert_eq!(credential(&headers(&[("authorization", value)])), Ok(None));
    }
}

#[test]
fn an_access_key_id_beside_another_credential_counts_where_it_is_a_gateway_key() {
    let signed = |id: &str| format!("AWS4-HMAC-SHA256 Credential={id}/{SCOPE}, Signature=0");
    let both = |id: &str| headers(&[("authorization", &signed(id)), ("x-api-key", "tg_live_1")]);
    assert_eq!(
        credential(&both("AKIA1")),
        Ok(Some(("tg_live_1", Carrier::XApiKey)))
    );
    assert_eq!(
        credential(&both("tg_live_1")),
        Ok(Some(("tg_live_1", Carrier::XApiKey)))
    );
    assert_eq!(
        credential(&both("tg_live_2")),
        Err(CredentialError::Ambiguous)
    );
}

#[test]
fn a_signed_address_has_its_credential_in_the_query() {
    let of = |query: &str| {
        credential_of(&HeaderMap::new(), Some(query)).map(|key| key.map(str::to_owned))
    };
    let key = Ok(Some("tg_live_1".to_owned()));
    for query in [
        format!("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=tg_live_1/{SCOPE}"),
        "x-amz-credential=tg_live_1%2F20260101%2Fus-east-1".to_owned(),
        "X-Amz-Credential=tg_live_1&a&key=tg_live_1".to_owned(),
    ] {
        assert_eq!(of(&query), key, "{query}");
    }
    assert_eq!(of("X-Amz-Credential=&X-Amz-Credential=AKIA1/x"), Ok(None));
    let two = "X-Amz-Credential=tg_live_1&X-Amz-Credential=tg_live_2";
    assert_eq!(of(two), Err(CredentialError::Ambiguous));
}

#[test]
fn one_credential_twice_is_one_and_two_are_ambiguous() {
    let same = headers(&[
        ("x-api-key", "key"),
        ("authorization", "Bearer key"),
        ("x-api-key", "key"),
    ]);
    assert_eq!(credential(&same), Ok(Some(("key", Carrier::Bearer))));
    for pairs in [
        &[("authorization", "Bearer one"), ("x-api-key", "two")][..],
        &[("x-api-key", "one"), ("x-api-key", "two")],
        &[("api-key", "one"), ("x-goog-api-key", "ONE")],
    ] {
        assert_eq!(
            credential(&headers(pairs)),
            Err(CredentialError::Ambiguous),
            "{pairs:?}"
        );
    }
}

#[test]
fn a_credential_that_no_key_can_be_is_unreadable() {
    for pairs in [
        [("x-api-key", "schlüssel")],
        [("authorization", "Bearer schlüssel")],
        [("api-key", "two words")],
    ] {
        assert_eq!(
            credential(&headers(&pairs)),
            Err(CredentialError::Unreadable),
            "{pairs:?}"
        );
    }
}

/// Every carrier.
const ALL: [Carrier; 4] = [
    Carrier::Bearer,
    Carrier::XApiKey,
    Carrier::XGoogApiKey,
    Carrier::ApiKey,
];

#[test]
fn every_carrier_is_a_header_that_holds_a_credential() {
    for carrier in ALL {
        let header = carrier.header();
        assert!(tollgate_types::is_credential_header(header.as_str()));
        assert_eq!(Carrier::of(&header), Some(carrier));
    }
}

#[test]
fn errors_do_not_repeat_the_credential() {
    for error in [CredentialError::Ambiguous, CredentialError::Unreadable] {
        assert!(!format!("{error} {error:?}").contains("one"));
    }
}

proptest! {
    #[test]
    fn what_is_found_is_what_was_sent(key in "[!-~]{1,100}", index in 0..4_usize) {
        let carrier = ALL[index];
        let value = if carrier == Carrier::Bearer { format!("Bearer {key}") } else { key.clone() };
        let mut headers = HeaderMap::new();
        headers.insert(carrier.header(), HeaderValue::from_str(&value).expect("a header value"));
        prop_assert_eq!(credential(&headers), Ok(Some((key.as_str(), carrier))));
    }

    #[test]
    fn no_header_breaks_the_reader(values in prop::collection::vec((0..4_usize, prop::collection::vec(any::<u8>(), 0..40)), 0..6)) {
        let mut headers = HeaderMap::new();
        for (index, value) in values {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(ALL[index].header(), value);
            }
        }
        let _read = credential(&headers);
    }
}
