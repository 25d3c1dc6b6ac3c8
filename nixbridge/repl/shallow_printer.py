"""Printing of values at the prompt: one level, nested values only where they are cheap, everything under `:p`. (Nix manual, nix repl)"""

from __future__ import annotations

from nixbridge.errors.exceptions import NixError
from nixbridge.language.runtime.printer import show_name, show_scalar
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import Lazy, Value, sorted_names

#: Attributes or elements that are printed without `:p`.
MOST_ITEMS = 200
#: Characters of a string that are printed without `:p`.
LONGEST_STRING = 20_000
_UNLIMITED = 1 << 60
_INDENT = "  "
#: Ends of a line that holds a set or a list: what contains one is laid out over several lines, as Nix does.
_CLOSERS = ("}", "};", "]", "];")


def printed(value: Lazy, *, deep: bool = False) -> str:
    """Return a value as text; nested sets and lists as `{ ... }` and `[ ... ]` unless `deep`. Raises NixError for the value itself."""
    return _Printer(deep).text(force(value), 0)


class _Printer:
    def __init__(self, deep: bool) -> None:
        self.deep = deep
        self.open: set[int] = set()

    def text(self, value: Value, level: int) -> str:
        """Return the text of a forced value; `level` sets and lists are around it."""
        if not isinstance(value, (dict, list)):
            return show_scalar(value, _UNLIMITED if self.deep else LONGEST_STRING)
        if isinstance(value, dict) and _is_derivation(value):
            return self._derivation(value)
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        if not value:
            return f"{opening} {closing}"
        if id(value) in self.open:
            return "«repeated»"
        if level and not self.deep:
            return f"{opening} ... {closing}"
        # unlike in `nix repl`, only a value inside itself is «repeated»: one that occurs in two places is shown twice
        self.open.add(id(value))
        lines = self._attributes(value, level) if isinstance(value, dict) else self._elements(value, level)
        self.open.discard(id(value))
        outer = _INDENT * level
        if len(lines) == 1 and not lines[0].endswith(_CLOSERS):
            return f"{opening} {lines[0].strip()} {closing}"
        return "\n".join([opening, *lines, f"{outer}{closing}"])

    def _attributes(self, value: dict[str, Lazy], level: int) -> list[str]:
        inner = _INDENT * (level + 1)
        names = sorted_names(value)
        most = len(names) if self.deep else MOST_ITEMS
        lines = [f"{inner}{show_name(name)} = {self._inside(value[name], level)};" for name in names[:most]]
        return lines + ([f"{inner}«{len(names) - most} attributes elided»"] if len(names) > most else [])

    def _elements(self, value: list[Lazy], level: int) -> list[str]:
        inner = _INDENT * (level + 1)
        most = len(value) if self.deep else MOST_ITEMS
        lines = [f"{inner}{self._inside(item, level)}" for item in value[:most]]
        return lines + ([f"{inner}«{len(value) - most} items elided»"] if len(value) > most else [])

    def _inside(self, value: Lazy, level: int) -> str:
        """Return the text of an attribute or element; one that fails does not keep the others from being shown."""
        try:
            return self.text(force(value), level + 1)
        except NixError as error:
            return f"«error: {error.message.splitlines()[0] if error.message else ''}»"

    def _derivation(self, value: dict[str, Lazy]) -> str:
        try:
            path = force(value["drvPath"]) if "drvPath" in value else "?"
        except NixError:
            path = str(force(value.get("name", "?")))
        return f"«derivation {path}»"


def _is_derivation(value: dict[str, Lazy]) -> bool:
    kind = value.get("type")
    if type(kind) is Thunk:
        try:
            kind = force(kind)
        except NixError:
            return False
    return kind == "derivation"
