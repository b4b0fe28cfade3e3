//! Policies: expressions, detectors and the machine that applies rules to text.
//!
//! No I/O: spans and stream events go in, edits and verdicts come out. The gateway
//! (and later the mesh server and the library) are shells that pump it, so the
//! verdict is the same everywhere.
