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
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")


def _with_room(run: Callable[..., Any], *arguments: Any) -> Any:
    return run(*arguments)


_with_room.__code__ = _with_room.__code__.replace(co_stacksize=(1 << 22) + 1)


class _Shared:
    """What the first thread found and how many are inside."""

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.inside = 0
        self.limit = 0
        self.collecting = False


_shared = _Shared()


def depth() -> int:
    """How many Python frames are on this thread's stack."""
    count, frame = 0, sys._getframe()
    while frame is not None:
        count += 1
        frame = frame.f_back  # type: ignore[assignment]
    return count


def run_with_depth(frames: int, run: Callable[..., T], *arguments: Any) -> T:
    """`run(*arguments)` with the collector off and room for `frames` Python frames; raises RecursionError beyond them."""
    needed = depth() + frames
    with _shared.lock:
        if _shared.inside == 0:
            _shared.limit = sys.getrecursionlimit()
            _shared.collecting = gc.isenabled()
            gc.disable()
        _shared.inside += 1
        before = sys.getrecursionlimit()
        if _shared.inside == 1 or needed > before:
            sys.setrecursionlimit(needed)
    try:
        return _with_room(run, *arguments)  # type: ignore[no-any-return]
    finally:
        with _shared.lock:
            _shared.inside -= 1
            if _shared.inside == 0:
                sys.setrecursionlimit(_shared.limit)
                if _shared.collecting:
                    gc.enable()
            else:
                sys.setrecursionlimit(max(before, depth() + 50))


def raise_limit(frames: int, run: Callable[..., T], *arguments: Any) -> T:
    """`run(*arguments)`, inside `run_with_depth`, with room for at least `frames` more Python frames."""
    before = sys.getrecursionlimit()
    needed = depth() + frames
    if needed <= before:
        return run(*arguments)
    sys.setrecursionlimit(needed)
    try:
        return run(*arguments)
    finally:
        sys.setrecursionlimit(before)
