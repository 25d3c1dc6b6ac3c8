"""The places of documents in DEST; sources that would overwrite one another are rejected."""

from __future__ import annotations

import os
import unicodedata

from nixbridge.tools.migrate.item import Item
from nixbridge.tools.migrate.migration_settings import Settings

#: Files that a run writes besides the documents.
REPORT, PAGE, WRITTEN = "migration.md", "migration.html", ".nixbridge-migrate.json"
KUSTOMIZATION = "kustomization.yaml"


def place(item: Item, settings: Settings) -> None:
    """Name an item's outputs as they are called in DEST.

    The layout is kept: `a/b.nix` becomes `a/b.yaml`. For kustomize each source is a folder: `a/b/`, and `a/` for `a/default.nix`.
    """
    stem = item.name.removesuffix(".nix")
    if not settings.kustomize:
        suffix = ".json" if settings.to == "json" else ".yaml"
        item.outputs = {f"{stem}{suffix}": data for data in item.outputs.values()}
        return
    folder = os.path.dirname(stem) if os.path.basename(stem) == "default" else stem
    item.outputs = {os.path.join(folder, path): data for path, data in item.outputs.items()}
    item.objects = {os.path.join(folder, path): names for path, names in item.objects.items()}
    try:
        stem.encode()
    except UnicodeEncodeError:
        item.fail("its name is not valid UTF-8 and cannot be in a kustomization.yaml")


def refuse_collisions(items: list[Item]) -> None:
    """Fail every item that would write to a path of another one, also where only case or the form of accents tells them apart.

    Such names are the same on macOS and Windows, where a checkout of DEST would contain only one of the two files.
    """
    claims: dict[str, list[tuple[str, bool, Item | None]]] = {}
    for name in (REPORT, PAGE, WRITTEN):
        claims.setdefault(_folded(name), []).append((name, True, None))
    for item in items:
        for path in item.outputs:
            claims.setdefault(_folded(path), []).append((path, True, item))
            folder = os.path.dirname(path)
            while folder:
                claims.setdefault(_folded(folder), []).append((folder, False, item))
                folder = os.path.dirname(folder)
    for claimed in claims.values():
        # several claims to one folder are the usual case; anything else is two spellings, two files, or a file and a folder
        if len({(path, is_file) for path, is_file, _ in claimed}) > 1 or sum(is_file for _, is_file, _ in claimed) > 1:
            _refuse(claimed)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _refuse(claimed: list[tuple[str, bool, Item | None]]) -> None:
    """Report in each of these items which others are in its way."""
    for path, _, item in claimed:
        others = [
            (other, by.name if by is not None else "nixbridge itself") for other, _, by in claimed if by is not item
        ]
        if item is None or not others or not item.converted:
            continue
        same = sorted({by for other, by in others if other == path})
        if same:
            item.fail(f"it would be written to '{path}', as would {', '.join(same)}")
        else:
            near = ", ".join(sorted({f"'{other}' of {by}" for other, by in others}))
            item.fail(
                f"it would be written to '{path}' beside {near}: these are the same path on file systems that ignore case or accents"
            )
