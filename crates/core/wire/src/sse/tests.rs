//! Behaviour of the SSE codec on chosen streams.
