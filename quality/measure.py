#!/usr/bin/env python3
"""How well the detectors find, as docs/quality.md shows it.

Scans texts with the release binary, so that what is measured is what runs. Always the
texts of this folder and those that generate.py makes; with --data also a folder of
labelled development data, of which only the frozen half counts: the texts whose SHA-256
has an odd byte at a certain place. No pattern was written for a row of that half, but not
all of it is unseen: the rules of `waf` and two forms of driver licences in `pii_detection`
were widened after the first run over it. The gateway's own model for content safety has
seen all of the data; its quality is that of a model trained without this half.

    quality/measure.py [--data FOLDER] [--write docs/quality.md]
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import generate  # noqa: E402

BINARY = HERE.parent / "target/release/tollgate"
JUDGE = HERE.parent / "target/release/examples/content_safety"

PII = """
policies:
  - name: quality
    input:
      - {type: pii_detection, action: redact, entities: [%s]}
"""
# What the gateway finds when nothing is named.
DEFAULTS = """
policies:
  - name: quality
    input:
      - {type: %s, action: flag}
"""
# A text without a place is a value to `waf`; this reads prose.
WAF_IN_PROSE = """
policies:
  - name: quality
    input:
      - {type: waf, action: flag, places: [text]}
"""

# The names of the development data, and ours.
PII_TYPES = {
    "CREDIT_CARD": "credit_card",
    "PHONE_NUMBER": "phone_number",
    "EMAIL_ADDRESS": "email_address",
    "US_SSN": "ssn",
    "IBAN_CODE": "iban_code",
    "IP_ADDRESS": "ip_address",
    "DATE_TIME": "date_time",
    "DOMAIN_NAME": "url",
}
SAFETY_CATEGORIES = {
    "S": "sexual",
    "H": "hate",
    "V": "violence",
    "HR": "harassment",
    "SH": "self_harm",
    "S3": "sexual_minors",
}
WAF_LABELS = {
    "sqli": "sql_injection",
    "xss": "xss",
    "path-traversal": "path_traversal",
    "cmdi": "command_injection",
}


def judge(limit, texts):
    """What content safety finds by a model that has not seen the frozen half."""
    rows = "".join(json.dumps({"id": at, "text": text}) + "\n" for at, text in enumerate(texts))
    command = [OPTIONS.judge, OPTIONS.model, limit]
    done = subprocess.run(command, input=rows, capture_output=True, text=True, check=True)
    return [json.loads(line)["findings"] for line in done.stdout.splitlines()]


def scan(policy, texts, place=None):
    """What `tollgate scan` finds in each text, which stands at a place or by itself."""
    binary = OPTIONS.binary
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "policies.yaml"
        config.write_text(policy)
        at = {"place": place} if place else {}
        rows = "".join(json.dumps({"id": id, "text": text} | at) + "\n" for id, text in enumerate(texts))
        done = subprocess.run(
            [binary, "scan", "--config", config], input=rows, capture_output=True, text=True, check=False
        )
    if done.returncode:
        sys.exit(f"tollgate scan: {done.stderr}")
    return [json.loads(line)["findings"] for line in done.stdout.splitlines()]


def is_frozen(text, byte=0):
    """The frozen half. The first byte is always even in the moderation file, which is a
    half by that already: there the second one tells."""
    return hashlib.sha256(text.encode()).digest()[byte] % 2 == 1


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def share(part, whole):
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "–"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def spans_found(rows, entity):
    """Recall and precision of one entity over texts with spans [(start, end)]."""
    found = scan(PII % entity, [row["text"] for row in rows])
    hit = gold = right = said = 0
    for row, findings in zip(rows, found):
        wanted = row["spans"].get(entity, [])
        gold += len(wanted)
        said += len(findings)
        overlaps = lambda span, finding: span[0] < finding["end"] and finding["start"] < span[1]
        covers = lambda span, finding: finding["start"] <= span[0] and span[1] <= finding["end"]
        hit += sum(any(covers(span, finding) for finding in findings) for span in wanted)
        right += sum(any(overlaps(span, finding) for span in wanted) for finding in findings)
    return hit, gold, right, said


def pii(rows, entities):
    lines = []
    for entity in entities:
        hit, gold, right, said = spans_found(rows, entity)
        lines.append([f"`{entity}`", share(hit, gold), share(right, said)])
    return table(["entity", "recall (whole span covered)", "precision"], lines)


def development_pii(data):
    rows = []
    for row in read(data / "pii.jsonl"):
        if not is_frozen(row["text"]):
            continue
        spans = {}
        for span in row["spans"]:
            name = PII_TYPES.get(span["entity_type"])
            if name:
                spans.setdefault(name, []).append((span["start_position"], span["end_position"]))
        rows.append({"text": row["text"], "spans": spans})
    return pii(rows, sorted(set(PII_TYPES.values())))


def development_waf(data):
    rows = [row for row in read(data / "waf.jsonl") if is_frozen(row["text"])]
    found = scan(DEFAULTS % "waf", [row["text"] for row in rows])
    lines = []
    for label, entity in WAF_LABELS.items():
        mine = [findings for row, findings in zip(rows, found) if row["label"] == label]
        any_attack = sum(bool(findings) for findings in mine)
        right = sum(any(f["entity"] == entity for f in findings) for findings in mine)
        lines.append([f"`{entity}`", share(any_attack, len(mine)), share(right, len(mine))])
    normal = [findings for row, findings in zip(rows, found) if row["label"] == "norm"]
    wrong = sum(bool(findings) for findings in normal)
    return table(["attack", "found as any attack", "found as this one"], lines) + (
        f"\nNormal values taken for an attack: {share(wrong, len(normal))}.\n"
    )


def average_precision(scored, positives):
    """The area under the precision-recall curve, by steps."""
    scored = sorted(scored, key=lambda pair: -pair[0])
    right, area = 0, 0.0
    for rank, (_, is_right) in enumerate(scored, 1):
        if is_right:
            right += 1
            area += right / rank
    return area / positives if positives else float("nan")


def best_f1(scored, positives):
    best, right = (0.0, 0.0, 0.0), 0
    scored = sorted(scored, key=lambda pair: -pair[0])
    for rank, (_, is_right) in enumerate(scored, 1):
        right += is_right
        precision, recall = right / rank, right / positives
        if precision + recall:
            best = max(best, (2 * precision * recall / (precision + recall), precision, recall))
    return best


def development_safety(data):
    rows = read(data / "safety_moderation_half.jsonl")
    rows = [row for row in rows if is_frozen(row["prompt"], byte=1)]
    texts = [row["prompt"] for row in rows]
    found = judge("0.01", texts)
    blocking = judge("4", texts)
    lines = []
    for label, entity in SAFETY_CATEGORIES.items():
        known = [(row, f, b) for row, f, b in zip(rows, found, blocking) if label in row]
        scored = [
            (max((x["score"] for x in f if x["entity"] == entity), default=0.0), bool(row[label]))
            for row, f, _ in known
        ]
        positives = sum(is_right for _, is_right in scored)
        flagged = [
            (any(x["entity"] == entity for x in b), bool(row[label])) for row, _, b in known
        ]
        right = sum(f and r for f, r in flagged)
        said = sum(f for f, _ in flagged)
        lines.append(
            [
                f"`{entity}`",
                f"{positives}/{len(scored)}",
                f"{average_precision(scored, positives):.3f}",
                share(right, positives),
                share(right, said),
            ]
        )
    harm = [
        (
            max((x["score"] for x in f), default=0.0),
            any(row.get(label) for label in SAFETY_CATEGORIES),
        )
        for row, f in zip(rows, found)
    ]
    positives = sum(is_right for _, is_right in harm)
    best, best_precision, best_recall = best_f1(harm, positives)
    blocked = [(bool(b), is_right) for b, (_, is_right) in zip(blocking, harm)]
    right = sum(b and is_right for b, is_right in blocked)
    recall, precision = right / positives, right / max(1, sum(b for b, _ in blocked))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    head = ["category", "positive", "area under precision and recall", "recall as configured by default", "precision as configured by default"]
    return table(head, lines) + (
        f"\nAny harm, by the limit of each category (severity 4): precision {precision:.2f}, "
        f"recall {recall:.2f}, F1 {f1:.2f}.\nBy one limit for the greatest probability of "
        f"all categories, the best one: precision {best_precision:.2f}, recall "
        f"{best_recall:.2f}, F1 {best:.2f}.\n" + glance_loss(texts, found)
    )


def glance_loss(texts, found):
    """What the first glance costs. Below 0.30 there is none, and all is looked at closely."""
    limit = 0.30
    entities = lambda findings: {(f["entity"], f["start"]) for f in findings if f["score"] >= limit}
    closely = [entities(findings) for findings in found]
    glanced = [entities(findings) for findings in judge(f"{limit:.2f}", texts)]
    lost = sum(len(all - some) for all, some in zip(closely, glanced))
    return (
        f"The first glance passes {lost} of {sum(map(len, closely))} findings of a probability "
        f"of {limit:.2f} or more.\n"
    )


def benign(data):
    """False findings on texts where there is nothing to find."""
    own = generate.benign()
    sets = {name: own[name] for name in sorted(own)}
    if data:
        rows = read(data / "injection.jsonl")
        sets["development: benign prompts"] = [r["text"] for r in rows if not r["label"] and is_frozen(r["text"])]
    lines = []
    kinds = ["pii_detection", "secrets", "waf", "content_safety", "input_validation"]
    policies = [(f"`{kind}`", DEFAULTS % kind, None) for kind in kinds]
    policies.append(("`waf`, as prose", WAF_IN_PROSE, "text"))
    for detector, policy, place in policies:
        for name, texts in sets.items():
            # The gateway's own model was trained on these.
            if detector == "`content_safety`" and name.startswith("development"):
                continue
            found = scan(policy, texts, place)
            wrong = [findings for findings in found if findings]
            kinds = sorted({f["entity"] for findings in wrong for f in findings})
            lines.append([detector, name, len(texts), len(wrong), ", ".join(kinds[:6])])
    return table(["detector", "texts", "how many", "with a finding", "what"], lines)


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of labelled development data")
    parser.add_argument("--binary", type=pathlib.Path, default=BINARY, help="the gateway; default: %(default)s")
    parser.add_argument("--model", type=pathlib.Path, help="a content safety model that has not seen the frozen half")
    parser.add_argument("--judge", type=pathlib.Path, default=JUDGE, help="what judges by it; default: %(default)s")
    parser.add_argument("--write", type=pathlib.Path, help="the page to write; default: standard output")
    return parser.parse_args()


def main():
    arguments = OPTIONS
    page = [
        "# How well the detectors find\n",
        "Measured by `make quality` with the release binary. Two kinds of text: those that",
        "`quality/generate.py` makes and those of `quality/benign/`, written for this purpose;",
        "and, where a folder is given (`make quality DATA=FOLDER`), the frozen half of labelled",
        "development data. No pattern was written for a row of that half, but it is not wholly",
        "unseen: the rules of `waf` and two forms of driver licences in `pii_detection` were",
        "widened after the first run over it. Neither kind says how your texts are: run",
        "`tollgate scan` on some of them.\n",
        "## Texts that are not what is looked for\n",
        benign(arguments.data),
        "## `pii_detection` on generated texts\n",
        "Valid values in the forms that people write them in, in sentences, tables, JSON and logs.\n",
        pii(generate.pii(), sorted(generate.ENTITIES)),
    ]
    if arguments.data:
        page += [
            "## `pii_detection` on development data\n",
            development_pii(arguments.data),
            "## `waf` on development data\n",
            development_waf(arguments.data),
        ]
    if arguments.data and arguments.model:
        page += [
            "## `content_safety` on development data\n",
            "By a model that was trained as the gateway's own, but without this half. The",
            "gateway's own has seen all of the data.\n",
            development_safety(arguments.data),
        ]
    text = "\n".join(page)
    if arguments.write:
        arguments.write.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    OPTIONS = options()
    main()
