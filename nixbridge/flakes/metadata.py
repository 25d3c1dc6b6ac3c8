"""Metadata of a flake: its source and its inputs, as `nix flake metadata` shows them. (Nix manual, nix flake metadata)"""

from __future__ import annotations

import time

from nixbridge.flakes.lock_file import LockNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from nixbridge.flakes.flake_reference import FlakeReference
    from nixbridge.flakes.locking import LockedFlake


def metadata(locked: LockedFlake) -> dict[str, Any]:
    """Return the metadata of a flake as JSON data. The graph is the one that an evaluation uses, whatever the lock file says."""
    flake = locked.flake
    known = dict(flake.tree.locked.source)
    if flake.tree.revision_count is not None:
        # Nix counts the history here in any case; elsewhere only where an expression asks for it
        known["revCount"] = flake.tree.revision_count()
    original = flake.reference
    reference = type(original)(known, original.folder)
    data: dict[str, Any] = {
        "original": dict(original.attributes()),
        "originalUrl": str(original),
        "resolved": dict(original.attributes()),
        "resolvedUrl": str(original),
        "locked": dict(reference.attributes()),
        "url": str(reference),
        "path": flake.tree.path,
        "locks": locked.lock_file.to_data(),
    }
    for name, field in (
        ("rev", "revision"),
        ("dirtyRev", "dirtyRevision"),
        ("revCount", "revCount"),
        ("lastModified",) * 2,
    ):
        if name in known:
            data[field] = known[name]
    if flake.file.description is not None:
        data["description"] = flake.file.description
    return data


def shown(data: dict[str, Any], locked: LockedFlake) -> str:
    """Return metadata as text for people."""
    fields = [("Resolved URL", data["resolvedUrl"]), ("Locked URL", data["url"])]
    fields += [
        (title, str(data[name]))
        for title, name in (
            ("Description", "description"),
            ("Path", "path"),
            ("Revision", "revision"),
            ("Revision", "dirtyRevision"),
            ("Revisions", "revCount"),
        )
        if name in data
    ]
    if "lastModified" in data:
        fields.append(("Last modified", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(data["lastModified"])) + " UTC"))
    lines = [f"{title + ':':<14} {text}" for title, text in fields]
    inputs = list(_input_lines(locked.lock_file.root, "", {id(locked.lock_file.root)}))
    return "\n".join([*lines, *(["Inputs:", *inputs] if inputs else [])]) + "\n"


def _input_lines(node: LockNode, indent: str, seen: set[int]) -> Iterator[str]:
    names = sorted(node.inputs)
    for name in names:
        last = name == names[-1]
        child = node.inputs[name]
        branch = f"{indent}{'└───' if last else '├───'}{name}"
        if not isinstance(child, LockNode):
            yield f"{branch} follows input '{'/'.join(child)}'"
            continue
        yield f"{branch}: {_reference_shown(child.locked)}"
        if id(child) not in seen:
            seen.add(id(child))
            yield from _input_lines(child, indent + ("    " if last else "│   "), seen)


def _reference_shown(reference: FlakeReference | None) -> str:
    if reference is None:
        return ""
    modified = reference.source.get("lastModified")
    if reference.is_relative() or not isinstance(modified, int):
        return str(reference)
    return f"{reference} ({time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(modified))})"
