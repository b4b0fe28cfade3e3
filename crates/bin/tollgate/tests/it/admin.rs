//! The admin listener, and where secrets do not show.

use std::fs;

use serde_json::Value;

use crate::caller::{Caller, FORMATS, Format, ask, get, post};
use crate::process::{Gateway, Provider, folder, tollgate};

const SIMULATOR: &str = "gateway:\n  anonymous: allow\nproviders:\n  - name: simulator\n";

#[test]
fn browsers_and_wrong_methods_are_turned_away() {
    let gateway = Gateway::start(SIMULATOR);
    for (method, path) in [
        ("GET", "/status"),
        ("GET", "/config"),
        ("POST", "/reload"),
        ("GET", "/metrics"),
    ] {
        for said in [
            ("origin", "http://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let answer = ask(&gateway.admin, method, path, &[said], "");
            assert_eq!(answer.status, 403, "{path} {said:?}");
        }
    }
    let typed = [("sec-fetch-site", "none")];
    assert_eq!(
        ask(&gateway.admin, "GET", "/status", &typed, "").status,
        200
    );
    assert_eq!(get(&gateway.admin, "/reload").status, 405);
    assert_eq!(post(&gateway.admin, "/status", "").status, 405);
    assert_eq!(get(&gateway.admin, "/nothing").status, 404);
    assert_eq!(
        get(&gateway.address, "/status").status,
        404,
        "the callers' port has no admin paths"
    );
    assert_eq!(get(&gateway.address, "/metrics").status, 404);
}

#[test]
fn a_name_that_was_rebound_to_loopback_is_turned_away() {
    let gateway = Gateway::start(SIMULATOR);
    for (host, status) in [
        ("evil.example", 403),
        ("evil.example:41003", 403),
        ("localhost\r\nhost: evil.example", 403),
        ("localhost\r\nhost: localhost", 403),
        ("localhost:41003", 200),
        ("127.0.0.1", 200),
        ("[::1]:41003", 200),
    ] {
        let mut caller = Caller::to(&gateway.admin);
        assert!(caller.write(format!("GET /config HTTP/1.1\r\nhost: {host}\r\n\r\n")));
        assert_eq!(caller.answer().unwrap().status, status, "{host}");
    }
    for (line, host) in [("evil.example", "localhost"), ("localhost", "evil.example")] {
        let mut caller = Caller::to(&gateway.admin);
        let head = format!("GET http://{line}/config HTTP/1.1\r\nhost: {host}\r\n\r\n");
        assert!(caller.write(head));
        assert_eq!(caller.answer().unwrap().status, 403, "{line} {host}");
    }
}

#[test]
fn metrics_and_status_tell_what_happened() {
    let gateway = Gateway::start(SIMULATOR);
    for format in FORMATS {
        assert_eq!(
            post(
                &gateway.address,
                format.path(),
                &format.body("any", "hello", false)
            )
            .status,
            200
        );
    }
    assert_eq!(post(&gateway.address, Format::Chat.path(), "{").status, 400);
    gateway.records(3);
    let metrics = gateway.metrics();
    let count = |words: &str| {
        metrics
            .lines()
            .filter(|line| line.starts_with("tollgate_requests_total") && line.contains(words))
            .count()
    };
    assert_eq!(
        (count("status=\"200\""), count("status=\"400\"")),
        (2, 1),
        "{metrics}"
    );
    let revision = gateway.revision();
    assert!(
        metrics.contains(&format!(
            "tollgate_config_revision_info{{revision=\"{revision}\"}} 1"
        )),
        "{metrics}"
    );
    assert_eq!(gateway.status()["requests_in_work"], 0);
}

/// A configuration with secrets in the environment and in a file, and a caller's key.
fn with_secrets(provider: &Provider, new: &Value) -> String {
    format!(
        "providers:\n  - name: a\n    kind: openai_compatible\n    base_url: http://{address}/v1\n    secret_key_ref:\n      env: MODEL_KEY\n\
         \n  - name: b\n    kind: anthropic\n    base_url: http://{address}\n    secret_key_ref:\n      file: key\n\
         services:\n  - name: s\n    keys:\n      - id: \"{}\"\n        hash: \"{}\"\n",
        new["id"].as_str().unwrap(),
        new["hash"].as_str().unwrap(),
        address = provider.address,
    )
}

/// Asks in every way that fails; gives all that callers were told.
fn told_to_callers(gateway: &Gateway, key: &str) -> String {
    let mut told = String::new();
    let prompt = "PLANTED-prompt [[sim: fault=500]]";
    for format in FORMATS {
        for (model, stream) in ["a/m", "b/m", "none/m"]
            .into_iter()
            .flat_map(|model| [(model, false), (model, true)])
        {
            let headers = [("x-api-key", key), ("cookie", "PLANTED-cookie")];
            let body = format.body(model, prompt, stream);
            let answer = ask(&gateway.address, "POST", format.path(), &headers, &body);
            assert_ne!(answer.status, 200);
            told += &answer.head.text;
            told += &answer.text();
        }
    }
    for wrong in ["PLANTED-as-a-key", &format!("{key}PLANTED")] {
        let path = "/v1/messages?PLANTED-query";
        let answer = ask(
            &gateway.address,
            "POST",
            path,
            &[("x-api-key", wrong)],
            "{}",
        );
        assert_eq!(answer.status, 401);
        told += &answer.text();
    }
    told
}

#[test]
fn no_secret_shows_anywhere() {
    let provider = Provider::with(&["--port", "0", "--key", "PLANTED-right"]);
    let folder = folder();
    fs::write(folder.path().join("key"), "PLANTED-in-a-file\n").unwrap();
    let new: Value =
        serde_json::from_str(&tollgate(&["keys", "new", "--output", "json"]).out).unwrap();
    let key = new["key"].as_str().unwrap();
    let yaml = with_secrets(&provider, &new);
    let path = folder.path().join("policy-config.yaml");
    fs::write(&path, &yaml).unwrap();
    let arguments = ["--port", "0", "--admin-port", "0", "--log-level", "trace"];
    let mut gateway = Gateway::at(
        &folder,
        &path,
        &arguments,
        &[("MODEL_KEY", "PLANTED-in-the-environment")],
    );
    let mut seen = told_to_callers(&gateway, key);
    // A configuration that holds a secret where none belongs, refused and shown.
    fs::write(
        &path,
        yaml.replace(
            "env: MODEL_KEY",
            "env: MODEL_KEY\n    headers:\n      authorization: Bearer PLANTED-header",
        ),
    )
    .unwrap();
    let refused = post(&gateway.admin, "/reload", "");
    assert_eq!(refused.status, 422, "{}", refused.text());
    seen += &refused.text();
    for path in ["/status", "/config", "/metrics"] {
        seen += &get(&gateway.admin, path).text();
    }
    gateway.process.signal("TERM");
    assert_eq!(gateway.process.wait(), 0);
    let log = gateway.process.out.whole();
    assert!(log.lines().count() >= 14, "{log}");
    seen += &log;
    seen += &gateway.process.err.whole();
    assert!(seen.contains("MODEL_KEY"), "references are shown");
    for secret in ["PLANTED", key, key.rsplit_once('_').unwrap().1] {
        let at = seen.find(secret);
        assert!(
            at.is_none(),
            "{secret} in …{}…",
            seen[at.unwrap_or(0).saturating_sub(300)..]
                .chars()
                .take(400)
                .collect::<String>()
        );
    }
    let archive: String = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(
        !archive.contains("last-good"),
        "nothing is kept unless asked for"
    );
}
