"""Functions written in Python: how they are declared and what they are as values."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


class Primop:
    """A built-in function of `arity` arguments. `run` takes them unforced and gives weak head normal form."""

    __slots__ = ("arity", "doc", "name", "run")

    def __init__(self, name: str, arity: int, run: Callable[..., Any], doc: str) -> None:
        self.name, self.arity, self.run, self.doc = name, arity, run, doc


class PrimopCall:
    """A primop that has some of its arguments, fewer than its arity."""

    __slots__ = ("arguments", "primop")

    def __init__(self, primop: Primop, arguments: tuple[Any, ...]) -> None:
        self.primop, self.arguments = primop, arguments


def primop(name: str, *, host: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the function below as the Nix function `name`; arity and documentation are the function's own.

    Arguments come unforced, the result must be in weak head normal form. With `host=True` the function's first
    parameter is the Host (files, search path, environment, messages), which Nix code does not see.
    """

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        run.__nix__ = (name, host)  # type: ignore[attr-defined]
        return run

    return declare


def declared_in(module: ModuleType) -> dict[str, tuple[Callable[..., Any], bool]]:
    """The primops that a module declares: name -> (function, whether it takes the host), in the order of the file."""
    found: dict[str, tuple[Callable[..., Any], bool]] = {}
    for item in vars(module).values():
        declaration = getattr(item, "__nix__", None)
        if declaration is not None and item.__module__ == module.__name__:
            found[declaration[0]] = (item, declaration[1])
    return found


def as_value(name: str, run: Callable[..., Any], host: Any = None, *, takes_host: bool = False) -> Primop:
    """The primop as a value, bound to `host` where it takes one."""
    arity = run.__code__.co_argcount - takes_host
    return Primop(name, arity, bound(run, host, arity) if takes_host else run, run.__doc__ or "")


def bound(run: Callable[..., Any], host: Any, arity: int) -> Callable[..., Any]:
    """`run` with the host put in, as a Python function (functools.partial would take C stack at each call)."""
    if arity == 1:
        return lambda a: run(host, a)
    if arity == 2:
        return lambda a, b: run(host, a, b)
    return lambda a, b, c: run(host, a, b, c)
