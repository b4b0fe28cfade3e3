//! `tollgate scan`: what policies make of texts, one JSON object a line.

mod lines;
mod rows;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;
use tollgate_formats::{FORMATS, Format, FormatId, common_chat};
use tollgate_plan::{Guard, Traffic};
use tollgate_policy::{RequestFacts, Vault};

use crate::configuration::DEFAULT_PATH;
use crate::output;
use crate::pieces::Pieces;
use crate::policed::{ANONYMOUS, Policed, read_policies};
use lines::{LINE_BYTES_MAX, Lines, shared_out};
use rows::Trial;

/// How often progress is shown.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// Arguments of `scan`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each line in: {\"id\": ..., \"text\": \"...\", \"direction\": \"input\" or \"output\" (default: input), \"place\": ..., \"role\": ...}\n\
`place` is where the text stands: text, tool_name, tool_arguments, tool_description, document, metadata, path, query, header, model. Without it every rule \
reads the text, whatever places it names, but for the schema of an answer: that reads `text` alone. What rules say of a request as a whole (its size, turns, tools) is not tried here.\n\
`role` may be there: rules judge what is said, whoever says it.\n\
Each line out, in the same order: {\"id\": ..., \"action\": \"pass\", \"redact\", \"route\" or \"block\", \"text\": what goes on (null when blocked), \
\"findings\": [{\"detector\", \"entity\", \"start\", \"end\", \"score\", ...}]}; offsets count Unicode scalar values.\n\
Keys of styles are not read: a stand-in made of the reference's name takes their place, so that `hash` and `encrypt` come out in their form only.\n\n\
Exit codes: 0 all lines scanned, 1 some were not (each has an \"error\") or the configuration cannot be used, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// JSON lines; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    input: PathBuf,
    /// File or folder of layers; only its policies are read
    #[arg(long, value_name = "FILE|DIR", default_value = DEFAULT_PATH)]
    config: PathBuf,
    /// The calling service
    #[arg(long, value_name = "NAME", default_value = ANONYMOUS)]
    service: String,
    /// The model that is asked for
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// The caller's wire format
    #[arg(long, value_name = "FORMAT", default_value = common_chat().label(), value_parser = format)]
    format: FormatId,
    /// Give each text in pieces, as a stream would: so many characters, or random ones
    #[arg(long, value_name = "N|random:SEED")]
    chunk: Option<Pieces>,
}

/// Scans.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let policed = match read_policies(&arguments.config) {
        Ok(policed) => policed,
        Err(report) => {
            output::say(report.render(output::colour()));
            return ExitCode::FAILURE;
        }
    };
    let guard = match guard(arguments, &policed) {
        Ok(guard) => guard,
        Err(unknown) => return output::misuse(unknown),
    };
    let trial = Trial {
        guard,
        vault: Vault::new(Arc::clone(&policed.keys)),
        pieces: arguments.chunk,
    };
    let scanned = if arguments.input.as_os_str() == "-" {
        all(io::stdin().lock(), &trial)
    } else {
        File::open(&arguments.input).and_then(|file| all(BufReader::new(file), &trial))
    };
    match scanned {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => output::fail("some lines were not scanned: see their `error`"),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => output::fail(format!("{}: {error}", arguments.input.display())),
    }
}

/// The path of a format's requests, as it is documented.
pub(crate) fn path_of(format: FormatId) -> &'static str {
    let first = format.format().endpoints().first();
    first.map_or("/", |endpoint| endpoint.path)
}

/// The format of this name.
fn format(label: &str) -> Result<FormatId, String> {
    let known = formats().find(|format| format.label() == label);
    known.map(|format| format.id()).ok_or_else(|| {
        let labels: Vec<&str> = formats().map(|format| format.label()).collect();
        format!("known formats: {}", labels.join(", "))
    })
}

/// Those in which models say something.
fn formats() -> impl Iterator<Item = &'static dyn Format> {
    let all = FORMATS.iter().copied();
    all.filter(|format| format.codec().operation().is_streamed())
}

/// The rules that hold for a request that says nothing more. Policies that do not hold for
/// it are named: that they find nothing says nothing.
///
/// # Errors
/// There is no such service.
fn guard(arguments: &Arguments, policed: &Policed) -> Result<Guard, String> {
    let service = arguments.service.as_str();
    let known = policed.service(service).map_err(|known| {
        let known = known.join(", ");
        format!("there is no service `{service}`; known services: {known}")
    })?;
    let headers = http::HeaderMap::new();
    let policies = &policed.plan.for_service(service).policies;
    let guard = policies.guard(&Traffic {
        facts: RequestFacts {
            service,
            team: known
                .and_then(|known| known.team.as_deref())
                .unwrap_or_default(),
            headers: &headers,
            path: path_of(arguments.format),
            model: Some(arguments.model.as_deref().unwrap_or_default()),
            input_bytes: 0,
            has_image: false,
            tokens: 0,
        },
        format: Some(arguments.format),
        route: None,
    });
    let mut known: HashSet<&str> = names(&guard).collect();
    for name in names(policies.all()) {
        if known.insert(name) {
            output::say(format!(
                "policy `{name}` is left out: it holds for other requests"
            ));
        }
    }
    Ok(guard)
}

/// The policies of rules, as often as they have some.
fn names(guard: &Guard) -> impl Iterator<Item = &str> {
    let rules = guard.input.rules().iter().chain(guard.output.rules());
    rules.map(|rule| &*rule.policy)
}

/// Scans every line. False when one could not be scanned.
fn all(input: impl BufRead, trial: &Trial) -> io::Result<bool> {
    let mut lines = Lines::new(input, LINE_BYTES_MAX);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut progress = Progress::new();
    let mut good = true;
    while let Some(batch) = lines.batch()? {
        for (answer, is_scanned) in shared_out(&batch, |line| trial.row(line))? {
            good &= is_scanned;
            out.write_all(answer.as_bytes())?;
            out.write_all(b"\n")?;
        }
        let sizes = batch.iter().flat_map(|line| &line.bytes).map(Vec::len);
        progress.add(batch.len(), sizes.sum());
    }
    out.flush()?;
    progress.end();
    Ok(good)
}

/// What is shown on a terminal meanwhile.
struct Progress {
    is_shown: bool,
    began: Instant,
    shown: Instant,
    lines: usize,
    bytes: usize,
}

impl Progress {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            is_shown: io::stderr().is_terminal() && !io::stdout().is_terminal(),
            began: now,
            shown: now,
            lines: 0,
            bytes: 0,
        }
    }

    fn add(&mut self, lines: usize, bytes: usize) {
        self.lines += lines;
        self.bytes += bytes;
        if self.is_shown && self.shown.elapsed() >= PROGRESS_EVERY {
            self.shown = Instant::now();
            // Nobody is left to be told when standard error is gone.
            let _ = write!(io::stderr(), "\r{}", self.text());
        }
    }

    fn end(&self) {
        if self.is_shown {
            output::say(format!("\r{}", self.text()));
        }
    }

    fn text(&self) -> String {
        let megabytes = self.bytes as f64 / 1e6;
        let seconds = self.began.elapsed().as_secs_f64().max(1e-9);
        format!(
            "{} lines, {megabytes:.1} MB, {:.1} MB/s",
            self.lines,
            megabytes / seconds
        )
    }
}
