"""The files of a tree that are looked at. Links are not followed out of it."""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError, UsageError
from nixbridge.project.sources import NOT_CONFIGURATION, Sources
from nixbridge.tools.migrate.item import Item


def find_items(source: str, destination: str, sources: Sources) -> tuple[str, list[Item]]:
    """Return the folder of a SRC argument and its Nix files sorted by name, without `destination`.

    Raises EvalError for a path that does not exist, UsageError where there is none.
    """
    if not os.path.exists(source):
        raise EvalError(f"no such file or folder: {source}")
    if not os.path.isdir(source):
        path = os.path.abspath(source)
        if not path.endswith(".nix"):
            raise UsageError(f"'{source}' is not a Nix file: its name does not end in .nix")
        return os.path.dirname(path), [Item(os.path.basename(path), path)]
    top = os.path.realpath(source)
    skipped = os.path.realpath(destination) + os.sep
    items: list[Item] = []
    walk = sources.walk(top)
    for folder, names in walk:
        # what an earlier run wrote is not a source, unless the tree itself lies in DEST
        if f"{folder}{os.sep}".startswith(skipped) and not f"{top}{os.sep}".startswith(skipped):
            continue
        items += [
            file_item(os.path.join(folder, name), top)
            for name in names
            if is_nix(name) and sources.includes(os.path.join(folder, name))
        ]
        items += [folder_link(path, top) for path in linked_folders(folder)]
    for path, message in walk.problems:
        if not os.path.islink(path):  # links are items already
            items.append(_item(path, top))
            items[-1].fail(message)
    if not items:
        raise UsageError(f"no Nix file found in '{source}'")
    return top, sorted(items, key=lambda item: item.name)


def is_nix(name: str) -> bool:
    """Return whether a name is that of a Nix file that somebody wrote. (Editors keep hidden ones.)"""
    return name.endswith(".nix") and not name.startswith(".")


def file_item(path: str, top: str) -> Item:
    """Return the item of a file; failed already where it is a link that leads out of the tree, or nowhere."""
    item = _item(path, top)
    if os.path.islink(path):
        _refuse_link(item, top)
    if item.messages == [] and os.path.basename(path) in NOT_CONFIGURATION:
        item.skip(NOT_CONFIGURATION[os.path.basename(path)])
    return item


def folder_link(path: str, top: str) -> Item:
    """Return the item of a link to a folder, which is not followed: its target is in the tree anyway, or refused."""
    item = _item(path, top)
    _refuse_link(item, top)
    if item.messages == []:
        item.skip("a link to a folder of the tree is not followed")
    return item


def _refuse_link(item: Item, top: str) -> None:
    real = os.path.realpath(item.path)
    if not real.startswith(top.rstrip(os.sep) + os.sep):
        item.fail("it is a symbolic link that leads out of the tree, which is not followed")
    elif not os.path.exists(real):
        item.fail("it is a symbolic link to a missing file")


def linked_folders(folder: str) -> list[str]:
    """Return the links in a folder that lead to folders; hidden ones are left out like hidden folders."""
    with os.scandir(folder) as entries:
        return [
            entry.path
            for entry in entries
            if entry.is_symlink() and not entry.name.startswith(".") and os.path.isdir(entry.path)
        ]


def _item(path: str, top: str) -> Item:
    return Item(os.path.relpath(path, top), path)
