"""Releases are judged by the meshes' own calendars."""

from __future__ import annotations

from datetime import date

import pytest

from nixbridge.mesh.tables.release_calendar import CALENDARS, status_of

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("product", "release", "status"),
    [
        ("Istio", "1.32", "supported"),
        ("Istio", "1.30", "supported"),
        ("Istio", "1.29", "end of life"),
        ("Istio", "1.17", "end of life"),
        ("Istio", "1.4", "end of life"),
        ("Istio", "1.99", "unknown"),
        ("Linkerd", "2.20", "supported"),
        ("Linkerd", "2.14", "end of life"),
        ("Linkerd", "3.0", "unknown"),
    ],
    ids=lambda value: str(value).replace(" ", "-"),
)
def test_a_release_has_its_status(product: str, release: str, status: str) -> None:
    assert status_of(product, release, TODAY)[0] == status


def test_releases_are_in_order_and_end_after_they_begin() -> None:
    for calendar in CALENDARS.values():
        dates = [begin for begin, _ in calendar.values() if begin is not None]
        assert dates == sorted(dates)
        assert all(begin < end for begin, end in calendar.values() if begin is not None and end is not None)
