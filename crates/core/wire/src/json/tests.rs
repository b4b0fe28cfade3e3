//! Behaviour of the JSON reader on chosen texts.
