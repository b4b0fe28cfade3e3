//! The configuration as its users meet it: what is accepted, what is refused,
//! and the words of the refusal.

mod accepted;
