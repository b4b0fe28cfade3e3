//! New configurations while it runs, good and bad ones.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;

use crate::caller::{Caller, FORMATS, Format, Stream, chat, get, post};
use crate::process::{Gateway, Provider, folder, text, tollgate, until};

/// A model name tells configurations apart.
fn yaml(model: &str) -> String {
    format!(
        "gateway:\n  anonymous: allow\nproviders:\n  - name: simulator\nmodels:\n  - name: {model}\n    targets:\n      - provider: simulator\n"
    )
}

fn models(gateway: &Gateway) -> String {
    get(&gateway.address, "/v1/models").text()
}

fn takes(gateway: &Gateway, model: &str) {
    until(model, || models(gateway).contains(model).then_some(()));
}

#[test]
fn an_edit_in_place_is_noticed() {
    let gateway = Gateway::start(&yaml("before"));
    fs::write(&gateway.config, yaml("afterwards")).unwrap();
    takes(&gateway, "afterwards");
    gateway.process.err.with("configuration taken");
}

#[test]
fn a_rename_over_the_file_is_noticed() {
    let gateway = Gateway::start(&yaml("before"));
    let beside = gateway.folder.path().join("new.tmp");
    fs::write(&beside, yaml("afters")).unwrap();
    fs::rename(&beside, &gateway.config).unwrap();
    takes(&gateway, "afters");
}

#[test]
fn the_symlink_swap_of_a_configmap_is_noticed() {
    for by_file in [true, false] {
        let folder = folder();
        for (revision, model) in [("..v1", "before"), ("..v2", "afters")] {
            fs::create_dir(folder.path().join(revision)).unwrap();
            fs::write(
                folder.path().join(revision).join("policy-config.yaml"),
                yaml(model),
            )
            .unwrap();
        }
        symlink("..v1", folder.path().join("..data")).unwrap();
        let file = folder.path().join("policy-config.yaml");
        symlink("..data/policy-config.yaml", &file).unwrap();
        let config = if by_file {
            file.as_path()
        } else {
            folder.path()
        };
        let gateway = Gateway::at(&folder, config, &[], &[]);
        assert!(models(&gateway).contains("before"));
        symlink("..v2", folder.path().join("..tmp")).unwrap();
        fs::rename(folder.path().join("..tmp"), folder.path().join("..data")).unwrap();
        takes(&gateway, "afters");
        assert!(!models(&gateway).contains("before"));
    }
}

#[test]
fn a_new_overlay_in_a_folder_is_noticed() {
    let folder = folder();
    fs::create_dir(folder.path().join("base")).unwrap();
    fs::write(
        folder.path().join("base/policy-config.yaml"),
        yaml("before"),
    )
    .unwrap();
    let gateway = Gateway::at(&folder, folder.path(), &[], &[]);
    let revision = gateway.revision();
    fs::create_dir_all(folder.path().join("services/billing")).unwrap();
    fs::write(
        folder.path().join("services/billing/policy-config.yaml"),
        yaml("more"),
    )
    .unwrap();
    until("the overlay", || {
        (gateway.revision() != revision).then_some(())
    });
}

#[test]
fn a_hangup_and_the_admin_call_reload_at_once() {
    let gateway = Gateway::start(&yaml("before"));
    fs::write(&gateway.config, yaml("second")).unwrap();
    gateway.process.signal("HUP");
    takes(&gateway, "second");
    fs::write(&gateway.config, yaml("third")).unwrap();
    let answer = post(&gateway.admin, "/reload", "");
    assert_eq!(answer.status, 200);
    assert!(
        models(&gateway).contains("third"),
        "taken before the call is answered"
    );
    assert_eq!(
        answer.json()["revision"].as_str().unwrap(),
        gateway.revision()
    );
}

/// Configurations that must not be taken, and what the reasons must mention.
fn bad(good: &str) -> Vec<(&'static str, String, String)> {
    let key: Value =
        serde_json::from_str(&tollgate(&["keys", "new", "--output", "json"]).out).unwrap();
    let (id, hash) = (key["id"].as_str().unwrap(), key["hash"].as_str().unwrap());
    let service = |name: &str| {
        format!("  - name: {name}\n    keys:\n      - id: \"{id}\"\n        hash: \"{hash}\"\n")
    };
    let provider = "provider: simulator";
    let unset = "name: simulator\n    secret_key_ref:\n      env: NOT_SET\n";
    let held =
        "policies:\n  - name: p\n    output:\n      - {type: content_safety, action: block}\n";
    [
        ("not YAML", "gateway: [".to_owned(), "YAML"),
        (
            "an unknown field",
            good.replace("anonymous", "anonymus"),
            "anonymus",
        ),
        ("a wrong word", good.replace("allow", "perhaps"), "perhaps"),
        (
            "no such provider",
            good.replace(provider, "provider: elsewhere"),
            "elsewhere",
        ),
        (
            "a broken condition",
            good.replace(provider, &format!("{provider}\n        when: service ===")),
            "when",
        ),
        (
            "a secret that is not set",
            good.replace("name: simulator\n", unset),
            "NOT_SET",
        ),
        (
            "a rule over streams that does not say what it holds",
            good.to_owned() + held,
            "stream",
        ),
        (
            "a key used twice",
            format!("{good}services:\n{}{}", service("a"), service("b")),
            id,
        ),
        ("nothing at all", String::new(), ""),
    ]
    .map(|(what, yaml, words)| (what, yaml, words.to_owned()))
    .into()
}

#[test]
fn a_bad_configuration_changes_nothing_and_is_told_everywhere() {
    let good = yaml("good");
    let gateway = Gateway::start(&good);
    let revision = gateway.revision();
    for (what, text, words) in bad(&good) {
        fs::write(&gateway.config, text).unwrap();
        let answer = post(&gateway.admin, "/reload", "");
        assert_eq!(answer.status, 422, "{what} is taken");
        let reasons = answer.json()["reasons"].to_string();
        assert!(reasons.contains(&words), "{what}: {words} in {reasons}");
        let configuration = &gateway.status()["configuration"];
        assert_eq!(
            configuration["running"]["revision"],
            revision.as_str(),
            "{what}"
        );
        assert_eq!(
            configuration["rejected"]["reasons"].to_string(),
            reasons,
            "{what}"
        );
        assert!(
            gateway.metrics().contains("tollgate_config_rejected 1"),
            "{what}"
        );
        assert!(models(&gateway).contains("good"), "{what}");
        assert_eq!(
            chat(&gateway.address, Format::Chat, "good", "hello").status,
            200,
            "{what}"
        );
        fs::write(&gateway.config, &good).unwrap();
        assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
        assert_eq!(
            gateway.status()["configuration"]["rejected"],
            Value::Null,
            "{what}"
        );
        assert!(
            gateway.metrics().contains("tollgate_config_rejected 0"),
            "{what}"
        );
    }
    let log = gateway.process.err.so_far();
    let refusal = "configuration refused, the running one stays";
    let refusals = log
        .lines()
        .filter(|line| line.contains(refusal) && line.contains("ERROR"));
    assert!(refusals.count() >= 9, "{log}");
}

#[test]
fn a_file_that_is_gone_changes_nothing() {
    let gateway = Gateway::start(&yaml("good"));
    fs::remove_file(&gateway.config).unwrap();
    gateway.process.err.with("configuration refused");
    assert!(models(&gateway).contains("good"));
    fs::write(&gateway.config, yaml("again")).unwrap();
    takes(&gateway, "again");
}

#[test]
fn no_request_fails_through_ten_reloads() {
    let providers = [Provider::start(), Provider::start()];
    let yaml = |round: usize| {
        format!(
            "gateway:\n  anonymous: allow\nproviders:\n  - name: p{}\n    kind: openai_compatible\n    base_url: http://{}/v1\nmodels:\n  - name: m\n    targets:\n      - provider: p{}\n        model: m{round}\n",
            round % 3,
            providers[round % 2].address,
            round % 3,
        )
    };
    let gateway = Gateway::start(&yaml(0));
    let done = AtomicBool::new(false);
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (gateway, done, answered) = (&gateway, &done, &answered);
            scope.spawn(move || {
                let format = FORMATS[number % 2];
                let mut caller = Caller::to(&gateway.address);
                while !done.load(Ordering::Relaxed) {
                    if number < 2 {
                        // One connection for all: reloads must not close it.
                        let body = format.body("m", "[[sim: tokens=3]] hi", false);
                        caller.send("POST", format.path(), &[], &body);
                        assert_eq!(caller.answer().unwrap().status, 200);
                    } else {
                        Stream::ask(
                            &gateway.address,
                            format,
                            "m",
                            "[[sim: tokens=10, pace=2ms]] hi",
                        )
                        .whole();
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 1..=10 {
            let seen = answered.load(Ordering::Relaxed);
            fs::write(&gateway.config, yaml(round)).unwrap();
            assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
            until("requests go on", || {
                (answered.load(Ordering::Relaxed) >= seen + 8).then_some(())
            });
        }
        done.store(true, Ordering::Relaxed);
    });
    let records = gateway.records(answered.load(Ordering::Relaxed));
    let mut revisions: Vec<&str> = records
        .iter()
        .map(|record| record["revision"].as_str().unwrap())
        .collect();
    revisions.sort_unstable();
    revisions.dedup();
    assert!(revisions.len() >= 10, "{revisions:?}");
    assert!(
        records
            .iter()
            .all(|record| record["status"] == 200 && record["error_class"].is_null())
    );
    assert_eq!(
        records.len(),
        providers
            .iter()
            .map(|provider| provider.books().len())
            .sum::<usize>()
    );
}

#[test]
fn a_start_with_a_broken_file_serves_the_last_good_one_where_a_folder_keeps_it() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    let state = folder.path().join("state");
    let in_file = yaml("kept").replace(
        "gateway:\n",
        &format!("gateway:\n  state_dir: {}\n", text(&state)),
    );
    let flag = ["--state-dir", text(&state)];
    let variable = [("TOLLGATE_STATE_DIR", text(&state))];
    let ports = ["--port", "0", "--admin-port", "0"];
    for (yaml, arguments, environment) in [
        (yaml("kept"), &flag[..], &[][..]),
        (yaml("kept"), &ports[..], &variable[..]),
        (in_file, &[][..], &[][..]),
    ] {
        fs::write(&config, &yaml).unwrap();
        let mut gateway = Gateway::at(&folder, &config, arguments, environment);
        let revision = gateway.revision();
        gateway.process.signal("TERM");
        assert_eq!(gateway.process.wait(), 0);
        let mode = std::os::unix::fs::MetadataExt::mode(
            &fs::metadata(state.join("last-good.json")).unwrap(),
        );
        assert_eq!(mode & 0o077, 0, "for the owner's eyes only: {mode:o}");
        for broken in [
            yaml.replace("provider: simulator", "provider: gone"),
            yaml.replace("models:", "models: ]"),
        ] {
            fs::write(&config, &broken).unwrap();
            let gateway = Gateway::at(&folder, &config, arguments, environment);
            assert!(models(&gateway).contains("kept"));
            gateway.process.err.with("serving the last good one");
            let status = gateway.status();
            let configuration = &status["configuration"];
            assert_eq!(configuration["running"]["revision"], revision.as_str());
            assert!(
                configuration["running"]["source"]
                    .as_str()
                    .unwrap()
                    .contains("last good"),
                "{configuration}"
            );
            assert!(
                configuration["rejected"]["reasons"][0].is_string(),
                "{configuration}"
            );
            assert!(gateway.metrics().contains("tollgate_config_rejected 1"));
            // Mended, it is taken.
            fs::write(&config, yaml.replace("kept", "mended")).unwrap();
            assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
            assert!(models(&gateway).contains("mended"));
            assert_eq!(gateway.status()["configuration"]["rejected"], Value::Null);
            fs::write(&config, &yaml).unwrap();
            assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
        }
        fs::remove_dir_all(&state).unwrap();
    }
}

#[test]
fn a_start_with_a_broken_file_and_no_folder_fails() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, yaml("x").replace("allow", "perhaps")).unwrap();
    let ended = tollgate(&[
        "run",
        "--config",
        text(&config),
        "--port",
        "0",
        "--admin-port",
        "0",
    ]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("`perhaps` is not one of"), "{ended:?}");
}

#[test]
fn a_rotated_secret_is_read_anew_by_a_reload_of_the_same_file() {
    let provider = Provider::with(&["--port", "0", "--key", "right"]);
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    let yaml = format!(
        "gateway:\n  anonymous: allow\nproviders:\n  - name: p\n    kind: openai_compatible\n    base_url: http://{}/v1\n    secret_key_ref:\n      file: secret\n",
        provider.address
    );
    fs::write(&config, yaml).unwrap();
    fs::write(folder.path().join("secret"), "wrong\n").unwrap();
    let gateway = Gateway::at(&folder, &config, &[], &[]);
    for format in FORMATS {
        let answer = chat(&gateway.address, format, "m", "hello");
        assert_eq!(
            answer.status,
            502,
            "no fault of the caller's: {}",
            answer.text()
        );
        assert!(
            answer.text().contains("refused the gateway's credential"),
            "{}",
            answer.text()
        );
    }
    fs::write(folder.path().join("secret"), "right\n").unwrap();
    assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
    assert_eq!(
        chat(&gateway.address, Format::Chat, "m", "hello").status,
        200
    );
    // Gone at the next reload: the one that works stays.
    fs::remove_file(folder.path().join("secret")).unwrap();
    let answer = post(&gateway.admin, "/reload", "");
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("secret"), "{}", answer.text());
    assert_eq!(
        chat(&gateway.address, Format::Chat, "m", "hello").status,
        200
    );
}

#[test]
fn a_key_that_was_taken_out_is_refused_also_on_an_open_connection() {
    let new = || -> Value {
        serde_json::from_str(&tollgate(&["keys", "new", "--output", "json"]).out).unwrap()
    };
    let (old, next) = (new(), new());
    let entry = |key: &Value, more: &str| {
        format!(
            "      - id: \"{}\"\n        hash: \"{}\"\n{more}",
            key["id"].as_str().unwrap(),
            key["hash"].as_str().unwrap()
        )
    };
    let yaml = |keys: &[String]| {
        format!(
            "providers:\n  - name: simulator\nservices:\n  - name: s\n    keys:\n{}",
            keys.concat()
        )
    };
    let gateway = Gateway::start(&yaml(&[entry(&old, ""), entry(&next, "")]));
    let body = Format::Chat.body("m", "hello", false);
    let mut caller = Caller::to(&gateway.address);
    let mut status = |key: &Value| {
        caller.send(
            "POST",
            Format::Chat.path(),
            &[("x-api-key", key["key"].as_str().unwrap())],
            &body,
        );
        caller.answer().unwrap().status
    };
    assert_eq!(
        (status(&old), status(&next)),
        (200, 200),
        "both while they are rotated"
    );
    let expired = entry(&next, "        expires: 2020-01-01\n");
    for (keys, statuses) in [
        (vec![entry(&next, "")], (401, 200)),
        (vec![entry(&old, ""), expired], (200, 401)),
    ] {
        fs::write(&gateway.config, yaml(&keys)).unwrap();
        assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
        assert_eq!((status(&old), status(&next)), statuses);
    }
    gateway.process.err.with("expired");
}

#[test]
fn a_start_that_lacks_a_secret_serves_the_last_good_one() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    let state = folder.path().join("state");
    let arguments = ["--state-dir", text(&state)];
    fs::write(&config, yaml("kept")).unwrap();
    drop(Gateway::at(&folder, &config, &arguments, &[]));
    let lacking = yaml("new").replace(
        "name: simulator\n",
        "name: simulator\n    secret_key_ref:\n      env: NOT_SET\n",
    );
    fs::write(&config, lacking).unwrap();
    let gateway = Gateway::at(&folder, &config, &arguments, &[]);
    assert!(models(&gateway).contains("kept"));
    let reasons = gateway.status()["configuration"]["rejected"]["reasons"].to_string();
    assert!(reasons.contains("NOT_SET"), "{reasons}");
}
