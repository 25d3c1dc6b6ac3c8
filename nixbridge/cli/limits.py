"""Limits of a run or of one file: time and memory. Going beyond is an error that names the limit, never a killed process.

Three things watch. A timer raises LimitReached in the main thread, wherever it is. RLIMIT_AS has allocations fail. And, as neither helps
while C code runs that does not come back (CPython's compiler can take minutes), a parent process waits a little longer than the timer
and then ends the run itself.
"""

from __future__ import annotations

import os
import sys

from nixbridge.errors.exceptions import LimitReached
from nixbridge.tools.evaluation_options import MIB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from nixbridge.cli.supervisor import Supervisor
    from nixbridge.tools.evaluation_options import Options

#: The share of the machine's memory that a process may take without --max-memory: it must not bring the machine down.
SHARE_OF_MEMORY = 0.75
#: What the operating system grants beyond --max-memory: space to notice, to unwind and to report.
RESERVE = 128 * MIB
#: How often the limits are looked at, and after how long a limit is raised again, in seconds.
TICK, AGAIN = 0.05, 0.5
#: How long after the deadline the whole run is aborted: something went on with the next file.
GRACE = 2.0
#: How long after the deadline a process that does not react is ended from outside.
PATIENCE = GRACE + 1

#: The parent that waits for this process, where there is one; made by the first limit of time.
_supervisor: Supervisor | None = None


class Overdue(BaseException):
    """The deadline of the whole run passed a while ago and work goes on. Only the end of the run catches this."""

    def __init__(self, reached: LimitReached) -> None:
        super().__init__(reached.message)
        self.reached = reached


def set_limits(options: Options, *, whole_run: bool = False) -> None:
    """Set the limits of the options for this process. `whole_run`: the time is that of the run, not of one file."""
    set_memory_limit(options)
    if _supervisor is not None:
        _supervisor.begin()
    if options.timeout is not None or options.max_memory is not None:
        _watch(options, whole_run=whole_run)


def supervise(options: Options) -> None:
    """Have a parent process wait for this one where time is limited. No clock runs yet; this returns in a child."""
    global _supervisor
    if options.timeout is not None and _supervisor is None:
        from nixbridge.cli import supervisor

        _supervisor = supervisor.start(f"error: {time_error(options.timeout).message}\n", options.timeout + PATIENCE)


def clear_limits() -> None:
    """Stop the clock: what follows, an error that is reported or files that are written, is not to be interrupted."""
    if "signal" in sys.modules:  # _watch imported it, if there was anything to watch
        sys.modules["signal"].setitimer(sys.modules["signal"].ITIMER_REAL, 0)
    if _supervisor is not None:
        _supervisor.end()


def memory_error(options: Options | None) -> LimitReached:
    """Return the error that says which limit of memory was reached."""
    return LimitReached(memory_message(options))


def time_error(seconds: float) -> LimitReached:
    """Return the error that says that the time is over."""
    return LimitReached(f"the time limit of {seconds:g} s was reached (--timeout)")


def set_memory_limit(options: Options | None) -> None:
    """Limit the address space; what is beyond raises MemoryError. A lower limit that is there already stays."""
    import resource

    most = options.max_memory if options is not None else None
    size = memory_limit(most) + (RESERVE if most is not None else 0)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or soft > size:
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))


def memory_limit(mib: int | None) -> int:
    """Return the limit in bytes: --max-memory, or else a share of the machine's memory."""
    if mib is not None:
        return mib * MIB
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * SHARE_OF_MEMORY)


def memory_message(options: Options | None) -> str:
    """Return what to say when memory has run out: the limit that did it, and where it comes from."""
    import resource

    most = options.max_memory if options is not None else None
    size = memory_limit(most)
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    if soft != resource.RLIM_INFINITY and soft < size:
        return f"the memory limit of {soft // MIB} MiB was reached, which the system sets for this process (ulimit -v)"
    if most is not None:
        return f"the memory limit of {most} MiB was reached (--max-memory)"
    share = f"{SHARE_OF_MEMORY:.0%} of this machine's memory"
    return f"the memory limit of {size // MIB} MiB was reached, {share} (--max-memory sets another)"


def _watch(options: Options, *, whole_run: bool = False) -> None:
    """Raise LimitReached in the main thread, wherever it is, once the time is over or the process is larger than it may be.

    CPython may abort when the last byte is gone, as it cannot unwind without memory: the process is stopped before that.
    """
    import signal  # imports enum: 4 ms that a plain eval need not pay
    from time import monotonic

    timeout, largest = options.timeout, options.max_memory
    deadline = monotonic() + timeout if timeout is not None else None
    quiet_until = 0.0

    def look(_signal: int, _frame: FrameType | None) -> None:
        nonlocal quiet_until
        if _supervisor is not None and _supervisor.is_gone():
            os._exit(1)  # the process that was started has been killed: nobody waits for an answer
        now = monotonic()
        if now < quiet_until:
            return
        # again and again: a limit that fell into a place which cannot raise must not be lost
        quiet_until = now + AGAIN
        if deadline is not None and now >= deadline:
            assert timeout is not None
            raise Overdue(time_error(timeout)) if whole_run and now >= deadline + GRACE else time_error(timeout)
        if largest is not None and address_space() > memory_limit(largest):
            raise memory_error(options)
        quiet_until = 0.0

    signal.signal(signal.SIGALRM, look)
    # a process is started with the signals blocked that its parent blocks
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGALRM,))
    signal.setitimer(signal.ITIMER_REAL, TICK, TICK)


def address_space() -> int:
    """Return the size of this process in bytes, as RLIMIT_AS counts it; 0 on systems without /proc."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return 0


class FileLimits:
    """The limits of each file in a run over many: `begin` before one is evaluated, `end` after it."""

    def begin(self, options: Options) -> None:
        """Start the clock for one file."""
        set_limits(options)

    def end(self) -> None:
        """Stop the clock."""
        clear_limits()

    def memory_error(self, options: Options) -> LimitReached:
        """Return the error of a file that took too much memory."""
        return memory_error(options)
