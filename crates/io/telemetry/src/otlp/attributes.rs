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

/// Writes attributes into a message that holds them in `field`. The length of a key is
/// part of its type, so that each is a copy of known size.
pub(super) struct Attributes<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) field: Field,
}

impl Attributes<'_> {
    /// A text; left out when empty.
    pub(super) fn text<const N: usize>(&mut self, key: &[u8; N], value: &str) {
        let value = cut(value);
        if !value.is_empty() {
            self.begin(key, delimited_len(value.len()));
            STRING.bytes(self.out, value.as_bytes());
        }
    }

    /// A text that may be missing.
    pub(super) fn optional<const N: usize>(&mut self, key: &[u8; N], value: Option<&str>) {
        self.text(key, value.unwrap_or_default());
    }

    /// A whole number; numbers beyond `i64` are cut to its largest.
    pub(super) fn int<const N: usize>(&mut self, key: &[u8; N], value: u64) {
        let value = value.min(i64::MAX.unsigned_abs());
        self.begin(key, 1 + varint_len(value));
        INT.int(self.out, value);
    }

    /// A count that is left out when nothing was counted.
    pub(super) fn positive<const N: usize>(&mut self, key: &[u8; N], value: u64) {
        if value > 0 {
            self.int(key, value);
        }
    }

    /// A number.
    pub(super) fn number<const N: usize>(&mut self, key: &[u8; N], value: f64) {
        self.begin(key, 9);
        DOUBLE.fixed64(self.out, value.to_bits());
    }

    /// A list of texts; left out when empty.
    pub(super) fn texts<'t, const N: usize>(
        &mut self,
        key: &[u8; N],
        values: impl Iterator<Item = &'t str> + Clone,
    ) {
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
    fn begin<const N: usize>(&mut self, key: &[u8; N], value: usize) {
        let whole = delimited_len(N) + delimited_len(value);
        // Nearly always every length is one byte.
        if let (Ok(whole @ ..=127), Ok(key_len), Ok(value)) =
            (u8::try_from(whole), u8::try_from(N), u8::try_from(value))
        {
            self.out.extend_from_slice(&[
                self.field.delimited_tag(),
                whole,
                KEY.delimited_tag(),
                key_len,
            ]);
            self.out.extend_from_slice(key);
            self.out.extend_from_slice(&[VALUE.delimited_tag(), value]);
            return;
        }
        self.field.delimited(self.out, whole);
        KEY.bytes(self.out, key);
        VALUE.delimited(self.out, value);
    }
}
