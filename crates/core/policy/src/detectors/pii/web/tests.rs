//! Which texts are links and domains, and where they end.

use super::Web;
use crate::detector::{Finding, Matcher, Score, Window};

fn find(text: &str) -> Vec<(String, bool)> {
    let web = Web::new(true, true, Score::percent(50));
    let mut found: Vec<Finding> = Vec::new();
    let window = Window {
        text: text.as_bytes(),
        from: 0,
        last: true,
    };
    web.scan(&window, 0, &mut found);
    found
        .iter()
        .map(|found| (text[found.start..found.end].to_owned(), found.entity == 0))
        .collect()
}

pub(in crate::detectors::pii) const LINKS: &[&str] = &[
    "http://example.com",
    "https://www.example.com/a/b?c=d&e=f#g",
    "http://localhost:8080/x",
    "ftp://files.example.org/a.txt",
    "https://en.wikipedia.org/wiki/A_(b)",
    "www.example.com",
    "www.example.co.uk/path",
    "example.com/path",
    "example.com:8080/x",
    "https://user:pw@example.com/",
    "http://69.196.0.85/x",
    "https://b\u{fc}cher.de/x",
];

#[test]
fn links_are_found_whole() {
    for link in LINKS {
        for text in [
            (*link).to_owned(),
            format!("See {link}."),
            format!("(<{link}>, \"{link}\")"),
            format!("[{link}]({link})"),
        ] {
            let found = find(&text);
            assert!(
                !found.is_empty()
                    && found
                        .iter()
                        .all(|(found, is_link)| found == link && *is_link),
                "{link} in {text}: {found:?}"
            );
        }
    }
}

pub(in crate::detectors::pii) const DOMAINS: &[&str] = &[
    "example.com",
    "mail.example.co.uk",
    "EXAMPLE.COM",
    "a.b.c.de",
    "foo.github.io",
    "sub.host.rs",
];

#[test]
fn domains_are_found_whole() {
    for domain in DOMAINS {
        for text in [
            (*domain).to_owned(),
            format!("See {domain}."),
            format!("<{domain}>"),
            format!("at {domain}: x"),
        ] {
            assert_eq!(find(&text), [((*domain).to_owned(), false)], "{text}");
        }
    }
}

#[test]
fn files_members_addresses_and_sentences_are_neither() {
    for text in [
        "main.rs",
        "script.py",
        "README.md",
        "index.html",
        "end.It was",
        "done.Then",
        "e.g. this",
        "3.14",
        "1.2.3.4",
        "john.doe@example.com",
        "first.me@gmail.com",
        "log.info(x)",
        "self.name",
        "a..com",
        "-.com",
        "time 10:30",
        "a:b",
        "x: //y",
        "/usr/lib.so",
        "obj.id",
        "example.com.tar.gz",
        "http://",
        "std::io",
    ] {
        assert_eq!(find(text), [], "{text}");
    }
}

#[test]
fn the_rest_of_a_word_beyond_ascii_is_no_domain_of_its_own() {
    assert_eq!(find("Mail max@ex\u{e4}mple.net or j\u{f8}rgen.com"), []);
    let quoted = "\u{201c}example.com\u{201d} and \u{8bf7}\u{770b}example.org";
    let domains: Vec<String> = find(quoted).into_iter().map(|(domain, _)| domain).collect();
    assert_eq!(domains, ["example.com", "example.org"]);
    let thai = find("\u{e14}\u{e39}\u{e17}\u{e35}\u{e48}example.com");
    assert_eq!(thai, [("example.com".to_owned(), false)]);
}
