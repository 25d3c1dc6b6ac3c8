"""The names in scope at one point of the resolve pass (compiler/resolver.py), and the Python variables that are made for them."""

from __future__ import annotations

from nixbridge.errors.exceptions import UndefinedVariable
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.compiler.binding import Dynamic, Global, Known, Local, Member, WithMember
from nixbridge.language.compiler.names import nix_variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from nixbridge.language.compiler.binding import Binding
    from nixbridge.language.compiler.resolution import Scope
    from nixbridge.language.syntax import ast as tree
    from nixbridge.source import Source

    Members: TypeAlias = Mapping[str, Local | Member | Global | Known | None]


#: So many `with`s within one another are looked at one by one; the next one's variable holds all of them.
MOST_WITHS = 8


class With:
    """A `with` around the current node. `scope` is that of its node.

    `members`: what its names are, where its set is known: a variable, a global, an attribute of the set in `scope.own`; None for a name
    that the set perhaps lacks. `members` itself is None for a set that is not known.
    """

    __slots__ = ("members", "scope")

    def __init__(self, scope: Scope, members: Members | None) -> None:
        self.scope, self.members = scope, members


class NamesInScope:
    """The meaning of each name at the current node.

    Every variable of a file gets a Python name of its own: the runtime finds a function by its parameter, and code of an inner function
    never has to save a variable of the same name.
    """

    def __init__(self, source: Source, globals_: dict[str, Global]) -> None:
        self.source = source
        self.globals = globals_
        #: Name -> what it means, the innermost last. Looking up takes the same time at any depth.
        self._bound: dict[str, list[Local | Member]] = {}
        #: The `with`s around the current node, the outermost first.
        self._withs: list[With] = []
        #: The scopes around the current node, the innermost last.
        self._scopes: list[Scope] = []
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
        self._scopes.append(scope)
        bound = self._bound
        for name, binding in scope.names.items():
            if name in bound:
                bound[name].append(binding)
            else:
                bound[name] = [binding]

    def leave(self, scope: Scope, free: set[Local]) -> None:
        """The names of a scope end here; its variables are no longer `free`, since what binds them is inside the region."""
        self._scopes.pop()
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

    def many_withs(self) -> bool:
        """Return whether another `with` must hold those around it."""
        return len(self._withs) >= MOST_WITHS

    def enter_with(self, scope: Scope, members: Members | None) -> list[With]:
        """From here on a `with` gives the names that no scope has. Returns what ends it: the argument of `leave_with`.

        Code for a name must not grow with the number of `with`s around it, so after many of them one asks for all.
        """
        self._scopes.append(scope)
        around = self._withs
        entered = With(scope, members)
        if self.many_withs():
            for outer in reversed(around):
                assert outer.scope.own is not None
                outer.scope.is_needed = True
                scope.subjects.append(outer.scope.own)
            self._withs = [entered]
        else:
            self._withs = [*around, entered]
        return around

    def leave_with(self, around: list[With]) -> None:
        """The names of a `with` end here."""
        self._scopes.pop()
        self._withs = around

    def innermost(self) -> Scope | None:
        """Return the innermost scope around the current node: where it is the same, names mean the same."""
        return self._scopes[-1] if self._scopes else None

    def meaning(self, node: tree.Variable, free: set[Local]) -> Binding:
        """Return what a name means here; the variables that it takes are `free`. Raises UndefinedVariable at `node`."""
        name = node.name
        stack = self._bound.get(name)
        if stack is not None:
            binding = stack[-1]
            if isinstance(binding, Local) and binding.constant is not None:
                return binding.constant
            free.add(binding.container if isinstance(binding, Member) else binding)
            if isinstance(binding, Local) and isinstance(binding.stands_for, Member):
                free.add(binding.stands_for.container)
            return binding
        known = self.globals.get(name)
        if known is not None and not (known.yields and self._withs):
            return known
        if self._withs:
            return self._given_by_with(name, known, free)
        raise UndefinedVariable(
            f"undefined variable '{name}'",
            source=self.source,
            span=self.source.span(node.start, node.end),
            hint=did_you_mean(name, sorted(n for n in {*self._bound, *self.globals} if not n.startswith("__"))),
        )

    def _given_by_with(self, name: str, otherwise: Global | None, free: set[Local]) -> Binding:
        """Return the meaning of a name that no scope has: what the innermost known set has, or a question to the unknown ones inside it."""
        found: WithMember | Global | None = otherwise
        asked: list[Local] = []
        for entered in reversed(self._withs):
            own, members = entered.scope.own, entered.members
            assert own is not None
            if members is not None and name not in members:
                continue
            given = members[name] if members is not None else None
            if given is None:
                asked.append(own)
                entered.scope.is_needed = True
                continue
            if not isinstance(given, (Global, Member)) and given.constant is not None and not asked:
                return given.constant
            if isinstance(given, Known):
                given = Member(own, name)
                entered.scope.is_needed = True
            if not isinstance(given, Global):
                free.add(given.container if isinstance(given, Member) else given)
            found = WithMember(given)
            break
        free.update(asked)
        if not asked and found is not None:
            return found
        return Dynamic(asked, found, () if asked else self._names_of_withs())

    def _names_of_withs(self) -> tuple[str, ...]:
        """Return the names that the known sets around have, for the hint of a message."""
        return tuple(sorted({name for entered in self._withs for name in entered.members or ()}))

    def is_rebound(self, primop: str) -> bool:
        """Return whether the function of an operator is another than Nix's own here."""
        return primop in self._bound or (
            primop in self.globals and not self.globals[primop].python.startswith("builtins.")
        )
