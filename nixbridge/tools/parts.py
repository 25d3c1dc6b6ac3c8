"""Files that are parts of others: functions that wait for arguments, and libraries of functions."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, MissingArgument
from nixbridge.language.runtime.function import describe
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import FUNCTIONS, Function, Lazy, Value, sorted_names
from nixbridge.mesh.model.result_contents import builder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from nixbridge.language.machine.host import Host
    from nixbridge.tools.inputs import Evaluation, Input

    T = TypeVar("T")

#: How many names a reason mentions.
_MOST_NAMES = 3


class PartOfOthers(Exception):
    """Raised for a file that has no document of its own; its text is the reason."""


def part_without_argument(error: MissingArgument) -> PartOfOthers:
    """Return the reason for a function that lacks an argument."""
    return PartOfOthers(f"a function that needs an argument: {error.hint}")


def unless_part(read: Callable[[Value, Host], T], *, skipped: bool = True) -> Callable[[Value, Host], T]:
    """Return a reader that raises PartOfOthers for a library that `read` cannot read.

    `skipped` False: that is an error, as for a file that was named. Either way, an error about a function gets a hint.
    """

    def attempt(value: Value, host: Host) -> T:
        try:
            return read(value, host)
        except EvalError as error:
            # only now: most values have a document, and looking for functions forces every attribute
            reason = library(value) if skipped else None
            if reason is not None:
                raise PartOfOthers(reason) from None
            functions = functions_in(value)
            if functions and error.hint is None:
                error.hint = f"{functions[0]} is a function: does it lack an argument?"
            raise

    return attempt


def read_unless_part(evaluation: Evaluation, what: Input, read: Callable[[Value, Host], T]) -> T:
    """Evaluate a file of a folder that was named. Raises PartOfOthers for a part of others, else NixError."""
    try:
        return evaluation.read(what, unless_part(read))
    except MissingArgument as error:
        raise part_without_argument(error) from None


def library(value: Lazy) -> str | None:
    """Return why it is right that a value has no document; None where it is a mistake. Inside an evaluator's `run`; raises NixError.

    A function, or a set with functions, is a library. A builder that was called without its parameters is not, and where a record or
    manifest is next to the functions, one of them likely lacks an argument: a mistake must not be passed over.
    """
    value = force(value)
    if isinstance(value, FUNCTIONS):
        return "a function"
    if not isinstance(value, dict):
        return None
    values = [force(value[name]) for name in sorted_names(value)]
    functions = functions_in(value)
    if not functions or any(_is_document(item) or _is_call(item) for item in values):
        return None
    more = f" and {len(functions) - _MOST_NAMES} more" if len(functions) > _MOST_NAMES else ""
    verb = "is a function" if len(functions) == 1 else "are functions"
    return f"a library: {', '.join(functions[:_MOST_NAMES])}{more} {verb}"


def functions_in(value: Lazy) -> list[str]:
    """Return the attributes of a set that are functions, none for other values. Inside an evaluator's `run`; raises NixError."""
    value = force(value)
    attributes = value if isinstance(value, dict) else {}
    return [name for name in sorted_names(attributes) if isinstance(force(attributes[name]), FUNCTIONS)]


def _is_document(value: Lazy) -> bool:
    return isinstance(value, dict) and (builder_of(value) is not None or {"apiVersion", "kind"} <= value.keys())


def _is_call(value: Lazy) -> bool:
    """Return whether this is a builder, or a call of one without its last argument."""
    return value.__class__ is Function and describe(value) is None
