"""Rules: a function over a file's calls and records, with a code, a name, a level and a page of documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from nixbridge.tools.lint.finding import Finding, Fix

if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.tools.lint.cluster_view import Cluster
    from nixbridge.tools.lint.view import View


class Remark:
    """A remark of a rule about a place. `level` is set if it differs from the rule's, `fix` if the source can be corrected safely."""

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
        """Return the findings of the rule in a file."""
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

    @property
    def language(self) -> str:
        """The language of the examples: `nix`, or `yaml` where builders make nothing of the kind."""
        return "yaml" if "apiVersion:" in self.wrong.partition("\n")[0] or "apiVersion:" in self.wrong[:20] else "nix"

    def page(self) -> str:
        """Return the documentation, as Markdown."""
        parts = [
            f"# {self.code} {self.name} ({self.level})",
            self.summary,
            self.explanation,
            f"Elsewhere: {', '.join(self.also)}." if self.also else "",
            f"Wrong:\n\n```{self.language}\n{self.wrong.strip()}\n```",
            f"Right:\n\n```{self.language}\n{self.right.strip()}\n```",
            f"To suppress it, put `# nixbridge: ignore[{self.code}]` at the end of the line, on a separate line above it, or at the "
            "top of the file for the whole file.",
        ]
        return "\n\n".join(part for part in parts if part) + "\n"


def cluster_rule(
    code: str,
    name: str,
    level: str,
    *,
    wrong: str,
    right: str,
    also: tuple[str, ...] = (),
) -> Callable[[Callable[[Cluster], Iterable[Remark]]], Rule]:
    """Make a rule of a function over everything that is linted together; a file gets the remarks on its own records."""

    def make(find: Callable[[Cluster], Iterable[Remark]]) -> Rule:
        def check(view: View) -> Iterable[Remark]:
            remarks = view.cluster.remarks(find)
            for record in view.found.resources:
                yield from remarks.get(id(record), ())

        check.__doc__ = find.__doc__
        return Rule(code, name, level, check, wrong=wrong, right=right, also=also)

    return make


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
    """Make a rule of a function. Its docstring becomes its page: the first line states the problem, the rest explains it."""
    return lambda check: Rule(
        code, name, level, check, wrong=wrong, right=right, also=also, only_unreported=only_unreported
    )
