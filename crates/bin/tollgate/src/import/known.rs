//! Providers by the names that other gateways give them.

use tollgate_config::{PROVIDERS, ProviderKind};

use super::secrets::variable_name;

/// What is known of a provider under another gateway's names.
struct Known {
    /// Our kind of it; kinds that do not exist here are reached by their address.
    kind: &'static str,
    /// Other names.
    aliases: &'static [&'static str],
    /// Where it speaks OpenAI Chat Completions, if it is no kind of ours.
    compatible: Option<&'static str>,
}

impl Known {
    /// Its own address.
    fn address(&self) -> Option<&'static str> {
        let kind = ProviderKind::find(self.kind);
        kind.and_then(|kind| kind.base_url).or(self.compatible)
    }
}

const fn known(
    kind: &'static str,
    aliases: &'static [&'static str],
    compatible: Option<&'static str>,
) -> Known {
    Known {
        kind,
        aliases,
        compatible,
    }
}

static KNOWN: &[Known] = &[
    known("openai", &["text-completion-openai", "custom_openai"], None),
    known("anthropic", &[], None),
    known(
        "azure_openai",
        &["azure", "azure-openai", "azure_text", "azureopenai"],
        None,
    ),
    known(
        "gemini",
        &[
            "google",
            "google_ai_studio_gemini",
            "google-ai-studio",
            "palm",
        ],
        None,
    ),
    known(
        "vertex",
        &[
            "vertex_ai",
            "vertex-ai",
            "vertex_ai_beta",
            "gcp_vertex_gemini",
            "gcp_vertex_anthropic",
            "gcpvertexai",
            "gcpanthropic",
        ],
        None,
    ),
    known(
        "bedrock",
        &[
            "aws_bedrock",
            "amazon-bedrock",
            "bedrock_converse",
            "awsbedrock",
            "awsanthropic",
        ],
        None,
    ),
    known("mistral", &["mistral-ai", "mistralai"], None),
    known("cohere", &["cohere_chat"], None),
    known("groq", &[], None),
    known(
        "together",
        &["together_ai", "together-ai", "togetherai"],
        None,
    ),
    known("deepseek", &[], None),
    known("xai", &["x-ai", "grok"], None),
    known("fireworks", &["fireworks_ai", "fireworks-ai"], None),
    known("openrouter", &[], None),
    known("perplexity", &["perplexity-ai"], None),
    known("cerebras", &[], None),
    known("sambanova", &[], None),
    known("nvidia", &["nvidia_nim", "nim"], None),
    known("huggingface", &["hugging_face"], None),
    known("github_models", &["github", "github-models"], None),
    known("moonshot", &[], None),
    known("qwen", &["dashscope"], None),
    known("zhipu", &["zai", "z-ai", "zhipuai"], None),
    known("ollama", &["ollama_chat"], None),
    known("vllm", &["hosted_vllm"], None),
    known("sglang", &["sgl"], None),
    known("tgi", &[], None),
    known("lm_studio", &["lmstudio"], None),
    known("llama_cpp", &["llamafile", "llamacpp"], None),
    known("hyperbolic", &[], Some("https://api.hyperbolic.xyz/v1")),
    known("nebius", &[], Some("https://api.studio.nebius.ai/v1")),
    known(
        "deepinfra",
        &[],
        Some("https://api.deepinfra.com/v1/openai"),
    ),
    known("parasail", &[], Some("https://api.parasail.io/v1")),
    known(
        "novita",
        &["novita-ai"],
        Some("https://api.novita.ai/v3/openai"),
    ),
    known("openai_compatible", &["openai_like", "litellm_proxy"], None),
];

/// What speaks like a provider of another gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    /// Our kind.
    pub(super) kind: String,
    /// Its address, where the kind has none or another was asked for.
    pub(super) base_url: Option<String>,
    /// True where its address is not known and has to be written.
    pub(super) is_homeless: bool,
}

/// The name of our kind for a provider, where there is one, else the word itself.
pub(super) fn label(word: &str) -> &str {
    find(word).map_or(word, |known| known.kind)
}

/// True for a provider that is known by this name.
pub(super) fn is_known(word: &str) -> bool {
    find(word).is_some()
}

/// The variable in which users of a provider keep its key.
pub(super) fn key_variable(word: &str) -> String {
    let label = label(word);
    let known = ProviderKind::find(label).and_then(|kind| kind.key_variable);
    known.map_or_else(|| variable_name(&format!("{label}_API_KEY")), str::to_owned)
}

/// The variable of the key of `word` at an address: the usual one where that is the
/// provider's own, else one that is named by the host, so that no key that was set for the
/// provider goes to somebody else.
pub(super) fn key_variable_at(word: &str, base_url: Option<&str>) -> String {
    let usual = key_variable(word);
    let elsewhere = base_url.and_then(host).filter(|host| !is_home(word, host));
    match elsewhere {
        Some(host) if is_usual(&usual) => {
            let host = host.strip_suffix(".invalid").unwrap_or(host);
            variable_name(&format!("{host}_API_KEY"))
        }
        _ => usual,
    }
}

/// Whether it is the variable in which users of some provider keep its key.
pub(super) fn is_usual(variable: &str) -> bool {
    let kinds = KNOWN.iter().map(|known| known.kind);
    let mut labels = kinds.chain(PROVIDERS.iter().map(|provider| provider.label));
    labels.any(|label| !is_local(label) && key_variable(label) == variable)
}

/// Whether a kind is a server of one's own, which wants no key unless it is told so.
pub(super) fn is_local(word: &str) -> bool {
    ProviderKind::find(label(word))
        .is_some_and(|kind| kind.key_variable.is_none() && kind.base_url.is_some())
}

/// Whether a host is the provider's own.
fn is_home(word: &str, host: &str) -> bool {
    let kind = || ProviderKind::find(label(word)).and_then(|kind| kind.base_url);
    let own = find(word).and_then(Known::address).or_else(kind);
    match own.map(|own| own.rsplit_once("{region}").unwrap_or(("", own))) {
        None => true,
        Some(("", own)) => self::host(own) == Some(host),
        Some((_, domain)) => host.ends_with(domain),
    }
}

/// How `word` is spoken to here, at `base_url` if one was written; `None` where it is not.
pub(super) fn spoken(word: &str, base_url: Option<String>) -> Option<Spoken> {
    let known = find(word);
    let kind = ProviderKind::find(label(word)).filter(|kind| !kind.is_http());
    // A server that only imitates OpenAI knows less than OpenAI itself.
    let is_imitation = |url: &str| label(word) == "openai" && !url.contains("api.openai.com");
    if let Some(kind) = kind
        && !base_url.as_deref().is_some_and(is_imitation)
    {
        let is_homeless = base_url.is_none() && kind.base_url.is_none() && !kind.is_simulator();
        let own = |url: &String| Some(url.as_str()) == kind.base_url;
        return Some(Spoken {
            kind: kind.label.to_owned(),
            base_url: base_url.filter(|url| !own(url)),
            is_homeless,
        });
    }
    let compatible = known.and_then(|known| known.compatible).map(str::to_owned);
    let base_url = base_url.or(compatible)?;
    Some(Spoken {
        kind: ProviderKind::compatible().label.to_owned(),
        base_url: Some(base_url),
        is_homeless: false,
    })
}

/// The kind of an address that belongs to somebody known who speaks OpenAI Chat Completions
/// there as well.
pub(super) fn by_address(url: &str) -> Option<&'static str> {
    let host = host(url)?;
    let is_remote = |known: &&Known| {
        let kind = ProviderKind::find(known.kind);
        let chat = ProviderKind::compatible().formats.first();
        let speaks = kind.is_none_or(|kind| chat.is_some_and(|chat| kind.formats.contains(chat)));
        speaks && !is_local(known.kind)
    };
    let of_known = |known: &&Known| known.address().and_then(self::host) == Some(host);
    let mut known = KNOWN.iter().filter(is_remote);
    known.find(of_known).map(|known| known.kind)
}

/// The host of an address.
pub(super) fn host(url: &str) -> Option<&str> {
    let (_scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host.split(':').next().unwrap_or(host)).filter(|host| !host.is_empty())
}

fn find(word: &str) -> Option<&'static Known> {
    let word = word.to_ascii_lowercase();
    let named = |known: &&Known| known.kind == word || known.aliases.contains(&word.as_str());
    KNOWN.iter().find(named)
}

/// An address as our configuration takes it, and whether something was cut off.
pub(super) fn clean_url(written: &str, kind: &str) -> Option<(String, bool)> {
    let text = written.trim();
    let (scheme, rest) = text.split_once("://")?;
    let is_spoken = scheme == "https" || scheme == "http";
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(authority_end)?;
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let mut path = path.trim_end_matches('/');
    for endpoint in ["/chat/completions", "/completions", "/messages"] {
        path = path.strip_suffix(endpoint).unwrap_or(path);
    }
    let has_version = ProviderKind::find(kind).is_none_or(|kind| kind.version_in_base_url);
    if !has_version {
        path = path.strip_suffix("/v1").unwrap_or(path);
    }
    if label(kind) == "azure_openai" {
        // What is below the host follows from `api_version`.
        path = "";
    }
    let url = format!("{scheme}://{authority}{}", path.trim_end_matches('/'));
    let is_fit = is_spoken
        && !authority.is_empty()
        && authority
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c))
        && path
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~/%@:+,=".contains(c))
        && !path.split('/').any(|segment| matches!(segment, "." | ".."));
    let is_cut = url != text.trim_end_matches('/');
    is_fit.then_some((url, is_cut))
}

#[cfg(test)]
mod tests {
    use super::{by_address, clean_url, spoken};

    #[test]
    fn an_address_is_cut_to_what_endpoints_go_below() {
        let clean = |url, kind| clean_url(url, kind);
        let same = |url: &str| Some((url.to_owned(), false));
        let cut = |url: &str| Some((url.to_owned(), true));
        assert_eq!(clean("https://h/v1", "openai"), same("https://h/v1"));
        assert_eq!(clean("https://h/v1/", "openai"), same("https://h/v1"));
        assert_eq!(
            clean("https://h/v1/chat/completions?a=b", "openai"),
            cut("https://h/v1")
        );
        assert_eq!(
            clean("https://user:word@h:1/v1", "openai"),
            cut("https://h:1/v1")
        );
        assert_eq!(
            clean("https://h/v1/messages", "anthropic"),
            cut("https://h")
        );
        for url in [
            "h/v1",
            "ftp://h",
            "https://",
            "https://h/../x",
            "https://h h/",
        ] {
            assert_eq!(clean(url, "openai"), None, "{url}");
        }
    }

    #[test]
    fn a_provider_is_spoken_to_as_itself_or_by_its_address() {
        let openai = spoken("openai", None).unwrap();
        assert_eq!((openai.kind.as_str(), openai.base_url), ("openai", None));
        let other = spoken("openai", Some("https://h/v1".to_owned())).unwrap();
        assert_eq!(other.kind, "openai_compatible");
        let groq = spoken("Groq", None).unwrap();
        assert_eq!((groq.kind.as_str(), groq.base_url), ("groq", None));
        let none = spoken("hyperbolic", None).unwrap();
        assert_eq!(none.kind, "openai_compatible");
        assert_eq!(
            none.base_url.as_deref(),
            Some("https://api.hyperbolic.xyz/v1")
        );
        assert_eq!(spoken("nobody", None), None);
        let own = spoken("nobody", Some("http://h:8000/v1".to_owned())).unwrap();
        assert_eq!(own.kind, "openai_compatible");
        assert_eq!(
            by_address("https://api.groq.com:443/openai/v1"),
            Some("groq")
        );
        // What they speak under these addresses is not their own format.
        for url in [
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "https://api.anthropic.com/v1",
            "http://localhost:11434/v1",
        ] {
            assert_eq!(by_address(url), None, "{url}");
        }
    }
}
