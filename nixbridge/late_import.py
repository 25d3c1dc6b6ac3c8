"""Modules imported by their name, when they are needed."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def import_late(name: str) -> Any:
    """Return the module of a dotted name. Raises ImportError.

    importlib.import_module does the same, but importing importlib brings `warnings` along: 1 ms of every start.
    """
    # `__import__` returns the top package, not the module
    __import__(name)
    return sys.modules[name]
