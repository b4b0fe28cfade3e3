//! Lines by the batch, shared out to all threads.

use std::io::{self, BufRead, Read};
use std::thread;

/// The longest line that is read, in bytes, without its end.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How much is read before it is shared out to the threads.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// A line that is not blank.
pub(super) struct Line {
    /// Its number, from 1; blank lines count, too.
    pub(super) number: usize,
    pub(super) bytes: Result<Vec<u8>, TooLong>,
}

/// A line was passed over: it has more bytes than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong(pub(super) usize);

/// The lines of an input.
pub(super) struct Lines<R> {
    input: R,
    line_bytes_max: usize,
    read: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(input: R, line_bytes_max: usize) -> Self {
        Self {
            input,
            line_bytes_max,
            read: 0,
        }
    }

    /// The next lines; `None` at the end. There may be none among many blank ones.
    pub(super) fn batch(&mut self) -> io::Result<Option<Vec<Line>>> {
        let mut lines = Vec::new();
        let mut size = 0;
        while size < BATCH_BYTES {
            let (bytes, read) = self.line()?;
            if read == 0 {
                break;
            }
            size += read;
            self.read += 1;
            if bytes
                .as_ref()
                .is_ok_and(|bytes| bytes.trim_ascii().is_empty())
            {
                continue;
            }
            let number = self.read;
            lines.push(Line { number, bytes });
        }
        Ok((size > 0).then_some(lines))
    }

    /// The next line, to its end, and how many bytes that took: none at the end.
    fn line(&mut self) -> io::Result<(Result<Vec<u8>, TooLong>, usize)> {
        let bytes_max = self.line_bytes_max;
        let mut bytes = Vec::new();
        let mut rest = self.input.by_ref().take(bytes_max as u64 + 1);
        let read = rest.read_until(b'\n', &mut bytes)?;
        if read <= bytes_max || bytes.ends_with(b"\n") {
            return Ok((Ok(bytes), read));
        }
        let skipped = self.input.skip_until(b'\n')?;
        Ok((Err(TooLong(bytes_max)), read + skipped))
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
        let mut lines = Lines::new(text.as_bytes(), 10);
        assert!(lines.batch().unwrap().unwrap().is_empty());
        let batch = lines.batch().unwrap().unwrap();
        assert_eq!(batch.len(), 1);
        assert_eq!(batch[0].number, BATCH_BYTES + 3);
        assert!(lines.batch().unwrap().is_none());
    }

    #[test]
    fn a_line_that_is_too_long_is_one_line() {
        let text = "1234\n12345\n1234567890{}\n\n 4 \n12345";
        let mut lines = Lines::new(text.as_bytes(), 4);
        let batch = lines.batch().unwrap().unwrap();
        let read = batch.into_iter().map(|line| (line.number, line.bytes));
        let long = || Err(TooLong(4));
        assert_eq!(
            read.collect::<Vec<_>>(),
            [
                (1, Ok(b"1234\n".to_vec())),
                (2, long()),
                (3, long()),
                (5, Ok(b" 4 \n".to_vec())),
                (6, long()),
            ]
        );
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
