//! Who calls: gateway keys, where a request carries them, and which entry they match; and
//! who we are to providers that take no key: [`CloudCredential`].
//!
//! A key is `tg_<env>_<id>_<secret><checksum>`. Configurations hold only its SHA-256;
//! the key itself is shown once. No key and no part of one gets into an error or a `Debug`
//! form. What concerns callers does no I/O apart from asking the system for random bits,
//! and knows no clock: time is an argument.

mod carrier;
mod cloud;
mod key;
mod keyring;
mod scope;

pub use carrier::{Carrier, CredentialError, credential, credential_of, socket_credential};
pub use cloud::{
    AwsKeys, AwsSettings, AzureSettings, CloudCredential, CloudEnvironment, CloudSettings,
    CredentialState, GoogleSettings, NoCredential, ToSign,
};
pub use key::{GenerateError, KeyError, NewKey, PresentedKey, generate, hash, parse, parse_hash};
pub use keyring::{AuthError, KeyEntry, Keyring, KeyringError};
pub use scope::ModelScope;
