"""The syntax tree of a script, by tree-sitter's grammar of bash (the extra `build`)."""

from __future__ import annotations

import re

from nixbridge.language.runtime.strings import STAND_IN
from nixbridge.source import Source
from nixbridge.tools.build.build_errors import REAL_NIX, NotCarriedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from nixbridge.source import Span

#: Lines of a script that an error shows.
LINES_SHOWN = 5
#: Characters that a script may have.
LONGEST_SCRIPT = 4 * 1024 * 1024

_STAND_IN_HASH = re.compile(rf"{STAND_IN}[a-z0-9]{{22}}")


class ScriptText:
    """A script, and how messages show it: `name` is its title there, `outputs` are paths that are shown as variables."""

    def __init__(self, text: str, name: str, outputs: Mapping[str, str]) -> None:
        self.data = text.encode("utf-8", "surrogateescape")
        self._text, self._name, self._outputs = text, name, outputs

    def parse(self) -> Node:
        """Return the root of the syntax tree. Raises NotCarriedOut if it is not valid bash or the grammar is not installed."""
        try:
            import tree_sitter_bash
            from tree_sitter import Language, Parser
        except ImportError:
            raise NotCarriedOut(
                f"{self._name} would have to run: {first_lines(self.readable(self._text))}",
                hint="`pip install 'nixbridge[build]'` adds support for scripts that only create, copy and link files",
            ) from None
        if len(self._text) > LONGEST_SCRIPT:
            raise NotCarriedOut(f"{self._name} has {len(self._text):,} characters, more than {LONGEST_SCRIPT:,}")
        root = Parser(Language(tree_sitter_bash.language())).parse(self.data).root_node
        if root.has_error:
            raise self.refusal(_first_error(root), "nixbridge cannot parse this as bash")
        return root

    def readable(self, text: str) -> str:
        """Return a text with outputs as variables, and without the hashes of stand-ins."""
        for output, path in self._outputs.items():
            text = text.replace(path, f"${output}")
        return _STAND_IN_HASH.sub("...", text)

    def place(self, node: Node) -> tuple[Source, Span]:
        """Return the script as messages show it, and the span of a node in that text."""
        line, column, end_line, end_column = span_of(node)
        data = self.data.split(b"\n")[line - 1]
        start = self._shown_length(data[:column])
        end = self._shown_length(data[:end_column]) if end_line == line else end_column
        return Source(self.readable(self._text), self._name), (line, start, end_line, end)

    def refusal(self, node: Node, message: str, hint: str | None = None) -> NotCarriedOut:
        """Return the error for a node that is not carried out, with its place and the first lines of the script."""
        source, span = self.place(node)
        text = f"{self.readable(message)}; the script begins:{first_lines(source.text)}"
        return NotCarriedOut(text, source=source, span=span, hint=hint or REAL_NIX)

    def _shown_length(self, data: bytes) -> int:
        return len(self.readable(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))


def span_of(node: Node) -> Span:
    """Return where a node stands, as errors have it."""
    start, end = node.start_point, node.end_point
    return (start.row + 1, start.column, end.row + 1, end.column)


def first_lines(script: str) -> str:
    """Return the first lines of a script that are not empty, indented, for a message."""
    lines = [line.rstrip() for line in script.splitlines() if line.strip()]
    shown = lines[:LINES_SHOWN]
    if len(lines) > LINES_SHOWN:
        shown.append(f"... ({len(lines) - LINES_SHOWN} more lines)")
    return "".join(f"\n    {line}" for line in shown)


def _first_error(node: Node) -> Node:
    for child in node.children:
        if child.type == "ERROR" or child.is_missing:
            return child
        if child.has_error:
            return _first_error(child)
    return node
