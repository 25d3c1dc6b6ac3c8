"""A syntax tree as text, as `nix-instantiate --parse` prints it, and as plain data for tools."""

from __future__ import annotations

from nixbridge.source import Source
from nixbridge.syntax import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_CALLS = {"-": "__sub", "*": "__mul", "/": "__div", "<": "__lessThan"}
_KEYWORDS = frozenset(("assert", "else", "if", "in", "inherit", "let", "rec", "then", "with"))


def to_text(node: tree.Node, base: str = "/") -> str:
    """The tree in Nix's own words. Relative paths are shown from `base`."""
    return _Printer(base).show(node)


def quoted(text: str) -> str:
    """A string literal."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return '"' + text.replace("${", "\\${") + '"'


def attribute(name: str) -> str:
    """An attribute name, in quotes where it is no identifier."""
    plain = name.replace("_", "a").replace("-", "a").replace("'", "a")
    if name and name not in _KEYWORDS and plain.isascii() and plain.isalnum() and not (name[0].isdigit() or name[0] in "-'"):
        return name
    return quoted(name)


class _Printer:
    def __init__(self, base: str) -> None:
        self.base = base

    def show(self, node: tree.Node) -> str:
        method: Callable[[Any], str] = getattr(self, node.__class__.__name__)
        return method(node)

    def Integer(self, node: tree.Integer) -> str:
        return str(node.value)

    def Float(self, node: tree.Float) -> str:
        return f"{node.value:g}"

    def String(self, node: tree.String) -> str:
        return quoted(node.value)

    def Interpolation(self, node: tree.Interpolation) -> str:
        return f"({' + '.join(self.part(part) for part in node.parts)})"

    def part(self, part: str | tree.Node) -> str:
        return quoted(part) if isinstance(part, str) else self.show(part)

    def Path(self, node: tree.Path) -> str:
        return self.path(node.text)

    def path(self, text: str) -> str:
        if text.startswith("~"):
            return text
        whole = text if text.startswith("/") else f"{self.base}/{text}"
        parts: list[str] = []
        for part in whole.split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts) + ("/" if text.endswith("/") else "")

    def PathInterpolation(self, node: tree.PathInterpolation) -> str:
        first = node.parts[0]
        assert isinstance(first, str)
        return f"({' + '.join([self.path(first), *(self.part(part) for part in node.parts[1:])])})"

    def SearchPath(self, node: tree.SearchPath) -> str:
        return f"(__findFile __nixPath {quoted(node.text)})"

    def List(self, node: tree.List) -> str:
        return "[ " + "".join(f"({self.show(item)}) " for item in node.items) + "]"

    def AttrSet(self, node: tree.AttrSet) -> str:
        return f"{'rec ' if node.recursive else ''}{{ {self.bindings(node.bindings)}}}"

    def bindings(self, bindings: tree.Bindings) -> str:
        names = sorted(bindings.attributes, key=lambda name: name.encode("utf-8", "surrogateescape"))
        plain = [name for name in names if bindings.attributes[name].inherited is True]
        text = f"inherit {' '.join(map(attribute, plain))}; " if plain else ""
        for number, subject in enumerate(bindings.inherit_from):
            inherited = [name for name in names if self.comes_from(bindings.attributes[name], number)]
            text += f"inherit ({self.show(subject)}) {' '.join(map(attribute, inherited))}; "
        for name in names:
            if bindings.attributes[name].inherited is None:
                text += f"{attribute(name)} = {self.show(bindings.attributes[name].value)}; "
        for key, value in bindings.dynamic:
            text += f'"${{{self.show(key)}}}" = {self.show(value)}; '
        return text

    def comes_from(self, defined: tree.Attribute, number: int) -> bool:
        return defined.inherited is not True and defined.inherited is not None and defined.inherited == number

    def Let(self, node: tree.Let) -> str:
        return f"(let {self.bindings(node.bindings)}in {self.show(node.body)})"

    def With(self, node: tree.With) -> str:
        return f"(with {self.show(node.scope)}; {self.show(node.body)})"

    def If(self, node: tree.If) -> str:
        then, otherwise = self.show(node.consequent), self.show(node.alternative)
        return f"(if {self.show(node.condition)} then {then} else {otherwise})"

    def Assert(self, node: tree.Assert) -> str:
        return f"assert {self.show(node.condition)}; {self.show(node.body)}"

    def Lambda(self, node: tree.Lambda) -> str:
        if node.formals is None:
            return f"({node.parameter}: {self.show(node.body)})"
        formals = [
            formal.name if formal.default is None else f"{formal.name} ? {self.show(formal.default)}"
            for formal in sorted(node.formals.formals, key=lambda formal: formal.name)
        ]
        shown = ", ".join([*formals, *["..."] * node.formals.ellipsis])
        parameter = f" @ {node.parameter}" if node.parameter is not None else ""
        return f"({{ {shown} }}{parameter}: {self.show(node.body)})"

    def Apply(self, node: tree.Apply) -> str:
        return f"({' '.join(self.show(part) for part in (node.function, *node.arguments))})"

    def Variable(self, node: tree.Variable) -> str:
        return node.name

    def CurrentPosition(self, node: tree.CurrentPosition) -> str:
        return "__curPos"

    def attribute_path(self, path: tuple[str | tree.Node, ...]) -> str:
        return ".".join(attribute(part) if isinstance(part, str) else f'"${{{self.show(part)}}}"' for part in path)

    def Select(self, node: tree.Select) -> str:
        default = f" or ({self.show(node.default)})" if node.default is not None else ""
        return f"({self.show(node.subject)}).{self.attribute_path(node.path)}{default}"

    def HasAttr(self, node: tree.HasAttr) -> str:
        return f"(({self.show(node.subject)}) ? {self.attribute_path(node.path)})"

    def Not(self, node: tree.Not) -> str:
        return f"(! {self.show(node.operand)})"

    def Negate(self, node: tree.Negate) -> str:
        return f"(__sub 0 {self.show(node.operand)})"

    def Binary(self, node: tree.Binary) -> str:
        left, right = self.show(node.left), self.show(node.right)
        if node.operator in _CALLS:
            return f"({_CALLS[node.operator]} {left} {right})"
        if node.operator == ">":
            return f"(__lessThan {right} {left})"
        if node.operator in ("<=", ">="):
            first, second = (right, left) if node.operator == "<=" else (left, right)
            return f"(! (__lessThan {first} {second}))"
        return f"({left} {node.operator} {right})"


def to_json(node: tree.Node, source: Source) -> dict[str, Any]:
    """The tree as plain data: `kind`, `start` and `end` as [line, column] from 1, and the node's own fields."""
    return {"kind": node.__class__.__name__, **_place(node, source), **_fields(node, source)}


def _place(node: Any, source: Source) -> dict[str, list[int]]:
    places = {}
    for name in ("start", "end"):
        line, column = source.position(getattr(node, name))
        places[name] = [line, column + 1]
    return places


def _fields(node: Any, source: Source) -> dict[str, Any]:
    slots = [slot for kind in type(node).__mro__ for slot in getattr(kind, "__slots__", ())]
    return {slot: _data(getattr(node, slot), source) for slot in sorted(slots) if slot not in ("start", "end", "spans", "at")}


def _data(value: Any, source: Source) -> Any:
    if isinstance(value, tree.Node):
        return to_json(value, source)
    if isinstance(value, (tuple, list)):
        return [_data(item, source) for item in value]
    if isinstance(value, dict):
        return {key: _data(item, source) for key, item in value.items()}
    if isinstance(value, (tree.Attribute, tree.Formal)):
        return {**_place(value, source), **_fields(value, source)}
    if isinstance(value, (tree.Bindings, tree.Formals)):
        return _fields(value, source)
    return value
