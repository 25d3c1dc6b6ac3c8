"""Plain Python data, as passed by callers of the library, as Nix values."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.interpreter import run_with_depth
from nixbridge.language.runtime.number import LARGEST, SMALLEST
from nixbridge.language.runtime.thunk import DEEPEST_VALUE
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def check_nesting(data: object) -> None:
    """Raise ValueError for data that contains itself or is nested deeper than DEEPEST_VALUE."""
    # on a stack of its own: callers' data may be nested deeper than Python's stack is
    open_containers: list[tuple[int, Iterator[Any]]] = []
    open_ids: set[int] = set()
    current = data
    while True:
        inner = _inner(current)
        if inner is not None:
            if id(current) in open_ids:
                raise ValueError("the data contains itself")
            if len(open_containers) >= DEEPEST_VALUE:
                raise ValueError(f"the data is nested deeper than {DEEPEST_VALUE} levels")
            open_ids.add(id(current))
            open_containers.append((id(current), iter(inner)))
        while open_containers:
            try:
                current = next(open_containers[-1][1])
                break
            except StopIteration:
                open_ids.discard(open_containers.pop()[0])
        else:
            return


def _inner(data: object) -> Any:
    """Return the values in a container; None for an empty one and for other values."""
    if isinstance(data, (str, int, float)) or not data:
        return None
    return data.values() if hasattr(data, "values") else data if isinstance(data, (list, tuple)) else None


def nix_value(data: object, name: str) -> Value:
    """Return the Nix value of plain data. Raises EvalError that says which part, as `name['key'][0]`, cannot be one."""
    try:
        check_nesting(data)
    except ValueError as error:
        raise EvalError(f"{name}: {error}") from None
    return run_with_depth(3 * DEEPEST_VALUE, _Converter(name).value, data)


class _Converter:
    """Converter of one value; `path` are the keys and indices of the current part."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path: list[str | int] = []

    def value(self, data: object) -> Value:
        """Return a copy with Nix values only; only containers need a conversion."""
        if data is None or isinstance(data, (bool, float)):
            return data
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, int):
            if not SMALLEST <= data <= LARGEST:
                raise self.refusal(f"{data} does not fit into 64 bits")
            return int(data)
        if isinstance(data, (list, tuple)):
            return self.items(data)
        if hasattr(data, "keys") and hasattr(data, "__getitem__"):
            return self.attributes(data)
        raise self.refusal(
            f"a value of Python's type {type(data).__name__} is not a Nix value; use dict, list, str, int, float, bool or None"
        )

    def items(self, data: Any) -> list[Lazy]:
        """Return a list, its elements converted."""
        converted: list[Lazy] = []
        for index, item in enumerate(data):
            self.path.append(index)
            converted.append(self.value(item))
            self.path.pop()
        return converted

    def attributes(self, data: Any) -> dict[str, Lazy]:
        """Return a set, its values converted."""
        converted: dict[str, Lazy] = {}
        for key in data:
            if not isinstance(key, str):
                raise self.refusal("the names of a set must be strings")
            self.path.append(key)
            converted[self.text(key)] = self.value(data[key])
            self.path.pop()
        return converted

    def text(self, text: str) -> str:
        """Return a string as Nix strings are kept, its bytes in the one form that they have."""
        if "\0" in text:
            raise self.refusal("a Nix string cannot contain a null character")
        try:
            return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise self.refusal("lone surrogate: not valid in a Nix string") from None

    def refusal(self, problem: str) -> EvalError:
        """Return the error that says where the problem is."""
        where = "".join([f"[{key!r}]" for key in self.path[:20]]) + ("..." if len(self.path) > 20 else "")
        return EvalError(f"{self.name}{where}: {problem}")
