"""The Python types of Nix's values.

| Nix | Python |
| --- | --- |
| integer | `int` (always within 64 bits) |
| float | `float` |
| Boolean | `bool` |
| null | `None` |
| string | `str`; `ContextString`, a subclass, only where there is a string context |
| path | `NixPath` |
| list | `list` |
| set | `dict`; `AttrSet`, a subclass, where positions or the builder's mark are kept |
| function | a Python function of one argument, `Curried2`, `Curried3`, `Partial` (what is compiled); `Primop`, `PrimopCall` |
| not evaluated yet | `Thunk` |

Mind: `True.__class__ is bool`, so test `x.__class__ is int`, never `isinstance(x, int)`. Bytes that are no UTF-8 are lone surrogates in
a `str` (`surrogateescape`). Keys of a dict are exact `str`s, in any order: what shows a set sorts them (`sorted_names`).
"""

from __future__ import annotations

from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.primop import Primop, PrimopCall
from nixbridge.language.runtime.strings import ContextString
from nixbridge.language.runtime.thunk import Thunk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

Value: TypeAlias = "Any"  # anything of the table above


class Curried2:
    """`a: b: body`; `run(a, b)` is the body.

    All arguments in one call, without a closure in between: a fold is twice as fast.
    """

    __slots__ = ("run",)
    arity = 2

    def __init__(self, run: Callable[[Any, Any], Any]) -> None:
        self.run = run


class Curried3:
    """`a: b: c: body`; `run(a, b, c)` is the body."""

    __slots__ = ("run",)
    arity = 3

    def __init__(self, run: Callable[[Any, Any, Any], Any]) -> None:
        self.run = run


class Partial:
    """One of these that has been given some of its arguments."""

    __slots__ = ("arity", "given", "run")

    def __init__(self, run: Callable[..., Any], given: tuple[Any, ...], arity: int) -> None:
        self.run, self.given, self.arity = run, given, arity

    def apply(self, argument: Any) -> Any:
        """With one argument more: the body's value, or still a Partial."""
        if self.arity == 1:
            return self.run(*self.given, argument)
        return Partial(self.run, (*self.given, argument), self.arity - 1)


Function = (lambda: None).__class__

#: What `builtins.typeOf` says.
TYPE_OF: dict[type, str] = {
    int: "int",
    float: "float",
    bool: "bool",
    None.__class__: "null",
    str: "string",
    ContextString: "string",
    NixPath: "path",
    list: "list",
    dict: "set",
    AttrSet: "set",
    Function: "lambda",
    Curried2: "lambda",
    Curried3: "lambda",
    Partial: "lambda",
    Primop: "lambda",
    PrimopCall: "lambda",
}

#: How a message names a type: "expected a set but found a list".
SHOWN: dict[type, str] = {
    int: "an integer",
    float: "a float",
    bool: "a Boolean",
    None.__class__: "null",
    str: "a string",
    ContextString: "a string with context",
    NixPath: "a path",
    list: "a list",
    dict: "a set",
    AttrSet: "a set",
    Function: "a function",
    Curried2: "a function",
    Curried3: "a function",
    Partial: "a function",
    Primop: "a built-in function",
    PrimopCall: "a partially applied built-in function",
    Thunk: "a thunk",
}

#: What Nix text makes, and all functions.
LAMBDAS = (Function, Curried2, Curried3, Partial)
FUNCTIONS = (*LAMBDAS, Primop, PrimopCall)


def type_name(value: Value) -> str:
    """Return `a set`, `an integer`, ... for messages; a primop names itself as Nix does."""
    if value.__class__ is Primop:
        return f"the built-in function '{value.name}'"
    if value.__class__ is PrimopCall:
        return f"the partially applied built-in function '{value.primop.name}'"
    return SHOWN[value.__class__]


def sorted_names(attrs: dict[str, Value]) -> list[str]:
    """Return the names in Nix's order, which is that of their UTF-8 bytes."""
    names = sorted(attrs)
    if not "".join(names).isascii():
        names.sort(key=_bytes)
    return names


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
