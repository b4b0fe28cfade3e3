"""Scores texts with a written model: what the gateway must agree with.

    python score.py MODEL < texts, one JSON string a line
    python score.py MODEL --cases        writes the cases of the Rust test
"""

import json
import math
import struct
import sys
from pathlib import Path

import numpy as np

from data import HEADS
from export import PHRASE, STEM
from features import GRAM_BITS, PAIR_BITS
from reading import gram_hashes, pair_hash, sentences, word_hash

CASES = [
    "", " ", "Hello, how are you today?", "I will kill you", "How do I kill a Python process?", "k i l l  h i m  n o w",
    "K1ll y0ur$elf, nobody likes you!!!", "I want to die. I can't go on anymore.", "Ich will nicht mehr leben.", "我想自杀。",
    "死にたい、もう疲れた", "Я тебя убью", "\u043aill the \u0440eople", "f*ck you, you stupid a$$hole", "Fuuuuuck thiiiis shiiiit",
    "We should hang all of them. They are vermin.", "I love my neighbours, they are lovely people.", "Ⓚⓘⓛⓛ 𝐲𝐨𝐮 ｔｏｎｉｇｈｔ",
    "How do I make a bomb at home?", "How do I make a bath bomb?", "A U.S.A. made 13yo 1999 car 7", "ki\u200bll zero\u00adwidth",
    "She moaned as he slid inside her, naked and wet.", "Breast cancer screening starts at 50.", "x" * 100, "word " * 80,
    "Quiero morir, ya no aguanto más. ¿Cómo puedo suicidarme?", "سأقتلك غدا", "def kill(pid): os.kill(pid, 9)  # zombie\n\n\tchild.terminate()",
    "日本", "日", "e\u0301tait l'été d’août naïve œuvre Straße", "a b c d, e f", "!!! $$$ *** 1*2 @@", "Don't hate; don't kill. Why? Because.",
]


class Model:
    def __init__(self, path):
        data = Path(path).read_bytes()
        assert data[:8] == b"TGSAFE03"
        heads, words, slots, self.concept_count, known, met = struct.unpack_from("<6I", data, 8)
        at = 32
        self.heads = np.frombuffer(data, "<f4", heads * 8, at).reshape(heads, 8)
        at += heads * 32 + 656
        self.slots = np.frombuffer(data, "<u4", slots, at)
        at += slots * 4
        row = np.dtype([("word", "<i2", heads), ("word2", "<u2"), ("grams", "<i2", heads), ("grams2", "<u2"), ("bits", "<u8")])
        self.words = np.frombuffer(data, row, words, at)
        at += words * row.itemsize
        table = np.dtype([("row", "i1", heads), ("square", "u1")])
        self.pairs = np.frombuffer(data, table, 1 << PAIR_BITS, at)
        at += (1 << PAIR_BITS) * table.itemsize
        self.grams = np.frombuffer(data, table, 1 << GRAM_BITS, at)
        at += (1 << GRAM_BITS) * table.itemsize
        self.known = dict((int(k), int(v)) for k, v in np.frombuffer(data, "<u8", known * 2, at).reshape(known, 2) if v)
        at += known * 16
        self.met = np.frombuffer(data, "<i2", met * heads, at).reshape(met, heads)

    def word(self, h):
        bits = len(self.slots).bit_length() - 1
        at = h >> (64 - bits)
        while self.slots[at]:
            if int(self.slots[at]) >> 16 == h >> 16 & 0xFFFF:
                return self.words[(int(self.slots[at]) & 0xFFFF) - 1]
            at = (at + 1) % len(self.slots)
        return None

    def scores(self, text):
        first, second = np.zeros(len(self.heads), int), np.zeros(len(self.heads), int)
        first2 = second2 = 0
        met = set()
        for sentence in sentences(text):
            bits, before = 0, None
            for word in sentence:
                h = word_hash(word)
                row = self.word(h)
                if row is not None:
                    first += row["word"]
                    first2 += int(row["word2"])
                    second += row["grams"]
                    second2 += int(row["grams2"])
                    bits |= int(row["bits"])
                else:
                    for g in gram_hashes(word):
                        gram = self.grams[g >> (32 - GRAM_BITS)]
                        second += gram["row"]
                        second2 += int(gram["square"])
                    bits |= self.known.get(h, 0)
                    for end in range(3, len(word) + 1):
                        bits |= self.known.get(word_hash(word[:end]) ^ STEM, 0)
                if before is not None:
                    p = pair_hash(before, h)
                    pair = self.pairs[p >> (64 - PAIR_BITS)]
                    first += pair["row"]
                    first2 += int(pair["square"])
                    bits |= self.known.get(p ^ PHRASE, 0)
                before = h
            found = [i for i in range(64) if bits >> i & 1]
            for x, a in enumerate(found):
                for b in found[x:]:
                    met.add(a * self.concept_count - a * (a - 1) // 2 + b - a)
        concepts = self.met[sorted(met)].astype(int).sum(0) if met else np.zeros(len(self.heads), int)
        lengths = [max(math.sqrt(first2), 1e-6), max(math.sqrt(second2), 1e-6), max(len(met), 1) ** 0.25]
        result = []
        for i, (s1, s2, s3, bias, slope, offset, _, _) in enumerate(self.heads.astype(float)):
            z = bias + first[i] * s1 / lengths[0] + second[i] * s2 / lengths[1] + concepts[i] * s3 / lengths[2]
            result.append(1 / (1 + math.exp(-(slope * z + offset))))
        return result


def main():
    model = Model(sys.argv[1])
    if "--cases" in sys.argv:
        cases = [[text, [round(s, 4) for s in model.scores(text)]] for text in CASES]
        path = Path(__file__).parents[2] / "crates/core/policy/src/detectors/content_safety/tests/scores.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text("[\n" + ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases) + "\n]\n")
        return
    for line in sys.stdin:
        text = json.loads(line)
        print(" ".join(f"{name}={score:.2f}" for name, score in zip(HEADS, model.scores(text)) if score >= 0.05) or "-", "|", text[:100])


if __name__ == "__main__":
    main()
