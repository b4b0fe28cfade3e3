//! The grammar that signs are read by: expressions, conditions and the beginnings of
//! statements, from any token on.

use super::token::{Kind, Tokens};
use super::word::Word;

/// How many tokens an expression is followed through.
const STEPS_MAX: usize = 24;

/// What an expression is, by how much an attacker gains from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operand {
    /// The name of a column, or what is not known.
    Name,
    /// A number, a text, `null`, a variable.
    Literal,
    /// A call of a function that SQL has.
    Call,
    /// A query, a choice, a function nobody else calls.
    Query,
}

/// `a = b`, or `a` alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) left: Operand,
    /// What it is compared with.
    pub(super) right: Option<Operand>,
    /// Compared for being equal or alike, rather than for size.
    pub(super) equal: bool,
    /// The token behind.
    pub(super) next: usize,
}

/// The tokens of a value in one of the places where it may be put.
pub(super) struct Statement<'t> {
    pub(super) text: &'t [u8],
    pub(super) tokens: Tokens,
    /// The first token is a text that the value ends.
    pub(super) broken: bool,
    /// The token at which the statement goes on behind the value's first operand.
    pub(super) tail: usize,
}

impl<'t> Statement<'t> {
    pub(super) fn new(text: &'t [u8], tokens: Tokens, broken: bool) -> Self {
        let kind = |at: usize| tokens.get(at).map_or(Kind::End, |token| token.kind);
        let mut tail = 0;
        if !broken {
            while matches!(kind(tail), Kind::Arithmetic | Kind::Open | Kind::Not) {
                tail += 1;
            }
        }
        if broken || is_operand(kind(tail)) {
            tail += 1;
            while kind(tail) == Kind::Close {
                tail += 1;
            }
        } else {
            tail = usize::MAX;
        }
        Self {
            text,
            tokens,
            broken,
            tail,
        }
    }

    pub(super) fn kind(&self, at: usize) -> Kind {
        self.tokens.get(at).map_or(Kind::End, |token| token.kind)
    }

    pub(super) fn word(&self, at: usize) -> Option<Word> {
        match self.kind(at) {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn called(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.called)
    }

    pub(super) fn bytes(&self, at: usize) -> &'t [u8] {
        let token = self.tokens.get(at);
        token
            .and_then(|token| self.text.get(token.start..token.end))
            .unwrap_or_default()
    }

    /// Whether the statement ends with a comment that cuts off what stood behind.
    pub(super) fn is_cut_off(&self) -> bool {
        self.tokens
            .last()
            .is_some_and(|token| token.kind == Kind::Comment)
    }

    pub(super) fn ends(&self, at: usize) -> bool {
        matches!(self.kind(at), Kind::End | Kind::Comment | Kind::Semicolon)
    }

    /// Whether what is selected looks like SQL: `null,null`, `*`, `password from users`.
    pub(super) fn is_selected(&self, at: usize) -> bool {
        let mut at = at;
        while self.word(at) == Some(Word::Quantity) {
            at += 1;
        }
        match self.kind(at) {
            Kind::Text | Kind::Variable | Kind::Star | Kind::Not => true,
            Kind::Number | Kind::Word(Word::Literal) => self.goes_on(at + 1),
            Kind::Arithmetic | Kind::Open => {
                is_operand(self.kind(at + 1)) || self.kind(at + 1) == Kind::Open
            }
            Kind::Word(Word::Case) => true,
            Kind::Word(Word::Function | Word::Danger | Word::Choice | Word::If | Word::Matches)
                if self.called(at) =>
            {
                true
            }
            Kind::Word(Word::Name | Word::System) if self.called(at) => true,
            Kind::Word(Word::Name | Word::System | Word::Object | Word::Function) => {
                self.is_column(at)
            }
            _ => false,
        }
    }

    /// Whether a select list or what closes it stands at `at`.
    fn goes_on(&self, at: usize) -> bool {
        self.ends(at)
            || matches!(
                self.kind(at),
                Kind::Comma
                    | Kind::Close
                    | Kind::Compare
                    | Kind::Star
                    | Kind::Arithmetic
                    | Kind::Bars
                    | Kind::Logic
                    | Kind::Word(
                        Word::From
                            | Word::As
                            | Word::Condition
                            | Word::Sort
                            | Word::Union
                            | Word::Into
                            | Word::Clause
                    )
            )
    }

    /// `password from users`, `a, b`.
    fn is_column(&self, at: usize) -> bool {
        match self.kind(at + 1) {
            Kind::Comma | Kind::Bars | Kind::Comment => true,
            Kind::Word(Word::From) => matches!(
                self.kind(at + 2),
                Kind::Word(Word::Name | Word::System | Word::Object) | Kind::Open
            ),
            Kind::End => self.broken,
            _ => false,
        }
    }

    /// Whether the last text has no end of its own: the quote behind the value ends it.
    pub(super) fn is_open(&self) -> bool {
        self.tokens.last().is_some_and(|token| {
            let bytes = self.text.get(token.start..token.end).unwrap_or_default();
            token.kind == Kind::Text
                && bytes
                    .first()
                    .is_some_and(|quote| bytes.len() == 1 || bytes.last() != Some(quote))
        })
    }

    /// The condition at `at`, whatever stands before it in signs and brackets.
    pub(super) fn condition(&self, at: usize) -> Option<Condition> {
        let (left, next) = self.sum(at)?;
        let mut compare = next;
        while self.kind(compare) == Kind::Not || self.kind(compare) == Kind::Close {
            compare += 1;
        }
        let equal = self.bytes(compare).first() == Some(&b'=')
            || matches!(self.word(compare), Some(Word::Matches | Word::Within));
        let compares = matches!(
            self.kind(compare),
            Kind::Compare | Kind::Word(Word::Matches | Word::Within)
        );
        let right = compares.then(|| self.sum(compare + 1)).flatten();
        Some(Condition {
            left,
            right: right.map(|(operand, _)| operand),
            equal,
            next: right.map_or(next, |(_, next)| next),
        })
    }

    /// Operands with signs between them: as much as the worst of them.
    fn sum(&self, at: usize) -> Option<(Operand, usize)> {
        let mut at = at;
        let mut steps = 0;
        while matches!(
            self.kind(at),
            Kind::Open | Kind::Not | Kind::Arithmetic | Kind::Word(Word::Exists | Word::Clause)
        ) && steps < STEPS_MAX
        {
            at += 1;
            steps += 1;
        }
        let (mut worst, mut next) = self.operand(at)?;
        for _ in 0..STEPS_MAX {
            if !matches!(self.kind(next), Kind::Arithmetic | Kind::Star | Kind::Bars) {
                break;
            }
            let Some((operand, behind)) = self.operand(next + 1) else {
                break;
            };
            worst = worst.max(operand);
            next = behind;
        }
        Some((worst, next))
    }

    pub(super) fn operand(&self, at: usize) -> Option<(Operand, usize)> {
        let mut at = at;
        while self.kind(at) == Kind::Open {
            at += 1;
        }
        let operand = match self.kind(at) {
            Kind::Number | Kind::Text | Kind::Variable | Kind::Word(Word::Literal) => {
                Operand::Literal
            }
            Kind::Word(Word::Select) if self.is_selected(at + 1) => Operand::Query,
            Kind::Word(Word::Case) => Operand::Query,
            Kind::Word(Word::Danger | Word::Choice) if self.called(at) => Operand::Query,
            // SQLite's `like('a', hex(randomblob(…)))`: compares as a function, to take time.
            Kind::Word(Word::Matches) if self.called(at) => Operand::Query,
            Kind::Word(Word::Danger) if memchr::memchr(b'.', self.bytes(at)).is_some() => {
                Operand::Query
            }
            Kind::Word(Word::If) if self.called(at) && self.chooses(at + 1) => Operand::Query,
            Kind::Word(Word::Function | Word::Object) if self.called(at) => Operand::Call,
            Kind::Word(Word::Name | Word::Function | Word::Object | Word::System | Word::Delay) => {
                Operand::Name
            }
            _ => return None,
        };
        let next = if self.called(at) {
            self.closed(at + 1)
        } else {
            at + 1
        };
        Some((operand, next))
    }

    /// The token behind the bracket that closes the one at `at`, if it is near.
    fn closed(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for step in at..at.saturating_add(4 * STEPS_MAX) {
            match self.kind(step) {
                Kind::Open => depth += 1,
                Kind::Close if depth <= 1 => return step + 1,
                Kind::Close => depth -= 1,
                Kind::End => return step,
                _ => {}
            }
        }
        at + 1
    }

    /// Whether what stands in the bracket at `at` compares constants or calls what SQL has.
    fn chooses(&self, at: usize) -> bool {
        let mut inside = at + 1..self.closed(at);
        self.compares(at + 1)
            || inside.any(|at| {
                let known = matches!(
                    self.word(at),
                    Some(Word::Function | Word::Danger | Word::Choice | Word::Select)
                );
                known && (self.called(at) || self.word(at) == Some(Word::Select))
            })
    }

    /// Whether two numbers or texts are compared at `at`.
    pub(super) fn compares(&self, at: usize) -> bool {
        let literal = |at| matches!(self.kind(at), Kind::Number | Kind::Text);
        literal(at) && self.kind(at + 1) == Kind::Compare && literal(at + 2)
    }

    /// Whether a statement begins at `at`, and goes on as one.
    pub(super) fn is_statement(&self, at: usize) -> bool {
        let mut at = at;
        while self.kind(at) == Kind::Open {
            at += 1;
        }
        let name = |at| matches!(self.kind(at), Kind::Word(Word::Name | Word::System));
        match self.word(at) {
            Some(Word::Select) => {
                self.is_selected(at + 1)
                    && (at == 0 || self.word(at + 1) != Some(Word::Name) || !self.ends(at + 2))
            }
            Some(Word::Insert) => self.word(at + 1) == Some(Word::Into) && !self.ends(at + 3),
            Some(Word::Update) => self.word(at + 2) == Some(Word::Set),
            Some(Word::Delete) => self.word(at + 1) == Some(Word::From) && name(at + 2),
            Some(Word::Define) => {
                // `create or replace function`.
                let or = 2 * usize::from(self.word(at + 2) == Some(Word::Insert));
                self.word(at + or + 1) == Some(Word::Object) && !self.ends(at + or + 2)
            }
            Some(Word::Execute) => {
                self.kind(at + 1) == Kind::Open
                    || self.called(at + 1)
                    || self.word(at + 1) == Some(Word::Danger)
                    || self.bytes(at + 1).starts_with(b"sp_")
                    || matches!(self.kind(at + 1), Kind::Text | Kind::Variable)
            }
            Some(Word::Declare | Word::Set) => self.kind(at + 1) == Kind::Variable,
            Some(Word::Wait) => self.word(at + 1) == Some(Word::Delay),
            Some(Word::Shutdown) => self.ends(at + 1) || self.word(at + 1) == Some(Word::Clause),
            Some(Word::Begin) => self.word(at + 1) == Some(Word::Danger),
            Some(Word::If) => self.called(at) && self.compares(at + 2),
            Some(Word::Danger | Word::Choice) => self.called(at),
            _ => false,
        }
    }
}

/// Whether a token is a value that something may be compared with.
const fn is_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Number
            | Kind::Text
            | Kind::Variable
            | Kind::Word(Word::Name | Word::Literal | Word::Stop | Word::Object)
    )
}
