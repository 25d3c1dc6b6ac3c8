"""Bindings: what a name means, found by the resolve pass (compiler/resolver.py) and read by the emitters."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from nixbridge.language.compiler.frame import Frame


class KnownFunction:
    """A function written out in the source: the Python variable that holds its Python function, and its arguments' number."""

    __slots__ = ("arity", "python")

    def __init__(self, python: str, arity: int) -> None:
        self.python = python
        self.arity = arity


class Local:
    """A local variable of a generated function: a variable of Nix, or one that the compiler needs for a `with` or an `inherit`.

    `is_value`: it never holds a thunk. `known`: the function that it is known to be. The emitters set `frame`, the function
    that assigns it, and `pending`: it is not assigned yet at this point of the text.
    """

    __slots__ = ("frame", "is_value", "known", "pending", "python")

    def __init__(self, python: str, *, is_value: bool = False) -> None:
        self.python = python
        self.is_value = is_value
        self.known: KnownFunction | None = None
        self.frame: Frame | None = None
        self.pending = False


class Member:
    """A variable of a large `let`, `rec` or set of formals: an entry of the Python dict that `container` holds."""

    __slots__ = ("container", "key")

    def __init__(self, container: Local, key: str) -> None:
        self.container = container
        self.key = key


class Global:
    """A name that every file sees; `python` is the global variable of the generated code."""

    __slots__ = ("python",)

    def __init__(self, python: str) -> None:
        self.python = python


class Dynamic:
    """A name that only `with` can give: the variables that hold the scopes, innermost first."""

    __slots__ = ("scopes",)

    def __init__(self, scopes: list[Local]) -> None:
        self.scopes = scopes


Binding: TypeAlias = "Local | Member | Global | Dynamic"

#: What these globals are in Python, when they are Nix's own (a scoped import may have others).
GLOBAL_CONSTANTS = {"builtins.true": True, "builtins.false": False, "builtins.null": None}


class GlobalNames:
    """The names that every file sees, as the generated code has them.

    `names`: Nix name -> global variable (`map` -> `builtins.map`). `members`: (global variable, attribute) -> the global
    variable that holds that attribute (`builtins`, `map` -> `builtins.map`). `arities`: how many arguments a global
    variable's primop takes; the variable's name with `()` after it is then the Python function itself. `forces`: in which order a
    primop evaluates its arguments, each position with the type that it wants (compiler/builtin_calls.py).
    """

    __slots__ = ("arities", "bindings", "forces", "members", "names")

    def __init__(
        self,
        names: dict[str, str],
        members: dict[tuple[str, str], str] | None = None,
        arities: dict[str, int] | None = None,
        forces: dict[str, tuple[tuple[int, str], ...]] | None = None,
    ) -> None:
        self.names = names
        self.bindings = {name: Global(python) for name, python in names.items()}
        self.members = members or {}
        self.arities = arities or {}
        self.forces = forces or {}
