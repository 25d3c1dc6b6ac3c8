"""The runtime's names as generated code uses them, as text. The compiler does not import the runtime;
a test holds that whatever it names is there."""

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
