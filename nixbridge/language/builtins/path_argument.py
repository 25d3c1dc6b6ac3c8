"""The argument of the functions that look at files: a path, or what can be coerced to one."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.path import NixPath, canonical
from nixbridge.language.runtime.strings import ContextString, without_context
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


def path_as_written(host: Host, value: Value) -> str:
    """The absolute path that `value` is: a path, a string, a set with `__toString` or `outPath`.

    Not made canonical: a slash at the end is kept. Raises EvalError for other values and for a string that is no
    absolute path, Refused for one that refers to the store.
    """
    if value.__class__ is Thunk:
        value = force(value)
    if value.__class__ is NixPath:
        return value.text
    text = to_string(value, host, copy_to_store=False)
    if not text.startswith("/"):
        raise EvalError(f"string '{text}' doesn't represent an absolute path")
    if text.__class__ is ContextString and not host.is_mounted(text):
        element = min(text.context)
        raise Refused(f"cannot read '{text}': nixbridge has no store, so '{element}' is not there")
    return without_context(text)


def expect_path(host: Host, value: Value) -> str:
    """The same, canonical."""
    return canonical(path_as_written(host, value))
