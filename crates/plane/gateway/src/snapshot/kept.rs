//! What outlives a snapshot, and what its parts share.
//!
//! Providers that lead to the same place in the same way share their connections, and
//! targets that ask such a place for the same model share a retry budget, whoever
//! configured them and under which name: what is bounded is what that place is asked.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tollgate_identity::{CloudCredential, CloudEnvironment, CloudSettings};
use tollgate_net::{TaskTracker, Upstream};

use crate::attempt::RetryBudget;

/// The way to a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    pub(super) base_url: String,
    pub(super) connect_timeout: Duration,
    pub(super) connections_max: usize,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) ca_pem: Vec<u8>,
}

/// A model at a place; `None` for whatever model is asked for there.
type Asked = (Arc<Way>, Option<Arc<str>>);

/// What a snapshot keeps for the next one.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pools: HashMap<Arc<Way>, Upstream>,
    budgets: HashMap<Asked, Arc<RetryBudget>>,
    credentials: Vec<CloudCredential>,
}

/// Fills what a snapshot keeps, out of what the one before kept.
#[derive(Debug)]
pub(super) struct Keeper<'p> {
    kept: Kept,
    previous: Option<&'p Kept>,
}

impl<'p> Keeper<'p> {
    pub(super) fn new(previous: Option<&'p Kept>) -> Self {
        Self {
            kept: Kept::default(),
            previous,
        }
    }

    /// The connections of a way; `open` makes a pool where there is none.
    pub(super) fn pool<E>(
        &mut self,
        way: &Arc<Way>,
        open: impl FnOnce() -> Result<Upstream, E>,
    ) -> Result<Upstream, E> {
        let pool = match self.known().find_map(|kept| kept.pools.get(way)) {
            Some(pool) => pool.clone(),
            None => open()?,
        };
        self.kept.pools.insert(Arc::clone(way), pool.clone());
        Ok(pool)
    }

    /// The retry budget of a model at the end of a way.
    pub(super) fn budget(&mut self, way: &Arc<Way>, model: Option<&Arc<str>>) -> Arc<RetryBudget> {
        let asked = (Arc::clone(way), model.cloned());
        let known = self.known().find_map(|kept| kept.budgets.get(&asked));
        let budget = known.map_or_else(Arc::default, Arc::clone);
        self.kept.budgets.insert(asked, Arc::clone(&budget));
        budget
    }

    /// A credential that is renewed; one task renews it for all who prove the same.
    pub(super) fn credential(
        &mut self,
        settings: CloudSettings,
        env: CloudEnvironment,
        tasks: &TaskTracker,
    ) -> CloudCredential {
        let known = self
            .known()
            .flat_map(|kept| &kept.credentials)
            .find(|known| known.is(&settings, &env))
            .cloned();
        let credential = known.unwrap_or_else(|| CloudCredential::start(settings, env, tasks));
        self.kept.credentials.push(credential.clone());
        credential
    }

    pub(super) fn finish(self) -> Kept {
        self.kept
    }

    fn known(&self) -> impl Iterator<Item = &Kept> {
        [Some(&self.kept), self.previous].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Keeper, Way};

    fn way(base_url: &str) -> Arc<Way> {
        Arc::new(Way {
            base_url: base_url.to_owned(),
            connect_timeout: Duration::from_secs(5),
            connections_max: 10,
            ca_file: None,
            ca_pem: Vec::new(),
        })
    }

    #[test]
    fn a_budget_belongs_to_a_model_at_a_place_at_start_as_after_a_reload() {
        let (place, model) = (way("http://a"), Arc::<str>::from("m"));
        let mut keeper = Keeper::new(None);
        let budget = keeper.budget(&place, Some(&model));
        let again = keeper.budget(&way("http://a"), Some(&model));
        assert!(Arc::ptr_eq(&budget, &again), "two that ask the same share");
        let first = keeper.finish();
        let mut keeper = Keeper::new(Some(&first));
        let kept = keeper.budget(&place, Some(&model));
        assert!(Arc::ptr_eq(&budget, &kept), "the next snapshot goes on");
        for (place, model) in [(way("http://b"), Some(&model)), (place, None)] {
            assert!(!Arc::ptr_eq(&budget, &keeper.budget(&place, model)));
        }
    }
}
