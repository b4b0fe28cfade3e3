//! Answers that are held for their caller: `/v1/responses/{id}` and what is below it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::refused::Refused;

/// The oldest goes when there are more.
const HELD_MAX: usize = 256;

/// An answer with what led to it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) answer: Value,
    pub(super) events: Bytes,
    pub(super) input: Vec<Value>,
}

/// The answers that are held.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<VecDeque<Held>>);

impl Shelf {
    /// Keeps an answer; one of the same id goes.
    pub(super) fn keep(&self, held: Held) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.retain(|other| other.id != held.id);
        shelf.push_back(held);
        if shelf.len() > HELD_MAX {
            shelf.pop_front();
        }
    }

    /// An answer that is held.
    pub(super) fn find(&self, id: &str) -> Option<Held> {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.iter().find(|held| held.id == id).cloned()
    }

    fn remove(&self, id: &str) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.retain(|held| held.id != id);
    }

    /// What is said to a request for an answer, or below it; events where they are wanted.
    pub(super) fn answer(
        &self,
        method: &Method,
        (id, below): (&str, &str),
        streams: bool,
    ) -> Result<(Bytes, bool), Refused> {
        let unknown = || {
            let text = format!("Response with id '{id}' not found.");
            Refused::new(StatusCode::NOT_FOUND, text).param("id")
        };
        let held = self.find(id).ok_or_else(unknown)?;
        let body = match (method.as_str(), below) {
            ("GET", "") if streams => return Ok((held.events, true)),
            ("GET", "") => held.answer,
            ("DELETE", "") => {
                self.remove(id);
                json!({"id": id, "object": "response", "deleted": true})
            }
            ("GET", "input_items") => input_items(&held.input),
            ("POST", "cancel") if held.answer["background"] == true => {
                let mut answer = held.answer.clone();
                answer["status"] = json!("cancelled");
                answer["output"] = json!([]);
                let body = answer.clone();
                self.keep(Held { answer, ..held });
                body
            }
            ("POST", "cancel") => {
                return Err(Refused::invalid("Cannot cancel a synchronous response."));
            }
            _ => {
                let text = format!("Invalid URL ({method} /v1/responses/{id}/{below})");
                return Err(Refused::new(StatusCode::NOT_FOUND, text));
            }
        };
        Ok((Bytes::from(body.to_string()), false))
    }
}

/// What was sent, the last first, as the API lists it.
fn input_items(input: &[Value]) -> Value {
    let item = |(place, item): (usize, &Value)| {
        let mut item = match item {
            Value::String(text) => {
                json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
            }
            item => item.clone(),
        };
        if item.get("id").is_none() {
            item["id"] = json!(format!("item_{place}"));
        }
        if item.get("type").is_none() {
            item["type"] = json!("message");
        }
        item
    };
    let data: Vec<Value> = input.iter().enumerate().rev().map(item).collect();
    let id = |item: Option<&Value>| item.map(|item| item["id"].clone());
    json!({"object": "list", "first_id": id(data.first()), "last_id": id(data.last()),
        "has_more": false, "data": data})
}
