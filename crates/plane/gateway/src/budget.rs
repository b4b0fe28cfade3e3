//! Bounds on what is in work at once: requests, and bytes held in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

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

    /// A share of nothing, to be grown.
    pub(crate) fn share(&self) -> Share {
        Share {
            budget: self.clone(),
            amount: 0,
        }
    }

    /// What is taken now.
    pub(crate) fn taken(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Share {
    /// Takes more under the same share; false when the budget has no room for it.
    pub(crate) fn grow(&mut self, amount: usize, max: usize) -> bool {
        let before = self.budget.0.fetch_add(amount, Ordering::Relaxed);
        let fits = before.saturating_add(amount) <= max;
        if fits {
            self.amount += amount;
        } else {
            self.budget.0.fetch_sub(amount, Ordering::Relaxed);
        }
        fits
    }

    /// How much it is.
    pub(crate) const fn amount(&self) -> usize {
        self.amount
    }

    /// Makes the share this large, whatever the limit: what it stands for is there
    /// already, and whoever asks next is told that there is no room.
    pub(crate) fn resize(&mut self, amount: usize) {
        self.budget.0.fetch_add(amount, Ordering::Relaxed);
        self.budget.0.fetch_sub(self.amount, Ordering::Relaxed);
        self.amount = amount;
    }

    /// Bytes that carry this share: it is given back with the last reference to them,
    /// however long a connection keeps one.
    pub(crate) fn around(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Charged {
            bytes,
            _share: self,
        })
    }
}

/// Bytes and the share that stands for them.
struct Charged {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for Charged {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Budget;

    #[test]
    fn bytes_are_charged_as_long_as_any_part_of_them_is_held() {
        let budget = Budget::default();
        let mut share = budget.take(3, 10).expect("room");
        share.resize(12);
        assert!(budget.take(1, 10).is_none(), "also over the limit");
        let bytes = share.around(Bytes::from_static(b"twelve bytes"));
        let part = bytes.slice(2..4);
        drop(bytes);
        assert_eq!(budget.taken(), 12);
        drop(part);
        assert_eq!(budget.taken(), 0);
    }

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
