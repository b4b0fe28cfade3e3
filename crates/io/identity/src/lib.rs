//! Who calls: gateway keys, where a request carries them, and which entry they match.
//!
//! A key is `tg_<env>_<id>_<secret><checksum>`. Configurations hold only its SHA-256;
//! the key itself is shown once. The crate does no I/O apart from asking the system
//! for random bits, knows no clock (time is an argument) and never puts a key or a
//! part of one into an error or a `Debug` form.

mod carrier;
mod key;
mod keyring;
mod scope;

pub use carrier::{Carrier, CredentialError, credential};
pub use key::{GenerateError, KeyError, NewKey, PresentedKey, generate, hash, parse, parse_hash};
pub use keyring::{AuthError, KeyEntry, Keyring, KeyringError};
pub use scope::ModelScope;
