"""Each row of fixtures/builtins: the value, or the error, that real Nix gave."""

from __future__ import annotations

import json

import pytest

from nixbridge import NixError, evaluate
from tests.builtin_rows import FOLDER, TREE, Row, rows_of

ROWS = [
    pytest.param(row, id=f"{path.stem}-{number}")
    for path in sorted(FOLDER.glob("*.jsonl"))
    for number, row in enumerate(rows_of(path), 1)
]


@pytest.mark.parametrize("row", ROWS)
def test_a_builtin_gives_what_nix_gives(row: Row) -> None:
    wanted = row.get("refused") or row.get("message") or row.get("error")
    if wanted is None:
        # as text: 1 is not 1.0
        assert json.dumps(evaluate(row["expr"], base=TREE)) == json.dumps(row["json"]), row["expr"]
    else:
        with pytest.raises(NixError) as caught:
            evaluate(row["expr"], base=TREE)
        assert first_line(caught.value) == wanted, row["expr"]


def first_line(error: NixError) -> str:
    """The message's first line as it would be printed."""
    text = error.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text.split("\n")[0].strip().replace(str(TREE), "$TREE")
