"""Signals: Ctrl-C, SIGTERM and SIGHUP end the process, and while it writes files they remove what is half written first.

A process that was started to ignore one of them goes on doing so.
"""

from __future__ import annotations

import os

# the public module imports enum: 4 ms
from _signal import SIG_DFL, SIG_IGN, SIGHUP, SIGINT, SIGTERM, default_int_handler, getsignal, signal  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: What a shell reports for a process that was interrupted: 128 + SIGINT.
STATUS = 130


class Terminated(BaseException):
    """SIGTERM or SIGHUP arrived while files were being written."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Unwinding:
    """A context in which SIGTERM and SIGHUP raise Terminated, so that temporary files are removed on the way out.

    Everywhere else they end the process at once, also while C code runs that would not notice.
    """

    def __enter__(self) -> None:
        self._changed = [number for number in (SIGTERM, SIGHUP) if getsignal(number) is SIG_DFL]
        for number in self._changed:
            signal(number, _unwind)

    def __exit__(self, *_: object) -> None:
        for number in self._changed:
            signal(number, SIG_DFL)


def end_at_once() -> None:
    """Let Ctrl-C end the process on the spot from now on: there is nothing to clean up."""
    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, _end)


def unwind_first() -> None:
    """Let Ctrl-C be a KeyboardInterrupt from now on: half-written files are removed on the way out."""
    if getsignal(SIGINT) is _end:
        signal(SIGINT, default_int_handler)


def end_by(number: int) -> NoReturn:
    """End the process by a signal, as it would have ended without a handler."""
    signal(number, SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # blocked by whoever started this process


def _end(_signal: int, _frame: object) -> NoReturn:
    os._exit(STATUS)


def _unwind(number: int, _frame: object) -> NoReturn:
    for one in (SIGTERM, SIGHUP):
        signal(one, SIG_IGN)  # a second one must not interrupt the cleaning up
    raise Terminated(number)
