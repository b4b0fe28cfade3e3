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
use super::first::{self, First, first};
use super::serving::Addresses;
use crate::configuration::Configuration;
use crate::exporter::Collector;
use crate::last_good::LastGood;
use crate::watch::{Fingerprint, fingerprint};

/// The product's version.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

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
        allow_unenforced: arguments.allow_unenforced,
    };
    let from_environment = environment("TOLLGATE_STATE_DIR").map(PathBuf::from);
    let First {
        compiled,
        source,
        rejected,
        is_embedded,
    } = first(arguments, &options, from_environment.as_deref())?;
    let base = Arc::clone(&compiled.plan.base);
    let keep = arguments
        .state_dir
        .clone()
        .or_else(|| base.gateway.state_dir.clone())
        .or(from_environment);

    let tasks = TaskTracker::new();
    let (settler, sampler, collector) = telemetry(&base)?;
    let gateway = Arc::new(Gateway::new(settler.clone(), sampler));
    let mut configuration = Configuration::new(
        path.clone(),
        options,
        Arc::clone(&gateway),
        tasks.clone(),
        runtime.handle().clone(),
    );
    let last_good = keep.map(|folder| LastGood::new(&folder));
    if !is_embedded {
        configuration.keep_in(last_good.clone());
    }
    configuration
        .install(compiled, source)
        .map_err(|refused| refused.render())?;
    configuration.keep_in(last_good);
    if let Some(rejected) = rejected {
        gateway.reject(rejected);
    }
    let exporter = match collector {
        Some(endpoint) => Some(export(&endpoint, &settler, &tasks, runtime)?),
        None => None,
    };
    Ok(Started {
        serving: Addresses::of(arguments, &base)?,
        path,
        seen,
        configuration: Arc::new(configuration),
        gateway,
        settler,
        exporter: exporter.flatten(),
    })
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

/// A set, non-empty environment variable.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
