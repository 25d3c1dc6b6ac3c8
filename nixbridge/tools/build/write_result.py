"""An output as a file or folder of this machine, written atomically.

A record of what was written is kept, so that a folder can be replaced without asking as long as nobody has changed it.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import stat
import sys

from nixbridge.atomic import clear_leftovers, scratch_folder, write_atomically
from nixbridge.errors.exceptions import Refused, UsageError
from nixbridge.language.runtime.strings import STAND_IN, stand_in_name
from nixbridge.regular_file import open_regular_file
from nixbridge.tools.build.file_tree import File, Folder, Link, Node
from nixbridge.user_cache import cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: renameat2(2): paths count from the current folder; both names change places.
_HERE, _EXCHANGE = -100, 2
_MARK = STAND_IN.encode()
_STORE_PATH = re.compile(rb"/nix/store/[0-9a-df-np-sv-z]{32}-[A-Za-z0-9+\-._?=]+")


def write_result(
    node: Node, path: str, *, force: bool = False, progress: Callable[[int], None] = lambda count: None
) -> None:
    """Write an output to `path`. A folder that is as nixbridge build left it is replaced; any other only with `force`. `progress`
    hears of each file of a folder that is written.

    Raises UsageError where something else is at `path`, Refused for an output that refers to a store, OSError.
    """
    check_references(node)
    if isinstance(node, File):
        _write_file(node, path, force)
    elif isinstance(node, Folder):
        _write_folder(node, path, force, progress)
    else:
        raise Refused(f"the output is a link to '{node.target}', which nixbridge does not follow")


def number_of_files(node: Node) -> int:
    """Return how many files and links an output has."""
    return sum(map(number_of_files, node.entries.values())) if isinstance(node, Folder) else 1


def total_size(node: Node) -> int:
    """Return how many bytes the files of an output have."""
    if isinstance(node, Folder):
        return sum(map(total_size, node.entries.values()))
    return len(node.data) if isinstance(node, File) else 0


def check_references(node: Node, where: str = "") -> None:
    """Raise Refused where a file or link refers to another output, which is in no store."""
    if isinstance(node, Folder):
        for name, child in node.entries.items():
            check_references(child, f"{where}/{name}" if where else name)
        return
    text = node.target if isinstance(node, Link) else node.data.decode("utf-8", "replace") if _MARK in node.data else ""
    if STAND_IN in text:
        what = f"'{where}'" if where else "the output"
        raise Refused(
            f"{what} refers to the store path of '{stand_in_name(text)}', and nixbridge has no store that could contain it",
            hint="copy the file instead of referring to it, or build with Nix itself",
        )


def store_references(node: Node, where: str = "") -> dict[str, str]:
    """Return the store paths that files and links of an output refer to, each with the file where it is first."""
    if isinstance(node, Folder):
        found: dict[str, str] = {}
        for name in sorted(node.entries):
            for path, file in store_references(node.entries[name], f"{where}/{name}" if where else name).items():
                found.setdefault(path, file)
        return found
    data = os.fsencode(node.target) if isinstance(node, Link) else node.data
    return {os.fsdecode(match[0]): where for match in _STORE_PATH.finditer(data)}


def _write_file(node: File, path: str, force: bool) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        raise UsageError(f"'{path}' is a folder, and the output is a file", hint="choose another name with -o")
    if os.path.lexists(path) and not force and not os.path.isfile(path):
        raise UsageError(f"'{path}' already exists", hint="choose another name with -o")
    write_atomically(path, node.data)
    mode = os.stat(path).st_mode & 0o777
    # executable for everybody who may read it, as far as the umask allows that
    executable = mode & ~0o111 | (mode & 0o444) >> 2 if node.executable else mode & ~0o111
    os.chmod(path, executable)


def _write_folder(folder: Folder, path: str, force: bool, progress: Callable[[int], None]) -> None:
    path = os.path.abspath(path)
    clear_leftovers(os.path.dirname(path))  # also where nothing is to be written
    digest = digest_of(folder)
    replaced = os.path.lexists(path)
    ours = [digest]
    if replaced and not force:
        present = digest_of(read_tree(path))
        if present == digest:
            return
        # both are ours while one takes the place of the other: a run that is killed in between must not be in the way of the next
        ours = [present, digest]
        if present not in remembered_digests(path):
            raise UsageError(
                f"'{path}' was changed since nixbridge build wrote it, or was not written by it",
                hint="choose another name with -o, or replace it with --force",
            )
    with scratch_folder(path) as scratch:
        new = os.path.join(scratch, "new")
        os.mkdir(new)
        _fill(folder, new, progress)
        remember_digests(path, ours)
        if replaced:
            _exchange(new, path)
        else:
            os.rename(new, path)
    remember_digests(path, [digest])


def _exchange(new: str, path: str) -> None:
    """Have `new` and `path` change places; in one step where the system can, which Python has no function for."""
    library = ctypes.CDLL(None, use_errno=True)
    rename = getattr(library, "renameat2", None)
    if rename is not None and rename(_HERE, os.fsencode(new), _HERE, os.fsencode(path), _EXCHANGE) == 0:
        return
    aside = f"{new}.old"
    os.rename(path, aside)
    try:
        os.rename(new, path)
    except BaseException:
        os.rename(aside, path)
        raise


def _fill(folder: Folder, path: str, progress: Callable[[int], None]) -> None:
    for name, node in folder.entries.items():
        target = os.path.join(path, name)
        if isinstance(node, Folder):
            os.mkdir(target)
            _fill(node, target, progress)
            continue
        if isinstance(node, Link):
            os.symlink(node.target, target)
        else:
            with open(target, "xb") as file:
                file.write(node.data)
            if node.executable:
                os.chmod(target, os.stat(target).st_mode | 0o111 & ~_umask())
        progress(1)


def _umask() -> int:
    # the only portable way to read it is to set it
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def read_tree(path: str) -> Node:
    """Return what is at a path of this machine, links not followed. Raises UsageError for a FIFO, a socket or a device, OSError."""
    if os.path.islink(path):
        return Link(os.readlink(path))
    if os.path.isdir(path):
        return Folder({name: read_tree(os.path.join(path, name)) for name in os.listdir(path)})
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise UsageError(f"'{path}' already exists: it is neither a file nor a folder")
    with open_regular_file(path, follow=False, largest=sys.maxsize) as file:
        return File(file.read(), executable=bool(os.fstat(file.fileno()).st_mode & 0o100))


def digest_of(node: Node) -> str:
    """Return a hash of names, contents, links and executable bits."""
    digest = hashlib.sha256()
    nodes = [("", node), *node.walk()] if isinstance(node, Folder) else [("", node)]
    for path, each in nodes:
        if isinstance(each, Folder):
            described, data = "folder", b""
        elif isinstance(each, Link):
            described, data = "link", os.fsencode(each.target)
        else:
            described, data = f"file {each.executable:d}", each.data
        name = os.fsencode(path)
        digest.update(f"{described} {len(name)} {len(data)} ".encode() + name + data)
    return digest.hexdigest()


def remember_digests(path: str, digests: Sequence[str]) -> None:
    """Remember what may be at `path` and is ours. Without a cache folder nothing is remembered."""
    file = _record(path)
    if file is not None:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        write_atomically(file, " ".join(digests).encode())


def remembered_digests(path: str) -> list[str]:
    """Return the digests of what nixbridge may have left at `path`; none where that is not known."""
    file = _record(path)
    try:
        if file is not None:
            with open(file, encoding="ascii") as record:
                return record.read().split()
    except OSError:
        return []
    return []


def _record(path: str) -> str | None:
    folder = cache_folder()
    if folder is None:
        return None
    name = hashlib.sha256(os.fsencode(os.path.realpath(os.path.abspath(path)))).hexdigest()
    return os.path.join(folder, "results", name)
