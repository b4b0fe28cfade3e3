//! How many tokens a text has, and what they cost.
//!
//! Three answers of rising price: [`estimate`] from the byte length (free, for the
//! request path), [`upper_bound`] for reservations, and [`count`] with OpenAI's
//! o200k vocabulary (some 20 µs per KiB and 68 MB of memory from its first use on).
//! Prices are list prices from an embedded table; an unknown price is `None`,
//! never zero. Discounts, tiers by prompt length and batch prices are left out.

mod count;
mod price;

pub use count::{Source, count, count_for, estimate, upper_bound};
pub use price::{PRICES_AS_OF, Price, cost, price};
