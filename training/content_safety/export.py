"""Writes a model as `content_safety/model.rs` reads it. Little-endian, sections in order:

    magic "TGSAFE03" | heads u32, words u32, slots u32, concepts u32, known u32, pairs of concepts u32
    per head: f32 scale of words and pairs, of grams, of concepts, bias, slope, offset, likely, acting
    Latin letters: 656 bytes, 0 where there is none
    slots: u32 each, 16 bits of hash and a word's number + 1; 0 is empty
    words: i16 x heads, u16 idf squared, the same of the word's grams, u64 concepts
    pairs: i8 x heads, u8 idf squared; 2^16 of them
    grams: likewise
    known: slots of (u64 hash, u64 concepts) for words, stems and phrases
    concept pairs: i16 x heads
    first glance: per kind f32 for each word and for a stretch; slots of 16 bits of hash and u8 x kinds, two a bucket
"""

import struct

import numpy as np

from data import HEADS
from features import GRAM_BITS, PAIR_BITS, grams, hashed
from reading import LATIN, pair_hash

STEM = 0x5354454D5354454D
PHRASE = 0x5048524153455048


def quantise(values, limit):
    """Whole numbers up to `limit` and the scale that undoes it, per head."""
    scale = np.maximum(np.abs(values).max(1), 1e-9) / limit
    return np.clip(np.round(values / scale[:, None]), -limit, limit).astype(np.int32), scale


def open_table(entries, load=0.7):
    """Slots for `(hash, value)`: the slot is the hash's highest bits, then the next."""
    bits = max(4, int(np.ceil(np.log2(len(entries) / load))))
    slots = [None] * (1 << bits)
    for key, value in entries:
        at = key >> (64 - bits)
        while slots[at] is not None:
            at = (at + 1) % len(slots)
        slots[at] = (key, value)
    return slots


def write(path, numbers, heads, concept_scale, glances=b""):
    names = HEADS
    count = len(numbers.vocabulary)
    assert count < 1 << 16, f"{count} words: a slot has 16 bits for a word's number"
    coefficients = np.array([heads[name]["coefficients"] for name in names])
    pairs_at, grams_at, met_at = count, numbers.first, numbers.first + numbers.second
    first = coefficients[:, :numbers.first] * np.concatenate([numbers.word_idf, numbers.pair_idf])
    second = coefficients[:, grams_at:met_at] * numbers.gram_idf
    met = coefficients[:, met_at:] * concept_scale
    # Words have 16 bits; pairs have 8 and share their scale, as many sixteenths.
    first_q, first_scale = quantise(first[:, pairs_at:], 127)
    words_q = np.clip(np.round(first[:, :count] / first_scale[:, None]), -32767, 32767).astype(np.int32)
    grams_q, grams_scale = quantise(second, 127)
    met_q, met_scale = quantise(met, 32767)

    concepts = numbers.concepts
    known = {}
    for word, bits in concepts.words.items():
        known[hashed(word)] = known.get(hashed(word), 0) | bits
    for stem, bits in concepts.stems.items():
        known[hashed(stem) ^ STEM] = bits
    for (one, two), bits in concepts.phrases.items():
        known[pair_hash(hashed(one), hashed(two)) ^ PHRASE] = bits
    known_slots = open_table(sorted(known.items()))
    words = sorted(numbers.vocabulary, key=numbers.vocabulary.get)
    word_slots = open_table([(hashed(word), i) for i, word in enumerate(words)], 0.5)

    out = bytearray(b"TGSAFE03")
    out += struct.pack("<6I", len(names), count, len(word_slots), len(concepts.names), len(known_slots), met_q.shape[1])
    for i, name in enumerate(names):
        h = heads[name]
        out += struct.pack("<8f", first_scale[i], grams_scale[i], met_scale[i], h["bias"], h["slope"], h["offset"], h["likely"], h["acting"])
    for code in list(range(0xC0, 0x250)) + list(range(0x1E00, 0x1F00)):
        letter = LATIN.get(code, "?")
        out.append(0 if letter == "?" else ord(letter))
    for slot in word_slots:
        out += struct.pack("<I", 0 if slot is None else ((slot[0] >> 16 & 0xFFFF) << 16 | slot[1] + 1))
    gram_squares = np.round(numbers.gram_idf ** 2).astype(int)
    word_squares, pair_squares = np.round(numbers.word_idf ** 2).astype(int), np.round(numbers.pair_idf ** 2).astype(int)
    for i, word in enumerate(words):
        of = list(grams(word))
        out += struct.pack(f"<{len(names)}hH", *words_q[:, i], word_squares[i])
        summed = grams_q[:, of].sum(1) if of else np.zeros(len(names), int)
        out += struct.pack(f"<{len(names)}hHQ", *summed, int(gram_squares[of].sum()) if of else 0, concepts.of(word))
    for table, squares, bits in ((first_q, pair_squares, PAIR_BITS), (grams_q, gram_squares, GRAM_BITS)):
        rows = np.zeros((1 << bits, len(names) + 1), np.uint8)
        rows[:, :-1] = table.T.astype(np.int8).view(np.uint8)
        rows[:, -1] = squares
        out += rows.tobytes()
    for slot in known_slots:
        out += struct.pack("<QQ", *(slot or (0, 0)))
    out += met_q.T.astype("<i2").tobytes()
    out += glances
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out)
    return out
