"""Files that are watched until one changes. Their times of change are polled, which works everywhere and needs nothing."""

from __future__ import annotations

import os
import time

#: How often, in seconds.
PERIOD = 0.3

#: Size, time of change and number of a file; None unless it is there.
Stamp = tuple[int, int, int] | None


def stamp(path: str) -> Stamp:
    """Return a value that changes when a file or the entries of a folder do."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


class Watched:
    """Files with their stamps."""

    def __init__(self) -> None:
        self._stamps: dict[str, Stamp] = {}

    def look(self) -> None:
        """Note how the files are now. Whatever changes from here on is a change, also while they are being checked."""
        self._stamps = {path: stamp(path) for path in self._stamps}

    def only(self, paths: set[str]) -> None:
        """Watch these from now on; those that were watched before keep their stamps."""
        self._stamps = {path: self._stamps[path] if path in self._stamps else stamp(path) for path in paths}

    def wait(self) -> set[str]:
        """Return the files that changed, once some did."""
        while True:
            changed = {path for path, before in self._stamps.items() if stamp(path) != before}
            if changed:
                return changed
            time.sleep(PERIOD)
