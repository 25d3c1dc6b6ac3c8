"""Why two values are not equal, for the message of a failed `assert a == b`. (Nix, assertEqValues)"""

from __future__ import annotations

from nixbridge.errors.exceptions import AssertionFailed
from nixbridge.language.runtime.compare import equal, is_derivation, same
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.printer import show_error, show_name
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import TYPE_OF, Value, type_name

_NUMBERS = (int, float)


def inequality(left: Value, right: Value) -> AssertionFailed:
    """The error that says where two values, which are not equal, first differ; what was compared is in its context."""
    compared: list[str] = []
    while True:
        a, b = force(left), force(right)
        if a.__class__ is list and b.__class__ is list and len(a) == len(b):
            index = first_difference(a, b)
            compared.append(f"while comparing list element {index}")
            left, right = a[index], b[index]
        elif isinstance(a, dict) and isinstance(b, dict) and is_derivation(a) and is_derivation(b):
            compared.append("while comparing a derivation by its 'outPath' attribute")
            left, right = a["outPath"], b["outPath"]
        elif isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
            name = next(name for name in a if not same(a[name], b[name]))
            compared.append(f"while comparing attribute '{name}'")
            left, right = a[name], b[name]
        else:
            error = AssertionFailed(difference(a, b))
            error.context = compared[::-1]
            return error


def first_difference(left: list[Value], right: list[Value]) -> int:
    """The index of the first elements that are not equal."""
    index = 0
    while same(left[index], right[index]):
        index += 1
    return index


def difference(a: Value, b: Value) -> str:
    """The message for two forced values of which it is not an element that makes the difference."""
    kind = TYPE_OF[a.__class__]
    if a.__class__ in _NUMBERS and b.__class__ in _NUMBERS:
        return (
            f"{type_name(a)} with value '{show_error(a)}' is not equal to {type_name(b)} with value '{show_error(b)}'"
        )
    if kind != TYPE_OF[b.__class__]:
        return f"{type_name(a)} of value '{show_error(a)}' is not equal to {type_name(b)} of value '{show_error(b)}'"
    if kind == "set":
        return names_difference(a, b)
    if kind == "list":
        sizes = f"list of size '{len(a)}' is not equal to list of size '{len(b)}'"
        return f"{sizes}, left hand side is '{show_error(a)}', right hand side is '{show_error(b)}'"
    if kind == "lambda":
        return "distinct functions and immediate comparisons of identical functions compare as unequal"
    called = "boolean" if kind == "bool" else kind
    shown = (a.text, b.text) if a.__class__ is NixPath else (show_error(a), show_error(b))
    return f"{called} '{shown[0]}' is not equal to {called} '{shown[1]}'"


def names_difference(a: dict[str, Value], b: dict[str, Value]) -> str:
    """The message for two sets whose names differ."""
    left, right = show_error(a), show_error(b)
    if len(a) != len(b):
        return f"attribute names of attribute set '{left}' differs from attribute set '{right}'"
    name = next(name for name in a if name not in b)
    return f"attribute name '{show_name(name)}' is contained in '{left}', but not in '{right}'"


def check_equal(text: str, left: Value, right: Value) -> bool:
    """True when the values are equal. Raises AssertionFailed with the first difference; `text` is the condition as Nix writes it."""
    if equal(left, right):
        return True
    error = inequality(left, right)
    error.context.append(f"while evaluating the condition of the assertion '{text}'")
    raise error
