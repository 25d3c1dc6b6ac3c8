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

`nixbridge lint FILE...` checks the calls of the service-mesh builders, and whether records and manifests are consistent with each
other. FILE is a Nix, JSON or YAML file. Pass files that are deployed together in one run, because a route may refer to another file.

    nixbridge lint mesh.nix routes.nix manifests.yaml
    nixbridge lint --fix mesh.nix
    nixbridge lint --explain NB012
    nixbridge lint --format sarif mesh.nix > findings.sarif

If there are errors or warnings, the exit status is 1; notes are advice. The same rules apply to builder calls, to manifests in YAML
and JSON, and to Nix files that evaluate to manifests. A missing host, gateway or namespace is reported only if the linted files contain
resources of that kind. `# nixbridge: ignore[NB012]` suppresses a rule, at the end of a line, on a separate line above it, or at the
top of a file.

[istioctl analyze and Kiali](analyzers.md) lists the messages of these programs with the corresponding rules.
"""

_ANALYZERS_HEAD = """\
# istioctl analyze and Kiali

This page lists every message of `istioctl analyze` and of Kiali's validations with the rule of `nixbridge lint` that reports the same
problem without a cluster, or with the reason why there is none. Messages about objects of Kubernetes need the manifests of these objects
among the linted files.

`nixbridge render` reports the errors and warnings of istiod's admission webhook (`pkg/config/validation` in istio/istio), and lint
repeats them (NB007, NB063). For all {rows} cases of istiod's validation tests, the result is the same.
"""


def lint_page() -> str:
    """Return docs/lint.md."""
    codes = sorted([*RULES, *OTHERS])
    rows = [f"| [{code}](#{anchor_of(code)}) | {_level(code)} | {_summary(code)} |" for code in codes]
    table = "\n".join(["| rule | level | reports |", "| --- | --- | --- |", *rows])
    pages = ["#" + (page_of(code) or "").strip() for code in codes]
    return "\n\n".join([_LINT_HEAD.strip(), table, *pages]) + "\n"


def analyzers_page(rows: int) -> str:
    """Return docs/analyzers.md; `rows` is the number of istiod's validation rows that are compared."""
    parts = [_ANALYZERS_HEAD.format(rows=rows).strip()]
    for title, messages in (("istioctl analyze", ISTIOCTL), ("Kiali", KIALI)):
        found = sum(code not in NOT_APPLICABLE for code in messages)
        lines = [f"| {code} | {text} | {_answer(code)} |" for code, text in messages.items()]
        head = f"## {title}\n\n{found} of {len(messages)} messages are found.\n"
        parts.append(
            "\n".join([head, "| code | message | rule, or the reason for having none |", "| --- | --- | --- |", *lines])
        )
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
