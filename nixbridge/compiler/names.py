"""The runtime's names as generated code uses them, as text. The compiler does not import the runtime; a test compares the two."""

from __future__ import annotations

THUNK = "nix.Thunk"
FORCE = "nix.force"
FUNCTION = "nix.Function"
#: How many arguments are given at once -> the class of a function that takes as many, and what makes a Python function of any.
CALLABLES = {
    1: (FUNCTION, "nix.callable"),
    2: ("nix.Curried2", "nix.callable2"),
    3: ("nix.Curried3", "nix.callable3"),
}
INT = "nix.int"
STR = "nix.str"
DICT = "nix.dict"
MISSING = "nix.MISSING"

#: Every name of the runtime that generated code may use, without `nix.`.
RUNTIME_NAMES = (
    "Thunk",
    "force",
    "callable",
    "callable2",
    "callable3",
    "Curried2",
    "Curried3",
    "Function",
    "int",
    "str",
    "dict",
    "MISSING",
    "add",
    "subtract",
    "multiply",
    "divide",
    "negate",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "equal",
    "not_equal",
    "concat_many",
    "update",
    "update_many",
    "logical",
    "interpolate",
    "path_interpolate",
    "home_path",
    "select",
    "select_path",
    "lookup",
    "has_path",
    "with_name",
    "dynamic_attributes",
    "positioned",
    "overridden",
    "override",
    "attribute_name",
    "formals",
    "assertion_failed",
    "check_equal",
    "counted",
)
