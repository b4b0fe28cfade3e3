//! How the most generous of servers reads a path.

use percent_encoding::percent_decode_str;

/// How often it is decoded at most. Some servers decode twice, behind a proxy that decodes
/// too.
const ROUNDS_MAX: usize = 3;

/// A path as a server reads it that decodes what comes, and passes over parameters of
/// segments, spaces around them, empty ones, slashes at its end, and what it then takes for
/// a query.
pub(super) fn generous(path: &str) -> String {
    let decoded = decoded(path);
    let path = decoded.split(['?', '#']).next().unwrap_or_default();
    let segments = path.split('/').map(bare);
    let segments = segments.filter(|segment| !segment.is_empty());
    segments.flat_map(|segment| ["/", segment]).collect()
}

/// Whether every server reads a path alike. A prefix is a promise about what lies below it;
/// `/models/../admin` would keep it here and break it at the provider.
#[must_use]
pub fn is_read_alike(path: &str) -> bool {
    let decoded = decoded(path);
    let slashes = |path: &str| path.bytes().filter(|byte| *byte == b'/').count();
    !climbs(path) && slashes(&decoded) == slashes(path) && !decoded.contains(['\\', '\0'])
}

/// Whether a server may take a part out of a path: segments that are empty, `.` or `..`.
pub(super) fn climbs(path: &str) -> bool {
    let is_dots = |segment: &str| matches!(bare(segment), "." | "..");
    path.contains("//") || decoded(path).split('/').any(is_dots)
}

fn decoded(path: &str) -> String {
    let mut plain = path.to_owned();
    for _ in 0..ROUNDS_MAX {
        if !plain.contains('%') {
            break;
        }
        plain = percent_decode_str(&plain).decode_utf8_lossy().into_owned();
    }
    plain
}

/// A segment without its parameters.
fn bare(segment: &str) -> &str {
    segment.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::is_read_alike;

    #[test]
    fn a_path_that_servers_read_differently_is_found() {
        for path in [
            "/m/a",
            "/m",
            "/m/a.b/..c",
            "/m/%20x",
            "/m/a/",
            "/m/a;b/c",
            "/m/a%2Eb",
            "/m/100%",
        ] {
            assert!(is_read_alike(path), "{path}");
        }
        for path in [
            "/m/../admin",
            "/m/%2e%2e/admin",
            "/m/.%2E/admin",
            "/m/..%2fadmin",
            "/m/a%252fb",
            "/m/%252e%252e/admin",
            "/m/..;/admin",
            "/m/..;a=b/admin",
            "/m/a\\..\\b",
            "/m/%5c..",
            "/m//admin",
            "/m/./x",
            "/m/%00",
        ] {
            assert!(!is_read_alike(path), "{path}");
        }
    }
}
