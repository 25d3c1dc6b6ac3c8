"""A parent process that ends a run which has stopped listening.

The process that was started forks: the child does the work, the parent waits, passes signals on and ends as the child ended. The child
says through a pipe when work with a limit of time begins and ends. If it is still at it when the time is over, the parent reports that
and kills it: C code that never comes back to the interpreter (Python's own compiler, on some texts) hears no signal.
"""

from __future__ import annotations

import os
import signal
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: How often the parent looks at the pipe, in seconds. The end of the child wakes it at once.
TICK = 0.1
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
#: What ends a process through no wish of anybody's, and what is then reported.
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
BEGIN, END = b"b", b"e"


class Supervisor:
    """The child's end: tells the parent when the clock runs. `parent` is its process id, None where there is none."""

    def __init__(self, pipe: int | None, parent: int | None, seconds: float) -> None:
        self._parent = parent
        self._pipe = pipe
        self._pid = os.getpid()
        self._seconds = seconds

    def is_gone(self) -> bool:
        """Return whether the parent has ended."""
        return self._parent is not None and self._pid == os.getpid() and self._parent != os.getppid()

    def begin(self) -> None:
        """Start the clock, again if it runs."""
        if os.getpid() != self._pid:
            # one of several processes that the child started: it is ended alone, with the status of an error
            import faulthandler

            faulthandler.dump_traceback_later(self._seconds, exit=True, file=_nowhere())
        elif self._pipe is not None:
            os.write(self._pipe, BEGIN)

    def end(self) -> None:
        """Stop the clock."""
        if os.getpid() != self._pid:
            import faulthandler

            faulthandler.cancel_dump_traceback_later()
        elif self._pipe is not None:
            os.write(self._pipe, END)


def start(message: str, seconds: float) -> Supervisor:
    """Fork, and return in the child. The parent writes `message` where a begun piece of work takes longer than `seconds`."""
    if not hasattr(signal, "sigtimedwait"):  # macOS: the timer in the process is all that there is
        return Supervisor(None, None, seconds)
    reader, writer = os.pipe()
    parent = os.getpid()
    watched = {*_PASSED_ON, signal.SIGCHLD}
    # blocked before the fork: a signal in between must not be lost, nor end the parent alone
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    child = os.fork()
    if child:
        os.close(writer)
        _wait(child, reader, watched, message, seconds)
    os.close(reader)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return Supervisor(writer, parent, seconds)


def _wait(child: int, reader: int, watched: set[signal.Signals], message: str, seconds: float) -> NoReturn:
    """Wait, in the parent, until the child has ended or its time is over."""
    os.set_blocking(reader, False)
    deadline: float | None = None
    while True:
        woken = signal.sigtimedwait(watched, TICK)
        if woken is not None and woken.si_signo != signal.SIGCHLD:
            os.kill(child, woken.si_signo)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _end_as(status)
        try:
            said = os.read(reader, 4096)
        except BlockingIOError:
            said = b""
        # several marks may have come at once: the last one counts
        if said:
            deadline = monotonic() + seconds if said.endswith(BEGIN) else None
        if deadline is not None and monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            _report(message)
            os._exit(1)


def _end_as(status: int) -> NoReturn:
    """End this process as the child ended."""
    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    number = os.WTERMSIG(status)
    if number in _CRASHES:
        _report(f"error: the evaluation made Python end ({signal.Signals(number).name}); please report the input\n")
        os._exit(1)
    if number != signal.SIGKILL:  # whose handling cannot be set
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    os._exit(128 + number)


def _report(message: str) -> None:
    try:
        os.write(2, message.encode("utf-8", "replace"))
    except OSError:
        return  # where it cannot be written, the exit status is all that there is


def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
