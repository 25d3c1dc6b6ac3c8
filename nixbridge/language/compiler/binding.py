"""Bindings: what a name means, found by the resolve pass (compiler/resolver.py) and read by the emitters."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from nixbridge.language.compiler.frame import Frame
    from nixbridge.language.syntax import ast as tree


class Constant:
    """A name that stands for a number or a string that is written out: code has the value itself, and needs no variable."""

    __slots__ = ("value",)

    def __init__(self, value: float | str) -> None:
        self.value = value


class Known:
    """Knowledge of the value of an attribute that is written out, from its text alone.

    `constant`: a number or a string. `is_value`: never a thunk. `arity`: of a function that takes so many arguments at once, else 0.
    `cost`: of a function of straight-line code, how many nodes it has, else 0; `is_whole`: nothing in its result is to be evaluated.
    `shape`: of a set, what is known of each of its attributes; it has no others. `stands_for`: of what holds a builtin, the global
    that does.
    """

    __slots__ = ("arity", "constant", "cost", "is_value", "is_whole", "shape", "stands_for")

    def __init__(
        self,
        *,
        is_value: bool = False,
        constant: Constant | None = None,
        arity: int = 0,
        cost: int = 0,
        is_whole: bool = False,
        shape: Shape | None = None,
        stands_for: Global | None = None,
    ) -> None:
        self.is_value, self.constant, self.shape = is_value, constant, shape
        self.arity, self.cost, self.is_whole = arity, cost, is_whole
        self.stands_for = stands_for


class KnownFunction:
    """A function written out in the source: the Python variable that holds its Python function, and its arguments' number.

    `cost`: how many nodes it has, where it is straight-line code, else 0; `is_whole`: nothing in its result is to be evaluated.
    """

    __slots__ = ("arity", "cost", "is_whole", "python")

    def __init__(self, python: str, arity: int) -> None:
        self.python = python
        self.arity = arity
        self.cost = 0
        self.is_whole = False


class Local:
    """A local variable of a generated function: a variable of Nix, or one that the compiler needs for a `with` or an `inherit`.

    `is_value`: it never holds a thunk; `constant`: the number or string that it holds. `known`: the function that it is known to be.
    `shape`: what is known of the set that it is. `stands_for`: where else its value is, of `inherit (builtins) map` and `f = set.f`.
    The emitters set `frame`, the function that assigns it, and `pending`: it is not assigned yet at this point of the text.
    """

    __slots__ = ("constant", "frame", "is_value", "known", "pending", "python", "shape", "stands_for")

    def __init__(self, python: str, *, is_value: bool = False) -> None:
        self.python = python
        self.is_value = is_value
        self.known: KnownFunction | None = None
        self.shape: Shape | None = None
        self.stands_for: Global | Member | None = None
        self.constant: Constant | None = None
        self.frame: Frame | None = None
        self.pending = False


class Member:
    """An attribute of a set that is known to have it: of a large `let`, `rec` or set of formals, or of the set of a `with`.

    `container` holds the Python dict.
    """

    __slots__ = ("container", "key")

    def __init__(self, container: Local, key: str) -> None:
        self.container = container
        self.key = key

    @property
    def known(self) -> Known:
        """Facts about the value, complete once the pass is over."""
        return UNKNOWN if self.container.shape is None else self.container.shape.get(self.key, UNKNOWN)


class Global:
    """A name that every file sees; `python` is the global variable of the generated code.

    Nix's own names win over any `with`. Those that nixbridge adds do not (`yields`): to Nix, a `with` around them gives them.
    """

    __slots__ = ("python", "yields")

    def __init__(self, python: str) -> None:
        self.python = python
        self.yields = python.startswith(("prelude.", "nixpkgs."))


class WithMember:
    """A name that comes from a `with` whose set is known: `binding` holds it. To Nix each use of it is a value of its own."""

    __slots__ = ("binding",)

    def __init__(self, binding: Local | Member | Global) -> None:
        self.binding = binding


class Dynamic:
    """A name that only running the code can find: `scopes` are the variables of the `with`s to ask, innermost first.

    Where none of them has it, it is `otherwise`, if that is not None. `hints`: names of other sets, for the message.
    """

    __slots__ = ("hints", "otherwise", "scopes")

    def __init__(self, scopes: list[Local], otherwise: WithMember | Global | None, hints: tuple[str, ...] = ()) -> None:
        self.scopes, self.otherwise, self.hints = scopes, otherwise, hints


Binding: TypeAlias = "Local | Member | Global | Constant | WithMember | Dynamic"
#: Attribute -> what is known of its value.
Shape: TypeAlias = "dict[str, Known]"

UNKNOWN = Known()
VALUE = Known(is_value=True)


def meaning(node: tree.Variable) -> Local | Member | Global | Constant | Dynamic:
    """Return what a resolved variable means, no matter whether a `with` gave it."""
    binding: Binding = node.binding
    return binding.binding if isinstance(binding, WithMember) else binding


#: What these globals are in Python, when they are Nix's own (a scoped import may have others).
GLOBAL_CONSTANTS = {"builtins.true": True, "builtins.false": False, "builtins.null": None}


class GlobalNames:
    """The names that every file sees, as the generated code has them.

    `names`: Nix name -> global variable (`map` -> `builtins.map`). `members`: (global variable, attribute) -> the global
    variable that holds that attribute (`builtins`, `map` -> `builtins.map`). `arities`: how many arguments a global
    variable's primop takes; the variable's name with `()` after it is then the Python function itself. `forces`: in which order a
    primop evaluates its arguments, each position with the type that it wants (compiler/builtin_calls.py). `uncertain`: attributes
    that a set has in some evaluations only. `delayed`: global variables that may hold thunks.
    """

    __slots__ = ("_members_of", "arities", "bindings", "delayed", "forces", "members", "names", "uncertain")

    def __init__(
        self,
        names: dict[str, str],
        members: dict[tuple[str, str], str] | None = None,
        arities: dict[str, int] | None = None,
        forces: dict[str, tuple[tuple[int, str], ...]] | None = None,
        uncertain: frozenset[str] = frozenset(),
        delayed: frozenset[str] = frozenset(),
    ) -> None:
        self.names = names
        self.bindings = {name: Global(python) for name, python in names.items()}
        self.members = members or {}
        self.arities = arities or {}
        self.forces = forces or {}
        self.uncertain = uncertain
        self.delayed = delayed
        self._members_of: dict[str, dict[str, Global | None]] = {}

    def members_of(self, python: str) -> dict[str, Global | None] | None:
        """Return the attributes of a global that is a set; None for one that is not. An attribute that is uncertain is None."""
        if python not in self._members_of:
            self._members_of[python] = {
                name: None if name in self.uncertain else Global(held)
                for (home, name), held in self.members.items()
                if home == python
            }
        return self._members_of[python] or None
