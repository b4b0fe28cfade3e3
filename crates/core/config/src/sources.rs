//! The files of a configuration and how they are found.
//!
//! Reading is the only thing here that touches the file system; everything
//! after it is a function of [`Sources`]. Files, their number and their size are
//! bounded. Symbolic links are followed, entries that begin with a dot are
//! skipped: that is how Kubernetes mounts a `ConfigMap`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::problem::{Problem, Report};
use crate::valid::Origin;

mod attached;
mod reader;

pub use attached::ATTACHED_BYTES_MAX;
pub(crate) use attached::Attached;
use reader::Reader;

/// Largest configuration file in bytes.
pub const FILE_BYTES_MAX: usize = 1 << 20;
/// All configuration files together in bytes.
pub const TOTAL_BYTES_MAX: usize = 16 << 20;
/// Number of configuration files.
pub const FILES_MAX: usize = 2000;

/// The layer every service starts from.
pub(crate) const BASE_LAYER: &str = "base";
const ARCHIVE_VERSION: u32 = 1;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path as the user named it.
    pub file: Arc<str>,
    /// The service whose overlay it is; `None` for the base.
    pub service: Option<Arc<str>>,
    /// Its text.
    pub text: Arc<str>,
}

impl Source {
    /// Marks of the byte order in front are no part of the text.
    fn new(file: &str, service: Option<&str>, text: &str) -> Self {
        Self {
            file: file.into(),
            service: service.map(Into::into),
            text: text.trim_start_matches('\u{feff}').into(),
        }
    }

    /// `base` or `service billing`.
    #[must_use]
    pub fn layer(&self) -> Arc<str> {
        self.service
            .as_ref()
            .map_or_else(|| BASE_LAYER.into(), |name| overlay_layer(name))
    }

    /// The place in this file; line and column from 1.
    #[must_use]
    pub fn origin(&self, line: u32, column: u32) -> Origin {
        Origin {
            layer: self.layer(),
            file: Arc::clone(&self.file),
            line,
            column,
        }
    }
}

/// The name of a service's layer, as origins carry it.
pub(crate) fn overlay_layer(service: &str) -> Arc<str> {
    format!("service {service}").into()
}

/// The files of a configuration: base first, then overlays by service, each sorted by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    folder: PathBuf,
    files: Vec<Source>,
    /// The lists that they name.
    attached: Attached,
    /// What could not be read, and why.
    unread: Vec<Problem>,
}

#[derive(Serialize, Deserialize)]
struct Archive {
    version: u32,
    folder: PathBuf,
    files: Vec<ArchivedFile>,
    #[serde(default)]
    attached: Attached,
}

#[derive(Serialize, Deserialize)]
struct ArchivedFile {
    file: String,
    service: Option<String>,
    text: String,
}

impl Sources {
    /// Reads a file, or a folder of layers: `base/*.yaml` and
    /// `services/<name>/*.yaml`. A folder without `base/` is itself the base.
    ///
    /// Something that cannot be read, is not UTF-8, is over a limit, or a base that is
    /// missing makes [`load`](crate::load()) fail, which says what is wrong with the rest as well.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let mut reader = Reader::default();
        let folder = if path.is_dir() {
            reader.folder(path);
            path.to_path_buf()
        } else {
            reader.file(path, None);
            parent_of(path)
        };
        Self {
            attached: Attached::read(&reader.files, &folder),
            folder,
            files: reader.files,
            unread: reader.problems,
        }
    }

    /// One base file from memory. Relative paths start at the folder in `name`.
    #[must_use]
    pub fn from_text(name: &str, text: &str) -> Self {
        let folder = parent_of(Path::new(name));
        let files = vec![Source::new(name, None, text)];
        Self {
            attached: Attached::read(&files, &folder),
            folder,
            files,
            unread: Vec::new(),
        }
    }

    /// The same sources with one more file in the overlay of a service.
    #[must_use]
    pub fn with_overlay(mut self, service: &str, name: &str, text: &str) -> Self {
        self.files.push(Source::new(name, Some(service), text));
        self.attached = Attached::read(&self.files, &self.folder);
        self
    }

    /// Where relative paths in the configuration start: the folder that was
    /// named, or the folder of the file that was named.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The lists that the files name.
    pub(crate) const fn attached(&self) -> &Attached {
        &self.attached
    }

    /// An error for everything that could not be read.
    pub(crate) fn unread(&self) -> &[Problem] {
        &self.unread
    }

    /// The files in the order in which they are merged.
    #[must_use]
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// Content hash over layers and texts of what could be read: 16 hexadecimal digits. Names of files
    /// do not count, so that a restored archive has the same revision.
    #[must_use]
    pub fn revision(&self) -> String {
        let mut hash = Sha256::new();
        for source in &self.files {
            for part in [&*source.layer(), &*source.text] {
                hash.update(part.len().to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
        for (path, text) in self.attached.parts() {
            for part in [path, text] {
                hash.update(part.len().to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
        hash.finalize()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Everything as one text, to be kept on disk and read by [`Self::from_archive`].
    ///
    /// # Errors
    /// When the folder's name is not UTF-8.
    pub fn to_archive(&self) -> Result<String, serde_json::Error> {
        let file = |source: &Source| ArchivedFile {
            file: source.file.to_string(),
            service: source.service.as_deref().map(str::to_owned),
            text: source.text.to_string(),
        };
        serde_json::to_string(&Archive {
            version: ARCHIVE_VERSION,
            folder: self.folder.clone(),
            files: self.files.iter().map(file).collect(),
            attached: self.attached.clone(),
        })
    }

    /// What [`Self::to_archive`] wrote.
    ///
    /// # Errors
    /// When it is something else, of another version, or over a limit.
    pub fn from_archive(archive: &str) -> Result<Self, Report> {
        let fail = |message: String| Report {
            problems: vec![Problem::error(Origin::default(), "", message)],
            left_out: 0,
        };
        let archive: Archive = serde_json::from_str(archive)
            .map_err(|error| fail(format!("the kept configuration cannot be read: {error}")))?;
        if archive.version != ARCHIVE_VERSION {
            let version = archive.version;
            let message = format!("the kept configuration has the unknown version {version}");
            return Err(fail(message));
        }
        let mut reader = Reader::default();
        for file in archive.files {
            reader.add(&file.file, file.service.as_deref(), &file.text);
        }
        let sources = Self {
            folder: archive.folder,
            files: reader.files,
            attached: archive.attached,
            unread: reader.problems,
        };
        if sources.unread.is_empty() {
            Ok(sources)
        } else {
            Err(Report::new(sources.unread.clone(), &sources))
        }
    }

    /// A line of a file, numbered from 1.
    pub(crate) fn line(&self, file: &str, line: u32) -> Option<&str> {
        let source = self.files.iter().find(|source| &*source.file == file)?;
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        source.text.lines().nth(index)
    }

    /// The position of a file among all, for sorting.
    pub(crate) fn position(&self, file: &str) -> usize {
        let at = self.files.iter().position(|source| &*source.file == file);
        at.unwrap_or(self.files.len())
    }
}

fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
