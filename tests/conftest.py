"""Fixtures that several test files share."""

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.golden_folder import Folder

#: As for the command (nixbridge/cli/start.py): each evaluation leaves more than CPython's own threshold of new objects, so that every
#: test would have a collection.
BEFORE_COLLECTION = 100_000


def pytest_collection_finish() -> None:
    """Leave the collected tests and all modules out of garbage collections: they stay to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(BEFORE_COLLECTION)


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
