//! Renewal ahead of time, and what becomes of it when the place is slow, down or wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tollgate_identity::{AzureSettings, CloudCredential, CloudSettings, NoCredential};
use tollgate_net::TaskTracker;
use tollgate_types::Secret;

use crate::server::{PATIENCE, SILENCE, Server, authorization, authorize, env, now_unix_s, start};

fn settings() -> CloudSettings {
    CloudSettings::Azure(AzureSettings {
        tenant_id: Some("tenant".to_owned()),
        client_id: Some("app".to_owned()),
        client_secret: Some(Secret::new("s3cret".to_owned())),
    })
}

fn token(number: usize, lives_s: u64) -> (u16, String) {
    let body = format!("{{\"access_token\":\"token-{number}\",\"expires_in\":{lives_s}}}");
    (200, body)
}

async fn credential(server: &Server) -> CloudCredential {
    start(settings(), env(&[("AZURE_AUTHORITY_HOST", &server.url())])).await
}

/// Waits until requests are authorized so.
async fn until_it_is(credential: &CloudCredential, expected: &str) {
    let changed = async {
        loop {
            let now = authorize(credential, now_unix_s());
            if now.is_ok_and(|headers| headers["authorization"] == expected) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, changed)
        .await
        .expect(expected);
}

#[tokio::test]
async fn a_token_is_replaced_before_its_end_and_served_until_then() {
    let server = Server::start(|_, before| token(before, 3)).await;
    let credential = credential(&server).await;
    assert_eq!(authorization(&credential), "Bearer token-0");
    for number in 1..3 {
        server.asked(number + 1).await;
        // Never is there a moment without one.
        assert!(authorize(&credential, now_unix_s()).is_ok());
        until_it_is(&credential, &format!("Bearer token-{number}")).await;
    }
}

#[tokio::test]
async fn what_has_ended_is_not_sent() {
    let server = Server::start(|_, before| token(before, 3600)).await;
    let credential = credential(&server).await;
    let now = now_unix_s();
    assert!(authorize(&credential, now + 3590).is_ok());
    let error = authorize(&credential, now + 3700).unwrap_err();
    assert!(
        matches!(
            error,
            NoCredential::Expired {
                expired_s: 98..=101,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn one_that_ended_unnoticed_is_replaced_at_the_next_request() {
    let server = Server::start(|_, before| token(before, 3600)).await;
    let credential = credential(&server).await;
    let later = now_unix_s() + 4000;
    for _ in 0..5 {
        assert!(authorize(&credential, later).is_err());
    }
    server.asked(2).await;
    until_it_is(&credential, "Bearer token-1").await;
    assert!(authorize(&credential, later - 3000).is_ok());
    // A clock that is set back does not stop it.
    assert!(authorize(&credential, later + 9000).is_err());
    server.asked(3).await;
    credential.refused(now_unix_s());
    assert_eq!(server.asked(4).await.len(), 4, "not more often than it may");
}

#[tokio::test]
async fn a_place_that_is_down_is_asked_again_and_what_was_there_stays() {
    let status = Arc::new(AtomicU16::new(500));
    let now = Arc::clone(&status);
    let server = Server::start(move |_, before| match now.load(Ordering::Relaxed) {
        200 => token(before, 3),
        status => (status, "{}".to_owned()),
    })
    .await;
    let credential = credential(&server).await;
    let error = authorize(&credential, now_unix_s()).unwrap_err();
    assert!(matches!(error, NoCredential::Missing { .. }), "{error}");
    assert!(error.to_string().contains("status 500"), "{error}");
    status.store(200, Ordering::Relaxed);
    server.asked(2).await;
    until_it_is(&credential, "Bearer token-1").await;
    assert_eq!(credential.state().failure, None);
    status.store(503, Ordering::Relaxed);
    server.asked(3).await;
    assert_eq!(authorization(&credential), "Bearer token-1");
}

#[tokio::test]
async fn a_place_that_never_answers_is_given_up() {
    let server = Server::start(|_, _| (SILENCE, String::new())).await;
    let env = env(&[("AZURE_AUTHORITY_HOST", &server.url())]);
    let credential = CloudCredential::start(settings(), env, &TaskTracker::new());
    server.asked(1).await;
    assert!(credential.is_starting());
    // From here on nothing but clocks can happen.
    tokio::time::pause();
    credential.first().await;
    let error = authorize(&credential, now_unix_s())
        .unwrap_err()
        .to_string();
    assert!(error.contains("did not answer within 5000 ms"), "{error}");
}

#[tokio::test]
async fn answers_that_are_no_tokens_are_failures() {
    let long = "x".repeat(70_000);
    for body in [
        String::new(),
        "[]".to_owned(),
        "{\"access_token\":\"t\"}".to_owned(),
        "{\"access_token\":\"\",\"expires_in\":1}".to_owned(),
        "{\"access_token\":\"a\\nb\",\"expires_in\":99}".to_owned(),
        long,
    ] {
        let said = body.clone();
        let server = Server::start(move |_, _| (200, said.clone())).await;
        let credential = credential(&server).await;
        let refused = authorize(&credential, now_unix_s());
        assert!(refused.is_err(), "{body:.20}");
    }
}

#[tokio::test]
async fn a_credential_that_a_provider_refused_is_replaced_at_once() {
    let server = Server::start(|_, before| token(before, 3600)).await;
    let credential = credential(&server).await;
    let now = now_unix_s();
    credential.refused(now);
    server.asked(2).await;
    until_it_is(&credential, "Bearer token-1").await;
    for _ in 0..5 {
        credential.refused(now + 1);
    }
    credential.refused(now + 31);
    server.asked(3).await;
    until_it_is(&credential, "Bearer token-2").await;
    assert_eq!(server.asked(3).await.len(), 3, "not more often than it may");
}

#[tokio::test]
async fn nothing_is_renewed_that_nobody_holds() {
    let server = Server::start(|_, before| token(before, 3)).await;
    let tasks = TaskTracker::new();
    let env = env(&[("AZURE_AUTHORITY_HOST", &server.url())]);
    let credential = CloudCredential::start(settings(), env, &tasks);
    credential.first().await;
    let other = credential.clone();
    drop(credential);
    assert_eq!(authorization(&other), "Bearer token-0");
    drop(other);
    tasks.close();
    tokio::time::timeout(PATIENCE, tasks.wait())
        .await
        .expect("a task goes on");
}
