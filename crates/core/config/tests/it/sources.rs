//! Files and folders: what is read, in which order, under which names.

use std::fs;
use std::path::Path;

use tollgate_config::{FILE_BYTES_MAX, Report, Sources, load};

fn write(root: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(root: &Path) -> Vec<(String, Option<String>)> {
    let sources = Sources::read(root);
    let name = |file: &str| {
        let path = Path::new(file).strip_prefix(root).unwrap();
        path.display().to_string()
    };
    sources
        .files()
        .iter()
        .map(|file| (name(&file.file), file.service.as_deref().map(str::to_owned)))
        .collect()
}

fn refused(path: &Path) -> Report {
    load(&Sources::read(path)).expect_err("refused")
}

fn base(name: &str) -> (String, Option<String>) {
    (name.to_owned(), None)
}

fn of(service: &str, name: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(service.to_owned()))
}

#[test]
fn a_folder_of_layers_is_read_in_order() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "base/b.yaml", "");
    write(root.path(), "base/a.yml", "");
    write(root.path(), "base/readme.md", "no");
    write(root.path(), "base/a.test.yaml", "no");
    write(root.path(), "base/.hidden.yaml", "no");
    write(root.path(), "services/web/policy-config.yaml", "");
    write(root.path(), "services/billing/policy-config.yaml", "");
    assert_eq!(
        read(root.path()),
        [
            base("base/a.yml"),
            base("base/b.yaml"),
            of("billing", "services/billing/policy-config.yaml"),
            of("web", "services/web/policy-config.yaml"),
        ]
    );
}

#[test]
fn files_that_would_be_overlooked_are_refused() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "base/a.yaml", "");
    write(root.path(), "services/billing.yaml", "");
    write(root.path(), "services/web/notes.txt", "");
    let report = refused(root.path());
    let messages: Vec<&str> = report.problems.iter().map(|p| &*p.message).collect();
    assert_eq!(
        messages,
        [
            "an overlay stands in a folder of its own",
            "an overlay without a `*.yaml`"
        ]
    );
    write(root.path(), "policy-config.yaml", "");
    let report = refused(root.path());
    let message = &report.problems[0].message;
    assert!(message.starts_with("this file stands beside"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_mounted_config_map_is_read_once() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        "..2026_11_21/policy-config.yaml",
        "gateway: {}",
    );
    symlink("..2026_11_21", root.path().join("..data")).unwrap();
    symlink(
        "..data/policy-config.yaml",
        root.path().join("policy-config.yaml"),
    )
    .unwrap();
    assert_eq!(read(root.path()), [base("policy-config.yaml")]);
}

#[test]
fn a_file_is_the_base_and_its_folder_is_where_paths_start() {
    let root = tempfile::tempdir().unwrap();
    let text = "providers: [{name: simulator, ca_file: ca.pem}]\ngateway: {state_dir: /var/lib/tollgate}\n";
    write(root.path(), "my.yaml", text);
    let sources = Sources::read(&root.path().join("my.yaml"));
    assert_eq!(sources.folder(), root.path());
    let base = load(&sources).unwrap().set.base;
    assert_eq!(base.providers[0].ca_file, Some(root.path().join("ca.pem")));
    assert_eq!(
        base.gateway.state_dir.as_deref(),
        Some(Path::new("/var/lib/tollgate"))
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let root = tempfile::tempdir().unwrap();
    let missing = refused(&root.path().join("none.yaml"));
    assert!(missing.problems[0].message.starts_with("cannot read"));
    assert!(missing.problems[0].help.is_some());

    let empty = refused(root.path());
    assert!(
        empty.problems[0]
            .message
            .starts_with("no configuration here")
    );

    write(root.path(), "a.yaml", b"gateway: \xff");
    let binary = refused(root.path());
    assert_eq!(
        binary.problems[0].message,
        "not UTF-8 text: byte 9 does not belong there"
    );

    write(root.path(), "a.yaml", "#".repeat(FILE_BYTES_MAX + 1));
    let large = refused(root.path());
    assert_eq!(large.problems[0].message, "larger than 1048576 bytes");
}

#[test]
fn what_can_be_read_is_checked_beside_what_cannot() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "base/a.yaml", "gateway: {port: many}\n");
    write(root.path(), "base/b.yaml", b"\xff");
    write(root.path(), "base/c.yaml", "modles: []\n");
    write(
        root.path(),
        "services/web/a.yaml",
        "models: [{name: m, targets: [{provider: of-b}]}]\ngateway: {host: 1}\n",
    );
    let report = refused(root.path());
    let files = report.problems.iter().map(|problem| {
        let file = Path::new(&*problem.origin.file).strip_prefix(root.path());
        file.unwrap().display().to_string()
    });
    let mut files: Vec<String> = files.collect();
    files.sort();
    let expected = [
        "base/a.yaml",
        "base/b.yaml",
        "base/c.yaml",
        "services/web/a.yaml",
    ];
    assert_eq!(files, expected, "{report}");
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let why = |path: &Path| {
        let report = refused(path);
        assert!(report.problems[0].help.is_some(), "{report}");
        report.problems[0].message.clone()
    };
    let root = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(root.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let _listener = UnixListener::bind(root.path().join("socket")).unwrap();
    symlink("/dev/zero", root.path().join("device")).unwrap();
    fs::create_dir(root.path().join("folder")).unwrap();
    for (name, kind) in [
        ("pipe", "a pipe"),
        ("socket", "a socket"),
        ("device", "a device"),
        ("folder", "a folder"),
    ] {
        let base = tempfile::tempdir().unwrap();
        symlink(root.path().join(name), base.path().join("a.yaml")).unwrap();
        let message = format!("cannot read: this is {kind}, not a file");
        assert_eq!(why(base.path()), message);
        if name != "folder" {
            assert_eq!(why(&base.path().join("a.yaml")), message);
        }
    }
    let dangling = tempfile::tempdir().unwrap();
    symlink("nowhere", dangling.path().join("a.yaml")).unwrap();
    assert!(why(dangling.path()).starts_with("cannot read: No such file"));
}

#[test]
fn an_archive_gives_the_same_configuration_back() {
    let sources = Sources::from_text("dir/base.yaml", "providers: [{name: simulator}]\n")
        .with_overlay("a", "dir/a.yaml", "gateway: {port: 1}\n");
    let archive = sources.to_archive().unwrap();
    let again = Sources::from_archive(&archive).unwrap();
    assert_eq!(again, sources);
    let revision = |sources: &Sources| load(sources).unwrap().set.revision;
    assert_eq!(revision(&again), revision(&sources));
}

#[test]
fn what_is_no_archive_is_refused() {
    for text in ["", "{}", "{\"version\":2,\"folder\":\".\",\"files\":[]}"] {
        let report = Sources::from_archive(text).err().unwrap();
        assert!(report.has_errors());
    }
}

#[test]
fn the_revision_follows_the_content_and_not_the_place() {
    let revision = |name: &str, text: &str| Sources::from_text(name, text).revision();
    assert_eq!(revision("a.yaml", "x: 1"), revision("b.yaml", "x: 1"));
    assert_ne!(revision("a.yaml", "x: 1"), revision("a.yaml", "x: 2"));
    let split = Sources::from_text("a", "x").with_overlay("s", "b", "y");
    let joined = Sources::from_text("a", "xy").with_overlay("s", "b", "");
    assert_ne!(split.revision(), joined.revision());
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let root = tempfile::tempdir().unwrap();
    let text = "\u{feff}gateway:\r\n  port: 8080\r\nproviders:\r\n  - name: simulator\r\n";
    write(root.path(), "a.yaml", text);
    let loaded = load(&Sources::read(root.path())).unwrap();
    assert_eq!(loaded.set.base.gateway.port, Some(8080));
}
