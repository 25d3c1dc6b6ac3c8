"""Equality and order. (Nix manual, Operators, Comparison)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.deep import DEEPEST_VALUE, too_deep
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.printer import show_error
from nixbridge.language.runtime.strings import ContextString, to_bytes
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import TYPE_OF, Value, type_name

_PLAIN = frozenset((int, float, str, ContextString, NixPath))


def equal(a: Value, b: Value, depth: int = 0) -> bool:
    """Return `a == b`. Ints and floats compare by value; functions are equal to nothing, but see `same`.

    `depth` is how many lists and sets are around the values; LimitReached beyond DEEPEST_VALUE, which values that contain
    themselves reach.
    """
    if a.__class__ is Thunk:
        a = force(a)
    if b.__class__ is Thunk:
        b = force(b)
    kind = a.__class__
    if kind is b.__class__:
        if kind in _PLAIN:
            return a == b  # type: ignore[no-any-return]
        if kind is bool or a is None:
            return a is b
        if kind is list:
            return len(a) == len(b) and _equal_lists(a, b, depth + 1)
        if kind is dict or kind is AttrSet:
            return _equal_sets(a, b, depth + 1)
        return False
    if (kind is int and b.__class__ is float) or (kind is float and b.__class__ is int):
        return float(a) == float(b)
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if isinstance(a, dict) and isinstance(b, dict):
        return _equal_sets(a, b, depth + 1)
    return False


def same(a: Value, b: Value, depth: int = 0) -> bool:
    """Return whether two elements of lists or sets are equal: one and the same value is, unseen, even if it is a function."""
    if a is b:
        force(a)
        return True
    return equal(a, b, depth)


def _equal_lists(a: list[Value], b: list[Value], depth: int) -> bool:
    if depth > DEEPEST_VALUE:
        raise too_deep()
    for x, y in zip(a, b, strict=True):
        if not same(x, y, depth):
            return False
    return True


def _equal_sets(a: dict[str, Value], b: dict[str, Value], depth: int) -> bool:
    if depth > DEEPEST_VALUE:
        raise too_deep()
    if is_derivation(a) and is_derivation(b):
        return equal(a["outPath"], b["outPath"])
    if a.keys() != b.keys():
        return False
    # in the order in which it was written, which is nearly that of Nix: the first difference ends it, whatever fails behind it
    for name, value in a.items():
        if not same(value, b[name], depth):
            return False
    return True


def is_derivation(attrs: dict[str, Value]) -> bool:
    """Is a set compared by its `outPath` alone?"""
    if "type" not in attrs:
        return False
    kind = force(attrs["type"])
    return isinstance(kind, str) and kind == "derivation" and "outPath" in attrs


def less(a: Value, b: Value, depth: int = 0) -> bool:
    """Return `a < b`: numbers, strings by their bytes, paths, lists element by element. Raises EvalError for all else."""
    if a.__class__ is Thunk:
        a = force(a)
    if b.__class__ is Thunk:
        b = force(b)
    x, y = a.__class__, b.__class__
    if (x is int or x is float) and (y is int or y is float):
        if x is y:
            return a < b  # type: ignore[no-any-return]
        return float(a) < float(b)
    if isinstance(a, str) and isinstance(b, str):
        return a < b if a.isascii() and b.isascii() else to_bytes(a) < to_bytes(b)
    if x is NixPath and y is NixPath:
        return to_bytes(a.text) < to_bytes(b.text)
    if x is list and y is list:
        if depth > DEEPEST_VALUE:
            raise too_deep()
        for left, right in zip(a, b, strict=False):
            if not same(left, right, depth + 1):
                return less(left, right, depth + 1)
        return len(a) < len(b)
    raise incomparable(a, b)


def incomparable(a: Value, b: Value) -> EvalError:
    """Nix's message for two forced values that have no order."""
    values = f"{show_error(a)} and {show_error(b)}"
    pair = f"cannot compare {type_name(a)} with {type_name(b)}"
    if TYPE_OF[a.__class__] == TYPE_OF[b.__class__]:
        return EvalError(f"{pair}; values of that type are incomparable (values are {values})")
    return EvalError(f"{pair}; values are {values}")
