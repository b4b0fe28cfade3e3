//! Bank identifier codes (ISO 9362): four capitals, a country, two or five more capitals
//! or digits, with `SWIFT` or `BIC` in the 64 bytes before. Holds back at most eleven
//! bytes, and only behind such a word.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::context::unsearchable;
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};
use crate::detectors::DetectorError;

/// How sure a code is, in hundredths: letters alone, behind a word that announces them.
pub(super) const SCORE: u8 = 85;

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
    words: AhoCorasick,
}

impl BankCode {
    /// # Errors
    /// When the words cannot be searched for.
    pub(super) fn new() -> Result<Self, DetectorError> {
        let words = AhoCorasick::new(["SWIFT", "Swift", "swift", "BIC", "Bic", "bic"]);
        Ok(Self {
            entities: [Entity::new("swift_code")],
            words: words.map_err(|error| unsearchable(&error))?,
        })
    }

    /// Where codes may begin, from `begin` on: from the end of a word to 64 bytes on, or
    /// to the end of the next word. No two of these places overlap, so that what words
    /// announce together is read once.
    fn announced<'t>(
        &'t self,
        text: &'t [u8],
        begin: usize,
    ) -> impl Iterator<Item = Range<usize>> + 't {
        let rest = text.get(begin..).unwrap_or_default();
        let is_word = move |start: usize| {
            let before = start.checked_sub(1).and_then(|at| rest.get(at));
            !before.is_some_and(u8::is_ascii_alphanumeric)
        };
        let ends = self.words.find_iter(rest);
        let mut ends = ends
            .filter(move |word| is_word(word.start()))
            .map(move |word| begin + word.end())
            .peekable();
        std::iter::from_fn(move || {
            let end = ends.next()?;
            let next = ends.peek().copied().unwrap_or(text.len());
            Some(end..next.min(end + WORD_BYTES + 1))
        })
    }
}

/// The runs of letters and digits that begin in `places`; of a longer one than a code no
/// more than tells so.
fn runs(text: &[u8], places: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = places.start;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|_| at < places.end)?;
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric();
        let run = at..at
            + rest
                .iter()
                .take(CODE_BYTES_MAX + 1)
                .take_while(is_part)
                .count();
        let others = text.get(run.end..places.end).unwrap_or_default();
        at = run.end + others.iter().take_while(is_part).count() + 1;
        Some(run)
    })
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
        let Window { text, from, last } = *window;
        let begin = from.saturating_sub(WORD_BYTES + 8);
        let places = self.announced(text, begin);
        for run in places.flat_map(|places| runs(text, places)) {
            if run.end == text.len() && !last && run.len() <= CODE_BYTES_MAX {
                return Cursor {
                    at: run.start.max(from),
                    carry: 0,
                };
            }
            if run.start >= from && text.get(run.clone()).is_some_and(is_code) {
                found.push(Finding {
                    start: run.start,
                    end: run.end,
                    entity: 0,
                    score: Score::percent(SCORE),
                    extent: Extent::Whole,
                });
            }
        }
        Cursor {
            at: text.len(),
            carry: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BankCode, CODE_BYTES_MAX, runs};

    #[test]
    fn every_byte_is_read_once_or_twice() {
        let code = BankCode::new().unwrap();
        for piece in [
            "1bic",
            " bic",
            "bic-",
            "swift",
            " bicX",
            " bic1234567890123",
        ] {
            let text = piece.repeat(5000);
            let text = text.as_bytes();
            let places: Vec<_> = code.announced(text, 0).collect();
            let mut read = 0;
            for places in places {
                for run in runs(text, places.clone()) {
                    assert!(run.len() <= CODE_BYTES_MAX + 1);
                    assert!(places.contains(&run.start));
                    read += run.len() + 1;
                }
            }
            assert!(read <= 2 * text.len(), "{piece}: {read}");
        }
    }
}
