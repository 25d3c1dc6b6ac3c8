"""Files that define the same objects are alternatives: each environment has one of them, and is judged by itself.

Where the settings name no environments, they follow from where alternatives part: `envs/dev/web.nix` and `envs/prod/web.nix` part in
`envs`, into `dev` and `prod`. A file that is under no such parting belongs to every environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from nixbridge.mesh.model.record_data import same
from nixbridge.project.project_settings import no_environment

if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Record

#: Builder or kind, namespace, name.
Key = tuple[str, str, str]
#: Objects that hosts and subsets of routes lead to: one that several files define makes them alternatives even where it is equal.
#: Any other object may be shared by files that belong together, as a namespace or the policy of a mesh is.
_REFERRED_TO = frozenset({"mkVirtualService", "mkDestinationRule", "mkServiceEntry", "Gateway", "Service"})
_SHARED = frozenset({"Namespace"})


class Member(NamedTuple):
    """A file: its absolute path, its environment of the settings, and the fields of the objects that it defines."""

    path: str
    environment: str | None
    objects: Mapping[Key, Any]


class Group(NamedTuple):
    """An environment: its name (None where there is only one), and the numbers of its members."""

    name: str | None
    members: list[int]


def objects_of(records: Iterable[Record]) -> dict[Key, Any]:
    """Return the fields of records by the identity of their objects."""
    return {(record.builder, str(record.get("namespace")), record.name): record.fields for record in records}


def group(members: Sequence[Member]) -> list[Group]:
    """Return the environments of some files, in the order of their first members; a file may be in several."""
    names = dict.fromkeys(member.environment for member in members if member.environment is not None)
    rest = [number for number, member in enumerate(members) if member.environment is None]
    groups: list[Group] = []
    shared: set[int] = set()
    for name in names:
        own = [number for number, member in enumerate(members) if member.environment == name]
        defined = {key for number in own for key in members[number].objects if key[0] not in _SHARED}
        # a file without an environment joins each one whose objects it does not define itself
        common = [number for number in rest if not defined & members[number].objects.keys()]
        shared.update(common)
        groups.append(Group(name, sorted([*own, *common])))
    alone = [number for number in rest if number not in shared]
    if alone or not groups:
        groups += _inferred(members, alone)
    return groups


def choose(groups: list[Group], environment: str | None) -> list[Group]:
    """Return all environments, or the one of that name. Raises UsageError where there is none."""
    if environment is None:
        return groups
    chosen = [one for one in groups if one.name == environment]
    if not chosen:
        raise no_environment(environment, [one.name for one in groups if one.name is not None])
    return chosen


def _inferred(members: Sequence[Member], numbers: list[int]) -> list[Group]:
    """Return the environments of files that the settings say nothing about."""
    partings = _partings(members, numbers)
    if not partings:
        return [Group(None, numbers)]
    of_member = {number: _names_at(members[number].path, partings) for number in numbers}
    names = dict.fromkeys(name for number in numbers for name in of_member[number])
    return [
        Group(name, [number for number in numbers if not of_member[number] or name in of_member[number]])
        for name in names
    ]


def _partings(members: Sequence[Member], numbers: list[int]) -> dict[tuple[str, ...], set[str]]:
    """Return the folders in which alternatives part, each with the names of the ways."""
    definers: dict[Key, list[int]] = {}
    for number in numbers:
        for key in members[number].objects:
            definers.setdefault(key, []).append(number)
    partings: dict[tuple[str, ...], set[str]] = {}
    for key, several in definers.items():
        if len(several) > 1 and _are_alternatives(key, [members[number].objects[key] for number in several]):
            # the branches of a tree of paths are where neighbours in their order part
            paths = sorted(_parts(members[number].path) for number in several)
            for one, other in pairwise(paths):
                common = _common(one, other)
                if len(common) < min(len(one), len(other)):
                    ways = partings.setdefault(common, set())
                    ways.update((one[len(common)], other[len(common)]))
    return partings


def _are_alternatives(key: Key, definitions: list[object]) -> bool:
    if key[0] in _SHARED:
        return False
    # equal definitions are no alternatives (they render to one object), except of kinds that others refer to by name
    return key[0] in _REFERRED_TO or not all(same(definitions[0], other) for other in definitions[1:])


def _names_at(path: str, partings: Mapping[tuple[str, ...], set[str]]) -> list[str]:
    """Return the ways that a file is on."""
    parts = _parts(path)
    steps = ((parts[:length], parts[length]) for length in range(len(parts)))
    return [name for folder, name in steps if name in partings.get(folder, ())]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(os.path.splitext(path)[0].split("/"))


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]
