//! Server-sent events: raw bytes and parsed view together.
