//! What a stream says as a whole, so that streams can be compared whatever their pieces.

use tollgate_formats::exchange::{BlockKind, Delta, Finish, StreamEvent};
use tollgate_types::Usage;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) blocks: Vec<Block>,
    pub(crate) finishes: Vec<(u32, Finish)>,
    pub(crate) usage: Option<Usage>,
    pub(crate) ended: bool,
    pub(crate) failure: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) choice: u32,
    pub(crate) block: u32,
    pub(crate) kind: BlockKind,
    pub(crate) text: String,
    pub(crate) signature: String,
    pub(crate) encrypted: String,
    pub(crate) ended: bool,
}

pub(crate) fn collect(events: &[StreamEvent]) -> Said {
    let mut said = Said::default();
    for event in events {
        match event {
            StreamEvent::Start { usage, .. } => said.usage = usage.or(said.usage),
            StreamEvent::BlockStart {
                choice,
                block,
                kind,
            } => said.blocks.push(Block {
                choice: *choice,
                block: *block,
                kind: kind.clone(),
                text: String::new(),
                signature: String::new(),
                encrypted: String::new(),
                ended: false,
            }),
            StreamEvent::Delta {
                choice,
                block,
                delta,
            } => {
                let open = find(&mut said, *choice, *block);
                assert!(!open.ended, "a piece after the end of its block");
                match delta {
                    Delta::Text(text) | Delta::Arguments(text) => open.text.push_str(text),
                    Delta::Signature(_) => open.signature.push_str(delta.text()),
                    Delta::Encrypted(_) => open.encrypted.push_str(delta.text()),
                    Delta::Id(_) | Delta::Citation(_) => {}
                }
            }
            StreamEvent::BlockEnd { choice, block } => {
                find(&mut said, *choice, *block).ended = true;
            }
            StreamEvent::Finish { choice, reason, .. } => {
                assert!(
                    said.blocks
                        .iter()
                        .filter(|open| open.choice == *choice)
                        .all(|open| open.ended)
                );
                said.finishes.push((*choice, reason.clone()));
            }
            StreamEvent::Usage(usage) => said.usage = Some(*usage),
            StreamEvent::Failure(failure) => said.failure = Some(failure.message.clone()),
            StreamEvent::Lost(_) | StreamEvent::Logprobs { .. } => {}
            StreamEvent::End => said.ended = true,
        }
    }
    said
}

fn find(said: &mut Said, choice: u32, block: u32) -> &mut Block {
    said.blocks
        .iter_mut()
        .find(|open| open.choice == choice && open.block == block)
        .expect("a block that began")
}
