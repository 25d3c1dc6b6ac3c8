"""The table of what builtins force first is true: without it a thunk would be left out where Nix has one."""

from __future__ import annotations

import pytest

from nixbridge import NixError, evaluate
from nixbridge.language.builtins.registry import ARITIES, FORCES

#: A literal of each type that a builtin passes by.
LITERALS = {"function": "(x: x)", "string": '"a"', "index": "0", "start": "0"}
CASES = [
    pytest.param(name, passed, id=f"{name}-{order[passed][0]}")
    for name, order in FORCES.items()
    for passed in range(len(order))
]


@pytest.mark.parametrize(("name", "passed"), CASES)
def test_builtins_force_arguments_in_the_declared_order(name: str, passed: int) -> None:
    order = FORCES[name]
    arguments = ['(throw "too early")'] * ARITIES[name]
    for position, wanted in order[:passed]:
        arguments[position] = LITERALS[wanted]
    arguments[order[passed][0]] = '(throw "first")'
    # as a value the builtin is called by the runtime, which knows nothing of the table
    with pytest.raises(NixError, match=r"^first"):
        evaluate(f"let f = [ builtins.{name} ]; in builtins.head f {' '.join(arguments)}")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('let f = x: [ (builtins.length x) ]; in builtins.length (f (throw "no"))', 1),
        ('builtins.length [ (builtins.head [ ]) (map (throw "no") [ ]) ]', 2),
        ('(builtins.tryEval (builtins.map (x: x) (throw "x"))).success', False),
        ('builtins.length (map (x: throw "no") [ 1 2 ])', 2),
        ("let s = builtins.seq; in builtins.isFunction (s 1)", True),
    ],
    ids=["call-in-a-list", "elements", "caught", "function-unused", "partial"],
)
def test_laziness_is_unchanged(text: str, value: object) -> None:
    assert evaluate(text) == value
