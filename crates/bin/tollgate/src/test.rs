//! `tollgate test`: do the policies do what their authors want?
//!
//! Tests are YAML files beside the policies. Each says what a service sends and what is
//! to come of it; it runs through the code that a gateway runs, without a provider.

mod answer;
mod bodies;
mod case;
mod exchange;
mod expect;
mod files;
mod junit;
mod results;
mod rules;
mod said;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tokio::time::Instant;
use tollgate_config::policy_test::FileSpec;
use tollgate_config::{Report, YamlFile};

use crate::configuration::DEFAULT_PATH;
use crate::output::{self, Form};
use crate::policed::{Policed, read_policies};
use case::Case;
use expect::Failure;
use results::{Results, Suite, Tested};
use rules::{Rules, Written};

/// Arguments of `test`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all tests passed, 1 one failed, a file cannot be read, no test ran, or (under --deny-untested) a rule is exercised by none, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// Files of tests, or folders with `*.test.yaml` in them
    #[arg(value_name = "FILE|DIR", required = true)]
    files: Vec<PathBuf>,
    /// The configuration of files that name none; only its policies must be valid
    #[arg(long, value_name = "FILE|DIR", default_value = DEFAULT_PATH)]
    config: PathBuf,
    /// Run only the tests with this text in their name
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Write the results as JUnit XML, too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Exit with 1 also when a rule is exercised by no test
    #[arg(long, conflicts_with = "filter")]
    deny_untested: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    output: Form,
}

/// Runs the tests.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let files = match files::find(&arguments.files) {
        Ok(files) => files,
        Err(error) => return output::fail(error),
    };
    let mut runner = Runner {
        arguments,
        configurations: BTreeMap::new(),
    };
    let suites: Vec<Suite> = files.iter().map(|file| runner.suite(file)).collect();
    let all_ran = arguments.filter.is_none() && suites.iter().all(|suite| suite.broken.is_none());
    let results = Results {
        suites,
        untested: all_ran.then(|| runner.untested()),
    };
    let is_written = tell(arguments, &results);
    let has_untested = results.untested.as_ref().is_some_and(|all| !all.is_empty());
    if is_written && results.is_good() && !(arguments.deny_untested && has_untested) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints the results. False when they could not be written where they are wanted.
fn tell(arguments: &Arguments, results: &Results) -> bool {
    let mut told = Vec::new();
    for report in results
        .suites
        .iter()
        .filter_map(|suite| suite.broken.as_ref())
    {
        if !told.contains(&report) {
            output::say(report.render(output::colour()));
            told.push(report);
        }
    }
    if told.is_empty() && results.tests().count() == 0 {
        output::fail("no test ran");
    }
    match arguments.output {
        Form::Json => output::print_json(&results.to_json()),
        Form::Text => output::print(&results.text()),
    };
    let Some(file) = &arguments.junit else {
        return true;
    };
    let written = fs::write(file, junit::document(results));
    if let Err(error) = &written {
        output::fail(format!("{}: {error}", file.display()));
    }
    written.is_ok()
}

/// A configuration that tests are about.
struct Configuration {
    policed: Policed,
    rules: Rules,
}

struct Runner<'a> {
    arguments: &'a Arguments,
    /// By the path that leads there from the root, where there is one.
    configurations: BTreeMap<PathBuf, Result<Configuration, Report>>,
}

impl Runner<'_> {
    fn suite(&mut self, path: &Path) -> Suite {
        let (broken, tests) = match self.tests(path) {
            Ok(tests) => (None, tests),
            Err(report) => (Some(report), Vec::new()),
        };
        Suite {
            file: path.display().to_string(),
            broken,
            tests,
        }
    }

    fn tests(&mut self, path: &Path) -> Result<Vec<Tested>, Report> {
        let file = YamlFile::read(path)?;
        let spec: FileSpec = file.decode("").map_err(|problems| file.report(problems))?;
        let arguments = self.arguments;
        let config = spec.config.as_ref();
        let config = config.map_or_else(
            || arguments.config.clone(),
            |config| file.folder().join(config),
        );
        let configuration = self.configuration(&config)?;
        let cases = case::cases(&file, spec, &configuration.policed);
        let cases = cases.map_err(|problems| file.report(problems))?;
        let filter = arguments.filter.as_deref().unwrap_or_default();
        let wanted = cases.iter().filter(|case| case.name.contains(filter));
        Ok(wanted.map(|case| configuration.test(&file, case)).collect())
    }

    fn configuration(&mut self, path: &Path) -> Result<&mut Configuration, Report> {
        let key = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let read = || {
            read_policies(path).map(|policed| Configuration {
                rules: Rules::of(&policed.set),
                policed,
            })
        };
        let known = self.configurations.entry(key).or_insert_with(read);
        known.as_mut().map_err(|report| report.clone())
    }

    fn untested(&self) -> Vec<Written> {
        let known = self.configurations.values().flatten();
        let rules = known.flat_map(|configuration| configuration.rules.untested());
        rules.cloned().collect()
    }
}

impl Configuration {
    fn test(&mut self, file: &YamlFile, case: &Case) -> Tested {
        let began = Instant::now();
        let (ran, failures) = match exchange::run(&self.policed, case) {
            Ok(ran) => {
                let config = self.policed.set.for_service(Some(&case.service));
                self.rules.note(config, &ran);
                let failures = expect::failures(case, &ran);
                (Some(ran), failures)
            }
            Err(actual) => {
                let failure = Failure {
                    field: "",
                    expected: "an exchange that can run".to_owned(),
                    actual,
                };
                (None, vec![failure])
            }
        };
        let place = |failure: Failure| {
            let dot = if failure.field.is_empty() { "" } else { "." };
            let origin = file.origin(&format!("{}{dot}{}", case.path, failure.field));
            (failure, origin)
        };
        Tested {
            name: case.name.clone(),
            origin: case.origin.clone(),
            ran,
            failures: failures.into_iter().map(place).collect(),
            seconds: began.elapsed().as_secs_f64(),
        }
    }
}
