"""Quantities of Kubernetes are read alike wherever they stand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from nixbridge.mesh.model.quantities import amount

AMOUNTS = {
    "thousandths": ("100m", Fraction(1, 10)),
    "powers-of-two": ("256Mi", 256 * 2**20),
    "powers-of-ten": ("1k", 1000),
    "exponent": ("12e2", 1200),
    "fraction": ("0.5", Fraction(1, 2)),
    "point-first": (".5", Fraction(1, 2)),
    "point-last": ("2.", 2),
    "number": (2, 2),
    "words": ("2 cores", None),
    "unknown-suffix": ("1Q", None),
    "boolean": (True, None),
    "too-long": ("1" * 100, None),
    "huge-exponent": ("1e999999999", None),
}


@pytest.mark.parametrize(("text", "wanted"), AMOUNTS.values(), ids=AMOUNTS)
def test_a_quantity_is_a_number(text: object, wanted: object) -> None:
    assert amount(text) == wanted
