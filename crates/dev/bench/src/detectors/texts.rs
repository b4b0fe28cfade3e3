//! The texts that detectors are measured on, written for this purpose.

const PROSE: [&str; 51] = [
    "Could you help me plan a long weekend in the mountains for a family of four? ",
    "We would like to hike a little, swim if the lake is warm enough, and eat well. ",
    "The night train from Vienna is sold out, so we would rather fly and rent a small car. ",
    "Is a rail pass worth it for ten days, or do single tickets cost less when booked early?\n",
    "The committee met again on Tuesday and went through the minutes of its last session. ",
    "Most of the members agreed that the plan, as it stands, needs more work: the budget is thin. ",
    "\"We will see,\" said the chair, and closed the meeting a little after five without a vote. ",
    "Please rewrite the paragraph below so that it sounds friendlier, and keep it short. ",
    "Can you draft an agenda for Monday, with ten minutes for questions from the new colleagues? ",
    "My manager wants a summary of the survey by noon; three bullet points will do.\n",
    "In the summer of 1987 the old bridge was closed, and traffic had to go round by the mill. ",
    "The town has grown since then, and the market square is full again on Saturday mornings. ",
    "What is the difference between a mortgage with a fixed rate and one with a variable rate? ",
    "If I put aside 250 a month at three percent, how much will there be after twelve years? ",
    "The invoice from March was paid twice, so the second amount should come back next week. ",
    "Sure! Here are three ideas for the team event; tell me which one you like best.\n",
    "Version 2.4 of the library made the parser twice as fast and fixed some 30 small errors. ",
    "My test fails only on Windows: the path has a backslash where the code expects a slash. ",
    "You could return an iterator here instead of a list, so that callers read only what they need. ",
    "The query is slow because the index covers the customer and not the date of the order. ",
    "Why does my container restart every few minutes although the log shows no error at all?\n",
    "Whisk the eggs with the sugar until they are pale, then fold in the flour by hand. ",
    "Can I replace the butter with oil in this cake, and do I have to change the baking time? ",
    "Let the dough rest overnight in the fridge; it will be easier to roll in the morning. ",
    "For a soup for six you need about two pounds of carrots, an onion and a piece of ginger.\n",
    "My daughter has to give a talk on volcanoes in fourth grade and wants to build a model. ",
    "Explain photosynthesis to me as if I were twelve, with an example from the garden. ",
    "The essay has a good opening, but the second part repeats what was said in the first. ",
    "How do I find the slope of a line when I am given two points on it?\n",
    "She opened the window, listened to the rain for a while, and went back to her letters. ",
    "Dear Martha, thank you for the photographs; the one with the dog stands on my desk now. ",
    "I am sorry to write so late, but the move took longer than any of us had thought. ",
    "Please give my regards to your parents, and tell them the tomatoes have come up.\n",
    "My doctor says that my blood pressure is a bit high and that I should walk more and salt less. ",
    "After a cold I still cough at night; is honey in warm milk of any use, or should I see somebody? ",
    "The physiotherapist showed me two exercises for my knee, which I do every morning after a shower. ",
    "How much sleep does a teenager need on school days, and do short naps in the afternoon help?\n",
    "Our team lost the first match of the season, but won the next two at home without conceding a goal. ",
    "The coach wants to play with three defenders on Sunday, since the winger has hurt his ankle. ",
    "She ran the last mile of the marathon in under seven minutes and beat her own record. ",
    "What is a sensible plan for somebody who wants to swim two kilometres by the end of May?\n",
    "The government presented its budget on Thursday; the opposition called it a missed chance. ",
    "According to the weather service the storm will reach the coast at night and then grow weaker. ",
    "The city council voted for the new tram line, which is to open in the autumn of next year. ",
    "Police closed the main road for two hours after a lorry had lost part of its load of gravel.\n",
    "Which of the two phones has the better camera, and is the larger one worth the difference? ",
    "The washing machine stops before it spins and shows a code that is not in the manual. ",
    "I am looking for a quiet novel for my aunt, who likes gardens, old houses and a little mystery. ",
    "We planted the apple tree by the fence; in its third year it carried eleven apples. ",
    "Translate this note for the neighbours: the water will be off from eight to ten tomorrow. ",
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
