"""The names that every file sees, the object that each stands for (loaded when code that uses it is), and what those objects need."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, Refused, TooDeep
from nixbridge.language.builtins import registry as builtins
from nixbridge.language.runtime import coerce, operators
from nixbridge.language.runtime.exports import EXPORTS
from nixbridge.language.runtime.path import NixPath, canonical
from nixbridge.language.runtime.strings import ContextString, join
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.runtime.type_checks import expect_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol

    from nixbridge.language.builtins.flake_references import Attributes
    from nixbridge.language.compiler.binding import GlobalNames
    from nixbridge.language.machine.host import Host
    from nixbridge.language.prelude import Prelude
    from nixbridge.language.runtime.values import Lazy, Value

    class FlakeServices(Protocol):
        """Sources that are on this machine already: nothing here opens a connection."""

        def get_flake(self, text: str) -> Value:
            """Return the flake of a reference, as `self` is."""
            ...

        def fetch_tree(self, attributes: Attributes, function: str) -> dict[str, Lazy]:
            """Return the metadata of a source, including its `outPath`."""
            ...

        def fetch_archive(self, url: str, name: str, digest: bytes) -> str:
            """Return the store path of the contents of an archive."""
            ...

        def fetch_file(self, url: str, name: str, digest: bytes) -> str:
            """Return the store path of a file."""
            ...


#: Global variables of generated code: `builtins.map`, `prelude.mkIstioMesh`, `nixpkgs.lib`, `nix.force`.
LIB = "nixpkgs.lib"


#: The static scopes that were made, by the names and sets of their preludes: nearly always the same one.
_SCOPES: dict[tuple[object, ...], GlobalNames] = {}


def global_names(prelude: Prelude, extra: tuple[str, ...] = ()) -> GlobalNames:
    """Return the static scope: Nix's own names, the prelude's, `lib`; `extra` are the names of a scoped import, which win."""
    key = (prelude.names, tuple(prelude.sets.items()))
    if extra:
        return _global_names(prelude, extra)
    if key not in _SCOPES:
        _SCOPES[key] = _global_names(prelude, ())
    return _SCOPES[key]


def _global_names(prelude: Prelude, extra: tuple[str, ...]) -> GlobalNames:
    from nixbridge.language.compiler.binding import GlobalNames

    names = {name: f"builtins.{name.removeprefix('__')}" for name in builtins.GLOBALS}
    names |= {name: f"prelude.{name}" for name in prelude.names}
    names["lib"] = LIB
    names |= {name: f"scope.{name}" for name in extra}
    members = {("builtins.builtins", name): f"builtins.{name}" for name in builtins.BUILTINS}
    members |= {("builtins.builtins", name): f"prelude.{name}" for name in prelude.builtins}
    members |= {
        (f"prelude.{key}", name): f"prelude.{name}" for key, names_in in prelude.sets.items() for name in names_in
    }
    arities = {f"builtins.{name}": arity for name, arity in builtins.ARITIES.items()}
    forces = {f"builtins.{name}": order for name, order in builtins.FORCES.items()}
    # what refuses does so when it is evaluated; the values of a scoped import are whatever its set holds
    delayed = frozenset((*(f"builtins.{name}" for name in builtins.UNCERTAIN), *(f"scope.{name}" for name in extra)))
    return GlobalNames(names, members, arities, forces, builtins.UNCERTAIN, delayed)


class NeedPositions(BaseException):
    """The program asks where an attribute stands and positions were not kept.

    Keeping them costs every program, and few ask. The evaluator starts over with positions; no Nix code may catch this, so it is not
    an Exception.
    """


class Services:
    """`import` and its kin for one evaluation. A value object: an evaluation that starts over makes new ones."""

    __slots__ = ("_flakes", "_import_file", "_on_break", "_on_import", "_scoped_import", "host", "positions")

    def __init__(
        self,
        host: Host,
        import_file: Callable[[str], Value],
        scoped_import: Callable[[Mapping[str, Lazy], str], Value],
        *,
        positions: bool,
        on_import: Callable[[str], None] | None = None,
        on_break: Callable[[], None] | None = None,
        flakes: Callable[[], FlakeServices] | None = None,
    ) -> None:
        self.host = host
        self._flakes = flakes
        self.positions = positions
        self._import_file = import_file
        self._scoped_import = scoped_import
        self._on_import = on_import
        self._on_break = on_break

    def import_file(self, path: str) -> Value:
        """Return the value of a file that the program imports."""
        if self._on_import is not None:
            self._on_import(path)
        return self._import_file(path)

    def scoped_import(self, scope: Mapping[str, Lazy], path: str) -> Value:
        """Return the value of a file that sees the names of `scope` before all others."""
        if self._on_import is not None:
            self._on_import(path)
        return self._scoped_import(scope, path)

    def need_positions(self) -> None:
        """Raise NeedPositions unless positions are kept."""
        if not self.positions:
            raise NeedPositions

    def flakes(self) -> FlakeServices:
        """Return what answers `builtins.getFlake` and the fetch functions. Raises Refused where there is nothing of the kind."""
        if self._flakes is None:
            raise Refused("this evaluation has no flakes and fetches nothing")
        return self._flakes()

    def at_break(self) -> None:
        """Open the debugger, where there is one."""
        if self._on_break is not None:
            self._on_break()


class Globals:
    """Objects by the names that generated code has for them; each is made once."""

    def __init__(
        self,
        services: Services,
        lib: Callable[[], Value],
        max_call_depth: int,
        prelude: Prelude,
        *,
        natives: bool = True,
    ) -> None:
        self.services = services
        self._natives = natives
        #: Whether the program has a function that is known by its text, and runs in Python.
        self.uses_natives = False
        self.host = services.host
        self._prelude = prelude
        self._lib = lib
        self._depth = 0
        self._max_call_depth = max_call_depth
        self._found: dict[str, object] = {
            "nix.interpolate": self.interpolate,
            "nix.coerce": self.coerce,
            "nix.coerce_in_path": self.coerce_in_path,
            "nix.path_interpolate": self.path_interpolate,
            "nix.home_path": self.home_path,
            "nix.counted": self.counted,
            "nix.add": self.add,
        }

    def restart(self) -> None:
        """Begin again from the outside: no call is open."""
        self._depth = 0

    def resolve(self, name: str) -> Any:
        """Return the object that generated code calls `name`."""
        found = self._found
        if name in found:
            return found[name]
        room, _, member = name.partition(".")
        if name.endswith("()"):
            value = self.resolve(name[:-2]).run
        elif room == "nix":
            value = EXPORTS[member]
        elif room == "builtins":
            value = builtins.builtin(member, self.services)
            if member == "builtins":
                # the very set, which contains itself: `builtins.builtins` has them as well
                expect_set(value).update(
                    {further: Thunk(self.resolve, f"prelude.{further}") for further in self._prelude.builtins}
                )
        elif room == "native":
            value = self._native(member)
        elif name == LIB:
            value = self._lib()
        else:
            value = self._prelude.value_of(member, self._lib)
        found[name] = value
        return value

    def _native(self, name: str) -> Any:
        """Return the body of a function that is known by its text: what Python has for it, else the Nix code, its last argument."""
        if not self._natives:
            return lambda *arguments: arguments[-1]()
        from nixbridge.language.nixpkgs.native_bodies import BODIES_OF_A_PROGRAM, NATIVE_BODIES

        self.uses_natives = True
        return BODIES_OF_A_PROGRAM[name]() if name in BODIES_OF_A_PROGRAM else NATIVE_BODIES[name]

    # what generated code calls and needs the host or the evaluator

    def interpolate(self, *texts: str) -> str:
        """Return the parts of an interpolated string, coerced already, joined, with their contexts united."""
        return join("", list(texts))

    def coerce(self, part: Lazy) -> str:
        """Return a part of an interpolated string as a string; a path is copied to the store."""
        return coerce.to_string(part, self.host)

    def coerce_in_path(self, part: Lazy) -> str:
        """Return a part of an interpolated path as a string; a path is its text."""
        return coerce.to_string(part, self.host, copy_to_store=False)

    def add(self, left: Lazy, right: Lazy) -> Value:
        """Return `left + right`; a path that is added to a string is copied to the store."""
        return operators.add(left, right, self.host)

    def path_interpolate(self, first: NixPath | str, *texts: str) -> NixPath:
        """Return `./a/${b}`, its parts coerced already. Raises EvalError for a part with a context."""
        text = join("", [first.text if isinstance(first, NixPath) else first, *texts])
        if text.__class__ is ContextString:
            raise EvalError("a string that refers to a store path cannot be appended to a path")
        return NixPath(canonical(text))

    def home_path(self, rest: str) -> NixPath:
        """Return the path that `~/rest` is."""
        return NixPath(self.host.home_path(rest))

    def counted(self, body: Callable[[], Value]) -> Value:
        """Run a function's body as one more call. Raises LimitReached beyond Nix's max-call-depth."""
        self._depth += 1
        if self._depth > self._max_call_depth:
            raise TooDeep("stack overflow; max-call-depth exceeded")
        try:
            return body()
        finally:
            self._depth -= 1
