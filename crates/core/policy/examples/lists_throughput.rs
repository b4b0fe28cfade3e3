//! Measures the detectors whose lists the configuration writes. Run with `--release`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use tollgate_policy::{
    CharacterEntity, Detector, Finding, FingerprintList, FingerprintsDetector, FingerprintsOptions,
    InputValidationDetector, InputValidationOptions, KeyId, Keys, KeywordList, KeywordsDetector,
    KeywordsOptions, PatternOptions, RegexDetector, RegexOptions, Window, fingerprints,
};

const PROSE: &str = "The committee met again on Tuesday and went through the minutes of its last session; nothing \
was added. Most of the members agreed that the plan, as it stands, needs work: the budget is thin, the schedule is \
tight, and two of the three vendors have not answered yet. Still, by the end of 2024 the first part should be ready. \
\"We will see,\" said the chair, and closed the meeting a little after 5 p.m. without a vote. ";

const RUSSIAN: &str = "Комитет снова собрался во вторник и просмотрел протокол последнего заседания; ничего не было \
добавлено. Большинство членов согласились, что план нуждается в доработке. ";

const CHINESE: &str = "委员会星期二再次开会，审阅了上次会议的记录，没有补充任何内容。大多数成员同意，目前的计划还需要修改。";

const CODE: &str = "pub(crate) fn next_digit(text: &[u8], from: usize) -> Option<usize> {\n    let rest = text.get(from..)?;\n    \
for (index, byte) in rest.iter().enumerate() {\n        if byte.is_ascii_digit() { return Some(from + index); }\n    }\n    None\n}\n\n";

fn main() {
    let texts = texts();
    for (name, detector) in detectors() {
        let mut line = format!("{name:22}");
        for (text_name, text) in &texts {
            let rate = text.len() as f64 / (scan(&*detector, text).as_secs_f64() * 1e6);
            let _ = write!(line, " {text_name} {rate:.0}");
        }
        say(&format!("{line} MB/s"));
        say(&format!("{:22} {}", "", pieces(&*detector)));
    }
}

/// Ordinary texts, and texts that are made to be slow.
fn texts() -> Vec<(&'static str, String)> {
    let ordinary = [
        ("prose", PROSE),
        ("code", CODE),
        ("russian", RUSSIAN),
        ("chinese", CHINESE),
    ];
    let ordinary = ordinary.map(|(name, text)| (name, text.repeat(100 * 1024 / text.len())));
    let far = format!("{}.corp.example ", "a-".repeat(200));
    let almost = "balex comoncomon project-alphb ABC-12 1234-12345 ";
    let hostile = [
        ("words again", "balem balem monba ".repeat(6000)),
        ("almost words", almost.repeat(2000)),
        ("one letter", "a".repeat(100 * 1024)),
        ("one word", "balem".repeat(20 * 1024)),
        ("far ends", far.repeat(250)),
        (
            "boundaries",
            "é1234-123456é ABC-1234é xproject-alphaé ".repeat(2500),
        ),
        ("invisible", "a\u{200b}\u{e0041}b".repeat(10_000)),
    ];
    ordinary.into_iter().chain(hostile).collect()
}

fn detectors() -> Vec<(&'static str, Box<dyn Detector>)> {
    let characters = InputValidationOptions {
        characters: CharacterEntity::ALL.to_vec(),
        ..InputValidationOptions::default()
    };
    let regex_of = |pattern, max_len| {
        regex(PatternOptions {
            max_len,
            ..PatternOptions::new("name", pattern)
        })
    };
    vec![
        ("keywords 10", keywords(10, true)),
        ("keywords 1000", keywords(1000, true)),
        ("keywords 8000", keywords(8000, true)),
        ("keywords 100 anywhere", keywords(100, false)),
        ("fingerprints 1000", records(1000)),
        ("fingerprints 100000", records(100_000)),
        (
            "regex literal",
            regex_of(r"(?i)\bproject[- ](alpha|beta)\b", None),
        ),
        ("regex digits", regex_of(r"\b\d{4}-\d{6}\b", None)),
        ("regex class", regex_of(r"\b[A-Z]{3}-\d{4,8}\b", None)),
        (
            "regex max_len",
            regex_of(r"[a-z0-9-]+\.corp\.example", Some(100)),
        ),
        (
            "characters",
            detector(move || InputValidationDetector::new(&characters).ok()),
        ),
    ]
}

/// Words of syllables, as names have: many begin like ordinary ones.
fn word(n: usize) -> String {
    const PARTS: [&str; 20] = [
        "ba", "co", "di", "fer", "gal", "hol", "in", "jor", "ka", "lem", "mon", "nor", "pre", "ro",
        "sta", "ter", "un", "vi", "wes", "xen",
    ];
    let part = |n: usize| PARTS.get(n % 20).copied().unwrap_or_default();
    format!("{}{}{}", part(n), part(n / 20), part(n / 400))
}

fn keywords(count: usize, whole_words: bool) -> Box<dyn Detector> {
    let words: Vec<String> = (0..count).map(word).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let options = KeywordsOptions {
        lists: vec![KeywordList {
            whole_words,
            ..KeywordList::new("words", &words)
        }],
    };
    detector(move || KeywordsDetector::new(&options).ok())
}

fn regex(pattern: PatternOptions) -> Box<dyn Detector> {
    let options = RegexOptions {
        patterns: vec![pattern],
    };
    detector(move || RegexDetector::new(&options).ok())
}

fn records(count: usize) -> Box<dyn Detector> {
    let records = (0..count).map(|n| match n % 3 {
        0 => format!("{} {}", word(n), word(n * 7)),
        1 => format!("C-{}", 100_000 + n),
        _ => format!("+49 151 {}", 1_000_000 + n),
    });
    let records: Vec<String> = records.collect();
    let made = fingerprints(records.iter().map(String::as_str), b"salt");
    let options = FingerprintsOptions {
        salt: KeyId(0),
        lists: vec![FingerprintList {
            name: "customer".into(),
            hashes: made.hashes.into(),
        }],
    };
    let keys = Keys::new([b"salt".as_slice()]);
    detector(move || {
        let detector = FingerprintsDetector::new(&options).ok()?;
        detector.arm(&keys).ok()?;
        Some(detector)
    })
}

fn detector<D: Detector + 'static>(build: impl Fn() -> Option<D>) -> Box<dyn Detector> {
    let time = time(5, || drop(black_box(build())));
    say(&format!("built in {:.2} ms", time.as_secs_f64() * 1e3));
    match build() {
        Some(detector) => Box::new(detector),
        None => std::process::abort(),
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "this measures the machine it runs on"
)]
fn time(rounds: usize, mut work: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let start = std::time::Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    best
}

fn scan(detector: &dyn Detector, text: &str) -> Duration {
    let mut found: Vec<Finding> = Vec::new();
    time(30, || {
        found.clear();
        for matcher in detector.matchers() {
            let window = Window {
                text: text.as_bytes(),
                from: 0,
                last: true,
            };
            black_box(matcher.scan(black_box(&window), 0, &mut found));
        }
    })
}

/// Time and held bytes of prose that comes word by word.
fn pieces(detector: &dyn Detector) -> String {
    let text = PROSE.repeat(8);
    let ends: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| *c == ' ')
        .map(|(at, _)| at)
        .collect();
    let mut held = Vec::new();
    let time = time(10, || {
        held.clear();
        for matcher in detector.matchers() {
            let mut at = 0_usize;
            for end in &ends {
                let base = at.saturating_sub(96);
                let window = Window {
                    text: text.as_bytes().get(base..*end).unwrap_or_default(),
                    from: at - base,
                    last: false,
                };
                at = base + matcher.scan(&window, 0, &mut Vec::new()).at;
                held.push(end - at);
            }
        }
    });
    held.sort_unstable();
    let share = |share: usize| held.get(held.len() * share / 100).copied().unwrap_or(0);
    format!(
        "{:.0} ns a word; held bytes: median {}, p99 {}, max {}",
        time.as_secs_f64() * 1e9 / ends.len() as f64,
        share(50),
        share(99),
        held.last().unwrap_or(&0)
    )
}

#[expect(clippy::print_stdout, reason = "the result of a measuring program")]
fn say(line: &str) {
    println!("{line}");
}
