//! The last good configuration on disk, for a start with a broken one.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tollgate_config::Sources;

/// The file in the state folder.
const FILE: &str = "last-good.json";
/// The largest archive that is read back, in bytes.
const ARCHIVE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A place for the last good configuration. It holds what the files said; secrets are
/// references there.
#[derive(Clone, Debug)]
pub(crate) struct LastGood {
    folder: PathBuf,
}

impl LastGood {
    /// Keeps it in `folder`, which is made when it is not there.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }

    /// Keeps what was read. A failure is said and changes nothing else: the running
    /// gateway is worth more than its memory.
    pub(crate) fn keep(&self, sources: &Sources) {
        if let Err(reason) = self.write(sources) {
            tracing::warn!(folder = %self.folder.display(), reason, "the last good configuration cannot be kept");
        }
    }

    /// What was kept, if anything was.
    pub(crate) fn read(&self) -> Option<Sources> {
        let path = self.folder.join(FILE);
        if fs::metadata(&path).ok()?.len() > ARCHIVE_BYTES_MAX {
            return None;
        }
        Sources::from_archive(&fs::read_to_string(path).ok()?).ok()
    }

    /// Written beside its place and then renamed: a crash leaves the old or the new one.
    fn write(&self, sources: &Sources) -> Result<(), String> {
        let archive = sources.to_archive().map_err(|error| error.to_string())?;
        let text = |error: std::io::Error| error.to_string();
        fs::create_dir_all(&self.folder).map_err(text)?;
        let beside = self.folder.join(format!("{FILE}.{}", std::process::id()));
        // Names of services and addresses are nobody else's business.
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&beside).map_err(text)?;
        file.write_all(archive.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(text)?;
        fs::rename(&beside, self.folder.join(FILE)).map_err(text)
    }
}
