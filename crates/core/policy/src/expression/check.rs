//! What an expression may be: known names, bounded depth, bounded work.

use cel::Program;
use cel::common::ast::{EntryExpr, Expr, IdedExpr};

use super::{ExpressionError, SOURCE_BYTES_MAX, VARIABLES};
use crate::similar::similar;

/// How deeply brackets, conditionals and the parsed tree may nest.
const DEPTH_MAX: usize = 32;

/// How many nodes the parsed tree may have; with comprehensions unnested and over
/// literal lists only, this bounds the work of an evaluation.
const NODES_MAX: usize = 1024;

/// Functions an expression may call. Operators are written `_==_` in the tree.
const FUNCTIONS: [&str; 11] = [
    "contains",
    "startsWith",
    "endsWith",
    "size",
    "int",
    "uint",
    "double",
    "string",
    "bool",
    "dyn",
    "type",
];

/// How many operators an expression may have, `&&` and `||` apart: each can be a level
/// of the tree, and parser and evaluation recurse.
const OPERATORS_MAX: usize = 256;

/// Checks the source before the parser sees it: the parser recurses.
pub(super) fn source(source: &str) -> Result<(), ExpressionError> {
    if source.len() > SOURCE_BYTES_MAX {
        let message = format!(
            "the expression has {} bytes, the limit is {SOURCE_BYTES_MAX}",
            source.len()
        );
        return Err(ExpressionError::at(source, 0, message));
    }
    let mut depth = 0_usize;
    let mut conditionals = 0_usize;
    let mut operators = 0_usize;
    let mut before = 0;
    let mut quote: Option<u8> = None;
    let mut bytes = source.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (quote, byte) {
            (Some(_), b'\\') => {
                bytes.next();
            }
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b'?') => conditionals += 1,
            (None, b'=') if matches!(before, b'=' | b'!' | b'<' | b'>') => {}
            (None, b'+' | b'-' | b'*' | b'/' | b'%' | b'.' | b'!' | b'<' | b'>' | b'=') => {
                operators += 1;
            }
            (None, _) => {}
        }
        operators += usize::from(quote.is_none() && byte == b'[');
        before = byte;
        if operators > OPERATORS_MAX {
            let message = format!("the expression has more than {OPERATORS_MAX} operators");
            return Err(ExpressionError::at(source, at, message));
        }
        if depth > DEPTH_MAX || conditionals > DEPTH_MAX {
            return Err(too_deep(source, at));
        }
    }
    Ok(())
}

/// Checks the parsed tree.
pub(super) fn program(source: &str, program: &Program) -> Result<(), ExpressionError> {
    Tree {
        source,
        program,
        nodes: 0,
        bound: Vec::new(),
    }
    .check(program.expression(), 0)
}

fn too_deep(source: &str, offset: usize) -> ExpressionError {
    ExpressionError::at(
        source,
        offset,
        format!("the expression is nested deeper than {DEPTH_MAX} levels"),
    )
}

/// A walk over the parsed tree; its depth is bounded, so it may recurse.
struct Tree<'s> {
    source: &'s str,
    program: &'s Program,
    nodes: usize,
    /// Names that the comprehension around binds.
    bound: Vec<&'s str>,
}

impl<'s> Tree<'s> {
    fn check(&mut self, node: &'s IdedExpr, depth: usize) -> Result<(), ExpressionError> {
        self.nodes += 1;
        if depth > 2 * DEPTH_MAX {
            return Err(too_deep(self.source, self.offset(node)));
        }
        if self.nodes > NODES_MAX {
            return Err(self.error(
                node,
                format!("the expression has more than {NODES_MAX} parts"),
            ));
        }
        let below = depth + 1;
        match &node.expr {
            Expr::Unspecified | Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.variable(node, name),
            Expr::Select(select) => self.check(&select.operand, below),
            Expr::Call(call) => {
                self.function(node, &call.func_name)?;
                call.target
                    .iter()
                    .try_for_each(|target| self.check(target, below))?;
                call.args
                    .iter()
                    .try_for_each(|argument| self.check(argument, below))
            }
            Expr::List(list) => list
                .elements
                .iter()
                .try_for_each(|element| self.check(element, below)),
            Expr::Map(map) => map
                .entries
                .iter()
                .try_for_each(|entry| self.entry(&entry.expr, below)),
            Expr::Struct(_) => Err(self.error(node, "messages cannot be built here".to_owned())),
            Expr::Comprehension(loop_) => {
                if !self.bound.is_empty() {
                    return Err(self.error(
                        node,
                        "a comprehension cannot stand inside another".to_owned(),
                    ));
                }
                if !matches!(loop_.iter_range.expr, Expr::List(_)) {
                    return Err(self.error(
                        node,
                        "only a list that is written out can be gone through".to_owned(),
                    ));
                }
                self.check(&loop_.iter_range, below)?;
                self.bound.push(&loop_.iter_var);
                self.bound.push(&loop_.accu_var);
                self.bound.extend(loop_.iter_var2.as_deref());
                let parts = [
                    &loop_.accu_init,
                    &loop_.loop_cond,
                    &loop_.loop_step,
                    &loop_.result,
                ];
                parts
                    .into_iter()
                    .try_for_each(|part| self.check(part, below))?;
                self.bound.clear();
                Ok(())
            }
        }
    }

    fn entry(&mut self, entry: &'s EntryExpr, depth: usize) -> Result<(), ExpressionError> {
        match entry {
            EntryExpr::StructField(field) => self.check(&field.value, depth),
            EntryExpr::MapEntry(entry) => {
                self.check(&entry.key, depth)?;
                self.check(&entry.value, depth)
            }
        }
    }

    fn variable(&self, node: &IdedExpr, name: &str) -> Result<(), ExpressionError> {
        let known = VARIABLES.map(|(known, _)| known);
        if known.contains(&name) || self.bound.contains(&name) {
            return Ok(());
        }
        Err(self.error(
            node,
            format!("unknown variable `{name}`{}", offer(name, &known)),
        ))
    }

    fn function(&self, node: &IdedExpr, name: &str) -> Result<(), ExpressionError> {
        let operator = !name.starts_with(|c: char| c.is_ascii_alphabetic());
        if operator || FUNCTIONS.contains(&name) {
            return Ok(());
        }
        Err(self.error(
            node,
            format!("unknown function `{name}`{}", offer(name, &FUNCTIONS)),
        ))
    }

    fn offset(&self, node: &IdedExpr) -> usize {
        let chars = self
            .program
            .source_info()
            .offset_for(node.id)
            .map_or(0, |(start, _)| start as usize);
        self.source
            .char_indices()
            .nth(chars)
            .map_or(self.source.len(), |(at, _)| at)
    }

    fn error(&self, node: &IdedExpr, message: String) -> ExpressionError {
        ExpressionError::at(self.source, self.offset(node), message)
    }
}

/// The nearest known name, and all of them.
fn offer(name: &str, known: &[&str]) -> String {
    let list = known.join(", ");
    match similar(name, known.iter().copied()) {
        Some(known) => format!("; did you mean `{known}`? Known: {list}"),
        None => format!("; known: {list}"),
    }
}
