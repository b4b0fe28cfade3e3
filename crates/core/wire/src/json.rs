//! A pull reader over JSON that gives places instead of values.
