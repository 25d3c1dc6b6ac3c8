"""The folders below which files may be read, and the way of a path through its links without a look at anything outside them.

A link is followed only where it lies below an allowed folder. What it leads to outside is nothing but text, which may come back in at
the name of an allowed folder: so no answer, no message and no time taken tells what is outside.
"""

from __future__ import annotations

import os

#: Links in one path, as Linux counts them; beyond it, the path stays at the link, which cannot be opened.
MOST_LINKS = 40


class Roots:
    """The allowed folders (or single files), by the name under which they were allowed and by their real one."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.real: list[str] = []

    def allow(self, folder: str) -> None:
        """From now on `folder` is one of them."""
        real = os.path.realpath(folder)
        self.names[os.path.abspath(folder)] = self.names[real] = real
        if real not in self.real:
            self.real.append(real)

    def has(self, real: str) -> bool:
        """Is a real path below an allowed folder, or one itself?"""
        return any(root == "/" or real == root or real.startswith(root + "/") for root in self.real)

    def resolve(self, path: str, *, last_link: bool = True) -> str | None:
        """The real path of an absolute one; None when it leads outside. `last_link` False: a link at its end stays."""
        current = self.names.get("/", "/")
        pending = path.split("/")[::-1]
        links = 0
        while pending:
            part = pending.pop()
            if part in ("", "."):
                continue
            if part == "..":
                current = os.path.dirname(current)
                continue
            step = f"{current.rstrip('/')}/{part}"
            target = self._link_at(step) if pending or last_link else None
            if target is None or links == MOST_LINKS:
                current = self.names.get(step, step)
                continue
            links += 1
            pending.extend(target.split("/")[::-1])
            if target.startswith("/"):
                current = self.names.get("/", "/")
        return current if self.has(current) else None

    def _link_at(self, step: str) -> str | None:
        """Where a link below the allowed folders leads; None for what is none, and for all that is outside."""
        if step in self.names or not self.has(step):
            return None
        try:
            return os.readlink(step)
        except OSError:
            return None
