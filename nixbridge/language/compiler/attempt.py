"""An attempt: an expression that may be computed before it is asked for, with the tests that say at run time whether it may."""

from __future__ import annotations

import _ast as ast

from nixbridge.language.compiler.binding import Local, meaning
from nixbridge.language.compiler.names import DICT, STR, THUNK
from nixbridge.language.compiler.python_ast import (
    IS,
    IS_NOT,
    assign,
    call,
    class_of,
    compare,
    constant,
    item,
    name,
)
from nixbridge.language.syntax import ast as tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.frame import Frame
    from nixbridge.source import Span

#: An expression of more operands than this is a thunk: each is a test, and its code is emitted twice.
MOST_OPERANDS = 12
#: A string is joined at once where each part is shorter than this. What nobody asks for must cost no more than a constant.
LONGEST_PART = 1_000


class Attempt:
    """An expression that may be computed at once: the tests that say whether it may, in order."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.tests: list[ast.expr] = []
        self.operands = 0
        #: (Python variable, class, or attribute and class) -> the variable that holds what was tested.
        self._tested: dict[tuple[str, ...], str] = {}

    def is_too_long(self) -> bool:
        """Count an operand; return whether there are too many by now."""
        self.operands += 1
        return self.operands > MOST_OPERANDS

    def test_class(self, span: Span, python: str, wanted: str) -> None:
        """Demand that the variable is of this class, and a string short; each is tested once."""
        if (python, wanted) not in self._tested:
            self._tested[python, wanted] = python
            self.demand(span, name(span, python), python, wanted)

    def demand(self, span: Span, value: ast.expr, python: str, wanted: str) -> None:
        """Demand that `value`, which `python` then holds, is of this class; where that is THUNK, that it is not."""
        if wanted == THUNK:
            self.tests.append(compare(span, class_of(span, value), IS_NOT, name(span, wanted)))
            return
        self.tests.append(compare(span, class_of(span, value), IS, name(span, wanted)))
        if wanted == STR:
            length = call(span, "nix.len", name(span, python))
            self.tests.append(compare(span, length, ast.Lt(), constant(span, LONGEST_PART)))

    def attribute(self, node: tree.Select, wanted: str) -> str | None:
        """Return the variable that holds an attribute of this class, of a set that is there; nothing else is looked at."""
        python = available(node.subject, self.frame)
        key = node.path[0]
        if python is None or node.default is not None or len(node.path) != 1 or not isinstance(key, str):
            return None
        held = self._tested.get((python, key, wanted))
        if held is None:
            span = self.frame.unit.source.span(*node.spans[0])
            self.test_class(span, python, DICT)
            self.tests.append(compare(span, constant(span, key), ast.In(), name(span, python)))
            held = self._tested[python, key, wanted] = self.frame.temporary()
            there = assign(span, held, item(span, name(span, python), constant(span, key)))
            self.demand(span, there, held, wanted)
        return held


def available(node: tree.Node, frame: Frame) -> str | None:
    """Return the Python variable that holds what a variable of Nix is, when it is assigned already."""
    binding = meaning(node) if isinstance(node, tree.Variable) else None
    if not isinstance(binding, Local):
        return None
    alias = frame.alias(binding)
    if alias is not None:
        return alias
    return None if frame.awaits(binding) else binding.python
