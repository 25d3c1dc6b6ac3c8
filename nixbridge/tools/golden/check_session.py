"""The cases of one call of `nixbridge check`, which are checked once or, under `--watch`, again and again."""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError, UsageError
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.check_run import Runner
from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.pairs import Case, Finder, sources_below
from nixbridge.tools.golden.result_cache import ResultCache
from nixbridge.tools.inputs import folder_of, open_cache, trusted_cache
from nixbridge.tools.project_files import imports_among, project_settings, project_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.project.sources import Sources


class Session:
    """The cases below `paths`, of which `pattern` and `last_failed` choose; `making` is the format of missing golden files.

    Files below a folder that is checked may import one another. `golden_folder` and `exclude` add to the settings of the project;
    `every_block` has blocks of Markdown evaluated that there is nothing to compare with. `parity`: what gives the outcomes where golden
    files are not asked; then sources without them are cases as well.
    """

    def __init__(
        self,
        paths: list[str],
        options: Options,
        *,
        golden_folder: str | None = None,
        pattern: str | None = None,
        last_failed: bool = False,
        making: str | None = None,
        exclude: tuple[str, ...] = (),
        every_block: bool = False,
        parity: Callable[[list[Case], Options], list[Outcome]] | None = None,
    ) -> None:
        self.settings = project_settings(options, (folder_of(paths[0]) if paths else None) or os.getcwd())
        self.paths = paths or [os.path.relpath(self.settings.root)]
        folders = [os.path.abspath(path) for path in self.paths if os.path.isdir(path)]
        self.options = options = options.with_folders(folders)
        self.golden_folder, self.golden_base = golden_folder, None
        if golden_folder is None and self.settings["golden"] is not None:
            self.golden_folder = os.path.relpath(self.settings.absolute(self.settings["golden"]))
            self.golden_base = self.settings.root
        self.pattern, self.last_failed = pattern, last_failed
        self.making, self.exclude, self.every_block, self.parity = making, exclude, every_block, parity
        settings = sorted((name, value) for name, value in vars(options).items() if name != "cache")
        cache = trusted_cache(open_cache(options), options, *map(folder_of, self.paths))
        self.results = ResultCache(cache, [repr(settings), str(parity is not None), str(every_block)])

    def check(self, runner: Runner) -> list[Outcome]:
        """Return the outcomes of all that is to be checked. Raises UsageError when that is nothing."""
        self.results.begin()
        cases = self.chosen(self.found())
        if self.parity is not None:
            outcomes = self.parity(cases, self.options)
        else:
            outcomes = runner.run(cases, self.results)
            self.results.keep()
        if not outcomes:
            raise self.nothing()
        return outcomes

    def found(self) -> list[Case]:
        """Return every case below the paths. Raises EvalError for a path that does not exist."""
        try:
            if self.parity is not None:
                return sources_below(self.paths, self.sources)
            if self.golden_folder is not None and self.making is None and not os.path.isdir(self.golden_folder):
                raise UsageError(
                    f"no such folder: {self.golden_folder}", hint="--golden DIR is where the golden files are"
                )
            found = self.finder().find(self.paths)
            if self.making is not None and not any(case.format != "markdown" for case in found):
                found = self.finder(expected=True).find(self.paths)
        except FileNotFoundError as error:
            raise EvalError(f"no such file or folder: {error.filename}") from None
        for case in found:
            case.every_block = self.every_block
        self.note_parts(found)
        return found

    def finder(self, *, expected: bool = False) -> Finder:
        """Return the finder of cases. `expected`: every source should have a golden file."""
        return Finder(
            self.golden_folder,
            golden_base=self.golden_base,
            making=self.making,
            expected=expected,
            sources=self.sources,
        )

    def sources(self, top: str) -> Sources:
        """Return the files that a folder stands for."""
        return project_sources(self.options, top, self.exclude)

    def note_parts(self, found: list[Case]) -> None:
        """Mark the sources that lack a golden file and need none, since other files import them.

        Files are read for that only where a golden file is missing in a folder that was named.
        """
        named = {os.path.abspath(path) for path in self.paths}
        missing = {os.path.abspath(case.source): case for case in found if case.is_missing}
        folders = [path for path in self.paths if os.path.isdir(path)]
        if not folders or missing.keys() <= named:
            return
        files = {os.path.abspath(case.source) for case in sources_below(folders, self.sources) if case.format == "json"}
        imports = imports_among(files, self.options, self.settings.root)
        for path in files - set(imports.roots(sorted(files))) - named:
            if path in missing:
                missing[path].problem = ("skipped", f"it is part of {imports.names_of_importers(path)}")

    def chosen(self, found: list[Case]) -> list[Case]:
        """Return the cases that `-k` and `--last-failed` choose; all, as with pytest, when nothing failed. Raises UsageError for none."""
        if not found:
            raise self.nothing()
        chosen = [case for case in found if self.pattern is None or self.pattern in case.name]
        if not chosen:
            raise UsageError(
                f"no case has a name that contains '{self.pattern}'",
                hint="-k TEXT selects cases whose path contains TEXT",
            )
        if self.last_failed and any(map(self.results.has_failed, chosen)):
            chosen = [case for case in chosen if self.results.has_failed(case)]
        return chosen

    def nothing(self) -> UsageError:
        """Return the error that there is nothing to check."""
        where = ", ".join(self.paths)
        if self.parity is not None:
            return UsageError(f"no Nix files found in {where}")
        return UsageError(
            f"no golden files found in {where}",
            hint="put X.json or X.yaml next to X.nix; --missing creates them for sources that lack one",
        )

    def files(self) -> set[str]:
        """Return everything that can affect an outcome: sources, golden files, the files that they read, and their folders."""
        files = {os.path.abspath(path) for path in self.paths}
        try:
            cases = self.found()
        except UsageError:
            return files
        for case in cases:
            files.add(os.path.abspath(case.source))
            if case.golden is not None:
                files.add(os.path.abspath(case.golden))
            files.update(path for path in self.results.depends(case) if not path.startswith("$"))
        for path in list(files):
            files.update(self._folders_around(path))
        return files

    def _folders_around(self, path: str) -> list[str]:
        """Return the folders between a file and the path of ours that it is below."""
        tops = [os.path.abspath(top) for top in self.paths]
        folders: list[str] = []
        while (path := os.path.dirname(path)) != "/" and any(path.startswith(top) for top in tops):
            folders.append(path)
        return folders
