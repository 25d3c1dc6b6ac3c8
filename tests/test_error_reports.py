"""Whole error reports: fixtures/errors/X.nix must fail with the report in X.report, all lines of it.

`python -m tests.test_error_reports` writes the reports again; read the difference before committing it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import nixbridge
from nixbridge import NixError

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "errors"
SOURCES = sorted(FOLDER.glob("*.nix"))


def report_of(source: Path) -> str:
    """Return the report of a file that must fail, with `$FOLDER` for the folder of the fixtures."""
    try:
        value = nixbridge.evaluate_file(source, cache=False)
    except NixError as error:
        return error.report().replace(str(FOLDER), "$FOLDER").rstrip("\n") + "\n"
    raise AssertionError(f"{source.name} should fail, but its value is {value!r}")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_report_is_the_recorded_one(source: Path) -> None:
    assert report_of(source) == source.with_suffix(".report").read_text(encoding="utf-8")


def test_every_report_has_a_source() -> None:
    assert {path.stem for path in FOLDER.glob("*.report")} == {source.stem for source in SOURCES}


if __name__ == "__main__":
    for source in SOURCES:
        source.with_suffix(".report").write_text(report_of(source), encoding="utf-8")
