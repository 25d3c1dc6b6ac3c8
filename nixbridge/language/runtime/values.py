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
    from collections.abc import Callable, Iterable
    from typing import Protocol, TypeAlias

    from nixbridge.language.function_info import PythonFunction

    class Function(PythonFunction, Protocol):
        """A Python function of one argument, as type checkers see it."""

        def __call__(self, argument: Lazy, /) -> Value: ...

else:
    Function = (lambda: None).__class__

#: A value in weak head normal form: what a function returns and `force` makes. What is inside a list or a set may be delayed still.
Value: TypeAlias = "Scalar | list[Lazy] | dict[str, Lazy]"
#: A value that is neither a list nor a set.
Scalar: TypeAlias = "bool | int | float | str | NixPath | Lambda | Primop | PrimopCall | None"
#: A function that Nix text made.
Lambda: TypeAlias = "Function | Curried2 | Curried3 | Partial"
#: A value that may be delayed: what is an argument, an element, an attribute.
Lazy: TypeAlias = "Value | Thunk"


class Curried2:
    """`a: b: body`; `run(a, b)` is the body.

    All arguments in one call, without a closure in between: a fold is twice as fast.
    """

    __slots__ = ("run",)
    arity = 2

    def __init__(self, run: Callable[[Lazy, Lazy], Value]) -> None:
        self.run = run


class Curried3:
    """`a: b: c: body`; `run(a, b, c)` is the body."""

    __slots__ = ("run",)
    arity = 3

    def __init__(self, run: Callable[[Lazy, Lazy, Lazy], Value]) -> None:
        self.run = run


class Partial:
    """One of these that has been given some of its arguments."""

    __slots__ = ("arity", "given", "run")

    def __init__(self, run: Callable[..., Value], given: tuple[Lazy, ...], arity: int) -> None:
        self.run, self.given, self.arity = run, given, arity

    def apply(self, argument: Lazy) -> Value:
        """With one argument more: the body's value, or still a Partial."""
        if self.arity == 1:
            return self.run(*self.given, argument)
        return Partial(self.run, (*self.given, argument), self.arity - 1)


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
#: The classes of all other values.
DATA = frozenset(TYPE_OF).difference(FUNCTIONS)


def type_name(value: Lazy) -> str:
    """Return `a set`, `an integer`, ... for messages; a primop names itself as Nix does."""
    if type(value) is Primop:
        return f"the built-in function '{value.name}'"
    if type(value) is PrimopCall:
        return f"the partially applied built-in function '{value.primop.name}'"
    return SHOWN[type(value)]


def code_of(function: Lambda) -> PythonFunction:
    """Return the Python function that runs the body of a lambda."""
    return function.run if isinstance(function, (Curried2, Curried3, Partial)) else function


def sorted_names(attrs: Iterable[str]) -> list[str]:
    """Return the names in Nix's order, which is that of their UTF-8 bytes."""
    names = sorted(attrs)
    if not "".join(names).isascii():
        names.sort(key=_bytes)
    return names


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
