//! A value that must never be printed.

use std::fmt;

use zeroize::Zeroizing;

/// A secret string: a provider's key, a gateway key, a private key in PEM.
///
/// It has no `Display`; its `Debug` form hides the content; its memory is wiped
/// when it is dropped, copies of [`Secret::expose`] are not. [`Secret::expose`] is the only way to read it, so every
/// use can be found by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret value.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Without white space around it. What was there before is wiped.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let trimmed = self.0.trim();
        if trimmed.len() == self.0.len() {
            return self;
        }
        Self::new(trimmed.to_owned())
    }

    /// The secret itself. Use it where it leaves for its owner, and nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
