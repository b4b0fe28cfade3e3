"""The first glance: which words make a stretch of text worth the model's time.

A word's first six letters have a weight of 0 or more; a stretch of 512 bytes is looked at
closely when its weights, less one for each word, reach a limit. Trained to let through
what the model finds; `content_safety/glance.rs` reads it.
"""

import re
import struct
from collections import Counter

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

STRETCH = 512
LETTERS = 6
UNITS = 32
SLOT_BITS = 14
WORDS = re.compile(rb"[A-Za-z]+")
GOLDEN = 0x9E3779B97F4A7C15


def keys(text):
    return [word[:LETTERS].lower() for word in WORDS.findall(text)]


def stretches(rows):
    for row in rows:
        if row["source"] == "parameters":
            continue
        text = row["text"].encode()
        for start in range(0, len(text), STRETCH):
            if start == 0 or len(text) - start > 100:
                yield text[start:start + STRETCH], row["source"]


def concept_bits(concepts, documents):
    """Which concepts words with the same first letters may stand for."""
    bits = {}
    known = {word for document in documents for word in document}
    known |= {word.encode() for word in list(concepts.words) + list(concepts.stems) if word.isascii()}
    for word in known:
        text = word.decode()
        found = concepts.of(text) | concepts.stems.get(text, 0)
        if found and len(word) >= 2:
            bits[word[:LETTERS]] = bits.get(word[:LETTERS], 0) | found
    return bits


def learn(rows, concepts, model, likely):
    """key -> weight in units, and the limit in units."""
    pieces = list(stretches(rows))
    scores = np.array([model.scores(text.decode(errors="replace"))[:len(likely)] for text, _ in pieces])
    documents = [keys(text) for text, _ in pieces]
    seen = Counter(key for document in documents for key in set(document))
    number = {key: i for i, key in enumerate(sorted(key for key in seen if seen[key] >= 2))}
    whole_words = [[w.lower() for w in WORDS.findall(text)] for text, _ in pieces]
    bits = concept_bits(concepts, whole_words)
    own, kinds = len(number), len(concepts.names)
    rows_at, columns = [], []
    for i, document in enumerate(documents):
        for key in document:
            of = [number[key]] if key in number else []
            of += [own + k for k in range(kinds) if bits.get(key, 0) >> k & 1]
            rows_at += [i] * len(of)
            columns += of
    counts = sp.csr_matrix((np.ones(len(columns)), (rows_at, columns)), shape=(len(pieces), own + kinds))
    length = np.array([len(document) for document in documents], float)
    wanted = (scores >= np.minimum(likely * 0.6, 0.3)).any(1).astype(float)
    weight = np.where(wanted > 0, 3.0, 1.0)
    penalty = np.concatenate([np.ones(own), np.full(kinds, 0.01)])
    transposed = counts.T.tocsr()

    def loss(t):
        z = counts @ t[:-1] - length / UNITS + t[-1]
        p = 1 / (1 + np.exp(-np.clip(z, -30, 30)))
        value = -(weight * (wanted * np.log(p + 1e-9) + (1 - wanted) * np.log(1 - p + 1e-9))).sum() + (penalty * t[:-1] ** 2).sum()
        g = weight * (p - wanted)
        return value, np.concatenate([transposed @ g + 2 * penalty * t[:-1], [g.sum()]])

    start = np.zeros(own + kinds + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * (own + kinds) + [(None, None)], options={"maxiter": 150}).x
    weights = {}
    for key in set(number) | set(bits):
        total = found[number[key]] if key in number else 0
        total += sum(found[own + k] for k in range(kinds) if bits.get(key, 0) >> k & 1)
        units = min(255, round(total * UNITS))
        if units:
            weights[key] = units
    sums = np.array([sum(weights.get(key, 0) for key in document) - len(document) for document in documents])
    long_enough = np.array([len(text) > 128 and text.isascii() for text, _ in pieces])
    # Chosen so that little that is likely is lost and most stretches of prose are done with.
    limit = round((-0.8 - found[-1]) * UNITS)
    sure, plain = (scores >= likely).any(1) & long_enough, (wanted == 0) & long_enough
    plain &= np.array([source in ("passage", "pii", "prompt") for _, source in pieces])
    print(f"first glance: {len(weights)} keys, limit {limit}; lets through {(sums >= limit)[sure].mean():.4f} of what is likely, {(sums >= limit)[plain].mean():.4f} of what is not")
    return weights, limit


def pack(weights, limit):
    """Slots of 16 bits: 8 of the hash, 8 of weight; a key has its slot or the one beside it."""
    slots = [(0, 0)] * (1 << SLOT_BITS)
    for key, units in sorted(weights.items(), key=lambda item: (-item[1], item[0])):
        h = int.from_bytes(key.ljust(8, b"\0"), "little") * GOLDEN & ((1 << 64) - 1)
        slot, tag = h >> (64 - SLOT_BITS), h >> 32 & 0xFF
        for at in (slot, slot ^ 1):
            if slots[at][1] == 0:
                slots[at] = (tag, units)
                break
    return struct.pack("<i", limit) + b"".join(struct.pack("<H", tag << 8 | units) for tag, units in slots)
