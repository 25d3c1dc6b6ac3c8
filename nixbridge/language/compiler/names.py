"""Names in generated code, as text, in two spaces that cannot meet: a Nix file may call its variables whatever it likes.

- A Nix variable begins with a digit: `0.x` is the first variable called `x` in its file, `1.x` the second.
- All else begins with a letter or an underscore: what the runtime exports (`nix.force`), builtins and preludes (`builtins.map`), the
  compiler's own variables (`constant.3`, `temporary.1`, `with.2`).

Python's compiler takes any text as a name. The compiler does not import the runtime; a test holds that whatever it names is there.
"""

from __future__ import annotations

THUNK = "nix.Thunk"
FORCE = "nix.force"
#: Forces an attribute of a plain set, in which the value then replaces the thunk.
FORCE_IN = "nix.force_in"
FUNCTION = "nix.Function"
PARTIAL = "nix.Partial"
#: How many arguments are given at once -> the class of a function that takes as many, and what makes a Python function of any.
CALLABLES = {
    1: (FUNCTION, "nix.callable"),
    2: ("nix.Curried2", "nix.callable2"),
    3: ("nix.Curried3", "nix.callable3"),
}
#: How many arguments are given -> what tries a function of straight-line code on them.
ATTEMPTS = {1: "nix.attempt", 2: "nix.attempt2"}
#: Builtins that apply a function to each element -> what does so with a function that is tried first, and how many parameters it has.
EACH = {
    "builtins.map": ("nix.each", 1),
    "builtins.genList": ("nix.each_index", 1),
    "builtins.mapAttrs": ("nix.each_attribute", 2),
}
INT = "nix.int"
STR = "nix.str"
DICT = "nix.dict"
LIST = "nix.list"
#: The classes of values that are neither functions nor thunks.
DATA = "nix.data"
BOOL = "nix.bool"
FLOAT = "nix.float"
MISSING = "nix.MISSING"
#: A file's own, since they know its code: its regions by number, what makes a function whose code is made when it is called, and
#: what that function calls then.
PARTS = "file.parts"
#: The code of a thunk of a region, whose argument is what the region captures; what makes a set of such thunks; the parameter that
#: gets what is captured.
THUNK_STUB = "file.thunk"
#: Makes a thunk of that code, in fewer words.
THUNK_OF = "file.thunk_of"
THUNKS = "file.thunks"
CAPTURED = "file.captured"
FUNCTION_STUB = "file.function"
FINISH = "file.finish"
#: Makes the stub of a function out of what is known of it and what a scope holds for all its stubs, and what makes that.
FUNCTION_OF = "file.function_of"
SCOPE_OF_STUBS = "file.scope"
#: The name of the file that the code belongs to: code itself is the same for a text in any folder.
FILE_NAME = "file.name"
GLOBAL = "file.global"
#: The parameters of a stub that hold the function that it is, and its region.
STUB = "file.stub"
NUMBER = "file.number"

#: Begins the name of a body in Python of a function that is known by its text (compiler/known_functions.py).
NATIVE = "native."

#: Rooms of names that a file's code has for itself; all other global names are the evaluator's to resolve.
FILE = "file."
CONSTANT = "constant."
TEMPORARY = "temporary."
STUBS = "stubs."


def nix_variable(name: str, count: int) -> str:
    """Return the Python name of the Nix variable `name`, where `count` variables of that name came before it in its file."""
    return f"{count}.{name}"


def forced_variable(python: str) -> str:
    """Return the variable that holds the forced value of a Nix variable in a function that did not assign the variable: `0!x`."""
    return python.replace(".", "!", 1)


def nix_name(python: str) -> str | None:
    """Return what a Python variable is called in Nix; None for one of the compiler's own."""
    return python.lstrip("0123456789")[1:] if python[:1].isdigit() else None
