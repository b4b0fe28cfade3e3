//! Whose credential goes where: the caller's stays here, the provider's goes there.

use std::sync::Arc;

use tollgate_simulator::{Options, Record};
use tollgate_types::Secret;

use crate::ask::Ask;
use crate::bench::{Bench, PROVIDER_KEY, Parts, Provider};
use crate::speech::{OpenAi, Speech};
use crate::stub::{Seen, Stub};

const SERVICES: &str = "services: [{name: shop, keys: [{id: $ID, hash: \"$HASH\"}]}]\n";

fn keyed(provider: Speech, at: &str, more: &str) -> String {
    let provider = provider.provider("one", at);
    let provider = provider.trim_end_matches('}');
    format!("providers: [{provider}{more}}}]\n{SERVICES}")
}

const WITH_KEY: &str = ", secret_key_ref: {env: PROVIDER_KEY}";

/// Every header in which a caller may bring its key.
const CARRIERS: [(&str, &str); 5] = [
    ("authorization", "Bearer "),
    ("x-api-key", ""),
    ("api-key", ""),
    ("x-goog-api-key", ""),
    ("x-tollgate-key", ""),
];

#[tokio::test]
async fn the_provider_gets_its_own_key_whatever_the_caller_brings() {
    for provider in Speech::all() {
        let a = Options::default().key(Secret::new(PROVIDER_KEY.to_owned()));
        let parts = Parts {
            a,
            ..Parts::default()
        };
        let bench = Bench::with(&keyed(provider, "$A", WITH_KEY), parts).await;
        let pairs = Speech::all().flat_map(|caller| CARRIERS.map(|carrier| (caller, carrier)));
        for (caller, (header, prefix)) in pairs {
            let ask = caller
                .ask("m", "Hi", false)
                .header(header, &format!("{prefix}{}", bench.key));
            let (told, record) = bench.ask(ask).await;
            assert_eq!(told.status, 200, "{header}: {}", told.text());
            assert_eq!(record["service"], "shop", "{header}");
            let (own, _) = provider.credential();
            assert_eq!(
                sent(&bench.a.served()),
                (own.to_owned(), digest(PROVIDER_KEY)),
                "{caller:?} to {provider:?}: {header}"
            );
        }
    }
}

fn sent(served: &Record) -> (String, String) {
    let credential = served.credential.clone().unwrap();
    (credential.header, credential.sha256_prefix)
}

fn digest(text: &str) -> String {
    let hash = tollgate_identity::hash(text);
    hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn stub(provider: Speech, more: &str) -> (Stub, Bench) {
    let answer = provider.saying("Hi").to_string();
    let stub = Stub::raw(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: session=1\r\n\
         x-tollgate-provider: liar\r\nx-tollgate-request-id: liar\r\nkeep-alive: 5\r\nx-good: 1\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    ))
    .await;
    let names = [("$STUB", stub.url())];
    let config = keyed(provider, "$STUB", more);
    let bench = Bench::with(
        &config,
        Parts {
            names: &names,
            ..Parts::default()
        },
    )
    .await;
    (stub, bench)
}

/// Every caller's format with every provider's, which has a stub and a gateway of its own.
async fn stubs(more: &str) -> Vec<(Speech, Speech, Arc<(Stub, Bench)>)> {
    let mut all = Vec::new();
    for provider in Speech::all() {
        let both = Arc::new(stub(provider, more).await);
        all.extend(Speech::all().map(|caller| (caller, provider, Arc::clone(&both))));
    }
    all
}

/// A request with everything in it that is none of a provider's business.
fn loaded(caller: Speech, bench: &Bench) -> Ask {
    caller
        .ask("m", "Hi", false)
        .key(&bench.key)
        .header("cookie", "session=secret-cookie")
        .header("proxy-authorization", "Basic secret-proxy")
        .header("x-tollgate-detail", "1")
}

fn nothing_of_the_caller(seen: &Seen, bench: &Bench) {
    for secret in [&*bench.key, "secret-cookie", "secret-proxy", "x-tollgate-"] {
        assert!(!seen.head.contains(secret), "{secret} in {}", seen.head);
    }
}

#[tokio::test]
async fn no_byte_of_a_callers_credential_leaves() {
    for (caller, provider, both) in stubs(WITH_KEY).await {
        let (stub, bench) = &*both;
        let (told, _) = bench.ask(loaded(caller, bench)).await;
        assert_eq!(told.status, 200, "{}", told.text());
        let seen = stub.last();
        nothing_of_the_caller(&seen, bench);
        let (header, prefix) = provider.credential();
        let own = format!("{prefix}{PROVIDER_KEY}");
        assert_eq!(seen.header(header), Some(&*own), "{provider:?}");
    }
}

#[tokio::test]
async fn what_a_provider_may_not_say_does_not_reach_the_caller() {
    for (caller, provider, both) in stubs(WITH_KEY).await {
        let (_stub, bench) = &*both;
        let (told, record) = bench
            .ask(caller.ask("m", "Hi", false).key(&bench.key))
            .await;
        assert_eq!(told.header("set-cookie"), None);
        assert_eq!(told.header("x-tollgate-provider"), None);
        assert_eq!(told.header("keep-alive"), None);
        assert_eq!(
            told.header("x-tollgate-request-id"),
            record["request_id"].as_str()
        );
        assert_eq!(told.header("x-good").is_some(), caller == provider);
    }
}

#[tokio::test]
async fn a_callers_own_credential_passes_only_where_the_provider_asks_for_it() {
    for (more, passes) in [(", pass_caller_credential: true", true), ("", false)] {
        for (caller, provider, both) in stubs(more).await {
            let (stub, bench) = &*both;
            let ask = caller
                .ask("m", "Hi", false)
                .header("x-tollgate-key", &bench.key)
                .header("authorization", "Bearer sk-callers-own")
                .header("cookie", "session=secret-cookie");
            let (told, record) = bench.ask(ask).await;
            assert_eq!(told.status, 200, "{}", told.text());
            assert_eq!(record["service"], "shop");
            let seen = stub.last();
            nothing_of_the_caller(&seen, bench);
            let expected = passes.then_some("Bearer sk-callers-own");
            assert_eq!(
                seen.header("authorization"),
                expected,
                "{caller:?} to {provider:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_gateway_key_never_passes() {
    for (caller, _, both) in stubs(", pass_caller_credential: true").await {
        let (stub, bench) = &*both;
        for (header, prefix) in CARRIERS {
            let ask = caller
                .ask("m", "Hi", false)
                .header(header, &format!("{prefix}{}", bench.key));
            assert_eq!(bench.ask(ask).await.0.status, 200);
            let seen = stub.last();
            assert!(!seen.head.contains(&bench.key), "{header}: {}", seen.head);
        }
    }
}

#[tokio::test]
async fn a_gateway_key_passes_in_no_other_header_either() {
    for more in ["", ", pass_caller_credential: true"] {
        for (caller, _, both) in stubs(more).await {
            let (stub, bench) = &*both;
            let key = &bench.key;
            let mut ask = caller.ask("m", "Hi", false).header("x-tollgate-key", key);
            for name in ["user-agent", "openai-organization", "x-trace"] {
                ask = ask.header(name, key);
            }
            let ask = ask
                .header("authorization", &format!("Bearer {key}, and more"))
                .header("x-api-key", &format!("\"{key}\""));
            assert_eq!(bench.ask(ask).await.0.status, 200);
            let seen = stub.last();
            assert!(!seen.head.contains(key), "{}", seen.head);
        }
    }
}

#[tokio::test]
async fn configured_headers_are_sent() {
    for (caller, _, both) in stubs(", headers: {x-team: blue, user-agent: tollgate}").await {
        let (stub, bench) = &*both;
        let ask = caller
            .ask("m", "Hi", false)
            .key(&bench.key)
            .header("user-agent", "sdk");
        assert_eq!(bench.ask(ask).await.0.status, 200);
        let seen = stub.last();
        assert_eq!(seen.header("x-team"), Some("blue"));
        assert_eq!(seen.header("user-agent"), Some("tollgate"));
        assert_eq!(seen.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn a_header_with_a_secret_is_sent_and_never_shown() {
    let more = ", secret_headers: {Ocp-Apim-Subscription-Key: {env: PROVIDER_KEY}}";
    for (caller, _, both) in stubs(more).await {
        let (stub, bench) = &*both;
        let ask = caller
            .ask("m", "Hi", false)
            .key(&bench.key)
            .header("ocp-apim-subscription-key", "the-callers");
        assert_eq!(bench.ask(ask).await.0.status, 200);
        let seen = stub.last();
        assert_eq!(seen.header("ocp-apim-subscription-key"), Some(PROVIDER_KEY));
        let snapshot = bench.gateway.snapshot().unwrap();
        assert!(!format!("{snapshot:?}").contains(PROVIDER_KEY));
    }
}

#[tokio::test]
async fn two_keys_of_a_service_are_valid_at_once() {
    let second = tollgate_identity::generate("test").unwrap();
    let config = format!(
        "providers: [{{name: one, kind: simulator, base_url: $A}}]\n\
         services: [{{name: shop, keys: [{{id: $ID, hash: \"$HASH\"}}, {{id: {}, hash: \"{}\"}}]}}]\n",
        second.id, second.hash_hex
    );
    let bench = Bench::start(&config).await;
    for (key, id) in [
        (bench.key.clone(), None),
        (second.key.expose().to_owned(), Some(&second.id)),
    ] {
        let (told, record) = bench.ask(OpenAi.ask("m", "Hi", false).key(&key)).await;
        assert_eq!(told.status, 200);
        assert_eq!(record["service"], "shop");
        assert!(id.is_none_or(|id| record["key_id"] == **id), "{record}");
    }
    assert_eq!(bench.a.requests(), 2);
}
