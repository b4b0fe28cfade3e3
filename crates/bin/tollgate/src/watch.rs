//! Notices changed configuration files, also the symlink swap of a Kubernetes ConfigMap.
//!
//! The files are looked at every second instead of asking the kernel for events: a
//! swap of `..data`, a bind mount, an editor's rename and a network file system all
//! look alike from here, and none of them reports events as the others do.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the files are looked at.
pub(crate) const PERIOD: Duration = Duration::from_secs(1);
/// Looking may take at most this share of the time; large trees are looked at less often.
const SHARE: u32 = 50;
/// How deep a folder of layers goes: `services/<name>/file`.
const DEPTH_MAX: usize = 4;

/// What the files looked like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

/// Looks at a file or a folder of layers; names, inodes, sizes and times, no content.
pub(crate) fn fingerprint(path: &Path) -> Fingerprint {
    let mut hasher = DefaultHasher::new();
    visit(path, DEPTH_MAX, &mut hasher);
    Fingerprint(hasher.finish())
}

/// How long to wait after a look that took `took`.
pub(crate) fn pause(took: Duration) -> Duration {
    PERIOD.max(took * SHARE)
}

fn visit(path: &Path, depth: usize, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    // Follows links: a swapped link shows another inode.
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    if !metadata.is_dir() {
        (
            metadata.dev(),
            metadata.ino(),
            metadata.size(),
            metadata.mtime(),
            metadata.mtime_nsec(),
        )
            .hash(hasher);
        return;
    }
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let Ok(entries) = fs::read_dir(path) else {
        return;
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.retain(|entry| {
        !entry
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
    });
    entries.sort();
    for entry in entries {
        visit(&entry, depth, hasher);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_swapped_symlink_is_a_change() {
        let dir = tempfile::tempdir().expect("a folder");
        for (revision, text) in [("..v1", "a"), ("..v2", "b")] {
            fs::create_dir(dir.path().join(revision)).expect("made");
            fs::write(dir.path().join(revision).join("policy-config.yaml"), text).expect("written");
        }
        symlink("..v1", dir.path().join("..data")).expect("linked");
        symlink(
            "..data/policy-config.yaml",
            dir.path().join("policy-config.yaml"),
        )
        .expect("linked");
        let (folder, file) = (
            fingerprint(dir.path()),
            fingerprint(&dir.path().join("policy-config.yaml")),
        );
        symlink("..v2", dir.path().join("..data_tmp")).expect("linked");
        fs::rename(dir.path().join("..data_tmp"), dir.path().join("..data")).expect("swapped");
        assert_ne!(fingerprint(dir.path()), folder);
        assert_ne!(fingerprint(&dir.path().join("policy-config.yaml")), file);
    }

    #[test]
    fn nothing_changed_is_no_change() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(dir.path().join("services/a")).expect("made");
        fs::write(dir.path().join("services/a/policy-config.yaml"), "a").expect("written");
        assert_eq!(fingerprint(dir.path()), fingerprint(dir.path()));
        fs::write(dir.path().join("services/a/more.yaml"), "").expect("written");
        let with_more = fingerprint(dir.path());
        fs::remove_file(dir.path().join("services/a/more.yaml")).expect("removed");
        assert_ne!(fingerprint(dir.path()), with_more);
    }

    #[test]
    fn a_large_tree_is_looked_at_less_often() {
        assert_eq!(pause(Duration::from_millis(1)), PERIOD);
        assert_eq!(pause(Duration::from_millis(100)), Duration::from_secs(5));
    }
}
