"""What one call of `nixbridge check` checks, once or, under `--watch`, again and again."""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import UsageError
from nixbridge.tools.golden.check_run import Runner
from nixbridge.tools.golden.outcome import Outcome
from nixbridge.tools.golden.pairs import Case, Finder, sources_below
from nixbridge.tools.golden.result_cache import Passes
from nixbridge.tools.inputs import open_cache
from nixbridge.tools.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Session:
    """The cases below `paths`, of which `pattern` and `last_failed` choose; `making` is the format of missing golden files.

    Files below a folder that is checked may import one another. `parity`: what gives the outcomes where golden files are not
    asked; then sources without them are cases, too.
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
        parity: Callable[[list[Case], Options], list[Outcome]] | None = None,
    ) -> None:
        self.paths = paths
        self.options = options = options.with_folders([os.path.abspath(path) for path in paths if os.path.isdir(path)])
        self.golden_folder, self.pattern, self.last_failed = golden_folder, pattern, last_failed
        self.making, self.parity = making, parity
        settings = sorted((name, value) for name, value in vars(options).items() if name != "cache")
        self.passes = Passes(open_cache(options), [repr(settings), str(parity is not None)])

    def check(self, runner: Runner) -> list[Outcome]:
        """The outcomes of all that is to be checked. Raises UsageError when that is nothing."""
        self.passes.begin()
        cases = self.chosen(self.found())
        if self.parity is not None:
            outcomes = self.parity(cases, self.options)
        else:
            outcomes = runner.run(cases, self.passes)
            self.passes.keep()
        if not outcomes:
            raise self.nothing()
        return outcomes

    def found(self) -> list[Case]:
        """Every case below the paths. Raises UsageError for a path that is not there."""
        try:
            if self.parity is not None:
                return sources_below(self.paths)
            if self.golden_folder is not None and self.making is None and not os.path.isdir(self.golden_folder):
                raise UsageError(
                    f"no such folder: {self.golden_folder}", hint="--golden DIR is where the golden files are"
                )
            found = Finder(self.golden_folder, making=self.making).find(self.paths)
            if self.making is not None and not any(case.format != "markdown" for case in found):
                found = Finder(self.golden_folder, making=self.making, expected=True).find(self.paths)
            return found
        except FileNotFoundError as error:
            raise UsageError(f"no such file or folder: {error.filename}") from None

    def chosen(self, found: list[Case]) -> list[Case]:
        """Those that `-k` and `--last-failed` choose; all, as with pytest, when nothing failed. Raises UsageError when none is left."""
        if not found:
            raise self.nothing()
        chosen = [case for case in found if self.pattern is None or self.pattern in case.name]
        if not chosen:
            raise UsageError(f"no case has '{self.pattern}' in its name", hint=f"-k chooses of {len(found)}, by path")
        if self.last_failed and any(map(self.passes.has_failed, chosen)):
            chosen = [case for case in chosen if self.passes.has_failed(case)]
        return chosen

    def nothing(self) -> UsageError:
        """There is nothing to check."""
        where = ", ".join(self.paths)
        if self.parity is not None:
            return UsageError(f"no Nix files found in {where}")
        return UsageError(
            f"no golden files found in {where}",
            hint="put X.json or X.yaml beside X.nix; --missing makes them for sources that have none",
        )

    def files(self) -> set[str]:
        """Everything whose change can change an outcome: sources, golden files, what they read, the folders that they are in."""
        files = {os.path.abspath(path) for path in self.paths}
        try:
            cases = self.found()
        except UsageError:
            return files
        for case in cases:
            files.add(os.path.abspath(case.source))
            if case.golden is not None:
                files.add(os.path.abspath(case.golden))
            files.update(path for path in self.passes.depends(case) if not path.startswith("$"))
        for path in list(files):
            files.update(self._folders_around(path))
        return files

    def _folders_around(self, path: str) -> list[str]:
        """The folders between a file and the path of ours that it is below."""
        tops = [os.path.abspath(top) for top in self.paths]
        folders: list[str] = []
        while (path := os.path.dirname(path)) != "/" and any(path.startswith(top) for top in tops):
            folders.append(path)
        return folders
