//! Work on large bodies, off the threads that serve connections.
//!
//! Reading, inspecting and translating a body takes as long as it is large. What takes
//! milliseconds is done while another thread serves the connections of this one.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Handle, RuntimeFlavor};

/// From this size on a body is large, in bytes: a few hundred microseconds of work.
const LARGE_BYTES: usize = 256 * 1024;

/// How many threads are aside now. They belong to the process, and so does their number.
static ASIDE: AtomicUsize = AtomicUsize::new(0);

/// Does the work on a body of so many bytes, aside if it is large.
///
/// At most as many are aside at once as there are threads that serve: what work needs
/// in memory while it is done is bounded by the number of threads that do it.
pub(crate) fn aside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    match (bytes >= LARGE_BYTES).then(Place::take).flatten() {
        Some(_place) => tokio::task::block_in_place(work),
        None => work(),
    }
}

/// One of the places aside, given back when dropped.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        // With a single thread there is no other to serve meanwhile.
        if runtime.runtime_flavor() != RuntimeFlavor::MultiThread {
            return None;
        }
        let before = ASIDE.fetch_add(1, Ordering::Relaxed);
        let place = Self;
        (before < runtime.metrics().num_workers()).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        ASIDE.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tollgate_net::TaskTracker;

    use super::{LARGE_BYTES, aside};

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_are_served_while_a_large_body_is_worked_on() {
        let (said, heard) = std::sync::mpsc::channel();
        let work = move || aside(LARGE_BYTES, move || heard.recv());
        let tasks = TaskTracker::new();
        let (large, small) = tokio::join!(
            tasks.spawn(async move { work() }),
            tasks.spawn(async move { said.send(1) }),
        );
        assert_eq!((large.unwrap(), small.unwrap()), (Ok(1), Ok(())));
    }
}
