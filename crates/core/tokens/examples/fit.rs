//! Fits the weights of estimates to what vocabularies count, and shows how far off they are.
//!
//! `cargo run -p tollgate-tokens --example fit` reads `tests/texts` and the tree's own
//! sources and documents, prints how much estimates are off on texts that the fit did not
//! see, and with `write` behind `--` writes `src/weights/classes.rs`.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tiktoken::CoreBpe;
use tollgate_catalogue::Vocabulary;
use tollgate_tokens::{CLASSES, Family, Tally, estimate};

const VOCABULARIES: [(&str, &str, Vocabulary); 6] = [
    ("O200K", "o200k_base", Vocabulary::O200k),
    ("CL100K", "cl100k_base", Vocabulary::Cl100k),
    ("LLAMA3", "llama3", Vocabulary::Llama3),
    ("DEEPSEEK", "deepseek_v3", Vocabulary::Deepseek),
    ("QWEN", "qwen2", Vocabulary::Qwen),
    ("MISTRAL", "mistral_v3", Vocabulary::Mistral),
];

/// What a class is worth where the texts say little of it; each counts as one short text.
const BEFORE: [f64; CLASSES] = [
    200.0, 190.0, 30.0, 400.0, 60.0, 1_500.0, 200.0, 500.0, 200.0, 60.0, 150.0, 250.0, 300.0,
    700.0, 450.0, 350.0, 450.0, 450.0, 900.0, 900.0, 800.0, 750.0, 700.0, 2_000.0,
];
const BEFORE_WEIGHT: f64 = 0.05;

/// A piece of a text.
struct Sample {
    kind: String,
    text: String,
    /// Kept apart, to see how well the fit does on what it does not know.
    is_apart: bool,
    weight: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let samples = samples()?;
    let mut written = String::from(
        "//! Thousandths of a token by class of bytes; written by the example `fit`.\n\nuse crate::tally::CLASSES;\n",
    );
    for (name, encoding, vocabulary) in VOCABULARIES {
        let encoding = tiktoken::get_encoding(encoding).ok_or("no such vocabulary")?;
        let weights = fit(&samples, encoding);
        write!(written, "\npub(super) static {name}: [u16; CLASSES] = [\n")?;
        for line in weights.chunks(8) {
            let line: Vec<String> = line.iter().map(|weight| format!("{weight:.0}")).collect();
            writeln!(written, "    {},", line.join(", "))?;
        }
        writeln!(written, "];")?;
        show(&samples, encoding, &weights, Family::listed(vocabulary));
    }
    if std::env::args().any(|word| word == "write") {
        std::fs::write(here().join("src/weights/classes.rs"), written)?;
    } else {
        println!("{written}");
    }
    Ok(())
}

/// How far off: by kind of text, fitted now, as written, and by bytes alone.
fn show(samples: &[Sample], encoding: &CoreBpe, weights: &[f64; CLASSES], family: Family) {
    println!("{family:?}: error in % on texts kept apart (fitted now, as written, bytes / 4)");
    let mut kinds: Vec<&str> = samples.iter().map(|sample| sample.kind.as_str()).collect();
    kinds.dedup();
    for kind in kinds {
        let mut sums = [0.0; 4];
        for sample in samples
            .iter()
            .filter(|one| one.is_apart && one.kind == kind)
        {
            sums[0] += count(encoding, &sample.text);
            sums[1] += guess(weights, &sample.text);
            sums[2] += precise(estimate(family, &sample.text));
            sums[3] += sample.text.len() as f64 / 4.0;
        }
        let [counted, guesses @ ..] = sums;
        if counted > 0.0 {
            let off = guesses.map(|guess| format!("{:+6.1}", (guess / counted - 1.0) * 100.0));
            println!("  {kind:12} {counted:8} {}", off.join(" "));
        }
    }
}

/// Weights that are never negative with the least squares of relative errors.
fn fit(samples: &[Sample], encoding: &CoreBpe) -> [f64; CLASSES] {
    let rows: Vec<([f64; CLASSES], f64)> = samples
        .iter()
        .filter(|sample| !sample.is_apart)
        .filter_map(|sample| {
            let counted = count(encoding, &sample.text) * 1_000.0;
            let scale = sample.weight.sqrt() / counted;
            let counts = Tally::of_text(&sample.text).counts().map(f64::from);
            (counted > 0.0).then(|| (counts.map(|count| count * scale), counted * scale))
        })
        .collect();
    let mut squares = [[0.0; CLASSES]; CLASSES];
    let mut targets = [0.0; CLASSES];
    for (counts, target) in &rows {
        for (class, one) in counts.iter().enumerate() {
            targets[class] += one * target;
            for (square, other) in squares[class].iter_mut().zip(counts) {
                *square += one * other;
            }
        }
    }
    for (class, before) in BEFORE.into_iter().enumerate() {
        squares[class][class] += BEFORE_WEIGHT / (before * before);
        targets[class] += BEFORE_WEIGHT / before;
    }
    let mut weights = BEFORE;
    for class in (0..CLASSES).cycle().take(CLASSES * 20_000) {
        let sum: f64 = squares[class]
            .iter()
            .zip(&weights)
            .map(|(s, w)| s * w)
            .sum();
        let own = squares[class][class].max(1e-15);
        weights[class] = f64::max(weights[class] + (targets[class] - sum) / own, 0.0);
    }
    weights
}

fn guess(weights: &[f64; CLASSES], text: &str) -> f64 {
    let tally = Tally::of_text(text);
    let counts = tally.counts().iter();
    let sum: f64 = counts.zip(weights).map(|(c, w)| f64::from(*c) * w).sum();
    sum / 1_000.0
}

fn count(encoding: &CoreBpe, text: &str) -> f64 {
    encoding.count(text) as f64
}

fn precise(tokens: u64) -> f64 {
    tokens as f64
}

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn samples() -> Result<Vec<Sample>, std::io::Error> {
    let mut samples = Vec::new();
    for path in files(&here().join("tests/texts"), "txt")? {
        let kind = path.file_stem().unwrap_or_default().to_string_lossy();
        add(&mut samples, &kind, &std::fs::read_to_string(&path)?, 3.0);
    }
    let root = here().join("../../..");
    for (kind, folder, extension, weight) in [
        ("rust", "crates/core", "rs", 0.02),
        ("docs", "docs", "md", 0.05),
        ("toml", "crates/core/catalogue/data", "toml", 0.02),
        ("schema", "docs/reference", "json", 0.02),
        ("transcripts", "crates/core/formats/tests", "json", 0.05),
        ("python", "tests/sdk", "py", 0.05),
    ] {
        for path in files(&root.join(folder), extension)? {
            let text = std::fs::read_to_string(&path)?;
            // What is generated says the same a hundred times.
            let text = text.get(..text.floor_char_boundary(8_000));
            add(&mut samples, kind, text.unwrap_or_default(), weight);
        }
    }
    Ok(samples)
}

/// Cuts a text into pieces of some 250 bytes at ends of lines or blanks; every third
/// is kept apart.
fn add(samples: &mut Vec<Sample>, kind: &str, text: &str, weight: f64) {
    let mut rest = text;
    let mut index = 0;
    while !rest.is_empty() {
        let from = rest.floor_char_boundary(240.min(rest.len()));
        let at = rest[from..].find([' ', '\n', '。', '、', '，']);
        let end = at.map_or(rest.len(), |at| from + at);
        let (piece, after) = rest.split_at(end);
        samples.push(Sample {
            kind: kind.to_owned(),
            text: piece.to_owned(),
            is_apart: index % 3 == 1,
            weight,
        });
        index += 1;
        rest = after
            .get(after.chars().next().map_or(0, char::len_utf8)..)
            .unwrap_or_default();
    }
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|is| is == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
