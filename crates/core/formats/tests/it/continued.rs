//! Completions as an SDK reads and writes them: as chats of one message.

use serde_json::{Map, Value, json};
use tollgate_formats::exchange::{ChatAnswer, ChatRequest, Part, StreamEvent};
use tollgate_formats::{FormatId, StreamDecoder};
use tollgate_wire::sse::Event;

/// The body of a request, as far as the format can say it.
pub(crate) fn write(request: &ChatRequest) -> Value {
    let sampling = &request.sampling;
    let mut body = json!({
        "model": request.model,
        "prompt": prompt(request),
        "max_tokens": request.max_output_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "seed": sampling.seed,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "n": sampling.choices,
        "logprobs": sampling.logprobs.map(|_| sampling.top_logprobs.unwrap_or(0)),
        "user": request.user,
        "stream": request.stream.then_some(true),
    });
    if !request.stop.is_empty() {
        body["stop"] = json!(request.stop);
    }
    for (name, value) in &request.extras {
        body[name] = serde_json::from_str(value.get()).unwrap();
    }
    let members = body.as_object_mut().unwrap();
    members.retain(|_name, value| !value.is_null());
    body
}

/// What the user says where that is all there is.
pub(crate) fn prompt(request: &ChatRequest) -> Option<&str> {
    match request.messages.as_slice() {
        [message] => match message.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// A whole answer.
pub(crate) fn read(body: &[u8]) -> ChatAnswer {
    let mut answer: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(answer["object"], "text_completion");
    for choice in answer["choices"].as_array_mut().unwrap() {
        let text = choice["text"].take();
        assert!(text.is_string(), "{choice}");
        turn(choice, "message", &text);
    }
    let chat = FormatId::OpenaiChat.chat().unwrap();
    chat.decode_answer(answer.to_string().as_bytes()).unwrap()
}

/// A decoder for one streamed answer.
pub(crate) struct Decoder(Box<dyn StreamDecoder>);

impl Decoder {
    pub(crate) fn new() -> Self {
        Self(FormatId::OpenaiChat.chat().unwrap().stream_decoder())
    }

    pub(crate) fn push(&mut self, event: &Event, out: &mut Vec<StreamEvent>) {
        if event.data() == b"[DONE]" {
            return self.0.push(event, out).unwrap();
        }
        let mut chunk: Value = serde_json::from_slice(event.data()).unwrap();
        for choice in chunk["choices"].as_array_mut().into_iter().flatten() {
            let text = choice["text"].take();
            assert!(text.is_string(), "{choice}");
            turn(choice, "delta", &text);
        }
        let event = Event::from_parts(None, chunk.to_string().as_bytes());
        self.0.push(&event, out).unwrap();
    }
}

/// Makes the choice one of a chat.
fn turn(choice: &mut Value, member: &str, text: &Value) {
    choice[member] = json!({"role": "assistant", "content": text});
    let tokens = &choice["logprobs"]["tokens"];
    let Some(tokens) = tokens.as_array().cloned() else {
        return;
    };
    let logprobs = &choice["logprobs"];
    let mut offset = logprobs["text_offset"][0].as_u64().unwrap();
    let content = tokens.iter().enumerate().map(|(at, token)| {
        assert_eq!(logprobs["text_offset"][at], offset);
        offset += token.as_str().unwrap().chars().count() as u64;
        let top = logprobs["top_logprobs"][at].as_object();
        let top = top.cloned().unwrap_or_else(Map::new).into_iter();
        // The token that was chosen is among the likeliest, wherever it belongs.
        let top = top.filter(|(text, _)| text.as_str() != token);
        let top: Vec<Value> = top
            .map(|(token, logprob)| json!({"token": token, "logprob": logprob}))
            .collect();
        json!({"token": token, "logprob": logprobs["token_logprobs"][at], "top_logprobs": top})
    });
    choice["logprobs"] = json!({"content": content.collect::<Vec<_>>()});
}
