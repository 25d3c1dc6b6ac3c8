"""Reading regular files to their end, and nothing else: opening a FIFO may block, and a device may have no end."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

#: The most bytes that a file may have.
LARGEST_FILE = 512 * 1024 * 1024
_BLOCK = 64 * 1024


class NotRegular(OSError):
    """Raised for a file that is not opened; `strerror` is the reason."""


def read_regular_file(path: str, *, follow: bool = True, resolved: bool = False) -> bytes:
    """Return the contents of a file of at most LARGEST_FILE bytes; a link at the end of the path only with `follow`.

    `resolved`: the absolute path had no links when it was looked at, and must not have any now. Raises OSError: NotRegular for devices,
    FIFOs, sockets and larger files, IsADirectoryError for folders.
    """
    with open_regular_file(path, follow=follow and not resolved, resolved=resolved) as file:
        # room for what is asked for is made at once: no more than the file has (some say that they have nothing)
        return file.read(max(os.fstat(file.fileno()).st_size, _BLOCK) + 1)


def open_regular_file(
    path: str, *, follow: bool = True, resolved: bool = False, largest: int = LARGEST_FILE
) -> BinaryIO:
    """Return a file, open for reading. Raises OSError as `read_regular_file` does."""
    # looked at first: to open a FIFO or a device does something to whoever is at its other end
    _expect_regular(path, os.stat(path, follow_symlinks=follow), largest)
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = open_resolved(path, flags) if resolved else os.open(path, flags)
    try:
        _expect_regular(path, os.fstat(descriptor), largest)  # what was opened may be another one by now
    except OSError:
        os.close(descriptor)
        raise
    return open(descriptor, "rb")


def open_resolved(path: str, flags: int) -> int:
    """Return a descriptor of what is at an absolute path without links. Raises OSError, also where a folder has become a link.

    Only Linux can pass through folders that may be entered and not listed; elsewhere the path is opened as a whole.
    """
    if not hasattr(os, "O_PATH"):
        return os.open(path, flags)
    *folders, name = path[1:].split("/")
    folder = os.open("/", os.O_PATH | os.O_CLOEXEC)
    try:
        for part in folders:
            below = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(name or ".", flags, dir_fd=folder)
    finally:
        os.close(folder)


def _expect_regular(path: str, status: os.stat_result, largest: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(None, "it is a folder", path)
    if stat.S_ISLNK(status.st_mode):
        raise OSError(None, "too many symbolic links", path)
    if not stat.S_ISREG(status.st_mode):
        raise NotRegular(None, "only regular files are read, no devices, pipes or sockets", path)
    if status.st_size > largest:
        limit = f"the {largest >> 20} MiB that a file may have"
        raise NotRegular(None, f"it has {status.st_size} bytes, more than {limit}", path)
