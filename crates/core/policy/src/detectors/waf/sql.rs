//! SQL injection: does a value break out of the place in a statement that it is put in?
//!
//! A value is put behind `=` as it is, or between single or double quotes. In each of the
//! three it is read as the tokens that a database would see, and in these we look for
//! what only an attack brings: a second `select`, a condition that is always true or
//! always false, a statement behind a semicolon, a comment that cuts off the rest, a
//! function that waits. What stands before it must be SQL too: prose is not.

mod statement;
mod token;
mod word;

use statement::{Operand, Statement};
use token::{Kind, Token, tokens};
use word::Word;

use super::judge::{Hit, Scene};

/// What an attack is worth in a statement that is the whole value, where statements belong:
/// below every default.
const IN_STATEMENT: u8 = 40;

/// What a statement by itself is worth where none belongs: it injects nothing.
const WHOLE_STATEMENT: u8 = 45;

/// The surest sign of an injection in `text`, whose ASCII letters are small.
pub(super) fn judge(text: &[u8], scene: Scene) -> Option<Hit> {
    let best = judge_as_written(text, scene);
    if memchr::memchr(b' ', text).is_some() || memchr::memchr(b'+', text).is_none() {
        return best;
    }
    // A parameter whose blanks nobody has decoded.
    let blank = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
    let spaced: Vec<u8> = text.iter().map(blank).collect();
    best.max(judge_as_written(&spaced, scene))
}

fn judge_as_written(text: &[u8], scene: Scene) -> Option<Hit> {
    let bare = Statement::new(text, tokens(text, 0), false);
    let mut best = bare.judge(scene);
    for quote in [b'\'', b'"'] {
        if let Some(at) = memchr::memchr(quote, text) {
            let broken = Statement::new(text, tokens(text, at + 1), true);
            best = best.max(broken.judge(scene));
        }
    }
    best.max(probe(text))
}

impl Statement<'_> {
    fn judge(&self, scene: Scene) -> Option<Hit> {
        let whole = !self.broken && self.is_statement(0);
        let mut best: Option<Hit> = None;
        for (at, token) in self.tokens.iter().enumerate() {
            let score = self.sign(at, token).min(self.limit(token));
            if score == 0 {
                continue;
            }
            let score = match scene {
                // A statement as a whole is no injection where statements belong.
                Scene::Body | Scene::Text if whole => score.min(IN_STATEMENT),
                _ => score,
            };
            let start = if self.broken { 0 } else { token.start };
            best = best.max(Some(Hit::new(score, start, self.text.len())));
        }
        if whole && scene == Scene::Head {
            best = best.max(Some(Hit::new(WHOLE_STATEMENT, 0, self.text.len())));
        }
        best
    }

    /// The most that a sign can be worth behind what stands before it.
    const fn limit(&self, token: &Token) -> u8 {
        match token.breaks {
            0 | 1 => 100,
            2 if self.broken => 60,
            _ => 0,
        }
    }

    /// What the token at `at` is worth as the beginning of an attack.
    fn sign(&self, at: usize, token: &Token) -> u8 {
        match token.kind {
            Kind::Word(Word::Union) => self.union(at),
            Kind::Logic => self.logic(at),
            Kind::Bars => self.logic(at).max(self.joined(at)),
            Kind::Word(Word::Condition | Word::Matches) => self.logic(at),
            Kind::Word(Word::Sort) => self.sort(at),
            Kind::Semicolon if self.is_statement(at + 1) => 90,
            Kind::Open => self.open(at),
            Kind::Comma => self.comma(at),
            Kind::Compare | Kind::Arithmetic | Kind::Star => self.operator(at),
            Kind::Word(Word::Danger) => self.danger(at),
            Kind::Word(Word::Into) if self.word(at + 1) == Some(Word::File) => 85,
            Kind::Word(Word::Procedure) if self.called(at + 1) => 85,
            Kind::Word(Word::Wait) => {
                let delays = self.word(at + 1) == Some(Word::Delay);
                if delays && matches!(self.kind(at + 2), Kind::Text | Kind::Variable) {
                    92
                } else {
                    0
                }
            }
            Kind::Word(Word::Function) if self.spells(at) => 80,
            Kind::Comment if self.broken && at == self.tail => self.cut(at),
            _ => 0,
        }
    }

    /// `' --`: the value ends its text and cuts off the rest.
    fn cut(&self, at: usize) -> u8 {
        let rest = self.bytes(at);
        let mark = rest.get(..2).unwrap_or(rest);
        let behind = match mark {
            [b'#', ..] => rest.get(1),
            _ => rest.get(2),
        };
        match behind {
            None => 75,
            Some(byte) if byte.is_ascii_whitespace() => 70,
            Some(b'-' | b'+' | b'%' | b'/') => 60,
            Some(_) => 0,
        }
    }

    /// `union select`.
    fn union(&self, at: usize) -> u8 {
        let mut next = at + 1;
        while self.word(next) == Some(Word::Quantity) || self.kind(next) == Kind::Open {
            next += 1;
        }
        match self.word(next) {
            Some(Word::Select) if self.is_selected(next + 1) => 96,
            Some(Word::Select) if self.is_cut_off() => 80,
            _ => 0,
        }
    }

    /// `or 1=1` and its kin; `at` is what joins it to the rest.
    fn logic(&self, at: usize) -> u8 {
        let Some(condition) = self.condition(at + 1) else {
            return 0;
        };
        let direct = at == self.tail;
        let matches = self.word(at) == Some(Word::Matches);
        let joins = matches || self.kind(at) == Kind::Bars;
        let closed = self.ends(condition.next);
        match (condition.left, condition.right) {
            (Operand::Query, _) | (_, Some(Operand::Query)) => 92,
            (Operand::Literal, Some(Operand::Literal)) if condition.equal => 90,
            (Operand::Literal, Some(Operand::Literal)) if direct => 85,
            (Operand::Literal, Some(Operand::Literal)) => 55,
            (Operand::Call, _) | (_, Some(Operand::Call)) if direct => 85,
            (Operand::Call, Some(_)) => 45,
            (Operand::Name, Some(_)) | (_, Some(Operand::Name))
                if self.broken && direct && (self.is_cut_off() || self.is_open()) =>
            {
                75
            }
            (Operand::Literal, None) if matches && direct && self.broken && self.is_open() => 70,
            (Operand::Literal, None) if joins => 0,
            (Operand::Literal, None)
                if closed && direct && self.word(at + 1) == Some(Word::Literal) =>
            {
                60
            }
            (Operand::Literal, None) if closed && direct && (self.broken || self.is_cut_off()) => {
                75
            }
            (Operand::Name, None) if closed && direct && self.broken && self.is_cut_off() => 60,
            _ => 0,
        }
    }

    /// `order by 4 --`.
    fn sort(&self, at: usize) -> u8 {
        if self.word(at + 1) != Some(Word::By) {
            return 0;
        }
        match self.kind(at + 2) {
            Kind::Open if self.word(at + 3) == Some(Word::Select) => 88,
            Kind::Number if at == self.tail && self.ends(at + 3) => 82,
            Kind::Number | Kind::Word(Word::Name) if at == self.tail && self.is_cut_off() => 80,
            Kind::Number if self.is_cut_off() => 75,
            Kind::Word(Word::Function | Word::Danger | Word::Choice | Word::If)
                if self.called(at + 2) && (at == self.tail || self.is_cut_off()) =>
            {
                85
            }
            _ => 0,
        }
    }

    /// `(select …`, `(1=1)`, `if(1=1,`.
    fn open(&self, at: usize) -> u8 {
        let before = at.checked_sub(1);
        if self.word(at + 1) == Some(Word::Select) && self.is_selected(at + 2) {
            let joined = before.is_none_or(|before| {
                !matches!(
                    self.kind(before),
                    Kind::Word(_) | Kind::Close | Kind::Text | Kind::Number | Kind::Other
                )
            });
            return if joined { 88 } else { 0 };
        }
        if !self.compares(at + 1) {
            return 0;
        }
        match before.and_then(|before| self.word(before)) {
            Some(Word::Choice | Word::If | Word::Danger | Word::Case | Word::Condition) => 90,
            Some(_) => 0,
            None if matches!(self.kind(at + 4), Kind::Close | Kind::Logic) => 70,
            None => 0,
        }
    }

    /// A further argument or column that asks: `,(select …`, `,sleep(5)`.
    fn comma(&self, at: usize) -> u8 {
        match self.operand(at + 1) {
            Some((Operand::Query, _)) if self.kind(at + 1) == Kind::Open => 85,
            Some((Operand::Query, _)) if at == self.tail => 80,
            _ => 0,
        }
    }

    /// `+(select …`, `=(select …`, `'+'`.
    fn operator(&self, at: usize) -> u8 {
        match self.operand(at + 1) {
            Some((Operand::Query, _)) => 85,
            Some((Operand::Literal, _)) if self.broken && at == self.tail => {
                // `'='`, `'-'`: what the value leaves between two texts.
                let last = self.tokens.len() == at + 2;
                match self.kind(at + 1) {
                    Kind::Text if last && self.is_open() => 65,
                    // `'-1#`, `'=0--`.
                    Kind::Number if self.kind(at + 2) == Kind::Comment => 68,
                    _ => 0,
                }
            }
            _ => 0,
        }
    }

    /// `'||'`: what the value leaves joined.
    fn joined(&self, at: usize) -> u8 {
        let text = self.kind(at + 1) == Kind::Text;
        if self.broken && at == self.tail && text && self.is_open() {
            70
        } else {
            0
        }
    }

    /// A call that only an attack makes, where a value or a statement may begin.
    fn danger(&self, at: usize) -> u8 {
        let dotted = memchr::memchr(b'.', self.bytes(at)).is_some();
        if !self.called(at) && !dotted {
            return 0;
        }
        let begins = at.checked_sub(1).is_none_or(|before| {
            matches!(
                self.kind(before),
                Kind::Semicolon | Kind::Logic | Kind::Bars | Kind::Word(Word::Select | Word::Begin)
            )
        });
        let argument = matches!(
            self.kind(at + 2),
            Kind::Number | Kind::Text | Kind::Open | Kind::Word(_)
        );
        match at.checked_sub(1).map(|before| self.kind(before)) {
            None if argument => 70,
            Some(_) if begins && argument => 88,
            _ => 0,
        }
    }

    /// A text spelled in numbers: `char(113)+char(112)+char(98)`.
    fn spells(&self, at: usize) -> bool {
        let name = self.bytes(at);
        (0..3).all(|part| {
            let at = at + 5 * part;
            self.bytes(at) == name
                && matches!(name, b"char" | b"chr" | b"nchar" | b"unhex")
                && self.called(at)
                && self.kind(at + 2) == Kind::Number
                && self.kind(at + 3) == Kind::Close
        })
    }
}

/// A handful of quotes, brackets, commas and dots in a row: what scanners send to see
/// whether a statement breaks.
fn probe(text: &[u8]) -> Option<Hit> {
    const LENGTH: usize = 6;
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'\'', b'"', text.get(at..).unwrap_or_default()) {
        at += found;
        let mark = |byte: &&u8| b"'\"(),.".contains(*byte);
        let before = text.get(..at).unwrap_or_default();
        let start = at - before.iter().rev().take_while(mark).count();
        let rest = text.get(start..).unwrap_or_default();
        let run = rest
            .get(..rest.iter().take_while(mark).count())
            .unwrap_or_default();
        let count = |wanted: u8| run.iter().filter(|byte| **byte == wanted).count();
        let quotes = count(b'\'') + count(b'"');
        if run.len() >= LENGTH && quotes >= 2 && count(b'(') != count(b')') {
            return Some(Hit::new(60, start, start + run.len()));
        }
        at = (start + run.len()).max(at + 1);
    }
    None
}
