"""Python functions as Nix functions, and Python data that has some in it as Nix values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nixbridge.errors.exceptions import EvalError, NixError
from nixbridge.language.formats.document import to_document
from nixbridge.language.formats.plain_data import check_nesting, nix_value

if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Lazy, Value

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def value_with_functions(data: object, name: str, host: Callable[[], Host]) -> Value:
    """Return data, in which functions may be, as a Nix value. `host` is asked for when a function is called.

    Raises EvalError that names the part which cannot be a Nix value.
    """
    try:
        check_nesting(data)
    except ValueError as error:
        raise EvalError(f"{name}: {error}") from None
    return _value(data, name, host)


def _value(data: object, name: str, host: Callable[[], Host]) -> Value:
    if callable(data):
        return nix_function(data, name, host)
    if isinstance(data, Mapping) and any(map(_may_hold_a_function, data.values())):
        return {str(key): _value(item, f"{name}[{key!r}]", host) for key, item in data.items()}
    if isinstance(data, (list, tuple)) and any(map(_may_hold_a_function, data)):
        return [_value(item, f"{name}[{index}]", host) for index, item in enumerate(data)]
    return nix_value(data, name)


def _may_hold_a_function(data: object) -> bool:
    return callable(data) or isinstance(data, (Mapping, list, tuple))


def nix_function(function: Callable[..., Any], name: str, host: Callable[[], Host]) -> Value:
    """Return a Python function as a curried Nix function of as many arguments as it has positional parameters.

    It gets its arguments as plain data, completely evaluated, and returns plain data. What it raises is an EvalError, whose cause is
    the exception. Raises TypeError for a function without a positional parameter.
    """
    parameters = inspect.signature(function).parameters.values()
    count = sum(parameter.kind in _POSITIONAL for parameter in parameters)
    if not count:
        raise TypeError(f"{name}: a Nix function takes an argument; this one has no positional parameter")

    def call(values: Sequence[Lazy]) -> Value:
        data = [to_document(value, host()) for value in values]
        try:
            result = function(*data)
        except NixError:
            raise
        except Exception as error:
            raise EvalError(f"{name}: {type(error).__name__}: {error}") from error
        return value_with_functions(result, f"the result of {name}", host)

    def taking(values: tuple[Lazy, ...]) -> Callable[[Lazy], Value]:
        if len(values) + 1 == count:
            return lambda value: call((*values, value))
        return lambda value: taking((*values, value))

    return taking(())
