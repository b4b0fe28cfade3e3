//! `tollgate models`: lists, compares and shows what is known of models.

mod entry;
mod full;
mod list;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tollgate_catalogue::{Ability, Day, Unit, Word, per_million};
use tollgate_plan::Options;

use crate::configuration::read;
use crate::output;
use crate::surroundings::now_unix_s;
use entry::Entry;

/// Arguments of `models`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tollgate models --provider anthropic\n  tollgate models --ability reasoning --min-context 400000 --max-input-price 1\n  tollgate models 'gpt-5*' --csv\n  tollgate models --full --prompt-tokens 300000 gemini-2.5-pro\n  tollgate models --compare gpt-5-mini claude-haiku-4-5\n\nWhat is not known is shown as `-`, never as 0.\n\nExit codes: 0 done, 1 no such model, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// Names, `*` stands for anything; `kind/name` for one kind of provider
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Of this kind of provider, or of this provider of the configuration
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Of this family, for example `claude`
    #[arg(long, value_name = "NAME")]
    family: Option<String>,
    /// That can do this, for example `tools`; several times: all of them
    #[arg(long, value_name = "WORD")]
    ability: Vec<String>,
    /// With a context of so many tokens or more
    #[arg(long, value_name = "TOKENS")]
    min_context: Option<u32>,
    /// With a price of so many dollars or less for a million prompt tokens
    #[arg(long, value_name = "DOLLARS")]
    max_input_price: Option<String>,
    /// Show everything that is known of each
    #[arg(long, conflicts_with_all = ["csv", "compare"])]
    full: bool,
    /// Show them side by side
    #[arg(long, conflicts_with_all = ["csv", "json"])]
    compare: bool,
    /// Prices for a prompt of so many tokens
    #[arg(long, value_name = "TOKENS", default_value_t = 0)]
    prompt_tokens: u64,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// As CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// With what a configuration says over the catalogue: a file or a folder of layers
    #[arg(long, value_name = "FILE|DIR")]
    config: Option<PathBuf>,
    /// As the overlay of this service has it
    #[arg(long, value_name = "NAME", requires = "config")]
    service: Option<String>,
}

/// What is asked for.
struct Wanted<'a> {
    arguments: &'a Arguments,
    abilities: Vec<Ability>,
    input_price_max: Option<u64>,
}

/// Shows models.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let wanted = match wanted(arguments) {
        Ok(wanted) => wanted,
        Err(reason) => return output::misuse(reason),
    };
    let mut entries = entry::listed();
    if let Some(path) = &arguments.config {
        match read(path, &Options { service: None }) {
            Ok(compiled) => {
                let set = &compiled.loaded.set;
                let service = arguments.service.as_deref();
                if let Some(unknown) = service.filter(|name| !set.knows(name)) {
                    return output::fail(format!("no service is called `{unknown}`"));
                }
                entry::overlay(&mut entries, set.for_service(service));
            }
            Err(report) => {
                output::say(report.render(output::colour()));
                return ExitCode::FAILURE;
            }
        }
    }
    let day = Day::of_unix(i64::try_from(now_unix_s()).unwrap_or(i64::MAX));
    entries.retain(|entry| wanted.has(entry, day));
    if entries.is_empty() {
        return output::fail("no such model is known; see `tollgate models` for all");
    }
    let prompt = arguments.prompt_tokens;
    if arguments.json {
        return output::print_json(&full::json(&entries, day, prompt));
    }
    let text = match (arguments.csv, arguments.compare, arguments.full) {
        (true, _, _) => list::csv(&entries, day, prompt),
        (_, true, _) => full::compared(&entries, day, prompt),
        (_, _, true) => full::all(&entries, day, prompt),
        _ => list::table(&entries, day, prompt),
    };
    output::print(&text)
}

fn wanted(arguments: &Arguments) -> Result<Wanted<'_>, String> {
    let find = |word: &String| {
        let all = || Ability::ALL.iter().map(|ability| ability.label());
        let known = || all().collect::<Vec<_>>().join(", ");
        Ability::find(word).ok_or_else(|| format!("`{word}` is no ability; there are {}", known()))
    };
    let abilities = arguments
        .ability
        .iter()
        .map(find)
        .collect::<Result<_, _>>()?;
    let price = arguments.max_input_price.as_ref().map(|dollars| {
        per_million(dollars).ok_or_else(|| format!("`{dollars}` is no price; write `0.25`"))
    });
    Ok(Wanted {
        arguments,
        abilities,
        input_price_max: price.transpose()?,
    })
}

impl Wanted<'_> {
    fn has(&self, entry: &Entry, day: Day) -> bool {
        let Arguments {
            names,
            provider,
            family,
            min_context,
            prompt_tokens,
            ..
        } = self.arguments;
        let is_of = |wanted: &String| *wanted == entry.provider || *wanted == entry.kind;
        let is_cheap = |most: u64| {
            let input = entry.rate(Unit::Input, day, *prompt_tokens);
            input.is_some_and(|input| input <= most)
        };
        provider.as_ref().is_none_or(is_of)
            && family.as_ref().is_none_or(|family| *family == entry.family)
            && min_context.is_none_or(|least| entry.facts().context_tokens >= least)
            && self.input_price_max.is_none_or(is_cheap)
            && (self.abilities.iter()).all(|ability| entry.facts().abilities.has(*ability))
            && (names.is_empty() || names.iter().any(|name| entry.is_called(name)))
    }
}
