"""Which golden file belongs to which source. Folders are walked once, links to folders are not followed."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a golden file is called behind the source's stem, and the format that it is in.
GOLDEN_SUFFIXES = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".xml": "xml",
    ".nix-value": "nix",
    ".error": "error",
}
#: Suffixes that only golden files have; the others may be anybody's, and count where a source is beside them.
_ONLY_GOLDEN = (".nix-value", ".error")
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "result"})


class Case:
    """One thing to check: a source and its golden file, a block of a Markdown file, or what is wrong with the files.

    `problem` is set where there is nothing to evaluate: the kind (`missing`, `stale`, `error`) and a sentence.
    """

    __slots__ = ("block", "format", "golden", "problem", "source")

    def __init__(
        self,
        source: str,
        golden: str | None = None,
        format: str = "json",
        *,
        block: int | None = None,
        problem: tuple[str, str] | None = None,
    ) -> None:
        self.source, self.golden, self.format, self.block, self.problem = source, golden, format, block, problem

    @property
    def name(self) -> str:
        """How reports call it: the path, for a block `path:line`."""
        return f"{self.source}:{self.block}" if self.block is not None else self.source


def find_cases(paths: list[str], golden_folder: str | None = None) -> list[Case]:
    """The cases below `paths` (files and folders), in the order of their names. Raises FileNotFoundError for a path that is not there."""
    cases: list[Case] = []
    for path in paths:
        if os.path.isdir(path):
            for folder, names, problems in walk(path):
                cases.extend(problems)
                mirrored = (
                    os.path.normpath(os.path.join(golden_folder, os.path.relpath(folder, path)))
                    if golden_folder
                    else None
                )
                cases.extend(folder_cases(folder, names, mirrored))
        elif not os.path.lexists(path):
            raise FileNotFoundError(2, "no such file or folder", path)
        else:
            cases.extend(file_cases(path, golden_folder))
    return cases


def file_cases(path: str, golden_folder: str | None) -> list[Case]:
    """The case of one file that was named: a source, its golden file, or a Markdown file."""
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)
    if suffix == ".md":
        return [Case(path, format="markdown")]
    names = _names(golden_folder or folder or ".")
    wanted = stem + ".nix"
    found = goldens_of(stem, names)
    source = path if suffix == ".nix" else os.path.join(folder, wanted)
    if not os.path.lexists(source):
        return [Case(path, problem=("stale", f"there is no {wanted} beside it"))]
    return source_cases(source, golden_folder or folder, found, expected=True)


def folder_cases(folder: str, names: list[str], golden_folder: str | None) -> list[Case]:
    """The cases of one folder, in the order of its names."""
    kept_in = golden_folder or folder
    goldens = _names(kept_in) if golden_folder else names
    stems = [name[:-4] for name in names if name.endswith(".nix")]
    found = {stem: goldens_of(stem, goldens) for stem in stems}
    in_use = any(found.values()) or (golden_folder is not None and bool(goldens))
    cases: list[Case] = []
    for stem in stems:
        cases.extend(source_cases(os.path.join(folder, stem + ".nix"), kept_in, found[stem], expected=in_use))
    cases.extend(Case(os.path.join(folder, name), format="markdown") for name in names if name.endswith(".md"))
    known = {golden for list_ in found.values() for golden in list_}
    for name in goldens:
        suffix = os.path.splitext(name)[1]
        if suffix not in GOLDEN_SUFFIXES or name in known or not (in_use or suffix in _ONLY_GOLDEN):
            continue
        if golden_folder is not None or suffix in _ONLY_GOLDEN or any(found.values()):
            stem = os.path.splitext(name)[0]
            cases.append(Case(os.path.join(kept_in, name), problem=("stale", f"there is no {stem}.nix for it")))
    return sorted(cases, key=lambda case: case.source)


def source_cases(source: str, kept_in: str, found: list[str], *, expected: bool) -> list[Case]:
    """The cases of one source, given the names of its golden files; none where none is expected."""
    if os.path.islink(source) and leaves_folder(source):
        return [Case(source, problem=("error", "it is a symbolic link that leads out of its folder"))]
    if len(found) > 1 and not _different_kinds(found):
        return [Case(source, problem=("error", f"it has more than one golden file: {', '.join(found)}"))]
    if not found:
        return [Case(source, problem=("missing", "it has no golden file; --missing makes it"))] if expected else []
    return [Case(source, os.path.join(kept_in, name), GOLDEN_SUFFIXES[os.path.splitext(name)[1]]) for name in found]


def _different_kinds(found: list[str]) -> bool:
    """May these stand side by side? A value in several formats may; a value and an error, or one format twice, may not."""
    formats = [GOLDEN_SUFFIXES[os.path.splitext(name)[1]] for name in found]
    return "error" not in formats and len(set(formats)) == len(formats)


def goldens_of(stem: str, names: list[str]) -> list[str]:
    """The golden files of a source among `names`."""
    present = set(names)
    return [stem + suffix for suffix in GOLDEN_SUFFIXES if stem + suffix in present]


def leaves_folder(path: str) -> bool:
    """Does a symbolic link lead to something outside the folder that it is in?"""
    folder = os.path.realpath(os.path.dirname(path) or ".")
    return not os.path.realpath(path).startswith(folder + os.sep)


def walk(top: str) -> Iterator[tuple[str, list[str], list[Case]]]:
    """Each folder below `top` with the names of its files, and what could not be read. Hidden folders are left out."""
    pending = [top]
    while pending:
        folder = pending.pop()
        files: list[str] = []
        below: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith(".") and entry.name not in _SKIPPED_FOLDERS:
                            below.append(entry.name)
                    elif not (entry.is_symlink() and os.path.isdir(entry.path)):
                        files.append(entry.name)
        except OSError as error:
            yield folder, [], [Case(folder, problem=("error", f"cannot be read: {error.strerror}"))]
            continue
        yield folder, sorted(files), []
        pending.extend(os.path.join(folder, name) for name in sorted(below, reverse=True))


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
