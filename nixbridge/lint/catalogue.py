"""All rules, by code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nixbridge.lint.rule import Rule
from nixbridge.lint.rules import cluster, meshes, observability, parameters, resilience, routing, security

if TYPE_CHECKING:
    from types import ModuleType

#: A file that does not evaluate is a finding of this code; no rule, since it cannot be switched off.
NOT_EVALUATED = "NB000"


def _rules_of(module: ModuleType) -> list[Rule]:
    return [value for value in vars(module).values() if isinstance(value, Rule)]


MODULES = (parameters, cluster, routing, security, resilience, meshes, observability)
RULES: dict[str, Rule] = {
    one.code: one
    for one in sorted((rule for module in MODULES for rule in _rules_of(module)), key=lambda rule: rule.code)
}
