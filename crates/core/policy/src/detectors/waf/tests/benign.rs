//! What people send that is no attack.

use super::{ARGUMENTS, METADATA, NONE, TEXT, WafOptions, disturbed, scan, values, with};
use crate::place::Place;

#[test]
fn parameters_are_no_attacks() {
    let values = values(include_str!("values/parameters.txt"), &[]);
    assert_eq!(disturbed(Place::Query, &values), NONE);
    assert_eq!(disturbed(METADATA, &values), NONE);
}

#[test]
fn paths_and_models_are_no_attacks() {
    let values = values(include_str!("values/names.txt"), &[]);
    assert_eq!(disturbed(Place::Path, &values), NONE);
    assert_eq!(disturbed(Place::Model, &values), NONE);
}

#[test]
fn headers_are_no_attacks() {
    let values = values(include_str!("values/headers.txt"), &[]);
    assert_eq!(disturbed(Place::Header, &values), NONE);
}

#[test]
fn what_tools_are_for_is_no_attack() {
    let values = values(include_str!("values/arguments.txt"), &[]);
    assert_eq!(disturbed(ARGUMENTS, &values), NONE);
}

#[test]
fn prose_about_code_is_no_attack() {
    let values = [
        "How do I write SELECT * FROM users WHERE id = 1 in SQLAlchemy?",
        "What does `ls -la | grep x` do? And `cat /etc/hosts`?",
        "Write a page with <script src=\"app.js\"></script> and <form onsubmit=\"go()\">.",
        "The path is ../images/logo.png or ../../shared/x.css.",
        "My server runs on http://localhost:3000 and http://10.0.0.5.",
        "Use {{ user.name }} in the template and ${HOME} in the shell.",
        "The unions selected their delegates, or so it's said; drop by at 5.",
        "SELECT a FROM b UNION SELECT c FROM d is valid SQL.",
        "for (let i = 0; i < n; i++) { alert(i); }",
    ];
    assert_eq!(disturbed(TEXT, &values), NONE);
}

#[test]
fn what_is_allowed_is_let_pass() {
    let options = WafOptions {
        allow: vec![
            "http://localhost:11434/*".to_owned(),
            "1=1 or 1=1".to_owned(),
        ],
        ..WafOptions::default()
    };
    let matcher = with(&options, Place::Query);
    assert!(scan(&*matcher, b"HTTP://localhost:11434/api").is_empty());
    assert!(scan(&*matcher, b" 1=1 or 1=1 ").is_empty());
    assert_eq!(scan(&*matcher, b"http://localhost:11435/api").len(), 1);
    assert_eq!(scan(&*matcher, b"x http://localhost:11434/").len(), 1);
}
