//! From a test as it is written to one that can run, with every mistake at once.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde_json::{Map, Value};
use tollgate_config::policy_test::{AnswerMessageSpec, FileSpec, TestSpec};
use tollgate_config::{Origin, Problem, ServiceConfig, Shape, YamlFile};
use tollgate_formats::{FormatId, chat_formats};
use tollgate_identity::ModelScope;

mod expected;

use super::bodies::{self, Body, BodyError};
use crate::policed::{ANONYMOUS, Policed};
use crate::scan::path_of;
pub(super) use expected::{Expected, Findings};

/// A test that can run.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    /// Where it is in its file: `tests[2]`.
    pub(super) path: String,
    pub(super) origin: Origin,
    pub(super) service: String,
    /// The service's team; empty when it has none.
    pub(super) team: String,
    pub(super) model: String,
    /// The models that the service may use.
    pub(super) scope: ModelScope,
    pub(super) format: FormatId,
    /// Its head, as the gateway reads it.
    pub(super) head: Parts,
    pub(super) request: Asked,
    /// A whole answer: of the format, or of the plain HTTP route.
    pub(super) answer: Option<Bytes>,
    pub(super) expected: Expected,
}

/// The body of a request.
#[derive(Debug)]
pub(super) enum Asked {
    /// A request of the format.
    Chat(Bytes),
    /// What a plain HTTP route is sent: JSON, or nothing.
    Plain(Bytes),
}

/// The tests of a file.
///
/// # Errors
/// Everything that is wrong with them.
pub(super) fn cases(
    file: &YamlFile,
    spec: FileSpec,
    policed: &Policed,
) -> Result<Vec<Case>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut cases: Vec<Case> = Vec::with_capacity(spec.tests.len());
    for (index, test) in spec.tests.into_iter().enumerate() {
        let mut reading = Reading {
            file,
            policed,
            path: format!("tests[{index}]"),
            problems: &mut problems,
        };
        if cases.iter().any(|other| other.name == test.name) {
            let message = format!("a second test is named `{}`", test.name);
            reading.fail("name", message, "a name tells its test from the others");
        }
        cases.extend(reading.case(test));
    }
    if problems.is_empty() {
        Ok(cases)
    } else {
        Err(problems)
    }
}

struct Reading<'r> {
    file: &'r YamlFile,
    policed: &'r Policed,
    path: String,
    problems: &'r mut Vec<Problem>,
}

impl<'r> Reading<'r> {
    /// The test, where its request can be read; with problems it is not run.
    fn case(&mut self, spec: TestSpec) -> Option<Case> {
        let format = self.format(spec.format.as_deref());
        let mut head = self.head(format, &spec)?;
        let is_plain = spec.path.is_some();
        let (request, model) = if is_plain {
            self.nothing_of_a_chat(&spec);
            let body = spec.request.as_ref().map(json).unwrap_or_default();
            if !body.is_empty() {
                let json = HeaderValue::from_static("application/json");
                head.headers.entry(CONTENT_TYPE).or_insert(json);
            }
            (Asked::Plain(body), String::new())
        } else {
            let body = self.request(&spec, format)?;
            let model = self.model(spec.model, &body);
            (Asked::Chat(body.bytes), model)
        };
        let service = spec.service.unwrap_or_else(|| ANONYMOUS.to_owned());
        let known = self.service(&service);
        let team = known.and_then(|known| known.team.as_deref());
        let models = known.and_then(|known| known.models.as_deref());
        let scope = models.map_or_else(ModelScope::all, |models| {
            ModelScope::of(models.iter().map(String::as_str))
        });
        if !model.is_empty() && !scope.allows(&model) {
            let message = format!("service `{service}` may not use the model `{model}`");
            let help = "the gateway answers 403 before any policy; test another model";
            self.fail("model", message, help);
        }
        let has_answer = spec.answer.is_some();
        let answer = spec.answer.and_then(|answer| {
            if is_plain {
                return Some(json(&answer));
            }
            self.answer(answer, format, &model)
        });
        Some(Case {
            expected: self.expected(spec.expect, has_answer),
            origin: self.file.origin(&self.path),
            path: self.path.clone(),
            name: spec.name,
            service,
            team: team.unwrap_or_default().to_owned(),
            model,
            scope,
            format,
            head,
            request,
            answer,
        })
    }

    fn format(&mut self, label: Option<&str>) -> FormatId {
        let first = bodies::first().id();
        let Some(label) = label else { return first };
        let mut known = chat_formats();
        if let Some(format) = known.find(|format| format.label() == label) {
            return format.id();
        }
        let labels: Vec<&str> = chat_formats().map(|format| format.label()).collect();
        self.unknown("format", "wire format", label, &labels);
        first
    }

    fn head(&mut self, format: FormatId, spec: &TestSpec) -> Option<Parts> {
        let path = spec.path.as_deref();
        let path = path.unwrap_or_else(|| path_of(format));
        let uri = match &spec.query {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let method = spec.method.as_deref().unwrap_or("POST");
        let Ok(request) = Request::builder().method(method).uri(uri).body(()) else {
            let field = if spec.query.is_some() {
                "query"
            } else {
                "path"
            };
            let message = "this cannot stand in the first line of a request".to_owned();
            let help = "write it as it is sent, with percent signs: `name=a%20b`";
            self.fail(field, message, help);
            return None;
        };
        let (mut head, ()) = request.into_parts();
        head.headers = self.headers(&spec.headers);
        Some(head)
    }

    /// A plain HTTP route has bodies of its own.
    fn nothing_of_a_chat(&mut self, spec: &TestSpec) {
        let said = spec.expect.answer.as_ref();
        for (field, is_written) in [
            ("model", spec.model.is_some()),
            ("format", spec.format.is_some()),
            ("messages", spec.messages.is_some()),
            ("expect.answer", said.is_some_and(Value::is_object)),
        ] {
            if is_written {
                let message = "a plain HTTP route has no such thing".to_owned();
                let help = "remove it, or `path`; `request` and `answer` are its JSON bodies, of which `text` and `answer` are the texts that the route names";
                self.fail(field, message, help);
            }
        }
    }

    fn headers(&mut self, written: &BTreeMap<String, String>) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(written.len());
        for (name, value) in written {
            match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                (Ok(name), Ok(value)) => drop(headers.insert(name, value)),
                (Err(_), _) => {
                    let message = format!("`{name}` is no name of a header");
                    self.fail("headers", message, "write letters, digits and `-`");
                }
                (_, Err(_)) => {
                    let message = format!("the header `{name}` cannot have this value");
                    self.fail("headers", message, "write it without line breaks");
                }
            }
        }
        headers
    }

    fn request(&mut self, spec: &TestSpec, format: FormatId) -> Option<Body> {
        let read = match (&spec.messages, &spec.request) {
            (Some(_), Some(_)) => {
                let message = "`messages` and `request` are two requests".to_owned();
                self.fail("request", message, "keep one of them");
                return None;
            }
            (None, Some(request)) => bodies::whole_request(request, format),
            (None, None) if spec.answer.is_none() => {
                let message = "there is nothing to test".to_owned();
                let help = "write `messages:`, or `request:` with a whole request, or `answer:`";
                self.fail("", message, help);
                return None;
            }
            (messages, None) => {
                let messages = messages.as_deref().unwrap_or_default();
                bodies::request(messages, spec.model.as_deref(), format)
            }
        };
        read.map_err(|error| self.body("request", &error)).ok()
    }

    fn answer(&mut self, answer: Value, format: FormatId, model: &str) -> Option<Bytes> {
        let message = match answer {
            Value::String(text) => Map::from_iter([("content".to_owned(), text.into())]),
            Value::Object(fields) if fields.contains_key("message") => {
                let AnswerMessageSpec { message } = self.part("answer")?;
                let Value::Object(message) = message else {
                    let help = "write its fields, for example `content: ...`";
                    self.fail("answer.message", "this is no message".to_owned(), help);
                    return None;
                };
                message
            }
            Value::Object(_) => {
                let read = bodies::whole_answer(&answer, format);
                return read.map_err(|error| self.body("answer", &error)).ok();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                let message = "this is no answer".to_owned();
                let help = "write a text, `message:` with a message, or a whole answer";
                self.fail("answer", message, help);
                return None;
            }
        };
        let read = bodies::answer(message, model, format);
        read.map_err(|error| self.body("answer", &error)).ok()
    }

    /// The name that is asked for.
    fn model(&mut self, written: Option<String>, request: &Body) -> String {
        match (written, &request.model) {
            (Some(written), Some(own)) if written != *own => {
                let message = format!("the request asks for `{own}`, and the test for `{written}`");
                self.fail("model", message, "keep one of them");
                written
            }
            (Some(written), _) => written,
            (None, own) => own.clone().unwrap_or_default(),
        }
    }

    /// What is configured of a service.
    fn service(&mut self, service: &str) -> Option<&'r ServiceConfig> {
        match self.policed.service(service) {
            Ok(known) => known,
            Err(known) => {
                self.unknown("service", "service", service, &known);
                None
            }
        }
    }

    /// A part of the test with a shape of its own.
    fn part<T: Shape>(&mut self, field: &str) -> Option<T> {
        let decoded = self.file.decode(&self.place(field));
        decoded
            .map_err(|problems| self.problems.extend(problems))
            .ok()
    }

    fn place(&self, field: &str) -> String {
        if field.is_empty() {
            return self.path.clone();
        }
        format!("{}.{field}", self.path)
    }

    fn fail(&mut self, field: &str, message: String, help: &str) {
        let path = self.place(field);
        let problem = Problem::error(self.file.origin(&path), path, message);
        self.problems.push(problem.with_help(help));
    }

    fn unknown(&mut self, field: &str, what: &str, written: &str, known: &[&str]) {
        let path = self.place(field);
        let known = known.iter().copied();
        self.problems
            .push(self.file.unknown(&path, what, written, known));
    }

    /// A body that is none of its format. `field` is where it was written whole.
    fn body(&mut self, field: &str, error: &BodyError) {
        let field = match (error.is_whole, &error.path) {
            (true, Some(path)) => format!("{field}.{path}"),
            (true, None) => field.to_owned(),
            (false, Some(path)) if path.starts_with("messages") => path.clone(),
            (false, _) if field == "answer" => field.to_owned(),
            (false, _) => "messages".to_owned(),
        };
        self.fail(&field, error.message.clone(), error.help);
    }
}

fn json(body: &Value) -> Bytes {
    Bytes::from(body.to_string())
}
