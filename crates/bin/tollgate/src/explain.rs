//! `tollgate explain SERVICE MODEL`: what holds, and which line set it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};
use tollgate_config::{Config, Explained};
use tollgate_plan::{Options, Plan, Resolved, TargetId};

use crate::configuration::{Compiled, DEFAULT_PATH, read};
use crate::output::{self, Form};

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The calling service
    service: String,
    /// The model's name as the service would write it
    model: String,
    /// File or folder of layers
    #[arg(long, value_name = "FILE|DIR", default_value = DEFAULT_PATH)]
    config: PathBuf,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    output: Form,
}

/// One target as it would be tried.
struct Step {
    target: String,
    provider: String,
    base_url: String,
    model: String,
    speaks: Vec<&'static str>,
}

/// Explains a service and a model.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let options = Options { service: None };
    let compiled = match read(&arguments.config, &options) {
        Ok(compiled) => compiled,
        Err(report) => {
            output::say(report.render(output::colour()));
            return ExitCode::FAILURE;
        }
    };
    match steps(&compiled.plan, arguments) {
        Ok(steps) => print(arguments, &compiled, &steps),
        Err(error) => output::fail(error),
    }
}

fn steps(plan: &Plan, arguments: &Arguments) -> Result<Vec<Step>, String> {
    let service = plan.for_service(&arguments.service);
    let (targets, prefix): (Vec<TargetId>, usize) = match service
        .resolve(plan, &arguments.model)
        .map_err(|error| error.to_string())?
    {
        Resolved::Model(model) => (model.targets.clone(), 0),
        Resolved::Direct { target, prefix } => (vec![target], prefix),
    };
    let asked = arguments.model.get(prefix..).unwrap_or(&arguments.model);
    let step = |id: &TargetId| {
        let target = plan.target(*id);
        let provider = plan.provider(target.provider);
        Step {
            target: target.name.as_ref().to_owned(),
            provider: provider.config.name.as_ref().to_owned(),
            base_url: provider
                .config
                .base_url
                .clone()
                .unwrap_or_else(|| "built in".to_owned()),
            model: target.model.as_deref().unwrap_or(asked).to_owned(),
            speaks: provider
                .formats
                .iter()
                .map(|format| format.format().label())
                .collect(),
        }
    };
    Ok(targets.iter().map(step).collect())
}

fn print(arguments: &Arguments, compiled: &Compiled, steps: &[Step]) -> ExitCode {
    let config = compiled.loaded.set.for_service(Some(&arguments.service));
    let leaves: Vec<Explained> =
        tollgate_config::explain(&compiled.loaded, Some(&arguments.service))
            .into_iter()
            .filter(|leaf| concerns(leaf, config, arguments, steps))
            .collect();
    if arguments.output == Form::Json {
        return output::print_json(&to_json(arguments, compiled, steps, &leaves));
    }
    output::print(&to_text(arguments, compiled, config, steps, &leaves))
}

/// Whether a value has a say in what happens to this service and model.
fn concerns(leaf: &Explained, config: &Config, arguments: &Arguments, steps: &[Step]) -> bool {
    let model = config
        .models
        .iter()
        .position(|model| *model.name == *arguments.model);
    let listed =
        |path: &str, list: &str, index: usize| path.starts_with(&format!("{list}[{index}]"));
    let path = leaf.path.as_str();
    if path.starts_with("models[") {
        return model.is_some_and(|index| listed(path, "models", index));
    }
    if path.starts_with("providers[") {
        let used = |(index, provider): (usize, &tollgate_config::ProviderConfig)| {
            steps.iter().any(|step| *step.provider == *provider.name)
                && listed(path, "providers", index)
        };
        return config.providers.iter().enumerate().any(used);
    }
    if path.starts_with("services[") {
        let index = config
            .services
            .keys()
            .position(|name| *name == arguments.service);
        return index.is_some_and(|index| listed(path, "services", index));
    }
    [
        "policies",
        "gateway.failover",
        "gateway.timeouts",
        "gateway.translation",
        "gateway.anonymous",
        "gateway.limits",
    ]
    .iter()
    .any(|part| path.starts_with(part))
}

fn to_text(
    arguments: &Arguments,
    compiled: &Compiled,
    config: &Config,
    steps: &[Step],
    leaves: &[Explained],
) -> String {
    let weighted = config
        .models
        .iter()
        .any(|model| *model.name == *arguments.model && model.weighted);
    let mut text = format!(
        "service `{}` asks for `{}` (revision {}): {} {}\n\n",
        arguments.service,
        arguments.model,
        compiled.loaded.set.revision,
        steps.len(),
        if weighted {
            "targets, drawn by weight"
        } else {
            "target(s), tried in this order"
        },
    );
    for (index, step) in steps.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  {}. {} → model `{}` at provider `{}` ({}), speaks {}",
            index + 1,
            step.target,
            step.model,
            step.provider,
            step.base_url,
            step.speaks.join(", "),
        );
    }
    text.push('\n');
    let value = |leaf: &Explained| match &leaf.value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let width = |of: &dyn Fn(&Explained) -> usize| leaves.iter().map(of).max().unwrap_or(0).min(60);
    let (path, wide) = (
        width(&|leaf| leaf.path.chars().count()),
        width(&|leaf| value(leaf).chars().count()),
    );
    for leaf in leaves {
        let _ = writeln!(
            text,
            "{:path$}  {:wide$}  {}",
            leaf.path,
            value(leaf),
            place(leaf)
        );
    }
    text
}

fn place(leaf: &Explained) -> String {
    let origin = &leaf.origin;
    if origin.line == 0 {
        origin.layer.as_ref().to_owned()
    } else {
        format!("{} {}:{}", origin.layer, origin.file, origin.line)
    }
}

fn to_json(
    arguments: &Arguments,
    compiled: &Compiled,
    steps: &[Step],
    leaves: &[Explained],
) -> Value {
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| {
            json!({"target": step.target, "provider": step.provider, "base_url": step.base_url, "model": step.model, "speaks": step.speaks})
        })
        .collect();
    let values: Vec<Value> = leaves
        .iter()
        .map(|leaf| {
            let origin = &leaf.origin;
            json!({"path": leaf.path, "value": leaf.value, "layer": &*origin.layer, "file": &*origin.file, "line": origin.line})
        })
        .collect();
    json!({
        "service": arguments.service,
        "model": arguments.model,
        "revision": compiled.loaded.set.revision,
        "targets": steps,
        "values": values,
    })
}
