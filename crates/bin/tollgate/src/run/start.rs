//! From arguments to parts that are ready to serve.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tollgate_config::Config;
use tollgate_gateway::Gateway;
use tollgate_net::TaskTracker;
use tollgate_plan::Options;
use tollgate_telemetry::{AccessLog, Sampler, Settler};

use super::arguments::Arguments;
use super::first::{self, First, first, last_good};
use super::serving::Addresses;
use crate::configuration::{Configuration, Refused};
use crate::exporter::Collector;
use crate::last_good::LastGood;
use crate::surroundings::{VERSION, environment};
use crate::watch::{Fingerprint, fingerprint};

/// Everything that runs.
pub(super) struct Started {
    pub(super) gateway: Arc<Gateway>,
    pub(super) configuration: Arc<Configuration>,
    pub(super) settler: Settler,
    pub(super) exporter: Option<JoinHandle<()>>,
    pub(super) serving: Addresses,
    pub(super) path: PathBuf,
    /// What the files looked like before they were read.
    pub(super) seen: Fingerprint,
}

/// Reads the configuration and builds the parts. The error is for people.
pub(super) fn start(arguments: &Arguments, runtime: &Runtime) -> Result<Started, String> {
    let path = first::path(arguments);
    let seen = fingerprint(&path);
    let options = Options {
        service: arguments.service.clone().filter(|name| !name.is_empty()),
    };
    let state_dir = environment("TOLLGATE_STATE_DIR").map(PathBuf::from);
    let begin = Begin {
        arguments,
        runtime,
        path,
        seen,
        options,
        state_dir,
    };
    let state_dir = begin.state_dir.as_deref();
    let refused = match begin.with(first(arguments, &begin.options, state_dir)?) {
        Err(Failed::Refused(refused)) => refused,
        other => return other.map_err(Failed::render),
    };
    // It is valid and lacks something here; the last good one may not.
    let first = last_good(arguments, refused, &begin.options, state_dir);
    let first = first.map_err(|refused| refused.render())?;
    begin.with(first).map_err(Failed::render)
}

/// What a start has before it has a configuration.
struct Begin<'a> {
    arguments: &'a Arguments,
    runtime: &'a Runtime,
    path: PathBuf,
    seen: Fingerprint,
    options: Options,
    state_dir: Option<PathBuf>,
}

/// Why the parts could not be built.
enum Failed {
    /// The configuration cannot run here.
    Refused(Refused),
    /// Anything else, for people.
    Other(String),
}

impl Failed {
    fn render(self) -> String {
        match self {
            Self::Refused(refused) => refused.render(),
            Self::Other(text) => text,
        }
    }
}

impl Begin<'_> {
    /// Builds the parts with a first configuration.
    fn with(&self, first: First) -> Result<Started, Failed> {
        let First {
            compiled,
            source,
            instead_of,
            is_embedded,
        } = first;
        let base = Arc::clone(&compiled.plan.base);
        let tasks = TaskTracker::new();
        let (settler, sampler, collector) = telemetry(&base).map_err(Failed::Other)?;
        let gateway = Arc::new(Gateway::new(settler.clone(), sampler));
        let mut configuration = Configuration::new(
            self.path.clone(),
            self.options.clone(),
            Arc::clone(&gateway),
            tasks.clone(),
            self.runtime.handle().clone(),
        );
        configuration.keep_in(self.keep(&base).map(|folder| LastGood::new(&folder)));
        if let Err(refused) = configuration.install(compiled, source) {
            settler.shutdown();
            return Err(Failed::Refused(refused));
        }
        if !is_embedded {
            configuration.keep();
        }
        if let Some(refused) = instead_of {
            let reasons = refused.render();
            tracing::error!("the configuration is broken; serving the last good one:\n{reasons}");
            gateway.reject(refused.rejected(None));
        }
        let exporter = collector.map(|endpoint| export(&endpoint, &settler, &tasks, self.runtime));
        let exporter = exporter.transpose().map_err(Failed::Other)?;
        let serving = Addresses::of(self.arguments, &base).map_err(Failed::Other)?;
        configuration.serves_with(serving.tls());
        Ok(Started {
            serving,
            path: self.path.clone(),
            seen: self.seen,
            configuration: Arc::new(configuration),
            gateway,
            settler,
            exporter: exporter.flatten(),
        })
    }

    /// Where the last good configuration is kept.
    fn keep(&self, base: &Config) -> Option<PathBuf> {
        let named = self.arguments.state_dir.as_ref();
        let named = named.or(base.gateway.state_dir.as_ref());
        named.or(self.state_dir.as_ref()).cloned()
    }
}

fn telemetry(base: &Config) -> Result<(Settler, Sampler, Option<String>), String> {
    let configured = &base.telemetry;
    let collector = configured
        .otlp_endpoint
        .clone()
        .or_else(|| environment("OTEL_EXPORTER_OTLP_ENDPOINT"));
    let service = configured
        .service_name
        .clone()
        .or_else(|| environment("OTEL_SERVICE_NAME"));
    let access_log = match &configured.access_log {
        None => AccessLog::Off,
        Some(path) if path.as_os_str() == "-" => AccessLog::Stdout,
        Some(path) => AccessLog::File(path.clone()),
    };
    let settler = Settler::start(tollgate_telemetry::Options {
        access_log,
        traces: collector
            .as_ref()
            .map(|_| Arc::from(service.as_deref().unwrap_or("tollgate"))),
        version: VERSION,
        ..tollgate_telemetry::Options::default()
    });
    let settler = settler.map_err(|error| format!("error: {error}"))?;
    let sampler = if collector.is_some() {
        Sampler::ppm(configured.sample_ppm)
    } else {
        Sampler::OFF
    };
    Ok((settler, sampler, collector))
}

fn export(
    endpoint: &str,
    settler: &Settler,
    tasks: &TaskTracker,
    runtime: &Runtime,
) -> Result<Option<JoinHandle<()>>, String> {
    let _runtime = runtime.enter();
    let collector = Collector::new(endpoint, tasks)
        .map_err(|error| format!("error: traces to {endpoint}: {error}"))?;
    let exporter = settler.take_exporter();
    Ok(exporter.map(|exporter| tasks.spawn_on(exporter.run(collector), runtime.handle())))
}
