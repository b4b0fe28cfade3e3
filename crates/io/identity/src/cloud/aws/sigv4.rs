//! Signatures of requests, version 4.
//!
//! What is signed: method, path, query, `host`, `content-type`, every `x-amz-` header, and
//! a hash of the body. Names and order are those of AWS's reference for signing.

use std::fmt::Write as _;

use hmac::{Hmac, Mac as _};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use super::{AwsKeys, UNRESERVED};
use crate::cloud::live::ToSign;
use crate::cloud::time::amz_date;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const BODY_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a signature is good for, beside its day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// Adds the headers that sign a request. Those of another signature are replaced.
pub(crate) fn sign(
    request: &ToSign<'_>,
    keys: &AwsKeys,
    scope: Scope<'_>,
    at_unix_s: u64,
    headers: &mut HeaderMap,
) {
    let time = amz_date(at_unix_s);
    for name in [AUTHORIZATION, TOKEN, BODY_HASH] {
        headers.remove(name);
    }
    insert(headers, DATE, &time, false);
    if let Some(token) = &keys.session_token {
        insert(headers, TOKEN, token.expose(), true);
    }
    let (canonical, signed) = canonical(request, headers);
    let day = time.get(..8).unwrap_or_default();
    let Scope { region, service } = scope;
    let credential = format!("{day}/{region}/{service}/aws4_request");
    let hash = hex(&Sha256::digest(canonical));
    let to_sign = format!("{ALGORITHM}\n{time}\n{credential}\n{hash}");
    let signature = hex(&mac(&signing_key(keys, day, scope), to_sign.as_bytes()));
    let id = &keys.id;
    let value = format!(
        "{ALGORITHM} Credential={id}/{credential}, SignedHeaders={signed}, Signature={signature}"
    );
    insert(headers, AUTHORIZATION, &value, true);
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str, is_secret: bool) {
    // What cannot be a header is no key of AWS's; the service refuses the request.
    if let Ok(mut value) = HeaderValue::from_str(value) {
        value.set_sensitive(is_secret);
        headers.insert(name, value);
    }
}

/// The key of a day: nobody who sees it can sign for another day, region or service.
fn signing_key(keys: &AwsKeys, day: &str, scope: Scope<'_>) -> [u8; 32] {
    let first = zeroize::Zeroizing::new(format!("AWS4{}", keys.secret.expose()));
    let parts = [scope.region, scope.service, "aws4_request"];
    let of_day = mac(first.as_bytes(), day.as_bytes());
    parts
        .into_iter()
        .fold(of_day, |key, part| mac(&key, part.as_bytes()))
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of any length is a key: longer ones are hashed first.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The request as it is signed, and the names of the headers in it.
fn canonical(request: &ToSign<'_>, headers: &HeaderMap) -> (String, String) {
    let mut signed: Vec<(&str, String)> = vec![("host", request.host.to_owned())];
    for name in headers.keys() {
        if *name == CONTENT_TYPE || name.as_str().starts_with("x-amz-") {
            signed.push((name.as_str(), values(headers, name)));
        }
    }
    signed.sort_unstable();
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut out = format!("{}\n", request.method);
    for (index, segment) in request.uri.path().split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        // Segments as they are sent are encoded once more: for every service but S3.
        out.extend(utf8_percent_encode(segment, UNRESERVED));
    }
    out.push('\n');
    query(request.uri.query().unwrap_or_default(), &mut out);
    out.push('\n');
    for (name, value) in &signed {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name}:{value}");
    }
    let mut hash = Sha256::new();
    for piece in request.body {
        hash.update(piece);
    }
    let _ = write!(out, "\n{names}\n{}", hex(&hash.finalize()));
    (out, names)
}

/// All values of a header, white space between words counted once.
fn values(headers: &HeaderMap, name: &HeaderName) -> String {
    let all = headers.get_all(name).iter().map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes());
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    all.collect::<Vec<_>>().join(",")
}

/// The parameters in order of their names, then values, encoded in one way.
fn query(query: &str, out: &mut String) {
    let encode = |text: &str| {
        let plain: Vec<u8> = percent_decode_str(text).collect();
        percent_encoding::percent_encode(&plain, UNRESERVED).to_string()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(name), encode(value))
        })
        .collect();
    pairs.sort_unstable();
    for (index, (name, value)) in pairs.iter().enumerate() {
        let and = if index == 0 { "" } else { "&" };
        let _ = write!(out, "{and}{name}={value}");
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests;
