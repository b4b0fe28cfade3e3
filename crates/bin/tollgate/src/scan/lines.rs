//! Lines by the batch, shared out to all threads.

use std::io::{self, BufRead, Read};
use std::thread;

/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How much is read before it is shared out to the threads.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// A line that is not blank.
pub(super) struct Line {
    /// Its number, from 1; blank lines count, too.
    pub(super) number: usize,
    pub(super) bytes: Vec<u8>,
}

/// The lines of an input.
pub(super) struct Lines<R> {
    input: R,
    read: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(input: R) -> Self {
        Self { input, read: 0 }
    }

    /// The next lines; `None` at the end. There may be none among many blank ones.
    pub(super) fn batch(&mut self) -> io::Result<Option<Vec<Line>>> {
        let mut lines = Vec::new();
        let mut size = 0;
        while size < BATCH_BYTES {
            let mut bytes = Vec::new();
            let mut rest = self.input.by_ref().take(LINE_BYTES_MAX);
            let read = rest.read_until(b'\n', &mut bytes)?;
            if read == 0 {
                break;
            }
            size += read;
            self.read += 1;
            if !bytes.trim_ascii().is_empty() {
                let number = self.read;
                lines.push(Line { number, bytes });
            }
        }
        Ok((size > 0).then_some(lines))
    }
}

/// What `work` makes of each item, in order, by all threads of the machine.
///
/// # Errors
/// A thread panicked: what it had to do is not done.
pub(super) fn shared_out<T: Sync, A: Send>(
    items: &[T],
    work: impl Fn(&T) -> A + Sync,
) -> io::Result<Vec<A>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(threads).max(1);
    let work = &work;
    let joined: Vec<thread::Result<Vec<A>>> = thread::scope(|scope| {
        let shares = items.chunks(share);
        let workers: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().map(work).collect()))
            .collect();
        let workers = workers.into_iter();
        workers.map(thread::ScopedJoinHandle::join).collect()
    });
    let mut done = Vec::with_capacity(items.len());
    for share in joined {
        let share = share.map_err(|_panic| io::Error::other("a thread that scans has panicked"));
        done.extend(share?);
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_of_blank_lines_is_not_the_end() {
        let text = "\n".repeat(BATCH_BYTES + 2) + "x\n";
        let mut lines = Lines::new(text.as_bytes());
        assert!(lines.batch().unwrap().unwrap().is_empty());
        let batch = lines.batch().unwrap().unwrap();
        assert_eq!(batch.len(), 1);
        assert_eq!(batch[0].number, BATCH_BYTES + 3);
        assert!(lines.batch().unwrap().is_none());
    }

    #[test]
    fn what_a_thread_could_not_do_is_an_error() {
        let items: Vec<usize> = (0..1000).collect();
        let doubled = shared_out(&items, |item| item * 2).unwrap();
        assert!((0..1000).map(|item| item * 2).eq(doubled));
        let lost = shared_out(&items, |item| assert!(*item != 700));
        assert!(lost.is_err());
    }
}
