//! Cross-site scripting: does a value bring markup or script of its own?
//!
//! A value ends up between tags, inside a tag's attribute, or inside a script. Tags are
//! read as the tokenizer of HTML reads them (name, attributes, values in any quotes), but
//! leniently: every `<` with a name behind it is a tag, wherever it stands, as nobody
//! knows what quotes stand before the value. For attributes we look for what leaves one
//! (`" onerror=`), for scripts for what leaves a text in one (`';alert(1)//`).
//! It promises: time in proportion to the text, any bytes.

pub(super) mod script;
mod tag;

use memchr::{memchr, memchr_iter};

use super::judge::{Hit, Scene};
use super::literals::{Literals, literals, signs};
use script::{is_active, is_scheme_before};
use tag::{MARKUP, Tag, is_event};

/// What markup alone is worth where markup may belong: below every default.
const MAY_BELONG: u8 = 40;

/// The surest sign of an attack in `text`, whose ASCII letters are small.
pub(super) fn judge(text: &[u8], scene: Scene) -> Option<Hit> {
    let whole = matches!(scene, Scene::Body | Scene::Text) && is_document(text);
    let cap = |hit: Hit| if whole { hit.at_most(MAY_BELONG) } else { hit };
    let found = tags(text, scene)
        .max(handlers(text, scene))
        .max(schemes(text, scene))
        .max(style(text))
        .max(left_tag(text))
        .max(fragment(text, scene));
    found.map(cap)
}

/// Whether the text is a page as a whole: begins as pages do, and is longer than an attack
/// needs to be.
fn is_document(text: &[u8]) -> bool {
    const BEGINS: [&[u8]; 4] = [b"<!doctype html", b"<html", b"<?xml", b"<script setup"];
    let begin = text.trim_ascii_start();
    text.len() > SHORT_BYTES_MAX && BEGINS.iter().any(|known| begin.starts_with(known))
}

fn tags(text: &[u8], scene: Scene) -> Option<Hit> {
    let mut best = None;
    for at in memchr_iter(b'<', text) {
        let rest = text.get(at + 1..).unwrap_or_default();
        let score = match rest.first() {
            Some(b'!') => declaration(rest),
            Some(b'?') => instruction(rest),
            _ => Tag::at(rest).map_or(0, |tag| tag.score()),
        };
        let lenient = matches!(scene, Scene::Body | Scene::Text | Scene::Header);
        let score = match score {
            MARKUP if text.len() > SHORT_BYTES_MAX => MAY_BELONG,
            ..85 if lenient => score.min(MAY_BELONG),
            _ => score,
        };
        if score > 0 {
            best = best.max(Some(Hit::new(score, at, text.len())));
        }
    }
    best
}

/// `<!--#exec`, `<!entity`, `<![cdata[`.
fn declaration(rest: &[u8]) -> u8 {
    const INCLUDES: [&[u8]; 7] = [
        b"!--#exec",
        b"!--#include",
        b"!--#echo",
        b"!--#printenv",
        b"!--#config",
        b"!--#set",
        b"!--#if",
    ];
    if INCLUDES.iter().any(|begin| rest.starts_with(begin)) {
        return 90;
    }
    if rest.starts_with(b"!entity") {
        return 85;
    }
    if rest.starts_with(b"![cdata[") {
        return 55;
    }
    0
}

/// `<?php`, `<?import`.
fn instruction(rest: &[u8]) -> u8 {
    const CODE: [&[u8]; 5] = [
        b"?php",
        b"?=",
        b"?import",
        b"?xml:namespace",
        b"?xml-stylesheet",
    ];
    if CODE.iter().any(|begin| rest.starts_with(begin)) {
        return 75;
    }
    // `<? echo(…)`.
    let code = rest.get(1).is_some_and(u8::is_ascii_whitespace);
    if code && rest.iter().take(64).any(|byte| *byte == b'(') {
        return 75;
    }
    0
}

/// `" onerror=alert(1)`: an attribute that runs a script, with or without its tag.
fn handlers(text: &[u8], scene: Scene) -> Option<Hit> {
    let mut best = None;
    for equals in memchr_iter(b'=', text) {
        let before = text.get(..equals).unwrap_or_default();
        let before = before.trim_ascii_end();
        let name = before
            .iter()
            .rev()
            .take(32)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let start = before.len() - name;
        if !is_event(before.get(start..).unwrap_or_default()) {
            continue;
        }
        let leaves = start
            .checked_sub(1)
            .and_then(|at| before.get(at))
            .is_none_or(|byte| {
                byte.is_ascii_whitespace()
                    || matches!(byte, b'"' | b'\'' | b'`' | b'/' | b'+' | b';')
            });
        let value = text.get(equals + 1..).unwrap_or_default();
        let value = value.get(..value.len().min(128)).unwrap_or_default();
        let runs = memchr(b'(', value).is_some() || memchr(b'`', value).is_some();
        let score = match (is_active(value), runs || memchr(b'=', value).is_some()) {
            (true, _) if leaves => 88,
            (_, true) if leaves => 70,
            _ => 0,
        };
        let score = if matches!(scene, Scene::Body | Scene::Text) && score < 85 {
            score.min(MAY_BELONG)
        } else {
            score
        };
        if score > 0 {
            best = best.max(Some(Hit::new(score, start, text.len())));
        }
    }
    best
}

/// `javascript:alert(1)`.
fn schemes(text: &[u8], scene: Scene) -> Option<Hit> {
    let mut best = None;
    for colon in memchr_iter(b':', text) {
        let rest = text.get(colon + 1..).unwrap_or_default();
        let near = rest.get(..rest.len().min(256)).unwrap_or_default();
        let Some(start) = is_scheme_before(text, colon) else {
            if let Some(start) = data_scheme(text, colon, near) {
                best = best.max(Some(Hit::new(82, start, text.len())));
            }
            continue;
        };
        let before = start.checked_sub(1).and_then(|at| text.get(at)).copied();
        let placed = matches!(
            before,
            None | Some(b'"' | b'\'' | b'`' | b'=' | b'(' | b'>' | b',')
        );
        let blank = rest.first().is_none_or(u8::is_ascii_whitespace);
        let score = match (is_active(near), placed) {
            (true, _) if !blank => 88,
            (true, true) if scene == Scene::Head => 70,
            (false, true) if !blank => 65,
            _ => 0,
        };
        if score > 0 {
            best = best.max(Some(Hit::new(score, start, text.len())));
        }
    }
    best
}

/// `data:text/html,…` where an address stands; images count only with markup in them.
fn data_scheme(text: &[u8], colon: usize, rest: &[u8]) -> Option<usize> {
    let start = colon.checked_sub(4)?;
    if text.get(start..colon) != Some(b"data") {
        return None;
    }
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    if before.is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let page = [b"text/html".as_slice(), b"text/xml", b"application/xhtml"];
    let active = page.iter().any(|kind| rest.starts_with(kind));
    let image = rest.starts_with(b"image/svg") && (memchr(b'<', rest).is_some() || is_active(rest));
    (active || image).then_some(start)
}

/// `"><b>`: the value ends the tag that it stands in, and another follows.
fn left_tag(text: &[u8]) -> Option<Hit> {
    let first = memchr(b'<', text)?;
    let (before, tag) = text.split_at(first);
    let before = before.trim_ascii_end().strip_suffix(b">")?;
    let quote = matches!(before.last(), Some(b'"' | b'\'' | b'`'));
    let opens = tag
        .get(1)
        .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!'));
    (quote && opens).then(|| Hit::new(66, before.len() - 1, text.len()))
}

/// Style sheets that run scripts, and `<` in UTF-7.
const STYLES: [(&str, u8); 8] = [
    ("expression", 78),
    ("expr/*", 78),
    ("-moz-binding", 80),
    ("behavior:", 72),
    ("behaviour:", 72),
    ("binding:", 65),
    ("+adw-", 75),
    ("&{", 62),
];

pub(super) static STYLE_SEARCH: Literals = Literals::new(|| literals(STYLES.map(|(sign, _)| sign)));

fn style(text: &[u8]) -> Option<Hit> {
    let mut best = None;
    for (index, place) in signs(&STYLE_SEARCH, text) {
        let Some((sign, score)) = STYLES.get(index) else {
            continue;
        };
        let before = text.get(..place.start).unwrap_or_default();
        let after = text.get(place.end..).unwrap_or_default();
        let near = after.get(..after.len().min(128)).unwrap_or_default();
        let begins = |with: &[u8]| near.trim_ascii_start().starts_with(with);
        let plausible = match *sign {
            "expression" => {
                matches!(before.trim_ascii_end().last(), Some(b':' | b'*')) && begins(b"(")
            }
            "binding:" | "behavior:" | "behaviour:" => begins(b"url("),
            "&{" => {
                memchr(b'}', near).is_some() && (is_active(near) || memchr(b'(', near).is_some())
            }
            _ => true,
        };
        if plausible {
            best = best.max(Some(Hit::new(*score, place.start, text.len())));
        }
    }
    best
}

/// How long a value may be in which markup or a script's call counts by itself.
const SHORT_BYTES_MAX: usize = 256;

/// A call that leaves a text in a script: `";alert(1)//`, or stands alone: `alert(1)>`.
fn fragment(text: &[u8], scene: Scene) -> Option<Hit> {
    let short = text.len() <= SHORT_BYTES_MAX && scene == Scene::Head;
    // `top['al'+'ert'](1)`.
    let quoted = |at: usize| matches!(text.get(..at), Some([.., b'\'' | b'"']));
    let called = |at: usize| text.get(at + 1) == Some(&b'(') && quoted(at);
    if short && memchr_iter(b']', text).any(called) && is_active(text) {
        return Some(Hit::new(64, 0, text.len()));
    }
    let (start, end) = script::call(text)?;
    let before = text.get(..start).unwrap_or_default();
    let joints = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_whitespace() || b";,+-*|&)]}/^".contains(byte))
        .take(16)
        .count();
    let outer = before.get(..before.len() - joints).unwrap_or_default();
    if let Some(quote @ (b'"' | b'\'' | b'`')) = outer.last().copied() {
        let first = memchr(quote, outer) == Some(outer.len() - 1);
        if joints > 0 && first {
            return Some(Hit::new(80, outer.len() - 1, text.len()));
        }
    }
    let call = text.get(start..end).unwrap_or_default();
    if short && script::is_trial(call) {
        return Some(Hit::new(64, start, text.len()));
    }
    let rest = text.get(end..).unwrap_or_default().trim_ascii_start();
    let left = [
        b">".as_slice(),
        b"<",
        b"//",
        b"\"",
        b"'",
        b";//",
        b"-->",
        b"autofocus",
    ]
    .iter()
    .any(|begin| rest.starts_with(begin));
    (before.is_empty() && left).then(|| Hit::new(64, 0, text.len()))
}
