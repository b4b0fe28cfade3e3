//! The rows: how each gateway is started, and with what configuration.
//!
//! None of them keeps anything between two starts; each has a folder of its own.

mod configuration;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::workload::Workload;
use super::{Mock, Plan, ask};
use crate::Failure;
use crate::load::{Prompt, request};
use configuration::{PII, nginx, tollgate};

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Gateway {
    /// No gateway: the generator talks to the mock.
    Direct,
    /// nginx as a reverse proxy.
    Nginx,
    /// A bare proxy on hyper.
    Floor,
    /// Ours, with key, metrics, traces of every request and access log.
    Tollgate,
    /// The same with `pii_detection` in both directions.
    TollgatePii,
}

/// A gateway that serves.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) port: u16,
    pub(crate) key: Option<String>,
    /// From its start to the first answered request.
    pub(crate) ready_ms: f64,
    child: Option<Child>,
    folder: TempDir,
}

/// The allocator's thresholds, the same for every gateway: left alone they move with
/// the sizes that happen to come first, and so does what a large body costs.
const ALLOCATOR: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "4194304"),
    ("MALLOC_TRIM_THRESHOLD_", "4194304"),
];
const READY_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(10);
const ACCESS_LOG: &str = "access.log";

impl Gateway {
    /// Every row, in the order of the tables.
    pub(crate) const ALL: [Self; 5] = [
        Self::Direct,
        Self::Nginx,
        Self::Floor,
        Self::Tollgate,
        Self::TollgatePii,
    ];

    /// Its name on the command line and in the tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Nginx => "nginx",
            Self::Floor => "floor",
            Self::Tollgate => "tollgate",
            Self::TollgatePii => "tollgate-pii",
        }
    }

    /// Whether it is ours.
    pub(crate) const fn is_ours(self) -> bool {
        matches!(self, Self::Tollgate | Self::TollgatePii)
    }

    /// Whether it can do this work: only a gateway translates.
    pub(crate) const fn can(self, work: &Workload) -> bool {
        !work.is_translated() || self.is_ours()
    }

    /// Starts it and waits for its first answer.
    pub(crate) async fn start(self, plan: &Plan<'_>, mock: &Mock) -> Result<Running, Failure> {
        let folder = TempDir::with_prefix("tollgate-bench-")?;
        if self == Self::Direct {
            return Ok(Running {
                port: mock.port,
                key: None,
                ready_ms: 0.0,
                child: None,
                folder,
            });
        }
        let port = free_port()?;
        let (mut command, key) = self.command(plan, mock, port, folder.path()).await?;
        let log = fs::File::create(folder.path().join("output"))?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .envs(ALLOCATOR);
        let start = Instant::now();
        let mut running = Running {
            port,
            key,
            ready_ms: 0.0,
            child: Some(command.spawn()?),
            folder,
        };
        running.wait(start).await.map_err(|error| {
            let output = fs::read_to_string(running.folder.path().join("output"));
            format!("{}: {error}\n{}", self.name(), output.unwrap_or_default())
        })?;
        Ok(running)
    }

    async fn command(
        self,
        plan: &Plan<'_>,
        mock: &Mock,
        port: u16,
        folder: &Path,
    ) -> Result<(Command, Option<String>), Failure> {
        let core = plan.arguments.gateway_core;
        let (own, upstream) = (port.to_string(), mock.port.to_string());
        match self {
            Self::Direct => Err("direct has no process".into()),
            Self::Floor => {
                let mut command = plan.pinned(core, &plan.own);
                command.args(["floor", "--port", &own, "--upstream", &upstream]);
                Ok((command, None))
            }
            Self::Nginx => {
                let file = folder.join("nginx.conf");
                fs::write(&file, nginx(folder, port, mock.port))?;
                let mut command = plan.pinned(core, &plan.arguments.nginx);
                command.arg("-p").arg(folder).arg("-c").arg(file);
                Ok((command, None))
            }
            Self::Tollgate | Self::TollgatePii => {
                let key = new_key(plan).await?;
                let file = folder.join("tollgate.yaml");
                let policies = if self == Self::TollgatePii { PII } else { "" };
                fs::write(folder.join("provider-key"), "sk-provider")?;
                let text = tollgate(port, free_port()?, mock.port, &key);
                fs::write(&file, format!("{text}{policies}"))?;
                let mut command = plan.pinned(core, &plan.tollgate);
                command
                    .arg("run")
                    .arg("--config")
                    .arg(file)
                    .current_dir(folder);
                Ok((command, Some(key.key)))
            }
        }
    }
}

impl Running {
    /// The process, if there is one.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// A small request that it answers.
    pub(crate) fn small_request(&self) -> Vec<u8> {
        let prompt = Prompt {
            model: "gpt-4o-mini",
            stream: false,
            body_bytes: 256,
            turns: 1,
        };
        request(&prompt, self.key.as_deref())
    }

    async fn wait(&mut self, start: Instant) -> Result<(), Failure> {
        let request = self.small_request();
        loop {
            let last = match ask::ask(self.port, &request).await {
                Ok((200, _)) => break,
                Ok((status, body)) => format!("status {status}: {body}"),
                Err(error) => error.to_string(),
            };
            let gone = self
                .child
                .as_mut()
                .map(Child::try_wait)
                .transpose()?
                .flatten();
            if let Some(code) = gone {
                return Err(format!("ended with {code}").into());
            }
            if start.elapsed() > READY_LIMIT {
                return Err(format!("not ready: {last}").into());
            }
            sleep(Duration::from_millis(1)).await;
        }
        self.ready_ms = start.elapsed().as_secs_f64() * 1e3;
        Ok(())
    }

    /// Stops it and waits for its end; gives the lines of its access log.
    pub(crate) async fn stop(mut self) -> Result<u64, Failure> {
        if let Some(mut child) = self.child.take() {
            let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
            if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
                rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
            }
            if timeout(STOP_LIMIT, child.wait()).await.is_err() {
                child.kill().await?;
            }
        }
        let log = fs::read(self.folder.path().join(ACCESS_LOG)).unwrap_or_default();
        Ok(memchr::memchr_iter(b'\n', &log).count().try_into()?)
    }
}

/// A port that nobody has now.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A gateway key, as `tollgate keys new --output json` prints it.
#[derive(Debug, Deserialize)]
struct NewKey {
    key: String,
    id: String,
    hash: String,
}

async fn new_key(plan: &Plan<'_>) -> Result<NewKey, Failure> {
    let mut command = Command::new(&plan.tollgate);
    let output = command
        .args(["keys", "new", "--output", "json"])
        .output()
        .await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
