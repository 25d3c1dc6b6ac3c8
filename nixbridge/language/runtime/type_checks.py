"""Arguments of the type that a function needs, or Nix's own message that they are not."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.printer import show_error
from nixbridge.language.runtime.strings import ContextString
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import FUNCTIONS, Value, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def wrong_type(wanted: str, value: Value) -> EvalError:
    """`expected a set but found a list: [ ]`. `wanted` has its article; `value` is forced."""
    return EvalError(f"expected {wanted} but found {type_name(value)}: {show_error(value)}")


def expect_int(value: Value) -> int:
    """Return `value`, forced, when it is an integer; else EvalError. So the others below."""
    if value.__class__ is Thunk:
        value = force(value)
    if value.__class__ is not int:
        raise wrong_type("an integer", value)
    return value


def expect_number(value: Value) -> int | float:
    """Return an integer or a float."""
    if value.__class__ is Thunk:
        value = force(value)
    if value.__class__ is not int and value.__class__ is not float:
        raise wrong_type("a float", value)
    return value


def expect_bool(value: Value) -> bool:
    """Return a Boolean."""
    if value.__class__ is Thunk:
        value = force(value)
    if value is not True and value is not False:
        raise wrong_type("a Boolean", value)
    return value


def expect_list(value: Value) -> list[Value]:
    """Return a list; its elements are as they are."""
    if value.__class__ is Thunk:
        value = force(value)
    if value.__class__ is not list:
        raise wrong_type("a list", value)
    return value


def expect_set(value: Value) -> dict[str, Value]:
    """Return a set; its values are as they are."""
    if value.__class__ is Thunk:
        value = force(value)
    if value.__class__ is not dict and value.__class__ is not AttrSet:
        raise wrong_type("a set", value)
    return value


def expect_string(value: Value) -> str:
    """Return a string, with its context if it has one (a ContextString then). No path, no number is converted."""
    if value.__class__ is Thunk:
        value = force(value)
    if value.__class__ is not str and value.__class__ is not ContextString:
        raise wrong_type("a string", value)
    return value


def expect_plain_string(value: Value) -> str:
    """Return a string that has no context (what names an attribute, a type, a hash algorithm)."""
    text = expect_string(value)
    if text.__class__ is ContextString:
        element = min(text.context)
        raise EvalError(f"the string '{text}' is not allowed to refer to a store path (such as '{element}')")
    return text


def expect_function(value: Value) -> Callable[..., Value] | Value:
    """Return a value that can be called: a function, or a set with `__functor` (use `call`)."""
    if value.__class__ is Thunk:
        value = force(value)
    if value.__class__ not in FUNCTIONS and not (isinstance(value, dict) and "__functor" in value):
        raise wrong_type("a function", value)
    return value
