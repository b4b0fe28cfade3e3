//! Template injection: is a value an expression that a template engine would run?
//!
//! An expression in the brackets of an engine (`{{ }}`, `${ }`, `#{ }`, `<%= %>`) counts
//! where it computes with constants, as those do who try whether it runs, or reaches for
//! what leads out of the template. A plain name in brackets is how people write templates.

use memchr::{memchr_iter, memmem};

use super::judge::{Hit, Scene};

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
const SURE: [&[u8]; 6] = [
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

/// The surest sign of an attack in `text`, whose ASCII letters are small.
pub(super) fn judge(text: &[u8], scene: Scene) -> Option<Hit> {
    let mut best = None;
    for at in memchr_iter(b'{', text) {
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let inside = text.get(at + 1..).unwrap_or_default();
        let mark = inside.first().copied();
        let dollar = before == Some(b'$');
        let score = match (before, mark) {
            (_, Some(b'{' | b'%')) => expression(inside.get(1..).unwrap_or_default()),
            (Some(b'$' | b'#' | b'*' | b'@' | b'~'), _) => {
                let lookup = LOOKUPS.iter().any(|lookup| inside.starts_with(lookup));
                match (dollar && lookup, inside.starts_with(b"jndi:")) {
                    (_, true) => 97,
                    (true, _) => 85,
                    _ => expression(inside),
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
    for at in memmem::find_iter(text, b"<%") {
        let inside = text.get(at + 2..).unwrap_or_default();
        let score = expression(inside.strip_prefix(b"=").unwrap_or(inside));
        if score > 0 {
            best = best.max(Some(Hit::new(score, at, text.len())));
        }
    }
    for at in memmem::find_iter(text, b"@(") {
        if computes(text.get(at + 2..).unwrap_or_default()) {
            best = best.max(Some(Hit::new(72, at, text.len())));
        }
    }
    for sure in SURE {
        if let Some(at) = memmem::find(text, sure) {
            best = best.max(Some(Hit::new(80, at, text.len())));
        }
    }
    let best = best.max(velocity(text));
    match scene {
        Scene::Text => best.filter(|hit| hit.score >= 97),
        _ => best,
    }
}

/// What an expression is worth.
fn expression(inside: &[u8]) -> u8 {
    let near = inside.get(..inside.len().min(EXPRESSION_BYTES_MAX));
    let near = near.unwrap_or_default();
    let end = near
        .iter()
        .position(|byte| *byte == b'}')
        .or_else(|| memmem::find(near, b"%>"))
        .unwrap_or(near.len());
    // A way out may have brackets of its own.
    if WAYS_OUT.iter().any(|way| memmem::find(near, way).is_some()) {
        return 88;
    }
    let inside = near.get(..end).unwrap_or_default().trim_ascii();
    if computes(inside) {
        return 85;
    }
    match inside {
        b"config" | b"self" | b"settings" | b"request" | b"debug" | b"dump(app)" => 75,
        _ => 0,
    }
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
    let at = memmem::find(text, b"#set(")
        .or_else(|| memmem::find(text, b"#set ("))
        .or_else(|| memmem::find(text, b"#foreach("))?;
    let rest = text.get(at..).unwrap_or_default();
    let out = memmem::find(rest, b"class").is_some() || memmem::find(rest, b"exec").is_some();
    out.then(|| Hit::new(85, at, text.len()))
}
