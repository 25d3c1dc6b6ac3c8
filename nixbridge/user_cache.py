"""The user's cache folder, and its files that no other user can have written.

What is kept there is code that Python runs, so a folder or a file that another user could change counts as missing.
"""

from __future__ import annotations

import os

#: Bytes that the files of the folder may have together; half of them stay where there are more. They are added up when one is written
#: whose name begins so: of hashes, one in 256.
MOST_BYTES = 512 * 1024**2
_PRUNING = "00"


def cache_folder() -> str | None:
    """Return the folder for compiled files, made if need be; None where there is none that is this user's alone."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(base):
        return None
    folder = os.path.join(base, "nixbridge")
    try:
        try:
            status = os.lstat(folder)
        except FileNotFoundError:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            status = os.lstat(folder)
    except OSError:
        return None
    private = status.st_uid == os.getuid() and not status.st_mode & 0o022 and (status.st_mode & 0o170000) == 0o040000
    return folder if private else None


def open_own_file(path: str) -> int | None:
    """Return a descriptor of a file; None where it is not a regular file, or another user could write it. Raises OSError."""
    # O_NONBLOCK: opening a FIFO that somebody put there must not wait for a writer
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    status = os.fstat(descriptor)
    if status.st_uid != os.getuid() or status.st_mode & 0o022 or (status.st_mode & 0o170000) != 0o100000:
        os.close(descriptor)
        return None
    return descriptor


def read_own_file(path: str) -> bytes:
    """Return the contents of a file; empty if `open_own_file` has no descriptor. Raises OSError."""
    descriptor = open_own_file(path)
    if descriptor is None:
        return b""
    with open(descriptor, "rb") as file:
        return file.read()


def write_own_file(folder: str, name: str, data: bytes) -> None:
    """Write a file of the cache as a whole. Where that is not possible, nothing happens: a cache is nothing that is owed."""
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.{id(data):x}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, os.path.join(folder, name))
    except BaseException as error:
        _remove(temporary)
        if not isinstance(error, OSError):
            raise
    if name.startswith(_PRUNING):
        _prune(folder)


def _prune(folder: str) -> None:
    """Remove the files that have not been used for longest, where they are too large: each version of a text has made one."""
    files: list[tuple[float, int, str]] = []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                status = entry.stat(follow_symlinks=False)
                if (status.st_mode & 0o170000) == 0o100000:
                    files.append((max(status.st_atime, status.st_mtime), status.st_size, entry.path))
    except OSError:
        return
    total = sum(size for _, size, _ in files)
    if total <= MOST_BYTES:
        return
    for _, size, path in sorted(files):
        if total <= MOST_BYTES // 2:
            return
        _remove(path)
        total -= size


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
