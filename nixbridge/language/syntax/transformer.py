"""The nodes that the rules of the grammar make: one method a rule, called by the parser as soon as the rule is complete.

A method gets the rule's children: nodes, and tokens, which carry the places. Names are those in grammar/nix.lark.
"""

from __future__ import annotations

from itertools import pairwise

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.name_order import first_numbers
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.braces import Inherit, bindings_of
from nixbridge.language.syntax.indentation import join, strip, without_indentation
from nixbridge.language.syntax.precedence import operator_tree
from nixbridge.language.syntax.tokens import Token
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.syntax.braces import Binding

    Children = list[Any]
    Tokens = list[Token]


class Builder:
    """Makes the tree of one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        # each name is met when the rule that it stands in is complete: the parameter of a function after the body
        self.numbers = first_numbers()

    def meet(self, name: str) -> None:
        """Number a name, unless it has been met."""
        if name not in self.numbers:
            self.numbers[name] = len(self.numbers)

    def error(self, message: str, start: int, end: int, hint: str | None = None) -> NixSyntaxError:
        """Return a syntax error at a place in the text."""
        return NixSyntaxError(message, source=self.source, span=self.source.span(start, end), hint=hint)

    # functions

    def plain_lambda(self, children: Children) -> tree.Node:
        parameter, _, body = children
        self.meet(parameter.value)
        return tree.Lambda(parameter.start, body.end, parameter.value, None, body)

    def formals_lambda(self, children: Children) -> tree.Node:
        (formals, start), _, body = children
        self.check_formals(formals)
        return tree.Lambda(start, body.end, None, formals, body)

    def formals_at_lambda(self, children: Children) -> tree.Node:
        (formals, start), _, name, _, body = children
        self.check_parameter(name, formals)
        return tree.Lambda(start, body.end, name.value, formals, body)

    def at_formals_lambda(self, children: Children) -> tree.Node:
        name, _, (formals, _), _, body = children
        self.check_parameter(name, formals)
        return tree.Lambda(name.start, body.end, name.value, formals, body)

    def check_formals(self, formals: tree.Formals) -> None:
        for formal, following in pairwise(formals.formals):
            if formal.name == following.name:
                message = f"duplicate formal function argument '{formal.name}'"
                raise self.error(message, following.start, following.end)

    def check_parameter(self, name: Token, formals: tree.Formals) -> None:
        self.check_formals(formals)
        self.meet(name.value)
        if any(formal.name == name.value for formal in formals.formals):
            raise self.error(f"duplicate formal function argument '{name.value}'", name.start, name.end)

    def formals(self, children: Children) -> tuple[tree.Formals, int]:
        formals = [child for child in children if isinstance(child, tree.Formal)]
        ellipsis = any(isinstance(child, Token) and child.type == "ELLIPSIS" for child in children)
        formals.sort(key=lambda formal: self.numbers[formal.name])
        return tree.Formals(tuple(formals), ellipsis), children[0].start

    def formal(self, children: Children) -> tree.Formal:
        name = children[0]
        self.meet(name.value)
        return tree.Formal(name.start, name.end, name.value, children[2] if len(children) == 3 else None)

    # control

    def let(self, children: Children) -> tree.Node:
        let, entries, _, body = children
        bindings = bindings_of(entries, self.source, self.numbers)
        if bindings.dynamic:
            name = bindings.dynamic[0].name
            raise self.error("dynamic attributes not allowed in let", name.start, name.end)
        return tree.Let(let.start, body.end, bindings, body)

    def old_let(self, children: Children) -> tree.Node:
        let, _, entries, close = children
        inside = tree.AttrSet(let.start, close.end, bindings_of(entries, self.source, self.numbers), True)
        return tree.Select(let.start, close.end, inside, ("body",), None, ((let.start, let.end),))

    def with_(self, children: Children) -> tree.Node:
        return tree.With(children[0].start, children[3].end, children[1], children[3])

    def assert_(self, children: Children) -> tree.Node:
        return tree.Assert(children[0].start, children[3].end, children[1], children[3])

    def if_(self, children: Children) -> tree.Node:
        return tree.If(children[0].start, children[5].end, children[1], children[3], children[5])

    # operators, calls, selection

    def operation(self, children: Children) -> tree.Node:
        return operator_tree(children, self.source)

    def apply(self, children: Children) -> tree.Node:
        return tree.Apply(children[0].start, children[-1].end, children[0], tuple(children[1:]))

    def select(self, children: Children) -> tree.Node:
        subject, _, path = children
        return tree.Select(subject.start, path[-1].end, subject, names_of(path), None, spans_of(path))

    def select_or(self, children: Children) -> tree.Node:
        subject, _, path, _, default = children
        return tree.Select(subject.start, default.end, subject, names_of(path), default, spans_of(path))

    def apply_or(self, children: Children) -> tree.Node:
        function, word = children
        return tree.Apply(function.start, word.end, function, (tree.Variable(word.start, word.end, "or"),))

    # simple expressions

    def variable(self, children: Children) -> tree.Node:
        name = children[0]
        if name.value == "__curPos":
            return tree.CurrentPosition(name.start, name.end)
        if name.value not in self.numbers:  # a variable is what is met most: no call
            self.meet(name.value)
        return tree.Variable(name.start, name.end, name.value)

    def integer(self, children: Children) -> tree.Node:
        token = children[0]
        return tree.Integer(token.start, token.end, token.value)

    def float_(self, children: Children) -> tree.Node:
        token = children[0]
        return tree.Float(token.start, token.end, token.value)

    def string(self, children: Children) -> tree.Node:
        token = children[0]
        return tree.String(token.start, token.end, token.value)

    def indented_string(self, children: Children) -> tree.Node:
        token = children[0]
        return tree.String(token.start, token.end, without_indentation(token.value))

    def path(self, children: Children) -> tree.Node:
        token = children[0]
        return tree.Path(token.start, token.end, token.value)

    def search_path(self, children: Children) -> tree.Node:
        token = children[0]
        return tree.SearchPath(token.start, token.end, token.value)

    def interpolated_string(self, children: Children) -> tree.Node:
        parts = self.parts(children)
        return tree.Interpolation(children[0].start, children[-1].end, tuple(parts))

    def interpolated_indented_string(self, children: Children) -> tree.Node:
        start, end = children[0].start, children[-1].end
        return tree.Interpolation(start, end, join(strip(self.parts(children))))

    def interpolated_path(self, children: Children) -> tree.Node:
        return tree.PathInterpolation(children[0].start, children[-1].end, tuple(self.parts(children)))

    def parts(self, children: Children) -> list[str | tree.Node]:
        """Return texts and expressions between the opening and the closing token."""
        parts: list[str | tree.Node] = []
        for child in children[1:-1]:
            if not isinstance(child, Token):
                parts.append(child)
            elif child.type == "TEXT":
                parts.append(child.value)
        return parts

    def parenthesized(self, children: Children) -> tree.Node:
        inner: tree.Node = children[1]
        return inner

    def list(self, children: Children) -> tree.Node:
        return tree.List(children[0].start, children[-1].end, tuple(children[1:-1]))

    def attrset(self, children: Children) -> tree.Node:
        brace, entries, close = children
        return tree.AttrSet(brace.start, close.end, bindings_of(entries, self.source, self.numbers), False)

    def recursive_attrset(self, children: Children) -> tree.Node:
        rec, _, entries, close = children
        return tree.AttrSet(rec.start, close.end, bindings_of(entries, self.source, self.numbers), True)

    # attributes: an attribute is a token, whose value is a name or an expression for one

    def bindings(self, children: Children) -> Children:
        return children

    def bind(self, children: Children) -> Binding:
        return children[0], children[2]

    def repeated(self, children: Children) -> tree.Node:
        node: tree.Node = children[0].value
        return node

    def inherit(self, children: Children) -> Inherit:
        return Inherit(None, self.static_names(children[1:-1]))

    def inherit_from(self, children: Children) -> Inherit:
        return Inherit(children[2], self.static_names(children[4:-1]))

    def static_names(self, names: Tokens) -> Tokens:
        for name in names:
            if not isinstance(name.value, str):
                raise self.error("dynamic attributes not allowed in inherit", name.start, name.end)
            self.meet(name.value)
        return names

    def attribute_path(self, children: Children) -> Tokens:
        path: Tokens = children[::2]  # the others are dots
        for name in path:
            if name.value.__class__ is str and name.value not in self.numbers:
                self.meet(name.value)
        return path

    def computed_attribute(self, children: Children) -> Token:
        node = children[0] if len(children) == 1 else children[1]
        name = node.value if isinstance(node, tree.String) else node
        return Token("ATTRIBUTE", name, children[0].start, children[-1].end)


def names_of(path: list[Token]) -> tuple[str | tree.Node, ...]:
    """Return the names of an attribute path, or the expressions for them."""
    return tuple([name.value for name in path])


def spans_of(path: list[Token]) -> tuple[tuple[int, int], ...]:
    """Return where the names of an attribute path stand."""
    return tuple([(name.start, name.end) for name in path])
