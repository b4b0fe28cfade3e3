//! `tollgate scan`: what policies make of texts, one JSON object a line.

mod rows;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;
use tollgate_plan::{Guard, Options, Traffic};
use tollgate_policy::RequestFacts;

use crate::configuration::{DEFAULT_PATH, read_policies};
use crate::output;
use crate::pieces::Pieces;
use rows::scan_row;

/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How much is read before it is shared out to the threads.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// How often progress is shown.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// Arguments of `scan`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each line in: {\"id\": ..., \"text\": \"...\", \"direction\": \"input\" or \"output\" (default: input), \"place\": ..., \"role\": ...}\n\
`place` is where the text stands: text, tool_name, tool_arguments, tool_description, document, metadata, path, query, header, model; without it every rule reads the text.\n\
Each line out, in the same order: {\"id\": ..., \"action\": \"pass\", \"redact\", \"route\" or \"block\", \"text\": what goes on (null when blocked), \
\"findings\": [{\"detector\", \"entity\", \"start\", \"end\", \"score\", ...}]}; offsets count Unicode scalar values.\n\n\
Exit codes: 0 all lines scanned, 1 some were not (each has an \"error\"), 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// JSON lines; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    input: PathBuf,
    /// File or folder of layers; only its policies are read
    #[arg(long, value_name = "FILE|DIR", default_value = DEFAULT_PATH)]
    config: PathBuf,
    /// The calling service
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// The model that is asked for
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Give each text in pieces, as a stream would: so many characters, or random ones
    #[arg(long, value_name = "N|random:SEED")]
    chunk: Option<Pieces>,
}

/// Scans.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let options = Options { service: None };
    let plan = match read_policies(&arguments.config, &options) {
        Ok(policed) => policed.plan,
        Err(report) => {
            output::say(report.render(output::colour()));
            return ExitCode::FAILURE;
        }
    };
    let headers = http::HeaderMap::new();
    let service = arguments.service.as_deref().unwrap_or_default();
    let guard = plan.for_service(service).policies.guard(&Traffic {
        facts: RequestFacts {
            service,
            team: "",
            headers: &headers,
            path: "",
            model: arguments.model.as_deref().unwrap_or_default(),
            input_bytes: 0,
            has_image: false,
            tokens: 0,
        },
        format: None,
        route: None,
    });
    let scanned = if arguments.input.as_os_str() == "-" {
        all(io::stdin().lock(), &guard, arguments.chunk)
    } else {
        File::open(&arguments.input)
            .and_then(|file| all(BufReader::new(file), &guard, arguments.chunk))
    };
    match scanned {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => output::fail("some lines were not scanned: see their `error`"),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => output::fail(format!("{}: {error}", arguments.input.display())),
    }
}

/// Scans every line. False when one could not be scanned.
fn all(mut input: impl BufRead, guard: &Guard, pieces: Option<Pieces>) -> io::Result<bool> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut progress = Progress::new();
    let mut good = true;
    loop {
        let first = progress.lines;
        let batch = batch(&mut input)?;
        if batch.is_empty() {
            break;
        }
        let share = batch.len().div_ceil(threads);
        let answers: Vec<Vec<(String, bool)>> = thread::scope(|scope| {
            let mut workers = Vec::with_capacity(threads);
            for (index, lines) in batch.chunks(share).enumerate() {
                let from = first + index * share;
                workers.push(scope.spawn(move || {
                    let rows = lines.iter().enumerate();
                    rows.map(|(at, line)| scan_row(line, from + at, guard, pieces))
                        .collect()
                }));
            }
            let answers = workers.into_iter();
            answers
                .map(|worker| worker.join().unwrap_or_default())
                .collect()
        });
        for (answer, is_scanned) in answers.iter().flatten() {
            good &= is_scanned;
            out.write_all(answer.as_bytes())?;
            out.write_all(b"\n")?;
        }
        let bytes = batch.iter().map(Vec::len).sum();
        progress.add(batch.len(), bytes);
    }
    out.flush()?;
    progress.end();
    Ok(good)
}

/// The next lines; none at the end.
fn batch(input: &mut impl BufRead) -> io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    let mut bytes = 0;
    while bytes < BATCH_BYTES {
        let mut line = Vec::new();
        let read = input.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        bytes += read;
        if !line.trim_ascii().is_empty() {
            lines.push(line);
        }
    }
    Ok(lines)
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
