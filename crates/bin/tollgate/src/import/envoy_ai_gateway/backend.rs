//! From a reference to a backend to a provider: its schema, address and credential stand
//! in resources of their own.

use std::collections::BTreeMap;

use crate::import::draft::{Draft, Provider, name_of};
use crate::import::input::{Input, Rule};
use crate::import::known;
use crate::import::wanted;

use Rule::{Lost, NotNeeded};

/// Ports by which an address is written without it.
const HTTPS: f64 = 443.0;
const HTTP: f64 = 80.0;

/// A resource: its namespace and name.
type Place<'p> = (&'p str, &'p str);

/// The namespace of a resource.
pub(super) fn namespace<'v>(document: &Input<'v>) -> &'v str {
    let meta = document.at("metadata");
    meta.and_then(|meta| meta.word("namespace"))
        .unwrap_or("default")
}

/// The provider of a backend that is named in `namespace`; `None` where it leads nowhere
/// that is known.
pub(super) fn backend(
    reference: &Input<'_>,
    namespace: &str,
    documents: &[Input<'_>],
    draft: &mut Draft,
) -> Option<String> {
    let name = reference.word("name")?;
    if reference
        .word("kind")
        .is_some_and(|kind| kind != "AIServiceBackend")
    {
        reference.lost("write the address of the pool's service as `base_url` of a provider");
        return None;
    }
    let place = (reference.word("namespace").unwrap_or(namespace), name);
    let Some(spec) = find(documents, "AIServiceBackend", place).and_then(|found| found.at("spec"))
    else {
        reference
            .lost("there is no `AIServiceBackend` of this name in the file; import them together");
        return None;
    };
    let schema = spec.at("schema");
    let word = schema
        .as_ref()
        .and_then(|schema| schema.word("name"))
        .unwrap_or("OpenAI");
    let Some(origin) = origin(&spec, place.0, documents) else {
        reference
            .lost("there is no `Backend` with an address for it in the file; import them together");
        return None;
    };
    let prefix = ["prefix", "version"]
        .into_iter()
        .find_map(|key| schema.as_ref()?.word(key));
    let url = format!("{origin}{}", path(word, prefix));
    let whose = if word == "OpenAI" {
        known::by_address(&url).unwrap_or("openai")
    } else {
        word
    };
    let spoken = known::spoken(whose, Some(url.clone()));
    let is_spoken = ["OpenAI", "Anthropic", "AzureOpenAI", "Cohere"].contains(&word);
    let Some(spoken) = spoken.filter(|spoken| is_spoken || spoken.kind == known::label(word))
    else {
        reference.lost(format!("nobody here speaks the schema {word}"));
        return None;
    };
    if let Some(schema) = schema {
        schema.carried("`kind` of the provider");
    }
    let mut provider = Provider {
        name: name_of(name),
        kind: spoken.kind,
        base_url: spoken.base_url,
        ..Provider::default()
    };
    headers(&spec, &mut provider, draft);
    provider.site = site(place, word, (&spec, reference), documents, &provider, draft);
    provider.key = key(place, whose, &url, documents, draft);
    if provider.key.is_none() && provider.base_url.is_none() {
        provider.key = Some(draft.key(None, whose, name, (None, reference)));
    }
    Some(draft.provider(provider))
}

/// Headers that the backend is to get besides.
fn headers(spec: &Input<'_>, provider: &mut Provider, draft: &mut Draft) {
    if let Some(mutation) = spec.at("headerMutation") {
        for header in mutation.items_at("set") {
            if let (Some(name), Some(value)) = (header.word("name"), header.at("value")) {
                draft.header(provider, name, &value);
            }
        }
    }
}

/// Where a cloud has the backend, by the policy that is for it.
fn site(
    place: Place<'_>,
    word: &str,
    (spec, reference): (&Input<'_>, &Input<'_>),
    documents: &[Input<'_>],
    provider: &Provider,
    draft: &Draft,
) -> BTreeMap<&'static str, String> {
    let policy = policy(documents, "BackendSecurityPolicy", place);
    let credentials = policy.and_then(|policy| policy.at("spec"));
    let said = |group: &str, key: &str| credentials.as_ref()?.at(group)?.at(key);
    let version = spec.at("schema").filter(|_schema| word == "AzureOpenAI");
    let said = [
        ("region", said("awsCredentials", "region")),
        ("region", said("gcpCredentials", "region")),
        ("project", said("gcpCredentials", "projectName")),
        (
            "api_version",
            version.and_then(|schema| schema.at("version")),
        ),
    ];
    let said = said
        .into_iter()
        .filter_map(|(name, input)| Some((name, input?)));
    let said: Vec<_> = said.collect();
    wanted::site(&provider.kind, &said, reference, &draft.secrets)
}

fn find<'v>(documents: &[Input<'v>], kind: &str, place: Place<'_>) -> Option<Input<'v>> {
    let found = documents.iter().find(|document| {
        document.word("kind") == Some(kind)
            && namespace(document) == place.0
            && document
                .at("metadata")
                .is_some_and(|meta| meta.word("name") == Some(place.1))
    });
    found.cloned()
}

/// The policy of a kind that is for a resource; those for others of its name are not.
fn policy<'d, 'v>(
    documents: &'d [Input<'v>],
    kind: &str,
    place: Place<'_>,
) -> Option<&'d Input<'v>> {
    documents.iter().find(|document| {
        document.word("kind") == Some(kind)
            && namespace(document) == place.0
            && targets(document, place.1)
    })
}

/// Scheme, host and port of what a backend leads to.
fn origin(spec: &Input<'_>, namespace: &str, documents: &[Input<'_>]) -> Option<String> {
    let reference = spec.at("backendRef")?;
    let name = reference.word("name")?;
    let namespace = reference.word("namespace").unwrap_or(namespace);
    if reference.word("kind") == Some("Service") {
        let port = reference
            .at("port")
            .and_then(|port| port.number())
            .unwrap_or(HTTP);
        reference.carried("`base_url`");
        return Some(written(
            "http",
            &format!("{name}.{namespace}.svc.cluster.local"),
            port,
        ));
    }
    let backend = find(documents, "Backend", (namespace, name))?.at("spec")?;
    let endpoint = backend.items_at("endpoints").into_iter().next()?;
    let (place, host) = match (endpoint.at("fqdn"), endpoint.at("ip")) {
        (Some(place), _) => (place.clone(), place.word("hostname")?),
        (None, Some(place)) => (place.clone(), place.word("address")?),
        (None, None) => return None,
    };
    let port = place
        .at("port")
        .and_then(|port| port.number())
        .unwrap_or(HTTPS);
    let is_secured = policy(documents, "BackendTLSPolicy", (namespace, name)).is_some()
        || port.total_cmp(&HTTPS).is_eq();
    let host_is_fit = host
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c));
    if !host_is_fit || host.is_empty() {
        return None;
    }
    place.carried("`base_url` of the provider");
    for other in backend.items_at("endpoints").iter().skip(1) {
        other.lost("a provider has one address: add a target for each");
    }
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    Some(written(
        if is_secured { "https" } else { "http" },
        &host,
        port,
    ))
}

fn written(scheme: &str, host: &str, port: f64) -> String {
    let usual = if scheme == "https" { HTTPS } else { HTTP };
    if port.total_cmp(&usual).is_eq() {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port:.0}")
    }
}

/// Where a schema's API begins.
fn path(word: &str, prefix: Option<&str>) -> String {
    match (word, prefix) {
        ("OpenAI", Some(prefix)) => format!("/{}", prefix.trim_matches('/')),
        ("OpenAI", None) => "/v1".to_owned(),
        _ => String::new(),
    }
}

/// Whether a policy is for a resource of this name.
fn targets(policy: &Input<'_>, name: &str) -> bool {
    let Some(spec) = policy.at("spec") else {
        return false;
    };
    spec.items_at("targetRefs")
        .iter()
        .any(|target| target.word("name") == Some(name))
}

/// The variable of a backend's key, by the policy that is for it.
fn key(
    place: Place<'_>,
    whose: &str,
    url: &str,
    documents: &[Input<'_>],
    draft: &mut Draft,
) -> Option<String> {
    let policy = policy(documents, "BackendSecurityPolicy", place)?;
    let spec = policy.at("spec")?;
    let held = ["apiKey", "anthropicAPIKey", "azureAPIKey"]
        .into_iter()
        .find_map(|key| spec.at(key));
    let Some(secret) = held.and_then(|held| held.at("secretRef")) else {
        for (_key, credentials) in spec
            .members()
            .into_iter()
            .filter(|(key, _value)| key.ends_with("redentials"))
        {
            credentials.lost("set the credentials in the gateway's environment");
        }
        return None;
    };
    secret.carried("`secret_key_ref` of the provider");
    let name = secret.word("name").unwrap_or_default();
    let namespace = secret.word("namespace").unwrap_or(place.0);
    let wanted = known::key_variable_at(whose, Some(url));
    let id = format!("{namespace}/{name}");
    Some(draft.secrets.elsewhere(secret.path(), &id, &wanted))
}

/// Notes what stands in these resources besides.
pub(super) fn rest(document: &Input<'_>) {
    let kind = document.word("kind").unwrap_or_default();
    if let Some(spec) = document.at("spec") {
        let rules: BTreeMap<&str, Rule> = BTreeMap::from([
            ("backendRef", NotNeeded("it names the address")),
            ("endpoints", NotNeeded("no backend of a model leads there")),
            ("targetRefs", NotNeeded("it names what it is for")),
            (
                "validation",
                NotNeeded("certificates are always checked, by the host's name"),
            ),
            ("type", NotNeeded("it says which credential follows")),
            ("schema", NotNeeded("no rule leads there")),
            ("apiKey", NotNeeded("no rule leads there")),
            ("anthropicAPIKey", NotNeeded("no rule leads there")),
            ("azureAPIKey", NotNeeded("no rule leads there")),
            (
                "bodyMutation",
                Lost("write parameters as `models[].prompt.overrides`"),
            ),
            ("timeouts", Lost("write `timeouts` at the provider")),
        ]);
        let rules: Vec<(&str, Rule)> = rules.into_iter().collect();
        spec.rest(&rules);
    }
    if kind == "BackendTLSPolicy" {
        document.not_needed("addresses with it begin with `https://`");
    }
    document.rest(super::META);
}
