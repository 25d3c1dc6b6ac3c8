"""Limits of a whole process: time and memory. What goes beyond is an error that names the limit, never a killed process."""

from __future__ import annotations

import os
import sys

from nixbridge.errors.kinds import LimitReached
from nixbridge.evaluator.session import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

#: Without --max-memory a process may take this share of the machine's memory: it must not bring the machine down.
SHARE_OF_MEMORY = 0.75
MIB = 1024 * 1024


def set_limits(options: Options) -> None:
    """Sets the limits of the options for this process."""
    set_memory_limit(options.max_memory)
    if options.timeout is not None:
        set_time_limit(options.timeout)


def set_memory_limit(mib: int | None) -> None:
    """Limits the address space; what is beyond raises MemoryError. A lower limit that is there already stays."""
    import resource

    size = memory_limit(mib)
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


def set_time_limit(seconds: float) -> None:
    """Raises LimitReached in the main thread after so many seconds, wherever it is."""
    import signal  # brings enum: 4 ms that a plain eval need not pay

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise LimitReached(f"the time limit of {seconds:g} s was reached (--timeout)")

    signal.signal(signal.SIGALRM, stop)
    # again and again: a limit that fell into a place which cannot raise must not be lost
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)


def clear_time_limit() -> None:
    """No more limit of time: the error that ended the work is being shown, and that is not to be interrupted."""
    if "signal" in sys.modules:  # set_time_limit brought it, if a limit was set
        sys.modules["signal"].setitimer(sys.modules["signal"].ITIMER_REAL, 0)
