//! Keys of objects, and the refusal of a key that comes twice.

use std::borrow::Cow;
use std::ops::Deref;

use super::{Duplicate, Error};
use crate::span::StrSpan;

/// The key of an object's member, decoded: `"\u006dodel"` is `model`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) span: StrSpan,
}

impl Key<'_> {
    /// The decoded key.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it lies.
    #[must_use]
    pub const fn span(&self) -> StrSpan {
        self.span
    }
}

impl Deref for Key<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Key<'_> {
    #[inline]
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Fills `slot`, which the value of `key` may do once.
///
/// # Errors
///
/// [`Error::DuplicateKey`] when it is filled already.
#[inline]
pub fn set_once<T>(slot: &mut Option<T>, value: T, key: &Key<'_>) -> Result<(), Error> {
    if slot.is_some() {
        return Err(duplicate(key));
    }
    *slot = Some(value);
    Ok(())
}

#[cold]
#[inline(never)]
fn duplicate(key: &Key<'_>) -> Error {
    Error::DuplicateKey(Box::new(Duplicate {
        offset: key.span.span.start,
        key: key.as_str().into(),
    }))
}
