//! Parameters that a model refuses: removed, lowered, or a reason not to ask it.
//!
//! Works on the body as it goes out, so that it does not matter whose format the caller
//! spoke. A body that needs no change is not copied; one that does is spliced.

use bytes::Bytes;
use tollgate_catalogue::{Facts, Parameter, Word, Words};
use tollgate_config::Parameters;
use tollgate_formats::prompt::Places;
use tollgate_formats::{Members, ParameterPlace, last_name};
use tollgate_tokens::Estimate;
use tollgate_wire::{Document, Edit, Pieces};

use super::outbound::Wanted;

/// What a model takes, in the format that its server is spoken to in.
pub(super) struct Limits<'w> {
    wanted: &'w Wanted<'w>,
    places: Places,
    /// The most tokens of an answer; 0 where that is not known.
    output_tokens: u32,
    room: Option<Room>,
    refuses: Words<Parameter>,
}

/// What the prompt leaves of a model's window for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// A limit of more tokens is too much.
    above: u32,
    /// What it is lowered to.
    to: u32,
}

impl Room {
    /// `None` where the window is not known, and where the prompt alone may fill it: nobody
    /// can tell better than the provider. Adjusting goes by the best guess and leaves the
    /// room that a guess needs; refusing wants to be sure.
    pub(super) fn of(facts: &Facts, estimate: &Estimate, wanted: Parameters) -> Option<Self> {
        let surely = match wanted {
            Parameters::Refuse => estimate.low,
            Parameters::Adjust | Parameters::Pass => estimate.tokens,
        };
        let left = |tokens: u64| {
            let tokens = u32::try_from(tokens).ok()?;
            facts.context_tokens.checked_sub(tokens)
        };
        let to = left(estimate.high).filter(|tokens| *tokens > 0)?;
        Some(Self {
            above: left(surely)?.max(to),
            to,
        })
    }
}

/// What is to be changed in a body.
#[derive(Debug, Default)]
pub(super) struct Changes {
    edits: Vec<Edit>,
    /// The parameters that are removed or lowered.
    pub(super) lost: Words<Parameter>,
}

impl Changes {
    /// True where nothing is to be changed.
    pub(super) const fn is_none(&self) -> bool {
        self.edits.is_empty()
    }

    /// The body with the changes.
    pub(super) fn made(&self, body: &Bytes) -> Pieces {
        Document::new(body.clone()).finish(&self.edits)
    }
}

impl<'w> Limits<'w> {
    /// The limits of a model; `None` where none are known, and where it is asked for
    /// something else than a text, of which none are known either.
    pub(super) fn of(wanted: &'w Wanted<'w>, facts: &Facts, room: Option<Room>) -> Option<Self> {
        let Facts {
            output_tokens,
            refuses,
            ..
        } = *facts;
        if output_tokens == 0 && refuses.is_empty() && room.is_none() {
            return None;
        }
        Some(Self {
            wanted,
            places: wanted.format.format().codec().places(wanted.dialect)?,
            output_tokens,
            room,
            refuses,
        })
    }

    /// What they demand of a body. One that is no JSON object is left to the provider to
    /// refuse.
    pub(super) fn changes(&self, body: &[u8]) -> Changes {
        let Ok(mut members) = self.places.members(body) else {
            return Changes::default();
        };
        let mut lost = Words::NONE;
        for place in self.places.parameters {
            let is_lost = if place.parameter == Parameter::MaxTokens {
                self.limit(&mut members, place)
            } else if self.refuses.has(place.parameter) {
                // All of them, not up to the first that said something.
                let removed = place.paths.iter().filter(|path| members.remove(path));
                removed.count() > 0
            } else {
                false
            };
            if is_lost {
                lost = lost.with(place.parameter);
            }
        }
        let edits = members.finish();
        Changes { edits, lost }
    }

    /// The limit of generated tokens gets a name that the model and its server know, and
    /// is lowered to what there is. It is never removed: some formats demand it.
    fn limit(&self, members: &mut Members<'_>, place: &ParameterPlace) -> bool {
        let mut is_lost = false;
        let refused = Parameter::MaxTokens.label();
        if self.refuses.has(Parameter::MaxTokens) {
            let mut paths = place.paths.iter();
            let other = paths.find(|path| {
                let name = last_name(path);
                name != refused && self.wanted.takes(name)
            });
            let older = place.paths.iter().find(|path| last_name(path) == refused);
            if let (Some(from), Some(to)) = (older, other) {
                is_lost |= members.rename(from, to);
            }
        }
        if self.output_tokens > 0 || self.room.is_some() {
            for path in place.paths {
                is_lost |= members.replace(path, |value| {
                    let most = self.most(|tokens| value.exceeds(tokens))?;
                    Some(Bytes::from(most.to_string()))
                });
            }
        }
        is_lost
    }

    /// What a limit is lowered to, by what it exceeds; `None` where it may stay.
    fn most(&self, exceeds: impl Fn(u32) -> bool) -> Option<u32> {
        let output = Some(self.output_tokens).filter(|most| *most > 0 && exceeds(*most));
        let room = self.room.filter(|room| match output {
            Some(output) => output > room.above,
            None => exceeds(room.above),
        });
        room.map(|room| room.to).or(output)
    }
}

#[cfg(test)]
mod tests;
