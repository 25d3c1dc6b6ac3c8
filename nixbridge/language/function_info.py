"""Facts about a compiled function besides its code: name, place, formals. The compiler writes them, the runtime reads them.

They stand in a table among the globals of a file's code, under the Python name of the function's parameter, which is unique in that
file. So they cost nothing while the function is made and called, and a function that no Nix text made simply is not in the table.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Protocol, TypeAlias

    #: The fields of a FunctionInfo in order, all of which can be marshalled.
    Packed: TypeAlias = tuple[
        str, int, int, str, dict[str, bool] | None, bool, dict[str, tuple[int, int]], tuple[str, ...], str
    ]

    class PythonFunction(Protocol):
        """A function that has a code object: one that `def` or `lambda` made, or that was compiled from Nix text."""

        @property
        def __code__(self) -> CodeType: ...
        @property
        def __globals__(self) -> dict[str, Any]: ...


#: The global variable of generated code that holds the table: Python parameter -> Packed.
FUNCTIONS = "nix.functions"

#: Traits: what is known of a body before it runs. A function has at most one.
#: The body is arithmetic, comparison, strings and displays of literals and of the argument itself: on a number or a string it ends
#: soon, and can fail but not run on. `map` tries it at once.
STRAIGHT_LINE = "straight-line"
#: The body is a display: a set, a list or a function written out, of one argument or two. It cannot even fail, whatever these are.
DISPLAY = "display"
#: The function is `a: b: a < b` or `a: b: a > b`, or compares what is at `key` in both: `a: b: a.name < b.name`.
LESS_THAN = "less-than"
GREATER_THAN = "greater-than"


class FunctionInfo:
    """One lambda of the source.

    `name`: the variable or attribute that it is bound to, or "". `line`, `column`: from 1. `parameter`: the name before or after `@`,
    or of a plain parameter, or "". `formals`: name -> whether it has a default; None for a plain parameter. `places`: formal -> (line,
    column), where positions are kept. `key`: the attribute path that a comparison looks at.
    """

    __slots__ = ("column", "ellipsis", "formals", "key", "line", "name", "parameter", "places", "trait")

    def __init__(
        self,
        name: str,
        line: int,
        column: int,
        parameter: str,
        formals: dict[str, bool] | None,
        ellipsis: bool,
        places: dict[str, tuple[int, int]],
        key: tuple[str, ...],
        trait: str,
    ) -> None:
        self.name, self.line, self.column = name, line, column
        self.parameter, self.formals, self.ellipsis, self.places = parameter, formals, ellipsis, places
        self.key, self.trait = key, trait

    def packed(self) -> Packed:
        """Return the fields as marshal can write them."""
        return (
            *(self.name, self.line, self.column, self.parameter, self.formals, self.ellipsis, self.places),
            *(self.key, self.trait),
        )


def info_of(run: PythonFunction, given: int = 0) -> FunctionInfo | None:
    """Return what is known of a Python function whose first `given` arguments are there; None for one that no Nix text made."""
    packed = _packed(run, given)
    return None if packed is None else FunctionInfo(*packed)


def trait_of(run: PythonFunction) -> str:
    """Return the trait of a Python function; empty where it has none."""
    packed = _packed(run, 0)
    return "" if packed is None else packed[-1]


def _packed(run: PythonFunction, given: int) -> Packed | None:
    table: dict[str, Packed] | None = run.__globals__.get(FUNCTIONS)
    code = run.__code__
    return table.get(code.co_varnames[given]) if table is not None and code.co_argcount > given else None
