"""The output of a value that is a derivation: as files, as the data in them, or as the file that an expression reads."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.strings import without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import type_name
from nixbridge.tools.build.contents import Contents
from nixbridge.tools.build.documents import documents_of
from nixbridge.tools.build.file_tree import File

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value
    from nixbridge.tools.build.file_tree import Node


def is_derivation(value: Value) -> bool:
    """Return whether a forced value is a derivation."""
    return isinstance(value, dict) and "type" in value and force(value["type"]) == "derivation"


def output_of(value: Value, host: Host) -> Node:
    """Return the output of a derivation. Raises EvalError for another value, Refused where the output is not known."""
    value = force(value)
    if not is_derivation(value):
        raise EvalError(f"expected a derivation to build but found {type_name(value)}", hint=_derivations_in(value))
    return Contents(host).inside(without_context(to_string(value, host)))


def document_of(value: Value, host: Host) -> Value:
    """Return what the JSON and YAML files in the output of a derivation hold: one document, or a list of several."""
    documents = documents_of(output_of(value, host), without_context(to_string(value["name"], host)))
    return documents[0] if len(documents) == 1 else documents


def read_output(host: Host, path: str) -> bytes | None:
    """Return the contents of the output at a store path where it is a file; None where it is a folder."""
    node = Contents(host).output(path)
    return node.data if isinstance(node, File) else None


def _derivations_in(value: Value) -> str | None:
    if not isinstance(value, dict):
        return None
    names = [name for name in value if is_derivation(force(value[name]))]
    return f"select one with -A: {', '.join(sorted(names)[:5])}" if names else None
