"""Pairs of sources and golden files, which are next to them or in a folder that mirrors the sources (`--golden DIR`)."""

from __future__ import annotations

import os

from nixbridge.language.formats.format_table import GOLDEN_FORMATS, format_named
from nixbridge.project.folder_walk import FolderWalk
from nixbridge.project.sources import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container

#: What follows the stem of the source in the name of a golden file, with its format.
GOLDEN_SUFFIXES = {**GOLDEN_FORMATS, ".error": "error"}
#: Suffixes that only golden files have; the others may be anybody's, and count if a source with a golden file is next to them.
_ONLY_GOLDEN = (".nix-value", ".error")
_BROKEN = ("error", "it is a symbolic link that leads nowhere")
_MARKDOWN = (".md", ".markdown")


class Case:
    """A case: a source and its golden file, a Markdown file or a block of it, or a problem with the files.

    `problem` is set if there is nothing to compare: the kind (`missing`, `stale`, `error`) and a sentence. A missing case may
    have a `golden` all the same: the file that is to be made. Of a block, `block` is its first line, `number` says which of the
    file's it is, and `text` is what it says. `every_block`: the blocks of a Markdown file are evaluated also where there is nothing to
    compare them with.
    """

    __slots__ = ("block", "every_block", "format", "golden", "number", "problem", "source", "text")

    def __init__(
        self,
        source: str,
        golden: str | None = None,
        format: str = "json",
        *,
        block: int | None = None,
        number: int = 0,
        text: str = "",
        problem: tuple[str, str] | None = None,
    ) -> None:
        self.source, self.golden, self.format = source, golden, format
        self.block, self.number, self.text, self.problem = block, number, text, problem
        self.every_block = False

    @property
    def name(self) -> str:
        """How reports call it: the path, for a block `path:line`."""
        return f"{self.source}:{self.block}" if self.block is not None else self.source

    @property
    def is_missing(self) -> bool:
        """True where its golden file is missing."""
        return self.problem is not None and self.problem[0] == "missing"

    @property
    def golden_name(self) -> str:
        """The file name of the golden file, or the name that a missing one gets by default."""
        if self.golden is None and self.is_missing:
            return os.path.splitext(os.path.basename(self.source))[0] + format_named(self.format).suffixes[0]
        return os.path.basename(self.golden or self.source)

    @property
    def identity(self) -> str:
        """A text that no other case has, wherever the command is run."""
        golden = os.path.abspath(self.golden) if self.golden is not None else ""
        return f"{os.path.abspath(self.source)}\0{golden}"


class Finder:
    """Finds cases.

    `golden_folder`: where golden files are, if not next to the sources; it mirrors each folder that is named, or `golden_base`.
    `making`: the format in which missing golden files are to be made. `expected`: every source should have one, not only those whose
    neighbours have one. `sources` gives what folders stand for.
    """

    def __init__(
        self,
        golden_folder: str | None = None,
        *,
        golden_base: str | None = None,
        making: str | None = None,
        expected: bool = False,
        sources: Callable[[str], Sources] = Sources,
    ) -> None:
        self._golden_folder, self._golden_base = golden_folder, golden_base
        self._making = making
        self._expected = expected
        self._sources = sources
        self._claimed: set[str] = set()

    def find(self, paths: list[str]) -> list[Case]:
        """Return the cases below `paths` (files and folders), each once. Raises FileNotFoundError for a path that is not there."""
        found: dict[str, Case] = {}
        for path in paths:
            if is_flake_output(path):
                cases = self.flake_output(path)
            elif not os.path.lexists(path):
                raise FileNotFoundError(2, "no such file or folder", path)
            else:
                cases = self.tree(path) if os.path.isdir(path) else self.file(path)
            # by identity: `check envs envs/prod.nix` checks prod.nix once
            found.update((case.identity, case) for case in cases)
        # after all paths: a golden file is stale only if no source among them has claimed it
        for path in paths:
            mirror = self._mirror_of_folder(path) if os.path.isdir(path) else None
            if mirror is not None and os.path.isdir(mirror):
                found.update((case.identity, case) for case in self.unclaimed(mirror))
        return list(found.values())

    def _mirror_of_folder(self, top: str) -> str | None:
        """Return the folder of golden files that mirrors `top`, a folder that was named."""
        if self._golden_folder is None or self._golden_base is None:
            return self._golden_folder
        return os.path.normpath(os.path.join(self._golden_folder, os.path.relpath(top, self._golden_base)))

    def tree(self, top: str) -> list[Case]:
        """Return the cases of a folder and those below, by name."""
        cases: list[Case] = []
        sources = self._sources(top)
        walk = sources.walk(top, without=self._golden_folder)
        mirror = self._mirror_of_folder(top)
        for folder, names in walk:
            shown = os.path.normpath(folder)
            mirrored = None
            if mirror is not None:
                mirrored = os.path.normpath(os.path.join(mirror, os.path.relpath(folder, top)))
            names = [name for name in names if not is_source(name) or sources.includes(_join(shown, name))]
            cases.extend(self.folder(shown, names, mirrored))
        cases.extend(Case(os.path.normpath(path), problem=("error", message)) for path, message in walk.problems)
        return cases

    def folder(self, folder: str, names: list[str], mirrored: str | None = None) -> list[Case]:
        """Return the cases of one folder, given the names of its files, in their order; `mirrored` has its golden files."""
        kept_in = mirrored or folder
        goldens = set(names_in(mirrored) if mirrored else names)
        stems = [name[:-4] for name in names if name.endswith(".nix")]
        found = {stem: goldens_of(stem, goldens) for stem in stems}
        # one golden file in a folder shows that the folder is checked: its other sources then lack theirs
        in_use = any(found.values())
        cases = [_markdown(_join(folder, name)) for name in names if name.endswith(_MARKDOWN)]
        for stem in stems:
            source = _join(folder, stem + ".nix")
            cases.extend(self.source(source, kept_in, found[stem], expected=in_use or self._expected))
        if mirrored is None:
            known = {golden for list_ in found.values() for golden in list_}
            for name in names:
                suffix = os.path.splitext(name)[1]
                is_golden = suffix in _ONLY_GOLDEN or (in_use and suffix in GOLDEN_SUFFIXES)
                if is_golden and name not in known:
                    cases.append(_stale(_join(folder, name)))
        return sorted(cases, key=lambda case: case.source)

    def file(self, path: str) -> list[Case]:
        """Return the cases of one file that was named: a source, its golden file, or a Markdown file."""
        folder, name = os.path.split(os.path.normpath(path))
        stem, suffix = os.path.splitext(name)
        if suffix in _MARKDOWN:
            return [_markdown(_join(folder, name))]
        if suffix != ".nix" and suffix not in GOLDEN_SUFFIXES:
            problem = ("error", "it is not a Nix file, a Markdown file or a golden file")
            return [Case(_join(folder, name), problem=problem)]
        source = _join(folder, f"{stem}.nix")
        if suffix != ".nix" and not os.path.lexists(source):
            return [_stale(_join(folder, name))]
        kept_in = self.mirror_of(folder, stem) if self._golden_folder is not None else folder
        return self.source(source, kept_in, goldens_at(stem, kept_in), expected=True)

    def flake_output(self, installable: str) -> list[Case]:
        """Return the cases of `DIR#a.b`, whose golden files are `a.b.json` and the like in DIR."""
        reference, _, attribute = installable.partition("#")
        folder = reference.partition("?")[0].removeprefix("path:") or "."
        stem = attribute.strip(".").replace('"', "").replace("/", "-") or "default"
        kept_in = self._golden_folder or (folder if os.path.isdir(folder) else "")
        return self.source(installable, kept_in, goldens_at(stem, kept_in), expected=True, stem=stem)

    def mirror_of(self, folder: str, stem: str) -> str:
        """Return the folder of the golden files of a source that was named alone: the mirror may begin at any folder above it."""
        assert self._golden_folder is not None
        parts = os.path.relpath(folder or ".").split(os.sep)
        tails = [os.path.normpath(os.path.join(self._golden_folder, *parts[start:])) for start in range(len(parts))]
        candidates = [*tails, self._golden_folder]
        return next((one for one in candidates if goldens_at(stem, one)), candidates[0])

    def source(
        self, source: str, kept_in: str, found: list[str], *, expected: bool, stem: str | None = None
    ) -> list[Case]:
        """Return the cases of one source, given the names of its golden files; none where none is expected."""
        self._claimed.update(_join(kept_in, name) for name in found)
        if _is_broken(source):
            return [Case(source, problem=_BROKEN)]
        if self._golden_folder is not None and _leads_out(kept_in, self._golden_folder):
            problem = f"{kept_in} is a symbolic link that leads out of {self._golden_folder}"
            return [Case(source, problem=("error", problem))]
        if len(found) > 1 and not _different_kinds(found):
            return [Case(source, problem=("error", f"it has more than one golden file: {', '.join(found)}"))]
        if not found:
            return [self.missing(source, kept_in, stem)] if expected else []
        return [Case(source, _join(kept_in, name), GOLDEN_SUFFIXES[os.path.splitext(name)[1]]) for name in found]

    def missing(self, source: str, kept_in: str, stem: str | None) -> Case:
        """Return the case of a source without a golden file."""
        problem = ("missing", "it has no golden file; --missing creates it")
        if self._making is None:
            return Case(source, problem=problem)
        stem = stem or os.path.splitext(os.path.basename(source))[0]
        return Case(
            source, _join(kept_in, stem + format_named(self._making).suffixes[0]), self._making, problem=problem
        )

    def unclaimed(self, golden_folder: str) -> list[Case]:
        """Return the golden files of a mirror whose sources do not exist."""
        walk = FolderWalk(golden_folder)
        paths = [_join(os.path.normpath(folder), name) for folder, names in walk for name in names]
        stale = [path for path in paths if os.path.splitext(path)[1] in GOLDEN_SUFFIXES and path not in self._claimed]
        problems = [Case(os.path.normpath(path), problem=("error", message)) for path, message in walk.problems]
        return [*map(_stale, stale), *problems]


def sources_below(paths: list[str], sources: Callable[[str], Sources] = Sources) -> list[Case]:
    """Return every Nix and Markdown file, whether it has a golden file or not. Raises FileNotFoundError."""
    found: dict[str, Case] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise FileNotFoundError(2, "no such file or folder", path)
        files = [os.path.normpath(path)]
        if os.path.isdir(path):
            own = sources(path)
            walk = own.walk(path)
            files = [_join(os.path.normpath(folder), name) for folder, names in walk for name in names]
            files = [file for file in files if own.includes(file)]
            found.update((link, Case(link, problem=("error", message))) for link, message in walk.problems)
        for file in files:
            if is_source(file):
                found[file] = Case(file, format="markdown" if file.endswith(_MARKDOWN) else "json")
    return list(found.values())


def is_flake_output(path: str) -> bool:
    """Return whether a PATH names an output of a flake: `.#a.b`."""
    return "#" in path and not os.path.lexists(path)


def is_source(name: str) -> bool:
    """Return whether a file of that name is checked, rather than compared with."""
    return name.endswith((".nix", *_MARKDOWN))


def goldens_of(stem: str, names: Container[str]) -> list[str]:
    """Return the golden files of a source among `names`."""
    return [stem + suffix for suffix in GOLDEN_SUFFIXES if stem + suffix in names]


def goldens_at(stem: str, folder: str) -> list[str]:
    """Return the golden files of a source in `folder`. Its other files are not listed: there may be many, and many sources."""
    return [stem + suffix for suffix in GOLDEN_SUFFIXES if os.path.lexists(os.path.join(folder, stem + suffix))]


def names_in(folder: str) -> list[str]:
    """Return the names in a folder, sorted; none when it cannot be read."""
    try:
        return sorted(os.listdir(folder or "."))
    except OSError:
        return []


def _different_kinds(found: list[str]) -> bool:
    """Return whether golden files of one source go together: a value in several formats does, a value and an error do not."""
    formats = [GOLDEN_SUFFIXES[os.path.splitext(name)[1]] for name in found]
    return "error" not in formats and len(set(formats)) == len(formats)


def _markdown(path: str) -> Case:
    return Case(path, format="markdown", problem=_BROKEN if _is_broken(path) else None)


def _is_broken(path: str) -> bool:
    return os.path.islink(path) and not os.path.exists(path)


def _leads_out(path: str, folder: str) -> bool:
    """Return whether `path` is outside `folder` once symbolic links are resolved."""
    real, top = os.path.realpath(path), os.path.realpath(folder)
    return real != top and not real.startswith(top.rstrip(os.sep) + os.sep)


def _stale(path: str) -> Case:
    stem = os.path.splitext(os.path.basename(path))[0]
    return Case(path, problem=("stale", f"its source {stem}.nix does not exist"))


def _join(folder: str, name: str) -> str:
    return os.path.join(folder, name) if folder not in ("", ".") else name
