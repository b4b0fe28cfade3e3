//! From YAML text to a tree.
//!
//! Everything is bounded: depth, number of values, text, and what aliases
//! expand to. Refused: more than one document, tags, keys that are no text, a
//! key written twice. Plain scalars follow the core schema of YAML 1.2: `yes`
//! and `on` are text.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::{Entry, Node, Value};
use crate::problem::{Problem, quote};
use crate::sources::Source;
use crate::valid::Origin;

mod advice;
mod open;
mod scalar;

use advice::{syntax_help, syntax_message};
use open::{Inside, Open, Size};
use scalar::resolve;

/// Levels of nesting.
const DEPTH_MAX: usize = 32;
/// Values of one file, aliases expanded.
const VALUES_MAX: usize = 100_000;
/// Bytes of text of one file, aliases expanded.
const TEXT_BYTES_MAX: usize = 4 << 20;
/// Fields of one map.
const FIELDS_MAX: usize = 4096;

const TOO_MUCH: &str = "no configuration needs this; check that this is the right file";

/// What became of one file.
pub(crate) struct Read {
    /// What was read: all of it, or what stands before a syntax error. An empty map of
    /// an empty file, and of one that has too much or what is not used here.
    pub(crate) node: Node,
    /// Whether that is all.
    pub(crate) is_whole: bool,
    /// What is wrong with it.
    pub(crate) problems: Vec<Problem>,
}

/// Reads one file, as far as it can be read.
pub(crate) fn read(source: &Source) -> Read {
    read_by(Reader::new(source))
}

/// Reads a file of several documents: a list of them.
pub(crate) fn read_documents(source: &Source) -> Read {
    read_by(Reader {
        documents: Some(Vec::new()),
        ..Reader::new(source)
    })
}

fn read_by(mut reader: Reader<'_>) -> Read {
    let source = reader.source;
    let mut parser = Parser::new_from_str(&source.text);
    loop {
        match parser.next_event() {
            None | Some(Ok((Event::StreamEnd, _))) => return reader.finish(true),
            Some(Ok((event, span))) => {
                if let Err(problem) = reader.event(event, span) {
                    reader.problems.push(*problem);
                    reader.open.clear();
                    reader.root = None;
                    return reader.finish(false);
                }
            }
            Some(Err(error)) => {
                let problem = reader.syntax(&error);
                reader.problems.push(problem);
                reader.cut();
                return reader.finish(false);
            }
        }
    }
}

/// Why reading stops at once.
type Step = Result<(), Box<Problem>>;

struct Reader<'s> {
    source: &'s Source,
    layer: Origin,
    /// The end of the text: its last line, and the column behind that.
    end: (u32, u32),
    size: Size,
    anchors: BTreeMap<usize, (Node, Size)>,
    open: Vec<Open>,
    root: Option<Node>,
    /// The documents before this one, where there may be several.
    documents: Option<Vec<Node>>,
    problems: Vec<Problem>,
}

fn end_of(text: &str) -> (u32, u32) {
    let (line, last) = text.lines().enumerate().last().unwrap_or_default();
    (
        number(line).saturating_add(1),
        number(last.chars().count()).saturating_add(1),
    )
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl<'s> Reader<'s> {
    fn new(source: &'s Source) -> Self {
        Self {
            source,
            layer: source.origin(0, 0),
            end: end_of(&source.text),
            size: Size::default(),
            anchors: BTreeMap::new(),
            open: Vec::new(),
            root: None,
            documents: None,
            problems: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Step {
        let origin = self.origin(span);
        match event {
            Event::DocumentStart(_) if self.documents.is_some() => {
                self.close_document();
                Ok(())
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                let message = "a second YAML document begins here";
                let help = "remove the `---`, or move it to a file of its own in `base`";
                stop(Problem::error(origin, "", message).with_help(help))
            }
            Event::Alias(anchor) => self.alias(anchor, origin),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &origin)?;
                self.grow(1, text.len(), &origin)?;
                if self.expects_key() {
                    return self.key(&text, origin);
                }
                let size = Size {
                    values: 1,
                    text_bytes: text.len(),
                };
                let value = match style {
                    ScalarStyle::Plain => resolve(&text),
                    _ => Value::Text(text.into_owned()),
                };
                self.value(Node { origin, value }, anchor, size);
                Ok(())
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), &origin)?;
                self.begin(origin, anchor, Inside::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), &origin)?;
                let inside = Inside::Map {
                    entries: Vec::new(),
                    keys: BTreeMap::new(),
                    key: None,
                };
                self.begin(origin, anchor, inside)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end();
                Ok(())
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, origin: Origin, anchor: usize, inside: Inside) -> Step {
        if self.expects_key() {
            let message = "a key must be a word or text";
            let help = "a value that begins with `{` or `[` must be in quotes";
            return stop(self.problem(origin, message).with_help(help));
        }
        if self.open.len() >= DEPTH_MAX {
            let message = format!("nested deeper than {DEPTH_MAX} levels");
            return stop(self.problem(origin, message).with_help(TOO_MUCH));
        }
        let before = self.size;
        self.grow(1, 0, &origin)?;
        self.open.push(Open {
            origin,
            anchor,
            before,
            inside,
        });
        Ok(())
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let value = match open.inside {
            Inside::List(items) => Value::List(items),
            Inside::Map { entries, .. } => Value::Map(entries),
        };
        let size = Size {
            values: self.size.values - open.before.values,
            text_bytes: self.size.text_bytes - open.before.text_bytes,
        };
        let origin = open.origin;
        self.value(Node { origin, value }, open.anchor, size);
    }

    fn alias(&mut self, anchor: usize, origin: Origin) -> Step {
        if self.expects_key() {
            let message = "an alias cannot be a key";
            let help = "write the key out, or put text that begins with `*` in quotes";
            return stop(self.problem(origin, message).with_help(help));
        }
        let Some((_, size)) = self.anchors.get(&anchor) else {
            let message = "this alias stands inside its own anchor";
            let help = "write the value out here";
            return stop(self.problem(origin, message).with_help(help));
        };
        let size = *size;
        self.grow(size.values, size.text_bytes, &origin)?;
        if let Some((node, _)) = self.anchors.get(&anchor) {
            let node = node.clone();
            self.value(node, 0, size);
        }
        Ok(())
    }

    fn key(&mut self, text: &str, origin: Origin) -> Step {
        if text == "<<" {
            let help = "write the fields out, or use an overlay for what differs";
            let message = "merge keys (`<<`) are not part of YAML 1.2";
            return stop(self.problem(origin, message).with_help(help));
        }
        let too_many = format!("more than {FIELDS_MAX} fields in one map");
        let full = match self.open.last_mut().map(|open| &mut open.inside) {
            Some(Inside::Map { keys, key, .. }) => {
                *key = Some((text.to_owned(), origin.clone()));
                keys.len() >= FIELDS_MAX
            }
            _ => false,
        };
        if full {
            return stop(self.problem(origin, too_many).with_help(TOO_MUCH));
        }
        Ok(())
    }

    /// Puts a finished value where it belongs. A second value of the same key is
    /// reported and dropped.
    fn value(&mut self, node: Node, anchor: usize, size: Size) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let path = self.path();
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.root = Some(node),
            Some(Inside::List(items)) => items.push(node),
            Some(Inside::Map { entries, keys, key }) => {
                let Some((key, origin)) = key.take() else {
                    return;
                };
                if let Some(first) = keys.get(&key) {
                    let name = quote(&key);
                    let (line, column) = (first.line, first.column);
                    let message =
                        format!("{name} is written twice; first at line {line}, column {column}");
                    let help = "keep one of them";
                    self.problems
                        .push(Problem::error(origin, path, message).with_help(help));
                    return;
                }
                keys.insert(key.clone(), origin.clone());
                entries.push(Entry { key, origin, node });
            }
        }
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.open.last().map(|open| &open.inside),
            Some(Inside::Map { key: None, .. })
        )
    }

    fn grow(&mut self, values: usize, text_bytes: usize, origin: &Origin) -> Step {
        self.size.values = self.size.values.saturating_add(values);
        self.size.text_bytes = self.size.text_bytes.saturating_add(text_bytes);
        if self.size.values > VALUES_MAX || self.size.text_bytes > TEXT_BYTES_MAX {
            let message = format!(
                "more than {VALUES_MAX} values or {TEXT_BYTES_MAX} bytes of text in one file, aliases expanded"
            );
            return stop(self.problem(origin.clone(), message).with_help(TOO_MUCH));
        }
        Ok(())
    }

    fn refuse_tag(&self, tagged: bool, origin: &Origin) -> Step {
        if !tagged {
            return Ok(());
        }
        let help = "remove the word with `!`; text that looks like a number goes in quotes";
        let problem = self.problem(origin.clone(), "YAML tags (`!...`) are not used here");
        stop(problem.with_help(help))
    }

    fn problem(&self, origin: Origin, message: impl Into<String>) -> Problem {
        Problem::error(origin, self.path(), message)
    }

    /// The path of the value that comes next.
    fn path(&self) -> String {
        open::path(&self.open)
    }

    /// Where something starts. The parser puts what is missing at the end on the line
    /// behind the last one, where nobody can look.
    fn origin(&self, span: Span) -> Origin {
        let start = (
            number(span.start.line()).max(1),
            number(span.start.col()).saturating_add(1),
        );
        let (line, column) = if start.0 > self.end.0 {
            self.end
        } else {
            start
        };
        Origin {
            line,
            column,
            ..self.layer.clone()
        }
    }

    fn syntax(&self, error: &ScanError) -> Problem {
        let origin = self.origin(Span::empty(*error.marker()));
        if error.info().contains("recursion limit") {
            let message = format!("nested deeper than {DEPTH_MAX} levels");
            return self.problem(origin, message).with_help(TOO_MUCH);
        }
        let line = usize::try_from(origin.line).unwrap_or(usize::MAX);
        let text = self.source.text.lines().nth(line.saturating_sub(1));
        let help = syntax_help(error.info(), text.unwrap_or_default());
        self.problem(
            origin,
            format!("not valid YAML: {}", syntax_message(error.info())),
        )
        .with_help(help)
    }

    /// Closes what is open where reading stops.
    fn cut(&mut self) {
        open::cut(&mut self.open);
        while !self.open.is_empty() {
            self.end();
        }
    }

    /// Sets a document aside; one without a value is none.
    fn close_document(&mut self) {
        let written = self.root.take().filter(|node| node.value != Value::Null);
        if let Some(documents) = &mut self.documents {
            documents.extend(written);
        }
    }

    fn finish(mut self, is_whole: bool) -> Read {
        if self.documents.is_some() {
            self.close_document();
            let origin = self.source.origin(1, 1);
            let value = Value::List(self.documents.take().unwrap_or_default());
            self.root = Some(Node { origin, value });
        }
        let written = self.root.filter(|node| node.value != Value::Null);
        Read {
            node: written.unwrap_or_else(|| Node::empty_map(self.source.origin(1, 1))),
            is_whole,
            problems: self.problems,
        }
    }
}

fn stop(problem: Problem) -> Step {
    Err(Box::new(problem))
}
