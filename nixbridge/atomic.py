"""Files and folders that appear as a whole: a reader sees the old contents or the new ones, never a part.

What is not finished is next to its place as `.NAME.RANDOM.nixbridge`, locked by the process that writes it. A process that is killed
leaves it there without a lock, and the next one that writes into the folder removes it.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from contextlib import contextmanager, suppress
from time import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Names of what is no file of anybody's: `/dev/stdout` leads to a terminal, a pipe, or the file that the shell opened.
_NOT_FILES = ("/dev", "/proc", "/sys")
#: Links in one path, as Linux counts them.
_MOST_LINKS = 40
#: Names of what is not finished.
_UNFINISHED = re.compile(r"\..*\.[0-9a-f]{12}\.nixbridge", re.DOTALL)
#: The folders that this process has looked into for leftovers: a run that writes thousands of files looks once.
_cleared: set[str] = set()
_MOST_CLEARED = 1000
#: Seconds for which what has just been made is left alone, whatever the clock says.
_NEW = 10
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def write_atomically(path: str, data: bytes) -> None:
    """Write `data` to a temporary file next to `path`, then move it there.

    A symbolic link is replaced, never written through, except one that leads into /dev, /proc or /sys: that, and whatever is not a
    regular file (a FIFO, a device), is written directly. Permissions of a file that exists are kept. Raises OSError; then nothing
    has changed and nothing is left behind.
    """
    mode = 0o666 & ~_umask()
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        pass
    else:
        if stat.S_ISREG(status.st_mode):
            mode = stat.S_IMODE(status.st_mode)
        elif not stat.S_ISLNK(status.st_mode) or _leads_to_a_device(path):
            _write_directly(path, data)
            return
    clear_leftovers(os.path.dirname(path) or ".")
    temporary = _unfinished_name(path)
    try:
        _write_new(temporary, data, mode, path)
    except BaseException as error:
        _remove(temporary)
        if isinstance(error, OSError):
            error.filename, error.filename2 = path, None  # the user knows nothing of the temporary one
        raise


@contextmanager
def scratch_folder(path: str) -> Iterator[str]:
    """Yield a new, empty folder beside `path`; at the end it is gone, unless it was moved to `path`. Raises OSError."""
    clear_leftovers(os.path.dirname(path) or ".")
    folder = _unfinished_name(path)
    os.mkdir(folder)
    descriptor = os.open(folder, _FOLDER)
    try:
        _lock(descriptor)
        yield folder
    finally:
        try:
            _remove_all(folder)
        except BaseException:  # a signal that came meanwhile: a second one is ignored
            _remove_all(folder)
            raise
        finally:
            os.close(descriptor)


def clear_leftovers(folder: str) -> None:
    """Remove what killed processes left unfinished in a folder, once in the life of this process."""
    folder = os.path.abspath(folder)
    if folder in _cleared:
        return
    if len(_cleared) >= _MOST_CLEARED:
        _cleared.clear()
    _cleared.add(folder)
    with suppress(OSError):
        for name in os.listdir(folder):
            if _UNFINISHED.fullmatch(name):
                _clear(os.path.join(folder, name))


def _clear(path: str) -> None:
    """Remove what nobody has locked, if it is this user's own and not so new that its maker may be about to lock it."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if status.st_uid == os.getuid() and abs(time() - status.st_mtime) > _NEW:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: it is being written
                _remove_all(path)
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    with suppress(
        OSError
    ):  # a file system without locks: there, leftovers of the others cannot be locked and stay as well
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _unfinished_name(path: str) -> str:
    folder, name = os.path.split(path)
    # a name that nobody can guess
    return os.path.join(folder or ".", f".{name[:60]}.{os.urandom(6).hex()}.nixbridge")


def _leads_to_a_device(path: str) -> bool:
    """Return whether a link is in /dev, /proc or /sys, or leads there by way of others."""
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(os.path.dirname(path) or ".")
        if any(folder == top or folder.startswith(f"{top}/") for top in _NOT_FILES):
            return True
        path = os.path.join(folder, os.path.basename(path))
        if not os.path.islink(path):
            return False
        path = os.path.join(folder, os.readlink(path))
    return False


def _write_directly(path: str, data: bytes) -> None:
    status = os.stat(path)
    for descriptor in (1, 2):
        if _is_open(descriptor) and os.path.samestat(status, os.fstat(descriptor)):
            # opened again, a file that is our standard output would lose what is in it already
            with open(os.dup(descriptor), "wb") as file:
                file.write(data)
            return
    with open(path, "wb") as file:
        file.write(data)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _write_new(temporary: str, data: bytes, mode: int, path: str) -> None:
    # O_EXCL: nobody else's file or link is written to
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        _lock(descriptor)
        file.write(data)
        file.flush()
        os.fchmod(descriptor, mode)
        # before it is moved in: else a power cut could leave the new name with no contents
        os.fsync(descriptor)
        os.replace(temporary, path)


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _remove_all(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        _remove(path)


def _umask() -> int:
    # the only portable way to read it is to set it; the value set meanwhile is the strictest
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
