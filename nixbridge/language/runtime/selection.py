"""Attributes of sets: selected, looked up, given by `with`, computed, overridden."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, UndefinedVariable
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_plain_string, expect_set, wrong_type
from nixbridge.language.runtime.values import DATA
from nixbridge.type_checking import Sentinel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from nixbridge.language.runtime.attrset import Positions
    from nixbridge.language.runtime.values import Lazy, Value

    PathElement: TypeAlias = str | Callable[[], str]
    #: A set, perhaps delayed; the last of several may be a WithChain, which a type cannot say.
    Scope: TypeAlias = Any


#: What `lookup` gives that found nothing.
MISSING = Sentinel("MISSING")


def select(subject: Lazy, name: str) -> Value:
    """Return `subject.name`, forced. Raises EvalError if it is not a set or lacks the attribute."""
    if type(subject) is Thunk:
        subject = force(subject)
    if type(subject) is not dict and type(subject) is not AttrSet:
        raise wrong_type("a set", subject)
    if name not in subject:
        if type(subject) is AttrSet and subject.absent is not None:
            return force(subject.absent(name))
        raise EvalError(f"attribute '{show_name(name)}' missing", hint=did_you_mean(name, sorted(subject)))
    value = subject[name]
    return force(value) if type(value) is Thunk else value


def of_its_own(held: Lazy) -> Lazy:
    """Return what an attribute holds, a thunk or a function, as a value of its own: to `==` it would be the same in two places."""
    if type(held) is Thunk and held.code is None and type(held.value) in DATA:
        return held.value
    return Thunk(force, held)


def select_path(subject: Lazy, path: tuple[PathElement, ...]) -> Value:
    """Return the value at the end of a long path, forced. Raises EvalError where `select` does."""
    value = force(subject) if type(subject) is Thunk else subject
    for element in path:
        value = select(value, element if isinstance(element, str) else element())
    return value


def lookup(subject: Lazy, path: tuple[PathElement, ...]) -> Value | MISSING:
    """Return the value, forced, at the end of `path`; MISSING as soon as something is not a set or lacks the attribute."""
    for element in path:
        if type(subject) is Thunk:
            subject = force(subject)
        name = element if isinstance(element, str) else element()
        if (type(subject) is not dict and type(subject) is not AttrSet) or name not in subject:
            return MISSING
        subject = subject[name]
    return force(subject) if type(subject) is Thunk else subject


def has_path(subject: Lazy, path: tuple[PathElement, ...]) -> bool:
    """Return whether there is an attribute at the end of `path`. Its value is not looked at."""
    for element in path:
        if type(subject) is Thunk:
            subject = force(subject)
        name = element if isinstance(element, str) else element()
        if (type(subject) is not dict and type(subject) is not AttrSet) or name not in subject:
            return False
        subject = subject[name]
    return True


class WithChain:
    """The scope of a `with` that is inside many others, and theirs, innermost first: one variable of generated code for all."""

    __slots__ = ("scopes",)

    def __init__(self, *scopes: Scope) -> None:
        self.scopes = scopes


def with_lookup(name: str, *scopes: Scope) -> Value | MISSING:
    """Return the value of `name` in the innermost of the scopes that has it, forced; MISSING where none has."""
    for scope in unchained(scopes):
        attrs = scope if type(scope) is dict else expect_set(scope)
        if name in attrs:
            value = attrs[name]
            return force(value) if type(value) is Thunk else value
    return MISSING


def with_name(name: str, *scopes: Scope) -> Value:
    """Return what `with_lookup` finds. Raises UndefinedVariable where there is nothing."""
    value = with_lookup(name, *scopes)
    if value is not MISSING:
        return value
    sets = [expect_set(scope) for scope in unchained(scopes)]
    for attrs in sets:
        # only once no scope has the name: `with lib; with pkgs;` must find lib's functions
        if type(attrs) is AttrSet and attrs.absent is not None:
            return force(attrs.absent(name))
    return undefined(name, tuple({other for attrs in sets for other in attrs}))


def undefined(name: str, known: tuple[str, ...]) -> Value:
    """Raise UndefinedVariable for a name that no `with` has; one of those `known` may have been meant."""
    raise UndefinedVariable(f"undefined variable '{name}'", hint=did_you_mean(name, sorted(known)))


def unchained(scopes: tuple[Scope, ...]) -> tuple[Lazy, ...]:
    """Return all scopes of a chain, innermost first. Only the last of some can be a chain."""
    found: list[Lazy] = []
    while scopes[-1].__class__ is WithChain:
        found += scopes[:-1]
        scopes = scopes[-1].scopes
    return (*found, *scopes)


def attribute_name(value: Lazy) -> str:
    """Return a computed attribute name in a selection: a string without context."""
    return expect_plain_string(value)


def dynamic_attributes(
    attrs: dict[str, Lazy], entries: list[tuple[Lazy, Lazy, tuple[str, int, int]]], keep: bool
) -> dict[str, Lazy]:
    """Return `attrs` with (name, value, position) entries added. A null name adds nothing, a name that is there is an error."""
    result = dict(attrs)
    positions: Positions = dict(attrs.positions or {}) if type(attrs) is AttrSet else {}
    for key, value, position in entries:
        if type(key) is Thunk:
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


def positioned(attrs: dict[str, Lazy], places: Positions) -> AttrSet:
    """Return `attrs` as a set that knows where its attributes stand."""
    return AttrSet(attrs, places)


def overridden(overrides: Lazy) -> dict[str, Lazy]:
    """Return the set that `__overrides` of a `rec` set gives."""
    return expect_set(overrides)


def override(overrides: dict[str, Lazy], name: str, value: Lazy) -> Lazy:
    """Return the value of the variable `name` of the `rec` set, given its overrides."""
    return overrides.get(name, value)
