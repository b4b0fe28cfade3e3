//! From a model to the order in which its targets are tried.

use smallvec::SmallVec;
use tollgate_policy::RequestFacts;

use crate::{Model, Plan, TargetId};

/// Targets in the order in which they are to be tried.
pub type Candidates = SmallVec<[TargetId; 4]>;

impl Plan {
    /// Orders a model's targets for one request.
    ///
    /// Targets whose condition is false, or cannot be evaluated for this request,
    /// are left out. Under `weighted` the first is drawn by weight and the others
    /// follow by further draws, so that failover spreads as the weights say; a
    /// weight of 0 comes last. `random` is any uniformly random number.
    #[must_use]
    pub fn select(&self, model: &Model, facts: &RequestFacts<'_>, random: u64) -> Candidates {
        let mut candidates: Candidates = model
            .targets
            .iter()
            .copied()
            .filter(|id| {
                self.target(*id)
                    .when
                    .as_ref()
                    .is_none_or(|when| when.evaluate(facts).unwrap_or(false))
            })
            .collect();
        if model.weighted {
            self.draw(&mut candidates, random);
        }
        candidates
    }

    /// Weighted draws without replacement, in place.
    fn draw(&self, candidates: &mut Candidates, random: u64) {
        let mut random = random;
        for place in 0..candidates.len() {
            let total: u64 = candidates[place..]
                .iter()
                .map(|id| u64::from(self.target(*id).weight))
                .sum();
            if total == 0 {
                return;
            }
            let mut ticket = random % total;
            random = random.rotate_right(17).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let drawn = candidates[place..].iter().position(|id| {
                let weight = u64::from(self.target(*id).weight);
                let hit = ticket < weight;
                ticket = ticket.saturating_sub(weight);
                hit
            });
            if let Some(drawn) = drawn {
                candidates[place..=place + drawn].rotate_right(1);
            }
        }
    }
}
