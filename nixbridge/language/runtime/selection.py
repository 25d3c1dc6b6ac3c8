"""Attributes of sets: `a.b`, `a.b or c`, `a ? b`, and names that only a `with` can give."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, UndefinedVariable
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_set, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    PathElement = str | Callable[[], str]


class MISSING:
    """The class itself is what a look-up gives that found nothing."""


def select(subject: Any, name: str) -> Any:
    """`subject.name`, forced. Raises EvalError for what is no set and for a missing attribute."""
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
    """The value at the end of a long path, forced. Raises EvalError where `select` does."""
    for element in path:
        subject = select(subject, element if element.__class__ is str else element())  # type: ignore[operator]
    return subject


def lookup(subject: Any, path: tuple[PathElement, ...]) -> Any:
    """The value, forced, at the end of `path`; MISSING as soon as there is no set or no such attribute."""
    for element in path:
        if subject.__class__ is Thunk:
            subject = force(subject)
        name = element if element.__class__ is str else element()  # type: ignore[operator]
        if (subject.__class__ is not dict and subject.__class__ is not AttrSet) or name not in subject:
            return MISSING
        subject = subject[name]
    return force(subject) if subject.__class__ is Thunk else subject


def has_path(subject: Any, path: tuple[PathElement, ...]) -> bool:
    """Is there an attribute at the end of `path`? Its value is not looked at."""
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
    """The value of `name` in the innermost of the scopes that has it, forced. Raises UndefinedVariable."""
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
    """All scopes of a chain, innermost first. Only the last of some can be a chain."""
    found: list[Any] = []
    while scopes[-1].__class__ is WithChain:
        found += scopes[:-1]
        scopes = scopes[-1].scopes
    return (*found, *scopes)
