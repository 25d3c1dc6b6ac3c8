"""Evaluate a derivation and write its output."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.strings import without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import type_name
from nixbridge.tools.build.contents import Contents
from nixbridge.tools.build.write_result import write_result
from nixbridge.tools.inputs import Evaluation, folder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value
    from nixbridge.tools.build.file_tree import Node
    from nixbridge.tools.inputs import Input
    from nixbridge.tools.options import Options


def is_derivation(value: Value) -> bool:
    """Return whether a forced value is a derivation."""
    return isinstance(value, dict) and "type" in value and force(value["type"]) == "derivation"


def output_of(value: Value, host: Host) -> Node:
    """Return the output of a derivation. Raises EvalError for another value, Refused where the output is not known."""
    value = force(value)
    if not is_derivation(value):
        raise EvalError(f"expected a derivation to build but found {type_name(value)}", hint=_hint(value))
    return Contents(host).inside(without_context(to_string(value, host)))


def build(
    what: Input, options: Options, output: str, write_message: Callable[[str], None], *, force: bool = False
) -> int:
    """Evaluate an input and write the output of the derivation that it is to `output`."""
    node = Evaluation(options, folder_of(what), write_message=write_message).read(what, output_of)
    write_result(node, output, force=force)
    return 0


def _hint(value: Value) -> str | None:
    if not isinstance(value, dict):
        return None
    names = [name for name in value if is_derivation(force(value[name]))]
    return f"select one with -A: {', '.join(sorted(names)[:5])}" if names else None
