//! A file of policy tests as it is written; `docs/how-to/test-policies.md` explains it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// A file of policy tests.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// The configuration whose policies are tested, relative to this file. Default: that
    /// of the command line.
    pub config: Option<String>,
    /// The tests.
    pub tests: Vec<TestSpec>,
}

/// One request, perhaps with its answer, and what policies are to make of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestSpec {
    /// What is tested, in a few words; unique within the file.
    pub name: String,
    /// The calling service. Default: one without a key.
    pub service: Option<String>,
    /// The model that is asked for. Default: that of `request`.
    pub model: Option<String>,
    /// The caller's wire format. Default: the first one.
    pub format: Option<String>,
    /// The headers that conditions and rules read.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The path of a plain HTTP route, instead of a chat.
    pub path: Option<String>,
    /// The method at that path. Default: `POST`.
    pub method: Option<String>,
    /// What stands behind the `?` of the address, as it is sent.
    pub query: Option<String>,
    /// The conversation, in the shape of the first wire format.
    pub messages: Option<Vec<Value>>,
    /// The whole request in the wire format, instead of `messages`; of a plain HTTP route
    /// its JSON body. Default there: none.
    pub request: Option<Value>,
    /// What the provider answers: a text, `message:` with one in the shape of the
    /// conversation's, or a whole answer in the wire format; of a plain HTTP route its JSON
    /// body.
    pub answer: Option<Value>,
    /// What is to come of it.
    pub expect: ExpectSpec,
}

/// What is to come of a request. What is not written is not looked at.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectSpec {
    /// What happens with the request.
    pub verdict: Option<VerdictSpec>,
    /// All that is found in the request: counts by entity, or a list of records.
    pub findings: Option<Value>,
    /// The text of the last message as a provider would read it; of a plain HTTP route the
    /// texts that it names in requests.
    pub text: Option<String>,
    /// The target that is tried first; one of the possible ones where weights decide.
    pub target: Option<String>,
    /// What the caller of a blocked request reads.
    pub message: Option<String>,
    /// What the caller reads of the answer: its text, or what else it says; of a plain HTTP
    /// route the texts that it names in answers.
    pub answer: Option<Value>,
    /// What happens with the answer.
    pub answer_verdict: Option<VerdictSpec>,
    /// All that is found in the answer.
    pub answer_findings: Option<Value>,
}

/// What happens with a message: the strongest of what rules do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictSpec {
    /// It goes on as it is, and nothing that is enforced was found.
    Pass,
    /// It goes on as it is, with a record.
    Flag,
    /// It goes on, changed.
    Redact,
    /// It goes to another model.
    Route,
    /// It does not go on.
    Block,
}

impl VerdictSpec {
    /// As files and reports write it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Flag => "flag",
            Self::Redact => "redact",
            Self::Route => "route",
            Self::Block => "block",
        }
    }
}

/// A record that is expected. What is not written fits any.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingSpec {
    /// The policy.
    pub policy: Option<String>,
    /// Its rule.
    pub rule: Option<String>,
    /// What was found.
    pub entity: Option<String>,
    /// What the rule does with it: `block`, `redact`, `flag`, `route`, `restore`.
    pub action: Option<String>,
    /// Whether it was done: `enforce`, `shadow`.
    pub mode: Option<String>,
    /// How often.
    pub count: Option<u64>,
}

/// A message of the conversation's shape as the answer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerMessageSpec {
    /// The message; its role is `assistant` in any case.
    pub message: Value,
}

/// What an answer says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaidSpec {
    /// Its text.
    pub text: Option<String>,
    /// Its reasoning.
    pub reasoning: Option<String>,
    /// Its refusal.
    pub refusal: Option<String>,
    /// Its tool calls, all of them.
    pub tool_calls: Option<Vec<CallSpec>>,
}

/// A tool call of an answer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// The tool.
    pub name: String,
    /// The arguments: fields, or their JSON text.
    pub arguments: Option<Value>,
}
