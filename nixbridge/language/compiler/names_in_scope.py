"""The names in scope at one point of the resolve pass (compiler/resolver.py), and the Python variables that are made for them."""

from __future__ import annotations

from nixbridge.errors.exceptions import UndefinedVariable
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.compiler.binding import Dynamic, Local, Member
from nixbridge.language.compiler.names import nix_variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.binding import Binding, Global
    from nixbridge.language.compiler.resolution import Scope
    from nixbridge.language.syntax import ast as tree
    from nixbridge.source import Source


class NamesInScope:
    """The meaning of each name at the current node. `withs` are the variables of the `with`s around it, the outermost first.

    Every variable of a file gets a Python name of its own: the runtime finds a function by its parameter, and code of an inner function
    never has to save a variable of the same name.
    """

    def __init__(self, source: Source, globals_: dict[str, Global]) -> None:
        self.source = source
        self.globals = globals_
        self.withs: list[Local] = []
        #: Name -> what it means, the innermost last. Looking up takes the same time at any depth.
        self._bound: dict[str, list[Local | Member]] = {}
        self._used: dict[str, int] = {}
        self._own_variables = 0

    def variable(self, name: str) -> Local:
        """Return a new variable of Nix."""
        count = self._used.get(name, 0)
        self._used[name] = count + 1
        return Local(nix_variable(name, count))

    def own_variable(self, use: str) -> Local:
        """Return a new variable of the compiler's own; `use` says what it is for."""
        return Local(self.own_name(use))

    def own_name(self, use: str) -> str:
        """Return the name of a new variable of the compiler's own."""
        self._own_variables += 1
        return f"{use}.{self._own_variables}"

    def enter(self, scope: Scope) -> None:
        """From here on the names of a scope hide those around them."""
        bound = self._bound
        for name, binding in scope.names.items():
            if name in bound:
                bound[name].append(binding)
            else:
                bound[name] = [binding]

    def leave(self, scope: Scope, free: set[Local]) -> None:
        """The names of a scope end here; its variables are no longer `free`, since what binds them is inside the region."""
        bound = self._bound
        for name, binding in scope.names.items():
            stack = bound[name]
            stack.pop()
            if not stack:
                del bound[name]
            free.discard(binding)
        if scope.own is not None:
            free.discard(scope.own)
        free.difference_update(scope.subjects)

    def meaning(self, node: tree.Variable, free: set[Local]) -> Binding:
        """Return what a name means here; the variables that it takes are `free`. Raises UndefinedVariable at `node`."""
        name = node.name
        stack = self._bound.get(name)
        if stack is not None:
            binding = stack[-1]
            free.add(binding.container if isinstance(binding, Member) else binding)
            return binding
        known = self.globals.get(name)
        if known is not None:
            return known
        if self.withs:
            free.update(self.withs)
            return Dynamic(self.withs[::-1])
        raise UndefinedVariable(
            f"undefined variable '{name}'",
            source=self.source,
            span=self.source.span(node.start, node.end),
            hint=did_you_mean(name, sorted(n for n in {*self._bound, *self.globals} if not n.startswith("__"))),
        )

    def is_rebound(self, primop: str) -> bool:
        """Return whether the function of an operator is another than Nix's own here."""
        return primop in self._bound or (
            primop in self.globals and not self.globals[primop].python.startswith("builtins.")
        )
