"""Functions written in Python: how they are declared and what they are as values."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import TypeAlias, TypeVar

    from nixbridge.language.evaluation.globals import Services
    from nixbridge.language.runtime.values import Lazy, Value

    #: What `@primop` declares. Arguments come unforced, a result must be in weak head normal form.
    Run: TypeAlias = Callable[..., Value]
    Declared = TypeVar("Declared", bound=Run)


class Primop:
    """A built-in function of `arity` arguments. `run` takes them unforced and gives weak head normal form."""

    __slots__ = ("arity", "doc", "name", "run")

    def __init__(self, name: str, arity: int, run: Run, doc: str) -> None:
        self.name, self.arity, self.run, self.doc = name, arity, run, doc


class PrimopCall:
    """A primop that has some of its arguments, fewer than its arity."""

    __slots__ = ("arguments", "primop")

    def __init__(self, primop: Primop, arguments: tuple[Lazy, ...]) -> None:
        self.primop, self.arguments = primop, arguments


def primop(name: str, *, host: bool = False, services: bool = False) -> Callable[[Declared], Declared]:
    """Declare the function below as the Nix function `name`; arity and documentation are the function's own.

    Arguments come unforced, the result must be in weak head normal form. With `host=True` the function's first
    parameter is the Host (files, search path, environment, messages), which Nix code does not see; with `services=True`
    it is the Services of the evaluation (imports, kept positions, the debugger).
    """
    needs = "services" if services else "host" if host else ""

    def declare(run: Declared) -> Declared:
        vars(run)["__nix__"] = (name, needs)
        return run

    return declare


def declared_in(module: ModuleType) -> dict[str, tuple[Run, str]]:
    """Return the primops of a module in its order: name -> (function, `host` or `services` where it takes one, else "")."""
    found: dict[str, tuple[Run, str]] = {}
    for item in vars(module).values():
        declaration = getattr(item, "__nix__", None)
        if declaration is not None and item.__module__ == module.__name__:
            found[declaration[0]] = (item, declaration[1])
    return found


def as_value(name: str, run: Run, services: Services | None = None, needs: str = "") -> Primop:
    """Return the primop as a value, bound to `services` or to their host where it needs them."""
    arity = run.__code__.co_argcount - bool(needs)
    doc = run.__doc__ or ""
    if needs and services is not None:
        run = bound(run, services.host if needs == "host" else services, arity)
    return Primop(name, arity, run, doc)


def bound(run: Run, first: object, arity: int) -> Run:
    """Return `run` with its first argument put in, as a Python function (functools.partial would take C stack at each call)."""
    if arity == 1:
        return lambda a: run(first, a)
    if arity == 2:
        return lambda a, b: run(first, a, b)
    return lambda a, b, c: run(first, a, b, c)
