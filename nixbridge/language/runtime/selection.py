"""Attributes of sets: selected, looked up, given by `with`, computed, overridden."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, UndefinedVariable
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_plain_string, expect_set, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.runtime.attrset import Positions

    PathElement = str | Callable[[], str]


class MISSING:
    """The class itself is what a look-up gives that found nothing."""


def select(subject: Any, name: str) -> Any:
    """Return `subject.name`, forced. Raises EvalError for what is not a set and for a missing attribute."""
    if subject.__class__ is Thunk:
        subject = force(subject)
    if subject.__class__ is not dict and subject.__class__ is not AttrSet:
        raise wrong_type("a set", subject)
    if name not in subject:
        if subject.__class__ is AttrSet and subject.absent is not None:
            return force(subject.absent(name))
        raise EvalError(f"attribute '{show_name(name)}' missing", hint=did_you_mean(name, sorted(subject)))
    value = subject[name]
    return force(value) if value.__class__ is Thunk else value


def select_path(subject: Any, path: tuple[PathElement, ...]) -> Any:
    """Return the value at the end of a long path, forced. Raises EvalError where `select` does."""
    for element in path:
        subject = select(subject, element if element.__class__ is str else element())  # type: ignore[operator]
    return subject


def lookup(subject: Any, path: tuple[PathElement, ...]) -> Any:
    """Return the value, forced, at the end of `path`; MISSING as soon as something is not a set or lacks the attribute."""
    for element in path:
        if subject.__class__ is Thunk:
            subject = force(subject)
        name = element if element.__class__ is str else element()  # type: ignore[operator]
        if (subject.__class__ is not dict and subject.__class__ is not AttrSet) or name not in subject:
            return MISSING
        subject = subject[name]
    return force(subject) if subject.__class__ is Thunk else subject


def has_path(subject: Any, path: tuple[PathElement, ...]) -> bool:
    """Return whether there is an attribute at the end of `path`. Its value is not looked at."""
    for element in path:
        if subject.__class__ is Thunk:
            subject = force(subject)
        name = element if element.__class__ is str else element()  # type: ignore[operator]
        if (subject.__class__ is not dict and subject.__class__ is not AttrSet) or name not in subject:
            return False
        subject = subject[name]
    return True


class WithChain:
    """The scope of a `with` that is inside many others, and theirs, innermost first: one variable of generated code for all."""

    __slots__ = ("scopes",)

    def __init__(self, *scopes: Any) -> None:
        self.scopes = scopes


def with_name(name: str, *scopes: Any) -> Any:
    """Return the value of `name` in the innermost of the scopes that has it, forced. Raises UndefinedVariable."""
    if scopes[-1].__class__ is WithChain:
        scopes = unchained(scopes)
    for scope in scopes:
        attrs = scope if scope.__class__ is dict else expect_set(scope)
        if name in attrs:
            value = attrs[name]
            return force(value) if value.__class__ is Thunk else value
    for scope in scopes:
        # only once no scope has the name: `with lib; with pkgs;` must find lib's functions
        attrs = expect_set(scope)
        if attrs.__class__ is AttrSet and attrs.absent is not None:
            return force(attrs.absent(name))
    known = {other for scope in scopes for other in expect_set(scope)}
    raise UndefinedVariable(f"undefined variable '{name}'", hint=did_you_mean(name, sorted(known)))


def unchained(scopes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return all scopes of a chain, innermost first. Only the last of some can be a chain."""
    found: list[Any] = []
    while scopes[-1].__class__ is WithChain:
        found += scopes[:-1]
        scopes = scopes[-1].scopes
    return (*found, *scopes)


def attribute_name(value: Any) -> str:
    """Return a computed attribute name in a selection: a string without context."""
    return expect_plain_string(value)


def dynamic_attributes(
    attrs: dict[str, Any], entries: list[tuple[Any, Any, tuple[str, int, int]]], keep: bool
) -> dict[str, Any]:
    """Return `attrs` with (name, value, position) entries added. A null name adds nothing, a name that is there is an error."""
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
    """Return the error of a computed name that the set has already; its place is that of the second definition."""
    where = "" if first is None else f" at {first[0]}:{first[1]}:{first[2]}"
    error = EvalError(f"dynamic attribute '{show_name(name)}' already defined{where}")
    error.origin = second
    return error


def positioned(attrs: dict[str, Any], places: dict[str, list[Any]]) -> AttrSet:
    """Return `attrs` as a set that knows where its attributes stand."""
    return AttrSet(attrs, places)  # type: ignore[arg-type]


def overridden(overrides: Any) -> dict[str, Any]:
    """Return the set that `__overrides` of a `rec` set gives."""
    return expect_set(overrides)


def override(overrides: dict[str, Any], name: str, value: Any) -> Any:
    """Return the value of the variable `name` of the `rec` set, given its overrides."""
    return overrides.get(name, value)
