"""Standard streams that the caller closed (`>&-`)."""

from __future__ import annotations

import os
import sys

_STREAMS = (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_RDONLY))


def fill_closed_streams() -> None:
    """Replace closed streams by ones that can neither be read nor written, so that using them is an error like any other.

    Left open, their numbers would go to the next files that are opened: a message could land in one of them.
    """
    for number, (name, mode, wrong_way) in enumerate(_STREAMS):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, wrong_way)
            # the lowest free number is given out: usually the one that was closed
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
