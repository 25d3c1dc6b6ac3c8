"""Two documents, compared as data, path by path. An int is not a float; the order of keys does not matter."""

from __future__ import annotations

import json
import math

from nixbridge.errors.excerpt import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: How much of one value is shown.
LONGEST_VALUE = 100

#: Characters that a path part may have without quotes.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Difference:
    """One place where two documents differ. `kind`: `changed`, `added` (only now), `missing` (only in the golden file)."""

    __slots__ = ("golden", "kind", "now", "path")

    def __init__(self, kind: str, path: str, golden: object, now: object) -> None:
        self.kind, self.path, self.golden, self.now = kind, path, golden, now

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Difference) and (self.kind, self.path, self.golden, self.now) == (
            other.kind,
            other.path,
            other.golden,
            other.now,
        )

    def __repr__(self) -> str:
        return f"Difference({self.kind!r}, {self.path!r}, {self.golden!r}, {self.now!r})"


def differences(golden: object, now: object) -> list[Difference]:
    """Return the differences of `now` from `golden`, in the order of the documents."""
    found: list[Difference] = []
    pending: list[tuple[str, object, object]] = [("", golden, now)]
    while pending:
        path, old, new = pending.pop()
        if isinstance(old, dict) and isinstance(new, dict):
            pending.extend(reversed(_compare_sets(path, old, new, found)))
        elif isinstance(old, list) and isinstance(new, list):
            pending.extend(reversed(_compare_lists(path, old, new, found)))
        elif not _same(old, new):
            found.append(Difference("changed", path, old, new))
    return found


def _compare_sets(
    path: str, old: dict[str, object], new: dict[str, object], found: list[Difference]
) -> list[tuple[str, object, object]]:
    for key in old:
        if key not in new:
            found.append(Difference("missing", step(path, key), old[key], None))
    for key in new:
        if key not in old:
            found.append(Difference("added", step(path, key), None, new[key]))
    return [(step(path, key), value, new[key]) for key, value in old.items() if key in new]


def _compare_lists(
    path: str, old: list[object], new: list[object], found: list[Difference]
) -> list[tuple[str, object, object]]:
    shared = min(len(old), len(new))
    for index in range(shared, len(old)):
        found.append(Difference("missing", f"{path}[{index}]", old[index], None))
    for index in range(shared, len(new)):
        found.append(Difference("added", f"{path}[{index}]", None, new[index]))
    return [(f"{path}[{index}]", old[index], new[index]) for index in range(shared)]


def _same(old: Any, new: Any) -> bool:
    # by class: True == 1 and 1 == 1.0 in Python, but not in JSON
    if old.__class__ is not new.__class__:
        return False
    return bool(old == new) or (isinstance(old, float) and math.isnan(old) and math.isnan(new))


def step(path: str, key: str) -> str:
    """Return `path.key`, the key quoted where it is not a plain word."""
    part = key if key and _PLAIN.issuperset(key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{path}.{part}" if path else part


def sorted_by_kind(found: list[Difference]) -> list[Difference]:
    """Return changed values first, then missing ones, then added ones, each in document order."""
    return sorted(found, key=lambda difference: ("changed", "missing", "added").index(difference.kind))


def described(difference: Difference) -> str:
    """Return a difference on one line: `path: golden 10, now 20`."""
    path = printable(difference.path) or "(the whole value)"
    if difference.kind == "added":
        return f"{path}: added, now {shown(difference.now)}"
    if difference.kind == "missing":
        return f"{path}: missing, golden {shown(difference.golden)}"
    return f"{path}: golden {shown(difference.golden)}, now {shown(difference.now)}"


def shown(value: object) -> str:
    """Return a value on one line, cut where it is long."""
    try:
        text = printable(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "(nested too deeply to be shown)"
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}... ({len(text)} characters)"
