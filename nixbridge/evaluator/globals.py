"""The names that every file sees, and the object behind each: loaded when code that uses it is."""

from __future__ import annotations

from nixbridge.builders import catalogue as builders
from nixbridge.builtins import catalogue as builtins
from nixbridge.errors.kinds import EvalError, LimitReached
from nixbridge.runtime import coerce, operators
from nixbridge.runtime.exports import EXPORTS
from nixbridge.runtime.host import Host
from nixbridge.runtime.path import NixPath, canonical
from nixbridge.runtime.text import ContextString, join
from nixbridge.runtime.thunk import Thunk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.compiler.scope import GlobalNames

#: Global variables of generated code: `builtins.map`, `builders.mkIstioMesh`, `nixpkgs.lib`, `nix.force`.
SERVICE_MESH = "builders.serviceMesh"
NIXERNETES = "builders.nixernetes"
LIB = "nixpkgs.lib"


def global_names(extra: tuple[str, ...] = ()) -> GlobalNames:
    """The static scope: Nix's own, the builders, `lib`; `extra` are the names of a scoped import, which come first."""
    from nixbridge.compiler.scope import GlobalNames

    names = {name: f"builtins.{name.removeprefix('__')}" for name in builtins.GLOBALS}
    names |= {name: f"builders.{name}" for name in builders.BUILDERS}
    names |= {"serviceMesh": SERVICE_MESH, "nixernetes": NIXERNETES, "lib": LIB}
    names |= {name: f"scope.{name}" for name in extra}
    members = {("builtins.builtins", name): f"builtins.{name}" for name in builtins.BUILTINS}
    members |= {(SERVICE_MESH, name): f"builders.{name}" for name in builders.BUILDERS}
    arities = {f"builtins.{name}": arity for name, arity in builtins.ARITIES.items()}
    return GlobalNames(names, members, arities)


class Globals:
    """Objects by the names that generated code has for them; each is made once."""

    def __init__(
        self,
        host: Host,
        lib: Callable[[], Any],
        max_call_depth: int,
        builder_value: Callable[[str], Any] = builders.builder_value,
    ) -> None:
        self.host = host
        self._builder_value = builder_value
        self._lib = lib
        self._depth = 0
        self._max_call_depth = max_call_depth
        self._found: dict[str, Any] = {
            "nix.interpolate": self.interpolate,
            "nix.path_interpolate": self.path_interpolate,
            "nix.home_path": self.home_path,
            "nix.counted": self.counted,
            "nix.add": self.add,
        }

    def restart(self) -> None:
        """Evaluation starts again from the outside: no call is open."""
        self._depth = 0

    def resolve(self, name: str) -> Any:
        """The object that generated code calls `name`."""
        found = self._found
        if name in found:
            return found[name]
        room, _, member = name.partition(".")
        if name.endswith("()"):
            value = self.resolve(name[:-2]).run
        elif room == "nix":
            value = EXPORTS[member]
        elif room == "builtins":
            value = builtins.builtin(member, self.host)
        elif name == SERVICE_MESH:
            value = builders.service_mesh(self._builder_value)
        elif name == NIXERNETES:
            value = {"serviceMesh": self.resolve(SERVICE_MESH), "lib": Thunk(self._lib)}
        elif name == LIB:
            value = self._lib()
        else:
            value = self._builder_value(member)
        found[name] = value
        return value

    def constant(self, value: Any) -> Any:
        """A folded constant of a compiled file as a value: data is itself, `("path", text)` a path."""
        return NixPath(canonical(value[1])) if value.__class__ is tuple else value

    # what generated code calls and needs the host or the evaluator

    def interpolate(self, *parts: Any) -> str:
        """`"a${b}"`: the parts coerced to strings, their contexts united."""
        return coerce.interpolate(list(parts), self.host)

    def add(self, left: Any, right: Any) -> Any:
        """`left + right`; a path that is added to a string is copied to the store."""
        return operators.add(left, right, self.host)

    def path_interpolate(self, first: Any, *parts: Any) -> NixPath:
        """`./a/${b}`: text, not yet canonical. A path put in is its text, not copied to a store. Raises EvalError for a context."""
        start = first.text if first.__class__ is NixPath else first
        text = join("", [start, *(coerce.to_string(part, self.host, copy_to_store=False) for part in parts)])
        if text.__class__ is ContextString:
            raise EvalError("a string that refers to a store path cannot be appended to a path")
        return NixPath(canonical(text))

    def home_path(self, rest: str) -> NixPath:
        """`~/rest`."""
        return NixPath(self.host.home_path(rest))

    def counted(self, body: Callable[[], Any]) -> Any:
        """Runs a function's body as one more call. Raises LimitReached beyond Nix's max-call-depth."""
        self._depth += 1
        if self._depth > self._max_call_depth:
            raise LimitReached("stack overflow; max-call-depth exceeded")
        try:
            return body()
        finally:
            self._depth -= 1
