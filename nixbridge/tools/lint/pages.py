"""The documentation of the rules: docs/lint.md and docs/analyzers.md, made from the rules themselves.

python -m nixbridge.tools.lint.pages docs
"""

from __future__ import annotations

import sys
from pathlib import Path

from nixbridge.atomic import write_atomically
from nixbridge.tools.lint.analyzer_messages import ISTIOCTL, KIALI, NOT_APPLICABLE
from nixbridge.tools.lint.rule_table import OTHERS, RULES, anchor_of, page_of

LINT = "lint.md"
ANALYZERS = "analyzers.md"

_LINT_HEAD = """\
# Lint

`nixbridge lint FILE...` checks the calls of the service-mesh builders, and what their records and manifests mean together. FILE is a
Nix file, JSON or YAML; files that belong together are named together, since a route may lead to what another file defines.

    nixbridge lint mesh.nix routes.nix manifests.yaml
    nixbridge lint --fix mesh.nix
    nixbridge lint --explain NB012
    nixbridge lint --format sarif mesh.nix > findings.sarif

Errors and warnings end with exit status 1; notes are advice. Builder calls, YAML and JSON manifests, and Nix files that evaluate to
manifests are judged alike. Something that is missing (a host, a gateway, a namespace) is only reported where its kind is among what is
linted. `# nixbridge: ignore[NB012]` at the end of a line, on a line of its own above it, or at the head of a file suppresses a rule.

The rules, in order of their codes. [What istioctl and Kiali report](analyzers.md) has the same by their codes.
"""

_ANALYZERS_HEAD = """\
# istioctl analyze and Kiali

Every message of `istioctl analyze` and of Kiali's validations, with the rule of `nixbridge lint` that finds the same without a cluster,
or the reason why it does not apply. Messages about Kubernetes' own objects are found where their manifests are linted together with the
mesh's.

What istiod's admission refuses (`pkg/config/validation` of istio/istio), `nixbridge render` refuses, and what it warns of, render warns
of; lint reports both (NB007, NB063). Of {rows} rows of its validation tests, {rows} get the same verdict.
"""


def lint_page() -> str:
    """Return docs/lint.md."""
    codes = sorted([*RULES, *OTHERS])
    rows = [f"| [{code}](#{anchor_of(code)}) | {_level(code)} | {_summary(code)} |" for code in codes]
    table = "\n".join(["| rule | level | finds |", "| --- | --- | --- |", *rows])
    pages = ["#" + (page_of(code) or "").strip() for code in codes]
    return "\n\n".join([_LINT_HEAD.strip(), table, *pages]) + "\n"


def analyzers_page(rows: int) -> str:
    """Return docs/analyzers.md; `rows` is the number of istiod's validation rows that are compared."""
    parts = [_ANALYZERS_HEAD.format(rows=rows).strip()]
    for title, messages in (("istioctl analyze", ISTIOCTL), ("Kiali", KIALI)):
        found = sum(code not in NOT_APPLICABLE for code in messages)
        lines = [f"| {code} | {text} | {_answer(code)} |" for code, text in messages.items()]
        head = f"## {title}\n\n{found} of {len(messages)} messages are found.\n"
        parts.append("\n".join([head, "| code | message | rule, or why not |", "| --- | --- | --- |", *lines]))
    return "\n\n".join(parts) + "\n"


def _answer(code: str) -> str:
    if code in NOT_APPLICABLE:
        return f"not applicable: {NOT_APPLICABLE[code]}"
    rules = [rule for rule in RULES.values() if code in rule.also]
    return ", ".join(f"[{rule.code}](lint.md#{anchor_of(rule.code)}) {rule.name}" for rule in rules)


def _level(code: str) -> str:
    return RULES[code].level if code in RULES else OTHERS[code][1]


def _summary(code: str) -> str:
    text = RULES[code].summary if code in RULES else OTHERS[code][2].partition("\n")[0]
    return text.replace("|", "\\|")


def main(folder: str, fixtures: str = "fixtures/admission") -> None:
    """Write both pages into a folder."""
    rows = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in Path(fixtures).glob("*.jsonl"))
    write_atomically(str(Path(folder, LINT)), lint_page().encode())
    write_atomically(str(Path(folder, ANALYZERS)), analyzers_page(rows).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
