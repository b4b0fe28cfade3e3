//! What holds for any text taken for a configuration: the fuzz target's judge.

use tollgate_config::{Report, Sources, load};

const BASE: &str = "base.yaml";
const OVERLAY: &str = "overlay.yaml";
const VALID: &str = "providers:\n  - name: simulator\n";

/// Takes the text for a file, for a service's overlay, and for a kept archive.
///
/// # Panics
/// When a problem is not explained or stands outside the text.
pub(crate) fn check(text: &str) {
    let alone = Sources::from_text(BASE, text);
    judge(&alone);
    let overlaid = Sources::from_text(BASE, VALID).with_overlay("a", OVERLAY, text);
    judge(&overlaid);
    judge(&alone.with_overlay("a", OVERLAY, text));
    if let Ok(kept) = Sources::from_archive(text) {
        judge(&kept);
    }
    let archive = overlaid.to_archive().unwrap();
    if let Ok(kept) = Sources::from_archive(&archive) {
        assert_eq!(kept.revision(), overlaid.revision());
        assert_eq!(load(&kept).is_ok(), load(&overlaid).is_ok());
    }
}

fn judge(sources: &Sources) {
    match load(sources) {
        Ok(loaded) => {
            let warnings = loaded.warnings_at(1_795_248_000, None);
            explained(&Report::new(warnings, sources), sources);
        }
        Err(report) => {
            assert!(report.has_errors());
            explained(&report, sources);
        }
    }
}

fn explained(report: &Report, sources: &Sources) {
    for problem in &report.problems {
        assert!(problem.help.is_some(), "{problem}");
        assert!(problem.message.len() < 1000, "{problem}");
        let origin = &problem.origin;
        let of_file = |file: &&tollgate_config::Source| file.file == origin.file;
        let file = sources.files().iter().find(of_file);
        let lines = file.map_or(0, |file| file.text.lines().count().max(1));
        // A whole section that is nowhere in the text has no line.
        let is_inside = problem.path.is_empty() || problem.path.contains(['.', '[']);
        let first = usize::from(is_inside);
        assert!(
            (first..=lines).contains(&(origin.line as usize)),
            "line {} of {lines}: {problem}",
            origin.line
        );
    }
    let shown = report.to_string();
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'));
    serde_json::to_string(&report.to_json()).unwrap();
}
