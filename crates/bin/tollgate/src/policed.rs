//! A configuration as far as its policies go: what `scan` and `test` try them with.
//!
//! Nothing that is tried leaves the machine, so no key of a style is read: a stand-in made
//! of the reference's name takes its place. Salts are: hashes mean nothing without theirs.

use std::path::Path;
use std::sync::Arc;

use tollgate_config::{
    Broken, ConfigSet, Origin, Problem, Report, SecretRef, ServiceConfig, Sources, load_best_effort,
};
use tollgate_gateway::resolve_secret;
use tollgate_plan::{Options, Plan, RuleSecret, compile};
use tollgate_policy::{KeyId, Keys};
use tollgate_types::Secret;

/// The service of callers without a key, as the gateway names it.
pub(crate) const ANONYMOUS: &str = "anonymous";

/// A configuration whose policies are valid and compile, its detectors armed.
pub(crate) struct Policed {
    pub(crate) set: ConfigSet,
    pub(crate) plan: Plan,
    /// Stand-ins for the keys of styles: what is shown gives none away, and the same
    /// reference has the same key everywhere.
    pub(crate) keys: Arc<Keys>,
    /// Whether the rest is valid, too.
    pub(crate) is_whole: bool,
}

impl Policed {
    /// What is configured of a service; nothing of one without a key, and of any where
    /// none is known by name.
    ///
    /// # Errors
    /// The services that are known, where this one is not among them.
    pub(crate) fn service(&self, name: &str) -> Result<Option<&ServiceConfig>, Vec<&str>> {
        let listed = self.set.base.services.keys().map(String::as_str);
        let overlays = self.set.services.keys().map(String::as_str);
        let mut known: Vec<&str> = listed.chain(overlays).collect();
        if name != ANONYMOUS && !known.is_empty() && !known.contains(&name) {
            known.sort_unstable();
            known.dedup();
            return Err(known);
        }
        Ok(self.set.for_service(Some(name)).services.get(name))
    }
}

/// Reads and compiles the policies of a file or folder. What is wrong with the rest does
/// not matter: a file with policies alone will do.
pub(crate) fn read_policies(path: &Path) -> Result<Policed, Report> {
    let sources = Sources::read(path);
    let (set, is_whole) = match load_best_effort(&sources) {
        Ok(loaded) => (loaded.set, true),
        Err(broken) => {
            let Broken { report, rest } = *broken;
            let matters =
                |problem: &Problem| problem.path.is_empty() || problem.path.starts_with("policies");
            match rest.filter(|_| !report.problems.iter().any(matters)) {
                Some(set) => (set, false),
                None => return Err(report),
            }
        }
    };
    let compiled = compile(&set, &Options { service: None }).and_then(|plan| {
        arm(&plan)?;
        Ok(plan)
    });
    let plan = compiled.map_err(|problems| Report::new(problems, &sources))?;
    let stand_ins: Vec<String> = plan.secrets.iter().map(stand_in).collect();
    Ok(Policed {
        keys: Arc::new(Keys::new(stand_ins.iter().map(String::as_bytes))),
        set,
        plan,
        is_whole,
    })
}

/// Gives detectors the salts that they need.
fn arm(plan: &Plan) -> Result<(), Vec<Problem>> {
    let salts: Vec<KeyId> = plan.salts().collect();
    let mut problems = Vec::new();
    let mut secrets = Vec::with_capacity(plan.secrets.len());
    for (index, secret) in plan.secrets.iter().enumerate() {
        if !salts.contains(&KeyId(index)) {
            secrets.push(Secret::new(stand_in(secret)));
            continue;
        }
        let env = |name: &str| std::env::var(name).ok();
        match resolve_secret(&secret.reference, &secret.name, &env) {
            Ok(secret) => secrets.push(secret),
            Err(error) => {
                let RuleSecret { origin, path, .. } = secret;
                problems.push(Problem::error(origin.clone(), path, error.message));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let keys = Keys::new(secrets.iter().map(|secret| secret.expose().as_bytes()));
    let nowhere = |message| Problem::error(Origin::default(), "policies", message);
    let armed = plan.arm(&keys);
    armed.map_err(|errors| errors.into_iter().map(nowhere).collect())
}

fn stand_in(secret: &RuleSecret) -> String {
    match &secret.reference {
        SecretRef::Env(name) => format!("env:{name}"),
        SecretRef::File(path) => {
            let name = path.file_name().unwrap_or_default();
            format!("file:{}", name.display())
        }
    }
}
