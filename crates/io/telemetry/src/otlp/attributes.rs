//! Attributes of spans and resources: `KeyValue` with an `AnyValue` inside.

use super::protobuf::{Field, delimited_len, varint_len};
use crate::text::cut;

const KEY: Field = Field(1);
const VALUE: Field = Field(2);
const STRING: Field = Field(1);
const INT: Field = Field(3);
const DOUBLE: Field = Field(4);
const ARRAY: Field = Field(5);
const ARRAY_VALUES: Field = Field(1);

/// Writes attributes into a message that holds them in `field`.
pub(super) struct Attributes<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) field: Field,
}

impl Attributes<'_> {
    /// A text; left out when empty.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        let value = cut(value);
        if !value.is_empty() {
            self.begin(key, delimited_len(value.len()));
            STRING.bytes(self.out, value.as_bytes());
        }
    }

    /// A text that may be missing.
    pub(super) fn optional(&mut self, key: &str, value: Option<&str>) {
        self.text(key, value.unwrap_or_default());
    }

    /// A whole number; numbers beyond `i64` are cut to its largest.
    pub(super) fn int(&mut self, key: &str, value: u64) {
        let value = value.min(i64::MAX.unsigned_abs());
        self.begin(key, 1 + varint_len(value));
        INT.int(self.out, value);
    }

    /// A number.
    pub(super) fn number(&mut self, key: &str, value: f64) {
        self.begin(key, 9);
        DOUBLE.fixed64(self.out, value.to_bits());
    }

    /// A list of texts; left out when empty.
    pub(super) fn texts<'t>(&mut self, key: &str, values: impl Iterator<Item = &'t str> + Clone) {
        let values = values.map(cut);
        let value_len = |text: &str| delimited_len(text.len());
        let array: usize = values
            .clone()
            .map(|text| delimited_len(value_len(text)))
            .sum();
        if array == 0 {
            return;
        }
        self.begin(key, delimited_len(array));
        ARRAY.delimited(self.out, array);
        for text in values {
            ARRAY_VALUES.delimited(self.out, value_len(text));
            STRING.bytes(self.out, text.as_bytes());
        }
    }

    /// Everything before the content of the value, which has `value` bytes.
    fn begin(&mut self, key: &str, value: usize) {
        let whole = delimited_len(key.len()) + delimited_len(value);
        // Nearly always every length is one byte, and two small copies do it.
        if let (Ok(whole @ ..=127), Ok(key_len), Ok(value)) = (
            u8::try_from(whole),
            u8::try_from(key.len()),
            u8::try_from(value),
        ) {
            self.out.reserve(2 + usize::from(whole));
            self.out.extend_from_slice(&[
                self.field.delimited_tag(),
                whole,
                KEY.delimited_tag(),
                key_len,
            ]);
            self.out.extend_from_slice(key.as_bytes());
            self.out.extend_from_slice(&[VALUE.delimited_tag(), value]);
            return;
        }
        self.field.delimited(self.out, whole);
        KEY.bytes(self.out, key.as_bytes());
        VALUE.delimited(self.out, value);
    }
}
