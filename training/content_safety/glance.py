"""The first glance: which words make a stretch of text worth the model's time.

A word's first six letters have a weight of 0 or more for each kind of content; a stretch of
up to 2 KiB is looked at closely when the weights of a kind reach so much for each of its
words and so much more. Learned from what the model says of texts, of parts of them and of
texts put together; `content_safety/glance.rs` reads it.
"""

import random
import re
import struct
from collections import Counter

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

STRETCH = 2048
PIECE = 512
LETTERS = 6
UNITS = 32
BUCKET_BITS = 13
WORDS = re.compile(rb"[A-Za-z]+")
GOLDEN = 0x9E3779B97F4A7C15
# The model's heads by kind. What is sexual with minors is sexual first: by itself, ages and
# numbers would count.
KINDS = [[0], [1], [2], [3, 4], [5], [6]]
HARMLESS = ("pii", "prompt", "passage", "template", "tweet neither", "comment Not Toxic")
# Chosen on the frozen half, by a model that had not seen it: little that is likely is lost,
# and most stretches of prose are done with.
ENOUGH = -2.2
POSITIVE_WEIGHT = 3.0
SPARSE, SMALL = 2.0, 0.1
CONCEPT_PENALTY = 0.01


def keys(text):
    return [word[:LETTERS].lower() for word in WORDS.findall(text)]


def cut(text, count):
    return text.encode()[:count].decode(errors="ignore")


def joined(texts, count):
    """Texts one after the other, as many as make up `count` characters, again and again."""
    together = ""
    for text in texts:
        together += " " + text
        if len(together) >= count:
            yield cut(together, STRETCH)
            together = ""


def stretches(rows):
    """(text, source): all texts in pieces, and put together in several sizes."""
    rng = random.Random(3)
    rows = [row for row in rows if row["source"] != "parameters"]
    for row in rows:
        text = row["text"]
        for start in range(0, len(text), PIECE):
            if start == 0 or len(text) - start > 100:
                yield text[start:start + PIECE], row["source"]
        if len(text) > PIECE:
            yield cut(text, STRETCH), row["source"]
    harmful = [row for row in rows if any(row["labels"].values())]
    harmless = [row for row in rows if not any(row["labels"].values()) and row["source"] in HARMLESS]
    around = [row["text"] for row in harmless if row["source"] != "template" or rng.random() < 0.2]
    for row in harmful:
        for count in (600, 1024, 2000) if len(row["text"]) <= 1500 else ():
            parts, length = [row["text"]], len(row["text"])
            while length < count:
                parts.append(rng.choice(around)[:count - length + 1])
                length += len(parts[-1]) + 1
            rng.shuffle(parts)
            yield cut(" ".join(parts), STRETCH), "among others"
    for some, name in ((harmful, "together"), (harmless, "harmless")):
        sources = sorted({row["source"] for row in some})
        for count in (PIECE, 1024, 2000):
            for source in sources:
                texts = [row["text"] for row in some if row["source"] == source]
                rng.shuffle(texts)
                for text in joined(texts, count):
                    yield text, name


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


def wanted(scores, likely):
    """How much a score is worth a look: one half where it is well below what is likely."""
    limit = np.minimum(likely * 0.6, 0.3)
    odds = lambda p: np.log(p / (1 - p))
    return 1 / (1 + np.exp(-1.5 * (odds(np.clip(scores, 0.003, 0.997)) - odds(limit))))


def fit(counts, length, target, own):
    """Weights of the columns, what each word costs, and the offset."""
    columns = counts.shape[1]
    transposed = counts.T.tocsr()
    penalty = np.concatenate([np.ones(own), np.full(columns - own, CONCEPT_PENALTY)])
    yes, no = target * POSITIVE_WEIGHT, 1 - target

    def loss(t):
        weights = t[:-2]
        z = counts @ weights - t[-2] * length / UNITS + t[-1]
        p = 1 / (1 + np.exp(-np.clip(z, -30, 30)))
        value = -(yes * np.log(p + 1e-9) + no * np.log(1 - p + 1e-9)).sum()
        value += (penalty * (SPARSE * weights + SMALL * weights ** 2)).sum()
        g = (yes + no) * p - yes
        slope = transposed @ g + penalty * (SPARSE + 2 * SMALL * weights)
        return value, np.concatenate([slope, [-(length * g).sum() / UNITS, g.sum()]])

    bounds = [(0, None)] * (columns + 1) + [(None, None)]
    found = minimize(loss, np.zeros(columns + 2), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100}).x
    return found[:-2], float(found[-2]), float(found[-1])


def learn(rows, concepts, model, likely):
    """key -> weights in units by kind, and by kind what is enough: for a word, for a stretch."""
    pieces = list(stretches(rows))
    scores = np.array([model.scores(text)[:len(likely)] for text, _ in pieces])
    texts = [text.encode() for text, _ in pieces]
    documents = [keys(text) for text in texts]
    seen = Counter(key for document in documents for key in set(document))
    number = {key: i for i, key in enumerate(sorted(key for key in seen if seen[key] >= 2))}
    bits = concept_bits(concepts, [[word.lower() for word in WORDS.findall(text)] for text in texts])
    own = len(number)
    columns_of = {key: ([number[key]] if key in number else []) + [own + k for k in range(len(concepts.names)) if bits.get(key, 0) >> k & 1]
                  for key in set(seen) | set(bits)}
    rows_at, columns = [], []
    for i, document in enumerate(documents):
        for key in document:
            rows_at += [i] * len(columns_of[key])
            columns += columns_of[key]
    counts = sp.csr_matrix((np.ones(len(columns)), (rows_at, columns)), shape=(len(pieces), own + len(concepts.names)))
    length = np.array([len(document) for document in documents], float)
    worth = wanted(scores, likely)
    weights, enough = {key: [0] * len(KINDS) for key in columns_of}, []
    for kind, heads in enumerate(KINDS):
        found, word, offset = fit(counts, length, worth[:, heads].max(1), own)
        for key, at in columns_of.items():
            weights[key][kind] = min(255, round(float(found[at].sum()) * UNITS))
        enough.append((word, (ENOUGH - offset) * UNITS))
    weights = {key: units for key, units in weights.items() if any(units)}
    tell(weights, enough, pieces, documents, scores, likely)
    return weights, enough


def tell(weights, enough, pieces, documents, scores, likely):
    none = [0] * len(KINDS)
    sums = np.array([np.sum([weights.get(key, none) for key in document] or [none], 0) for document in documents])
    length = np.array([len(document) for document in documents])
    reached = np.any([sums[:, kind] >= word * length + stretch for kind, (word, stretch) in enumerate(enough)], 0)
    long_enough = np.array([len(text) > 128 and text.isascii() for text, _ in pieces])
    likely_at_all = (scores >= likely).any(1) & long_enough
    print(f"first glance: {len(weights)} keys, enough {[(round(w, 2), round(s)) for w, s in enough]}; lets through of what is likely {reached[likely_at_all].mean():.4f}")
    for name in sorted({source for _, source in pieces}):
        here = np.array([source == name for _, source in pieces]) & long_enough
        if here.sum() > 20:
            print(f"  {name}: of {(here & likely_at_all).sum()} likely {reached[here & likely_at_all].sum()}, of {(here & ~likely_at_all).sum()} others {reached[here & ~likely_at_all].sum()}")


def pack(weights, enough):
    """Buckets of two slots: 16 bits of the hash, a byte of weight for each kind."""
    buckets = [[] for _ in range(1 << BUCKET_BITS)]
    for key, units in sorted(weights.items(), key=lambda item: (-max(item[1]), item[0])):
        h = int.from_bytes(key.ljust(8, b"\0"), "little") * GOLDEN & ((1 << 64) - 1)
        bucket = buckets[h >> (64 - BUCKET_BITS)]
        if len(bucket) < 2:
            bucket.append(struct.pack("<H6B", h >> 35 & 0xFFFF, *units))
    table = b"".join(b"".join(bucket).ljust(16, b"\0") for bucket in buckets)
    return b"".join(struct.pack("<2f", *each) for each in enough) + table
