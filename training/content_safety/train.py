"""Trains the model of `content_safety` and writes it as the gateway reads it.

    pip install -r requirements.txt
    python train.py DATA [--passages FOLDER] [--out MODEL] [--half MODEL [--half-only]]

DATA is the folder of development data; `--passages` a folder of any texts and source
files, taken as harmless. `--half` writes a second model that has not seen the frozen half
of the moderation rows: what `docs/detectors/content_safety.md` says of quality is measured
with it. The same input gives the same model.
"""

import argparse
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

import data
from export import write
from glance import learn, pack
from features import Concepts, Reader
from reading import sentences
from score import Model

warnings.filterwarnings("ignore")

# Chosen by cross-validation on the half that is not frozen.
PENALTY = 5.0
CONCEPT_SCALE = 0.5
SOURCE_WEIGHTS = {"tweet": 0.15, "comment": 0.3}
BENIGN = ("pii", "prompt", "passage", "parameters")


class Numbers:
    """The matrix of all rows, and what is needed to compute a row elsewhere."""

    def __init__(self, rows):
        read = [sentences(row["text"]) for row in rows]
        seen = Counter(word for text in read for word in {w for s in text for w in s})
        self.vocabulary = {word: i for i, word in enumerate(sorted(w for w in seen if seen[w] >= 2))}
        self.concepts = Concepts()
        self.reader = Reader(self.concepts, self.vocabulary)
        words, pairs, grams, met = self.reader.matrix([row["text"] for row in rows])
        count = len(rows)
        self.word_idf, self.pair_idf, self.gram_idf = (self.idf(m, count) for m in (words, pairs, grams))
        first = sp.hstack([words, pairs]).tocsr()
        first_idf = np.concatenate([self.word_idf, self.pair_idf])
        self.first, self.second = words.shape[1] + pairs.shape[1], grams.shape[1]
        self.matrix = sp.hstack([
            self.scaled(first, first_idf), self.scaled(grams, self.gram_idf),
            sp.diags(CONCEPT_SCALE / np.maximum(np.asarray(met.sum(1)).ravel(), 1) ** 0.25) @ met,
        ]).tocsr()

    @staticmethod
    def idf(counts, rows):
        seen = np.asarray((counts > 0).sum(0)).ravel()
        # As the model stores it: the square, rounded.
        return np.sqrt(np.round((np.log((rows + 1) / (seen + 1)) + 1) ** 2))

    @staticmethod
    def scaled(counts, idf):
        norm = np.sqrt(np.asarray(counts @ idf ** 2).ravel())
        return sp.diags(1 / np.maximum(norm, 1e-6)) @ counts @ sp.diags(idf)


def targets(rows, head):
    """Labels (-1 unknown) and weights for one head."""
    labels, weights = [], []
    for row in rows:
        label = row["labels"].get(head, 0)
        weight = row["weight"] * next((v for k, v in SOURCE_WEIGHTS.items() if row["source"].startswith(k)), 1)
        if row["labels"].get(head) is None:
            weight *= row["default"]
            label = 0 if row["default"] and head not in row["labels"] or row["source"] == "moderation" else -1
        labels.append(label)
        weights.append(weight)
    return np.array(labels), np.array(weights)


def fit(matrix, labels, weights, use):
    use = use & (labels >= 0) & (weights > 0)
    weights = weights[use].copy()
    positive = labels[use] == 1
    weights[positive] *= np.sqrt(weights[~positive].sum() / weights[positive].sum())
    model = LogisticRegression(C=PENALTY, max_iter=300, solver="liblinear", random_state=0)
    return model.fit(matrix[use], labels[use], sample_weight=weights)


def calibrate(scores, labels, weights):
    """Slope and offset that make a decision value a probability."""
    model = LogisticRegression(C=1e3).fit(scores[:, None], labels, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def known(rows, head, source="moderation"):
    return np.array([row["source"].startswith(source) and row["labels"].get(head) is not None for row in rows])


def train(rows, numbers, use, names):
    """Coefficients per head, calibrated on rows that each fold had not seen."""
    folds = np.array([row["fold"] for row in rows])
    result = {}
    for head in names:
        labels, weights = targets(rows, head)
        unseen = np.zeros(len(rows))
        for fold in range(data.FOLDS):
            model = fit(numbers.matrix, labels, weights, use & (folds != fold))
            unseen[folds == fold] = model.decision_function(numbers.matrix[folds == fold])
        model = fit(numbers.matrix, labels, weights, use)
        trusted = use & (labels >= 0) & (weights > 0)
        slope, offset = calibrate(unseen[trusted], labels[trusted], weights[trusted])
        result[head] = {"coefficients": model.coef_[0], "bias": float(model.intercept_[0]), "slope": slope, "offset": offset,
                        "unseen": 1 / (1 + np.exp(-(slope * unseen + offset))), "labels": labels, "weights": weights}
    return result


def precision_at(found, judged, at):
    hit = judged & (found["unseen"] >= at)
    return (found["labels"][hit] == 1).sum() / max(1, hit.sum())


def choose(rows, heads, use):
    """Two probabilities per category: where a finding begins to be likely, and where to act."""
    plain = np.array([row["source"].startswith(BENIGN) for row in rows]) & use
    alike = np.array([row["source"] == "template" and not any(row["labels"].values()) for row in rows]) & use
    for head, found in heads.items():
        judged = known(rows, head) if known(rows, head).any() else np.array([row["source"] == "template" for row in rows])
        judged &= use
        scores, labels = found["unseen"][judged], found["labels"][judged]
        best, likely, acting = -1, 0.5, 0.9
        for at in np.arange(0.02, 0.99, 0.01):
            hit = scores >= at
            right = (labels[hit] == 1).sum()
            precision, recall = right / max(1, hit.sum()), right / max(1, (labels == 1).sum())
            score = 2 * precision * recall / max(1e-9, precision + recall)
            if score > best:
                best, likely = score, at
        ours = judged | (known(rows, head, "template") & use)
        for at in np.arange(likely, 0.99, 0.01):
            precise = precision_at(found, judged, at) >= 0.65 and precision_at(found, ours, at) >= 0.75
            hits = found["unseen"] >= at
            if precise and hits[plain].mean() <= 0.001 and hits[alike].mean() <= 0.02:
                acting = at
                break
        found["likely"], found["acting"] = round(float(likely), 2), round(float(acting), 2)


def report(rows, heads, which, title):
    print(title)
    benign = np.array([row["source"].startswith(BENIGN) for row in rows])
    alike = np.array([row["source"] == "template" and not any(row["labels"].values()) for row in rows])
    for head, found in heads.items():
        judged = known(rows, head) & which
        text = f"  {head:14s} likely {found['likely']:.2f} act {found['acting']:.2f} "
        scores, labels = found["unseen"], found["labels"]
        for name, mask in (("", judged), ("templates ", known(rows, head, "template"))):
            if mask.any() and (labels[mask] == 1).sum() > 4:
                hit = scores[mask] >= found["acting"]
                right = (labels[mask][hit] == 1).sum()
                text += f"| {name}n {(labels[mask] == 1).sum()}/{mask.sum()} AUPRC {average_precision_score(labels[mask] == 1, scores[mask]):.3f} P {right / max(1, hit.sum()):.2f} R {right / (labels[mask] == 1).sum():.2f} "
        text += f"| benign {(scores[benign] >= found['acting']).mean():.4f} alike {(scores[alike] >= found['acting']).mean():.4f}"
        print(text)


def build(rows, path, title):
    """Trains a model and writes it, and once more with the first glance learned from it."""
    print(title, len(rows), Counter(row["source"] for row in rows))
    numbers = Numbers(rows)
    everything = np.ones(len(rows), bool)
    heads = train(rows, numbers, everything, data.HEADS)
    choose(rows, heads, everything)
    report(rows, heads, everything, "each row judged by a model that had not seen it")
    write(path, numbers, heads, CONCEPT_SCALE)
    likely = np.array([heads[name]["likely"] for name in data.HEADS[:7]])
    weights, enough = learn(rows, numbers.concepts, Model(path), likely)
    write(path, numbers, heads, CONCEPT_SCALE, pack(weights, enough))
    print("size", path.stat().st_size)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--passages", type=Path)
    arguments.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "crates/core/policy/src/detectors/content_safety/model.bin")
    arguments.add_argument("--half", type=Path)
    arguments.add_argument("--half-only", action="store_true")
    options = arguments.parse_args()
    rows = data.load(options.data, options.passages)
    if options.half:
        build([row for row in rows if not row["held"]], options.half, "without the frozen half")
    if not options.half_only:
        build(rows, options.out, "with everything")


if __name__ == "__main__":
    main()
