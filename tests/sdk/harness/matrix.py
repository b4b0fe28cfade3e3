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
        """A table of abilities for each SDK, a column for each target, and the reasons below."""
        parts = [HEAD]
        for sdk in dict.fromkeys(line["sdk"] for line in self.results):
            parts.append(self._table(sdk, [line for line in self.results if line["sdk"] == sdk]))
        return "\n".join(parts)

    @staticmethod
    def _table(sdk, lines):
        targets = list(dict.fromkeys(line["target"] for line in lines))
        reasons, cells = {}, collections.defaultdict(dict)
        for line in lines:
            mark = "yes"
            if line["outcome"] != PASS:
                reason = line["detail"].splitlines()[0] if line["outcome"] != FAIL else "fails"
                mark = f"{'–' if line['outcome'] == NOT_CARRIED else 'no'} [{reasons.setdefault(reason, len(reasons) + 1)}]"
            cells[line["ability"]][line["target"]] = mark
        titles = [target or "result" for target in targets]
        rows = [f"## {sdk}\n", f"| ability | {' | '.join(titles)} |", "|---" * (len(targets) + 1) + "|"]
        for ability, marks in cells.items():
            rows.append(f"| {ability} | {' | '.join(marks.get(target, '') for target in targets)} |")
        rows += [""] + [f"{number}. {reason}" for reason, number in reasons.items()]
        return "\n".join(rows) + ("\n" if reasons else "")


HEAD = """# What SDKs can do through the gateway

<!-- Written by `tests/sdk/run --write`; do not edit. -->

Official SDKs, unchanged, with the gateway's address and a gateway key and nothing else set.
`sim-*` is the [simulator](simulator.md), `mock-*` is aimock, a stand-in of other people;
`-openai` and `-anthropic` say which format the gateway speaks with it. So an SDK at a
target of the other format is translated, both ways. "–" means that one of the two has no
such thing.
"""


def lines_of(text):
    """Reports among whatever else a suite prints."""
    for line in text.splitlines():
        if line.startswith('{"sdk"'):
            yield json.loads(line)
