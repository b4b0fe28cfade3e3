//! Bank identifier codes (ISO 9362): four capitals, a country, two or five more capitals
//! or digits, with `SWIFT` or `BIC` in the 64 bytes before. Holds back at most eleven
//! bytes, and only behind such a word.

use aho_corasick::AhoCorasick;

use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

/// How far before a code the word may end that announces it.
const WORD_BYTES: usize = 64;

const CODE_BYTES_MAX: usize = 11;

/// Countries and territories (ISO 3166-1).
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW \
BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FK FM FO FR GA GB GD \
GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP \
KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC \
NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SK SL \
SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK \
YE YT ZA ZM ZW";

#[derive(Debug)]
pub(super) struct BankCode {
    entities: [Entity; 1],
    words: Option<AhoCorasick>,
}

impl BankCode {
    pub(super) fn new() -> Self {
        Self {
            entities: [Entity::new("swift_code")],
            words: AhoCorasick::new(["SWIFT", "Swift", "swift", "BIC", "Bic", "bic"]).ok(),
        }
    }

    /// The codes behind a word that ends at `word`, those that begin at `from` or later.
    /// Gives where an undecided one begins.
    fn behind(
        &self,
        window: &Window<'_>,
        word: usize,
        from: usize,
        found: &mut Vec<Finding>,
    ) -> usize {
        let Window { text, last, .. } = *window;
        let mut at = word;
        while at <= word + WORD_BYTES && at < text.len() {
            let rest = text.get(at..).unwrap_or_default();
            let end = at
                + rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .count();
            if end == text.len() && !last && end - at <= CODE_BYTES_MAX {
                return at.max(from);
            }
            if at >= from && text.get(at..end).is_some_and(is_code) {
                found.push(Finding {
                    start: at,
                    end,
                    entity: 0,
                    score: Score::percent(85),
                    extent: Extent::Whole,
                });
            }
            at = end + 1;
        }
        text.len()
    }
}

/// Whether the word is a code: the country is one that exists.
fn is_code(word: &[u8]) -> bool {
    let country = word.get(4..6).unwrap_or_default();
    let head = word.get(..4).unwrap_or_default();
    matches!(word.len(), 8 | 11)
        && head.iter().all(u8::is_ascii_uppercase)
        && word
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && COUNTRIES
            .split(' ')
            .any(|known| known.as_bytes() == country)
}

impl Matcher for BankCode {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, .. } = *window;
        let begin = from.saturating_sub(WORD_BYTES + 8);
        let rest = text.get(begin..).unwrap_or_default();
        let mut at = text.len();
        let mut done = from;
        let words = self.words.iter().flat_map(|words| words.find_iter(rest));
        for word in words {
            let before = word.start().checked_sub(1).and_then(|at| rest.get(at));
            if before.is_some_and(u8::is_ascii_alphabetic) {
                continue;
            }
            let end = begin + word.end();
            let open = self.behind(window, end, done, found);
            at = at.min(open);
            done = done.max((end + WORD_BYTES + 1).min(open));
        }
        Cursor { at, carry: 0 }
    }
}
