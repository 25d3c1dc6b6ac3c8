"""A syntax tree to a Python code object."""

from __future__ import annotations

import ast
from _thread import allocate_lock, stack_size, start_new_thread

from nixbridge.errors.exceptions import LimitReached
from nixbridge.language.compiler import bindings, control, functions, literals, operators, selection, variables
from nixbridge.language.compiler import strictness as laziness
from nixbridge.language.compiler.emit import emit
from nixbridge.language.compiler.names import CONSTANT
from nixbridge.language.compiler.python_ast import function
from nixbridge.language.compiler.scope import Frame, GlobalNames, Mode, Scope, Unit
from nixbridge.language.syntax.ast import Node
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from nixbridge.language.function_info import Packed

#: What is nested less deeply is compiled on the stack that is there: each level takes some ten levels of Python's own tree.
DEEPEST_HERE = 60
#: Bytes of stack for what is nested more deeply; only what is used takes memory.
LARGE_STACK = 512 * 1024 * 1024

_one_at_a_time = allocate_lock()

#: The modules that fill the table of emitters.
EMITTERS = (bindings, control, functions, laziness, literals, operators, selection, variables)


class Compiled:
    """What a file becomes: code that gives a function of no argument, and the constants that the code refers to.

    `constants` are, by name, lists, dicts and scalars of folded data, or `("path", text)` for a path. `functions` is what is known of the
    functions in it, by parameter. All can be marshalled.
    """

    __slots__ = ("code", "constants", "functions")

    def __init__(self, code: CodeType, constants: dict[str, object], functions: dict[str, Packed]) -> None:
        self.code = code
        self.constants = constants
        self.functions = functions


def compile_tree(tree: Node, source: Source, global_names: GlobalNames, mode: Mode) -> Compiled:
    """The code of `tree`. Raises UndefinedVariable, or LimitReached for what is nested deeper than Python's compiler takes."""
    unit = Unit(source, global_names, mode)
    scope = Scope(Frame(unit, None), None)
    span = source.span(tree.start, tree.end)
    try:
        expression = ast.Expression(function(span, [], emit(tree, scope.inner())))
        code = (
            compiled(expression, source.name)
            if unit.deepest <= DEEPEST_HERE
            else compiled_apart(expression, source.name)
        )
    except RecursionError:
        raise LimitReached("the expression is nested too deeply to be compiled", source=source, span=span) from None
    return Compiled(code, unit.constants, unit.functions)


def compiled(expression: ast.Expression, name: str) -> CodeType:
    """The code of a Python expression."""
    code: CodeType = compile(expression, name, "eval", dont_inherit=True)
    return code


def compiled_apart(expression: ast.Expression, name: str) -> CodeType:
    """The same, in a thread of its own with a large stack: Python's compiler recurses in C, and would overflow a usual one."""
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
    """Return the global variables that `code` and the functions in it read, except its own constants."""
    found: set[str] = set()
    open_codes = [code]
    while open_codes:
        current = open_codes.pop()
        found.update(current.co_names)
        open_codes.extend(constant for constant in current.co_consts if constant.__class__ is code.__class__)
    return tuple(sorted(name for name in found if "." in name and not name.startswith(CONSTANT)))
