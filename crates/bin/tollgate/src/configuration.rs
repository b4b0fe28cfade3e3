//! From files to an installed snapshot: read, check, compile, swap; keep the last good.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tollgate_config::{Config, Loaded, Problem, Report, Sources, explain, load_best_effort};
use tollgate_gateway::{BuildError, Gateway, Rejected, Reload, Snapshot, Surroundings};
use tollgate_net::{TaskTracker, TlsReload, TlsStatus};
use tollgate_plan::{Options, Plan, compile};
use tollgate_simulator::Simulator;

use crate::last_good::LastGood;
use crate::output;
use crate::restart;
use crate::surroundings::now_unix_s;

/// The file that is read when none is named.
pub(crate) const DEFAULT_PATH: &str = "/etc/tollgate/policy-config.yaml";

/// A configuration that is valid and compiles.
pub(crate) struct Compiled {
    pub(crate) loaded: Loaded,
    pub(crate) plan: Plan,
}

impl Compiled {
    /// Says what is questionable, at the start and whenever a new one is taken.
    fn say_warnings(&self, service: Option<&str>) {
        for problem in self.loaded.warnings_at(now_unix_s(), service) {
            tracing::warn!("{problem}");
        }
    }
}

/// Reads, checks and compiles a file or folder.
pub(crate) fn read(path: &Path, options: &Options) -> Result<Compiled, Report> {
    compiled(&Sources::read(path), options)
}

/// Checks and compiles what was read. What a broken configuration still holds is compiled
/// too, so that all problems are seen at once.
pub(crate) fn compiled(sources: &Sources, options: &Options) -> Result<Compiled, Report> {
    let loaded = load_best_effort(sources).map_err(|broken| {
        let rest = broken.rest.map(|set| compile(&set, options));
        let mut more = rest.and_then(Result::err).unwrap_or_default();
        // An option that was found to be wrong keeps its detector from being built, too.
        let known = &broken.report.problems;
        more.retain(|problem| !known.iter().any(|known| known.message == problem.message));
        broken.report.with(more, sources)
    })?;
    match compile(&loaded.set, options) {
        Ok(plan) => Ok(Compiled { loaded, plan }),
        Err(problems) => Err(Report::new(problems, sources)),
    }
}

/// Why a configuration was not installed.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is not valid.
    Invalid(Report),
    /// It is valid and cannot run here.
    Unfit(Vec<BuildError>),
}

impl Refused {
    /// For people, on standard error.
    pub(crate) fn render(&self) -> String {
        match self {
            Self::Invalid(report) => report.render(output::colour()),
            Self::Unfit(errors) => errors
                .iter()
                .map(|error| format!("error: {error}\n"))
                .collect(),
        }
    }

    /// For `/status`.
    pub(crate) fn rejected(&self, revision: Option<String>) -> Rejected {
        let reasons = match self {
            Self::Invalid(report) => report.problems.iter().map(Problem::to_string).collect(),
            Self::Unfit(errors) => errors.iter().map(ToString::to_string).collect(),
        };
        Rejected { revision, reasons }
    }
}

/// The owner of the configuration of a running gateway.
pub(crate) struct Configuration {
    path: PathBuf,
    options: Options,
    gateway: Arc<Gateway>,
    tasks: TaskTracker,
    runtime: Handle,
    /// Where the last good configuration is kept.
    last_good: Option<LastGood>,
    /// The certificate of the main port.
    tls: Option<TlsReload>,
    /// One installation at a time.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where the built-in simulator listens, once one was needed.
    simulator: Option<(SocketAddr, tollgate_simulator::Handle)>,
    /// What runs, for `/config`.
    loaded: Option<Loaded>,
    /// What the process was started with.
    started: Option<Arc<Config>>,
}

impl Configuration {
    /// Owns the configuration at `path` for `gateway`.
    pub(crate) fn new(
        path: PathBuf,
        options: Options,
        gateway: Arc<Gateway>,
        tasks: TaskTracker,
        runtime: Handle,
    ) -> Self {
        Self {
            path,
            options,
            gateway,
            tasks,
            runtime,
            last_good: None,
            tls: None,
            state: Mutex::default(),
        }
    }

    /// Keeps from now on each configuration that is taken.
    pub(crate) fn keep_in(&mut self, last_good: Option<LastGood>) {
        self.last_good = last_good;
    }

    /// Reads the files of this certificate again at every reload.
    pub(crate) fn serves_with(&mut self, tls: Option<TlsReload>) {
        self.tls = tls;
    }

    /// Keeps what runs as the last good configuration.
    pub(crate) fn keep(&self) {
        let state = self.state();
        if let (Some(last_good), Some(loaded)) = (&self.last_good, &state.loaded) {
            last_good.keep(loaded.sources());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is in it is replaced whole: a panic elsewhere cannot leave half of it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Installs what was compiled.
    pub(crate) fn install(&self, compiled: Compiled, source: String) -> Result<Arc<str>, Refused> {
        let mut state = self.state();
        compiled.say_warnings(self.options.service.as_deref());
        let Compiled { loaded, plan } = compiled;
        let previous = self.gateway.snapshot();
        let simulator = self
            .simulator(&plan, &mut state)
            .map_err(|error| Refused::Unfit(vec![error]))?;
        let env = |name: &str| std::env::var(name).ok();
        let surroundings = Surroundings {
            env: &env,
            simulator,
            tasks: &self.tasks,
        };
        let _runtime = self.runtime.enter();
        let snapshot =
            Snapshot::build(plan, previous.as_deref(), &surroundings).map_err(Refused::Unfit)?;
        let revision = Arc::clone(&snapshot.plan().revision);
        let started = state
            .started
            .get_or_insert_with(|| Arc::clone(&snapshot.plan().base));
        let settings = restart::needed_for(started, &snapshot.plan().base);
        if !settings.is_empty() {
            let settings = settings.join(", ");
            tracing::warn!(
                settings,
                "changed settings that take effect at the next start"
            );
        }
        self.gateway.install(Arc::new(snapshot), source);
        state.loaded = Some(loaded);
        Ok(revision)
    }

    /// Reads and compiles the files once more and installs what they say.
    fn take(&self) -> Result<Arc<str>, (Option<String>, Refused)> {
        let sources = Sources::read(&self.path);
        let revision = Some(sources.revision());
        let compiled = compiled(&sources, &self.options)
            .map_err(|report| (revision.clone(), Refused::Invalid(report)))?;
        let revision = self
            .install(compiled, self.path.display().to_string())
            .map_err(|refused| (revision, refused))?;
        self.keep();
        Ok(revision)
    }

    /// Starts the built-in simulator when the plan needs it for the first time.
    fn simulator(&self, plan: &Plan, state: &mut State) -> Result<Option<SocketAddr>, BuildError> {
        let built_in = |config: &tollgate_config::ProviderConfig| {
            config.kind.is_simulator() && config.base_url.is_none()
        };
        if state.simulator.is_none()
            && plan
                .providers
                .iter()
                .any(|provider| built_in(&provider.config))
        {
            let started = self.runtime.block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", 0))
                    .await
                    .map_err(|error| error.to_string())?;
                Simulator::start(listener, tollgate_simulator::Options::default())
                    .map_err(|error| error.to_string())
            });
            let handle = started.map_err(|error| BuildError {
                message: format!("the built-in simulator: {error}"),
            })?;
            state.simulator = Some((handle.addr(), handle));
        }
        Ok(state.simulator.as_ref().map(|(address, _)| *address))
    }
}

impl Reload for Configuration {
    fn reload(&self) -> Result<Arc<str>, Rejected> {
        if let Some(tls) = &self.tls {
            tls.refresh();
        }
        match self.take() {
            Ok(revision) => {
                tracing::info!(revision = &*revision, "configuration taken");
                Ok(revision)
            }
            Err((revision, refused)) => {
                let rejected = refused.rejected(revision);
                tracing::error!(
                    problems = rejected.reasons.len(),
                    "configuration refused, the running one stays:\n{}",
                    refused.render()
                );
                self.gateway.reject(rejected.clone());
                Err(rejected)
            }
        }
    }

    fn config(&self) -> Value {
        let state = self.state();
        let Some(loaded) = &state.loaded else {
            return Value::Null;
        };
        let values = |service: Option<&str>| -> Vec<Value> {
            let leaf = |leaf: &tollgate_config::Explained| {
                let origin = &leaf.origin;
                json!({"path": leaf.path, "value": leaf.value, "layer": &*origin.layer, "file": &*origin.file, "line": origin.line})
            };
            explain(loaded, service).iter().map(leaf).collect()
        };
        let overlays: serde_json::Map<String, Value> = loaded
            .set
            .services
            .keys()
            .map(|name| (name.clone(), Value::from(values(Some(name)))))
            .collect();
        json!({"revision": loaded.set.revision, "base": values(None), "services": overlays})
    }

    fn certificate(&self) -> Value {
        let Some(tls) = &self.tls else {
            return Value::Null;
        };
        let TlsStatus {
            reloads,
            since_unix_s,
            expires_unix_s,
            rejected,
        } = tls.status();
        json!({
            "since_unix_s": since_unix_s,
            "expires_unix_s": expires_unix_s,
            "reloads": reloads,
            "rejected": rejected,
        })
    }
}
