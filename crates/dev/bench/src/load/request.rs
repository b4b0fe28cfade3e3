//! The request that is sent: the same bytes each time.

use super::Arguments;

/// What the model is asked.
#[derive(Clone, Debug)]
pub(crate) struct Prompt<'a> {
    /// The model.
    pub(crate) model: &'a str,
    /// Ask for a stream, with usage.
    pub(crate) stream: bool,
    /// Length of the body.
    pub(crate) body_bytes: usize,
    /// Messages of user and assistant that the text is spread over.
    pub(crate) turns: usize,
}

const WORDS: &str = "Summarise the following paragraph for an engineer who is new to the \
system, and name the trade-offs. ";

impl<'a> Prompt<'a> {
    /// The prompt that these arguments describe.
    pub(crate) fn of(arguments: &'a Arguments) -> Self {
        Self {
            model: &arguments.model,
            stream: arguments.stream,
            body_bytes: arguments.body_bytes,
            turns: arguments.turns.max(1),
        }
    }

    /// A Chat Completions request of that length, unless its frame alone is longer.
    pub(crate) fn body(&self) -> String {
        let frame = self.with_text(&[]).len();
        let text_bytes = self.body_bytes.saturating_sub(frame);
        let text: String = WORDS.chars().cycle().take(text_bytes).collect();
        let cut = |turn| text_bytes * turn / self.turns.max(1);
        let parts: Vec<&str> = (0..self.turns)
            .map(|turn| text.get(cut(turn)..cut(turn + 1)).unwrap_or_default())
            .collect();
        self.with_text(&parts)
    }

    fn with_text(&self, parts: &[&str]) -> String {
        let stream = if self.stream {
            r#","stream":true,"stream_options":{"include_usage":true}"#
        } else {
            ""
        };
        let turns: Vec<String> = (0..self.turns)
            .map(|turn| {
                let role = if turn % 2 == 0 { "user" } else { "assistant" };
                let text = parts.get(turn).copied().unwrap_or_default();
                format!(r#",{{"role":"{role}","content":"{text}"}}"#)
            })
            .collect();
        format!(
            r#"{{"model":"{}"{stream},"temperature":0.7,"max_tokens":256,"messages":[{{"role":"system","content":"You are a concise assistant."}}{}]}}"#,
            self.model,
            turns.concat()
        )
    }
}

/// The prompt as a request to `/v1/chat/completions`.
pub(crate) fn request(prompt: &Prompt<'_>, key: Option<&str>) -> Vec<u8> {
    let body = prompt.body();
    let key = key.map(|key| format!("authorization: Bearer {key}\r\n"));
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         accept: */*\r\n{}content-length: {}\r\n\r\n{body}",
        key.unwrap_or_default(),
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_its_length_and_its_turns() {
        for (body_bytes, turns) in [(1024, 1), (10_240, 1), (102_400, 1), (102_400, 400)] {
            let prompt = Prompt {
                model: "m",
                stream: true,
                body_bytes,
                turns,
            };
            let body = prompt.body();
            assert_eq!(body.len(), body_bytes);
            let value: serde_json::Value = serde_json::from_str(&body).unwrap();
            let messages = value["messages"].as_array().unwrap();
            assert_eq!(messages.len(), turns + 1);
            assert!(messages.iter().all(|message| message["content"] != ""));
        }
    }
}
