"""The output of a value that is a derivation: as files, as the data in them, or as the file that an expression reads."""

from __future__ import annotations

import posixpath

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.formats import json as json_format
from nixbridge.language.formats import yaml as yaml_format
from nixbridge.language.formats.format_table import DATA_SUFFIXES
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.strings import without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import Lazy, type_name
from nixbridge.tools.build.contents import Contents
from nixbridge.tools.build.file_tree import File, Folder, Node
from nixbridge.tools.build.write_result import check_references

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Value


def is_derivation(value: Lazy) -> bool:
    """Return whether a forced value is a derivation."""
    return isinstance(value, dict) and "type" in value and force(value["type"]) == "derivation"


def output_of(value: Lazy, host: Host) -> Node:
    """Return the output of a derivation. Raises EvalError for another value, Refused where the output is not known."""
    value = force(value)
    if not is_derivation(value):
        raise EvalError(f"expected a derivation to build but found {type_name(value)}", hint=_derivations_in(value))
    return Contents(host).inside(without_context(to_string(value, host)))


def document_of(value: dict[str, Lazy], host: Host) -> Value:
    """Return the data in the JSON and YAML files of an output: one document, or a list of several."""
    documents = documents_of(output_of(value, host), without_context(to_string(value["name"], host)))
    return documents[0] if len(documents) == 1 else documents


def read_output(host: Host, path: str) -> bytes | None:
    """Return the contents of the output at a store path where it is a file; None where it is a folder."""
    node = Contents(host).output(path)
    return node.data if isinstance(node, File) else None


def _derivations_in(value: Lazy) -> str | None:
    if not isinstance(value, dict):
        return None
    names = [name for name in value if is_derivation(force(value[name]))]
    return f"select one with -A: {', '.join(sorted(names)[:5])}" if names else None


def documents_of(node: Node, name: str) -> list[Any]:
    """Return the documents of an output, those of a folder in the order of its files' names.

    A file named otherwise than `*.json`, `*.yaml` or `*.yml` counts where the output is that file alone, and holds JSON or YAML with
    sets or lists. Raises EvalError for an output without documents, Refused for one that refers to a store.
    """
    check_references(node)
    if isinstance(node, File):
        found = _read(node.data, name)
        if posixpath.splitext(name)[1] not in DATA_SUFFIXES and not all(
            isinstance(item, dict | list) for item in found
        ):
            raise EvalError(f"the output of '{name}' is a text file, not JSON or YAML")
        return found
    if isinstance(node, Folder):
        files = [
            (path, child) for path, child in node.walk() if isinstance(child, File) and path.endswith(DATA_SUFFIXES)
        ]
        if not files:
            raise EvalError(f"the output of '{name}' has no .json, .yaml or .yml file")
        return [document for path, file in files for document in _read(file.data, path)]
    raise EvalError(f"the output of '{name}' is a link")


def _read(data: bytes, name: str) -> list[Any]:
    text = data.decode("utf-8", "surrogateescape")
    try:
        if name.endswith(".json"):
            return [json_format.read(text)]
        return [document for document in yaml_format.read_stream(text) if document is not None]
    except ValueError as error:
        raise EvalError(f"'{name}' is neither JSON nor YAML: {str(error).splitlines()[0]}") from None
