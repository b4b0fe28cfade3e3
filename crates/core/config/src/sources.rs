//! The files of a configuration and how they are found.
//!
//! Reading is the only thing here that touches the file system; everything
//! after it is a function of [`Sources`]. Files, their number and their size are
//! bounded. Symbolic links are followed, entries that begin with a dot are
//! skipped: that is how Kubernetes mounts a `ConfigMap`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::problem::{Problem, Report};
use crate::valid::Origin;

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
    /// A mark of the byte order in front is no part of the text.
    fn new(file: &str, service: Option<&str>, text: &str) -> Self {
        Self {
            file: file.into(),
            service: service.map(Into::into),
            text: text.strip_prefix('\u{feff}').unwrap_or(text).into(),
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
}

#[derive(Serialize, Deserialize)]
struct Archive {
    version: u32,
    folder: PathBuf,
    files: Vec<ArchivedFile>,
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
    /// # Errors
    /// When something cannot be read, is not UTF-8, is over a limit, or when
    /// there is no base.
    pub fn read(path: &Path) -> Result<Self, Report> {
        let mut reader = Reader::default();
        let folder = if path.is_dir() {
            reader.folder(path);
            path.to_path_buf()
        } else {
            reader.file(path, None);
            parent_of(path)
        };
        let sources = Self {
            folder,
            files: reader.files,
        };
        if reader.problems.is_empty() {
            Ok(sources)
        } else {
            Err(Report::new(reader.problems, &sources))
        }
    }

    /// One base file from memory. Relative paths start at the folder in `name`.
    #[must_use]
    pub fn from_text(name: &str, text: &str) -> Self {
        Self {
            folder: parent_of(Path::new(name)),
            files: vec![Source::new(name, None, text)],
        }
    }

    /// The same sources with one more file in the overlay of a service.
    #[must_use]
    pub fn with_overlay(mut self, service: &str, name: &str, text: &str) -> Self {
        self.files.push(Source::new(name, Some(service), text));
        self
    }

    /// Where relative paths in the configuration start: the folder that was
    /// named, or the folder of the file that was named.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files in the order in which they are merged.
    #[must_use]
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// Content hash over layers and texts: 16 hexadecimal digits. Names of files
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
        };
        if reader.problems.is_empty() {
            Ok(sources)
        } else {
            Err(Report::new(reader.problems, &sources))
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

#[derive(Default)]
struct Reader {
    files: Vec<Source>,
    bytes: usize,
    problems: Vec<Problem>,
}

impl Reader {
    fn folder(&mut self, root: &Path) {
        let base = root.join("base");
        let stray = root.join("policy-config.yaml");
        let base = match (base.is_dir(), stray.exists()) {
            (true, true) => {
                let message = "this file stands beside `base`, where the base is read from";
                return self.fail(&stray, message, Some("move it into `base`, or remove it"));
            }
            (true, false) => base,
            (false, _) => root.to_path_buf(),
        };
        for file in self.entries(&base, is_yaml) {
            self.file(&file, None);
        }
        if self.files.is_empty() && self.problems.is_empty() {
            let message =
                "no configuration here: there is no `*.yaml` in this folder or in its `base`";
            self.fail(root, message, Some("write `policy-config.yaml` there"));
        }
        let services = root.join("services");
        if !services.is_dir() {
            return;
        }
        let is_stray = |path: &Path| is_yaml(path) && !path.is_dir();
        for stray in self.entries(&services, is_stray) {
            let name = stray.file_stem().unwrap_or_default().to_string_lossy();
            let help = format!("move it to `services/{name}/policy-config.yaml`");
            self.fail(
                &stray,
                "an overlay stands in a folder of its own",
                Some(&help),
            );
        }
        for folder in self.entries(&services, Path::is_dir) {
            let Some(name) = folder.file_name().and_then(|name| name.to_str()) else {
                self.fail(&folder, "the name of this folder is not UTF-8", None);
                continue;
            };
            let files = self.entries(&folder, is_yaml);
            if files.is_empty() {
                let help = "write `policy-config.yaml` there, or remove the folder";
                self.fail(&folder, "an overlay without a `*.yaml`", Some(help));
            }
            for file in files {
                self.file(&file, Some(name));
            }
        }
    }

    /// Visible entries of a folder that pass the test, sorted by name.
    fn entries(&mut self, folder: &Path, wanted: fn(&Path) -> bool) -> Vec<PathBuf> {
        let listing = match fs::read_dir(folder) {
            Ok(listing) => listing,
            Err(error) => {
                self.fail(folder, &format!("cannot read this folder: {error}"), None);
                return Vec::new();
            }
        };
        let hidden = |path: &Path| {
            let name = path.file_name().map(|name| name.to_string_lossy());
            name.is_none_or(|name| name.starts_with('.'))
        };
        let mut found: Vec<PathBuf> = listing
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| !hidden(path) && wanted(path))
            .take(FILES_MAX + 1)
            .collect();
        found.sort();
        found
    }

    fn file(&mut self, path: &Path, service: Option<&str>) {
        let name = path.display().to_string();
        match read_bounded(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => self.add(&name, service, &text),
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let message = format!("not UTF-8 text: byte {at} does not belong there");
                    self.fail(path, &message, Some("save the file as UTF-8"));
                }
            },
            Err(error) => {
                let help = match error.kind() {
                    ErrorKind::NotFound => Some("name an existing file or folder with `--config`"),
                    ErrorKind::InvalidInput => {
                        Some("write the configuration to a regular file; a link to one is followed")
                    }
                    _ => None,
                };
                self.fail(path, &format!("cannot read: {error}"), help);
            }
        }
    }

    fn add(&mut self, name: &str, service: Option<&str>, text: &str) {
        let path = Path::new(name);
        self.bytes = self.bytes.saturating_add(text.len());
        if text.len() > FILE_BYTES_MAX {
            let message = format!("larger than {FILE_BYTES_MAX} bytes");
            self.fail(
                path,
                &message,
                Some("split it into several files in `base`"),
            );
        } else if self.bytes > TOTAL_BYTES_MAX {
            let message = format!("all files together are larger than {TOTAL_BYTES_MAX} bytes");
            self.fail(path, &message, None);
        } else if self.files.len() >= FILES_MAX {
            self.fail(path, &format!("more than {FILES_MAX} files"), None);
        } else {
            self.files.push(Source::new(name, service, text));
        }
    }

    fn fail(&mut self, path: &Path, message: &str, help: Option<&str>) {
        let origin = Origin {
            file: path.display().to_string().into(),
            ..Origin::default()
        };
        let mut problem = Problem::error(origin, "", message);
        problem.help = help.map(str::to_owned);
        self.problems.push(problem);
    }
}

/// Reads at most one byte more than a file may have, whatever its size says. Only
/// a regular file: opening a pipe waits for its writer, and a device may never end.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let kind = fs::metadata(path)?.file_type();
    if !kind.is_file() {
        let message = format!("this is {}, not a file", describe(kind));
        return Err(std::io::Error::new(ErrorKind::InvalidInput, message));
    }
    let limit = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn describe(kind: fs::FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if kind.is_dir() {
        "a folder"
    } else {
        "something else"
    }
}

/// By name alone: what is no file is refused where it is read, and not overlooked.
fn is_yaml(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml"))
}
