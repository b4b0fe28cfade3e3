"""The rows the model is trained on, from the folder of development data and the templates."""

import hashlib
import json
import random
import re
from pathlib import Path

HEADS = ["hate", "violence", "self_harm", "sexual", "sexual_minors", "harassment", "illicit",
         "hate_threat", "graphic", "self_harm_how"]
MODERATION = {"S": "sexual", "H": "hate", "V": "violence", "HR": "harassment", "SH": "self_harm",
              "S3": "sexual_minors", "H2": "hate_threat", "V2": "graphic"}
FOLDS = 5
NAMES = ["John", "Mary", "Ali", "Chen", "Anna", "Peter", "she", "he"]
PLACEHOLDERS = {"Person": NAMES, "Organization": ["the company", "the agency", "the club"], "DateTime": ["today", "last year", "Monday"],
                "URL": ["link", ""], "PhoneNumber": ["555", ""], "Location": ["town", "London"], "Address": ["Main Street"]}


def digest(text):
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


def fold_of(text):
    """Near copies share a fold."""
    return digest(key_of(text)) % FOLDS


def key_of(text):
    """Near copies have the same."""
    return " ".join(re.findall(r"\w+", text.lower())[:6])


def is_frozen(text, byte=1):
    """The frozen half, as `quality/measure.py` has it: only for numbers. The first byte of
    the hash is always even in the moderation file, which is a half already."""
    return hashlib.sha256(text.encode()).digest()[byte] % 2 == 1


def unmask(text):
    """Placeholders of anonymised texts become words again, always the same."""
    def choose(match):
        options = PLACEHOLDERS.get(match[1], ["thing"])
        return options[digest(text + str(match.start())) % len(options)]
    return re.sub(r"<+([A-Z][A-Za-z]+)>+", choose, text)


def row(text, labels, source, weight=1.0, family=None, default=0.0):
    """`labels`: head -> 0/1/None (unknown); heads not named count as 0 with `default` of the weight."""
    return {"text": text, "labels": labels, "source": source, "weight": weight, "default": default,
            "fold": digest(family) % FOLDS if family else fold_of(text), "held": False}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def moderation(folder):
    items = lines(folder / "safety_moderation_half.jsonl")
    frozen = {key_of(item["prompt"]) for item in items if is_frozen(item["prompt"])}
    for item in items:
        labels = {head: item.get(key) for key, head in MODERATION.items()}
        made = row(unmask(item["prompt"]), labels, "moderation", default=0.3)
        made["held"] = key_of(item["prompt"]) in frozen
        yield made


def tweets(folder, count):
    items = sorted(lines(folder / "safety_hate_tweets.jsonl"), key=lambda i: digest(i["text"]))
    for label, share in (("hate", 1.0), ("offensive", 0.5), ("neither", 0.5)):
        for item in [i for i in items if i["label"] == label][: int(count * share)]:
            text = re.sub(r"&#\d+;", " ", item["text"]).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
            text = re.sub(r"@\w+|https?://\S+|\bRT\b", " ", text)
            if label == "hate":
                labels = {"hate": 1, "harassment": None, "violence": None, "sexual": None, "hate_threat": None}
            elif label == "offensive":
                labels = {"hate": None, "harassment": None, "sexual": None, "violence": None}
            else:
                labels = {head: 0 for head in HEADS}
            yield row(text, labels, f"tweet {label}", weight=0.25, default=0.3)


def toxicity(folder):
    for item in lines(folder / "safety_toxicity.jsonl"):
        if item["is_toxic"] == "Toxic":
            labels = {"harassment": 1, "hate": None, "violence": None, "sexual": None, "self_harm": None}
        else:
            labels = {head: 0 for head in HEADS}
        yield row(item["text"], labels, f"comment {item['is_toxic']}", weight=0.3)


def benign(folder, corpus):
    for item in lines(folder / "pii.jsonl"):
        yield row(item["text"], {head: 0 for head in HEADS}, "pii", weight=0.5)
    for item in lines(folder / "injection.jsonl"):
        if item["label"] == 0:
            yield row(item["text"], {head: 0 for head in HEADS}, "prompt")
        else:
            yield row(item["text"], {head: 0 for head in HEADS if head not in ("illicit", "harassment")}, "injection", weight=0.3)
    norm = [i["text"] for i in lines(folder / "waf.jsonl") if i["label"] == "norm"]
    for start in range(0, min(len(norm), 4000), 8):
        yield row(" ".join(norm[start:start + 8]), {head: 0 for head in HEADS}, "parameters", weight=0.3)
    if corpus:
        yield from passages(Path(corpus))


def passages(folder, count=3000):
    """Pieces of the texts and source files of a folder, whichever it is."""
    kinds = {".md", ".rst", ".txt", ".rs", ".py", ".html", ".toml", ".json", ".c", ".h", ".sh"}
    files = sorted(path for path in folder.rglob("*") if path.suffix in kinds and path.is_file())
    rng = random.Random(11)
    rng.shuffle(files)
    for path in files[:count]:
        text = path.read_text(errors="replace")[:400_000]
        at = rng.randrange(max(1, len(text) - 800))
        piece = text[at:at + rng.choice([150, 400, 900])]
        if len(piece) > 60:
            yield row(piece, {head: 0 for head in HEADS}, "passage", weight=0.5)


def templates():
    from templates import generate

    for text, positive, family in generate():
        labels = {head: int(head in positive) for head in HEADS}
        if "hate" in positive or "violence" in positive:
            labels["harassment"] = None
        if positive and "self_harm" not in positive and "graphic" not in positive and "sexual" not in positive:
            labels["violence"] = 1 if "violence" in positive else (None if "hate" in positive else 0)
        yield row(text, labels, "template", weight=0.3, family=family)


def load(folder, corpus=None, tweet_count=1430):
    folder = Path(folder)
    rows = []
    for part in (moderation(folder), tweets(folder, tweet_count), toxicity(folder), benign(folder, corpus), templates()):
        rows.extend(part)
    return rows
