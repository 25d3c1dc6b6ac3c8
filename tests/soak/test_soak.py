"""A short soak in each run of the tests; `python -m tests.soak` is the long one."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.soak import editing, evaluations, watching
from tests.soak.footprint import growth

#: Bytes that a run may grow by which is over before the caches are full.
SLACK = 64 * 1024**2

WITH_LSP = pytest.mark.skipif(find_spec("pygls") is None, reason="the extra lsp is not installed")


@pytest.mark.parametrize(
    ("soak", "rounds"),
    [
        pytest.param(evaluations.soak, 600, id="evaluations in eight threads"),
        pytest.param(watching.soak, 6, id="changes that check --watch sees"),
        pytest.param(editing.soak, 60, marks=WITH_LSP, id="edits sent to the language server"),
    ],
)
def test_nothing_grows_and_every_answer_is_right(soak: evaluations.Soak, rounds: int) -> None:
    taken, problems = soak(rounds, 60)
    assert problems == []
    assert growth(taken, SLACK) == []
