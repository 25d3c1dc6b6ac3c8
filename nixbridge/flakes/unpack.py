"""Unpacking archives that somebody else made: nothing is written outside the folder, and no more than the limits allow.

Links are made last, so that no file is ever written through one that the archive itself brought.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import tarfile
import zipfile
import zlib

from nixbridge.errors.exceptions import EvalError, LimitReached, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

#: nixpkgs has 50,000 files and 400 MB.
MOST_ENTRIES = 1_000_000
MOST_BYTES = 4 * 1024**3
#: Extended headers hold names and times; tarfile reads each at once.
_LARGEST_HEADER = 1024 * 1024
_BLOCK = 1024 * 1024
_HEADER_TYPES = (
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)


def unpack(archive: str, folder: str, *, most_bytes: int = MOST_BYTES, most_entries: int = MOST_ENTRIES) -> None:
    """Unpack a tar archive (plain, gzip, bzip2 or xz) or a zip archive into a new folder.

    A single folder at the top is left out, as Nix does. Raises EvalError for what cannot be read, Refused for
    names and links that lead out of the folder, LimitReached for more than the limits.
    """
    work = f"{folder}.unpacking"
    os.mkdir(work, 0o700)
    target = _Target(work, most_bytes, most_entries)
    try:
        with open(archive, "rb") as file:
            if file.read(4) == b"PK\x03\x04":
                _unpack_zip(file, target)
            else:
                file.seek(0)
                _unpack_tar(file, target)
        top = target.top()
        target.make_links(top)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, lzma.LZMAError, zlib.error, ValueError) as error:
        raise EvalError(f"the archive cannot be unpacked: {error}") from None
    os.rename(f"{work}/{top}".rstrip("/"), folder)


class _Target:
    """The destination of an archive. `kinds` maps each created path to `folder`, `file` or `link`."""

    def __init__(self, folder: str, most_bytes: int, most_entries: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self.most_entries = most_entries
        self.bytes = 0
        self.kinds: dict[str, str] = {}
        self.links: dict[str, str] = {}

    def name(self, written: str) -> str:
        """Return the path of an entry below the folder. Raises Refused for one that leads out."""
        parts = [part for part in written.split("/") if part not in ("", ".")]
        if written.startswith("/") or ".." in parts or "\0" in written:
            raise Refused(f"the archive has an entry '{written}', which leads out of its folder")
        return "/".join(parts)

    def make(self, path: str, kind: str) -> None:
        """Note an entry, and make the folders around it. Raises Refused where something else is in the way."""
        if len(self.kinds) >= self.most_entries:
            raise LimitReached(f"the archive has more than {self.most_entries} entries")
        if not path:
            raise Refused(f"the archive has a {kind} without a name")
        parent = path.rpartition("/")[0]
        if parent and self.kinds.get(parent) != "folder":
            self.add_folder(parent)
        there = self.kinds.get(path)
        # A link that is replaced by a file (or the other way round) could redirect a later entry out of the folder;
        # tar files that were appended to may repeat files and folders.
        if there is not None and (there != kind or kind == "link"):
            raise Refused(f"the archive has the entry '{path}' twice, as {there} and as {kind}")
        self.kinds[path] = kind

    def add_folder(self, path: str) -> None:
        """Create a folder unless it exists."""
        if path and self.kinds.get(path) != "folder":
            self.make(path, "folder")
            os.mkdir(f"{self.folder}/{path}", 0o700)

    def add_file(self, path: str, contents: IO[bytes], executable: bool) -> None:
        """Write a file; an existing one is replaced. Raises LimitReached when the whole is too large."""
        self.make(path, "file")
        location = f"{self.folder}/{path}"
        with open(location, "wb") as file:
            while block := contents.read(_BLOCK):
                # counted while unpacking: the sizes in headers are claims, and compressed data can expand a thousandfold
                self.bytes += len(block)
                if self.bytes > self.most_bytes:
                    raise LimitReached(f"the archive has more than {self.most_bytes} bytes of contents")
                file.write(block)
        os.chmod(location, 0o755 if executable else 0o644)

    def add_link(self, path: str, text: str) -> None:
        """Note a symbolic link."""
        self.make(path, "link")
        self.links[path] = text

    def add_copy(self, path: str, source: str, executable: bool) -> None:
        """Make a hard link's file: a copy of one that was unpacked before."""
        if self.kinds.get(source) != "file":
            raise Refused(f"the archive has a hard link '{path}' to '{source}', which is not a file in it")
        if path != source:
            with open(f"{self.folder}/{source}", "rb") as contents:
                self.add_file(path, contents, executable)

    def top(self) -> str:
        """Return the folder that holds all other entries, "" where there is none."""
        # One level and no more: the hash of the tree depends on it.
        names = {path.partition("/")[0] for path in self.kinds}
        top = min(names, default="")
        return top if len(names) == 1 and self.kinds[top] == "folder" else ""

    def make_links(self, top: str) -> None:
        """Make the symbolic links that were noted. Raises Refused for one that leads out of `top`, what is left of the archive."""
        # Links are created last: no entry can be written through one, whatever the order in the archive.
        for path, text in self.links.items():
            depth = path.count("/") - (1 if top else 0)
            # counted part by part: `a/../../b` stays inside at its end, but leads out on the way
            for part in text.split("/"):
                depth += -1 if part == ".." else part not in ("", ".")
                if depth < 0 or text.startswith("/"):
                    raise Refused(f"the archive has a link '{path}' to '{text}', which leads out of its folder")
            os.symlink(text, f"{self.folder}/{path}")


class _CheckedHeader(tarfile.TarInfo):
    """A header whose extensions have a bounded size: tarfile reads them whole before anybody is asked."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _HEADER_TYPES and self.size > _LARGEST_HEADER:
            raise tarfile.HeaderError(f"an extended header has {self.size} bytes")
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]  # not in the stubs
        return member


def _unpack_tar(file: IO[bytes], target: _Target) -> None:
    with _decompressed(file) as stream, tarfile.open(fileobj=stream, mode="r|", tarinfo=_CheckedHeader) as archive:
        for member in archive:
            path = target.name(member.name)
            # NAR knows no other permission, and no owner or time
            executable = bool(member.mode & stat.S_IXUSR)
            if member.isdir():
                target.add_folder(path)
            elif member.issym():
                target.add_link(path, member.linkname)
            elif member.islnk():
                target.add_copy(path, target.name(member.linkname), executable)
            elif member.isreg():
                # the archive is a stream ("r|"), so each member must be read before the next header
                contents = archive.extractfile(member)
                assert contents is not None
                target.add_file(path, contents, executable)
            else:
                raise Refused(f"the archive has '{member.name}', which is neither a file nor a folder nor a link")


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    # by contents: URLs of forges do not end in a suffix
    start = file.read(6)
    file.seek(0)
    if start[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]
    if start[:3] == b"BZh":
        return bz2.BZ2File(file)
    if start == b"\xfd7zXZ\0":
        return lzma.LZMAFile(file)
    if start[:4] == b"\x28\xb5\x2f\xfd":
        raise EvalError("the archive is compressed with zstd, which is not supported")
    return file


def _unpack_zip(file: IO[bytes], target: _Target) -> None:
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            path = target.name(member.filename)
            mode = member.external_attr >> 16
            if member.is_dir():
                target.add_folder(path)
            elif stat.S_ISLNK(mode):
                if member.file_size > _LARGEST_HEADER:
                    raise Refused(f"the archive has a link '{path}' of {member.file_size} bytes")
                target.add_link(path, os.fsdecode(archive.read(member)))
            else:
                with archive.open(member) as contents:
                    target.add_file(path, contents, bool(mode & stat.S_IXUSR))
