"""Files that are replaced as a whole: a reader sees the old contents or the new ones, never a part."""

from __future__ import annotations

import os
import stat

#: Names of what is no file of anybody's: `/dev/stdout` leads to a terminal, a pipe, or the file that the shell opened.
_NOT_FILES = ("/dev", "/proc", "/sys")
#: Links in one path, as Linux counts them.
_MOST_LINKS = 40


def write_atomically(path: str, data: bytes) -> None:
    """Write `data` to a file beside `path`, then move it there.

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
    folder, name = os.path.split(path)
    temporary = os.path.join(folder or ".", f".{name[:60]}.{os.getpid()}.{os.urandom(6).hex()}")
    try:
        _write_new(temporary, data, mode)
        os.replace(temporary, path)
    except BaseException as error:
        _remove(temporary)
        if isinstance(error, OSError):
            error.filename, error.filename2 = path, None  # the user knows nothing of the temporary one
        raise


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


def _write_new(path: str, data: bytes, mode: int) -> None:
    # a name that nobody can guess, and O_EXCL: nobody else's file or link is written to
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(descriptor, mode)
        # before it is moved in: else a power cut could leave the new name with no contents
        os.fsync(descriptor)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def _umask() -> int:
    # the only portable way to read it is to set it; the value set meanwhile is the strictest
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
