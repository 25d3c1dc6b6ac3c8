"""The conditions under which compiled Nix runs, set on entry and put back on leaving.

- The cyclic collector is off: it would scan a growing heap over and over and find nothing (it doubles the time of a fold).
- Frames have room: CPython keeps Python frames in 16 KiB chunks, and a hot loop that happens to cross a chunk's end maps
  and unmaps memory at each call, up to 14 times slower. A frame that asks for a huge stack forces one huge chunk (address
  space only) for all below it. Where CPython did it otherwise, this would be one ordinary call.
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


def _with_room(run: Callable[..., T], *arguments: Any) -> T:
    return run(*arguments)


_with_room.__code__ = _with_room.__code__.replace(co_stacksize=(1 << 22) + 1)


class _Shared:
    """The settings that the first thread found, and the depth that each running evaluation needs."""

    def __init__(self) -> None:
        # reentrant: with the collector on again, a finalizer that evaluates may run on this very thread while it is held
        self.lock = RLock()
        self.needs: list[int] = []
        self.limit = 0
        self.collecting = False

    def enter(self, needed: int) -> None:
        """Register a running evaluation that needs `needed` frames."""
        with self.lock:
            if not self.needs:
                self.limit = sys.getrecursionlimit()
                self.collecting = gc.isenabled()
                gc.disable()
            self.needs.append(needed)
            sys.setrecursionlimit(max(self.needs))

    def leave(self, needed: int) -> None:
        """Unregister an evaluation that needed `needed` frames."""
        with self.lock:
            self.needs.remove(needed)
            sys.setrecursionlimit(max(self.needs, default=self.limit))
            if not self.needs and self.collecting:
                gc.enable()


_shared = _Shared()


def depth() -> int:
    """How many Python frames are on this thread's stack."""
    count = 0
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        count += 1
        frame = frame.f_back
    return count


def run_with_depth(frames: int, run: Callable[..., T], *arguments: Any) -> T:
    """Return `run(*arguments)` with the collector off and room for `frames` Python frames; raises RecursionError beyond them."""
    needed = depth() + frames
    _shared.enter(needed)
    try:
        return _with_room(run, *arguments)
    finally:
        _shared.leave(needed)


def raise_limit(frames: int, run: Callable[..., T], *arguments: Any) -> T:
    """Return `run(*arguments)`, inside `run_with_depth`, with room for at least `frames` more Python frames.

    The limit that holds bounds the depth of the stack, so that is what the room is added to: counting the frames would take a program
    whose parts are compiled one within the other time that grows with the square of its depth.
    """
    needed = sys.getrecursionlimit() + frames
    _shared.enter(needed)
    try:
        return run(*arguments)
    finally:
        _shared.leave(needed)
