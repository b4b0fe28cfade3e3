//! Every chat format as a caller's SDK and as its provider read and write it, from the
//! providers' documents. A format is one file and one line.

mod anthropic;
mod bedrock;
mod cohere;
mod frames;
mod gemini;
mod openai;
mod responses;

use serde_json::{Value, json};
use tollgate_simulator::Record;

use crate::ask::{Ask, Told};

/// The formats: their names here and their files.
macro_rules! speeches {
    ($($name:ident: $file:ident),* $(,)?) => {
        /// A chat format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Speech {
            $($name),*
        }

        impl Speech {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// What it says.
            fn voice(self) -> &'static dyn Voice {
                match self {
                    $(Self::$name => &$file::Spoken),*
                }
            }
        }
    };
}

speeches! {
    OpenAi: openai,
    Anthropic: anthropic,
    Responses: responses,
    Gemini: gemini,
    Bedrock: bedrock,
    Cohere: cohere,
}

pub(crate) use Speech::{Anthropic, Bedrock, Cohere, Gemini, OpenAi, Responses};

/// What a test says of a format.
trait Voice: Sync {
    /// As the access log names it.
    fn label(&self) -> &'static str;

    /// Where callers ask; `{model}` where the path names it.
    fn path(&self, streamed: bool) -> &'static str;

    /// The members of a provider that speaks it, at `$AT`.
    fn provider(&self) -> &'static str;

    /// The header in which its provider takes a key, and what stands before the key.
    fn credential(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer ")
    }

    /// Tokens of a prompt that its simulated provider reads and does not bill.
    fn unbilled(&self) -> u64 {
        0
    }

    /// A conversation: roles `system`, `user` and `assistant`, and what they say.
    fn conversation(&self, turns: &[(&str, &str)]) -> Value;

    /// Limits the tokens of the answer.
    fn limit(&self, body: &mut Value, tokens: u64);

    /// Asks for reasoning, and to be shown it.
    fn think(&self, body: &mut Value);

    /// Offers a tool.
    fn offer(&self, body: &mut Value, tool: &str);

    /// Has a tool called. `false`: the format cannot say so of one tool.
    fn force(&self, body: &mut Value, tool: &str) -> bool;

    /// Adds calls that were made, and their results: id, tool, arguments, result.
    fn called(&self, body: &mut Value, calls: &[[&str; 4]]);

    /// Goes on after an answer with calls: what was said, as it came, and the result of each.
    fn follow(&self, body: &mut Value, answer: &Value, result: &str);

    /// Adds a PNG in base64 to the last turn.
    fn picture(&self, body: &mut Value, data: &str);

    /// What a caller understands of a whole answer.
    fn whole(&self, answer: &Value) -> Heard;

    /// The events of a stream.
    fn events(&self, body: &[u8]) -> Vec<Value> {
        frames::server_sent(body)
    }

    /// Whether an event ends with these bytes.
    fn ends_an_event(&self, body: &[u8]) -> bool {
        body.ends_with(b"\n\n")
    }

    /// Takes in one event. `[DONE]` comes as a string.
    fn event(&self, data: &Value, heard: &mut Heard);

    /// The media type of its streams.
    fn stream_type(&self) -> &'static str {
        "text/event-stream"
    }

    /// An error as its SDK raises it.
    fn error(&self, told: &Told) -> Failed {
        Failed::read(&told.json())
    }

    /// What an SDK calls an error of a status; empty where it goes by the status alone.
    fn error_kind(&self, status: u16) -> &'static str;

    /// The body of an error of its provider.
    fn failing(&self, status: u16, message: &str) -> Value;

    /// Its stop reason for one of `stop`, `length`, `tool_calls`, `content_filter`.
    fn finish(&self, reason: &str) -> &'static str;

    /// An answer of its provider: a text, eleven tokens for three.
    fn saying(&self, text: &str) -> Value;

    /// The same as a stream, a piece an event.
    fn telling(&self, pieces: &[&str]) -> Vec<u8>;

    /// Something in a stream that says nothing, of about so many bytes.
    fn nothing(&self, bytes: usize) -> Vec<u8> {
        format!(": {}\n\n", "x".repeat(bytes)).into_bytes()
    }

    /// An error in a stream of its provider.
    fn failing_event(&self, status: u16, message: &str) -> Vec<u8> {
        frames::data(&self.failing(status, message))
    }
}

impl Speech {
    pub(crate) fn all() -> impl Iterator<Item = Self> + Clone {
        Self::ALL.iter().copied()
    }

    /// Another format, so that every one comes after one.
    pub(crate) fn next(self) -> Self {
        let mut after = Self::all().skip_while(|one| *one != self);
        after.nth(1).unwrap_or(OpenAi)
    }

    pub(crate) fn label(self) -> &'static str {
        self.voice().label()
    }

    /// Where a caller asks for an answer of the model `m` that is not streamed.
    pub(crate) fn path(self) -> String {
        self.voice().path(false).replace("{model}", "m")
    }

    /// As the access log names the path.
    pub(crate) fn endpoint(self, streamed: bool) -> &'static str {
        let path = self.voice().path(streamed);
        path.split('?').next().unwrap()
    }

    /// Whether requests name their model in the path, and say there whether they stream.
    pub(crate) fn names_model_in_path(self) -> bool {
        self.voice().path(false).contains("{model}")
    }

    /// A provider that speaks it, as YAML in one line; `at` is `$A` or `$B`.
    pub(crate) fn provider(self, name: &str, at: &str) -> String {
        let members = self.voice().provider().replace("$AT", at);
        format!("{{name: {name}, {members}}}")
    }

    /// The tokens of a prompt that its simulated provider billed.
    pub(crate) fn billed(self, served: &Record) -> u64 {
        served.input_tokens - self.voice().unbilled()
    }

    pub(crate) fn credential(self) -> (&'static str, &'static str) {
        self.voice().credential()
    }

    /// A request with one message. Its model and whether it streams always stand in it;
    /// [`Self::sent`] takes them out where the path names them.
    pub(crate) fn body(self, model: &str, prompt: &str, streamed: bool) -> Value {
        self.conversation(model, &[("user", prompt)], streamed)
    }

    pub(crate) fn conversation(self, model: &str, turns: &[(&str, &str)], streamed: bool) -> Value {
        let mut body = self.voice().conversation(turns);
        body["model"] = json!(model);
        if streamed {
            body["stream"] = json!(true);
        }
        body
    }

    pub(crate) fn limit(self, body: &mut Value, tokens: u64) {
        self.voice().limit(body, tokens);
    }

    pub(crate) fn think(self, body: &mut Value) {
        self.voice().think(body);
    }

    pub(crate) fn offer(self, body: &mut Value, tools: &[&str]) {
        for tool in tools {
            self.voice().offer(body, tool);
        }
    }

    /// Whether one tool can be forced at all.
    pub(crate) fn force(self, body: &mut Value, tool: &str) -> bool {
        self.voice().force(body, tool)
    }

    pub(crate) fn called(self, body: &mut Value, calls: &[[&str; 4]]) {
        self.voice().called(body, calls);
    }

    pub(crate) fn follow(self, body: &mut Value, answer: &Value, result: &str) {
        self.voice().follow(body, answer, result);
    }

    pub(crate) fn picture(self, body: &mut Value, data: &str) {
        self.voice().picture(body, data);
    }

    /// Path and body as they are sent.
    pub(crate) fn sent(self, body: &Value) -> (String, String) {
        let model = body["model"].as_str().unwrap_or_default();
        let path = self.voice().path(body["stream"] == true);
        if !self.names_model_in_path() {
            return (path.to_owned(), body.to_string());
        }
        let mut body = body.clone();
        let model = model.replace('/', "%2F").replace(' ', "%20");
        let path = path.replace("{model}", &model);
        let members = body.as_object_mut().unwrap();
        members.remove("model");
        members.remove("stream");
        (path, body.to_string())
    }

    pub(crate) fn asking(self, body: &Value) -> Ask {
        let (path, body) = self.sent(body);
        Ask::post(&path, body)
    }

    pub(crate) fn ask(self, model: &str, prompt: &str, streamed: bool) -> Ask {
        self.asking(&self.body(model, prompt, streamed))
    }

    /// What a caller understands of an answer, whole or streamed.
    pub(crate) fn read(self, told: &Told, streamed: bool) -> Heard {
        if !streamed {
            return self.whole(&told.json());
        }
        let kind = told.header("content-type").unwrap();
        let expected = self.voice().stream_type();
        assert!(kind.starts_with(expected), "{kind}: {}", told.text());
        self.events(&told.body)
    }

    pub(crate) fn whole(self, answer: &Value) -> Heard {
        self.voice().whole(answer)
    }

    /// Reads a stream, or what came of it.
    pub(crate) fn events(self, body: &[u8]) -> Heard {
        let mut heard = Heard::default();
        for data in self.voice().events(body) {
            let failed = heard.error.is_some();
            let is_left_over = failed && data["type"] == "response.failed";
            assert!(!failed || is_left_over, "an event after an error: {data}");
            self.voice().event(&data, &mut heard);
        }
        heard
    }

    /// The error in an answer: type, message, code.
    pub(crate) fn error(self, told: &Told) -> Failed {
        self.voice().error(told)
    }

    /// What an SDK calls an error of a status.
    pub(crate) fn error_kind(self, status: u16) -> &'static str {
        self.voice().error_kind(status)
    }

    /// The body of an error of its provider.
    pub(crate) fn failing(self, status: u16, message: &str) -> Value {
        self.voice().failing(status, message)
    }

    /// Its stop reason for one of the access log's.
    pub(crate) fn finish(self, reason: &str) -> &'static str {
        self.voice().finish(reason)
    }

    /// Whether its stop reasons tell calls from the usual end.
    pub(crate) fn tells_calls(self) -> bool {
        self.finish("tool_calls") != self.finish("stop")
    }

    /// An answer of its provider: a text, eleven tokens for three.
    pub(crate) fn saying(self, text: &str) -> Value {
        self.voice().saying(text)
    }

    /// The same as a stream, a piece an event.
    pub(crate) fn telling(self, pieces: &[&str]) -> Vec<u8> {
        self.voice().telling(pieces)
    }

    /// The beginning of a stream, up to where its first piece was said.
    pub(crate) fn begun(self, told: &[u8]) -> &[u8] {
        let voice = self.voice();
        let said = |end: &usize| {
            let mut heard = Heard::default();
            let begun = &told[..*end];
            if !voice.ends_an_event(begun) {
                return false;
            }
            let events = voice.events(begun);
            events
                .iter()
                .for_each(|event| voice.event(event, &mut heard));
            !heard.text.is_empty()
        };
        let end = (1..told.len()).find(said).expect("it says nothing");
        &told[..end]
    }

    /// An error of its provider in a stream.
    pub(crate) fn failing_event(self, status: u16, message: &str) -> Vec<u8> {
        self.voice().failing_event(status, message)
    }

    /// Something in a stream that says nothing, of about so many bytes.
    pub(crate) fn nothing(self, bytes: usize) -> Vec<u8> {
        self.voice().nothing(bytes)
    }

    pub(crate) fn stream_type(self) -> &'static str {
        self.voice().stream_type()
    }
}

/// What a caller understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    /// Names and arguments.
    pub(crate) calls: Vec<(String, String)>,
    pub(crate) finish: Option<String>,
    /// Empty where the format does not name it.
    pub(crate) model: String,
    /// Input tokens with those of the cache, and output tokens with those of reasoning.
    pub(crate) usage: Option<(u64, u64)>,
    /// Blocks that were begun and not ended.
    pub(crate) open_blocks: Vec<u64>,
    /// The end came, with its mark where the format has one.
    pub(crate) has_ended: bool,
    pub(crate) error: Option<Failed>,
}

impl Heard {
    /// Arguments of the last call go on.
    fn go_on(&mut self, piece: &Value) {
        let call = self.calls.last_mut().expect("arguments before a call");
        call.1 += piece.as_str().unwrap_or_default();
    }

    fn open(&mut self, block: &Value) {
        let block = block.as_u64().expect("a block has a number");
        assert!(!self.open_blocks.contains(&block), "begun twice: {block}");
        self.open_blocks.push(block);
    }

    fn close(&mut self, block: &Value) {
        let block = block.as_u64().expect("a block has a number");
        assert!(self.open_blocks.contains(&block), "never begun: {block}");
        self.open_blocks.retain(|open| *open != block);
    }
}

/// An error as an SDK raises it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Failed {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) code: Option<String>,
}

impl Failed {
    fn read(body: &Value) -> Self {
        let error = &body["error"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            kind: text(&error["type"]).unwrap_or_else(|| panic!("no type: {body}")),
            message: text(&error["message"]).unwrap_or_else(|| panic!("no message: {body}")),
            code: text(&error["code"]).or_else(|| text(&error["details"]["error_code"])),
        }
    }

    /// Nothing but `message`, and a code of ours beside it.
    fn bare(body: &Value) -> Self {
        let message = body["message"].as_str();
        Self {
            kind: String::new(),
            message: message.unwrap_or_else(|| panic!("{body}")).to_owned(),
            code: body["code"].as_str().map(str::to_owned),
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Sums of members; `None` where one of the first two is missing.
fn usage_of(usage: &Value, input: &[&str], output: &[&str]) -> Option<(u64, u64)> {
    let sum = |names: &[&str]| {
        usage[names[0]].as_u64()?;
        let counts = names.iter().filter_map(|name| usage[name].as_u64());
        Some(counts.sum())
    };
    Some((sum(input)?, sum(output)?))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The schema of every tool here.
fn schema() -> Value {
    json!({"type": "object", "properties": {"city": {"type": "string"}}})
}

/// Adds to a list in a body, which is made where there is none.
fn add(list: &mut Value, item: Value) {
    if list.is_null() {
        *list = json!([]);
    }
    list.as_array_mut().unwrap().push(item);
}

/// The content of the last turn as a list.
fn last_content<'b>(turns: &'b mut Value, member: &str, text: fn(&str) -> Value) -> &'b mut Value {
    let turn = turns.as_array_mut().unwrap().last_mut().unwrap();
    let content = &mut turn[member];
    if let Some(said) = content.as_str() {
        *content = json!([text(said)]);
    }
    content
}
