"""Typed expressions that trace what they evaluate: is it the same, in the same order, and as often?"""

from __future__ import annotations

from tests.differential.typed import Type, TypedExpressions

#: Of the operands of `+`, Nix looks at a set in front before it evaluates the other.
ANOTHER_ORDER = "{ outPath = @string; } + @string"
#: Nix evaluates both operands of a failed `assert a == b` once more, to explain how they differ.
EVALUATED_AGAIN = "(builtins.tryEval (assert @bool; @U)).success"


class Traced(TypedExpressions):
    """Expressions out of one seed, in which every third part says when it is evaluated."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, mistakes=0)
        self.traces = 0

    def expression(self) -> str:
        self.traces = 0
        return super().expression()

    def forms(self, kind: Type) -> list[str]:
        return [form for form in super().forms(kind) if form not in (ANOTHER_ORDER, EVALUATED_AGAIN)]

    def of(self, kind: Type, depth: int) -> str:
        text = super().of(kind, depth)
        if self.picks.random() < 0.7:
            return text
        self.traces += 1
        return f'(builtins.trace "t{self.traces}" {text})'
