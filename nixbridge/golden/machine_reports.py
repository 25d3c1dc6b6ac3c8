"""The outcomes for machines: JUnit XML, JSON, GitHub annotations."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from nixbridge.errors.excerpt import printable
from nixbridge.golden.outcome import Outcome
from nixbridge.golden.report import describe, tell, unified


def junit(outcomes: list[Outcome], seconds: float) -> str:
    """A `testsuites` document: differing and missing goldens are failures, what cannot be told is an error."""
    failures = [outcome for outcome in outcomes if outcome.status in ("different", "missing", "stale")]
    errors = [outcome for outcome in outcomes if outcome.status == "error"]
    counts = {"tests": str(len(outcomes)), "failures": str(len(failures)), "errors": str(len(errors))}
    suites = ElementTree.Element("testsuites", {"name": "nixbridge check", "time": f"{seconds:.3f}", **counts})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "nixbridge", "time": f"{seconds:.3f}", **counts})
    for outcome in outcomes:
        attributes = {"classname": outcome.file, "name": outcome.name, "file": outcome.file, "line": str(outcome.line)}
        case = ElementTree.SubElement(suite, "testcase", {**attributes, "time": f"{outcome.seconds:.3f}"})
        if outcome.failed:
            kind = "error" if outcome.status == "error" else "failure"
            found = ElementTree.SubElement(case, kind, {"message": headline(outcome), "type": outcome.status})
            found.text = describe(outcome)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def headline(outcome: Outcome) -> str:
    """What is wrong, on one line."""
    if outcome.differences:
        more = len(outcome.differences) - 1
        return tell(outcome.differences[0]) + (f" (and {more} more)" if more else "")
    return printable(outcome.message.split("\n")[0]) or outcome.status


def as_json(outcomes: list[Outcome], seconds: float) -> str:
    """One object: `summary` with a count for each status, `cases` with name, status, file, line, message, differences."""
    statuses = [outcome.status for outcome in outcomes]
    document = {
        "summary": {status: statuses.count(status) for status in sorted(set(statuses))}
        | {"seconds": round(seconds, 3)},
        "cases": [
            {
                "name": outcome.name,
                "status": outcome.status,
                "file": outcome.file,
                "line": outcome.line,
                "golden": outcome.case.golden,
                "message": outcome.message,
                "differences": [
                    {"kind": one.kind, "path": one.path, "golden": one.golden, "now": one.now}
                    for one in outcome.differences
                ],
                "diff": unified(outcome) if outcome.status == "different" else [],
                "seconds": round(outcome.seconds, 4),
            }
            for outcome in outcomes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def github(outcomes: list[Outcome]) -> str:
    """A workflow command a line for each case that failed, which GitHub shows at the file and line."""
    lines = []
    for outcome in outcomes:
        if outcome.failed:
            place = (
                f"file={_property(outcome.file)},line={outcome.line},title={_property('nixbridge ' + outcome.status)}"
            )
            lines.append(f"::error {place}::{_data(describe(outcome))}")
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
