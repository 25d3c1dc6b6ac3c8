"""What a rule is: a function over a file's calls and records, with a code, a name, a level and a page of documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from nixbridge.tools.lint.finding import Finding, Fix

if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.tools.lint.view import View


class Remark:
    """What a rule says of a place. `level` where it differs from the rule's, `fix` where the source can be mended safely."""

    def __init__(
        self, place: Place, text: str, *, hint: str | None = None, fix: Fix | None = None, level: str | None = None
    ) -> None:
        self.place, self.text, self.hint, self.fix, self.level = place, text, hint, fix, level


class Rule:
    """One rule. `wrong` and `right` are Nix texts: the first has a finding of this rule, the second has none.

    `also` are the codes of istioctl analyze and Kiali for the same. `only_unreported`: where another rule has a finding at the
    same place, this one adds nothing.
    """

    def __init__(
        self,
        code: str,
        name: str,
        level: str,
        check: Callable[[View], Iterable[Remark]],
        *,
        wrong: str,
        right: str,
        also: tuple[str, ...] = (),
        only_unreported: bool = False,
    ) -> None:
        self.code, self.name, self.level, self.check = code, name, level, check
        self.wrong, self.right = wrong, right
        self.also, self.only_unreported = also, only_unreported
        summary, _, rest = (check.__doc__ or "").partition("\n")
        self.summary = summary.strip()
        self.explanation = "\n".join(line.strip() for line in rest.strip().splitlines())

    def findings(self, view: View) -> list[Finding]:
        """What the rule finds in a file."""
        found = []
        for remark in self.check(view):
            place = remark.place
            found.append(
                Finding(
                    self.code,
                    remark.level or self.level,
                    remark.text,
                    hint=remark.hint,
                    subject=str(place.record),
                    path=str(place),
                    position=place.position(),
                    anchors=view.anchors(place),
                    fix=remark.fix,
                )
            )
        return found

    def page(self) -> str:
        """The documentation, as Markdown."""
        parts = [
            f"# {self.code} {self.name} ({self.level})",
            self.summary,
            self.explanation,
            f"Wrong:\n\n```nix\n{self.wrong.strip()}\n```",
            f"Right:\n\n```nix\n{self.right.strip()}\n```",
            f"Where it is meant so, say it in the source: `# nixbridge: ignore[{self.code}]` behind the line, on a line of its own "
            "above it, or at the head of the file for all of it.",
        ]
        return "\n\n".join(part for part in parts if part) + "\n"


def rule(
    code: str,
    name: str,
    level: str,
    *,
    wrong: str,
    right: str,
    also: tuple[str, ...] = (),
    only_unreported: bool = False,
) -> Callable[[Callable[[View], Iterable[Remark]]], Rule]:
    """Makes a rule of a function; its docstring is the page: the first line says what is wrong, the rest why and what helps."""
    return lambda check: Rule(
        code, name, level, check, wrong=wrong, right=right, also=also, only_unreported=only_unreported
    )
