"""MemoryError as an error of the user's text, for the library: a program that embeds it catches NixError and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nixbridge.errors.exceptions import LimitReached


@contextmanager
def memory_is_a_limit() -> Iterator[None]:
    """Raise LimitReached where memory has run out; CPython raises SystemError where it did not expect that an allocation fails."""
    try:
        yield
    except (MemoryError, SystemError):
        raise LimitReached(
            "the memory that this process may have was used up",
            hint="max_memory= ends an evaluation earlier, in a process of its own",
        ) from None
