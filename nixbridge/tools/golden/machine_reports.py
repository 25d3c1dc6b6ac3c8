"""The outcomes for machines: JUnit XML, JSON, GitHub annotations."""

from __future__ import annotations

import json
import os
from xml.etree import ElementTree

from nixbridge.errors.excerpt import printable
from nixbridge.tools.golden.difference import described, shown
from nixbridge.tools.golden.outcome import UNCHECKED, Outcome
from nixbridge.tools.golden.text_report import describe, unified
from nixbridge.tools.workflow_commands import annotation


def junit(outcomes: list[Outcome], seconds: float) -> str:
    """Return a `testsuites` document: differing and missing golden files are failures, everything else is an error.

    It follows the strictest schema, that of Jenkins' xUnit plug-in, which has no `file` and `line`: positions are in the text.
    """
    failures = sum(outcome.status in ("different", "missing", "stale") for outcome in outcomes)
    errors = sum(outcome.status == "error" for outcome in outcomes)
    skipped = sum(outcome.status in ("skipped", UNCHECKED) for outcome in outcomes)
    counts = {"tests": str(len(outcomes)), "failures": str(failures), "errors": str(errors), "time": f"{seconds:.3f}"}
    suites = ElementTree.Element("testsuites", {"name": "nixbridge check", **counts})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "nixbridge", **counts, "skipped": str(skipped)})
    for outcome in outcomes:
        attributes = {"classname": class_name(outcome), "name": test_name(outcome), "time": f"{outcome.seconds:.3f}"}
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if outcome.failed:
            kind = "error" if outcome.status == "error" else "failure"
            found = ElementTree.SubElement(case, kind, {"message": headline(outcome), "type": outcome.status})
            found.text = f"{printable(outcome.file)}:{outcome.line}\n{describe(outcome)}"
        elif outcome.status in ("skipped", UNCHECKED):
            ElementTree.SubElement(case, "skipped", {"message": outcome.message})
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def class_name(outcome: Outcome) -> str:
    """Return `configs/web/canary.nix` as servers group tests: `configs.web.canary`."""
    return printable(os.path.splitext(outcome.file)[0].replace("/", ".").lstrip("."))


def test_name(outcome: Outcome) -> str:
    """Return the name of a test among those of its source: the golden file, or the line of a block."""
    if outcome.case.block is not None:
        return f"block at line {outcome.case.block}"
    return printable(outcome.case.golden_name)


def headline(outcome: Outcome) -> str:
    """Return the problem on one line."""
    if outcome.differences:
        more = len(outcome.differences) - 1
        return described(outcome.differences[0]) + (f" (and {more} more)" if more else "")
    return printable(outcome.message.split("\n")[0]) or outcome.status


def as_json(outcomes: list[Outcome], seconds: float) -> str:
    """Return one object: `summary` with a count for each status, `cases` with name, status, file, line, message, differences."""
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
                    {"kind": one.kind, "path": one.path, "golden": _writable(one.golden), "now": _writable(one.now)}
                    for one in outcome.differences
                ],
                "diff": unified(outcome) if outcome.status == "different" else [],
                "seconds": round(outcome.seconds, 4),
            }
            for outcome in outcomes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _writable(value: object) -> object:
    """Return the value, or a text where it is nested deeper than readers of JSON take."""
    try:
        json.dumps(value, indent=2)
    except RecursionError:
        return shown(value)
    return value


def github(outcomes: list[Outcome]) -> str:
    """Return a workflow command a line for each case that failed, which GitHub shows at the file and line."""
    lines = []
    for outcome in outcomes:
        if outcome.failed:
            place = {"file": outcome.file, "line": outcome.line, "title": f"nixbridge {outcome.status}"}
            lines.append(annotation("error", place, describe(outcome)))
    return "".join(f"{line}\n" for line in lines)
