//! Errors as providers report them and as callers read them.

use std::borrow::Cow;

use tollgate_types::ErrorClass;

mod read;

pub(crate) use read::{read, read_ended, read_in_stream, read_named};

/// Length of a provider's message that is kept, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 2048;

/// An error read from a provider: an error body, or an error event in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it means for us.
    pub class: ErrorClass,
    /// The HTTP status, or the one that this kind of error has when it comes inside a 200 stream.
    pub status: u16,
    /// The provider's own type (`rate_limit_error`, `invalid_request_error` …).
    pub kind: Option<String>,
    /// The provider's own code (`context_length_exceeded` …).
    pub code: Option<String>,
    /// The parameter it names.
    pub param: Option<String>,
    /// The provider's message.
    pub message: String,
}

impl Failure {
    /// What a provider sent that this program cannot pass on, and why.
    pub(crate) fn of_provider(message: String) -> Self {
        let class = ErrorClass::ProviderProtocol;
        Self {
            class,
            status: class.status(),
            kind: None,
            code: None,
            param: None,
            message,
        }
    }

    /// The error as the caller may read it.
    ///
    /// A refusal of the request keeps the provider's status and message, because the
    /// caller has to act on them. A refusal of the gateway's own credential says so and
    /// no more: providers repeat parts of a key in their message.
    #[must_use]
    pub fn to_answer(&self, request_id: Option<String>) -> FailureAnswer {
        let status = match self.class {
            ErrorClass::ProviderRefused if (400..500).contains(&self.status) => self.status,
            class => class.status(),
        };
        let owned = |text: &Option<String>| text.clone().map(Cow::Owned);
        FailureAnswer {
            class: self.class,
            status,
            message: Cow::Owned(self.message.clone()),
            code: owned(&self.code),
            param: owned(&self.param),
            request_id,
        }
    }
}

/// An error on its way to the caller, to be written in the caller's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureAnswer {
    /// What happened; decides the format's error type where `kind` is not given.
    pub class: ErrorClass,
    /// The HTTP status of the answer.
    pub status: u16,
    /// What the caller may read.
    pub message: Cow<'static, str>,
    /// A stable machine-readable code (`model_not_found`, `policy_violation` …).
    pub code: Option<Cow<'static, str>>,
    /// The parameter at fault.
    pub param: Option<Cow<'static, str>>,
    /// Our request id, for formats whose error body has a place for it.
    pub request_id: Option<String>,
}
