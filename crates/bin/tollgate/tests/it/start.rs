//! From nothing to serving: ports, environment, keys, sidecars.

use std::fs;
use std::net::TcpListener;

use serde_json::Value;

use crate::caller::{FORMATS, Format, chat, get};
use crate::process::{Gateway, folder, text, tollgate, tollgate_with};

const SIMULATOR: &str = "gateway:\n  anonymous: allow\nproviders:\n  - name: simulator\n";

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string()
}

fn port(address: &str) -> &str {
    address.rsplit_once(':').unwrap().1
}

#[test]
fn probes_answer_as_soon_as_it_says_that_it_serves() {
    let gateway = Gateway::start(SIMULATOR);
    for path in ["/health", "/ready", "/"] {
        assert_eq!(get(&gateway.address, path).status, 200, "{path}");
    }
    for path in ["/health", "/ready", "/status", "/metrics", "/config"] {
        assert_eq!(get(&gateway.admin, path).status, 200, "{path}");
    }
    for format in FORMATS {
        let answer = chat(&gateway.address, format, "any", "hello");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            answer.head.header("x-tollgate-request-id").unwrap().len(),
            32
        );
    }
    assert!(
        gateway
            .process
            .err
            .so_far()
            .contains("callers without a key are served"),
        "said at every start"
    );
}

#[test]
fn without_a_key_it_answers_401_and_says_how_to_make_one() {
    let gateway = Gateway::start("providers:\n  - name: simulator\n");
    gateway.process.err.with("tollgate keys new");
    assert_eq!(get(&gateway.address, "/health").status, 200);
    for format in FORMATS {
        let answer = chat(&gateway.address, format, "any", "hello");
        assert_eq!(answer.status, 401);
        assert!(
            answer.text().contains("tollgate keys new"),
            "{}",
            answer.text()
        );
        assert_eq!(format.error_type(&answer), "authentication_error");
    }
    assert_eq!(get(&gateway.address, "/v1/models").status, 401);
}

#[test]
fn a_flag_wins_over_the_configuration_which_wins_over_the_environment() {
    let [flag, configured, environment, admin] = [(); 4].map(|()| free_port());
    let folder = folder();
    let start = |yaml: &str, arguments: &[&str], variables: &[(&str, &str)]| {
        let path = folder.path().join("policy-config.yaml");
        fs::write(&path, yaml).unwrap();
        Gateway::at(&folder, &path, arguments, variables)
    };
    let variables = [
        ("TOLLGATE_PORT", environment.as_str()),
        ("TOLLGATE_ADMIN_PORT", admin.as_str()),
        ("TOLLGATE_HOST", "127.0.0.2"),
    ];
    let gateway = start(SIMULATOR, &[], &variables);
    assert_eq!(
        (gateway.address.as_str(), port(&gateway.admin)),
        (format!("127.0.0.2:{environment}").as_str(), admin.as_str())
    );
    drop(gateway);
    let yaml = SIMULATOR.replace(
        "gateway:\n",
        &format!("gateway:\n  port: {configured}\n  host: 127.0.0.3\n"),
    );
    let gateway = start(&yaml, &[], &variables);
    assert_eq!(gateway.address, format!("127.0.0.3:{configured}"));
    drop(gateway);
    let gateway = start(&yaml, &["--port", &flag, "--host", "127.0.0.4"], &variables);
    assert_eq!(gateway.address, format!("127.0.0.4:{flag}"));
}

#[test]
fn a_variable_that_is_no_port_is_named() {
    let folder = folder();
    let path = folder.path().join("policy-config.yaml");
    fs::write(&path, SIMULATOR).unwrap();
    for name in ["TOLLGATE_PORT", "TOLLGATE_ADMIN_PORT"] {
        let ended = tollgate_with(&["run", "--config", text(&path)], &[(name, "many")]);
        assert_eq!(ended.code, 1);
        assert!(
            ended.err.contains(&format!("{name} is `many`")),
            "{ended:?}"
        );
    }
}

#[test]
fn a_sidecar_takes_the_overlay_of_its_service() {
    let key: Value =
        serde_json::from_str(&tollgate(&["keys", "new", "--output", "json"]).out).unwrap();
    let folder = folder();
    let base = format!(
        "providers:\n  - name: simulator\nmodels:\n  - name: assistant\n    targets:\n      - provider: simulator\n        model: from-base\n\
         services:\n  - name: billing\n    keys:\n      - id: \"{}\"\n        hash: \"{}\"\n",
        key["id"].as_str().unwrap(),
        key["hash"].as_str().unwrap()
    );
    let overlay = "gateway:\n  anonymous: allow\nmodels:\n  - name: assistant\n    targets:\n      - provider: simulator\n        model: from-base\n        remove: true\n      - provider: simulator\n        model: from-overlay\n";
    for (place, yaml) in [("base", base.as_str()), ("services/billing", overlay)] {
        fs::create_dir_all(folder.path().join(place)).unwrap();
        fs::write(folder.path().join(place).join("policy-config.yaml"), yaml).unwrap();
    }
    let variables = [
        ("TOLLGATE_SERVICE", "billing"),
        ("TOLLGATE_STATE_DIR", text(folder.path())),
    ];
    let sidecar = Gateway::at(
        &folder,
        folder.path(),
        &["--port", "0", "--admin-port", "0"],
        &variables,
    );
    assert_eq!(
        chat(&sidecar.address, Format::Chat, "assistant", "hello").status,
        200
    );
    let record = sidecar.record(1);
    assert_eq!(
        (&record["service"], &record["attempts"][0]["model"]),
        (&Value::from("billing"), &Value::from("from-overlay"))
    );
    let log = sidecar.process.err.so_far();
    assert_eq!(
        log.matches("callers without a key are served").count(),
        1,
        "{log}"
    );
    let shared = Gateway::at(&folder, folder.path(), &[], &[]);
    assert_eq!(
        chat(&shared.address, Format::Chat, "assistant", "hello").status,
        401,
        "the overlay opens only its own sidecar"
    );
}
