"""Strings without quotes or newline, as `nix-instantiate --eval --raw` prints them."""

from __future__ import annotations

from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.strings import without_context, without_stand_ins
from nixbridge.language.runtime.values import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


def write(value: Lazy, host: Host) -> str:
    """Return a string, a set with `outPath` or `__toString`, a path as the store path of its contents. Raises EvalError for all else."""
    return without_stand_ins(without_context(to_string(value, host)))
