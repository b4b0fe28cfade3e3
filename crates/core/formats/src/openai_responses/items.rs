//! Items: what a conversation is made of, in requests and in answers.

mod content;
mod read;
mod write;

pub(super) use content::{annotation, read_content};
pub(super) use read::{Item, item, seal};
pub(super) use write::{
    Side, citation, reasoning_seal, system_role, write_call, write_items, write_message,
    write_reasoning, write_turn,
};
