"""Ctrl-C: the process ends with status 130, without a word. A process that was started to ignore it goes on doing so."""

from __future__ import annotations

import os

# the public module brings enum: 4 ms
from _signal import SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: What a shell reports for a process that was interrupted: 128 + SIGINT.
STATUS = 130


def end_at_once() -> None:
    """From now on Ctrl-C ends the process on the spot: there is nothing to clean up."""
    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, _end)


def unwind_first() -> None:
    """From now on Ctrl-C is a KeyboardInterrupt: whoever has a half-written file takes it away."""
    if getsignal(SIGINT) is _end:
        signal(SIGINT, default_int_handler)


def _end(_signal: int, _frame: object) -> NoReturn:
    os._exit(STATUS)
