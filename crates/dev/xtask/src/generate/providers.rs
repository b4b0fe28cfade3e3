//! The page about kinds of provider, from the table that the program uses.

use std::fmt::Write as _;

use tollgate_catalogue::{Auth, Cloud, Nature, PROVIDERS, Provider, Quirk, Quirks};

const HEAD: &str = "\
# Kinds of provider

Made by `cargo xtask generate` from the code. A provider whose `name` is a kind needs no `kind`;
one that needs nothing but a key is `{name: groq, secret_key_ref: {env: GROQ_API_KEY}}`. How to
[add one](../how-to/add-a-provider.md); every [field](configuration.md).

| kind | what it is | address | formats | credential | usual variable |
|---|---|---|---|---|---|
";

const QUIRKS: &str = "
## What their servers refuse or name otherwise

Requests are adjusted to this, also those in the provider's own format. What is left out or
changed so that it means something else is a loss: it is named in `x-tollgate-loss` and the
metric, and refused under `translation: strict`.

| kind | format | models | adjustment |
|---|---|---|---|
";

/// The text of `docs/reference/providers.md`.
pub(super) fn page() -> String {
    let mut out = HEAD.to_owned();
    for provider in PROVIDERS {
        row(&mut out, provider);
    }
    out.push_str(QUIRKS);
    for provider in PROVIDERS {
        for rule in provider.quirks {
            quirks(&mut out, provider.label, rule);
        }
    }
    out
}

fn row(out: &mut String, provider: &Provider) {
    let Provider { label, about, .. } = provider;
    let address = match (provider.base_url, provider.nature) {
        (Some(url), _) => format!("`{url}`"),
        (None, Nature::Simulator) => "built in".to_owned(),
        (None, _) => "`base_url`".to_owned(),
    };
    let formats = words(provider.formats);
    let header = match provider.auth {
        Auth::Bearer => "`authorization: Bearer`".to_owned(),
        Auth::Header(name) => format!("`{name}`"),
    };
    let identity = match provider.cloud {
        None => "",
        Some(Cloud::Aws) => ", or a signature (`aws`)",
        Some(Cloud::Google) => ", or a token (`google`)",
        Some(Cloud::Azure) => ", or a token (`azure`)",
    };
    let variable = provider
        .key_variable
        .map_or_else(String::new, |name| format!("`{name}`"));
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "| `{label}` | {about} | {address} | {formats} | {header}{identity} | {variable} |"
    );
}

fn quirks(out: &mut String, label: &str, rule: &Quirks) {
    let models = match rule.models {
        [] => "all".to_owned(),
        some => some
            .iter()
            .map(|name| format!("`{name}…`"))
            .collect::<Vec<_>>()
            .join(" "),
    };
    let format = rule.format;
    for quirk in rule.all {
        let said = said(*quirk);
        let _ = writeln!(out, "| `{label}` | `{format}` | {models} | {said} |");
    }
}

fn said(quirk: Quirk) -> String {
    match quirk {
        Quirk::Renamed(from, to) => format!("`{from}` is sent as `{to}`"),
        Quirk::Refused(name) => format!("`{name}` is left out: a loss"),
        Quirk::Needless(name) => format!("`{name}` is left out; nothing is lost"),
        Quirk::Added(name, json) => format!("`{name}` is added: `{json}`"),
        Quirk::AtMost(name, most) => {
            format!("`{name}` is at most {most}: a loss where it was more")
        }
        Quirk::NoSchema => {
            "`response_format` of type `json_schema` is sent as `json_object`: a loss".to_owned()
        }
        Quirk::NoDeveloper => "the role `developer` is sent as `system`".to_owned(),
    }
}

fn words(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| format!("`{word}`"));
    quoted.collect::<Vec<_>>().join(" ")
}
