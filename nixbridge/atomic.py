"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat


def write_atomically(path: str, data: bytes) -> None:
    """Writes `data` to `path`: beside it first, then moved in, so that a reader sees the old file or the new one, whole.

    A symbolic link is replaced, never written through. What is no regular file (`/dev/stdout`, a FIFO) is written directly.
    Permissions of a file that is there are kept. Raises OSError; then nothing has changed and nothing is left behind.
    """
    mode = 0o666 & ~_umask()
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        pass
    else:
        if stat.S_ISREG(status.st_mode):
            mode = stat.S_IMODE(status.st_mode)
        elif not stat.S_ISLNK(status.st_mode):
            with open(path, "wb") as file:
                file.write(data)
            return
    folder, name = os.path.split(path)
    temporary = os.path.join(folder or ".", f".{name[:60]}.{os.getpid()}.{os.urandom(6).hex()}")
    try:
        _write_new(temporary, data, mode)
        os.replace(temporary, path)
    except BaseException as error:
        _remove(temporary)
        if isinstance(error, OSError):
            error.filename, error.filename2 = path, None  # the one beside it is nothing that the user knows of
        raise


def _write_new(path: str, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(descriptor, mode)
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
