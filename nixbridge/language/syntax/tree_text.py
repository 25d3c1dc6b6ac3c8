"""A tree as text, byte for byte as `nix-instantiate --parse` prints it, and as plain data for tools."""

from __future__ import annotations

from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.tokens import KEYWORDS
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    #: What a node is shown as: texts, and nodes that are still to be shown.
    Shown = list[str | tree.Node]

#: Operators that Nix's parser makes calls of.
_CALLS = {"-": "__sub", "*": "__mul", "/": "__div", "<": "__lessThan", ">": "__lessThan"}
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_NAME_CHARACTERS = _LETTERS | frozenset("0123456789'-")


def to_text(node: tree.Node, source: Source | None = None, home: str = "~") -> str:
    """Return the text of a tree, fully parenthesised, on one line.

    With its source, paths are absolute, and indented strings are in the pieces that Nix keeps. `home` stands for `~`.
    """
    printer = _Printer(source, home, node)
    text: list[str] = []
    pending: Shown = [node]
    while pending:  # a stack of our own: trees may be deeper than Python recurses
        item = pending.pop()
        if isinstance(item, str):
            text.append(item)
        else:
            pending.extend(reversed(getattr(printer, type(item).__name__)(item)))
    return "".join(text)


def literal(value: str) -> str:
    """Return a string in double quotes."""
    return f'"{value.translate(_ESCAPES)}"'.replace("${", "\\${")


def attribute(name: str) -> str:
    """Return an attribute's name, in quotes if it has to be."""
    plain = bool(name) and name[0] in _LETTERS and _NAME_CHARACTERS.issuperset(name)
    return name if plain and (name not in KEYWORDS or name == "or") else literal(name)


def _by_bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


class _Printer:
    """One method a kind of node, under the kind's name; each gives texts and nodes, in order."""

    def __init__(self, source: Source | None, home: str, root: tree.Node) -> None:
        self.source = source
        self.home = home
        self.root = root
        self.written: dict[int, list[str | tree.Node]] | None = None

    def Integer(self, node: tree.Integer) -> Shown:
        return [str(node.value)]

    def Float(self, node: tree.Float) -> Shown:
        return [f"{node.value:g}"]

    def String(self, node: tree.String) -> Shown:
        pieces = self.indented_pieces(node)
        return [literal(node.value)] if len(pieces) < 2 else _joined(pieces)

    def Interpolation(self, node: tree.Interpolation) -> Shown:
        pieces = self.indented_pieces(node)
        expressions = iter([part for part in node.parts if not isinstance(part, str)])
        return _joined([piece if isinstance(piece, str) else next(expressions) for piece in pieces or node.parts])

    def indented_pieces(self, node: tree.Node) -> list[str | tree.Node]:
        """Return the pieces of an indented string in Nix, with any node for an expression; none for other strings."""
        if self.source is None or not self.source.text.startswith("''", node.start):
            return []
        from nixbridge.language.syntax.indentation import strip

        if self.written is None:
            self.written = _written_strings(self.source, self.root)
        return strip(self.written[node.start])

    def Path(self, node: tree.Path) -> Shown:
        return [self.absolute(node.text)]

    def PathInterpolation(self, node: tree.PathInterpolation) -> Shown:
        first = node.parts[0]
        assert isinstance(first, str)
        return ["(", self.absolute(first), " + ", *_joined(node.parts[1:])[1:]]

    def absolute(self, text: str) -> str:
        """Return a path as Nix resolves it: from the source's folder or the home folder, without `.` and `..`."""
        if text.startswith("~"):
            return self.home + text[1:]
        if self.source is None:
            return text
        whole = text if text.startswith("/") else f"{self.source.base}/{text}"
        parts: list[str] = []
        for part in whole.split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts) + ("/" if text.endswith("/") and parts else "")

    def SearchPath(self, node: tree.SearchPath) -> Shown:
        return self.call(node)

    def List(self, node: tree.List) -> Shown:
        shown: Shown = ["[ "]
        for item in node.items:
            shown += ["(", item, ") "]
        return [*shown, "]"]

    def AttrSet(self, node: tree.AttrSet) -> Shown:
        return ["rec { " if node.recursive else "{ ", *self.bindings(node.bindings), "}"]

    def Let(self, node: tree.Let) -> Shown:
        return ["(let ", *self.bindings(node.bindings), "in ", node.body, ")"]

    def bindings(self, bindings: tree.Bindings) -> Shown:
        plain: Shown = []
        inherited: dict[int, list[str]] = {}
        for name in sorted(bindings.attributes, key=_by_bytes):
            kind, value = bindings.attributes[name].inherited, bindings.attributes[name].value
            if kind is None:
                plain += [f"{attribute(name)} = ", value, "; "]
            else:
                inherited.setdefault(-1 if kind is True else int(kind), []).append(f" {attribute(name)}")
        shown: Shown = []
        for number in sorted(inherited):
            subject: Shown = ["inherit"] if number < 0 else ["inherit (", bindings.inherit_from[number], ")"]
            shown += [*subject, *inherited[number], "; "]
        for entry in bindings.dynamic:
            plain += ['"${', entry.name, '}" = ', entry.value, "; "]
        return shown + plain

    def With(self, node: tree.With) -> Shown:
        return ["(with ", node.scope, "; ", node.body, ")"]

    def If(self, node: tree.If) -> Shown:
        return ["(if ", node.condition, " then ", node.consequent, " else ", node.alternative, ")"]

    def Assert(self, node: tree.Assert) -> Shown:
        return ["assert ", node.condition, "; ", node.body]

    def Lambda(self, node: tree.Lambda) -> Shown:
        if node.formals is None:
            return [f"({node.parameter}: ", node.body, ")"]
        formals: Shown = []
        for formal in sorted(node.formals.formals, key=lambda formal: _by_bytes(formal.name)):
            formals += [", ", formal.name] if formal.default is None else [", ", f"{formal.name} ? ", formal.default]
        if node.formals.ellipsis:
            formals += [", ", "..."]
        parameter = f" @ {node.parameter}" if node.parameter is not None else ""
        return ["({ ", *formals[1:], f" }}{parameter}: ", node.body, ")"]

    def Apply(self, node: tree.Apply) -> Shown:
        return self.call(node)

    def call(self, node: tree.Node) -> Shown:
        """Return a call with all its arguments; `-`, `<search paths>` and the like are calls too, and get the further ones."""
        arguments: list[tree.Node] = []
        is_call = True
        while is_call and isinstance(node, tree.Apply):
            arguments += reversed(node.arguments)
            # for `(f x) or`, Nix makes a new call
            first = node.arguments[0]
            is_call = not (isinstance(first, tree.Variable) and first.name == "or")
            node = node.function
        shown: Shown = ["(", node]
        if not is_call:
            pass
        elif isinstance(node, tree.Binary) and node.operator in _CALLS:
            left, right = (node.right, node.left) if node.operator == ">" else (node.left, node.right)
            shown = ["(", _CALLS[node.operator], " ", left, " ", right]
        elif isinstance(node, tree.Negate):
            shown = ["(__sub 0 ", node.operand]
        elif isinstance(node, tree.SearchPath):
            shown = ["(__findFile __nixPath ", literal(node.text)]
        for argument in reversed(arguments):
            shown += [" ", argument]
        return [*shown, ")"]

    def Variable(self, node: tree.Variable) -> Shown:
        return [node.name]

    def CurrentPosition(self, node: tree.CurrentPosition) -> Shown:
        return ["__curPos"]

    def Select(self, node: tree.Select) -> Shown:
        shown: Shown = ["(", node.subject, ")", *self.attribute_path(node.path)]
        return shown if node.default is None else [*shown, " or (", node.default, ")"]

    def HasAttr(self, node: tree.HasAttr) -> Shown:
        return ["((", node.subject, ") ? ", *self.attribute_path(node.path, ""), ")"]

    def attribute_path(self, path: tuple[str | tree.Node, ...], before: str = ".") -> Shown:
        shown: Shown = []
        for name in path:
            shown += [before, attribute(name)] if isinstance(name, str) else [before, '"${', name, '}"']
            before = "."
        return shown

    def Not(self, node: tree.Not) -> Shown:
        return ["(! ", node.operand, ")"]

    def Negate(self, node: tree.Negate) -> Shown:
        return self.call(node)

    def Binary(self, node: tree.Binary) -> Shown:
        left, right = node.left, node.right
        if node.operator in _CALLS:
            return self.call(node)
        if node.operator in ("<=", ">="):
            left, right = (right, left) if node.operator == "<=" else (left, right)
            return ["(! (__lessThan ", left, " ", right, "))"]
        return ["(", left, f" {node.operator} ", right, ")"]


def _written_strings(source: Source, root: tree.Node) -> dict[int, list[str | tree.Node]]:
    """Return the texts of all strings in a tree as they are written, by place, with `root` for each expression."""
    from nixbridge.language.syntax.lexer import tokens_of

    written: dict[int, list[str | tree.Node]] = {}
    outer: list[list[str | tree.Node]] = [[]]
    for token in tokens_of(Source(source.text[root.start : root.end])):
        kind = token.type
        if kind == "INDENTED_STRING":
            written[root.start + token.start] = [token.value]
        elif kind == "TEXT":
            outer[-1].append(token.value)
        elif kind in ("INDENTED_STRING_OPEN", "STRING_OPEN", "PATH_OPEN", "INTERPOLATION_OPEN"):
            outer[-1].append(root)
            outer.append([])
            written[root.start + token.start] = outer[-1]
        elif kind in ("INDENTED_STRING_CLOSE", "STRING_CLOSE", "PATH_CLOSE", "INTERPOLATION_CLOSE"):
            outer.pop()
    return written


def _joined(parts: Sequence[str | tree.Node]) -> Shown:
    """Return the parts of a string with ` + ` between them."""
    shown: Shown = []
    for part in parts:
        shown += [" + ", literal(part) if isinstance(part, str) else part]
    return ["(", *shown[1:], ")"]


def to_json(node: tree.Node, source: Source) -> dict[str, Any]:
    """Return the tree as plain data: `kind`, `start` and `end` as [line, column] from 1 (in bytes), the node's fields."""
    result: dict[str, Any] = {}
    pending: list[tuple[Any, Any, Any]] = [(node, result, "tree")]
    while pending:
        item, home, key = pending.pop()
        home[key] = data = _data(item, source)
        if data is not item:
            pending.extend(
                (inner, data, place) for place, inner in (data.items() if isinstance(data, dict) else enumerate(data))
            )
    root: dict[str, Any] = result["tree"]
    return root


def _data(item: Any, source: Source) -> Any:
    """Return one level of plain data; what is in it may still be nodes."""
    if isinstance(item, tuple):
        return list(item)
    if isinstance(item, dict):
        return dict(item)
    slots = [
        slot
        for kind in type(item).__mro__
        for slot in getattr(kind, "__slots__", ())
        if slot not in tree.COMPILER_SLOTS
    ]
    if not slots:
        return item
    data: dict[str, object] = {"kind": type(item).__name__} if isinstance(item, tree.Node) else {}
    for place in ("start", "end"):
        if place in slots:
            line, column = source.position(getattr(item, place))
            data[place] = (line, column + 1)
    return data | {slot: getattr(item, slot) for slot in sorted(slots) if slot not in ("start", "end", "spans", "at")}
