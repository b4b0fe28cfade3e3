//! Tags and their attributes.

use memchr::{memchr, memchr2};

use super::script::{is_active, is_scheme_before};

/// How many bytes of a tag are looked at.
const TAG_BYTES_MAX: usize = 512;

/// What a tag with an attribute is worth where only names and numbers belong.
pub(super) const MARKUP: u8 = 62;

/// A tag as the tokenizer of HTML sees it.
#[derive(Debug)]
pub(super) struct Tag<'t> {
    closing: bool,
    name: &'t [u8],
    /// What stands between the name and the end of the tag.
    attributes: &'t [u8],
    /// What follows it.
    behind: &'t [u8],
}

/// How much of a script is looked at.
const SCRIPT_BYTES_MAX: usize = 128;

/// One attribute.
struct Attribute<'t> {
    name: &'t [u8],
    value: &'t [u8],
}

impl<'t> Tag<'t> {
    /// The tag whose text begins behind a `<`; `None` when none does.
    pub(super) fn at(text: &'t [u8]) -> Option<Self> {
        let (closing, text) = match text.strip_prefix(b"/") {
            Some(text) => (true, text),
            None => (false, text),
        };
        if !text.first()?.is_ascii_alphabetic() {
            return None;
        }
        let text = text.get(..text.len().min(TAG_BYTES_MAX))?;
        let ends = |byte: &u8| {
            byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'<' | b'+' | 0x0b)
        };
        let name = text.iter().position(ends).unwrap_or(text.len());
        let (name, rest) = text.split_at(name);
        // `<html:script>`: the prefix of a namespace.
        let name = name.rsplit(|byte| *byte == b':').next().unwrap_or(name);
        // A further `<` is a tag of its own: quotes cannot be trusted.
        let end = memchr2(b'>', b'<', rest).unwrap_or(rest.len());
        let (attributes, behind) = rest.split_at(end);
        Some(Self {
            closing,
            name,
            attributes,
            behind: behind
                .get(..behind.len().min(SCRIPT_BYTES_MAX))
                .unwrap_or_default(),
        })
    }

    /// What it is worth as a sign of an attack.
    pub(super) fn score(&self) -> u8 {
        let own = self.own_score();
        if self.closing {
            return own;
        }
        let mut best = own;
        let mut rest = self.attributes;
        while let Some((attribute, behind)) = attribute(rest) {
            rest = behind;
            let markup = if attribute.value.is_empty() {
                0
            } else {
                MARKUP
            };
            best = best.max(attribute.score()).max(markup);
        }
        let script = self.name == b"script" && is_active(self.behind);
        if best < 88 && (script || is_active(self.attributes)) {
            best = 88;
        }
        best
    }

    /// By its name.
    fn own_score(&self) -> u8 {
        if self.closing {
            return match self.name {
                b"script" => 75,
                b"textarea" | b"title" | b"style" | b"iframe" | b"noscript" | b"xmp" => 55,
                _ => 0,
            };
        }
        match self.name {
            b"script" | b"iframe" | b"applet" | b"embed" | b"frameset" | b"frame" | b"layer"
            | b"ilayer" | b"bgsound" | b"isindex" | b"xss" | b"portal" | b"fencedframe" => 80,
            b"object" | b"base" | b"meta" | b"link" | b"style" | b"svg" | b"math" | b"xml"
            | b"form" | b"import" => 65,
            b"img" | b"image" | b"video" | b"audio" | b"source" if !self.attributes.is_empty() => {
                55
            }
            // `<scr<script>ipt>`: written for a filter that takes out the inner one.
            b"scr" | b"scri" | b"ifr" => 60,
            _ => 0,
        }
    }
}

/// The first attribute of `text` and what stands behind it.
fn attribute(text: &[u8]) -> Option<(Attribute<'_>, &[u8])> {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'+' | 0x0b);
    let start = text.iter().position(|byte| !blank(byte))?;
    let text = text.get(start..)?;
    let ends = |byte: &u8| blank(byte) || *byte == b'=';
    // An attribute may begin with `=`.
    let length = 1 + text
        .get(1..)?
        .iter()
        .position(ends)
        .unwrap_or(text.len() - 1);
    let (name, rest) = text.split_at(length);
    let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else {
        let none = Attribute { name, value: b"" };
        return Some((none, rest));
    };
    let value = value.trim_ascii_start();
    let (value, rest) = match value.first() {
        Some(quote @ (b'"' | b'\'' | b'`')) => {
            let inside = value.get(1..)?;
            let end = memchr(*quote, inside).unwrap_or(inside.len());
            let (value, rest) = inside.split_at(end);
            (value, rest.get(1..).unwrap_or_default())
        }
        _ => {
            let blank = |byte: &u8| byte.is_ascii_whitespace();
            let end = value.iter().position(blank).unwrap_or(value.len());
            value.split_at(end)
        }
    };
    Some((Attribute { name, value }, rest))
}

impl Attribute<'_> {
    fn score(&self) -> u8 {
        let name = self
            .name
            .iter()
            .position(u8::is_ascii_alphabetic)
            .and_then(|start| self.name.get(start..))
            .unwrap_or_default();
        if is_event(name) {
            return if self.value.is_empty() { 55 } else { 78 };
        }
        match name {
            b"srcdoc" | b"formaction" | b"http-equiv" => 82,
            b"style" if is_lively(self.value) => 75,
            _ if name.starts_with(b"xmlns") => 60,
            _ if memchr(b':', self.value)
                .is_some_and(|colon| is_scheme_before(self.value, colon).is_some()) =>
            {
                88
            }
            _ => 0,
        }
    }
}

/// Styles that load or run something.
fn is_lively(style: &[u8]) -> bool {
    [
        b"url(".as_slice(),
        b"expression",
        b"binding",
        b"@import",
        b"behavior",
        b"image:",
    ]
    .iter()
    .any(|sign| memchr::memmem::find(style, sign).is_some())
}

/// What the names of event handlers begin with, behind `on`.
const EVENTS: [&[u8]; 81] = [
    b"abort",
    b"activate",
    b"after",
    b"animation",
    b"auxclick",
    b"before",
    b"begin",
    b"blur",
    b"bounce",
    b"cancel",
    b"canplay",
    b"cellchange",
    b"change",
    b"click",
    b"close",
    b"contextmenu",
    b"controlselect",
    b"copy",
    b"cuechange",
    b"cut",
    b"data",
    b"dblclick",
    b"deactivate",
    b"drag",
    b"drop",
    b"durationchange",
    b"emptied",
    b"end",
    b"error",
    b"filter",
    b"finish",
    b"focus",
    b"formdata",
    b"fullscreen",
    b"gesture",
    b"hashchange",
    b"help",
    b"input",
    b"invalid",
    b"key",
    b"layoutcomplete",
    b"load",
    b"losecapture",
    b"message",
    b"mouse",
    b"move",
    b"offline",
    b"online",
    b"page",
    b"paste",
    b"pause",
    b"play",
    b"pointer",
    b"popstate",
    b"progress",
    b"propertychange",
    b"readystatechange",
    b"repeat",
    b"reset",
    b"resize",
    b"row",
    b"scroll",
    b"search",
    b"securitypolicyviolation",
    b"select",
    b"show",
    b"start",
    b"stop",
    b"storage",
    b"submit",
    b"time",
    b"toggle",
    b"touch",
    b"transition",
    b"unhandledrejection",
    b"unload",
    b"volumechange",
    b"waiting",
    b"webkit",
    b"wheel",
    b"zoom",
];

/// Whether an attribute of this name runs a script: `onerror`.
pub(super) fn is_event(name: &[u8]) -> bool {
    name.strip_prefix(b"on")
        .is_some_and(|event| EVENTS.iter().any(|begin| event.starts_with(begin)))
}
