//! What all of Cohere's formats share: the meta data of answers, errors, model listings.

pub(crate) mod error;
pub(crate) mod meta;
pub(crate) mod models;
