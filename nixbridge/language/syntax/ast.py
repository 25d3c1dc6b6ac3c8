"""The syntax tree: what the parser makes and the compiler reads. A node is not changed once it is made.

`start` and `end` are character offsets into the source's text. What Nix does in its own parser is done already:
attribute paths are merged into nested sets, indented strings are stripped, duplicate attributes are refused.
Plain classes: `dataclasses` would cost every cold start 14 ms.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.syntax.repeats import Wording


#: Slots that the parser leaves empty for the compiler to fill.
COMPILER_SLOTS = ("binding",)


class Node:
    """Any expression."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Integer(Node):
    """`1`; always from 0 to 2^63 - 1."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: int) -> None:
        self.start, self.end, self.value = start, end, value


class Float(Node):
    """`1.5`, `.5e3`."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: float) -> None:
        self.start, self.end, self.value = start, end, value


class String(Node):
    """A string without interpolation: `"a"`, `''a''`, or a URI."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: str) -> None:
        self.start, self.end, self.value = start, end, value


class Repeated(Node):
    """A value that is written like one before it, except for its strings (syntax/repeats.py). Only who asks for such nodes gets any.

    `wording` is one object for all that are alike.
    """

    __slots__ = ("wording",)

    def __init__(self, start: int, end: int, wording: Wording) -> None:
        self.start, self.end, self.wording = start, end, wording


class Interpolation(Node):
    """A string with `${}` in it. `parts` are plain texts (never empty) and expressions, at least one expression."""

    __slots__ = ("parts",)

    def __init__(self, start: int, end: int, parts: tuple[str | Node, ...]) -> None:
        self.start, self.end, self.parts = start, end, parts


class Path(Node):
    """`./a`, `/a/b`, `~/a`: the text as written, without interpolation."""

    __slots__ = ("text",)

    def __init__(self, start: int, end: int, text: str) -> None:
        self.start, self.end, self.text = start, end, text


class PathInterpolation(Node):
    """`./a/${b}`. `parts` begin with a text (the path's beginning as written)."""

    __slots__ = ("parts",)

    def __init__(self, start: int, end: int, parts: tuple[str | Node, ...]) -> None:
        self.start, self.end, self.parts = start, end, parts


class SearchPath(Node):
    """`<nixpkgs/lib>`: the text between the angle brackets."""

    __slots__ = ("text",)

    def __init__(self, start: int, end: int, text: str) -> None:
        self.start, self.end, self.text = start, end, text


class List(Node):
    """`[ a b ]`."""

    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: tuple[Node, ...]) -> None:
        self.start, self.end, self.items = start, end, items


class Attribute:
    """One static attribute or one `let` binding, after merging. `start`, `end`: the name that defines it.

    `inherited` is None for `name = value;` and for nested paths. True: `inherit name;`, where `value` is a Variable to be
    looked up outside the set. An int: `inherit (e) name;`, where `value` is a Select whose subject is
    `Bindings.inherit_from[inherited]` (evaluated once, lazily, shared by its names).
    """

    __slots__ = ("end", "inherited", "start", "value")

    def __init__(self, start: int, end: int, value: Node, inherited: bool | int | None = None) -> None:
        self.start, self.end, self.value, self.inherited = start, end, value, inherited


class DynamicAttribute:
    """`${name} = value`, or `a.${name} = value` in the set of `a`. `start` is where its definition begins."""

    __slots__ = ("name", "start", "value")

    def __init__(self, start: int, name: Node, value: Node) -> None:
        self.start, self.name, self.value = start, name, value


class Bindings:
    """The contents of braces: static attributes in the order of name_order.py, dynamic ones, `inherit (e)` subjects."""

    __slots__ = ("attributes", "dynamic", "inherit_from")

    def __init__(
        self,
        attributes: dict[str, Attribute],
        dynamic: tuple[DynamicAttribute, ...] = (),
        inherit_from: tuple[Node, ...] = (),
    ) -> None:
        self.attributes, self.dynamic, self.inherit_from = attributes, dynamic, inherit_from


class AttrSet(Node):
    """`{ ... }` and `rec { ... }`."""

    __slots__ = ("bindings", "recursive")

    def __init__(self, start: int, end: int, bindings: Bindings, recursive: bool) -> None:
        self.start, self.end, self.bindings, self.recursive = start, end, bindings, recursive


class Let(Node):
    """`let ... in body`. (The old `let { ...; body = x; }` is a Select of `body` out of a recursive AttrSet.)"""

    __slots__ = ("bindings", "body")

    def __init__(self, start: int, end: int, bindings: Bindings, body: Node) -> None:
        self.start, self.end, self.bindings, self.body = start, end, bindings, body


class With(Node):
    """`with scope; body`."""

    __slots__ = ("body", "scope")

    def __init__(self, start: int, end: int, scope: Node, body: Node) -> None:
        self.start, self.end, self.scope, self.body = start, end, scope, body


class If(Node):
    """`if condition then consequent else alternative`."""

    __slots__ = ("alternative", "condition", "consequent")

    def __init__(self, start: int, end: int, condition: Node, consequent: Node, alternative: Node) -> None:
        self.start, self.end = start, end
        self.condition, self.consequent, self.alternative = condition, consequent, alternative


class Assert(Node):
    """`assert condition; body`."""

    __slots__ = ("body", "condition")

    def __init__(self, start: int, end: int, condition: Node, body: Node) -> None:
        self.start, self.end, self.condition, self.body = start, end, condition, body


class Formal:
    """One name of `{ a, b ? 1 }:`."""

    __slots__ = ("default", "end", "name", "start")

    def __init__(self, start: int, end: int, name: str, default: Node | None) -> None:
        self.start, self.end, self.name, self.default = start, end, name, default


class Formals:
    """`{ a, b ? 1, ... }` in the order of name_order.py; names are distinct."""

    __slots__ = ("ellipsis", "formals")

    def __init__(self, formals: tuple[Formal, ...], ellipsis: bool) -> None:
        self.formals, self.ellipsis = formals, ellipsis


class Lambda(Node):
    """`parameter: body`, `{ formals }: body`, `{ formals } @ parameter: body`."""

    __slots__ = ("body", "formals", "parameter")

    def __init__(self, start: int, end: int, parameter: str | None, formals: Formals | None, body: Node) -> None:
        self.start, self.end, self.parameter, self.formals, self.body = start, end, parameter, formals, body


class Apply(Node):
    """`function a b c`: one node for all arguments in a row. `|>` and `<|` are Apply too."""

    __slots__ = ("arguments", "function")

    def __init__(self, start: int, end: int, function: Node, arguments: tuple[Node, ...]) -> None:
        self.start, self.end, self.function, self.arguments = start, end, function, arguments


class Variable(Node):
    """A name. `binding` is what it means, once the compiler's resolve pass has been here: a slot costs less than a table of all names."""

    __slots__ = ("binding", "name")

    binding: Any

    def __init__(self, start: int, end: int, name: str) -> None:
        self.start, self.end, self.name = start, end, name


class CurrentPosition(Node):
    """`__curPos`."""

    __slots__ = ()


class Select(Node):
    """`subject.a."b".${c}` and `subject.a or default`. A path element is a static name or an expression for one."""

    __slots__ = ("default", "path", "spans", "subject")

    def __init__(
        self,
        start: int,
        end: int,
        subject: Node,
        path: tuple[str | Node, ...],
        default: Node | None,
        spans: tuple[tuple[int, int], ...],
    ) -> None:
        self.start, self.end, self.subject, self.path, self.default = start, end, subject, path, default
        self.spans = spans  # where each path element stands


class HasAttr(Node):
    """`subject ? a.b`."""

    __slots__ = ("path", "subject")

    def __init__(self, start: int, end: int, subject: Node, path: tuple[str | Node, ...]) -> None:
        self.start, self.end, self.subject, self.path = start, end, subject, path


class Not(Node):
    """`!operand`."""

    __slots__ = ("operand",)

    def __init__(self, start: int, end: int, operand: Node) -> None:
        self.start, self.end, self.operand = start, end, operand


class Negate(Node):
    """`-operand`."""

    __slots__ = ("operand",)

    def __init__(self, start: int, end: int, operand: Node) -> None:
        self.start, self.end, self.operand = start, end, operand


class Binary(Node):
    """`left operator right`, operator one of `+ - * / ++ // == != < <= > >= && || ->`. `at` is the operator's offset.

    A chain is nested as Nix's associativity says (`+` to the left, `++` and `//` to the right); it may be thousands deep,
    so whoever walks it follows the chain in a loop.
    """

    __slots__ = ("at", "left", "operator", "right")

    def __init__(self, start: int, end: int, operator: str, left: Node, right: Node, at: int) -> None:
        self.start, self.end, self.operator, self.left, self.right, self.at = start, end, operator, left, right, at
