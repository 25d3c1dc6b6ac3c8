"""Functions as values: calling whatever is callable in Nix, one at a time and over lists, what is known of a function, its formals."""

from __future__ import annotations

import sys

from nixbridge.errors.exceptions import EvalError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.function_info import info_of, trait_of
from nixbridge.language.name_order import in_nix_order
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.primop import Primop, PrimopCall
from nixbridge.language.runtime.printer import show_error, show_name
from nixbridge.language.runtime.selection import MISSING
from nixbridge.language.runtime.thunk import DEEPEST_VALUE, Thunk, force, settle, too_deep
from nixbridge.language.runtime.type_checks import expect_int, expect_list, expect_set
from nixbridge.language.runtime.values import FUNCTIONS, Curried2, Curried3, Function, Partial, code_of, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.function_info import FunctionInfo
    from nixbridge.language.runtime.values import Lambda, Lazy, Value


def call(function: Lazy, argument: Lazy, depth: int = 0) -> Value:
    """Return `function argument` in weak head normal form. The argument is passed as it is; raises EvalError for what cannot be called.

    `depth` counts functors of functors: a set that is its own `__functor` ends in LimitReached.
    """
    if type(function) is Thunk:
        function = force(function)
    if type(function) is Function:
        return function(argument)
    if type(function) is Curried2 or type(function) is Curried3:
        return Partial(function.run, (argument,), function.arity - 1)
    if type(function) is Partial:
        return function.apply(argument)
    if type(function) is Primop:
        return function.run(argument) if function.arity == 1 else PrimopCall(function, (argument,))
    if type(function) is PrimopCall:
        arguments = (*function.arguments, argument)
        if len(arguments) == function.primop.arity:
            return function.primop.run(*arguments)
        return PrimopCall(function.primop, arguments)
    if isinstance(function, dict) and "__functor" in function:
        if depth > DEEPEST_VALUE:
            raise too_deep()
        return call2(function["__functor"], function, argument, depth + 1)
    raise not_a_function(function)


def not_a_function(value: Lazy) -> EvalError:
    """Return the error of calling what cannot be called."""
    return EvalError(f"attempt to call something which is not a function but {type_name(value)}: {show_error(value)}")


def call2(function: Lazy, first: Lazy, second: Lazy, depth: int = 0) -> Value:
    """Return `function first second`; `depth` as in `call`."""
    if type(function) is Thunk:
        function = force(function)
    if type(function) is Curried2 or (type(function) is Primop and function.arity == 2):
        return function.run(first, second)
    return call(call(function, first, depth), second)


def is_function(value: Lazy) -> bool:
    """Return whether a forced value is a function to Nix (`builtins.isFunction`). Functors are not."""
    return type(value) in FUNCTIONS


def callable_of(function: Value) -> Callable[[Lazy], Value]:
    """Return a forced value that is called with one argument, as a Python function. Raises EvalError for what cannot be called."""
    if type(function) is Function:
        return function
    if type(function) is Primop and function.arity == 1:
        return function.run
    if type(function) is PrimopCall and len(function.arguments) == function.primop.arity - 1:
        return _completed(function.primop.run, function.arguments)
    if type(function) is Partial and function.arity == 1:
        return _completed(function.run, function.given)
    if type(function) in FUNCTIONS:
        return lambda argument: call(function, argument)
    if isinstance(function, dict) and "__functor" in function:
        functor = function["__functor"]
        return lambda argument: call2(functor, function, argument)
    raise not_a_function(function)


def _completed(run: Callable[..., Value], given: tuple[Lazy, ...]) -> Callable[[Lazy], Value]:
    """Return a Python function of the last argument, which the others wait for."""
    if len(given) == 1:
        first = given[0]
        return lambda argument: run(first, argument)
    return lambda argument: run(*given, argument)


def callable2_of(function: Value) -> Callable[[Lazy, Lazy], Value]:
    """Return a forced value that is called with two arguments, as a Python function of two."""
    if type(function) is Curried2 or (type(function) is Primop and function.arity == 2):
        return function.run
    first = callable_of(function)
    return lambda a, b: call(first(a), b)


def callable3_of(function: Value) -> Callable[[Lazy, Lazy, Lazy], Value]:
    """Return a forced value that is called with three arguments, as a Python function of three."""
    if type(function) is Curried3 or (type(function) is Primop and function.arity == 3):
        return function.run
    first = callable_of(function)
    return lambda a, b, c: call2(first(a), b, c)


#: A list with more elements is made only where there is memory for it: so many bytes an element, at the very least.
_LARGE_LIST, _ELEMENT = 1_000_000, 32

#: Characters of a string on which straight-line code is tried before its result is asked for: what doubles a string again and again
#: would never end.
LONGEST_TRIED = 1000


def attempt(run: Callable[[Lazy], Value], argument: Lazy) -> Value | MISSING:
    """Return what straight-line code gives for a number or a short string; MISSING for anything else, and where it fails.

    It fails again, with the same error, when its result is asked for.
    """
    kind = type(argument)
    if kind is int or (kind is str and len(argument) < LONGEST_TRIED):  # type: ignore[arg-type]
        try:
            return run(argument)
        except EvalError:
            return MISSING
    return MISSING


def attempt2(run: Callable[[Lazy, Lazy], Value], first: Lazy, second: Lazy) -> Value | MISSING:
    """Return the same of two arguments, each a number or a short string."""
    for argument in (first, second):
        kind = type(argument)
        if kind is not int and (kind is not str or len(argument) >= LONGEST_TRIED):  # type: ignore[arg-type]
            return MISSING
    try:
        return run(first, second)
    except EvalError:
        return MISSING


def each(items: Lazy, attempt: Callable[[Lazy], Lazy | MISSING], run: Callable[[Lazy], Value]) -> list[Lazy]:
    """Return what `map` gives with a function that has two: one that gives MISSING where its result takes an evaluation."""
    values = items if type(items) is list else expect_list(items)
    settle(values)
    # all the others are nearly always like the first one
    if not values or attempt(values[0]) is MISSING:
        return [Thunk(run, item) for item in values]
    return [Thunk(run, item) if (value := attempt(item)) is MISSING else value for item in values]


def each_index(length: Lazy, attempt: Callable[[Lazy], Lazy | MISSING], run: Callable[[Lazy], Value]) -> list[Lazy]:
    """Return what `genList` gives with such a function."""
    size = expect_size(length)
    if not size or attempt(0) is MISSING:
        return [Thunk(run, index) for index in range(size)]
    return [Thunk(run, index) if (value := attempt(index)) is MISSING else value for index in range(size)]


def expect_size(length: Lazy) -> int:
    """Return how many elements a list is to have. Raises EvalError for a negative number, MemoryError for what no memory holds."""
    size = expect_int(length)
    if size < 0:
        raise EvalError(f"cannot create list of size {size}")
    if size > _LARGE_LIST:
        refuse_impossible(size)
    return size


def refuse_impossible(size: int) -> None:
    """Raise MemoryError where no memory holds a list of this size; made one by one, its elements would first fill what there is."""
    if size > sys.maxsize // _ELEMENT:
        raise MemoryError
    bytes(size * _ELEMENT)  # reserved, not touched, and given back


def each_attribute(
    attrs: Lazy, attempt: Callable[[str, Lazy], Lazy | MISSING], run: Callable[[str, Lazy], Value]
) -> dict[str, Lazy]:
    """Return what `mapAttrs` gives with such a function of two arguments."""
    given = expect_set(attrs)
    result = {
        pair[0]: Thunk(lambda pair: run(pair[0], pair[1]), pair) if (value := attempt(*pair)) is MISSING else value
        for pair in given.items()
    }
    return AttrSet(result, None, given.origin) if isinstance(given, AttrSet) and given.origin else result


def describe(function: Lambda) -> FunctionInfo | None:
    """Return what is known of a compiled function; None for a Python function that no Nix text made."""
    return info_of(code_of(function), len(function.given) if type(function) is Partial else 0)


def file_of(function: Lambda) -> str:
    """Return the name of the file that a compiled function is in."""
    return code_of(function).__code__.co_filename


def place_of(function: Lambda) -> tuple[str, int, int] | None:
    """Return file name, line and column (from 1) of a compiled function; None for one that no Nix text made."""
    info = describe(function)
    return None if info is None else (file_of(function), info.line, info.column)


def formals_of(function: Lambda) -> dict[str, Lazy]:
    """Return formal -> has it a default? Empty for a function of a plain parameter. (Nix manual, builtins.functionArgs)"""
    info = describe(function)
    if info is None or info.formals is None:
        return {}
    if not info.places:
        return dict(info.formals)
    file = file_of(function)
    return AttrSet(dict(info.formals), {name: (file, *place) for name, place in info.places.items()})


def trait_of_value(function: Value) -> str:
    """Return the trait that the compiler has found in a function; empty where there is none."""
    if type(function) is Function:
        return trait_of(function)
    return trait_of(function.run) if type(function) is Curried2 else ""


def check_formals(
    argument: Lazy, required: tuple[str, ...], allowed: frozenset[str] | None, bound_to: str
) -> dict[str, Lazy]:
    """Return `argument`, forced, when a function of these formals can take it apart; else EvalError that names the formal."""
    given = expect_set(argument)
    for name in required:
        if name not in given:
            raise EvalError(f"function '{bound_to or 'anonymous lambda'}' called without required argument '{name}'")
    if allowed is not None and not given.keys() <= allowed:
        name = next(name for name in in_nix_order(given) if name not in allowed)
        raise EvalError(
            f"function '{bound_to or 'anonymous lambda'}' called with unexpected argument '{show_name(name)}'",
            hint=did_you_mean(name, sorted(allowed)),
        )
    return given
