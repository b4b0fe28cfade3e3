//! The options of `waf`: what a rule over attacks on what stands behind the model may say
//! besides its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `waf`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct WafSpec {
    /// What is looked for. Default: all.
    pub(crate) entities: Vec<WafEntitySpec>,
    /// Where it is looked for. Default: all but `text`, `document` and `tool_description`;
    /// over answers and with `action: redact` the parts of the head are left out too.
    pub(crate) places: Option<Vec<WafPlaceSpec>>,
    /// The least score of a finding, 0 to 1. Default: 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) threshold: Option<f64>,
    /// Values that are no findings, whatever the size of their letters; `*` at the end
    /// stands for anything. Default: none.
    pub(crate) allow: Vec<String>,
}

/// Kinds of attacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WafEntitySpec {
    /// A value that changes the SQL statement it is put in.
    SqlInjection,
    /// Markup or script of the value's own.
    Xss,
    /// A path that leads out of its folder.
    PathTraversal,
    /// A further command.
    CommandInjection,
    /// An expression that a template engine runs.
    TemplateInjection,
    /// An address that only machines inside can reach: private, link-local and metadata
    /// addresses, `file:` and the like.
    Ssrf,
}

/// Where values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WafPlaceSpec {
    /// The path of the request, behind the API's own part of it.
    Path,
    /// Parameters of the query, names and values.
    Query,
    /// Values of the headers that the caller may choose.
    Header,
    /// The name of the model.
    Model,
    /// Metadata and user identifiers.
    Metadata,
    /// Names of the tools that are called.
    ToolName,
    /// Each string in the arguments of tool calls.
    ToolArguments,
    /// What is said of the tools that the model is offered.
    ToolDescription,
    /// Texts of documents.
    Document,
    /// Messages, reasoning and refusals.
    Text,
}
