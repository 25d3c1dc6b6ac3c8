"""Limits of a whole process: time and memory. What goes beyond is an error that names the limit, never a killed process."""

from __future__ import annotations

import os
import sys

from nixbridge.errors.exceptions import LimitReached
from nixbridge.tools.options import MIB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from nixbridge.tools.options import Options

#: Without --max-memory a process may take this share of the machine's memory: it must not bring the machine down.
SHARE_OF_MEMORY = 0.75
#: What the operating system grants beyond --max-memory: room to notice, to unwind and to tell.
RESERVE = 128 * MIB
#: How often the limits are looked at, and how long after a limit was told it is told again, in seconds.
TICK, AGAIN = 0.05, 0.5
#: So long after a run's time is over nobody is asked any more: who lints many files would go on with the next one.
GRACE = 2.0


class Overdue(BaseException):
    """The time was over a while ago and the work goes on. `reached` says so; nothing but the end of the run catches this."""

    def __init__(self, reached: LimitReached) -> None:
        super().__init__(reached.message)
        self.reached = reached


def set_limits(options: Options, *, whole_run: bool = False) -> None:
    """Sets the limits of the options for this process. `whole_run`: the time is that of the run, not of a part of it."""
    set_memory_limit(options.max_memory)
    if options.timeout is not None or options.max_memory is not None:
        watch(options, whole_run=whole_run)


def set_memory_limit(mib: int | None) -> None:
    """Limits the address space; what is beyond raises MemoryError. A lower limit that is there already stays."""
    import resource

    size = memory_limit(mib) + (RESERVE if mib is not None else 0)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or soft > size:
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))


def memory_limit(mib: int | None) -> int:
    """The limit in bytes."""
    if mib is not None:
        return mib * MIB
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * SHARE_OF_MEMORY)


def memory_message(options: Options | None) -> str:
    """What to say when memory has run out."""
    size = memory_limit(options.max_memory if options is not None else None) // MIB
    return f"the memory limit of {size} MiB was reached (--max-memory)"


def watch(options: Options, *, whole_run: bool = False) -> None:
    """Raises LimitReached in the main thread, wherever it is, once the time is over or the process is larger than it may be.

    CPython may abort when the last byte is gone, as it cannot unwind without memory: who asks for a limit is stopped before that.
    """
    import signal  # brings enum: 4 ms that a plain eval need not pay
    from time import monotonic

    timeout, largest = options.timeout, options.max_memory
    deadline = monotonic() + timeout if timeout is not None else None
    quiet_until = 0.0

    def look(_signal: int, _frame: FrameType | None) -> None:
        nonlocal quiet_until
        now = monotonic()
        if now < quiet_until:
            return
        # again and again: a limit that fell into a place which cannot raise must not be lost
        quiet_until = now + AGAIN
        if deadline is not None and now >= deadline:
            reached = LimitReached(f"the time limit of {timeout:g} s was reached (--timeout)")
            raise Overdue(reached) if whole_run and now >= deadline + GRACE else reached
        if largest is not None and address_space() > memory_limit(largest):
            raise LimitReached(memory_message(options))
        quiet_until = 0.0

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, TICK, TICK)


def address_space() -> int:
    """The size of this process in bytes, as RLIMIT_AS counts it; 0 on systems that do not tell (no /proc)."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return 0


def clear_limits() -> None:
    """No more looking: the error that ended the work is being told, and that is not to be interrupted."""
    if "signal" in sys.modules:  # watch brought it, if there was anything to watch
        sys.modules["signal"].setitimer(sys.modules["signal"].ITIMER_REAL, 0)
