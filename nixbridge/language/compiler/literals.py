"""Literals, strings, paths, lists, and data that is a constant."""

from __future__ import annotations

import _ast as ast

from nixbridge.language.compiler.emit import delay, delays, emit, emits
from nixbridge.language.compiler.frame import Frame
from nixbridge.language.compiler.laziness import scalar
from nixbridge.language.compiler.names import STR
from nixbridge.language.compiler.python_ast import (
    AND,
    IS,
    OR,
    assign,
    attribute,
    binary,
    both,
    call,
    class_of,
    compare,
    constant,
    either,
    formatted,
    joined_text,
    name,
    starred,
)
from nixbridge.language.compiler.resolution import NOT_DATA
from nixbridge.language.compiler.sequences import MOST_ITEMS, long_list
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Span

#: A string of more parts is joined by the runtime.
MOST_PARTS_IN_PLACE = 9


@emits(tree.Integer)
@delays(tree.Integer)
@emits(tree.Float)
@delays(tree.Float)
@emits(tree.String)
@delays(tree.String)
def literal(node: tree.Integer | tree.Float | tree.String, frame: Frame) -> ast.expr:
    """Return a number or a string that stands in the text."""
    return constant(frame.span(node), node.value)


@emits(tree.Interpolation)
def interpolation(node: tree.Interpolation, frame: Frame) -> ast.expr:
    """`"a${b}c"`: joined in place where all parts are plain ASCII strings, else by the runtime, which coerces them."""
    span = frame.span(node)
    parts = node.parts if frame.once else tuple([text_of(part) for part in node.parts])
    constants = [part for part in parts if isinstance(part, str)]
    many = len(parts) > MOST_PARTS_IN_PLACE or len(constants) == len(parts)
    if frame.once or many or not "".join(constants).isascii():
        return call(span, "nix.interpolate", *parts_of(parts, "nix.coerce", span, frame))
    return joined_in_place(parts, span, frame)


def text_of(part: str | tree.Node) -> str | tree.Node:
    """Return the string that a part of an interpolated string is the name of, else the part."""
    value = None if isinstance(part, str) else scalar(part)
    return value if isinstance(value, str) else part


def joined_in_place(parts: tuple[str | tree.Node, ...], span: Span, frame: Frame) -> ast.expr:
    """Return `f"a{b}c" if b.__class__ is str and the result is ASCII else interpolate("a", b, "c")`, b coerced where it is not a string.

    Each part is coerced before the next one is evaluated: that may fail.
    """
    pieces: list[ast.expr] = []
    texts: list[ast.expr] = []
    all_plain: ast.expr | None = None
    with frame.scratch():
        for part in parts:
            if isinstance(part, str):
                pieces.append(constant(span, part))
                texts.append(pieces[-1])
                continue
            held = frame.temporary()
            text = name(span, held)
            given = assign(span, held, emit(part, frame))
            coerced = assign(span, held, call(frame.span(part), "nix.coerce", text))
            tests: list[ast.expr] = [
                compare(span, class_of(span, value), IS, name(span, STR)) for value in (given, coerced)
            ]
            is_plain = both(span, OR, tests)
            # `&`, not `and`: all parts are evaluated, whatever the others are
            all_plain = is_plain if all_plain is None else binary(span, all_plain, ast.BitAnd(), is_plain)
            pieces.append(formatted(span, text))
            texts.append(text)
        whole = frame.temporary()
    assert all_plain is not None
    joined = assign(span, whole, joined_text(span, pieces))
    is_ascii = call(span, attribute(span, joined, "isascii"))
    slow = call(span, "nix.interpolate", *texts)
    return either(span, both(span, AND, [all_plain, is_ascii]), name(span, whole), slow)


def parts_of(parts: tuple[str | tree.Node, ...], coerce: str, span: Span, frame: Frame) -> list[ast.expr]:
    """Return the parts of an interpolated string or path. Many are one list, unpacked: it is made in several functions."""
    if len(parts) <= MOST_ITEMS:
        return [part_of(part, coerce, span, frame) for part in parts]
    return [starred(span, long_list(parts, span, frame, lambda part, inner: part_of(part, coerce, span, inner)))]


def part_of(part: str | tree.Node, coerce: str, span: Span, frame: Frame) -> ast.expr:
    """Return one part of an interpolated string or path, coerced before the next one is evaluated."""
    return constant(span, part) if isinstance(part, str) else call(frame.span(part), coerce, emit(part, frame))


@emits(tree.Path)
@delays(tree.Path)
def path(node: tree.Path, frame: Frame) -> ast.expr:
    """`./a`: a constant, except `~/a`, which only the host knows."""
    span = frame.span(node)
    if node.text.startswith("~"):
        # not a constant: code is cached for every user, and reading the environment may be refused
        return call(span, "nix.home_path", constant(span, node.text[1:]))
    return name(span, frame.unit.constant(("path", node.text)))


@emits(tree.PathInterpolation)
def path_interpolation(node: tree.PathInterpolation, frame: Frame) -> ast.expr:
    """`./a/${b}`."""
    span = frame.span(node)
    first = node.parts[0]
    assert isinstance(first, str)
    rest = parts_of(node.parts[1:], "nix.coerce_in_path", span, frame)
    if first.startswith("~"):
        # what is joined keeps the slash that a path of its own would lose
        home = call(span, "nix.home_path", constant(span, first[1:].rstrip("/")))
        slash = [constant(span, "/")] if first.endswith("/") else []
        return call(span, "nix.path_interpolate", home, *slash, *rest)
    return call(span, "nix.path_interpolate", name(span, frame.unit.constant(("start of a path", first))), *rest)


@emits(tree.SearchPath)
@emits(tree.Repeated)
def desugared(node: tree.Node, frame: Frame) -> ast.expr:
    """`<nixpkgs>`, a value that is written like another one: what it stands for."""
    return emit(frame.unit.found.desugared[node], frame)


@emits(tree.CurrentPosition)
@delays(tree.CurrentPosition)
def current_position(node: tree.CurrentPosition, frame: Frame) -> ast.expr:
    """`__curPos`: a set of file, line and column, or null in text that is not a file."""
    span = frame.span(node)
    # columns are from 0 in Python's trees, from 1 in Nix
    return name(span, frame.unit.constant(("place", span[0], span[1] + 1)))


@emits(tree.List)
@delays(tree.List)
def list_display(node: tree.List, frame: Frame) -> ast.expr:
    """`[ a b ]`. Building it runs nothing, so it needs no thunk."""
    span = frame.span(node)
    # popped: the tree of a constant is of no more use, and a large file has many. An empty list is cheaper made than looked up
    data = frame.unit.found.data.pop(node, NOT_DATA)
    if data is not NOT_DATA and node.items:
        return name(span, frame.unit.constant(data))
    return long_list(node.items, span, frame, delay)
