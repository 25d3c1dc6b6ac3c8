"""Imports among the files of a tree: a file that another one imports is a part of it, not an entry point.

What a file imports is known by its text (`import ./x.nix`, `[ ./module.nix ]`) before anything is evaluated, and by what is imported
while it is.
"""

from __future__ import annotations

import os
import sys

from nixbridge.errors.exceptions import NixError
from nixbridge.errors.traceback import MARK
from nixbridge.language.runtime.path import canonical
from nixbridge.language.syntax.lexer import tokens_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nixbridge.source import Source


#: How many importers of a file are named.
_MOST_IMPORTERS = 3


class Imports:
    """The imports among the files of a tree, which are absolute paths. `importers`: for a file, those that import it."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = set(files)
        self.importers: dict[str, set[str]] = {}

    def note(self, importer: str, path: str) -> None:
        """Record that `importer` imports `path`, a file or a folder with a default.nix."""
        for file in (path, f"{path}/default.nix", os.path.realpath(path)):
            if file in self.files:
                if file != importer:
                    self.importers.setdefault(file, set()).add(importer)
                return

    def read(self, source: Source) -> None:
        """Record the imports of a text. A folder counts only after `import`, because `./.` may be used for its names."""
        try:
            tokens = tokens_of(source)
        except NixError:
            return  # evaluating the file reports what is wrong with it
        for index, token in enumerate(tokens):
            if token.type == "PATH" and not token.value.startswith("~"):
                path = canonical(token.value if token.value.startswith("/") else f"{source.base}/{token.value}")
                # a path in a list or an argument counts as well: modules are imported by the module system
                if path in self.files or (index and tokens[index - 1].value == "import"):
                    self.note(source.name, path)

    def note_running(self, path: str) -> None:
        """Note an import by the innermost code of the tree that is running. (lib may import on behalf of a file.)"""
        frame = sys._getframe(1)
        while frame is not None:
            if MARK in frame.f_globals and frame.f_code.co_filename in self.files:
                self.note(frame.f_code.co_filename, canonical(path))
                return
            frame = frame.f_back  # type: ignore[assignment]  # None is the end

    def names_of_importers(self, file: str, top: str = ".") -> str:
        """Return the files that import `file`, relative to `top`; of many, the first few and how many more."""
        names = sorted(os.path.relpath(path, top) for path in self.importers.get(file, ()))
        more = [f"{len(names) - _MOST_IMPORTERS} more"] if len(names) > _MOST_IMPORTERS else []
        return ", ".join([*names[:_MOST_IMPORTERS], *more])

    def roots(self, candidates: list[str]) -> list[str]:
        """Return those of `candidates` that are not part of another file; of files that import one another in a circle, the first."""
        imported: dict[str, list[str]] = {}
        for file, importers in self.importers.items():
            for importer in importers:
                imported.setdefault(importer, []).append(file)
        found: list[str] = []
        reached: set[str] = set()
        alone = [file for file in candidates if not self.importers.get(file)]
        # those that nobody imports come first; what is not reached from them is in a circle
        for file in [*alone, *candidates]:
            if file in reached:
                continue
            found.append(file)
            pending = [file]
            while pending:
                file = pending.pop()
                if file not in reached:
                    reached.add(file)
                    pending += imported.get(file, ())
        return found
