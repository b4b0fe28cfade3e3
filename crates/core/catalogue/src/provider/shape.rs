//! What is known of a kind of provider, as data.

use super::quirk::Quirks;

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
    /// The cloud whose identities it takes where it is given no key.
    pub cloud: Option<Cloud>,
    /// Where its operations are below its base URL.
    pub paths: Paths,
    /// Formats that only models whose names begin so are spoken to in, each with its
    /// label; such models are spoken to in no others.
    pub only: &'static [(&'static str, &'static str)],
    /// Formats that not all of its models are spoken to in, each with what is in the names of
    /// those that are.
    pub within: &'static [(&'static str, &'static str)],
    /// Formats that models whose names begin so are not spoken to in, each with its label.
    pub never: &'static [(&'static str, &'static str)],
    /// What its servers refuse or name otherwise.
    pub quirks: &'static [Quirks],
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

/// A cloud that gives identities to whoever runs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// Amazon Web Services: requests are signed.
    Aws,
    /// Google Cloud: OAuth 2.0 tokens.
    Google,
    /// Microsoft Azure: tokens of Entra ID.
    Azure,
}

/// Where operations are below a provider's base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paths {
    /// Where their formats say.
    OfFormats,
    /// By deployment where an API version is configured, else below `/openai/v1`.
    Azure,
    /// Beside Bedrock's own those of OpenAI, below `/openai/v1`.
    Bedrock,
    /// By project, location and publisher.
    Vertex,
}
