//! Keccak-256, as Ethereum uses it: the sponge before its padding became SHA-3.

const RATE_BYTES: usize = 136;

/// What is added in each round.
const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// By how much the lanes turn, and where they go, in the order of going.
const TURNS: [u32; 24] = [
    1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44,
];
const MOVES: [usize; 24] = [
    10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1,
];

/// The hash of a short text: only its first 135 bytes are read.
pub(super) fn keccak256(text: &[u8]) -> [u8; 32] {
    let text = text.get(..RATE_BYTES - 1).unwrap_or(text);
    let mut block = [0_u8; RATE_BYTES];
    for (slot, byte) in block.iter_mut().zip(text.iter().chain([&1])) {
        *slot = *byte;
    }
    if let Some(last) = block.last_mut() {
        *last |= 0x80;
    }
    let mut lanes = [0_u64; 25];
    for (lane, bytes) in lanes.iter_mut().zip(block.chunks_exact(8)) {
        *lane = bytes
            .iter()
            .rev()
            .fold(0, |lane, byte| lane << 8 | u64::from(*byte));
    }
    for constant in ROUNDS {
        round(&mut lanes, constant);
    }
    let mut hash = [0; 32];
    for (slot, byte) in hash
        .iter_mut()
        .zip(lanes.iter().flat_map(|lane| lane.to_le_bytes()))
    {
        *slot = byte;
    }
    hash
}

#[expect(
    clippy::indexing_slicing,
    reason = "every index is taken modulo the length or is a constant below it"
)]
fn round(lanes: &mut [u64; 25], constant: u64) {
    let mut columns = [0; 5];
    for (place, lane) in lanes.iter().enumerate() {
        columns[place % 5] ^= lane;
    }
    for (place, lane) in lanes.iter_mut().enumerate() {
        *lane ^= columns[(place + 4) % 5] ^ columns[(place + 1) % 5].rotate_left(1);
    }
    let mut moving = lanes[1];
    for (to, turn) in MOVES.into_iter().zip(TURNS) {
        moving = std::mem::replace(&mut lanes[to], moving.rotate_left(turn));
    }
    for row in lanes.chunks_exact_mut(5) {
        let before = [row[0], row[1], row[2], row[3], row[4]];
        for (place, lane) in row.iter_mut().enumerate() {
            *lane = before[place] ^ (!before[(place + 1) % 5] & before[(place + 2) % 5]);
        }
    }
    lanes[0] ^= constant;
}

#[cfg(test)]
mod tests {
    use super::keccak256;

    #[test]
    fn known_hashes_come_out() {
        let hex = |text: &[u8]| -> String {
            keccak256(text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect()
        };
        assert_eq!(
            hex(b""),
            "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        );
        assert_eq!(
            hex(b"abc"),
            "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
        );
    }
}
