"""Compiled files, kept in the user's cache folder. It trusts nothing: whatever is not just right is not there.

A key hashes the format, the versions of Python's bytecode and of nixbridge, the files that code is made by, the mode, the names in scope
and the file's text, and its name where code depends on that; an entry carries a checksum. The folder must be this user's alone, so must
each file. Writing goes beside, then renames.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib_external import MAGIC_NUMBER  # importlib.util would cost 10 ms

from nixbridge.user_cache import read_own_file, write_own_file
from nixbridge.version import __version__

try:
    from _blake2 import blake2b  # hashlib would cost 3 ms
except ImportError:  # pragma: no cover - a Python built without it
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from types import CodeType
    from typing import Any

    from nixbridge.language.compiler.alike_files import AlikeFile
    from nixbridge.language.function_info import Packed

    #: Code that was compiled at once: that of a function, by name the constants that it refers to (lists, dicts and scalars, or
    #: `("path", text)` and the like, of which LoadedFile makes values), the global names that it needs, by parameter what is known of
    #: the functions in it.
    Part = tuple[CodeType, dict[str, object], tuple[str, ...], dict[str, Packed]]
    #: Code that is made of a template: its number, which is below 0, what fills its gaps, and how many lines it lies below the template.
    Copy = tuple[int, tuple[object, ...], int]
    #: A file, and those of its regions that have been used, by number: code, or copies of templates; and those templates.
    Entry = tuple[Part, dict[int, Part | Copy]]

#: Begins a string of a template that stands for a value of each copy: no string that is written in Nix can have a null character.
GAP = "\0"

FORMAT = b"nixbridge 5\n"
_SUFFIXES = (".py", ".lark")


#: What the code of an entry comes from, below the package: the grammar of a checkout, how text becomes code, and the names, arities
#: and functions that the code counts on.
_MADE_BY = (
    *("../grammar", "language/syntax", "language/compiler", "language/evaluation"),
    *(
        "language/builtins/registry.py",
        "mesh/tables/builder_list.py",
        "language/runtime/exports.py",
        "language/function_info.py",
        "language/name_order.py",
    ),
)


def compiler_stamp() -> bytes:
    """Return what changes when the code that makes the entries does: the version, and the sizes and times of its files."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    stamp = [FORMAT, MAGIC_NUMBER, sys.version.encode(), __version__.encode()]
    for part in _MADE_BY:
        path = os.path.join(package, part)
        try:
            if part.endswith(".py"):
                found = [(part, os.stat(path))]
            else:
                with os.scandir(path) as entries:
                    found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(_SUFFIXES)]
        except OSError:  # no checkout, or inside a zip: the version is what is left
            continue
        # version 2 of the format has no references, which depend on who else holds an object; text would take five times as long
        stamp.append(marshal.dumps(sorted([(name, of.st_size, of.st_mtime_ns) for name, of in found]), 2))
    return b"\0".join(stamp)


#: What this process compiled last without a folder: a text that a program evaluates again and again is compiled once.
_RECENT: dict[str, Entry] = {}
_MOST_RECENT = 256


#: So many files are compiled before it is looked for others that are like them, which takes modules that few processes need.
FEW = 10


class Compiled:
    """The `files` that this process compiled: how many they are, and of each kind of them what is needed for others."""

    def __init__(self) -> None:
        self.files = 0
        self.kinds: dict[Hashable, AlikeFile | None] = {}

    def another(self) -> bool:
        """Count another file. Returns whether there are so many that one may be like others."""
        self.files += 1
        return self.files > FEW

    def forget(self) -> None:
        """Know nothing, as a new process does."""
        self.files = 0
        self.kinds.clear()


#: Files that are written alike share code (compiler/alike_files.py).
COMPILED = Compiled()


class CodeCache:
    """Entries by key. `folder` None: nothing is read and nothing written; only this process remembers what it compiled."""

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self._stamp = compiler_stamp() if folder else b""

    @staticmethod
    def forget_recent() -> None:
        """Forget what this process compiled, as a new process would."""
        _RECENT.clear()
        COMPILED.forget()

    def key(self, parts: Iterable[str]) -> str:
        """Return the key of what was made from these texts."""
        digest = blake2b(self._stamp, digest_size=20)
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data))
            digest.update(data)
        return digest.hexdigest()

    def find(self, key: str) -> Entry | None:
        """Return the entry that `keep` wrote, None for anything else that is there."""
        if self.folder is None:
            return _RECENT.get(key)
        return self.find_data(key)  # type: ignore[return-value]

    def keep(self, key: str, entry: Entry) -> None:
        """Keep an entry; where that is not possible, nothing happens."""
        if self.folder is None:
            while len(_RECENT) >= _MOST_RECENT:
                _RECENT.pop(next(iter(_RECENT), ""), None)
            _RECENT[key] = entry
        else:
            self.keep_data(key, entry)

    def find_data(self, key: str) -> object | None:
        """Return what `keep_data` wrote under this key; None for whatever else is there."""
        if self.folder is None:
            return None
        try:
            data = read_own_file(os.path.join(self.folder, key))
        except OSError:
            return None
        checksum, payload = data[:32], data[32:]
        if blake2b(payload, digest_size=32, key=key.encode()).digest() != checksum:
            return None
        try:
            found: object = marshal.loads(payload)
        except (ValueError, EOFError, TypeError):
            return None
        return found

    def keep_data(self, key: str, value: Any) -> None:
        """Keep what marshal can write; where that is not possible, nothing happens."""
        if self.folder is None:
            return
        try:
            payload = marshal.dumps(value)
        except ValueError:  # nested too deeply to be marshalled
            return
        checksum = blake2b(payload, digest_size=32, key=key.encode()).digest()
        write_own_file(self.folder, key, checksum + payload)


class Template:
    """Code with gaps, read once, and the places in it that differ from copy to copy: which constants are gaps, and which are code."""

    __slots__ = ("_code", "_gaps", "_inner")

    def __init__(self, code: CodeType) -> None:
        self._code = code
        self._gaps: list[tuple[int, object]] = []
        self._inner: list[tuple[int, Template]] = []
        for index, constant in enumerate(code.co_consts):
            if _has_gap(constant):
                self._gaps.append((index, constant))
            elif constant.__class__ is code.__class__:
                self._inner.append((index, Template(constant)))

    def copy(self, values: tuple[object, ...], lines: int) -> CodeType:
        """Return the code with `values` in its gaps, and all of it so many lines further down."""
        code = self._code
        # the table of lines is relative to the first one
        line = code.co_firstlineno + lines
        if not self._gaps and not self._inner:
            return code.replace(co_firstlineno=line)
        constants = [*code.co_consts]
        for index, constant in self._gaps:
            constants[index] = _filled(constant, values)
        for index, inner in self._inner:
            constants[index] = inner.copy(values, lines)
        return code.replace(co_consts=tuple(constants), co_firstlineno=line)


def _has_gap(constant: object) -> bool:
    """Return whether a constant is a gap, or a tuple with one in it: CPython folds a tuple of constants into one."""
    if isinstance(constant, tuple):
        return any(map(_has_gap, constant))
    return isinstance(constant, str) and constant.startswith(GAP)


def _filled(constant: object, values: tuple[object, ...]) -> object:
    """Return a constant with the gaps in it filled."""
    if isinstance(constant, tuple):
        return tuple([_filled(item, values) for item in constant])
    return values[int(constant[1:])] if isinstance(constant, str) and constant.startswith(GAP) else constant
