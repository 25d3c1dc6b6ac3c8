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
        assert caught.value.message.splitlines()[0].replace(str(TREE), "$TREE") == wanted, row["expr"]
