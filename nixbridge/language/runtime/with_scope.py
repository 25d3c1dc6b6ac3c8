"""Names that only `with` can give."""

from __future__ import annotations

from nixbridge.errors.exceptions import UndefinedVariable
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def with_name(name: str, *scopes: Any) -> Any:
    """The value of `name` in the innermost of the scopes that has it, forced. Raises UndefinedVariable."""
    for scope in scopes:
        attrs = scope if scope.__class__ is dict else expect_set(scope)
        if name in attrs:
            value = attrs[name]
            return force(value) if value.__class__ is Thunk else value
    known = {other for scope in scopes for other in expect_set(scope)}
    raise UndefinedVariable(f"undefined variable '{name}'", hint=did_you_mean(name, sorted(known)))
