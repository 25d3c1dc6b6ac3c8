"""A syntax tree to Python code: the file at once, its regions one by one when they are first needed.

Most of what a real configuration imports never runs, and making code is what takes the time. So the resolve pass reads the whole file, and
finds its mistakes, while the code of large functions and thunks waits for the first use. Their trees go when their code is there.
"""

from __future__ import annotations

import _ast as ast
import sys
from _thread import allocate_lock, stack_size, start_new_thread

from nixbridge.errors.exceptions import TooDeep
from nixbridge.language.compiler import (
    attempts,
    bindings,
    control,
    functions,
    literals,
    operators,
    selection,
    variables,
)
from nixbridge.language.compiler.emit import emit, make_thunks, no_place, stubs_of, unpacked
from nixbridge.language.compiler.frame import Frame, Unit
from nixbridge.language.compiler.functions import whole_function
from nixbridge.language.compiler.names import CONSTANT, FILE
from nixbridge.language.compiler.python_ast import function
from nixbridge.language.compiler.regions import SMALL_TEXT
from nixbridge.language.compiler.repeats import Repetition
from nixbridge.language.compiler.resolver import resolve
from nixbridge.language.compiler.templates import gap, row_of_regions, shape_of
from nixbridge.language.syntax.ast import Lambda, Node, Repeated
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable
    from types import CodeType

    from nixbridge.language.compiler.binding import GlobalNames
    from nixbridge.language.compiler.cache import Copy, Part
    from nixbridge.language.compiler.frame import Mode, Stub

#: What is nested less deeply is compiled on the stack that is there: each level takes some ten levels of Python's own tree.
DEEPEST_HERE = 30
#: Bytes of stack for what is nested more deeply; only what is used takes memory. Regions bound the depth: see resolver.py.
LARGE_STACK = 64 * 1024 * 1024

_one_at_a_time = allocate_lock()

#: The modules that fill the table of emitters.
EMITTERS = (attempts, bindings, control, functions, literals, operators, selection, variables)


class FileCompiler:
    """The compiler of one file. Raises UndefinedVariable for a name that has no meaning anywhere in it."""

    def __init__(self, root: Node, source: Source, global_names: GlobalNames, mode: Mode) -> None:
        self.source = source
        self.globals = global_names
        self.mode = mode
        self.found = resolve(root, source, global_names, fold=not mode.positions)
        self.root: Node | None = root
        self.stubs: dict[int, Stub] = {}
        #: The templates made so far: number and first line by what is the same in all their copies, and their code by number.
        self._known_shapes: dict[Hashable, tuple[int, int]] = {}
        self.templates: dict[int, Part] = {}

    def file(self) -> Part:
        """Return the code of the file: a function of no argument."""
        return self.part(*self.emit_file())

    def region(self, number: int) -> Part | Copy:
        """Return the code of a region: a function of what its stub captured; of a function's region, the function itself.

        Or a copy of a template, which is in `templates` then.
        """
        self.reach(number)
        stub = self.stubs[number]
        if stub.node.__class__ is Repeated:
            return self.repeated_region(stub, number)
        return self.made_region(stub, number)

    def repeated_region(self, stub: Stub, number: int) -> Part | Copy:
        """Return the code of a region that is written like others."""
        node, found = stub.node, self.found
        known = found.alike.pop(node, None)
        if known is None:
            stub.node = found.desugared.pop(node)
            return self.made_region(stub, number)
        assert isinstance(node, Repeated)
        repetition = Repetition(node, stub, known, self.source)
        template = self._known_shapes.get(repetition.key)
        if template is None:
            stub.node = known.tree(node, self.source, found)
            made = self.made_region(stub, number)
            if len(made) == 3:
                self._known_shapes[repetition.key] = made[0], repetition.line - made[2]
            return made
        del self.stubs[number]
        return template[0], repetition.values, repetition.line - template[1]

    def made_region(self, stub: Stub, number: int) -> Part | Copy:
        """Return the code of a region that there is a tree of."""
        row = self.row(stub)
        if row is not None:
            return self.row_of_thunks(row, number)
        shape = shape_of(stub, self.found, self.source) if self.may_be_copied(stub) else None
        if shape is None:
            return self.part(*self.emit_region(number))
        values = shape.values()
        known = self._known_shapes.get(shape.key)
        if known is None:
            known = self._known_shapes[shape.key] = -1 - number, shape.line
            shape.leave_gaps()
            self.templates[known[0]] = self.part(*self.emit_region(number))
        else:
            del self.stubs[number]
        return known[0], values, shape.line - known[1]

    def may_be_copied(self, stub: Stub) -> bool:
        """Return whether the code of a region may serve for others: not if it runs again and again, which it is made for."""
        # with positions kept, sets know more than their text has
        return stub.once and not self.mode.positions

    def row(self, stub: Stub) -> list[tuple[str, Node]] | None:
        """Return the entries of a region that is a set of nothing but thunks, which share what they capture; None for others."""
        return row_of_regions(stub.node, self.found) if self.may_be_copied(stub) else None

    def row_of_thunks(self, row: list[tuple[str, Node]], number: int) -> Copy:
        """Return the code of a set of nothing but thunks: a template whose one gap is their names and numbers."""
        stub = self.stubs[number]
        unit, frame, numbers, captured = self.stubs_of_row(row, number)
        key = (*stub.captured, None, *captured)
        known = self._known_shapes.get(key)
        if known is None:
            known = self._known_shapes[key] = -1 - number, 0
            span = no_place(frame.span(stub.node))
            made = unpacked(stub.captured, make_thunks(gap(0), captured, span), span)
            self.templates[known[0]] = self.part(unit, made, stub.node)
        return known[0], (numbers,), 0

    def stubs_of_row(
        self, row: list[tuple[str, Node]], number: int
    ) -> tuple[Unit, Frame, tuple[tuple[str, int], ...], list[str]]:
        """Make the stubs of such a row; returns also their names and numbers, and what they capture."""
        stub = self.stubs.pop(number)
        unit = Unit(stub.node, self.source, self.globals, self.found, self.mode, number)
        frame = Frame(unit, once=stub.once, forced=stub.forced)
        numbers, captured = stubs_of(row, frame)
        self.stubs.update(unit.stubs)
        return unit, frame, numbers, captured

    def reach(self, number: int) -> None:
        """Make the stub of a region, where the code around it came out of the cache: by making that code once more.

        The same way as `region` made it: it passes what a stub captures in that order.
        """
        around: list[int] = []
        outer = number
        while outer not in self.stubs and outer != -1:
            outer = self.found.outer[outer]
            around.append(outer)
        for outer in reversed(around):
            if outer == -1:
                self.emit_file()
            elif outer in self.stubs:  # else it was too small to be a region
                row = self.row(self.stubs[outer])
                if row is None:
                    self.emit_region(outer)
                else:
                    self.stubs_of_row(row, outer)

    def emit_file(self) -> tuple[Unit, ast.expr, Node]:
        root, self.root = self.root, None
        assert root is not None
        unit = Unit(root, self.source, self.globals, self.found, self.mode)
        span = self.source.span(root.start, root.end)
        made = function(span, [], emit(root, Frame(unit, once=self.found.on_demand)))
        self.stubs.update(unit.stubs)
        return unit, made, root

    def emit_region(self, number: int) -> tuple[Unit, ast.expr, Node]:
        stub = self.stubs.pop(number)
        unit = Unit(stub.node, self.source, self.globals, self.found, self.mode, number)
        frame = Frame(unit, once=stub.once, forced=stub.forced)
        span = frame.span(stub.node)
        node = stub.node
        if isinstance(node, Lambda):
            body = whole_function(node, frame, stub.bound_to, stub.captured)
            made = function(span, stub.captured, body)
        else:
            made = unpacked(stub.captured, emit(node, frame), span)
        self.stubs.update(unit.stubs)
        return unit, made, node

    def part(self, unit: Unit, made: ast.expr, node: Node) -> Part:
        """Return the code of a Python function, with what it needs. Raises LimitReached where it is nested too deeply for Python."""
        expression = ast.Expression(made)
        compiler = compiled if unit.deepest <= DEEPEST_HERE else compiled_apart
        try:
            code = function_in(compiler(expression, self.source.name))
        except RecursionError:
            message = "the expression is nested too deeply to be compiled"
            span = self.source.span(node.start, node.end)
            raise TooDeep(message, source=self.source, span=span) from None
        if unit.number != -1 and isinstance(node, Lambda):
            code = function_in(code)
        return code, unit.constants, global_variables(code), unit.functions


def tree_of(source: Source, mode: Mode) -> Node:
    """Return the tree of a source as this compiler takes it. Raises NixSyntaxError."""
    # a small text is compiled as a whole, and with positions kept, sets know more than their text has
    return parse(source, repeated=len(source.text) >= SMALL_TEXT and not mode.positions)


def function_in(code: CodeType) -> CodeType:
    """Return the code of the function that `code` makes and does nothing else."""
    return next(constant for constant in code.co_consts if constant.__class__ is code.__class__)


def compiled(expression: ast.Expression, name: str) -> CodeType:
    """Return the code of a Python expression."""
    code: CodeType = compile(expression, name, "eval", dont_inherit=True)
    return code


def compiled_apart(expression: ast.Expression, name: str) -> CodeType:
    """Return the same, from a thread of its own with a large stack: Python's compiler recurses in C, and would overflow a usual one."""
    if (
        sys.platform == "emscripten"
    ):  # a browser's Python starts no threads, and its compiler finds the end of the stack
        return compiled(expression, name)
    result: list[CodeType | BaseException] = []
    done = allocate_lock()
    done.acquire()

    def work() -> None:
        try:
            result.append(compiled(expression, name))
        except BaseException as error:
            result.append(error)
        finally:
            done.release()

    with _one_at_a_time:  # the size belongs to the whole process
        before = stack_size(LARGE_STACK)
        try:
            start_new_thread(work, ())
        except RuntimeError:  # "can't start new thread"
            raise MemoryError from None
        finally:
            stack_size(before)
    done.acquire()
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]


def global_variables(code: CodeType) -> tuple[str, ...]:
    """Return the global variables that `code` and the functions in it read, except those that the file makes itself."""
    found: set[str] = set()
    open_codes = [code]
    while open_codes:
        current = open_codes.pop()
        found.update(current.co_names)
        open_codes.extend(constant for constant in current.co_consts if constant.__class__ is code.__class__)
    return tuple(sorted(name for name in found if "." in name and not name.startswith((CONSTANT, FILE))))
