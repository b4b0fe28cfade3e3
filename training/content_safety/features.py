"""What the model sees of a text, as numbers; the same as `content_safety/model.rs` computes."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from reading import gram_hashes, pair_hash, sentences, word_hash

PAIR_BITS = 16
GRAM_BITS = 16


class Concepts:
    """Words to sets of concepts, from `concepts.txt`."""

    def __init__(self, path=Path(__file__).with_name("concepts.txt")):
        self.names, self.words, self.stems, self.phrases = [], {}, {}, {}
        for line in path.read_text().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            name, entries = line.split(":", 1)
            bit = 1 << len(self.names)
            self.names.append(name)
            for entry in entries.split():
                self.add(entry, bit)
        assert len(self.names) <= 64, len(self.names)

    def add(self, entry, bit):
        stem = entry.endswith("*")
        read = [w for s in sentences(entry.rstrip("*_").replace("_", " ")) for w in s]
        if not read or len(read) > 2:
            return
        if len(read) == 2:
            key = tuple(read)
            self.phrases[key] = self.phrases.get(key, 0) | bit
        elif stem:
            self.stems[read[0]] = self.stems.get(read[0], 0) | bit
        else:
            self.words[read[0]] = self.words.get(read[0], 0) | bit

    @lru_cache(maxsize=None)
    def of(self, word):
        bits = self.words.get(word, 0)
        for end in range(3, len(word) + 1):
            bits |= self.stems.get(word[:end], 0)
        return bits

    def of_phrase(self, first, second):
        return self.phrases.get((first, second), 0)


@lru_cache(maxsize=None)
def grams(word):
    return tuple(h >> (32 - GRAM_BITS) for h in gram_hashes(word))


@lru_cache(maxsize=None)
def hashed(word):
    return word_hash(word)


class Reader:
    """Turns texts into counts, group by group."""

    def __init__(self, concepts, vocabulary):
        self.concepts, self.vocabulary = concepts, vocabulary
        n = len(concepts.names)
        self.pairs = {}
        for a in range(n):
            for b in range(a, n):
                self.pairs[(a, b)] = len(self.pairs)

    def read(self, text):
        """(words, pairs, grams, concepts): index -> count; the last one a set."""
        words, pairs, gram, met = {}, {}, {}, set()
        for sentence in sentences(text):
            bits, before = 0, None
            for word in sentence:
                h = hashed(word)
                index = self.vocabulary.get(word)
                if index is not None:
                    words[index] = words.get(index, 0) + 1
                for g in grams(word):
                    gram[g] = gram.get(g, 0) + 1
                of = self.concepts.of(word)
                if before is not None:
                    p = pair_hash(hashed(before), h) >> (64 - PAIR_BITS)
                    pairs[p] = pairs.get(p, 0) + 1
                    of |= self.concepts.of_phrase(before, word)
                bits |= of
                before = word
            found = [i for i in range(64) if bits >> i & 1]
            for x, a in enumerate(found):
                for b in found[x:]:
                    met.add(self.pairs[(a, b)])
        return words, pairs, gram, met

    def matrix(self, texts):
        """One sparse matrix of counts per group."""
        shapes = [len(self.vocabulary), 1 << PAIR_BITS, 1 << GRAM_BITS, len(self.pairs)]
        rows = [self.read(text) for text in texts]
        result = []
        for group, width in enumerate(shapes):
            data, index, pointer = [], [], [0]
            for row in rows:
                part = row[group]
                keys = sorted(part)
                index.extend(keys)
                data.extend(part[k] for k in keys) if isinstance(part, dict) else data.extend([1] * len(keys))
                pointer.append(len(index))
            result.append(sp.csr_matrix((np.array(data, np.float32), np.array(index, np.int32), np.array(pointer, np.int64)), shape=(len(texts), width)))
        return result
