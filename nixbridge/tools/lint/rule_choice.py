"""The rules that the settings of a project choose."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nixbridge.errors.suggest import did_you_mean
from nixbridge.project.patterns import Patterns
from nixbridge.project.settings_table import ALL_RULES
from nixbridge.tools.lint.rule_table import NOT_EVALUATED, NOTHING_TO_CHECK, RULES, USELESS_COMMENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nixbridge.project.project_settings import Settings
    from nixbridge.tools.lint.finding import Finding

#: Codes that are not in the table of rules, as no rule finds them.
_OTHERS = (NOTHING_TO_CHECK, USELESS_COMMENT)


class RuleChoice:
    """The rules that `lint.select`, `lint.ignore` and `lint.per-file-ignores` choose. Raises UsageError for a code that no rule has."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.root
        self._selected = _checked(settings, settings["lint.select"], "select")
        self._ignored = _checked(settings, settings["lint.ignore"], "ignore")
        self._of_files = [
            (Patterns([pattern]), _checked(settings, codes, "per-file-ignores", pattern))
            for pattern, codes in settings["lint.per-file-ignores"].items()
        ]

    def applies(self, finding: Finding, file: str) -> bool:
        """Return whether a finding counts that was made in the file `file`. A file that cannot be evaluated always counts."""
        if finding.code == NOT_EVALUATED:
            return True
        if not _matches(finding.code, self._selected) or _matches(finding.code, self._ignored):
            return False
        path = os.path.relpath(
            os.path.abspath(finding.position[0] if finding.position is not None else file), self._root
        )
        return not any(patterns.match(path) and _matches(finding.code, codes) for patterns, codes in self._of_files)


def _matches(code: str, chosen: Iterable[str]) -> bool:
    return any(one == ALL_RULES or code.startswith(one) for one in chosen)


def _checked(settings: Settings, codes: list[str], *path: str) -> tuple[str, ...]:
    known = [*RULES, *_OTHERS]
    for code in codes:
        if code != ALL_RULES and not any(one.startswith(code) for one in known):
            hint = did_you_mean(code, known) or "nixbridge lint --explain all lists the rules"
            raise settings.error(f"unknown rule '{code}'", "lint", *path, hint=hint)
    return tuple(codes)
