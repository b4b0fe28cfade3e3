//! How many tokens a text has.
//!
//! Three answers of rising price: [`estimate`] from the byte length (free, for the
//! request path), [`upper_bound`] for reservations, and [`count`] with OpenAI's
//! o200k vocabulary (some 20 µs per KiB and 68 MB of memory from its first use on).

mod count;

pub use count::{Source, count, count_for, estimate, upper_bound};
