"""All rules, by code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nixbridge.mesh.model.messages import ERROR, NOTE
from nixbridge.tools.lint.rule import Rule
from nixbridge.tools.lint.rules import (
    ambient,
    cluster,
    control_plane,
    envoy_filters,
    gateways,
    istio_annotations,
    kubernetes,
    meshes,
    never_matching,
    observability,
    parameters,
    references,
    resilience,
    routing,
    scopes,
    security,
    selectors,
    tls,
)

if TYPE_CHECKING:
    from types import ModuleType

#: A file that does not evaluate, and a comment that switches nothing off: no rules, since no function over calls and records finds them.
NOT_EVALUATED, USELESS_COMMENT, NOTHING_TO_CHECK = "NB000", "NB008", "NB009"
#: Code -> name, level, page.
OTHERS = {
    NOT_EVALUATED: (
        "not-evaluated",
        ERROR,
        "The file does not evaluate.\n\n`nixbridge eval` shows the error. This rule cannot be switched off.",
    ),
    USELESS_COMMENT: (
        "useless-ignore",
        NOTE,
        "A comment suppresses a rule that reports nothing there or does not exist.\n\n"
        "The finding was fixed or has moved. Remove the comment, so that it does not hide a later finding.",
    ),
    NOTHING_TO_CHECK: (
        "nothing-to-check",
        NOTE,
        "The file contains nothing that a rule could check.\n\n"
        "It has no calls of builders, no records, and no manifests of a kind that the rules know. Check the file name.",
    ),
}


def _rules_of(module: ModuleType) -> list[Rule]:
    return [value for value in vars(module).values() if isinstance(value, Rule)]


MODULES = (
    *(parameters, cluster, routing, security, resilience, meshes, observability),
    *(
        references,
        selectors,
        gateways,
        scopes,
        never_matching,
        tls,
        ambient,
        kubernetes,
        control_plane,
        envoy_filters,
        istio_annotations,
    ),
)
RULES: dict[str, Rule] = {
    one.code: one
    for one in sorted((rule for module in MODULES for rule in _rules_of(module)), key=lambda rule: rule.code)
}


def name_of(code: str) -> str:
    """Return the name of a code."""
    return RULES[code].name if code in RULES else OTHERS[code][0]


def listing() -> str:
    """Return every code on a line with its level, name and summary."""
    rows = [(rule.code, rule.level, rule.name, rule.summary) for rule in RULES.values()]
    rows += [(code, level, name, page.partition("\n")[0]) for code, (name, level, page) in OTHERS.items()]
    width = max(len(name) for _, _, name, _ in rows) + 2
    return "".join(f"{code} {level:<8}{name:<{width}}{summary}\n" for code, level, name, summary in sorted(rows))


def page_of(code: str) -> str | None:
    """Return the documentation of a code, as Markdown; None for a code that there is not."""
    if code in RULES:
        return RULES[code].page()
    if code in OTHERS:
        name, level, page = OTHERS[code]
        return f"# {code} {name} ({level})\n\n{page}\n"
    return None


def anchor_of(code: str) -> str:
    """Return the anchor that a Markdown page gives the heading of a rule's section."""
    heading = (page_of(code) or "").partition("\n")[0].removeprefix("# ")
    return "".join(letter for letter in heading.lower().replace(" ", "-") if letter.isalnum() or letter == "-")
