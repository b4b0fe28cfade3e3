//! The few pieces of protobuf's wire format that a span needs.

/// Appends a base-128 varint.
pub(super) fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        // The low seven bits and the mark that more follow.
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Bytes of a varint.
pub(super) const fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Bytes of a length-delimited field with `bytes` of content, its tag of one byte included.
pub(super) const fn delimited_len(bytes: usize) -> usize {
    1 + varint_len(bytes as u64) + bytes
}

/// The tag of a field below 16, by what follows it.
#[derive(Clone, Copy)]
pub(super) struct Field(pub(super) u8);

impl Field {
    /// Appends a varint field.
    pub(super) fn int(self, out: &mut Vec<u8>, value: u64) {
        out.push(self.0 << 3);
        push_varint(out, value);
    }

    /// Appends a `fixed64` or `double` field by its bits.
    pub(super) fn fixed64(self, out: &mut Vec<u8>, bits: u64) {
        out.push(self.0 << 3 | 1);
        out.extend_from_slice(&bits.to_le_bytes());
    }

    /// The tag of a field with a length.
    pub(super) const fn delimited_tag(self) -> u8 {
        self.0 << 3 | 2
    }

    /// Appends the tag and the length of a field whose content follows.
    pub(super) fn delimited(self, out: &mut Vec<u8>, bytes: usize) {
        out.push(self.delimited_tag());
        push_varint(out, bytes as u64);
    }

    /// Appends a `string` or `bytes` field, or a message that is encoded already.
    pub(super) fn bytes(self, out: &mut Vec<u8>, content: &[u8]) {
        self.delimited(out, content.len());
        out.extend_from_slice(content);
    }
}

/// Field 16 as `fixed32`: the only tag of two bytes that a span has (its flags).
pub(super) fn push_field_16_fixed32(out: &mut Vec<u8>, value: u32) {
    push_varint(out, 16 << 3 | 5);
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::{push_varint, varint_len};

    #[test]
    fn a_varint_is_as_long_as_it_says_and_reads_back() {
        for value in [
            0,
            1,
            127,
            128,
            300,
            16_383,
            16_384,
            u64::from(u32::MAX),
            u64::MAX >> 1,
            u64::MAX,
        ] {
            let mut out = Vec::new();
            push_varint(&mut out, value);
            assert_eq!(out.len(), varint_len(value), "{value}");
            assert_eq!(
                prost::encoding::decode_varint(&mut out.as_slice()),
                Ok(value)
            );
        }
    }
}
