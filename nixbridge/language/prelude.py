"""Names that an evaluation brings besides Nix's own: the one door by which an embedding program adds to the language.

The language itself has an empty prelude. `nixbridge.mesh` hands in Nixernetes' service-mesh functions.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nixbridge.language.runtime.values import Lazy, Value


class Prelude:
    """The names that an evaluator adds to those that every file sees.

    `names`: each is in scope as it stands. `value_of(name, lib)` gives the value of one when code that uses it is loaded;
    `lib` is a function that gives nixpkgs' `lib`.
    `sets`: sets of such names, each in scope under its key, whose members the compiler may resolve at once.
    `arguments`: those of `names` that a file which is a function is given for a formal of the same name.
    `builtins`: those of `names` that the set `builtins` has as well.
    `modules`: file names for which a value stands in where no such file exists, by the name of the value.
    """

    __slots__ = ("arguments", "builtins", "modules", "names", "sets", "value_of")

    def __init__(
        self,
        names: tuple[str, ...] = (),
        value_of: Callable[[str, Callable[[], Value]], Lazy] = lambda name, lib: None,
        *,
        sets: Mapping[str, tuple[str, ...]] | None = None,
        arguments: tuple[str, ...] = (),
        builtins: tuple[str, ...] = (),
        modules: Mapping[str, str] | None = None,
    ) -> None:
        self.names = names
        self.value_of = value_of
        self.sets = sets or {}
        self.arguments = arguments
        self.builtins = builtins
        self.modules = modules or {}

    def with_functions(self, functions: Mapping[str, Lazy]) -> Prelude:
        """Return a prelude that has further names, in scope and in `builtins`, each with its value."""

        def value_of(name: str, lib: Callable[[], Value]) -> Lazy:
            return functions[name] if name in functions else self.value_of(name, lib)

        return Prelude(
            (*self.names, *functions),
            value_of,
            sets=self.sets,
            arguments=self.arguments,
            builtins=(*self.builtins, *functions),
            modules=self.modules,
        )


#: Nix as it is.
NO_PRELUDE = Prelude()
