"""Findings as SARIF 2.1.0 (OASIS), which code scanning services read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from urllib.parse import quote

from nixbridge.language.formats.document import JsonObject
from nixbridge.source import Source
from nixbridge.tools.lint.finding import Finding
from nixbridge.tools.lint.fixing import edits_of
from nixbridge.tools.lint.formats import shown_name
from nixbridge.tools.lint.rule import Rule
from nixbridge.tools.lint.rule_table import OTHERS, RULES, anchor_of, page_of
from nixbridge.tools.lint.run import File, place_of
from nixbridge.version import __version__

DOCUMENTATION = "https://github.com/nixbridge/nixbridge/blob/main/docs/lint.md"
#: The name of our fingerprints; another way to make them gets another number.
FINGERPRINT = "nixbridge/v1"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"


def as_sarif(files: Sequence[File]) -> str:
    """Return one run: the tool with all its rules, and a result a finding; those that a comment switches off are marked as such."""
    rules = [*(_other(code) for code in OTHERS), *(_rule(rule) for rule in RULES.values())]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [
        _result(finding, file, index, fingerprint)
        for file in files
        for finding, fingerprint in zip(file.found, fingerprints(file), strict=True)
    ]
    run = {
        "tool": {
            "driver": {"name": "nixbridge", "version": __version__, "semanticVersion": __version__, "rules": rules}
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> JsonObject:
    text = f"{rule.summary}\n\n{rule.explanation}".strip()
    return {
        "id": rule.code,
        "name": _pascal(rule.name),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": text},
        "help": {"text": text, "markdown": rule.page()},
        "helpUri": help_uri(rule.code),
        "defaultConfiguration": {"level": rule.level},
        "properties": {"tags": list(rule.also)},
    }


def _other(code: str) -> JsonObject:
    name, level, page = OTHERS[code]
    return {
        "id": code,
        "name": _pascal(name),
        "shortDescription": {"text": page.partition("\n")[0]},
        "fullDescription": {"text": page},
        "help": {"text": page, "markdown": page_of(code)},
        "helpUri": help_uri(code),
        "defaultConfiguration": {"level": level},
    }


def help_uri(code: str) -> str:
    """Return the address of a rule's section in the documentation."""
    return f"{DOCUMENTATION}#{anchor_of(code)}"


def fingerprints(file: File) -> list[str]:
    """Return a hash per finding that is stable when lines move: it covers the message, the record and the path.

    Findings that are alike in all of that are numbered in their order.
    """
    counts: dict[str, int] = {}
    found = []
    for finding in file.found:
        name = shown_name(finding.position[0] if finding.position is not None else file.name)
        text = "\n".join((finding.code, name, finding.subject, finding.path, finding.message))
        counts[text] = counts.get(text, 0) + 1
        found.append(hashlib.sha256(f"{text}\n{counts[text]}".encode("utf-8", "surrogateescape")).hexdigest())
    return found


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def _result(finding: Finding, file: File, index: dict[str, int], fingerprint: str) -> JsonObject:
    name, line, column, end = place_of(finding, file)
    region = {"startLine": line, "startColumn": column, "endColumn": end}
    location: JsonObject = {"physicalLocation": {"artifactLocation": _artifact(name), "region": region}}
    if finding.subject:
        logical = finding.subject + (f": {finding.path}" if finding.path else "")
        location["logicalLocations"] = [{"fullyQualifiedName": logical}]
    result: JsonObject = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": finding.level,
        "message": {"text": finding.line + (f" ({finding.hint})" if finding.hint else "")},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    if finding.suppressed:
        result["suppressions"] = [{"kind": "inSource"}]
    return result | _fixes(finding, file)


def _artifact(name: str) -> dict[str, str]:
    return {"uri": quote(shown_name(name)), "uriBaseId": ROOT}


def _fixes(finding: Finding, file: File) -> JsonObject:
    source = file.sources.get(finding.fix.position[0]) if finding.fix is not None else None
    edits = edits_of(finding, source) if source is not None else []
    if finding.fix is None or source is None or not edits:
        return {}
    change = {
        "artifactLocation": _artifact(source.name),
        "replacements": [
            {"deletedRegion": _region(source, start, end), "insertedContent": {"text": new}}
            for start, end, new in edits
        ],
    }
    return {
        "fixes": [
            {"description": {"text": f"{finding.fix.old} becomes {finding.fix.new}"}, "artifactChanges": [change]}
        ]
    }


def _region(source: Source, start: int, end: int) -> dict[str, int]:
    """Return a place on one line, in characters from 1."""
    line = source.position(start)[0]
    first = start - source.line_starts()[line - 1] + 1
    return {"startLine": line, "startColumn": first, "endColumn": first + end - start}
