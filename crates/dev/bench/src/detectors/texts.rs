//! The texts that detectors are measured on, written for this purpose.

const PROSE: [&str; 12] = [
    "Could you help me plan a long weekend in the mountains for a family of four? ",
    "We would like to hike a little, swim if the lake is warm enough, and eat well. ",
    "The committee met again on Tuesday and went through the minutes of its last session. ",
    "Most of the members agreed that the plan, as it stands, needs more work: the budget is thin. ",
    "Please rewrite the paragraph below so that it sounds friendlier, and keep it short. ",
    "In the summer of 1987 the old bridge was closed, and traffic had to go round by the mill. ",
    "\"We will see,\" said the chair, and closed the meeting a little after five without a vote. ",
    "What is the difference between a mortgage with a fixed rate and one with a variable rate? ",
    "Sure! Here are three ideas for the team event; tell me which one you like best.\n",
    "She opened the window, listened to the rain for a while, and went back to her letters. ",
    "Version 2.4 of the library made the parser twice as fast and fixed some 30 small errors. ",
    "Both cafés stay open until half past nine; the naïve plan to meet at ten won’t work.\n",
];

const CODE: &str = "\
pub fn total(orders: &[Order], rate: f64) -> Result<Money, Error> {\n\
    let mut sum = Money::ZERO;\n\
    for order in orders.iter().filter(|order| order.state == State::Paid) {\n\
        sum = sum.checked_add(order.amount.scaled(rate))?; // see issue 4711\n\
    }\n\
    Ok(sum)\n\
}\n\
SELECT id, name, created_at FROM customers WHERE country = 'DE' AND active = 1 ORDER BY name;\n\
const url = new URL(`/api/v2/items/${id}?page=${page + 1}`, \"https://example.com\");\n\
def mean(values: list[float]) -> float:\n    return sum(values) / max(len(values), 1)\n\
docker run --rm -p 8080:80 -v \"$PWD/site:/usr/share/nginx/html:ro\" nginx:1.27\n\
commit 3f786850e387550fdab836ed7e6dc881de23001b\n\n";

/// Texts full of what is looked for; no value is anybody's.
const DENSE: &str = "\
jane.doe@example.com, +1 (415) 555-0134, SSN 536-22-1234, card 4111 1111 1111 1111, \
IBAN DE89 3704 0044 0532 0130 00, 192.0.2.17, 2001:db8::ff00:42:8329, 12/31/1984, \
NHS 943 476 5919, https://example.org/a?b=c, BTC 1BoatSLRHtKNngkdXEeobR76b53LETtpyT, \
password = \"k7Qz!r92mLp0\", case no. 123456, ABCD-12345, internal only. ";

/// Pieces that make a detector try and fail, when they come again and again.
pub(super) const CRAFTED: [(&str, &str); 28] = [
    ("groups of digits", "1234 5678 9012 "),
    ("one run of digits", "4"),
    ("digits and hyphens", "1-2-3-4-5-6-7-8-"),
    ("letters and digits", "AB12CD34"),
    ("at signs", "a@b.c "),
    ("dotted", "a.b.c.d.e@"),
    ("hexadecimal and colons", "fe80:a:b:c:"),
    ("brackets", "[["),
    ("key prefixes", "sk-sk-ant-AKIAghp_xoxb-"),
    ("assignments", "password=secret:token=key:"),
    ("header of a key", "-----BEGIN "),
    ("token of three parts", "eyJhbGciOi.eyJ."),
    ("one letter", "a"),
    ("capitals", "AAAA-"),
    ("quotes", "'\"`<"),
    ("slashes", "../%2e%2e/"),
    ("zero width", "\u{200d}\u{200b}"),
    ("words of keywords", "internal project do not acme "),
    ("words of lists", "balem balem monba "),
    (
        "almost words",
        "balex comoncomon project-alphb ABC-12 1234-12345 ",
    ),
    ("edges of words", "\u{e9}1234-123456\u{e9} ABC-1234\u{e9} "),
    (
        "a host's name",
        "a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a.corp.example ",
    ),
    ("invisible letters", "a\u{200b}\u{e0041}b"),
    ("beginnings of tokens", "eyJaaaaaaaaaaaaaaaaaaaaa."),
    (
        "keys by their word",
        "mistral api key=a1B2c3D4e5F6g7H8i9J0 ",
    ),
    ("options", "--token "),
    ("users in addresses", "http://a:"),
    ("bodies of keys", "-----BEGIN PRIVATE KEY-----\na: b\n"),
];

/// Benign chat.
pub(super) fn prose(bytes: usize) -> String {
    filled(&PROSE.concat(), bytes)
}

/// Benign code of several languages.
pub(super) fn code(bytes: usize) -> String {
    filled(CODE, bytes)
}

/// A finding in every line.
pub(super) fn dense(bytes: usize) -> String {
    filled(DENSE, bytes)
}

/// A piece again and again, up to about so many bytes.
pub(super) fn filled(piece: &str, bytes: usize) -> String {
    let mut text = piece.repeat(bytes / piece.len() + 1);
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}
