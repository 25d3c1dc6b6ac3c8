"""Fixtures that several test files share."""

from __future__ import annotations

import gc
import itertools
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.golden_folder import Folder

#: New objects before a garbage collection. Collecting 12,000 tests makes millions that stay, and an evaluation tens of thousands: with
#: CPython's own threshold a quarter of the time is spent in looking through them.
BEFORE_COLLECTION = 1_000_000
_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Collect garbage less often."""
    gc.set_threshold(BEFORE_COLLECTION)


def pytest_collection_finish() -> None:
    """Leave the collected tests and all modules out of garbage collections: they stay to the end."""
    gc.freeze()


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own. Pytest's fixture looks for a free name among those of all tests, which takes longer with each."""
    folder = tmp_path_factory.getbasetemp() / f"test-{next(_numbers)}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(autouse=True)
def memory_limit_of_the_process() -> Iterator[None]:
    """Give back the limit of address space: a command that a test runs in this process lowers it, as it would its own."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to put sources into, beside which is worked: DEST is `out`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # no test takes the power away
    folder = tmp_path / "configs"
    folder.mkdir()
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Folder:
    """An empty folder to check."""
    return Folder(tmp_path, monkeypatch, capfd)
