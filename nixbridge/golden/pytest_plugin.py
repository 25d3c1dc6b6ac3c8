"""Golden files as tests of pytest: `nixbridge_golden = ["configs"]` in the ini file, or `--nixbridge DIR`.

Each golden file is a test of its own, with the differences as its failure; `--nixbridge-update` accepts what is evaluated now.
Works under pytest-xdist.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from nixbridge.golden.outcome import Outcome
    from nixbridge.golden.pairs import Case


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options and the ini value of the plug-in."""
    group = parser.getgroup("nixbridge", "golden files of Nix configurations")
    group.addoption("--nixbridge", action="append", default=[], metavar="DIR", help="check the golden files in DIR")
    group.addoption(
        "--nixbridge-update", action="store_true", help="write what is evaluated now into golden files that differ"
    )
    parser.addini("nixbridge_golden", "folders whose golden files are tests", type="args", default=[])


def folders(config: pytest.Config) -> list[Path]:
    """The folders that the user named, those of the ini file from its own place."""
    named = [Path(os.path.abspath(folder)) for folder in config.getoption("--nixbridge")]
    return named + [(config.rootpath / folder).resolve() for folder in config.getini("nixbridge_golden")]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A collector for each source below one of the folders."""
    if file_path.suffix not in (".nix", ".md"):
        return None
    path = file_path.resolve()
    if any(path.is_relative_to(folder) for folder in folders(parent.config)):
        return GoldenSource.from_parent(parent, path=file_path)
    return None


def pytest_configure(config: pytest.Config) -> None:
    """The folders that the user named are looked through, wherever the tests are."""
    for folder in folders(config):
        if str(folder) not in config.args:
            config.args.append(str(folder))


class GoldenSource(pytest.File):
    """A Nix or Markdown file and its golden files."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each golden file of the source, and one for a golden file that is missing."""
        from nixbridge.golden.pairs import find_cases

        folder = os.path.dirname(str(self.path))
        for case in find_cases([folder]):
            if os.path.abspath(case.source) == str(self.path) or (case.golden and case.source == str(self.path)):
                name = os.path.basename(case.golden) if case.golden else case.format
                yield GoldenTest.from_parent(self, name=name, case=case)


class Different(Exception):
    """A golden test that failed."""


class GoldenTest(pytest.Item):
    """One source against one golden file."""

    def __init__(self, *, case: Case, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case = case

    def runtest(self) -> None:
        """Checks the case; with --nixbridge-update, writes what differs."""
        from nixbridge.compiler.cache import CodeCache, cache_folder
        from nixbridge.evaluator.session import Options
        from nixbridge.golden.check import check
        from nixbridge.golden.report import describe
        from nixbridge.golden.update import can_update, update

        outcomes, _ = check(self.case, Options(), CodeCache(cache_folder()))
        failed: list[Outcome] = []
        for outcome in outcomes:
            if outcome.failed and self.config.getoption("--nixbridge-update") and can_update(outcome):
                update(outcome)
            elif outcome.failed:
                failed.append(outcome)
        if failed:
            raise Different("\n".join(describe(outcome) for outcome in failed))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The differences, not a Python traceback."""
        if isinstance(excinfo.value, Different):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test comes from, for the report."""
        return self.path, self.case.block, f"{self.case.name} against {self.name}"
