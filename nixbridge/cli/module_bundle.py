"""The package's own modules in one file, so that a start need not find, open and check seventy.

An import costs CPython more than running what is imported. Each import that a command makes is therefore kept, with everything that it
brought along, as one group of code objects in a file of the user's cache folder; the next run takes the group from there and runs its
modules in the order in which they were complete. A group counts only as long as each of its sources has the size and time that it had;
any other import goes Python's way, and the file is written again when the run is over. It is bound to the folder of the package and to
this version of Python. There is none without a cache folder (a read-only home), for a package in a zip, with --no-cache, and with
--untrusted: whoever wrote an untrusted repository may have put files into a cache folder inside it.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import module_from_spec  # importlib itself would bring `warnings` along: 1 ms
from _frozen_importlib_external import MAGIC_NUMBER, PathFinder, SourceFileLoader, spec_from_file_location
from _imp import source_hash
from _thread import _count as count_of_threads

from nixbridge.user_cache import cache_folder, open_own_file, write_own_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

    #: A module: its name, its source, the source's time and size, its code.
    Member = tuple[str, str, int, int, CodeType]
    #: Where a group is in the file, from the end of the index, its length and its checksum.
    Location = tuple[int, int, bytes]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PREFIX = "nixbridge."
_FILES = "modules-"
#: Code objects of one Python mean nothing to another; -O leaves out assertions.
_MADE_FOR = ("nixbridge modules 2", MAGIC_NUMBER, sys.flags.optimize, _PACKAGE)
#: Bytes at the start of the file that hold the length of the index, which follows.
_HEAD = 8
_LONGEST_NAME = 150
#: Bytes of a file that is begun again rather than added to: all commands take 13 MB, more is what renamed modules left.
_LARGEST = 32 * 1024 * 1024
_KEY = int.from_bytes(MAGIC_NUMBER, "little")
#: Words of the command line that rule the bundle out.
_WITHOUT = ("--no-cache", "--untrusted")


class _Loader(SourceFileLoader):
    """Python's loader of source files, which takes code that is there already and notes what was loaded."""

    def __init__(self, name: str, path: str, bundle: ModuleBundle, member: Member | None = None) -> None:
        super().__init__(name, path)
        self._bundle, self._member = bundle, member

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of the module."""
        if self._member is None:
            # before the source is read: one that is changed meanwhile is then found to be stale
            status = os.stat(self.path)
            code = super().get_code(fullname)
            assert code is not None  # SourceFileLoader returns None for no source, where it raises
            self._member = (fullname, self.path, status.st_mtime_ns, status.st_size, code)
            self._bundle.missed += 1
        return self._member[4]

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        self._bundle.depth += 1
        try:
            super().exec_module(module)
        finally:
            self._bundle.depth -= 1
        assert self._member is not None  # get_code was called
        self._bundle.loaded(self._member)


class ModuleBundle:
    """A finder for the modules of the package, which has groups of them in a file of `folder`.

    `missed` counts the modules that were not in the file, `depth` the imports that are going on, one within the other.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        made_by = f"{sys.implementation.cache_tag}-{sys.flags.optimize}"
        self._file = f"{_FILES}{made_by}{_PACKAGE.replace(os.sep, '+')[-_LONGEST_NAME:]}"
        self._descriptor = -1
        self._start = 0
        self._groups: dict[str, Location] = {}
        self._open()
        # what this process has loaded, in the order in which it was complete, and groups to be written, by the import that began them
        self._loaded: list[Member] = []
        self._new: dict[str, list[Member]] = {}
        self.missed = self.depth = 0
        # the modules that were loaded, and missed, when the outermost import began
        self._before = (0, 0)
        # -X importtime lists what is imported one by one
        self._in_groups = "importtime" not in sys._xoptions

    def _open(self) -> None:
        try:
            descriptor = open_own_file(os.path.join(self._folder, self._file))
            if descriptor is not None:
                made_for, self._start, groups = _read_index(descriptor)
                if made_for == _MADE_FOR:
                    self._descriptor, self._groups = descriptor, groups
        except (OSError, ValueError, EOFError, TypeError):
            return  # not there yet, or damaged: the end of this run writes it

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of the package, after loading the rest of its group; None for any other module."""
        if not name.startswith(_PREFIX):
            return None
        if self.depth == 0:
            self._before = (len(self._loaded), self.missed)
        # a group is loaded without the locks of its modules, which another thread could be importing
        group = self._read(name) if self._in_groups and not count_of_threads() else None
        if group is not None:
            self.depth += 1
            try:
                for member in group[:-1]:
                    self._load(member)
            finally:
                self.depth -= 1
            return self._spec(group[-1])
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(name, spec.loader.path, self)
        return spec

    def _read(self, root: str) -> list[Member] | None:
        """Return the group of an import, its own module last; None without one whose sources are what they were."""
        if root not in self._groups:
            return None
        offset, size, checksum = self._groups[root]
        try:
            data = os.pread(self._descriptor, size, self._start + offset)
            # a damaged code object could crash the interpreter
            if _checksum(data) != checksum:
                return None
            members: list[Member] = marshal.loads(data)
            for _, path, time, length, _ in members:
                status = os.stat(path)
                if status.st_mtime_ns != time or status.st_size != length:
                    return None
        except OSError:
            return None
        return members

    def _spec(self, member: Member) -> ModuleSpec | None:
        name, path = member[:2]
        folders = [os.path.dirname(path)] if path.endswith("__init__.py") else None
        loader = _Loader(name, path, self, member)
        return spec_from_file_location(name, path, loader=loader, submodule_search_locations=folders)

    def _load(self, member: Member) -> None:
        """Import a module that was found."""
        name = member[0]
        if name in sys.modules:
            return
        package, _, last = name.rpartition(".")
        # a package's own group may not have been read: without it `setattr` below would have nowhere to go
        if package not in sys.modules:
            __import__(package)
        spec = self._spec(member)
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        setattr(sys.modules[package], last, module)

    def loaded(self, member: Member) -> None:
        """Note that a module is complete."""
        self._loaded.append(member)
        loaded, missed = self._before
        if self.depth == 0 and self.missed > missed:
            self._new[member[0]] = self._loaded[loaded:]

    def keep(self) -> None:
        """Write the file again if this process imported what it lacks. Where that is not possible, nothing happens."""
        # a folder that cannot be written to would cost every run the time to prepare the file
        if not self._new or not os.access(self._folder, os.W_OK):
            return
        groups: dict[str, tuple[bytes, bytes]] = {}
        # the others are copied as they are: unmarshalling all to see which are stale would take longer than most runs
        if sum(size for _, size, _ in self._groups.values()) < _LARGEST:
            for root, (offset, size, checksum) in self._groups.items():
                # with the checksum that it had: a new one would make a damaged group a valid one
                groups[root] = os.pread(self._descriptor, size, self._start + offset), checksum
        for root, members in self._new.items():
            # what an earlier run needed stays: which modules were there before depends on the command
            names = {member[0] for member in members}
            older = [member for member in self._read(root) or () if member[0] not in names]
            data = marshal.dumps([*older, *members])
            groups[root] = data, _checksum(data)
        locations: dict[str, Location] = {}
        written = bytearray()
        for root, (data, checksum) in groups.items():
            locations[root] = (len(written), len(data), checksum)
            written += data
        index = marshal.dumps((_MADE_FOR, locations))
        write_own_file(self._folder, self._file, len(index).to_bytes(_HEAD, "little") + index + written)
        _remove_abandoned(self._folder)


def _checksum(data: bytes) -> bytes:
    return source_hash(_KEY, data)


def _read_index(descriptor: int) -> tuple[Any, int, dict[str, Location]]:
    """Return what a file was made for, where its groups begin, and where each is. Raises ValueError, EOFError or TypeError."""
    size = int.from_bytes(os.read(descriptor, _HEAD), "little")
    made_for, groups = marshal.loads(os.read(descriptor, size))
    return made_for, _HEAD + size, groups


def _remove_abandoned(folder: str) -> None:
    """Remove the files of packages that are no longer there: each virtual environment has one."""
    try:
        with os.scandir(folder) as entries:
            files = [entry.path for entry in entries if entry.name.startswith(_FILES)]
        for file in files:
            descriptor = open_own_file(file)
            if descriptor is None:
                continue
            package = _read_index(descriptor)[0][-1]
            os.close(descriptor)
            if not os.path.isdir(package):
                os.unlink(file)
    except (OSError, ValueError, EOFError, TypeError):
        return  # another process was faster, or a file is not one of ours


_bundle: ModuleBundle | None = None


def use_bundle(words: Sequence[str]) -> None:
    """Import the package's modules from the bundle, unless a word of the command line forbids it."""
    global _bundle
    folder = None if any(word in _WITHOUT for word in words) else cache_folder()
    if folder is not None:
        _bundle = ModuleBundle(folder)
        sys.meta_path.insert(0, _bundle)


def keep_bundle() -> None:
    """Keep what was imported for the next run."""
    if _bundle is not None:
        try:
            _bundle.keep()
        except (MemoryError, OSError):
            return  # the run took what --max-memory allows, or the file cannot be read; the next one may keep it
