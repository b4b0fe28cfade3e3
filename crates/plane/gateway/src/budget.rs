//! Bounds on what is in work at once: requests, and bytes held in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A count that may not pass a limit. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget(Arc<AtomicUsize>);

/// A share of a budget; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Budget,
    amount: usize,
}

impl Budget {
    /// Takes `amount` if the sum stays within `max`.
    ///
    /// The sum is raised first and lowered again on refusal: under contention a
    /// request may be refused that would just have fitted, never the reverse.
    pub(crate) fn take(&self, amount: usize, max: usize) -> Option<Share> {
        let before = self.0.fetch_add(amount, Ordering::Relaxed);
        let share = Share {
            budget: self.clone(),
            amount,
        };
        (before.saturating_add(amount) <= max).then_some(share)
    }

    /// What is taken now.
    pub(crate) fn taken(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Share {
    /// Takes more under the same share; false when the budget has no room for it.
    pub(crate) fn grow(&mut self, amount: usize, max: usize) -> bool {
        let Some(mut more) = self.budget.take(amount, max) else {
            return false;
        };
        self.amount += more.amount;
        more.amount = 0;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_share_is_given_back_on_drop_also_after_a_refusal() {
        let budget = Budget::default();
        let mut share = budget.take(6, 10).expect("room");
        assert!(budget.take(5, 10).is_none());
        assert_eq!(budget.taken(), 6);
        assert!(share.grow(4, 10));
        assert!(!share.grow(1, 10));
        drop(share);
        assert_eq!(budget.taken(), 0);
    }
}
