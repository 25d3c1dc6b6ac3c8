"""Golden files as tests of pytest: `nixbridge_golden = ["configs"]` in the ini file, or `--nixbridge DIR`.

Each golden file is a test of its own, with the differences as its failure; one that is missing or stale is a test that fails.
`--nixbridge-update` accepts what is evaluated now. Works under pytest-xdist.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from nixbridge.tools.golden.pairs import Case

#: The folders that are opted in.
FOLDERS = pytest.StashKey[tuple[str, ...]]()
#: The cases of each folder that was looked at, by their source.
CASES = pytest.StashKey[dict[str, dict[str, list["Case"]]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options and the ini value of the plug-in."""
    group = parser.getgroup("nixbridge", "golden files of Nix configurations")
    group.addoption("--nixbridge", action="append", default=[], metavar="DIR", help="check the golden files in DIR")
    group.addoption(
        "--nixbridge-update", action="store_true", help="write what is evaluated now into golden files that differ"
    )
    parser.addini("nixbridge_golden", "folders whose golden files are tests", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Folders named on the command line are looked through, those of the ini file where pytest was not told what to run."""
    named = [os.path.abspath(folder) for folder in config.getoption("--nixbridge")]
    ini = [os.path.abspath(config.rootpath / folder) for folder in config.getini("nixbridge_golden")]
    config.stash[FOLDERS] = tuple(map(os.path.realpath, named + ini))
    config.stash[CASES] = {}
    told = config.args_source is pytest.Config.ArgsSource.ARGS
    config.args.extend(folder for folder in (named if told else named + ini) if folder not in config.args)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A collector for each source, Markdown file or stale golden file below one of the folders."""
    folders = parent.config.stash[FOLDERS]
    if not folders:
        return None
    folder = os.path.realpath(file_path.parent)
    if not any(folder == one or folder.startswith(one + os.sep) for one in folders):
        return None
    cases = cases_of(folder, parent.config).get(file_path.name)
    return GoldenSource.from_parent(parent, path=file_path, cases=cases) if cases else None


def cases_of(folder: str, config: pytest.Config) -> dict[str, list[Case]]:
    """The cases of a folder by the name of their source. Every folder is looked at once."""
    from nixbridge.tools.golden.pairs import Finder, names_in

    known = config.stash[CASES]
    if folder not in known:
        known[folder] = {}
        for case in Finder().folder(folder, names_in(folder)):
            known[folder].setdefault(os.path.basename(case.source), []).append(case)
    return known[folder]


class GoldenSource(pytest.File):
    """A Nix or Markdown file and its golden files."""

    def __init__(self, *, cases: list[Case], **keywords: Any) -> None:
        super().__init__(**keywords)
        self.cases = cases

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each golden file of the source, for one that is missing, and for one without a source."""
        for case in self.cases:
            name = os.path.basename(case.golden) if case.golden else case.problem[0] if case.problem else case.format
            yield GoldenTest.from_parent(self, name=name, case=case)


class Different(Exception):
    """A golden test that failed."""


class GoldenTest(pytest.Item):
    """One source against one golden file."""

    def __init__(self, *, case: Case, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case = case
        #: Plug-ins that know functions only ask every item for its fixtures.
        self.funcargs: dict[str, Any] = {}

    def runtest(self) -> None:
        """Checks the case; with --nixbridge-update, writes what differs. A Markdown file is one test: it is written by one process."""
        from nixbridge.tools.golden.case_check import check
        from nixbridge.tools.golden.text_report import describe
        from nixbridge.tools.golden.update import can_update, write_goldens
        from nixbridge.tools.inputs import open_cache
        from nixbridge.tools.options import Options

        options = Options(allow=self.config.stash[FOLDERS])
        outcomes, _ = check(self.case, options, open_cache(options))
        if self.config.getoption("--nixbridge-update"):
            write_goldens([outcome for outcome in outcomes if can_update(outcome)])
        failed = [outcome for outcome in outcomes if outcome.failed]
        if failed:
            for outcome in failed:
                outcome.case.source = os.path.relpath(outcome.case.source, self.config.rootpath)
            raise Different("\n".join(describe(outcome) for outcome in failed))
        if outcomes and all(outcome.status == "skipped" for outcome in outcomes):
            pytest.skip(outcomes[0].message)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The differences, not a Python traceback."""
        if isinstance(excinfo.value, Different):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test comes from, for the report."""
        return self.path, 0, f"{self.parent.name if self.parent else ''} against {self.name}"
