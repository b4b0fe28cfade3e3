//! Finding and reading the files, each within its bounds.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{FILE_BYTES_MAX, FILES_MAX, Source, TOTAL_BYTES_MAX};
use crate::problem::Problem;
use crate::valid::Origin;

#[derive(Default)]
pub(super) struct Reader {
    pub(super) files: Vec<Source>,
    bytes: usize,
    pub(super) problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn folder(&mut self, root: &Path) {
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

    pub(super) fn file(&mut self, path: &Path, service: Option<&str>) {
        let name = path.display().to_string();
        match read_bounded(path, FILE_BYTES_MAX) {
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
                    ErrorKind::NotFound if path.is_symlink() => {
                        Some("remove this link, or write the file that it leads to")
                    }
                    ErrorKind::NotFound => Some("name an existing file or folder with `--config`"),
                    ErrorKind::PermissionDenied => Some("let the user that runs tollgate read it"),
                    ErrorKind::InvalidInput => {
                        Some("write the configuration to a regular file; a link to one is followed")
                    }
                    _ => None,
                };
                self.fail(path, &format!("cannot read: {error}"), help);
            }
        }
    }

    pub(super) fn add(&mut self, name: &str, service: Option<&str>, text: &str) {
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
pub(super) fn read_bounded(path: &Path, bytes_max: usize) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let kind = fs::metadata(path)?.file_type();
    if !kind.is_file() {
        let message = format!("this is {}, not a file", describe(kind));
        return Err(std::io::Error::new(ErrorKind::InvalidInput, message));
    }
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
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

/// By name alone: what is no file is refused where it is read, and not overlooked. Tests
/// of policies (`*.test.yaml`) stand beside them and are no layer.
fn is_yaml(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    matches!(extension, Some("yaml" | "yml")) && stem.is_none_or(|stem| !stem.ends_with(".test"))
}
