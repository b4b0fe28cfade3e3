//! Passing a value of which nothing is wanted, without recursion.

use super::{Error, Kind, Reader, number};
use crate::span::Span;

impl Reader<'_> {
    /// Reads any value without a look into it. It is checked in full all the same.
    ///
    /// # Errors
    ///
    /// Any error of the text except [`Error::WrongKind`] and [`Error::DuplicateKey`].
    pub fn skip(&mut self) -> Result<Span, Error> {
        self.white_space();
        let start = self.at;
        let outside = self.depth;
        // One bit for each open level, the innermost lowest: set for an object.
        let mut objects = 0_u128;
        loop {
            let opened = match self.kind()? {
                Kind::Object => Some(true),
                Kind::Array => Some(false),
                _ => None,
            };
            if let Some(is_object) = opened {
                self.descend()?;
                objects = objects << 1 | u128::from(is_object);
                if !self.eat(closing(is_object)) {
                    self.member_start(is_object)?;
                    continue;
                }
                self.depth -= 1;
                objects >>= 1;
            } else {
                self.skip_scalar()?;
            }
            while self.depth > outside {
                let is_object = objects & 1 == 1;
                if self.comma_or(closing(is_object), "`,` or the closing bracket")? {
                    self.member_start(is_object)?;
                    break;
                }
                self.depth -= 1;
                objects >>= 1;
            }
            if self.depth == outside {
                return Ok(self.since(start));
            }
        }
    }

    #[inline]
    fn member_start(&mut self, is_object: bool) -> Result<(), Error> {
        if is_object {
            self.key_span().map(|_key| ())
        } else {
            Ok(())
        }
    }

    fn skip_scalar(&mut self) -> Result<(), Error> {
        match self.peek() {
            Some(b'"') => self.string_body().map(|_string| ()),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => {
                self.at = number::end(self.bytes(), self.at)?;
                Ok(())
            }
        }
    }
}

const fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}
