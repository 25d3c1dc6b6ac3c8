"""The files that an editor has open, those that they import, and those next to them: text, tree and names, made once per version."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from nixbridge.lsp.recovery import Parsed, parse_with_recovery
from nixbridge.lsp.symbols import Scope, Symbols
from nixbridge.lsp.text_positions import TextPositions
from nixbridge.regular_file import read_regular_file
from nixbridge.source import Source

#: A file that is imported and larger than this is not read for names.
LARGEST_IMPORT = 4 * 1024 * 1024


class Document:
    """One version of one file, or a part of one whose surroundings are those of an earlier version (`outer`)."""

    def __init__(self, path: str, text: str, outer: tuple[Document, Scope] | None = None) -> None:
        self.path = path
        self.text = text
        self.source = Source(text, path, os.path.dirname(path) or "/")
        self.positions = TextPositions(text)
        self.parsed: Parsed = parse_with_recovery(self.source)
        self.symbols = Symbols(self.parsed.tree, text, outer[1] if outer is not None else None)
        if outer is not None:
            # what the surrounding names stand for is looked up in the earlier version's tree
            self.symbols.scope_of = ChainMap(self.symbols.scope_of, outer[0].symbols.scope_of)

    @property
    def uri(self) -> str:
        """The address under which an editor knows the file."""
        return uri_of(self.path)


class Workspace:
    """Open documents by path; what is not open is read from the disk and kept while it does not change."""

    def __init__(self) -> None:
        self.open: dict[str, Document] = {}
        self._read: dict[str, tuple[tuple[int, int], Document]] = {}

    def change(self, path: str, text: str) -> Document:
        """Take the text that an editor has of a file."""
        known = self.open.get(path)
        if known is None or known.text != text:
            known = self.open[path] = Document(path, text)
        return known

    def close(self, path: str) -> None:
        """Forget an editor's text: the file's own counts again."""
        self.open.pop(path, None)

    def document(self, path: str) -> Document | None:
        """Return a file as it is open or, else, as it is on the disk; None for what cannot be read as Nix."""
        path = os.path.normpath(path)
        if path in self.open:
            return self.open[path]
        if os.path.isdir(path):
            return self.document(os.path.join(path, "default.nix"))
        try:
            status = os.stat(path)
            stamp = (status.st_mtime_ns, status.st_size)
            if path in self._read and self._read[path][0] == stamp:
                return self._read[path][1]
            if status.st_size > LARGEST_IMPORT:
                return None
            document = Document(path, text_of(path))
        except OSError:
            return None
        self._read[path] = (stamp, document)
        return document

    def documents(self) -> list[Document]:
        """Return every document that is known: open ones and those that were imported."""
        return [
            *self.open.values(),
            *(document for _, document in self._read.values() if document.path not in self.open),
        ]


def text_of(path: str) -> str:
    """Return the text of a file as it is on the disk. Raises OSError."""
    return read_regular_file(path).decode("utf-8", "surrogateescape")


def path_of(uri: str) -> str:
    """Return the path of a `file:` address."""
    return unquote(urlsplit(uri).path)


def uri_of(path: str) -> str:
    """Return the `file:` address of a path."""
    return "file://" + quote(path)


#: Files in the folder of one that is edited; more than this are another program's, or a tree that `nixbridge lint` is for.
MOST_COMPANIONS = 100


def companions_of(path: str, open_texts: Mapping[str, str]) -> list[str]:
    """Return the Nix files in the folder of `path` and those that are open, without `path` itself."""
    folder = os.path.dirname(path)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".nix"))
    except OSError:
        names = []
    found = [os.path.join(folder, name) for name in names] + [other for other in open_texts if other.endswith(".nix")]
    return [other for other in dict.fromkeys(found) if other != path and os.path.exists(other)][:MOST_COMPANIONS]
