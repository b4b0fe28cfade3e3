//! A crate depends on its own floor or a lower one, and a heavy dependency lives
//! in exactly one crate.
//!
//! The rules and their reasons: `docs/decisions/0001-the-tree-is-the-diagram.md`.

use crate::finding::Finding;
use crate::floor::Floor;
use crate::tree::Tree;
use crate::workspace::{Dependency, Kind, Package};

/// Families of crates that mean async or sockets, which `core` has not.
const NOT_IN_CORE: [&str; 7] = [
    "tokio", "hyper", "async", "futures", "mio", "socket2", "reqwest",
];

/// The rooms that may have a heavy dependency. Tests and `dev` crates are free.
const HEAVY: [(&str, &[&str]); 13] = [
    ("axum", &["control"]),
    ("cel", &["policy"]),
    ("clap", &["tollgate"]),
    ("gix", &["git"]),
    ("hyper", &["net"]),
    ("kube", &["operator"]),
    ("redis", &["shared"]),
    ("rustls", &["net"]),
    ("saphyr-parser", &["config"]),
    ("schemars", &["config"]),
    ("sqlx", &["store"]),
    ("tiktoken", &["tokens"]),
    ("tonic", &["mesh"]),
];

/// Rooms on one floor that must not know each other.
const APART: [(&str, &str); 2] = [("control", "gateway"), ("operator", "control")];

pub(super) fn check(tree: &Tree, packages: &[Package], findings: &mut Vec<Finding>) {
    for package in packages {
        let Some(floor) = package.floor else {
            findings.push(Finding::error(
                &package.manifest(),
                1,
                format!("{} stands on no floor", package.name),
                "move it below crates/core, io, plane, bin or dev",
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let ours = packages.iter().find(|other| other.name == dependency.name);
            let problem = match ours {
                Some(other) => ours_problem(package, floor, other, dependency.kind),
                None => foreign_problem(package, floor, dependency),
            };
            if let Some((what, mend)) = problem {
                let manifest = package.manifest();
                let line = line_of(tree.text(&manifest).unwrap_or_default(), &dependency.name);
                findings.push(Finding::error(&manifest, line, what, mend));
            }
        }
    }
}

/// A room that may have a heavy dependency and has it no longer: the table would let it
/// come back unseen. Rooms that do not exist yet have no say.
pub(super) fn check_table(_tree: &Tree, packages: &[Package], findings: &mut Vec<Finding>) {
    for (heavy, homes) in HEAVY {
        for home in packages.iter().filter(|home| homes.contains(&home.room())) {
            let mut used = home.dependencies.iter();
            if !used.any(|dependency| dependency.name == heavy && dependency.kind == Kind::Normal) {
                findings.push(Finding::error(
                    "crates/dev/xtask/src/tidy/floors.rs",
                    1,
                    format!("{} may depend on {heavy} and does not", home.room()),
                    "take the room out of the table",
                ));
            }
        }
    }
}

/// What is wrong with a dependency on a crate of ours, and how to mend it.
fn ours_problem(
    from: &Package,
    floor: Floor,
    to: &Package,
    kind: Kind,
) -> Option<(String, String)> {
    let to_floor = to.floor?;
    let allowed = match (floor, to_floor) {
        (_, Floor::Bin) => false,
        (Floor::Bin, Floor::Dev) => to.room() == "simulator",
        (Floor::Plane, Floor::Dev) => to.room() == "simulator" && kind == Kind::Dev,
        _ if APART.contains(&(from.room(), to.room())) => false,
        (Floor::Dev, _) => true,
        _ => to_floor <= floor,
    };
    if allowed {
        return None;
    }
    let what = format!(
        "{}/{} depends on {}/{}",
        floor.name(),
        from.room(),
        to_floor.name(),
        to.room()
    );
    let mend = if floor == Floor::Plane && to.room() == "simulator" {
        "make it a dev-dependency; the product gets the simulator from bin/tollgate"
    } else {
        "move the shared part to a lower floor, or let bin/tollgate join the two"
    };
    Some((what, mend.to_owned()))
}

/// What is wrong with a dependency on somebody else's crate, and how to mend it.
fn foreign_problem(
    from: &Package,
    floor: Floor,
    dependency: &Dependency,
) -> Option<(String, String)> {
    let name = dependency.name.as_str();
    let family = name.split('-').next().unwrap_or(name);
    if floor == Floor::Core && NOT_IN_CORE.contains(&family) {
        return Some((
            format!(
                "core/{} depends on {name}: core has no async and no sockets",
                from.room()
            ),
            "take bytes and time as arguments, and let a crate on floor io do the I/O".to_owned(),
        ));
    }
    if floor == Floor::Dev || dependency.kind == Kind::Dev {
        return None;
    }
    let (_, homes) = HEAVY.iter().find(|(heavy, _)| *heavy == name)?;
    if homes.contains(&from.room()) {
        return None;
    }
    Some((
        format!(
            "{name} lives in {}, and {} depends on it too",
            homes.join(" and "),
            from.room()
        ),
        format!(
            "offer what you need from {}, in words of ours",
            homes.join(" or ")
        ),
    ))
}

/// The line of the manifest that names the dependency; 1 when none does.
pub(super) fn line_of(manifest: &str, name: &str) -> usize {
    let names = |line: &str| {
        let rest = line.trim_start().strip_prefix(name)?;
        rest.starts_with(['.', ' ', '=']).then_some(())
    };
    manifest
        .lines()
        .position(|line| names(line).is_some())
        .map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::{Dependency, Floor, Kind, Package, Tree, check, check_table, line_of};

    fn package(folder: &str, dependencies: &[(&str, Kind)]) -> Package {
        let room = folder.rsplit('/').next().expect("a folder");
        Package {
            name: format!("tollgate-{room}"),
            folder: folder.to_owned(),
            floor: Floor::of(folder),
            roots: Vec::new(),
            dependencies: dependencies
                .iter()
                .map(|&(name, kind)| Dependency {
                    name: name.to_owned(),
                    kind,
                })
                .collect(),
        }
    }

    fn house(dependencies: &[(&str, &str, Kind)]) -> Vec<String> {
        let folders = [
            "crates/core/wire",
            "crates/core/policy",
            "crates/io/net",
            "crates/plane/gateway",
            "crates/plane/control",
            "crates/bin/tollgate",
            "crates/dev/simulator",
            "crates/dev/bench",
        ];
        let packages: Vec<Package> = folders
            .iter()
            .map(|folder| {
                let own: Vec<_> = dependencies
                    .iter()
                    .filter(|(from, ..)| folder.ends_with(from))
                    .map(|&(_, to, kind)| (to, kind))
                    .collect();
                package(folder, &own)
            })
            .collect();
        let mut findings = Vec::new();
        check(&Tree::default(), &packages, &mut findings);
        findings.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn lower_floors_are_fine() {
        let found = house(&[
            ("core/policy", "tollgate-wire", Kind::Normal),
            ("plane/gateway", "tollgate-net", Kind::Normal),
            ("plane/gateway", "tollgate-simulator", Kind::Dev),
            ("bin/tollgate", "tollgate-gateway", Kind::Normal),
            ("bin/tollgate", "tollgate-simulator", Kind::Normal),
            ("dev/bench", "tollgate-gateway", Kind::Normal),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn higher_floors_are_named() {
        let found = house(&[
            ("core/wire", "tollgate-net", Kind::Normal),
            ("io/net", "tollgate-gateway", Kind::Dev),
            ("plane/gateway", "tollgate-simulator", Kind::Normal),
            ("plane/control", "tollgate-gateway", Kind::Normal),
            ("bin/tollgate", "tollgate-bench", Kind::Normal),
        ]);
        assert_eq!(
            found,
            [
                "core/wire depends on io/net",
                "io/net depends on plane/gateway",
                "plane/gateway depends on dev/simulator",
                "plane/control depends on plane/gateway",
                "bin/tollgate depends on dev/bench",
            ]
        );
    }

    #[test]
    fn core_has_no_runtime_and_heavy_crates_have_one_home() {
        let found = house(&[
            ("core/wire", "tokio-util", Kind::Dev),
            ("core/policy", "cel", Kind::Normal),
            ("core/wire", "cel", Kind::Normal),
            ("io/net", "rustls", Kind::Normal),
            ("plane/gateway", "rustls", Kind::Dev),
            ("plane/gateway", "rustls", Kind::Normal),
        ]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("tokio-util"));
        assert!(found[1].contains("cel lives in policy"));
        assert!(found[2].contains("rustls lives in net"));
    }

    #[test]
    fn an_allowance_that_nobody_uses_is_named() {
        let users = [
            package("crates/core/policy", &[("cel", Kind::Normal)]),
            package(
                "crates/io/net",
                &[("rustls", Kind::Normal), ("hyper", Kind::Dev)],
            ),
        ];
        let mut findings = Vec::new();
        check_table(&Tree::default(), &users, &mut findings);
        let found: Vec<String> = findings.into_iter().map(|finding| finding.what).collect();
        assert_eq!(found, ["net may depend on hyper and does not"]);
    }

    #[test]
    fn the_line_of_a_dependency_is_found() {
        let manifest = "[dependencies]\nhyper-util = \"1\"\nhyper.workspace = true\n";
        assert_eq!(line_of(manifest, "hyper"), 3);
        assert_eq!(line_of(manifest, "tokio"), 1);
    }
}
