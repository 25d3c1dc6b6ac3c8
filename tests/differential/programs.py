"""Programs of several functions and values with names, which call one another: what a compiler that knows them might do too early.

Some parts trace that they are evaluated, so the order shows as well.
"""

from __future__ import annotations

from tests.differential.traced import Traced
from tests.differential.typed import SCALARS, Type


class Programs(Traced):
    """Expressions out of one seed."""

    def expression(self) -> str:
        """A `let` of a few definitions, and a list of what they give."""
        self.scope, self.fresh, self.traces = {}, 0, 0
        lines = []
        for number in range(self.picks.randint(2, 6)):
            name = f"n{number}"
            self.budget = self.picks.randint(4, 2 * self.size)
            kind, text = self.defined() if self.picks.random() < 0.65 else self.valued()
            lines.append(f"{name} = {text};")
            self.scope[name] = kind
        self.budget = 2 * self.size
        results = " ".join(self.of(self.type(1), 4) for _ in range(self.picks.randint(1, 3)))
        return f"let {' '.join(lines)} in [ {results} ]"

    def valued(self) -> tuple[Type, str]:
        """The type and the text of a value."""
        kind = self.type(2)
        return kind, self.of(kind, 4)

    def defined(self) -> tuple[Type, str]:
        """The type and the text of a function of one to three arguments."""
        arguments = [
            self.type(1) if self.picks.random() < 0.3 else self.picks.choice(SCALARS)
            for _ in range(self.picks.choice((1, 1, 2, 2, 3)))
        ]
        result = self.type(1)
        before = dict(self.scope)
        parameters = [f"p{number}" for number in range(len(arguments))]
        self.scope.update(zip(parameters, arguments, strict=True))
        body = self.of(result, 3)
        self.scope = before
        kind = result
        for argument in reversed(arguments):
            kind = ("fn", argument, kind)
        return kind, f"{' '.join(f'{name}:' for name in parameters)} {body}"

    def of(self, kind: Type, depth: int) -> str:
        """An expression of the type: a third of them calls of what has a name."""
        functions = [name for name, other in self.scope.items() if result_of(other) == kind]
        if functions and depth > 0 and self.budget > 0 and self.picks.random() < 0.35:
            self.budget -= 1
            name = self.picks.choice(functions)
            called, arguments = self.scope[name], []
            while called != kind:
                arguments.append(self.of(called[1], depth - 1))
                called = called[2]
            return f"({name} {' '.join(arguments)})"
        return super().of(kind, depth)


def result_of(kind: Type) -> Type:
    """Return what a function gives when it has all its arguments; no type for what is not a function."""
    if kind[0] != "fn":
        return ()
    while kind[0] == "fn":
        kind = kind[2]
    return kind
