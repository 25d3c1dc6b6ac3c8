"""Which variable a name means, found when compiling. (Nix manual, Language constructs: let, with, functions.)

A name is a local of an enclosing function, else a global, else what the chain of `with` has. Lexical always wins over `with`.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import UndefinedVariable
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.compiler.names import CONSTANT, TEMPORARY, nix_variable
from nixbridge.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from nixbridge.language.function_info import Packed
    from nixbridge.language.syntax.ast import Node


class Local:
    """A variable of Nix that is a local variable of a generated function.

    `is_value`: it never holds a thunk. `pending`: its function has not assigned it yet at this point of the text.
    `known`: the function that it is known to be.
    """

    __slots__ = ("frame", "is_value", "known", "pending", "python")

    def __init__(self, python: str, frame: Frame, *, is_value: bool = False, pending: bool = False) -> None:
        self.python = python
        self.frame = frame
        self.is_value = is_value
        self.pending = pending
        self.known: KnownFunction | None = None


class KnownFunction:
    """A function written out in the source: the Python variable that holds its Python function, and its arguments' number."""

    __slots__ = ("arity", "python")

    def __init__(self, python: str, arity: int) -> None:
        self.python = python
        self.arity = arity


class Member:
    """A variable of a large `let` or `rec`: an entry of the Python dict that the local variable `container` holds."""

    __slots__ = ("container", "key")

    def __init__(self, container: str, key: str) -> None:
        self.container = container
        self.key = key


class Global:
    """A name that every file sees; `python` is the global variable of the generated code."""

    __slots__ = ("python",)

    def __init__(self, python: str) -> None:
        self.python = python


class Dynamic:
    """A name that only `with` can give: the Python variables that hold the scopes, innermost first."""

    __slots__ = ("scopes",)

    def __init__(self, scopes: list[str]) -> None:
        self.scopes = scopes


#: What these globals are in Python, when they are Nix's own (a scoped import may have others).
GLOBAL_CONSTANTS = {"builtins.true": True, "builtins.false": False, "builtins.null": None}

Binding: TypeAlias = "Local | Member | Global | Dynamic"


class GlobalNames:
    """What every file sees, as the generated code names it.

    `names`: Nix name -> global variable (`map` -> `builtins.map`). `members`: (global variable, attribute) -> the global
    variable that holds that attribute (`builtins`, `map` -> `builtins.map`). `arities`: how many arguments a global
    variable's primop takes; the variable's name with `()` behind it is then the Python function itself.
    """

    __slots__ = ("arities", "members", "names")

    def __init__(
        self,
        names: dict[str, str],
        members: dict[tuple[str, str], str] | None = None,
        arities: dict[str, int] | None = None,
    ) -> None:
        self.names = names
        self.members = members or {}
        self.arities = arities or {}


class Unit:
    """What one compilation shares: the text, the global names, unique Python names, folded constants."""

    __slots__ = (
        *("arities", "constants", "deepest", "depth", "folded", "functions", "globals", "internal", "members", "mode"),
        *("source", "used"),
    )

    def __init__(self, source: Source, global_names: GlobalNames, mode: Mode) -> None:
        self.source = source
        self.globals = global_names.names
        self.members = global_names.members
        self.arities = global_names.arities
        self.mode = mode
        self.used: dict[str, int] = {}
        self.functions: dict[str, Packed] = {}
        self.internal = 0
        self.depth = 0
        self.deepest = 0
        self.constants: dict[str, object] = {}
        self.folded: dict[Node, object] = {}

    def variable(self, name: str) -> str:
        """Return a Python name for a Nix variable called `name` that nothing else in this unit has."""
        count = self.used.get(name, 0)
        self.used[name] = count + 1
        return nix_variable(name, count)

    def own_variable(self, use: str) -> str:
        """Return a Python name for a variable of the compiler's own; `use` is a word that says what it is for."""
        self.internal += 1
        return f"{use}.{self.internal}"

    def constant(self, value: object) -> str:
        """The global variable under which `value` (a folded list or set) will be found."""
        name = f"{CONSTANT}{len(self.constants)}"
        self.constants[name] = value
        return name


class Mode:
    """How to compile: with positions of attributes kept, with calls counted. Each mode has its own cache entry."""

    __slots__ = ("counted", "positions")

    def __init__(self, positions: bool = False, counted: bool = False) -> None:
        self.positions = positions
        self.counted = counted


#: Python functions within one another. Python takes their code apart by recursion in C, 400 bytes a level; a thread's stack may be 1 MiB.
MOST_FUNCTIONS = 2_000


class Frame:
    """One generated Python function: which variables are known to be forced at this point, and its temporaries."""

    __slots__ = ("depth", "forced", "in_use", "log", "parent", "unit")

    def __init__(self, unit: Unit, parent: Frame | None) -> None:
        self.unit = unit
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0
        if self.depth > MOST_FUNCTIONS:
            raise RecursionError
        self.forced: dict[Local, str] = {}
        self.log: list[Local] = []
        self.in_use = 0

    def alias(self, local: Local) -> str | None:
        """The Python variable that holds the forced value of `local` here, if one does.

        What the enclosing function knew when this one was made holds for good: its variable is assigned already.
        """
        frame: Frame | None = self
        while frame is not None:
            known = frame.forced.get(local)
            if known is not None:
                return known
            frame = frame.parent
        return None

    def note_forced(self, local: Local, python: str) -> None:
        """From here on `python` holds the forced value of `local`."""
        if local not in self.forced:
            self.forced[local] = python
            self.log.append(local)

    def mark(self) -> int:
        """Where a branch begins that may not be run."""
        return len(self.log)

    def forget(self, mark: int) -> None:
        """What was learnt since `mark` was learnt in a branch: it does not hold behind it."""
        while len(self.log) > mark:
            del self.forced[self.log.pop()]

    def temporary(self) -> str:
        """A Python variable for an intermediate result, until `release`."""
        self.in_use += 1
        return f"{TEMPORARY}{self.in_use}"

    def release(self, count: int = 1) -> None:
        """The last `count` temporaries are free again."""
        self.in_use -= count


class Scope:
    """The names of one `let`, `rec`, lambda, or one `with`, on top of those around it."""

    __slots__ = ("frame", "names", "parent", "with_variable")

    def __init__(
        self,
        frame: Frame,
        parent: Scope | None,
        names: dict[str, Local | Member] | None = None,
        with_variable: str | None = None,
    ) -> None:
        self.frame = frame
        self.parent = parent
        self.names = names if names is not None else {}
        self.with_variable = with_variable

    @property
    def unit(self) -> Unit:
        """What the whole compilation shares."""
        return self.frame.unit

    def inner(self) -> Scope:
        """The same names, seen from a new Python function inside this one."""
        return Scope(Frame(self.unit, self.frame), self)

    def span(self, node: Node) -> Span:
        """Where a node stands."""
        return self.unit.source.span(node.start, node.end)

    def outwards(self) -> Iterator[Scope]:
        """This scope and those around it, nearest first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def resolve(self, name: str, node: Node) -> Binding:
        """What `name` means here. Raises UndefinedVariable with the place of `node`."""
        scope: Scope | None = self
        while scope is not None:
            local = scope.names.get(name)
            if local is not None:
                return local
            scope = scope.parent
        known = self.unit.globals.get(name)
        if known is not None:
            return Global(known)
        withs = [scope.with_variable for scope in self.outwards() if scope.with_variable is not None]
        if withs:
            return Dynamic(withs)
        visible = {n for scope in self.outwards() for n in scope.names} | self.unit.globals.keys()
        raise UndefinedVariable(
            f"undefined variable '{name}'",
            source=self.unit.source,
            span=self.span(node),
            hint=did_you_mean(name, sorted(n for n in visible if not n.startswith("__"))),
        )

    def is_builtin(self, name: str) -> bool:
        """Does `name` mean the global of that name here?"""
        return name in self.unit.globals and not any(name in scope.names for scope in self.outwards())
