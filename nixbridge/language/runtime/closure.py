"""What Nix knows of a compiled function besides its code: its name, its place, its formals.

The compiler writes it behind the name of the function's argument, separated by tabs:
`python-name, bound to, line, column, formals, parameter, traits`. Functions without it (the builders) are Nix functions all the same.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.curried import Curried2, Curried3, Partial
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.type_checks import expect_set
from nixbridge.language.runtime.values import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.runtime.attrset import Positions


class Description:
    """`name` (None: anonymous), `file`, `line` and `column` from 1, `formals` (None: a plain parameter), `ellipsis`, `parameter`.

    `places` says where formals stand, when the function was compiled so that positions are kept.
    """

    __slots__ = ("column", "ellipsis", "file", "formals", "line", "name", "parameter", "places")

    def __init__(self, fields: list[str], file: str) -> None:
        _, name, line, column, formals, parameter, _ = fields
        self.name = name or None
        self.file = file
        self.line, self.column = int(line), int(column)
        self.parameter = parameter or None
        self.formals: dict[str, bool] | None = None
        self.places: Positions = {}
        self.ellipsis = False
        if formals:
            names = [text for text in formals[1:].split(",") if text]
            self.ellipsis = names[-1:] == ["..."]
            self.formals = {}
            for text in names[: len(names) - self.ellipsis]:
                written, _, place = text.partition("@")
                self.formals[written.rstrip("?")] = written.endswith("?")
                if place:
                    row, _, offset = place.partition(":")
                    self.places[written.rstrip("?")] = (file, int(row), int(offset))


def describe(function: Any) -> Description | None:
    """What is known of a compiled function; None for a Python function that no Nix text made."""
    kind = function.__class__
    given = len(function.given) if kind is Partial else 0
    code = (function.run if kind in (Curried2, Curried3, Partial) else function).__code__
    fields = code.co_varnames[given].split("\t") if code.co_argcount > given else []
    return Description(fields, code.co_filename) if len(fields) == 7 else None


def formals_of(function: Any) -> dict[str, bool]:
    """Formal -> has it a default? Empty for a function of a plain parameter. (Nix manual, builtins.functionArgs)"""
    described = describe(function)
    if described is None or described.formals is None:
        return {}
    return AttrSet(described.formals, described.places) if described.places else described.formals


def trait(function: Any, letter: str) -> bool:
    """Has the compiler found this trait in a function? (compiler/traits.py)"""
    kind = function.__class__
    if kind is not Function and kind is not Curried2:
        return False
    code = (function if kind is Function else function.run).__code__
    name: str = code.co_varnames[0] if code.co_argcount else ""
    return name.count("\t") == 6 and letter in name.rpartition("\t")[2]


def check_formals(
    argument: Any, required: tuple[str, ...], allowed: frozenset[str] | None, bound_to: str
) -> dict[str, Any]:
    """`argument`, forced, when a function of these formals can take it apart; else EvalError that names the formal."""
    given = expect_set(argument)
    for name in required:
        if name not in given:
            raise EvalError(f"function '{bound_to or 'anonymous lambda'}' called without required argument '{name}'")
    if allowed is not None and not given.keys() <= allowed:
        name = min(given.keys() - allowed)
        raise EvalError(
            f"function '{bound_to or 'anonymous lambda'}' called with unexpected argument '{show_name(name)}'",
            hint=did_you_mean(name, sorted(allowed)),
        )
    return given
