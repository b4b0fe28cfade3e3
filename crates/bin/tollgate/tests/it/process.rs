//! Child processes: the gateway and its providers, what they write, and their end.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::caller::{get, post};

/// Long enough for anything that will happen, short enough for a test that waits in vain.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at something that cannot tell when it changes.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Looks until there is something to see.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "never: {what}");
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "files and other processes cannot wake a test; everything waits here"
)]
fn pause() {
    std::thread::sleep(LOOK_AGAIN);
}

/// The lines that a process writes, as they come.
#[derive(Clone)]
pub(crate) struct Lines(Arc<(Mutex<Written>, Condvar)>);

#[derive(Default)]
struct Written {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let lines = Self(Arc::default());
        let writer = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                writer.note(|written| written.lines.push(line));
            }
            writer.note(|written| written.ended = true);
        });
        lines
    }

    fn note(&self, change: impl FnOnce(&mut Written)) {
        change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
    }

    /// What `find` makes of all lines, once it makes something of them.
    pub(crate) fn wait<T>(&self, what: &str, mut find: impl FnMut(&[String]) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut written = self.0.0.lock().unwrap();
        loop {
            if let Some(found) = find(&written.lines) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !written.ended && !left.is_zero(),
                "never: {what}, in:\n{}",
                written.lines.join("\n")
            );
            written = self.0.1.wait_timeout(written, left).unwrap().0;
        }
    }

    /// The first line with `words`.
    pub(crate) fn with(&self, words: &str) -> String {
        self.wait(words, |lines| {
            lines.iter().find(|line| line.contains(words)).cloned()
        })
    }

    /// All that was written, once the process has closed it.
    pub(crate) fn whole(&self) -> String {
        let mut written = self.0.0.lock().unwrap();
        while !written.ended {
            written = self.0.1.wait_timeout(written, PATIENCE).unwrap().0;
        }
        written.lines.join("\n")
    }

    /// All that was written so far.
    pub(crate) fn so_far(&self) -> String {
        self.0.0.lock().unwrap().lines.join("\n")
    }
}

/// The binary with nothing in its environment but what a test says.
pub(crate) fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    command
}

/// How a verb ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a verb to its end.
pub(crate) fn tollgate(arguments: &[&str]) -> Ended {
    tollgate_with(arguments, &[])
}

/// Runs a verb to its end with environment variables.
pub(crate) fn tollgate_with(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut process = Process::start(arguments, environment);
    let code = process.wait();
    Ended {
        code,
        out: process.out.whole(),
        err: process.err.whole(),
    }
}

/// A running process; killed when it goes out of scope.
pub(crate) struct Process {
    child: Child,
    pub(crate) out: Lines,
    pub(crate) err: Lines,
}

impl Process {
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::of(&mut command(arguments, environment))
    }

    /// Its standard output goes elsewhere.
    pub(crate) fn writing_to(arguments: &[&str], out: impl Into<Stdio>) -> Self {
        let mut command = command(arguments, &[]);
        let mut child = command.stdout(out).stderr(Stdio::piped()).spawn().unwrap();
        let err = Lines::of(child.stderr.take().unwrap());
        Self {
            child,
            out: Lines::of(std::io::empty()),
            err,
        }
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self {
            child,
            out: Lines::of(out),
            err: Lines::of(err),
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("sh")
                .args(["-c", "kill -s \"$0\" \"$1\"", name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// The exit code, -1 when a signal ended it.
    pub(crate) fn wait(&mut self) -> i32 {
        let child = &mut self.child;
        until("the process ends", || child.try_wait().unwrap())
            .code()
            .unwrap_or(-1)
    }

    /// Resident memory in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A gateway with a configuration of its own.
pub(crate) struct Gateway {
    pub(crate) process: Process,
    pub(crate) address: String,
    pub(crate) admin: String,
    /// The configuration that it was started with.
    pub(crate) config: PathBuf,
    pub(crate) folder: Arc<TempDir>,
}

impl Gateway {
    /// Starts with `yaml` as the whole configuration, on free ports.
    pub(crate) fn start(yaml: &str) -> Self {
        Self::start_with(yaml, &[], &[])
    }

    pub(crate) fn start_with(yaml: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = folder();
        let config = folder.path().join("policy-config.yaml");
        fs::write(&config, yaml).unwrap();
        Self::at(&folder, &config, arguments, environment)
    }

    /// Starts with the configuration at `config`.
    pub(crate) fn at(
        folder: &Arc<TempDir>,
        config: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let mut all = vec!["run", "--config", text(config)];
        for port in ["--port", "--admin-port"] {
            if !arguments.contains(&port) && environment.is_empty() {
                all.extend([port, "0"]);
            }
        }
        all.extend(arguments);
        Self::of(Process::start(&all, environment), folder, config)
    }

    /// A process that serves the configuration at `config`; returns once it serves.
    pub(crate) fn of(process: Process, folder: &Arc<TempDir>, config: &Path) -> Self {
        let line = process.err.with("\"message\":\"serving\"");
        let serving: Value = serde_json::from_str(&line).unwrap();
        let address = |field: &str| {
            let url = serving[field].as_str().unwrap();
            url.split_once("://").unwrap().1.to_owned()
        };
        Self {
            address: address("url"),
            admin: address("admin"),
            process,
            config: config.to_owned(),
            folder: Arc::clone(folder),
        }
    }

    pub(crate) fn status(&self) -> Value {
        get(&self.admin, "/status").json()
    }

    pub(crate) fn revision(&self) -> String {
        self.status()["configuration"]["running"]["revision"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn metrics(&self) -> String {
        get(&self.admin, "/metrics").text()
    }

    /// The records of the access log on standard output, once there are so many.
    pub(crate) fn records(&self, count: usize) -> Vec<Value> {
        self.process.out.wait(&format!("{count} records"), |lines| {
            (lines.len() >= count).then(|| {
                lines
                    .iter()
                    .map(|line| serde_json::from_str(line).unwrap())
                    .collect()
            })
        })
    }

    /// The newest of so many records.
    pub(crate) fn record(&self, count: usize) -> Value {
        self.records(count).pop().unwrap()
    }
}

/// A folder that goes when nobody needs it any more.
pub(crate) fn folder() -> Arc<TempDir> {
    Arc::new(tempfile::tempdir().unwrap())
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Simulated providers in a process of their own.
pub(crate) struct Provider {
    pub(crate) process: Process,
    pub(crate) address: String,
}

impl Provider {
    pub(crate) fn start() -> Self {
        Self::with(&["--port", "0"])
    }

    /// Takes the port of one that is gone.
    pub(crate) fn again_at(address: &str) -> Self {
        Self::with(&["--port", address.rsplit_once(':').unwrap().1])
    }

    pub(crate) fn with(arguments: &[&str]) -> Self {
        let process = Process::start(&[&["simulate"], arguments].concat(), &[]);
        let line = process.err.with("http://");
        let address = line
            .split_once("http://")
            .unwrap()
            .1
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        Self { process, address }
    }

    /// What it served, oldest first.
    pub(crate) fn books(&self) -> Vec<Value> {
        get(&self.address, "/__sim/books").json()["records"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// What happens to the next requests.
    pub(crate) fn faults(&self, faults: &Value) {
        assert_eq!(post(&self.address, "/__sim/reset", "").status, 200);
        assert_eq!(
            post(&self.address, "/__sim/faults", &faults.to_string()).status,
            200
        );
    }
}
