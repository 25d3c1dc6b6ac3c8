"""Golden files as tests of pytest: `nixbridge_golden = ["configs"]` in the ini file, or `--nixbridge DIR`.

Each golden file is a test of its own, with the differences as its failure; one that is missing or stale is a test that fails.
`--nixbridge-update` accepts what is evaluated now. The settings of the project apply. Works under pytest-xdist.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from nixbridge.project.sources import Sources
    from nixbridge.tools.golden.pairs import Case

#: The folders that are opted in.
FOLDERS = pytest.StashKey[tuple[str, ...]]()
#: What the folders of each project stand for, by its root: Git is asked once.
SOURCES = pytest.StashKey[dict[str, "Sources"]]()
#: For each source that lacks a golden file and needs none, the files that import it; found once it is asked for.
PARTS = pytest.StashKey[dict[str, str]]()
#: The cases of each folder that was looked at, by their source.
CASES = pytest.StashKey[dict[str, dict[str, list["Case"]]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the ini value of the plug-in."""
    group = parser.getgroup("nixbridge", "golden files of Nix configurations")
    group.addoption("--nixbridge", action="append", default=[], metavar="DIR", help="check the golden files in DIR")
    group.addoption(
        "--nixbridge-update", action="store_true", help="write the current values into golden files that differ"
    )
    parser.addini("nixbridge_golden", "folders whose golden files are tests", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Collect the folders of the command line, and those of the ini file unless pytest was given paths."""
    named = [os.path.abspath(folder) for folder in config.getoption("--nixbridge")]
    ini = [os.path.abspath(config.rootpath / folder) for folder in _opted_in(config)]
    config.stash[FOLDERS] = tuple(map(os.path.realpath, named + ini))
    config.stash[CASES], config.stash[SOURCES] = {}, {}
    given_paths = config.args_source is pytest.Config.ArgsSource.ARGS
    config.args.extend(folder for folder in (named if given_paths else named + ini) if folder not in config.args)


def _opted_in(config: pytest.Config) -> list[str]:
    """Return the folders of the ini value."""
    try:
        return list(config.getini("nixbridge_golden"))
    except (TypeError, pytest.UsageError):
        # in pytest's own TOML files values have types, and an option has one: a single folder is refused
        import tomllib

        path = config.inipath
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path is not None and path.suffix == ".toml" else {}
        table = data.get("pytest") or data.get("tool", {}).get("pytest", {})
        value = table.get("nixbridge_golden")
        if not isinstance(value, str):
            raise
        return shlex.split(value)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return a collector for each source, Markdown file or stale golden file below one of the folders."""
    folders = parent.config.stash[FOLDERS]
    if not folders:
        return None
    folder = os.path.realpath(file_path.parent)
    if not any(folder == one or folder.startswith(one + os.sep) for one in folders):
        return None
    cases = cases_of(folder, parent.config).get(file_path.name)
    return GoldenSource.from_parent(parent, path=file_path, cases=cases) if cases else None


def cases_of(folder: str, config: pytest.Config) -> dict[str, list[Case]]:
    """Return the cases of a folder by the name of their source. Every folder is looked at once."""
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.golden.pairs import Finder, is_source, names_in
    from nixbridge.tools.project_files import project_settings, project_sources

    known = config.stash[CASES]
    if folder not in known:
        known[folder] = {}
        settings = project_settings(Options(), folder)
        of_roots = config.stash[SOURCES]
        if settings.root not in of_roots:
            of_roots[settings.root] = project_sources(Options(), folder)
        sources = of_roots[settings.root]
        names = [name for name in names_in(folder) if not sources.leaves_out(os.path.join(folder, name))]
        names = [name for name in names if not is_source(name) or sources.includes(os.path.join(folder, name))]
        golden = settings.path("golden")
        mirrored = os.path.join(golden, os.path.relpath(folder, settings.root)) if golden is not None else None
        for case in Finder(golden, golden_base=settings.root).folder(folder, names, mirrored):
            known[folder].setdefault(os.path.basename(case.source), []).append(case)
    return known[folder]


def parts_of(config: pytest.Config) -> dict[str, str]:
    """Return the sources below the folders that others import, with the names of those."""
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.golden.pairs import sources_below
    from nixbridge.tools.project_files import imports_among

    if PARTS not in config.stash:
        folders = [folder for folder in config.stash[FOLDERS] if os.path.isdir(folder)]
        files = [os.path.abspath(case.source) for case in sources_below(folders) if case.format == "json"]
        imports = imports_among(files, Options(), str(config.rootpath))
        parts = set(files) - set(imports.roots(files))
        config.stash[PARTS] = {part: imports.names_of_importers(part, str(config.rootpath)) for part in parts}
    return config.stash[PARTS]


class GoldenSource(pytest.File):
    """A Nix or Markdown file and its golden files."""

    def __init__(self, *, cases: list[Case], **keywords: Any) -> None:
        super().__init__(**keywords)
        self.cases = cases

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each golden file of the source, for one that is missing, and for one without a source.

        A test is called as its golden file is, or would be: it keeps its name when the file appears.
        """
        for case in self.cases:
            name = case.format if case.format == "markdown" else case.golden_name
            yield GoldenTest.from_parent(self, name=name, case=case)


class Different(Exception):
    """A golden test that failed."""


class GoldenTest(pytest.Item):
    """One source against one golden file."""

    def __init__(self, *, case: Case, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case = case
        #: Plug-ins that know functions only ask every item for its fixtures.
        self.funcargs: dict[str, object] = {}

    def runtest(self) -> None:
        """Check the case; with --nixbridge-update, write differences. A Markdown file is one test, so that only one process writes it."""
        from nixbridge.tools.evaluation_options import Options
        from nixbridge.tools.golden.case_check import check
        from nixbridge.tools.golden.text_report import describe
        from nixbridge.tools.golden.update import can_update, write_goldens
        from nixbridge.tools.inputs import open_cache

        if self.case.is_missing and self.case.source in (parts := parts_of(self.config)):
            pytest.skip(f"it is part of {parts[self.case.source]}")
        options = Options(allow=self.config.stash[FOLDERS])
        outcomes, _ = check(self.case, options, open_cache(options))
        if self.config.getoption("--nixbridge-update"):
            write_goldens([outcome for outcome in outcomes if can_update(outcome)])
        failed = [outcome for outcome in outcomes if outcome.failed]
        if failed:
            for outcome in failed:
                outcome.case.source = os.path.relpath(outcome.case.source, self.config.rootpath)
            raise Different("\n".join(describe(outcome) for outcome in failed))
        if outcomes and all(outcome.status in ("skipped", "unchecked") for outcome in outcomes):
            pytest.skip(outcomes[0].message)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the differences rather than a Python traceback."""
        if isinstance(excinfo.value, Different):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file of the test and its title, for the report."""
        return self.path, 0, f"{self.parent.name if self.parent else ''} against {self.name}"
