"""The list of what generated code may call. The compiler knows the same names as text (compiler/names.py)."""

from __future__ import annotations

from nixbridge.errors.exceptions import AssertionFailed
from nixbridge.language.runtime import operators
from nixbridge.language.runtime.compare import check_equal
from nixbridge.language.runtime.function import (
    attempt,
    attempt2,
    callable2_of,
    callable3_of,
    callable_of,
    check_formals,
    each,
    each_attribute,
    each_index,
)
from nixbridge.language.runtime.selection import (
    MISSING,
    WithChain,
    attribute_name,
    dynamic_attributes,
    has_path,
    lookup,
    of_its_own,
    overridden,
    override,
    positioned,
    select,
    select_path,
    undefined,
    with_lookup,
    with_name,
)
from nixbridge.language.runtime.thunk import Thunk, force, force_in
from nixbridge.language.runtime.values import DATA, Curried2, Curried3, Function, Partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def assertion_failed(text: str) -> NoReturn:
    """Raise what a failed `assert` raises; `text` is the condition as Nix writes it."""
    raise AssertionFailed(f"assertion '{text}' failed")


#: Name, without `nix.`, to object. What needs the host (interpolation, paths) is added by the evaluator.
EXPORTS: dict[str, object] = {
    "Thunk": Thunk,
    "force": force,
    "force_in": force_in,
    "attempt": attempt,
    "attempt2": attempt2,
    "each": each,
    "each_attribute": each_attribute,
    "each_index": each_index,
    "callable": callable_of,
    "callable2": callable2_of,
    "callable3": callable3_of,
    "Curried2": Curried2,
    "Curried3": Curried3,
    "Function": Function,
    "Partial": Partial,
    "int": int,
    "bool": bool,
    "data": DATA,
    "float": float,
    "list": list,
    "len": len,
    "str": str,
    "dict": dict,
    "of_its_own": of_its_own,
    "MISSING": MISSING,
    "add": operators.add,
    "subtract": operators.subtract,
    "multiply": operators.multiply,
    "divide": operators.divide,
    "negate": operators.negate,
    "less": operators.less,
    "greater_equal": operators.greater_equal,
    "equal": operators.equal,
    "not_equal": operators.not_equal,
    "concat": operators.concat,
    "concat_many": operators.concat_many,
    "update": operators.update,
    "update_many": operators.update_many,
    "logical": operators.logical,
    "select": select,
    "select_path": select_path,
    "lookup": lookup,
    "has_path": has_path,
    "with_name": with_name,
    "with_lookup": with_lookup,
    "undefined": undefined,
    "WithChain": WithChain,
    "dynamic_attributes": dynamic_attributes,
    "positioned": positioned,
    "overridden": overridden,
    "override": override,
    "attribute_name": attribute_name,
    "formals": check_formals,
    "assertion_failed": assertion_failed,
    "check_equal": check_equal,
}
