"""The conditions under which compiled Nix runs, set on entry and put back on leaving.

- The cyclic collector is off: it would scan a growing heap over and over and find nothing (it doubles the time of a fold). In a
  program whose threads are never all outside it would stay off for good, so whoever leaves while others are inside collects in its
  place, once as much is new as the last collection left.
- Frames have room: CPython keeps Python frames in 16 KiB chunks, and a hot loop that happens to cross a chunk's end maps
  and unmaps memory at each call, up to 14 times slower. A frame that asks for a huge stack forces one huge chunk (address
  space only) for all below it. Where CPython did it otherwise, this would be one ordinary call.
- The frame that asks for it must never be seen: as a Python object, in a traceback or as the caller of a frame in one, it would take
  the same space, 32 MiB for each error that a program keeps. CPython leaves out frames that have not reached RESUME, their first
  instruction; so that one stands after the end of the code.
- The recursion limit is where Nix's depth limit says. It belongs to the whole interpreter, as does the collector: while
  several threads are inside, the highest limit holds, and the last to leave puts back what the first one found.
"""

from __future__ import annotations

import gc
import sys
from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, TypeVar

    T = TypeVar("T")


#: Objects that are new when a collection is worth its time, whatever the last one left.
_WORTH_COLLECTING = 500_000


def _with_room(run: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    return run(*arguments)


#: Bytes of an instruction without an argument.
_INSTRUCTION = 2
_bytecode = _with_room.__code__.co_code
_with_room.__code__ = _with_room.__code__.replace(
    co_stacksize=(1 << 22) + 1, co_code=_bytecode[_INSTRUCTION:] + _bytecode[:_INSTRUCTION]
)


class _Shared:
    """The settings that the first thread found, and the depth that each running evaluation needs."""

    def __init__(self) -> None:
        # reentrant: with the collector on again, a finalizer that evaluates may run on this very thread while it is held
        self.lock = RLock()
        self.needs: list[int] = []
        self.limit = 0
        self.collecting = False
        #: How many objects the last collection of `collect_for_all` left.
        self.survivors = 0

    def enter(self, needed: int) -> None:
        """Register a running evaluation that needs `needed` frames."""
        with self.lock:
            if not self.needs:
                self.limit = sys.getrecursionlimit()
                self.collecting = gc.isenabled()
                gc.disable()
            self.needs.append(needed)
            sys.setrecursionlimit(max(self.needs))

    def leave(self, needed: int, *, is_over: bool = True) -> None:
        """Unregister what needed `needed` frames: an evaluation that `is_over`, or a part of one that goes on."""
        with self.lock:
            self.needs.remove(needed)
            sys.setrecursionlimit(max(self.needs, default=self.limit))
            if not self.needs and self.collecting:
                gc.enable()
            alone = not self.needs
        # within an evaluation nearly all that is new is still needed: looking at it would find nothing
        if is_over and not alone and self.collecting:
            self.collect_for_all()

    def collect_for_all(self) -> None:
        """Collect the garbage of evaluations that have ended, where enough is new. Not while the lock is held: finalizers may evaluate."""
        if gc.get_count()[0] > max(_WORTH_COLLECTING, self.survivors):
            gc.collect()
            self.survivors = len(gc.get_objects())


_shared = _Shared()


def depth() -> int:
    """Return how many Python frames are on this thread's stack."""
    count = 0
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        count += 1
        frame = frame.f_back
    return count


def run_with_depth(frames: int, run: Callable[..., T], *arguments: object) -> T:
    """Return `run(*arguments)` with the collector off and room for `frames` Python frames; raises RecursionError beyond them."""
    needed = depth() + frames
    begun = False

    def begin() -> T:
        nonlocal begun
        begun = True
        return run(*arguments)

    _shared.enter(needed)
    try:
        try:
            return _with_room(begin, ())
        except MemoryError:
            if begun:
                raise
        # the system has no address space for the large frame (ulimit -v): some loops are slower, all answers are the same
        return run(*arguments)
    finally:
        _shared.leave(needed)


def raise_limit(frames: int, run: Callable[..., T], *arguments: object) -> T:
    """Return `run(*arguments)`, inside `run_with_depth`, with room for at least `frames` more Python frames.

    The limit that holds bounds the depth of the stack, so that is what the room is added to: counting the frames would take a program
    whose parts are compiled one within the other time that grows with the square of its depth.
    """
    needed = sys.getrecursionlimit() + frames
    _shared.enter(needed)
    try:
        return run(*arguments)
    finally:
        _shared.leave(needed, is_over=False)
