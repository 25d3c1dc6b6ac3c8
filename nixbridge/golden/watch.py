"""Files that are looked at until one changes. Times of change are asked for: it works everywhere and needs nothing."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: How often, in seconds.
PERIOD = 0.4


def stamp(paths: Iterable[str]) -> dict[str, tuple[int, int] | None]:
    """Size and time of change of each file; None for what is not there."""
    found: dict[str, tuple[int, int] | None] = {}
    for path in paths:
        try:
            status = os.stat(path)
            found[path] = (status.st_size, status.st_mtime_ns)
        except OSError:
            found[path] = None
    return found


def wait_for_change(paths: Iterable[str]) -> set[str]:
    """Returns once some of `paths` are not as they were when it was called: those that changed."""
    before = stamp(paths)
    while True:
        time.sleep(PERIOD)
        now = stamp(before)
        changed = {path for path in before if before[path] != now[path]}
        if changed:
            return changed
