//! Passing a value of which nothing is wanted, without recursion.

use super::{Error, Expected, Reader, number};
use crate::span::Span;

impl Reader<'_> {
    /// Reads any value without a look into it. It is checked in full all the same.
    ///
    /// # Errors
    ///
    /// Any error of the text except [`Error::WrongKind`] and [`Error::DuplicateKey`].
    pub fn skip(&mut self) -> Result<Span, Error> {
        self.next_byte();
        let start = self.at;
        let outside = self.depth;
        // One bit for each open level, the innermost lowest: set for an object.
        let mut objects = 0_u128;
        loop {
            let first = self.next_byte();
            if matches!(first, b'{' | b'[') {
                let is_object = first == b'{';
                self.descend()?;
                objects = objects << 1 | u128::from(is_object);
                if !self.eat(closing(is_object)) {
                    self.member_start(is_object)?;
                    continue;
                }
                self.depth -= 1;
                objects >>= 1;
            } else {
                self.skip_scalar(first)?;
            }
            // A value ended, and so may those around it.
            loop {
                if self.depth == outside {
                    return Ok(self.since(start));
                }
                let is_object = objects & 1 == 1;
                if self.comma_or(closing(is_object))? {
                    self.member_start(is_object)?;
                    break;
                }
                self.depth -= 1;
                objects >>= 1;
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

    /// Passes a value that starts with `first` and has no members.
    #[inline]
    fn skip_scalar(&mut self, first: u8) -> Result<(), Error> {
        match first {
            b'"' => self.string_body().map(|_string| ()),
            b't' => self.literal(Expected::True),
            b'f' => self.literal(Expected::False),
            b'n' => self.literal(Expected::Null),
            b'-' | b'0'..=b'9' => {
                self.at = number::end(self.bytes(), self.at)?;
                Ok(())
            }
            _ => Err(self.expected(Expected::Value)),
        }
    }
}

const fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}
