"""Sets that are more than their display: computed names, overrides, positions."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_plain_string, expect_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.runtime.attrset import Positions


def attribute_name(value: Any) -> str:
    """A computed attribute name in a selection: a string without context."""
    return expect_plain_string(value)


def dynamic_attributes(
    attrs: dict[str, Any], entries: list[tuple[Any, Any, tuple[str, int, int]]], keep: bool
) -> dict[str, Any]:
    """`attrs` with (name, value, position) entries added. A null name adds nothing, a name that is there is an error."""
    result = dict(attrs)
    positions: Positions = dict(attrs.positions or {}) if attrs.__class__ is AttrSet else {}
    for key, value, position in entries:
        if key.__class__ is Thunk:
            key = force(key)
        if key is None:
            continue
        name = expect_plain_string(key)
        if name in result:
            raise _defined_twice(name, positions.get(name), position)
        result[name] = value
        positions[name] = position
    return AttrSet(result, positions) if keep else result


def _defined_twice(name: str, first: tuple[str, int, int] | None, second: tuple[str, int, int]) -> EvalError:
    """The error of a computed name that the set has already; its place is that of the second definition."""
    where = "" if first is None else f" at {first[0]}:{first[1]}:{first[2]}"
    error = EvalError(f"dynamic attribute '{show_name(name)}' already defined{where}")
    error.origin = second
    return error


def positioned(attrs: dict[str, Any], places: dict[str, list[Any]]) -> AttrSet:
    """`attrs` as a set that knows where its attributes stand."""
    return AttrSet(attrs, places)  # type: ignore[arg-type]


def overridden(overrides: Any) -> dict[str, Any]:
    """The set that `__overrides` of a `rec` set gives."""
    return expect_set(overrides)


def override(overrides: dict[str, Any], name: str, value: Any) -> Any:
    """What the variable `name` of the `rec` set is, given its overrides."""
    return overrides.get(name, value)
