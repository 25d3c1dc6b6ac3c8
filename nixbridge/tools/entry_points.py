"""The files that a command works on: those that were named, the entry points of folders, and the files of environments."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from nixbridge.errors.exceptions import UsageError
from nixbridge.project.imports import Imports
from nixbridge.project.patterns import Patterns
from nixbridge.project.sources import NOT_CONFIGURATION
from nixbridge.tools.inputs import STDIN, folder_of, is_flake
from nixbridge.tools.project_files import imports_among, project_settings, project_sources

if TYPE_CHECKING:
    from nixbridge.project.project_settings import Environment, Settings
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.project_files import Each


class EntryPoint(NamedTuple):
    """A file that is evaluated by itself.

    `named`: by its own name, so that being a part of others is a mistake; else its folder was named. `options` have the environment
    of the settings that it is evaluated for.
    """

    file: str
    options: Options
    named: bool = True

    @property
    def path(self) -> str:
        """The absolute path."""
        return os.path.abspath(self.file)


class EntryPoints:
    """The entry points among `paths` (files and folders; by default, the project).

    `environment` is a name of the settings, or of files that turn out to be alternatives; then `inferred` has it. `exclude` are
    patterns of the command line. `each` iterates over files that are read for what they import, and may show how many are done.
    """

    def __init__(
        self,
        paths: tuple[str, ...],
        options: Options,
        *,
        exclude: tuple[str, ...] = (),
        environment: str | None = None,
        each: Each = iter,
    ) -> None:
        self._each = each
        self._options, self._exclude = options, exclude
        # the first path decides: a command works in one project
        top = folder_of(paths[0]) if paths else os.getcwd()
        self.settings: Settings = project_settings(options, top or os.getcwd())
        self.imports = Imports(())
        self.inferred: str | None = None
        self._environments = self.settings.environments
        if environment is not None and environment not in self._environments:
            if self._environments:
                self.settings.environment(environment)  # raises: the settings list them all
            self.inferred = environment
        elif environment is not None:
            self._environments = {environment: self._environments[environment]}
        self._of_environment: dict[str, list[str]] = {
            name: self._files_of(one) for name, one in self._environments.items()
        }
        self.entries = list(self._chosen(paths, environment))
        if not self.entries:
            where = ", ".join(paths) or os.path.relpath(self.settings.root)
            raise UsageError(
                f"all Nix files in {where} are parts of other files", hint="name a FILE, or another folder"
            )

    def is_part(self, entry: EntryPoint) -> bool:
        """Return whether a file that was not named turned out to be imported by another one. To be asked when all are evaluated."""
        return not entry.named and bool(self.imports.importers.get(entry.path))

    def _chosen(self, paths: tuple[str, ...], environment: str | None) -> list[EntryPoint]:
        given = paths or (os.path.relpath(self.settings.root),)
        entries: list[EntryPoint] = []
        for path in given:
            named = not _is_folder(path)
            files = [path] if named else self._entry_points_below(path)
            entries += self._with_environments(files, named=named, only=environment if not self.inferred else None)
            if not named:
                entries += self._elsewhere(path, files)
        unique: dict[tuple[str, str | None], EntryPoint] = {}
        for entry in entries:
            key = (entry.path if entry.file != STDIN else STDIN, entry.options.environment)
            # a file that is named itself counts as named, also where a folder around it is named as well
            if entry.named or key not in unique:
                unique[key] = entry
        return list(unique.values())

    def _with_environments(self, files: list[str], *, named: bool, only: str | None) -> list[EntryPoint]:
        """Return files once for each environment that they belong to; a file without an environment once, unless one is chosen."""
        entries: list[EntryPoint] = []
        for file in files:
            names = [name for name, own in self._of_environment.items() if os.path.abspath(file) in own]
            if only is not None and not names and named:
                names = [only]  # the arguments of an environment may be wanted for any file
            for name in names:
                entries.append(EntryPoint(file, self._options.changed(environment=name), named))
            if not names and only is None:
                entries.append(EntryPoint(file, self._options, named))
        return entries

    def _elsewhere(self, folder: str, files: list[str]) -> list[EntryPoint]:
        """Return the files of environments in a folder that are not entry points of it: the settings name them."""
        known = {os.path.abspath(file) for file in files}
        top = os.path.abspath(folder)
        return [
            EntryPoint(os.path.relpath(path), self._options.changed(environment=name))
            for name, own in self._of_environment.items()
            for path in own
            if path not in known and (path == top or path.startswith(top.rstrip("/") + "/"))
        ]

    def _entry_points_below(self, folder: str) -> list[str]:
        """Return the Nix files below a folder that no other file below it imports, as far as their texts say."""
        files = [os.path.normpath(file) for file in self._nix_files(folder)]
        absolute = {os.path.abspath(file): file for file in files}
        imports = imports_among(absolute, self._options, os.path.abspath(folder), self._each)
        self.imports.files |= imports.files
        return sorted(absolute[path] for path in imports.roots(sorted(absolute)))

    def _nix_files(self, folder: str) -> list[str]:
        sources = project_sources(self._options, folder, self._exclude)
        return [
            os.path.join(walked, name)
            for walked, names in sources.walk(folder)
            for name in names
            if name.endswith(".nix") and not name.startswith(".") and name not in NOT_CONFIGURATION
            if sources.includes(os.path.join(walked, name))
        ]

    def _files_of(self, environment: Environment) -> list[str]:
        """Return the absolute paths of an environment's files. Raises UsageError for one that is not there."""
        found: list[str] = []
        for name in environment.files:
            path = self.settings.absolute(name)
            if os.path.isdir(path):
                found += map(os.path.abspath, self._entry_points_below(path))
            elif os.path.lexists(path):
                found.append(path)
            else:
                matching = self._matching(name)
                if not matching:
                    raise self.settings.error(
                        f"environment '{environment.name}': the file '{name}' does not exist",
                        *("environments", environment.name, "files"),
                    )
                found += matching
        return found

    def _matching(self, pattern: str) -> list[str]:
        patterns, root = Patterns([pattern]), self.settings.root
        return sorted(path for path in self._nix_files(root) if patterns.match(os.path.relpath(path, root)))


def _is_folder(path: str) -> bool:
    """Return whether an argument is a folder of files, and not `-` or a flake with an output."""
    return path != STDIN and os.path.isdir(path) and not ("#" in path and is_flake(path))
