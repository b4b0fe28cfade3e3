//! What an expression can ask about a request, without copying it.

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer};
use cel::common::types::{CelBool, CelInt, CelString, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

/// The variables of expressions, with their types, for documents and messages.
pub const VARIABLES: [(&str, &str); 8] = [
    ("service", "string"),
    ("team", "string"),
    ("headers", "map of string to string, names in lower case"),
    ("path", "string"),
    ("model", "string"),
    ("input_bytes", "int"),
    ("has_image", "bool"),
    ("tokens", "int, an estimate"),
];

/// What is known of a request when conditions are evaluated.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'r> {
    /// The service that calls; empty when it is anonymous.
    pub service: &'r str,
    /// The service's team; empty when it has none.
    pub team: &'r str,
    /// The request's headers. A header that came several times has its first value;
    /// one that is not UTF-8 counts as missing.
    pub headers: &'r http::HeaderMap,
    /// The path, without the query.
    pub path: &'r str,
    /// The model as the caller named it; empty when there is none. `None` where the model
    /// is of an earlier request and nobody knows it: then what follows is as unknown, and an
    /// expression that asks for it has no value.
    pub model: Option<&'r str>,
    /// Raw bytes of all texts of the request.
    pub input_bytes: u64,
    /// Whether any part is an image.
    pub has_image: bool,
    /// The estimated number of input tokens.
    pub tokens: u64,
}

/// Gives CEL the variables it asks for, one by one.
pub(super) struct Resolver<'r>(pub(super) RequestFacts<'r>);

impl VariableResolver for Resolver<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let facts = &self.0;
        let size = |bytes| facts.model.map(|_known| CowVal::owned(int(bytes)));
        Some(match variable {
            "service" => CowVal::owned(CelString::from(facts.service)),
            "team" => CowVal::owned(CelString::from(facts.team)),
            "headers" => CowVal::owned(Headers(facts.headers)),
            "path" => CowVal::owned(CelString::from(facts.path)),
            "model" => CowVal::owned(CelString::from(facts.model?)),
            "input_bytes" => size(facts.input_bytes)?,
            "has_image" => facts
                .model
                .map(|_known| CowVal::owned(CelBool::from(facts.has_image)))?,
            "tokens" => size(facts.tokens)?,
            _ => return None,
        })
    }
}

fn int(value: u64) -> CelInt {
    CelInt::from(i64::try_from(value).unwrap_or(i64::MAX))
}

/// The headers as a CEL map that looks them up on access.
#[derive(Clone, Copy, Debug)]
struct Headers<'r>(&'r http::HeaderMap);

impl<'r> Headers<'r> {
    fn value(self, name: &dyn Val) -> Result<&'r str, ExecutionError> {
        let Some(name) = name.downcast_ref::<CelString<'_>>() else {
            return Err(ExecutionError::UnexpectedType {
                got: name.get_type().name().to_owned(),
                want: "string".to_owned(),
            });
        };
        self.0
            .get(name.inner())
            .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
            .ok_or_else(|| ExecutionError::no_such_key(name.inner()))
    }
}

impl Val for Headers<'_> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(*self)
    }
}

impl Container for Headers<'_> {
    fn contains(&self, name: &dyn Val) -> Result<bool, ExecutionError> {
        match self.value(name) {
            Ok(_) => Ok(true),
            Err(ExecutionError::NoSuchKey(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Indexer for Headers<'_> {
    fn get<'b, 'v>(&'b self, name: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Ok(CowVal::owned(CelString::from(self.value(name)?)))
    }

    fn steal<'v>(self: Box<Self>, name: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Ok(Box::new(CelString::from(self.value(name)?)))
    }
}
