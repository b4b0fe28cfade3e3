//! The access log: one JSON line for each request, written in batches.
//!
//! `docs/reference/access-log.md` lists the fields. Lines are collected in one buffer
//! and written by the settler's thread; a write that fails is counted, said once, and
//! its lines are lost rather than kept. Prompts, answers, keys and addresses are never in it.

mod line;

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::live::{OwnCounts, count};
use crate::record::Settled;

/// A full buffer is written at once; a batch that ends is written as well.
const BUFFER_BYTES: usize = 64 * 1024;
/// How often a file is checked for having been moved away.
const ROTATION_CHECK: Duration = Duration::from_secs(1);

/// An open access log.
pub(crate) struct AccessLogSink {
    file: File,
    /// `None` for standard output.
    path: Option<PathBuf>,
    checked: Instant,
    buffer: Vec<u8>,
    lines: u64,
    is_failing: bool,
    own: Arc<OwnCounts>,
}

impl AccessLogSink {
    /// Writes to standard output.
    pub(crate) fn stdout(own: Arc<OwnCounts>) -> io::Result<Self> {
        // A descriptor of our own: the standard handle would look for newlines in every write.
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self::new(file, None, own))
    }

    /// Appends to a file, which is made where there is none.
    pub(crate) fn file(path: &Path, own: Arc<OwnCounts>) -> io::Result<Self> {
        Ok(Self::new(append(path)?, Some(path.to_owned()), own))
    }

    fn new(file: File, path: Option<PathBuf>, own: Arc<OwnCounts>) -> Self {
        let buffer = Vec::with_capacity(BUFFER_BYTES + BUFFER_BYTES / 8);
        Self {
            file,
            path,
            checked: Instant::now(),
            buffer,
            lines: 0,
            is_failing: false,
            own,
        }
    }

    /// Adds the line of a record.
    pub(crate) fn add(&mut self, record: &Settled) {
        line::push(&mut self.buffer, record);
        self.lines += 1;
        if self.buffer.len() >= BUFFER_BYTES {
            self.write();
        }
    }

    /// Writes what is buffered.
    pub(crate) fn write(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        let written = self
            .reopen_when_moved()
            .and_then(|()| self.file.write_all(&self.buffer));
        match written {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                count(&self.own.lines_lost, self.lines);
                if !self.is_failing {
                    tracing::error!(%error, "the access log cannot be written; its lines are lost until it can");
                }
                self.is_failing = true;
            }
        }
        self.buffer.clear();
        self.lines = 0;
    }

    /// Log rotation renames the file; the next lines belong into a new one of its name.
    fn reopen_when_moved(&mut self) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if self.checked.elapsed() < ROTATION_CHECK && !self.is_failing {
            return Ok(());
        }
        self.checked = Instant::now();
        let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        let ours = identity(self.file.metadata()?);
        if std::fs::metadata(path).map(identity).ok() != Some(ours) {
            self.file = append(path)?;
        }
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    File::options().append(true).create(true).open(path)
}

#[cfg(test)]
mod tests;
