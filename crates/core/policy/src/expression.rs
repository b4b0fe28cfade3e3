//! Conditions: CEL expressions over what is known of a request.
//!
//! An expression is compiled once; unknown variables and functions are refused
//! there, with what is known. Its cost is bounded at compile time too: bounded
//! source, depth and comprehensions, no patterns. Evaluation borrows the request:
//! only what an expression names is looked at.

mod check;
mod facts;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use cel::common::types::CelBool;
use cel::{Context, Env, ExecutionError, Program, Value};

use facts::Resolver;
pub use facts::{RequestFacts, VARIABLES};

/// The longest source of an expression, in bytes.
pub const SOURCE_BYTES_MAX: usize = 4096;

/// CEL's standard library, built once: building it costs more than evaluating.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// Why an expression does not compile. `line` and `column` count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct ExpressionError {
    /// What is wrong, and what would be right.
    pub message: String,
    /// Byte offset in the source.
    pub offset: usize,
    /// Line in the source.
    pub line: usize,
    /// Column in the line, in characters.
    pub column: usize,
}

impl ExpressionError {
    /// An error at a byte offset of `source`.
    fn at(source: &str, offset: usize, message: String) -> Self {
        let offset = offset.min(source.len());
        let before = source.get(..offset).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        Self {
            message,
            offset,
            line,
            column,
        }
    }
}

/// Why an expression has no value for a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// It asked for a header that the request does not have; `"x" in headers` tells.
    #[error("the request has no header `{0}`")]
    HeaderMissing(String),
    /// Its value is not true or false.
    #[error("the expression gives a value of type {0}, not true or false")]
    NotBool(String),
    /// Any other failure: types that do not go together, overflow, division by zero.
    #[error("{0}")]
    Failed(String),
}

/// A compiled condition.
#[derive(Debug)]
pub struct Expression {
    program: Program,
}

impl Expression {
    /// Compiles a CEL expression. The variables are [`VARIABLES`].
    ///
    /// # Errors
    /// With the place in the source: a syntax error, an unknown variable or
    /// function, or an expression over a limit (source over
    /// [`SOURCE_BYTES_MAX`], nested too deeply, a comprehension within another).
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        check::source(source)?;
        let program = ENVIRONMENT
            .compile(source)
            .map_err(|errors| syntax(source, &errors))?;
        check::program(source, &program)?;
        Ok(Self { program })
    }

    /// Evaluates the expression for one request.
    ///
    /// Standard CEL: a missing header is an error where its value is asked for,
    /// and `&&` and `||` absorb it when the other side decides. A caller takes an
    /// error for "does not apply".
    ///
    /// # Errors
    /// When the expression has no value for this request, or one that is not a bool.
    pub fn evaluate(&self, facts: &RequestFacts<'_>) -> Result<bool, EvaluationError> {
        let resolver = Resolver(*facts);
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        context.set_variable_resolver(&resolver);
        let value = Value::resolve_val(self.program.expression(), &context).map_err(failure)?;
        match value.downcast_ref::<CelBool>() {
            Some(answer) => Ok(*answer.inner()),
            None => Err(EvaluationError::NotBool(value.get_type().name().to_owned())),
        }
    }
}

/// The first syntax error, without the parser's drawing.
fn syntax(source: &str, errors: &cel::ParseErrors) -> ExpressionError {
    let Some(first) = errors.errors.first() else {
        return ExpressionError::at(source, 0, "not a CEL expression".to_owned());
    };
    let line = usize::try_from(first.pos.0).unwrap_or(1).max(1);
    let column = usize::try_from(first.pos.1).unwrap_or(1).max(1);
    let line_start: usize = source
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let rest = source.get(line_start..).unwrap_or_default();
    let within = rest
        .char_indices()
        .nth(column - 1)
        .map_or(rest.len(), |(at, _)| at);
    ExpressionError::at(source, line_start + within, first.msg.clone())
}

fn failure(error: ExecutionError) -> EvaluationError {
    match error {
        ExecutionError::NoSuchKey(key) => EvaluationError::HeaderMissing(key.as_ref().clone()),
        other => EvaluationError::Failed(other.to_string()),
    }
}
