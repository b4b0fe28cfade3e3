//! Our configuration while it is made.

use std::collections::BTreeMap;
use std::iter;

use super::input::Input;
use super::known;
use super::parameters::{Sent, Values};
use super::secrets::{Secrets, variable_name};
use super::shares::shares;
use super::yaml::{Node, write};

/// Longest names that `check` takes, in characters.
const NAME_CHARS_MAX: usize = 64;
const MODEL_NAME_CHARS_MAX: usize = 256;
/// Providers and models that one import makes.
const PROVIDERS_MAX: usize = 500;
const MODELS_MAX: usize = 10_000;
/// The longest wait that is written, in milliseconds: a day.
const WAIT_MS_MAX: f64 = 86_400_000.0;

/// Waits by their name here, in milliseconds.
pub(super) type Timeouts = BTreeMap<&'static str, u64>;

/// A provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) base_url: Option<String>,
    /// Where a cloud has it: `region`, `project`, `api_version`.
    pub(super) site: BTreeMap<&'static str, String>,
    /// The variable of its key.
    pub(super) key: Option<String>,
    pub(super) headers: BTreeMap<String, String>,
    /// Variables by header.
    pub(super) secret_headers: BTreeMap<String, String>,
    pub(super) timeouts: Timeouts,
}

impl Provider {
    /// True when they differ in their names at most.
    fn is_like(&self, other: &Self) -> bool {
        (&self.kind, &self.base_url, &self.key) == (&other.kind, &other.base_url, &other.key)
            && (&self.headers, &self.secret_headers) == (&other.headers, &other.secret_headers)
            && (&self.site, &self.timeouts) == (&other.site, &other.timeouts)
    }
}

/// A model at a provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Target {
    pub(super) provider: String,
    /// Its name there; `None` for the name the caller used.
    pub(super) model: Option<String>,
    /// Its share among those that are not only for failover.
    pub(super) weight: f64,
    pub(super) when: Option<String>,
    pub(super) timeouts: Timeouts,
    /// Parameters that go with it.
    pub(super) sent: Vec<Sent>,
}

impl Target {
    fn is_like(&self, other: &Self) -> bool {
        (&self.provider, &self.model, &self.when) == (&other.provider, &other.model, &other.when)
    }
}

/// A name callers use.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) is_weighted: bool,
    pub(super) targets: Vec<Target>,
    /// Parameters for callers that leave them out.
    pub(super) defaults: Values,
    /// Parameters whatever callers write.
    pub(super) overrides: Values,
}

/// What a model costs at a provider.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Price {
    pub(super) provider: String,
    pub(super) model: String,
    /// Dollars for a million tokens, by our words.
    pub(super) rates: BTreeMap<&'static str, f64>,
}

/// Who calls.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) team: Option<String>,
    pub(super) models: Option<Vec<String>>,
}

/// Everything that was made so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Fields of `gateway`, by their path below it.
    gateway: BTreeMap<(&'static str, &'static str), Node>,
    /// Numbers among them, and where the input says each.
    numbers: BTreeMap<(&'static str, &'static str), (u64, String)>,
    pub(super) providers: Vec<Provider>,
    /// The provider of names that are not listed.
    pub(super) default: Option<String>,
    pub(super) models: Vec<Model>,
    pub(super) services: Vec<Service>,
    prices: BTreeMap<(String, String), Price>,
    /// Rules over requests.
    pub(super) input_rules: Vec<Node>,
    /// Rules over answers.
    pub(super) output_rules: Vec<Node>,
    pub(super) secrets: Secrets,
    is_too_much: bool,
}

impl Draft {
    /// Nothing yet, with what is known of variables.
    pub(super) fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            ..Self::default()
        }
    }

    /// Why it cannot be written, where it has too much.
    pub(super) fn excess(&self) -> Option<String> {
        let told = || {
            format!(
                "more than {PROVIDERS_MAX} providers or {MODELS_MAX} models; import it in parts"
            )
        };
        self.is_too_much.then(told)
    }

    /// Whether there is anybody to send requests to.
    pub(super) const fn serves(&self) -> bool {
        !self.providers.is_empty()
    }

    /// Sets `gateway.GROUP.FIELD`, or `gateway.FIELD` where the group is empty.
    pub(super) fn gateway(&mut self, group: &'static str, field: &'static str, node: Node) {
        self.gateway.insert((group, field), node);
    }

    /// Sets the number `gateway.GROUP.FIELD` to what stands in `input`. There is one for
    /// everybody: of several the largest is kept, and the others are lost.
    pub(super) fn number(
        &mut self,
        (group, field): (&'static str, &'static str),
        number: u64,
        input: &Input<'_>,
    ) {
        let lost =
            format!("one `gateway.{group}.{field}` holds for all here, and another is larger");
        let known = self.numbers.get(&(group, field));
        if known.is_some_and(|(known, _path)| *known > number) {
            input.lost(lost);
            return;
        }
        if let Some((_known, path)) = known.filter(|(known, _path)| *known < number) {
            input.lost_at(path, lost);
        }
        input.carried(format!("`gateway.{group}.{field}`, for all"));
        self.numbers
            .insert((group, field), (number, input.path().to_owned()));
        self.gateway(group, field, Node::Number(number));
    }

    /// Notes what a model costs; gives false where it costs something else already.
    pub(super) fn price(&mut self, price: Price) -> bool {
        let place = (price.provider.clone(), price.model.clone());
        self.prices.entry(place).or_insert_with(|| price.clone()) == &price
    }

    /// The name of a provider like this one: one that is there already, or a new one.
    pub(super) fn provider(&mut self, mut wanted: Provider) -> String {
        let stem = name_of(&wanted.name);
        if self.is_too_much {
            return stem;
        }
        let numbered = format!("{}-", cut(&stem, 56));
        let is_named = |name: &str| name == stem || name.starts_with(&numbered);
        let alike = self
            .providers
            .iter()
            .find(|known| is_named(&known.name) && known.is_like(&wanted));
        if let Some(known) = alike {
            return known.name.clone();
        }
        if self.providers.len() >= PROVIDERS_MAX {
            self.is_too_much = true;
            return stem;
        }
        let free = |name: &String| !self.providers.iter().any(|known| known.name == *name);
        let others = (2..).map(|count: u32| format!("{numbered}{count}"));
        wanted.name = iter::once(stem.clone())
            .chain(others)
            .find(free)
            .unwrap_or(stem);
        let name = wanted.name.clone();
        self.providers.push(wanted);
        name
    }

    /// Adds a name that callers use. Targets that are alike become one.
    ///
    /// # Errors
    /// When it cannot be a name here, or is taken; what to do instead.
    pub(super) fn model(&mut self, model: Model) -> Result<(), String> {
        if !is_model_name(&model.name) {
            return Err(format!(
                "a name here has 1 to {MODEL_NAME_CHARS_MAX} characters, no blanks and no `*`; list the names one by one"
            ));
        }
        if self.models.len() >= MODELS_MAX {
            self.is_too_much = true;
            return Err("there are too many".to_owned());
        }
        if self.models.iter().any(|known| known.name == model.name) {
            return Err("another entry has this name; give one of them another".to_owned());
        }
        let mut targets: Vec<Target> = Vec::with_capacity(model.targets.len());
        for target in &model.targets {
            match targets.iter_mut().find(|known| known.is_like(target)) {
                Some(known) => known.weight += target.weight,
                None => targets.push(target.clone()),
            }
        }
        if targets.is_empty() {
            return Err("nothing that can serve it was carried; add a target by hand".to_owned());
        }
        self.models.push(Model { targets, ..model });
        Ok(())
    }

    /// Puts the targets of other models behind those of `name`, for failover only; gives
    /// false where there is no such model.
    pub(super) fn fall_back(&mut self, name: &str, others: &[String]) -> bool {
        let more: Vec<Target> = others
            .iter()
            .filter_map(|other| self.models.iter().find(|model| &model.name == other))
            .flat_map(|model| model.targets.clone())
            .collect();
        let Some(model) = self.models.iter_mut().find(|model| model.name == name) else {
            return false;
        };
        for mut target in more {
            target.weight = 0.0;
            if !model.targets.iter().any(|known| known.is_like(&target)) {
                model.targets.push(target);
            }
        }
        true
    }

    /// Gives the provider a key from where the input says it, or from the variable in which
    /// users of `word` keep it: one of its own at another address than the provider's.
    /// `at` is what has the key.
    pub(super) fn key(
        &mut self,
        input: Option<&Input<'_>>,
        word: &str,
        name: &str,
        (base_url, at): (Option<&str>, &Input<'_>),
    ) -> String {
        let usual = known::key_variable_at(word, base_url);
        let Some(input) = input else {
            self.secrets.usual(at.path(), &usual);
            return usual;
        };
        let wanted = if known::label(word) == known::label(name) {
            usual
        } else {
            let own = variable_name(&format!("{name}_API_KEY"));
            if known::is_usual(&own) {
                variable_name(&format!("{word}_{own}"))
            } else {
                own
            }
        };
        let variable = self.secrets.variable(input, &wanted);
        input.carried(format!("`secret_key_ref: {{env: {variable}}}`"));
        variable
    }

    /// A header as it may be written: its value only where that is surely no secret.
    pub(super) fn header(&mut self, provider: &mut Provider, name: &str, value: &Input<'_>) {
        const HARMLESS: &[&str] = &[
            "anthropic-beta",
            "anthropic-version",
            "http-referer",
            "openai-beta",
            "openai-organization",
            "openai-project",
            "x-title",
        ];
        let name = name.to_ascii_lowercase();
        let is_name = !name.is_empty()
            && name.len() <= NAME_CHARS_MAX
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        let Some(text) = value.text().filter(|_| is_name) else {
            value.lost("a header has a plain name and a text; add it to `headers` by hand");
            return;
        };
        let is_plain =
            self.secrets.named(text).is_none() && text.chars().all(|c| (' '..='~').contains(&c));
        if HARMLESS.contains(&name.as_str()) && is_plain {
            value.carried(format!("`providers[{}].headers`", provider.name));
            provider.headers.insert(name, text.to_owned());
        } else {
            let variable = self
                .secrets
                .variable(value, &format!("{}_{name}", provider.name));
            value.carried(format!(
                "`providers[{}].secret_headers`, `env: {variable}`",
                provider.name
            ));
            provider.secret_headers.insert(name, variable);
        }
    }

    /// The configuration as YAML.
    pub(super) fn to_yaml(&self) -> String {
        let services = self.services.iter().map(service_node).collect();
        let policy = Node::Map(vec![
            ("name", Node::text("imported")),
            ("input", Node::List(self.input_rules.clone())),
            ("output", Node::List(self.output_rules.clone())),
        ]);
        let has_rules = !self.input_rules.is_empty() || !self.output_rules.is_empty();
        let policies = if has_rules { vec![policy] } else { Vec::new() };
        write(&[
            ("gateway", self.gateway_node()),
            ("providers", Node::List(self.provider_nodes())),
            (
                "models",
                Node::List(self.models.iter().map(model_node).collect()),
            ),
            (
                "catalogue",
                Node::List(self.prices.values().map(price_node).collect()),
            ),
            ("services", Node::List(services)),
            ("policies", Node::List(policies)),
        ])
    }

    fn gateway_node(&self) -> Node {
        let mut groups: Vec<(&'static str, Node)> = Vec::new();
        for ((group, field), node) in &self.gateway {
            if group.is_empty() {
                groups.push((*field, node.clone()));
                continue;
            }
            match groups.iter_mut().find(|(name, _node)| name == group) {
                Some((_name, Node::Map(fields))) => fields.push((*field, node.clone())),
                _ => groups.push((*group, Node::Map(vec![(*field, node.clone())]))),
            }
        }
        Node::Map(groups)
    }

    fn provider_nodes(&self) -> Vec<Node> {
        let nodes = self.providers.iter().enumerate();
        nodes
            .map(|(index, provider)| {
                let default = match &self.default {
                    Some(name) => (name == &provider.name).then_some(true),
                    None => (index == 0 && !self.models.is_empty()).then_some(false),
                };
                provider_node(provider, default)
            })
            .collect()
    }
}

fn provider_node(provider: &Provider, default: Option<bool>) -> Node {
    let mut fields = vec![
        ("name", Node::text(&provider.name)),
        ("kind", Node::text(&provider.kind)),
    ];
    if let Some(url) = &provider.base_url {
        fields.push(("base_url", Node::text(url)));
    }
    fields.extend(
        provider
            .site
            .iter()
            .map(|(name, value)| (*name, Node::text(value))),
    );
    if let Some(key) = &provider.key {
        fields.push(("secret_key_ref", Node::secret(key)));
    }
    let headers = provider.headers.iter();
    let headers = headers.map(|(name, value)| (name.clone(), Node::text(value)));
    fields.push(("headers", Node::Named(headers.collect())));
    let secret = provider.secret_headers.iter();
    let secret = secret.map(|(name, variable)| (name.clone(), Node::secret(variable)));
    fields.push(("secret_headers", Node::Named(secret.collect())));
    if let Some(default) = default {
        fields.push(("default", Node::Flag(default)));
    }
    fields.push(("timeouts", waits(&provider.timeouts)));
    Node::Map(fields)
}

fn model_node(model: &Model) -> Node {
    let is_weighted = model.is_weighted && model.targets.len() > 1;
    let weights: Vec<f64> = model.targets.iter().map(|target| target.weight).collect();
    let weights = shares(&weights);
    let targets = model.targets.iter().zip(weights);
    let targets = targets.map(|(target, weight)| {
        let mut fields = vec![("provider", Node::text(&target.provider))];
        if let Some(there) = target.model.as_ref().filter(|there| **there != model.name) {
            fields.push(("model", Node::text(there)));
        }
        if is_weighted {
            fields.push(("weight", Node::Number(u64::from(weight))));
        }
        if let Some(when) = &target.when {
            fields.push(("when", Node::text(when)));
        }
        fields.push(("timeouts", waits(&target.timeouts)));
        Node::Map(fields)
    });
    let mut fields = vec![("name", Node::text(&model.name))];
    if is_weighted {
        fields.push(("strategy", Node::text("weighted")));
    }
    fields.push(("targets", Node::List(targets.collect())));
    let prompt = vec![
        ("defaults", values(&model.defaults)),
        ("overrides", values(&model.overrides)),
    ];
    if !model.defaults.is_empty() || !model.overrides.is_empty() {
        fields.push(("prompt", Node::Map(prompt)));
    }
    Node::Map(fields)
}

fn values(values: &Values) -> Node {
    let values = values.iter();
    Node::Map(values.map(|(name, value)| (*name, value.clone())).collect())
}

fn price_node(price: &Price) -> Node {
    let rates = price.rates.iter();
    let rates = rates.map(|(unit, dollars)| (*unit, Node::Real(*dollars)));
    Node::Map(vec![
        ("provider", Node::text(&price.provider)),
        ("model", Node::text(&price.model)),
        ("prices", Node::Map(rates.collect())),
    ])
}

fn service_node(service: &Service) -> Node {
    let mut fields = vec![("name", Node::text(&service.name))];
    if let Some(team) = &service.team {
        fields.push(("team", Node::text(team)));
    }
    if let Some(models) = &service.models {
        // Left out, an empty list would allow everything.
        let listed = if models.is_empty() {
            Node::Nothing
        } else {
            Node::texts(models)
        };
        fields.push(("models", listed));
    }
    Node::Map(fields)
}

fn waits(timeouts: &Timeouts) -> Node {
    let waits = timeouts.iter();
    Node::Map(waits.map(|(name, ms)| (*name, Node::Number(*ms))).collect())
}

/// A name as `check` takes it, from any text.
pub(super) fn name_of(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = text.trim().chars().map(plain).collect();
    let name = name.trim_matches(['-', '_', '.']);
    let name = cut(name, NAME_CHARS_MAX);
    if name.is_empty() {
        "imported".to_owned()
    } else {
        name.to_owned()
    }
}

fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max))
        .unwrap_or(text)
}

/// Whether `check` takes it as a model's name.
pub(super) fn is_model_name(name: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '*';
    !name.is_empty() && !name.contains(bad) && name.chars().count() <= MODEL_NAME_CHARS_MAX
}

/// Seconds as milliseconds, at least one and at most a day.
pub(super) fn seconds_ms(seconds: f64) -> u64 {
    whole(seconds * 1000.0, 1.0, WAIT_MS_MAX)
}

/// A number as a whole one within bounds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is clamped to what fits before; bounds are not negative"
)]
pub(super) fn whole(number: f64, min: f64, max: f64) -> u64 {
    number.round().clamp(min, max) as u64
}
