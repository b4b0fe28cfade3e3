//! What all connections share: options, faults, the request counter, the books.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, Uri, Version, header, request::Parts};
use sha2::{Digest, Sha256};

use super::held::Shelf;
use crate::books::{Books, Credential, Record, Ticket};
use crate::fault::{Fault, Faults};
use crate::options::{Options, OptionsError, check_faults};
use crate::random::Random;

/// Headers that are kept in the books. None of them carries a credential.
const NOTED_HEADERS: &[&str] = &[
    "traceparent",
    "tracestate",
    "user-agent",
    "content-type",
    "accept",
    "anthropic-version",
    "anthropic-beta",
    "x-goog-api-client",
    "openai-organization",
    "openai-project",
    "idempotency-key",
    "x-request-id",
    "x-client-request-id",
    "x-stainless-retry-count",
];
/// Characters kept of a path or a header.
const NOTED_CHARS_MAX: usize = 256;

/// Tells the uses of the seed apart.
const FAULT_STREAM: u64 = 0xfa17 << 48;
const PACE_STREAM: u64 = 0x9ace << 48;

/// The simulator's shared state.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) options: Options,
    pub(super) books: Books,
    pub(super) held: Shelf,
    keys: Vec<[u8; 32]>,
    running: Mutex<Running>,
}

#[derive(Debug)]
struct Running {
    faults: Faults,
    /// Requests since the start or the last reset.
    requests: u64,
    /// Requests since these faults were set.
    since_faults: u64,
}

/// A request that was given its number.
#[derive(Debug)]
pub(super) struct Numbered {
    pub(super) ordinal: u64,
    /// What rates or the script have in store for it.
    pub(super) fault: Option<Fault>,
    /// For its latencies.
    pub(super) random: Random,
}

impl Numbered {
    /// The id in the response header, the books, and Anthropic's errors.
    pub(super) fn id(&self) -> String {
        format!("req_sim_{:06}", self.ordinal)
    }
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        Self {
            books: Books::new(options.books_entries_max),
            held: Shelf::default(),
            keys: options
                .keys
                .iter()
                .map(|key| sha256(key.expose().as_bytes()))
                .collect(),
            running: Mutex::new(Running {
                faults: options.faults.clone(),
                requests: 0,
                since_faults: 0,
            }),
            options,
        }
    }

    pub(super) fn faults(&self) -> Faults {
        self.running().faults.clone()
    }

    pub(super) fn set_faults(&self, faults: Faults) -> Result<(), OptionsError> {
        check_faults(&faults)?;
        let mut running = self.running();
        running.faults = faults;
        running.since_faults = 0;
        Ok(())
    }

    pub(super) fn reset(&self) {
        let mut running = self.running();
        running.faults = self.options.faults.clone();
        running.requests = 0;
        running.since_faults = 0;
        self.books.reset();
    }

    /// Gives the next request its number, and with it its fate.
    pub(super) fn number(&self) -> Numbered {
        let seed = self.options.seed;
        let mut running = self.running();
        running.requests += 1;
        let ordinal = running.requests;
        let mut random = Random::new(seed, FAULT_STREAM ^ ordinal);
        let fault = running.faults.strike(running.since_faults, &mut random);
        running.since_faults += 1;
        Numbered {
            ordinal,
            fault,
            random: Random::new(seed, PACE_STREAM ^ ordinal),
        }
    }

    /// Opens the record of a request.
    pub(super) fn record(
        &self,
        numbered: &Numbered,
        format: &str,
        parts: &Parts,
        body: &[u8],
    ) -> Ticket {
        self.books.open(Record {
            id: numbered.id(),
            ordinal: numbered.ordinal,
            format: format.to_owned(),
            path: noted(parts.uri.path()),
            http: if parts.version == Version::HTTP_2 {
                "HTTP/2.0"
            } else {
                "HTTP/1.1"
            }
            .to_owned(),
            credential: credential(&parts.headers).map(|(header, value)| Credential {
                header: header.to_owned(),
                sha256_prefix: hex(&sha256(value.as_bytes())).chars().take(12).collect(),
            }),
            headers: noted_headers(&parts.headers),
            body_bytes: body.len() as u64,
            ..Record::default()
        })
    }

    /// May this caller ask? Everybody may when no key is set.
    pub(super) fn admits(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let mut pairs = uri.query().unwrap_or_default().split('&');
        let in_query = pairs.find_map(|pair| pair.strip_prefix("key="));
        let found = credential(headers).map(|(_, value)| value).or(in_query);
        self.keys.is_empty()
            || found.is_some_and(|value| self.keys.contains(&sha256(value.as_bytes())))
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Running> {
        // Three plain values that no code can leave half-changed.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The credential a request carries, and the header it came in. Of a request that is signed
/// as AWS does it, that is the access key id.
fn credential(headers: &HeaderMap) -> Option<(&'static str, &str)> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION.as_str())
        .map(|value| value.strip_prefix("Bearer ").unwrap_or(value))
        .map(|value| match value.split_once("Credential=") {
            Some((_, id)) => id.split('/').next().unwrap_or_default(),
            None => value,
        })
        .map(|value| ("authorization", value));
    bearer
        .or_else(|| Some(("x-api-key", text("x-api-key")?)))
        .or_else(|| Some(("api-key", text("api-key")?)))
        .or_else(|| Some(("x-goog-api-key", text("x-goog-api-key")?)))
}

fn noted_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |name: &&str| {
        Some((
            (*name).to_owned(),
            noted(headers.get(*name)?.to_str().ok()?),
        ))
    };
    NOTED_HEADERS.iter().filter_map(text).collect()
}

fn noted(text: &str) -> String {
    text.chars().take(NOTED_CHARS_MAX).collect()
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
