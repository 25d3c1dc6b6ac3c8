"""Installation of new files in DEST: all are written next to it, then moved in one by one; errors undo every move.

A DEST that is not there yet appears at once, whole. In one that is there every file is the old or the new one at any time, and what
nixbridge wrote is known by both: killed in between, it can be run again and goes on.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from contextlib import contextmanager, suppress

from nixbridge.errors.exceptions import EvalError
from nixbridge.tools.migrate.destination import OPEN_FOLDER, Destination
from nixbridge.tools.migrate.layout import WRITTEN
from nixbridge.tools.migrate.plan import CHANGED, NEW, REMOVED, UNCHANGED, Plan
from nixbridge.tools.migrate.written_files import Entry, Written, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The folder that new files are written to first. In DEST, where that is there: it may be a file system of its own.
STAGE = ".nixbridge-migrate"


def install(plan: Plan, progress: Callable[[int], None] = lambda count: None) -> None:
    """Carry out the plan; `progress` hears of each file that is written.

    Raises OSError, and EvalError when DEST is not as it was planned for; then nothing has changed.
    """
    destination = plan.destination
    if destination.top is None:
        _make(plan, progress)
    elif plan.count(NEW, CHANGED, REMOVED) or destination.read(WRITTEN) != write(plan.written):
        _put_into(plan, destination.top, progress)


def _make(plan: Plan, progress: Callable[[int], None]) -> None:
    parent, name = os.path.split(plan.destination.path)
    os.makedirs(parent, exist_ok=True)
    around = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # a new DEST is written under another name in the same folder and renamed at the end, so it appears complete
        with stage(around, f".{name[:100]}{STAGE}", parent):
            made = Destination(os.path.join(parent, f".{name[:100]}{STAGE}"))
            try:
                for path, data in [*_new_files(plan), (WRITTEN, write(plan.written))]:
                    with made.folder_of(path, make=True) as (folder, file):
                        write_file(folder, file, data)
                    progress(1)
            finally:
                made.close()
            os.rename(f".{name[:100]}{STAGE}", name, src_dir_fd=around, dst_dir_fd=around)
    finally:
        os.close(around)


def _put_into(plan: Plan, top: int, progress: Callable[[int], None]) -> None:
    destination = plan.destination
    with stage(top, STAGE, destination.path) as staged:
        # Everything slow (writing, syncing) happens in the stage first. What remains is a short series of renames.
        moves = Moves(destination, staged)
        files = [(path, moves.write(data)) for path, data in _new_files(plan)]
        # While files are moved, the record lists the old and the new hashes: after a kill, the next run recognizes both.
        before, after = moves.write(write(both(plan.before, plan.written))), moves.write(write(plan.written))
        # the plan is a moment old: whatever changed since must not be overwritten
        for change in plan.changes.values():
            if change.action in (NEW, CHANGED, REMOVED) and destination.look(change.path) != change.seen:
                raise EvalError(f"'{change.path}' in {destination.path} changed during planning; run the command again")
        try:
            moves.put(WRITTEN, before)
            for path, file in files:
                moves.put(path, file)
                progress(1)
            for change in plan.changes.values():
                if change.action == REMOVED:
                    moves.take(change.path)
            moves.put(WRITTEN, after)
        # BaseException: Ctrl-C must undo as well
        except BaseException:
            moves.undo()
            raise
    for change in plan.changes.values():
        # after the stage is gone: an error from here on leaves an empty folder and nothing else
        if change.action == REMOVED:
            destination.remove_empty(os.path.dirname(change.path))


def _new_files(plan: Plan) -> list[tuple[str, bytes]]:
    wanted = (NEW, CHANGED) if plan.destination.top is not None else (NEW, CHANGED, UNCHANGED)
    return [(path, change.data or b"") for path, change in sorted(plan.changes.items()) if change.action in wanted]


def both(before: Written, after: Written) -> Written:
    """Return the record of DEST while files are moved in: the old and the new ones."""
    files = dict(before.files)
    for path, entry in after.files.items():
        known = before.files.get(path)
        hashes = dict.fromkeys([*entry.hashes, *(known.hashes if known is not None else ())])
        files[path] = Entry(entry.source, tuple(hashes), entry.objects)
    return Written(after.root, files)


@contextmanager
def stage(parent: int, name: str, where: str) -> Iterator[int]:
    """Yield an empty staging folder, open and locked, which is removed at the end. Leftovers of a killed run are removed first.

    Raises EvalError while another run has it.
    """
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
    descriptor = os.open(name, OPEN_FOLDER, dir_fd=parent)
    try:
        try:
            # the lock ends with the process, so a killed run cannot block the next one
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # another run may have removed the folder between open and flock: then the lock is on an unlinked one
            mine = os.lstat(name, dir_fd=parent).st_ino == os.fstat(descriptor).st_ino
        except (BlockingIOError, FileNotFoundError):
            mine = False
        if not mine:
            raise EvalError(f"another nixbridge migrate is writing to {where}: wait for it and run this again")
        _empty(descriptor)
        try:
            yield descriptor
        finally:
            if _exists(parent, name, descriptor):
                _empty(descriptor)
                os.rmdir(name, dir_fd=parent)
    finally:
        os.close(descriptor)


def _exists(parent: int, name: str, descriptor: int) -> bool:
    try:
        return os.lstat(name, dir_fd=parent).st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def _empty(folder: int) -> None:
    for name in os.listdir(folder):
        if stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def write_file(folder: int, name: str, data: bytes) -> None:
    """Create a file and sync it to the disk before anything refers to it."""
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=folder)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        # before any rename refers to it: a crash must not leave an empty file under the final name
        os.fsync(descriptor)


class Moves:
    """Moves of files into DEST and out of it, each recorded before it is made."""

    def __init__(self, destination: Destination, staged: int) -> None:
        self.destination, self.staged = destination, staged
        self._count = 0
        #: path in DEST, and the name in the stage of what was there (None: nothing)
        self._done: list[tuple[str, str | None]] = []

    def _name(self) -> str:
        self._count += 1
        return str(self._count)

    def write(self, data: bytes) -> str:
        """Write a file into the stage; its name there."""
        name = self._name()
        write_file(self.staged, name, data)
        return name

    def put(self, path: str, file: str) -> None:
        """Move a file of the stage to `path`. The replaced file can be restored, and its permissions are kept."""
        with self.destination.folder_of(path, make=True) as (folder, name):
            old = self._copy(folder, name)
            if old is not None:
                mode = os.lstat(name, dir_fd=folder).st_mode
                if stat.S_ISREG(mode):
                    os.chmod(file, stat.S_IMODE(mode), dir_fd=self.staged)
            # noted before it is done: undoing a step that did not happen is harmless, missing one is not
            self._done.append((path, old))
            os.replace(file, name, src_dir_fd=self.staged, dst_dir_fd=folder)

    def _copy(self, folder: int, name: str) -> str | None:
        """Return a hard link in the stage to the file or link at `name`; a copy if the file system has no hard links."""
        old = self._name()
        try:
            os.link(name, old, src_dir_fd=folder, dst_dir_fd=self.staged, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            with open(descriptor, "rb") as file:
                write_file(self.staged, old, file.read())
        return old

    def take(self, path: str) -> None:
        """Move the file at `path` into the stage."""
        old = self._name()
        with self.destination.folder_of(path) as (folder, name):
            self._done.append((path, old))
            os.rename(name, old, src_dir_fd=folder, dst_dir_fd=self.staged)

    def undo(self) -> None:
        """Undo all moves, the last one first."""
        for path, old in reversed(self._done):
            with suppress(FileNotFoundError), self.destination.folder_of(path) as (folder, name):
                if old is None:
                    os.unlink(name, dir_fd=folder)
                else:
                    os.replace(old, name, src_dir_fd=self.staged, dst_dir_fd=folder)
        for path in reversed(self.destination.made):
            self.destination.remove_empty(path)
