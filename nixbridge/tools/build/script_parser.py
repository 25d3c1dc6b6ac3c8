"""The syntax tree of a script, by tree-sitter's grammar of bash (the extra `build`)."""

from __future__ import annotations

from nixbridge.tools.build.build_errors import NotCarriedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Node

    from nixbridge.source import Source, Span

#: Lines of a script that an error shows.
LINES_SHOWN = 5
#: Characters that a script may have.
LONGEST_SCRIPT = 4 * 1024 * 1024


def parse_script(source: Source) -> Node:
    """Return the root of a script's syntax tree. Raises NotCarriedOut for what is not bash, or where the grammar is not installed."""
    try:
        import tree_sitter_bash
        from tree_sitter import Language, Parser
    except ImportError:
        raise NotCarriedOut(
            f"{source.name} would have to run: {first_lines(source.text)}",
            hint="with `pip install 'nixbridge[build]'`, scripts that only make, copy, link and write files are carried out",
        ) from None
    if len(source.text) > LONGEST_SCRIPT:
        raise NotCarriedOut(f"{source.name} has {len(source.text):,} characters, more than {LONGEST_SCRIPT:,}")
    parser = Parser(Language(tree_sitter_bash.language()))
    root = parser.parse(source.text.encode("utf-8", "surrogateescape")).root_node
    if root.has_error:
        wrong = _first_error(root)
        raise NotCarriedOut("nixbridge cannot parse this as bash", source=source, span=span_of(wrong))
    return root


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
