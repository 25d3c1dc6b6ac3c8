"""Equality and order, and why two values are not equal. (Nix manual, Operators, Comparison)"""

from __future__ import annotations

from nixbridge.errors.exceptions import AssertionFailed, EvalError
from nixbridge.language.name_order import in_nix_order
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.printer import show_error, show_name
from nixbridge.language.runtime.strings import ContextString, to_bytes
from nixbridge.language.runtime.thunk import DEEPEST_VALUE, Thunk, force, too_deep
from nixbridge.language.runtime.values import TYPE_OF, Lazy, type_name

_NUMBERS = (int, float)
_PLAIN = frozenset((int, float, str, ContextString, NixPath))


def equal(a: Lazy, b: Lazy, depth: int = 0) -> bool:
    """Return `a == b`. Ints and floats compare by value; functions are equal to nothing, but see `same`.

    `depth` is how many lists and sets are around the values; LimitReached beyond DEEPEST_VALUE, which values that contain
    themselves reach.
    """
    if type(a) is Thunk:
        a = force(a)
    if type(b) is Thunk:
        b = force(b)
    kind = type(a)
    if kind is type(b):
        if kind in _PLAIN:
            return a == b
        if kind is bool or a is None:
            return a is b
        if type(a) is list and type(b) is list:
            return len(a) == len(b) and _equal_lists(a, b, depth + 1)
        if type(a) is dict and type(b) is dict:
            return _equal_sets(a, b, depth + 1)
    elif (type(a) is int and type(b) is float) or (type(a) is float and type(b) is int):
        return float(a) == float(b)
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if isinstance(a, dict) and isinstance(b, dict):
        return _equal_sets(a, b, depth + 1)
    return False


def same(a: Lazy, b: Lazy, depth: int = 0) -> bool:
    """Return whether two elements of lists or sets are equal: one and the same value is, unseen, even if it is a function."""
    if a is b:
        force(a)
        return True
    return equal(a, b, depth)


def _equal_lists(a: list[Lazy], b: list[Lazy], depth: int) -> bool:
    if depth > DEEPEST_VALUE:
        raise too_deep()
    for x, y in zip(a, b, strict=True):
        if not same(x, y, depth):
            return False
    return True


def _equal_sets(a: dict[str, Lazy], b: dict[str, Lazy], depth: int) -> bool:
    if depth > DEEPEST_VALUE:
        raise too_deep()
    if is_derivation(a) and is_derivation(b):
        return equal(a["outPath"], b["outPath"])
    if a.keys() != b.keys():
        return False
    # the first difference ends it, whatever fails after it
    for name in in_nix_order(a):
        if not same(a[name], b[name], depth):
            return False
    return True


def is_derivation(attrs: dict[str, Lazy]) -> bool:
    """Return whether a set is compared by its `outPath` alone."""
    if "type" not in attrs:
        return False
    kind = force(attrs["type"])
    return isinstance(kind, str) and kind == "derivation" and "outPath" in attrs


def less(a: Lazy, b: Lazy, depth: int = 0) -> bool:
    """Return `a < b`: numbers, strings by their bytes, paths, lists element by element. Raises EvalError for all else."""
    if type(a) is Thunk:
        a = force(a)
    if type(b) is Thunk:
        b = force(b)
    if (type(a) is int and type(b) is int) or (type(a) is float and type(b) is float):
        return a < b
    if (type(a) is int or type(a) is float) and (type(b) is int or type(b) is float):
        return float(a) < float(b)
    if isinstance(a, str) and isinstance(b, str):
        return a < b if a.isascii() and b.isascii() else to_bytes(a) < to_bytes(b)
    if type(a) is NixPath and type(b) is NixPath:
        return to_bytes(a.text) < to_bytes(b.text)
    if type(a) is list and type(b) is list:
        if depth > DEEPEST_VALUE:
            raise too_deep()
        for left, right in zip(a, b, strict=False):
            if not same(left, right, depth + 1):
                return less(left, right, depth + 1)
        return len(a) < len(b)
    raise incomparable(a, b)


def incomparable(a: Lazy, b: Lazy) -> EvalError:
    """Return the error, in Nix's words, of two forced values that have no order."""
    values = f"{show_error(a)} and {show_error(b)}"
    pair = f"cannot compare {type_name(a)} with {type_name(b)}"
    if TYPE_OF[type(a)] == TYPE_OF[type(b)]:
        return EvalError(f"{pair}; values of that type are incomparable (values are {values})")
    return EvalError(f"{pair}; values are {values}")


def inequality(left: Lazy, right: Lazy) -> AssertionFailed:
    """Return the error that says where two values, which are not equal, first differ; what was compared is in its context."""
    compared: list[str] = []
    while True:
        a, b = force(left), force(right)
        if type(a) is list and type(b) is list and len(a) == len(b):
            index = first_difference(a, b)
            compared.append(f"while comparing list element {index}")
            left, right = a[index], b[index]
        elif isinstance(a, dict) and isinstance(b, dict) and is_derivation(a) and is_derivation(b):
            compared.append("while comparing a derivation by its 'outPath' attribute")
            left, right = a["outPath"], b["outPath"]
        elif isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
            name = next(name for name in in_nix_order(a) if not same(a[name], b[name]))
            compared.append(f"while comparing attribute '{name}'")
            left, right = a[name], b[name]
        else:
            error = AssertionFailed(difference(a, b))
            error.context = compared[::-1]
            return error


def first_difference(left: list[Lazy], right: list[Lazy]) -> int:
    """Return the index of the first elements that are not equal."""
    index = 0
    while same(left[index], right[index]):
        index += 1
    return index


def difference(a: Lazy, b: Lazy) -> str:
    """Return the message for two forced values of which it is not an element that makes the difference."""
    kind = TYPE_OF[type(a)]
    if type(a) in _NUMBERS and type(b) in _NUMBERS:
        return (
            f"{type_name(a)} with value '{show_error(a)}' is not equal to {type_name(b)} with value '{show_error(b)}'"
        )
    if kind != TYPE_OF[type(b)]:
        return f"{type_name(a)} of value '{show_error(a)}' is not equal to {type_name(b)} of value '{show_error(b)}'"
    if isinstance(a, dict) and isinstance(b, dict):
        return names_difference(a, b)
    if type(a) is list and type(b) is list:
        sizes = f"list of size '{len(a)}' is not equal to list of size '{len(b)}'"
        return f"{sizes}, left hand side is '{show_error(a)}', right hand side is '{show_error(b)}'"
    if kind == "lambda":
        return "distinct functions and immediate comparisons of identical functions compare as unequal"
    called = "boolean" if kind == "bool" else kind
    shown = (a.text, b.text) if type(a) is NixPath and type(b) is NixPath else (show_error(a), show_error(b))
    return f"{called} '{shown[0]}' is not equal to {called} '{shown[1]}'"


def names_difference(a: dict[str, Lazy], b: dict[str, Lazy]) -> str:
    """Return the message for two sets whose names differ."""
    left, right = show_error(a), show_error(b)
    if len(a) != len(b):
        return f"attribute names of attribute set '{left}' differs from attribute set '{right}'"
    name = next(name for name in in_nix_order(a) if name not in b)
    return f"attribute name '{show_name(name)}' is contained in '{left}', but not in '{right}'"


def check_equal(text: str, left: Lazy, right: Lazy) -> bool:
    """Return true when the values are equal. Raises AssertionFailed with the first difference; `text` is the condition in Nix."""
    if equal(left, right):
        return True
    error = inequality(left, right)
    error.context.append(f"while evaluating the condition of the assertion '{text}'")
    raise error
