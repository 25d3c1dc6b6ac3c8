"""YAML and JSON read as data that remembers where each attribute was written, as the sets of a Nix file do."""

from __future__ import annotations

from itertools import accumulate

import yaml

from nixbridge.language.formats.yaml import Loader, construct_mapping, key_of
from nixbridge.language.runtime.attrset import AttrSet


class _PositionLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml's, where it is there
    """The strict loader's data; a mapping becomes an AttrSet with the line and column of each key (in bytes, from 1).

    The text was read by the strict loader before, so the faster parser need not find its faults again.
    """

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self.file, self._lines = file, text.split("\n")
        # by line: the bytes before each character; nothing for a line of ASCII, in which they are the column. A line may be the whole file
        self._bytes: dict[int, tuple[int, ...]] = {}

    def bytes_before(self, line: int, column: int) -> int:
        """Return how many bytes of a line are before a character, both counted from 0."""
        offsets = self._bytes.get(line)
        if offsets is None:
            text = self._lines[line] if line < len(self._lines) else ""
            sizes = (len(character.encode("utf-8", "surrogateescape")) for character in text)
            offsets = self._bytes[line] = () if text.isascii() else tuple(accumulate(sizes, initial=0))
        return offsets[min(column, len(offsets) - 1)] if offsets else column


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> AttrSet:
    assert isinstance(loader, _PositionLoader)
    data = construct_mapping(loader, node)
    positions = {}
    for key_node, _ in node.value:  # what `<<` brought stands where the anchor is
        positions[key_of(key_node)] = _position(loader, key_node)
    if not positions:  # an element of a list stands where its first attribute does: `{}` has none
        positions[""] = _position(loader, node)
    return AttrSet(data, positions)


def _position(loader: _PositionLoader, node: yaml.Node) -> tuple[str, int, int]:
    """Return file, line and column (bytes, from 1) of a node."""
    mark = node.start_mark
    return loader.file, mark.line + 1, loader.bytes_before(mark.line, mark.column) + 1


_PositionLoader.yaml_constructors = {**Loader.yaml_constructors, "tag:yaml.org,2002:map": _mapping}
_PositionLoader.yaml_implicit_resolvers = Loader.yaml_implicit_resolvers


def read_stream_with_positions(text: str, file: str) -> list[object]:
    """Return the data of each document of a text that `yaml.read_stream` reads."""
    loader = _PositionLoader(text, file)
    documents = []
    # not PyYAML's load_all, which has no way to give its loader the name of the file
    while loader.check_node():
        documents.append(loader.construct_document(loader.get_node()))
    return documents
