"""Arguments of the type that a function needs, or Nix's own message that they are not."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.printer import show_error
from nixbridge.language.runtime.strings import ContextString, in_order, shown_element
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import FUNCTIONS, Lazy, Value, type_name


def wrong_type(wanted: str, value: Lazy) -> EvalError:
    """`expected a set but found a list: [ ]`. `wanted` has its article; `value` is forced."""
    return EvalError(f"expected {wanted} but found {type_name(value)}: {show_error(value)}")


def expect_int(value: Lazy) -> int:
    """Return `value`, forced, when it is an integer; else EvalError. So the others below."""
    if type(value) is Thunk:
        value = force(value)
    if type(value) is not int:
        raise wrong_type("an integer", value)
    return value


def expect_number(value: Lazy) -> int | float:
    """Return an integer or a float."""
    if type(value) is Thunk:
        value = force(value)
    if type(value) is not int and type(value) is not float:
        raise wrong_type("a float", value)
    return value


def expect_bool(value: Lazy) -> bool:
    """Return a Boolean."""
    if type(value) is Thunk:
        value = force(value)
    if value is not True and value is not False:
        raise wrong_type("a Boolean", value)
    return value


def expect_list(value: Lazy) -> list[Lazy]:
    """Return a list; its elements are as they are."""
    if type(value) is Thunk:
        value = force(value)
    if type(value) is not list:
        raise wrong_type("a list", value)
    return value


def expect_set(value: Lazy) -> dict[str, Lazy]:
    """Return a set; its values are as they are."""
    if type(value) is Thunk:
        value = force(value)
    if type(value) is not dict and type(value) is not AttrSet:
        raise wrong_type("a set", value)
    return value


def expect_string(value: Lazy) -> str:
    """Return a string, with its context if it has one (a ContextString then). No path, no number is converted."""
    if type(value) is Thunk:
        value = force(value)
    if type(value) is not str and type(value) is not ContextString:
        raise wrong_type("a string", value)
    return value


def expect_plain_string(value: Lazy) -> str:
    """Return a string that has no context (what names an attribute, a type, a hash algorithm)."""
    text = expect_string(value)
    if type(text) is ContextString:
        element = shown_element(in_order(text.context)[0])
        raise EvalError(f"the string '{text}' is not allowed to refer to a store path (such as '{element}')")
    return text


def expect_function(value: Lazy) -> Value:
    """Return a value that can be called: a function, or a set with `__functor` (use `call`)."""
    if type(value) is Thunk:
        value = force(value)
    if type(value) not in FUNCTIONS and not (isinstance(value, dict) and "__functor" in value):
        raise wrong_type("a function", value)
    return value
