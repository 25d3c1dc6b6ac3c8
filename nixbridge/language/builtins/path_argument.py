"""Path arguments: a path, or a value that can be coerced to one."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.language.machine.allowed_paths import StoreText
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.path import NixPath, canonical
from nixbridge.language.runtime.strings import (
    STAND_IN,
    ContextString,
    context_of,
    element_output,
    element_path,
    in_order,
    without_context,
)
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


def absolute_path(host: Host, value: Lazy) -> str:
    """Return the absolute path that `value` is, with its context: a path, a string, a set with `__toString` or `outPath`.

    It is not made canonical: a slash at the end is kept. Raises EvalError for other values and for a string that is not an
    absolute path.
    """
    if type(value) is Thunk:
        value = force(value)
    if type(value) is NixPath:
        return value.text
    text = to_string(value, host, copy_to_store=False)
    if not text.startswith("/"):
        raise EvalError(f"string '{text}' doesn't represent an absolute path")
    return text


def path_argument(host: Host, value: Lazy) -> tuple[str, frozenset[str]]:
    """Return the path of a file that is to be read, as it is written, and its context.

    Raises as `absolute_path` does, Refused for a path that refers to what only a build would make.
    """
    text = absolute_path(host, value)
    if type(text) is not ContextString:
        return text, frozenset()
    if not host.files.is_mounted(text) and not _mount_output(host, text):
        _refuse_outputs(text)
    return without_context(text), context_of(text)


def path_as_written(host: Host, value: Lazy) -> str:
    """Return the path alone."""
    return path_argument(host, value)[0]


def expect_path(host: Host, value: Lazy) -> str:
    """Return the path alone, canonical."""
    return canonical(path_as_written(host, value))


def _mount_output(host: Host, text: ContextString) -> bool:
    """Let the store path of a file that a derivation of the built-in pkgs makes stand for that file. Return whether it does."""
    path = without_context(text)
    data = host.read_output(path) if path in host.stand_ins else None
    if data is None:
        return False
    host.files.mount(path, StoreText(data))
    return True


def _refuse_outputs(text: ContextString) -> None:
    """Raise Refused where a string refers to an output of a derivation. Nix would build it now."""
    for element in in_order(text.context):
        if element_output(element) is not None:
            name = element_path(element).partition("-")[2].removesuffix(".drv")
            if STAND_IN in text:
                raise Refused(
                    f"cannot read a file of the output of '{name}', which is a folder: while it evaluates, nixbridge makes only "
                    "outputs that are files"
                )
            raise Refused(
                f"cannot read '{text}': nixbridge would have to build the derivation '{name}' first, and builds nothing while it "
                "evaluates"
            )
