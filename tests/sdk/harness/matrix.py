"""What each SDK can do at each target: collected, compared with what is known, written down."""

import collections
import json

PASS, NOT_CARRIED, FAIL, KNOWN = "pass", "not carried", "fail", "known"


class Matrix:
    """Every result of a run."""

    def __init__(self, known):
        self.known = known
        self.results = []

    def add(self, line):
        """Takes a line that a suite reported."""
        cause = self._cause(line)
        if line["outcome"] == FAIL and cause:
            line |= {"outcome": KNOWN, "detail": cause}
        elif line["outcome"] == PASS and cause:
            line |= {"outcome": FAIL, "detail": "passes although it is listed in harness/known.py: take it out"}
        self.results.append(line)
        if line["outcome"] == FAIL:
            print(f"  FAILED: {line['sdk']} at {line['target']}: {line['ability']}: {line['detail']}", flush=True)

    def check(self, name, failure=None, skipped=None):
        """Notes a check that belongs to no SDK: passed, unless it failed or was skipped for a reason."""
        outcome = FAIL if failure else NOT_CARRIED if skipped else PASS
        self.add({
            "sdk": "What the gateway tells", "target": "", "ability": name,
            "outcome": outcome, "detail": failure or skipped or "",
        })

    def _cause(self, line):
        for sdk, target, ability, cause in self.known:
            if line["sdk"].startswith(sdk) and line["target"].startswith(target) and line["ability"] == ability:
                return cause
        return None

    def count(self, *outcomes):
        return sum(line["outcome"] in outcomes for line in self.results)

    def summary(self):
        """`N passed, N failed`, and what is not in those two."""
        text = f"{self.count(PASS)} passed, {self.count(FAIL)} failed"
        for outcome, words in ((KNOWN, "known to fail"), (NOT_CARRIED, "not applicable")):
            if self.count(outcome):
                text += f", {self.count(outcome)} {words}"
        return text

    def markdown(self):
        """A table for each group of SDKs that ran at the same targets, and the reasons below."""
        groups = collections.defaultdict(list)
        for sdk in dict.fromkeys(line["sdk"] for line in self.results):
            lines = [line for line in self.results if line["sdk"] == sdk]
            targets = tuple(dict.fromkeys(line["target"] for line in lines))
            # The first word is the package: its majors stand side by side.
            groups[targets, sdk.split()[0], sdk.split()[-1]].append(lines)
        return HEAD + "".join(table(targets, columns) for (targets, *_), columns in groups.items())


def table(targets, columns):
    """Rows are abilities, columns are SDKs; a cell has a mark for each target, in order."""
    reasons = {}
    cells = collections.defaultdict(lambda: collections.defaultdict(str))
    for lines in columns:
        for line in lines:
            cells[line["ability"]][line["sdk"]] += mark(line, reasons)
    sdks = [lines[0]["sdk"] for lines in columns]
    where = ", ".join(f"`{target}`" for target in targets if target)
    rows = [f"## At {where}\n" if where else f"## {sdks[0]}\n"]
    rows.append(f"| ability | {' | '.join(sdks if where else ['result'])} |")
    rows.append("|---" * (len(sdks) + 1) + "|")
    rows += [f"| {ability} | {' | '.join(marks[sdk] for sdk in sdks)} |" for ability, marks in cells.items()]
    if reasons:
        rows += [""] + [f"- {sign}: {reason}" for reason, sign in reasons.items()]
    return "\n" + "\n".join(rows) + "\n"


def mark(line, reasons):
    if line["outcome"] == PASS:
        return "✓"
    if line["outcome"] == FAIL:
        return "✗"
    # A letter stands for the reason why this pair has no such thing.
    return reasons.setdefault(line["detail"].splitlines()[0], chr(ord("a") + len(reasons)))


HEAD = """# What SDKs can do through the gateway

<!-- Written by `tests/sdk/run --all --write`; do not edit. -->

Official SDKs, unchanged, with the gateway's address and a gateway key and nothing else set.
`sim-*` is the [simulator](simulator.md), `mock-*` is aimock and `litellm-*` LiteLLM's proxy,
both written by others; what stands behind says which format the gateway speaks there (`-openai` is
Chat Completions, `-responses` OpenAI Responses). So an SDK at a target of another format is
translated, both ways. At `passing` nothing is.

A cell has a mark for each target, in the order of the heading: ✓ works, ✗ does not, a
letter is a reason below the table why there is no such thing.
"""


def lines_of(text):
    """Reports among whatever else a suite prints."""
    for line in text.splitlines():
        if line.startswith('{"sdk"'):
            yield json.loads(line)
