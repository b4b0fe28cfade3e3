//! Links and names of domains.
//!
//! A link has a scheme and `://`, begins with `www.`, or is a domain with a path; it
//! ends before white space, quotes, angle brackets and closing punctuation. A domain is
//! labels joined by dots, under a top level that exists; where that is also a file's
//! ending or a word of programs, it needs three labels. Neither is looked for in an
//! e-mail address.
//! A link of more than [`LINK_BYTES_MAX`] bytes is swallowed in pieces of that size.
//! Holds back a piece at most, and of other text one label of 63 bytes.

#[cfg(test)]
pub(super) mod tests;
mod top_levels;

use memchr::memchr2;

use super::shape::{Undecided, run_start};
use crate::characters::{begins_word, char_before};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};
use top_levels::{TopLevel, top_level};

/// How sure a link with a scheme is, in hundredths; nothing here is surer.
pub(super) const SCORE_MAX: u8 = 95;

/// The longest piece of a link that is held as a whole.
const LINK_BYTES_MAX: usize = 2048;

/// The longest label of a domain, and the longest domain (RFC 1035, 2.3.4).
pub(super) const LABEL_BYTES_MAX: usize = 63;
pub(super) const DOMAIN_BYTES_MAX: usize = 253;

const SCHEME_BYTES_MAX: usize = 12;

/// What a matcher reports, by what stands in the text.
#[derive(Debug)]
pub(super) struct Web {
    entities: Vec<Entity>,
    /// Index of the entity of links.
    link: Option<u16>,
    /// Index of the entity of domains.
    domain: Option<u16>,
    threshold: Score,
}

/// A link or domain that ends before the text does.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    end: usize,
    score: u8,
    link: bool,
    /// Whether it goes on beyond what is read in one piece.
    goes_on: bool,
}

impl Web {
    /// A matcher of one of these, or both.
    pub(super) fn new(link: bool, domain: bool, threshold: Score) -> Self {
        let mut entities = Vec::new();
        if link {
            entities.push(Entity::new("url"));
        }
        if domain {
            entities.push(Entity::new("domain_name"));
        }
        Self {
            entities,
            link: link.then_some(0),
            domain: domain.then_some(u16::from(link)),
            threshold,
        }
    }

    fn report(&self, place: &Place, found: &mut Vec<Finding>) {
        let entity = if place.link {
            self.link
        } else {
            self.domain.or(self.link)
        };
        let score = Score::percent(place.score);
        if let Some(entity) = entity.filter(|_| score >= self.threshold) {
            found.push(Finding {
                start: place.start,
                end: place.end,
                entity,
                score,
                extent: if place.goes_on {
                    Extent::Begins
                } else {
                    Extent::Whole
                },
            });
        }
    }

    /// Reads on in a link that began before; its end when that is in the window.
    fn continued(
        &self,
        text: &[u8],
        from: usize,
        last: bool,
        found: &mut Vec<Finding>,
    ) -> Result<(usize, bool), Undecided> {
        let (end, goes_on) = link_end(text, from, from, last)?;
        if end > from {
            found.push(Finding {
                start: from,
                end,
                entity: self.link.unwrap_or_default(),
                score: Score::percent(SCORE_MAX),
                extent: Extent::Continues,
            });
        }
        Ok((end, goes_on))
    }
}

impl Matcher for Web {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut at = from;
        let mut inside = carry > 0;
        loop {
            if inside {
                match self.continued(text, at, last, found) {
                    Ok((end, goes_on)) => (at, inside) = (end, goes_on),
                    Err(Undecided) => return Cursor { at, carry: 1 },
                }
                continue;
            }
            let rest = text.get(at..).unwrap_or_default();
            let Some(mark) = memchr2(b'.', b':', rest).map(|place| at + place) else {
                break;
            };
            match read(text, mark, at, last) {
                Ok(Some(place)) if place.link && self.link.is_none() => {
                    // The domain in the link is looked for by itself.
                    at = mark + 1;
                }
                Ok(Some(place)) => {
                    self.report(&place, found);
                    inside = place.goes_on && Score::percent(place.score) >= self.threshold;
                    at = place.end.max(mark + 1);
                }
                Ok(None) => at = mark + 1,
                Err(Undecided) => {
                    return Cursor {
                        at: open_from(text, mark).max(at),
                        carry: 0,
                    };
                }
            }
        }
        let open = open_from(text, text.len());
        Cursor {
            at: if last { text.len() } else { open.max(at) },
            carry: 0,
        }
    }
}

/// Reads the link or domain whose first dot or colon is at `mark`, not before `floor`.
fn read(text: &[u8], mark: usize, floor: usize, last: bool) -> Result<Option<Place>, Undecided> {
    if text.get(mark) == Some(&b':') {
        return with_scheme(text, mark, floor, last);
    }
    let next = match text.get(mark + 1) {
        Some(byte) => *byte,
        None if last => return Ok(None),
        None => return Err(Undecided),
    };
    let Some(start) = label_start(text, mark).filter(|start| *start < mark && *start >= floor)
    else {
        return Ok(None);
    };
    let before = start
        .checked_sub(1)
        .and_then(|at| text.get(at))
        .copied()
        .unwrap_or(b' ');
    let goes_on = matches!(before, b'@' | b'/' | b'.' | b'_' | b'\\' | b'-');
    if !is_host(next) || next == b'-' || goes_on || is_inside_word(text, start) {
        return Ok(None);
    }
    let Some(domain) = domain(text, start, last)? else {
        return Ok(None);
    };
    match after(text, domain.end, last)? {
        After::Nothing => Ok(Some(domain)),
        After::Other => Ok(None),
        After::Path => {
            let (end, goes_on) = link_end(text, start, domain.end, last)?;
            let path = end > domain.end + 1 || domain.link || text.get(domain.end) == Some(&b'/');
            Ok(Some(Place {
                end: end.max(domain.end),
                score: if domain.score < 50 {
                    domain.score
                } else {
                    domain.score.max(80)
                },
                link: path,
                goes_on,
                ..domain
            }))
        }
    }
}

fn with_scheme(
    text: &[u8],
    mark: usize,
    floor: usize,
    last: bool,
) -> Result<Option<Place>, Undecided> {
    for (ahead, wanted) in b"//".iter().enumerate() {
        match text.get(mark + 1 + ahead) {
            Some(byte) if byte == wanted => {}
            None if !last => return Err(Undecided),
            _ => return Ok(None),
        }
    }
    let first = mark.saturating_sub(SCHEME_BYTES_MAX).max(floor);
    let near = text.get(first..mark).unwrap_or_default();
    let letters = near
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    if letters < 2 {
        return Ok(None);
    }
    let start = mark - letters;
    let (end, goes_on) = link_end(text, start, mark + 3, last)?;
    Ok((end > mark + 3).then_some(Place {
        start,
        end,
        score: SCORE_MAX,
        link: true,
        goes_on,
    }))
}

/// What follows a domain.
enum After {
    /// Nothing that belongs to it.
    Nothing,
    /// A port, path or query.
    Path,
    /// Something that makes it none: an `@`, a call.
    Other,
}

fn after(text: &[u8], at: usize, last: bool) -> Result<After, Undecided> {
    Ok(match text.get(at) {
        None if !last => return Err(Undecided),
        Some(b'/' | b'?') => After::Path,
        Some(b':') => match text.get(at + 1) {
            Some(byte) if byte.is_ascii_digit() => After::Path,
            None if !last => return Err(Undecided),
            _ => After::Nothing,
        },
        Some(b'@' | b'(' | b'_' | b'[') => After::Other,
        _ => After::Nothing,
    })
}

/// The domain that begins at `start`: as many labels as end in a top level.
fn domain(text: &[u8], start: usize, last: bool) -> Result<Option<Place>, Undecided> {
    let rest = text.get(start..).unwrap_or_default();
    let run = rest
        .iter()
        .take(DOMAIN_BYTES_MAX + 1)
        .take_while(|byte| is_host(**byte) || **byte == b'.')
        .count();
    if run > DOMAIN_BYTES_MAX {
        return Ok(None);
    }
    if run == rest.len() && !last {
        return Err(Undecided);
    }
    let host = rest.get(..run).unwrap_or_default();
    let www = host
        .get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case(b"www."));
    let mut best = None;
    let mut end = 0;
    for (count, label) in host.split(|byte| *byte == b'.').enumerate() {
        let right = !label.is_empty()
            && label.len() <= LABEL_BYTES_MAX
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-');
        if !right {
            break;
        }
        end += label.len() + usize::from(count > 0);
        let score = match top_level(label) {
            _ if count == 0 => continue,
            Some(_) if www && count > 1 => 85,
            Some(TopLevel::Certain) => 60,
            Some(TopLevel::Ambiguous) if count > 1 => 50,
            Some(TopLevel::Ambiguous) => 30,
            None => continue,
        };
        best = Some(Place {
            start,
            end: start + end,
            score,
            link: www,
            goes_on: false,
        });
    }
    // `files.example.com.tar` is no domain with something behind it.
    let whole = host.strip_suffix(b".").unwrap_or(host).len();
    Ok(best.filter(|place| place.end - start == whole))
}

/// Where the link ends that began at `start` and goes on at `from`, and whether it goes
/// on beyond the longest piece.
fn link_end(
    text: &[u8],
    start: usize,
    from: usize,
    last: bool,
) -> Result<(usize, bool), Undecided> {
    let limit = start + LINK_BYTES_MAX;
    let mut at = from;
    let mut before = 0;
    let mut open = [0_usize; 2];
    while at < limit {
        let Some(byte) = text.get(at) else {
            if last {
                break;
            }
            return Err(Undecided);
        };
        if !is_link(*byte, before) || !balanced(*byte, &mut open) {
            break;
        }
        before = *byte;
        at += 1;
    }
    if at == limit {
        return Ok((at, true));
    }
    Ok((trimmed(text, from, at), false))
}

/// Counts the parentheses and brackets that are open; false for one that closes none.
fn balanced(byte: u8, open: &mut [usize; 2]) -> bool {
    let [round, square] = open;
    let (count, opens) = match byte {
        b'(' => (round, true),
        b')' => (round, false),
        b'[' => (square, true),
        b']' => (square, false),
        _ => return true,
    };
    if opens {
        *count += 1;
        return true;
    }
    let closes = *count > 0;
    *count = count.saturating_sub(1);
    closes
}

/// The end without the punctuation that closes the sentence around a link.
fn trimmed(text: &[u8], from: usize, end: usize) -> usize {
    let link = text.get(from..end).unwrap_or_default();
    let closing = link
        .iter()
        .rev()
        .take_while(|byte| b".,;:!?'*_([".contains(byte))
        .count();
    end - closing
}

/// Whether a link may hold the byte.
const fn is_link(byte: u8, before: u8) -> bool {
    match byte {
        b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
        0x21..=0x7e => true,
        // Letters of two bytes, so that names of domains in them are whole.
        0xc3..=0xdf => true,
        0x80..=0xbf => before >= 0xc3 && before <= 0xdf,
        _ => false,
    }
}

/// Whether a label may hold the byte.
const fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// Whether a letter beyond ASCII, of a script with spaces between words, stands before
/// `start`: what begins there is the rest of a word.
fn is_inside_word(text: &[u8], start: usize) -> bool {
    let before = char_before(text, start).and_then(|(c, _)| c);
    !begins_word(before.filter(|c| !c.is_ascii()), 'a')
}

/// Where a label or scheme may begin that goes on at `end`.
fn open_from(text: &[u8], end: usize) -> usize {
    label_start(text, end).unwrap_or_else(|| end.saturating_sub(SCHEME_BYTES_MAX))
}

/// Where the label before `end` begins; `None` when it is too long for one.
fn label_start(text: &[u8], end: usize) -> Option<usize> {
    run_start(text, end, LABEL_BYTES_MAX, is_host)
}
