"""The runtime's names as generated code uses them, as text. The compiler does not import the runtime; a test compares the two."""

from __future__ import annotations

THUNK = "nix.Thunk"
FORCE = "nix.force"
CALLABLE = "nix.callable"
FUNCTION = "nix.Function"
INT = "nix.int"
STR = "nix.str"
DICT = "nix.dict"
MISSING = "nix.MISSING"

#: Every name of the runtime that generated code may use, without `nix.`.
RUNTIME_NAMES = (
    "Thunk",
    "force",
    "callable",
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
    "counted",
)
