//! Template injection: is a value an expression that a template engine would run?
//!
//! An expression in the brackets of an engine (`{{ }}`, `${ }`, `#{ }`, `<%= %>`) counts
//! where it computes with constants, as those do who try whether it runs, or reaches for
//! what leads out of the template. A plain name in brackets is how people write templates.

use memchr::{memchr, memchr_iter, memmem};

use super::judge::{Hit, Scene};
use super::literals::{Literals, literals, signs};

/// How much of an expression is looked at.
const EXPRESSION_BYTES_MAX: usize = 256;

/// What leads out of a template.
const WAYS_OUT: [&[u8]; 40] = [
    b"__class__",
    b"__mro__",
    b"__base",
    b"__subclasses__",
    b"__globals__",
    b"__builtins__",
    b"__import__",
    b"__init__",
    b"|attr(",
    b"lipsum",
    b"cycler",
    b"joiner",
    b"get_flashed",
    b"popen",
    b"getruntime",
    b"processbuilder",
    b"freemarker.",
    b"java.lang",
    b"t(java",
    b"classloader",
    b"forname(",
    b"constructor",
    b"system(",
    b"exec(",
    b"passthru",
    b"_self.env",
    b"self.env",
    b"settings.secret",
    b"config.items",
    b"request.application",
    b"request|",
    b"mainmodule",
    b"child_process",
    b"require(",
    b"file.open",
    b"file.read",
    b"io.popen",
    b"scriptengine",
    b"getclass",
    b"new java",
];

/// Ways out that nobody writes by chance, with brackets around them or not.
pub(super) const SURE: [&[u8]; 6] = [
    b"freemarker.template.utility",
    b"__subclasses__",
    b"__globals__",
    b"__builtins__",
    b".__class__.",
    b"java.lang.runtime",
];

/// What is always an attack behind `${`.
const LOOKUPS: [&[u8]; 9] = [
    b"jndi:", b"env:", b"sys:", b"lower:", b"upper:", b"::-", b"java:", b"script:", b"dns:",
];

pub(super) static SEARCH: Literals = Literals::new(|| literals(SURE.iter().chain(&WAYS_OUT)));

/// The surest sign of an attack in `text`, whose ASCII letters are small.
pub(super) fn judge(text: &[u8], scene: Scene) -> Option<Hit> {
    let mut best = None;
    let mut ways = Vec::new();
    for (index, place) in signs(&SEARCH, text) {
        ways.push(place.start);
        if index < SURE.len() {
            best = best.max(Some(Hit::new(80, place.start, text.len())));
        }
    }
    let expression = |at: usize| {
        let next = ways.partition_point(|way| *way < at);
        let way = ways.get(next).copied();
        expression(text.get(at..).unwrap_or_default(), way.map(|way| way - at))
    };
    for at in memchr_iter(b'{', text) {
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let inside = text.get(at + 1..).unwrap_or_default();
        let mark = inside.first().copied();
        let dollar = before == Some(b'$');
        let score = match (before, mark) {
            (_, Some(b'{' | b'%')) => expression(at + 2),
            (Some(b'$' | b'#' | b'*' | b'@' | b'~'), _) => {
                let lookup = LOOKUPS.iter().any(|lookup| inside.starts_with(lookup));
                match (dollar && lookup, inside.starts_with(b"jndi:")) {
                    (_, true) => 97,
                    (true, _) => 85,
                    _ => expression(at + 1),
                }
            }
            _ if inside.starts_with(b"php}") || inside.starts_with(b"$smarty.") => 82,
            _ if inside.starts_with(b"system(") || inside.starts_with(b"if phpinfo") => 82,
            _ => 0,
        };
        if score > 0 {
            let start = at - usize::from(before.is_some_and(|byte| b"$#*@~".contains(&byte)));
            best = best.max(Some(Hit::new(score, start, text.len())));
        }
    }
    for at in memchr_iter(b'<', text) {
        let inside = text.get(at + 1..).unwrap_or_default();
        if inside.first() != Some(&b'%') {
            continue;
        }
        let score = expression(at + 2 + usize::from(inside.get(1) == Some(&b'=')));
        if score > 0 {
            best = best.max(Some(Hit::new(score, at, text.len())));
        }
    }
    for at in memchr_iter(b'@', text) {
        let inside = text.get(at + 1..).unwrap_or_default();
        if inside.strip_prefix(b"(").is_some_and(computes) {
            best = best.max(Some(Hit::new(72, at, text.len())));
        }
    }
    let best = best.max(velocity(text));
    match scene {
        Scene::Text => best.filter(|hit| hit.score >= 97),
        _ => best,
    }
}

/// What the expression that begins `inside` is worth; `way` is where the next way out of
/// a template stands.
fn expression(inside: &[u8], way: Option<usize>) -> u8 {
    // A way out may have brackets of its own.
    if way.is_some_and(|way| way < EXPRESSION_BYTES_MAX) {
        return 88;
    }
    let near = inside.get(..inside.len().min(64)).unwrap_or_default();
    if computes(near) {
        return 85;
    }
    const OBJECTS: [&[u8]; 6] = [
        b"config",
        b"self",
        b"settings",
        b"request",
        b"debug",
        b"dump(app)",
    ];
    let near = near.trim_ascii_start();
    let alone = |object: &&[u8]| {
        let rest = near.strip_prefix(*object);
        rest.is_some_and(|rest| matches!(rest.trim_ascii_start().first(), Some(b'}' | b'%')))
    };
    if OBJECTS.iter().any(alone) { 75 } else { 0 }
}

/// Whether constants are computed: `7*7`, `7*'7'`, `(1+1)`.
fn computes(inside: &[u8]) -> bool {
    let inside = inside.trim_ascii_start();
    let inside = inside.strip_prefix(b"(").unwrap_or(inside);
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let first = digits(inside);
    let rest = inside.get(first..).unwrap_or_default().trim_ascii_start();
    let Some((sign, rest)) = rest.split_first() else {
        return false;
    };
    let rest = rest.trim_ascii_start();
    let quote = matches!(rest.first(), Some(b'\'' | b'"'));
    let rest = rest.get(usize::from(quote)..).unwrap_or_default();
    first > 0 && matches!(sign, b'*' | b'+' | b'/' | b'%') && digits(rest) > 0
}

/// `#set($x = …)`.
fn velocity(text: &[u8]) -> Option<Hit> {
    memchr(b'#', text)?;
    let at = memmem::find(text, b"#set(")
        .or_else(|| memmem::find(text, b"#set ("))
        .or_else(|| memmem::find(text, b"#foreach("))?;
    let rest = text.get(at..).unwrap_or_default();
    let out = memmem::find(rest, b"class").is_some() || memmem::find(rest, b"exec").is_some();
    out.then(|| Hit::new(85, at, text.len()))
}
