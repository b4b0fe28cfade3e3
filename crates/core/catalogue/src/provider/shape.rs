//! What is known of a kind of provider, as data.

/// What is known of a kind of provider.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// Its name in configuration, logs, metrics and price lists.
    pub label: &'static str,
    /// What it is, in one sentence, for the schema and its reference.
    pub about: &'static str,
    /// What is behind it.
    pub nature: Nature,
    /// Root of its API without trailing slash; `None` where configuration must say it.
    pub base_url: Option<&'static str>,
    /// Whether the version is part of its base URL (`https://host/v1`), and not of the
    /// paths below it.
    pub version_in_base_url: bool,
    /// Labels of the wire formats it speaks; of each operation the preferred one first.
    pub formats: &'static [&'static str],
    /// True for whoever defined those formats, who knows the newest names of their
    /// parameters.
    pub is_original: bool,
    /// How it wants its credential.
    pub auth: Auth,
    /// The environment variable in which its users keep their key, for advice; `None`
    /// where its own address answers without one.
    pub key_variable: Option<&'static str>,
}

/// What is behind a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Models at an address.
    Models,
    /// The simulator; started in the process where it has no address.
    Simulator,
    /// Any HTTP service; it serves no models, only routes lead to it.
    Http,
}

/// How a provider wants its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `authorization: Bearer KEY`.
    Bearer,
    /// The key alone in a header of this name.
    Header(&'static str),
}
