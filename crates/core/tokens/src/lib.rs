//! How many tokens a text has.
//!
//! Three answers of rising price. An [`Estimate`] is for the request path: one pass over
//! the bytes of a prompt counts what they are made of ([`Prompt`]), the weights of the
//! model's [`Family`] make tokens of it, and what providers reported before corrects them
//! ([`Calibration`]). [`Family::count`] cuts the text with a vocabulary: exact where the
//! vocabulary is the model's own, 5 to 20 µs for a KiB, and off the request path.

mod calibration;
mod estimate;
mod exact;
mod family;
mod source;
mod tally;
mod weights;

pub use calibration::{Calibration, Correction, Key};
pub use estimate::{Estimate, Prompt, Text, estimate, of_bytes};
pub use family::Family;
pub use source::Source;
pub use tally::{CLASSES, Tally};
