//! Property tests of the byte level, each against a slow and obvious reference.
//!
//! The references (`*_reference`) are shared with the fuzz targets.

mod document;
mod json;
#[cfg(test)]
mod json_reference;
mod sse;
#[cfg(test)]
mod sse_reference;
