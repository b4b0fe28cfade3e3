//! A machine that does not help: closed pipes, full tables, folders that cannot be
//! written, collectors that hang.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use tokio::time::Instant;

use crate::caller::{Caller, FORMATS, Format, chat, connect, get, post};
use crate::process::{Gateway, Process, folder, text, tollgate, tollgate_with, until};

const SIMULATOR: &str = "gateway:\n  anonymous: allow\nproviders:\n  - name: simulator\n";

#[test]
fn nobody_reading_the_access_log_costs_lines_and_no_requests() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, SIMULATOR).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let arguments = [
        "run",
        "--config",
        text(&config),
        "--port",
        "0",
        "--admin-port",
        "0",
    ];
    let gateway = Gateway::of(Process::writing_to(&arguments, writer), &folder, &config);
    for _ in 0..3 {
        assert_eq!(
            chat(&gateway.address, Format::Chat, "m", "hello").status,
            200
        );
    }
    until("the loss is counted", || {
        gateway
            .metrics()
            .contains("tollgate_access_log_lost_total 3")
            .then_some(())
    });
}

#[test]
fn an_access_log_that_cannot_be_written_stops_the_start_and_is_named() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    let yaml =
        SIMULATOR.to_owned() + "telemetry:\n  access_log:\n    path: no/such/folder/access.log\n";
    fs::write(&config, yaml).unwrap();
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
    for part in ["no/such/folder/access.log", "No such file or directory"] {
        assert!(ended.err.contains(part), "{ended:?}");
    }
}

#[test]
fn a_moved_access_log_is_opened_anew() {
    let folder = folder();
    let log = folder.path().join("access.log");
    let yaml = format!(
        "{SIMULATOR}telemetry:\n  access_log:\n    path: {}\n",
        text(&log)
    );
    let gateway = Gateway::start(&yaml);
    let lines = || fs::read_to_string(&log).map_or(0, |text| text.lines().count());
    chat(&gateway.address, Format::Chat, "m", "hello");
    until("the first line", || (lines() == 1).then_some(()));
    fs::rename(&log, folder.path().join("access.log.1")).unwrap();
    until("a line in the new file", || {
        chat(&gateway.address, Format::Chat, "m", "hello");
        (lines() > 0).then_some(())
    });
}

#[test]
fn a_state_folder_that_cannot_be_written_is_said_and_harms_nothing() {
    let gateway = Gateway::start_with(SIMULATOR, &["--state-dir", "/proc/no-such-folder"], &[]);
    gateway
        .process
        .err
        .with("the last good configuration cannot be kept");
    assert_eq!(
        chat(&gateway.address, Format::Chat, "m", "hello").status,
        200
    );
}

#[test]
fn more_connections_than_file_descriptors_wait_and_are_served_later() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, SIMULATOR).unwrap();
    let script = "ulimit -n 48; exec \"$0\" run --config \"$1\" --port 0 --admin-port 0";
    let mut command = Command::new("sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_tollgate"), text(&config)])
        .env_clear();
    let gateway = Gateway::of(Process::of(command.stdin(Stdio::null())), &folder, &config);
    assert_eq!(
        chat(&gateway.address, Format::Chat, "m", "hello").status,
        200
    );
    let held: Vec<_> = (0..80)
        .map(|_| connect(&gateway.address).unwrap())
        .collect();
    let mut waiting = Caller::to(&gateway.address);
    waiting.send("GET", "/health", &[], "");
    drop(held);
    assert_eq!(waiting.answer().unwrap().status, 200);
    until("it is well again", || {
        (chat(&gateway.address, Format::Chat, "m", "hello").status == 200).then_some(())
    });
}

#[test]
fn a_collector_that_hangs_does_not_hold_the_end() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let yaml = format!("{SIMULATOR}telemetry:\n  traces:\n    otlp_endpoint: {endpoint}\n");
    let mut gateway = Gateway::start(&yaml);
    for format in FORMATS {
        assert_eq!(chat(&gateway.address, format, "m", "hello").status, 200);
    }
    let began = Instant::now();
    gateway.process.signal("TERM");
    assert_eq!(gateway.process.wait(), 0);
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
    assert_eq!(gateway.process.out.whole().lines().count(), 2);
}

#[test]
fn settings_of_the_process_that_changed_are_said_to_wait_for_a_restart() {
    let gateway = Gateway::start(SIMULATOR);
    let yaml = SIMULATOR.replace("gateway:\n", "gateway:\n  port: 41999\n  drain_ms: 1234\n");
    fs::write(&gateway.config, yaml).unwrap();
    assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
    let line = gateway.process.err.with("take effect at the next start");
    assert!(
        line.contains("gateway.port") && !line.contains("drain"),
        "{line}"
    );
    assert_eq!(get(&gateway.address, "/health").status, 200);
    // This one is read when it is needed.
    gateway.process.signal("TERM");
    assert!(gateway.process.err.with("draining").contains("1234"));
}

#[test]
fn empty_variables_are_no_variables() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, SIMULATOR).unwrap();
    let names = ["HOST", "SERVICE", "STATE_DIR", "LOG"].map(|name| format!("TOLLGATE_{name}"));
    let empty: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let gateway = Gateway::at(
        &folder,
        &config,
        &["--port", "0", "--admin-port", "0"],
        &empty,
    );
    assert_eq!(
        chat(&gateway.address, Format::Chat, "m", "hello").status,
        200
    );
    assert_eq!(gateway.record(1)["service"], "anonymous");
    for name in ["TOLLGATE_PORT", "TOLLGATE_SERVICE"] {
        let ended = tollgate_with(&["check", text(&config)], &[(name, "")]);
        assert!(ended.code == 0 && !ended.err.contains("``"), "{ended:?}");
        assert_ne!(
            tollgate_with(&["health", "--host", "127.0.0.9"], &[(name, "")]).code,
            2,
            "{name}"
        );
    }
}

#[test]
fn one_connection_serves_pipelined_and_expecting_requests() {
    let gateway = Gateway::start(SIMULATOR);
    let mut caller = Caller::to(&gateway.address);
    let body = Format::Chat.body("m", "hello", false);
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n",
        body.len()
    );
    caller.write(format!("{head}\r\n{body}").repeat(3));
    for _ in 0..3 {
        assert_eq!(caller.answer().unwrap().status, 200);
    }
    caller.write(format!("{head}expect: 100-continue\r\n\r\n"));
    assert_eq!(caller.head().unwrap().status, 100);
    caller.write(&body);
    assert_eq!(caller.answer().unwrap().status, 200);
    assert_eq!(gateway.records(4).len(), 4);
}
