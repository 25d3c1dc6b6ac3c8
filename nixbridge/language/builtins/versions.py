"""Version numbers and package names. (Nix manual, Built-ins)"""

from __future__ import annotations

from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.type_checks import expect_plain_string
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    #: A component of a version, and the number that it is.
    Component: TypeAlias = tuple[str, int | None]

#: Versions met so far. So many are kept, none longer than this: the process may go on for long, with texts of any size.
_KEPT: dict[str, list[Component]] = {}
MOST_KEPT, LONGEST_KEPT = 5_000, 100
#: What a version has after its last component.
_NOTHING = ("", None)


def components(version: str) -> list[str]:
    """`1.2-rc3` as `1`, `2`, `rc`, `3`: digits, or what is neither digit, dot nor dash."""
    found: list[str] = []
    position = 0
    while position < len(version):
        if version[position] in ".-":
            position += 1
            continue
        start, digits = position, "0" <= version[position] <= "9"
        while position < len(version) and version[position] not in ".-" and ("0" <= version[position] <= "9") is digits:
            position += 1
        found.append(version[start:position])
    return found


@primop("splitVersion")
def split_version(version: Lazy) -> Value:
    """Return the components of a version. (builtins.splitVersion)"""
    return [*components(expect_plain_string(version))]


@primop("compareVersions")
def compare_versions(first: Lazy, second: Lazy) -> Value:
    """-1, 0 or 1: the first version is older, the same or newer. (builtins.compareVersions)"""
    a, b = _parsed(first), _parsed(second)
    for x, y in zip(a, b, strict=False):
        if x != y:
            if _older(x, y):
                return -1
            if _older(y, x):
                return 1
    # the longer one goes on, against nothing: only `pre` is older than that
    if len(a) > len(b):
        return -1 if _older(a[len(b)], _NOTHING) else 1
    if len(a) < len(b):
        return 1 if _older(b[len(a)], _NOTHING) else -1
    return 0


def _parsed(version: Lazy) -> list[Component]:
    """Return the components of a version, kept for the next time: a sort compares each again and again."""
    text = expect_plain_string(version)
    found = _KEPT.get(text)
    if found is None:
        found = [(component, _number(component)) for component in components(text)]
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        if len(text) <= LONGEST_KEPT:
            _KEPT[text] = found
    return found


def _number(component: str) -> int | None:
    """Return the number that a component is; to Nix one that needs more than 32 bits is none."""
    if not (component.isascii() and component.isdigit()) or len(component.lstrip("0")) > 10:
        return None
    number = int(component)
    return number if number < 2**31 else None


def _older(first: Component, second: Component) -> bool:
    """Return whether one comes before the other: numbers by value; `pre` before all; nothing before a number; text before numbers."""
    (a, a_number), (b, b_number) = first, second
    if a_number is not None and b_number is not None:
        return a_number < b_number
    if a == "" and b_number is not None:
        return True
    if a == "pre" and b != "pre":
        return True
    if b == "pre":
        return False
    if b_number is not None:
        return True
    return a_number is None and a < b


@primop("parseDrvName")
def parse_drv_name(name: Lazy) -> Value:
    """Return `{ name, version }`: split at the first dash that no letter follows. (builtins.parseDrvName)"""
    text = expect_plain_string(name)
    for position in range(len(text) - 1):
        if text[position] == "-" and not (text[position + 1].isascii() and text[position + 1].isalpha()):
            return {"name": text[:position], "version": text[position + 1 :]}
    return {"name": text, "version": ""}
