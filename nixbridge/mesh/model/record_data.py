"""A builder's record as plain data, and places in it."""

from __future__ import annotations

import re

from nixbridge.type_checking import Sentinel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    #: What leads to a value inside a record: names of attributes and indices of lists.
    Path: TypeAlias = tuple[str | int, ...]
    #: file, line and column, both from 1
    Position: TypeAlias = tuple[str, int, int]

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
#: What a look-up gives for a value that is not there (null is there).
MISSING = Sentinel("MISSING")


class Record:
    """The result of a builder: `fields` are plain data, completely evaluated; `defaults` are the builder's defaults.

    `builder` is its name (`mkVirtualService`), `where` the path in the result at which the record was found.
    `position` says where in the source the attribute at a path was defined, or None.
    """

    __slots__ = ("builder", "defaults", "fields", "name", "position", "where")

    def __init__(
        self,
        builder: str,
        fields: Mapping[str, object],
        defaults: Mapping[str, Any],
        where: Path = (),
        position: Callable[[Path], Position | None] = lambda path: None,
    ) -> None:
        self.builder = builder
        self.fields = fields
        self.defaults = defaults
        self.where = where
        self.position = position
        name = fields.get("name")
        self.name = name if isinstance(name, str) else str(name)

    def get(self, name: str) -> Any:
        """Return the field's value; null where there is no such field."""
        return self.fields.get(name)

    @property
    def title(self) -> str:
        """The word for it in messages: the builder that made it."""
        return self.builder

    def written_path(self, path: Path) -> Path:
        """Return a path in the fields as the user wrote it."""
        return path

    def __truediv__(self, key: str) -> Place:
        return Place(self, (key,))

    def __str__(self) -> str:
        return f'{self.title} "{self.name}"'


class Place:
    """The place of a value in a record: `record / "httpRoutes" / 0 / "match"`."""

    __slots__ = ("path", "record")

    def __init__(self, record: Record, path: Path = ()) -> None:
        self.record = record
        self.path = path

    def __truediv__(self, key: str | int) -> Place:
        return Place(self.record, (*self.path, key))

    @property
    def value(self) -> Any:
        """The value there; MISSING where there is none."""
        return value_at(self.record.fields, self.path)

    def is_set(self) -> bool:
        """Return whether the user set it: it differs from the builder's default."""
        return not same(self.value, value_at(self.record.defaults, self.path))

    def written(self) -> Path:
        """Return the path as far as the user wrote it: `destination = "web"` has no `destination.host`."""
        value: Any = self.record.fields
        for index, key in enumerate(self.path):
            if not isinstance(value, (dict, list)):
                return self.path[:index]
            value = value_at(value, (key,))
        return self.path

    def position(self) -> Position | None:
        """Return the source position of the attribute there, else of the nearest one around it."""
        for length in range(len(self.path), -1, -1):
            found = self.record.position(self.path[:length])
            if found is not None:
                return found
        return None

    def __str__(self) -> str:
        return path_text(self.record.written_path(self.written()))


def value_at(value: object, path: Path) -> Any:
    """Return the value at `path` in plain data; MISSING where there is none."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key, MISSING)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return MISSING
    return value


def same(one: object, other: object) -> bool:
    """Return whether two pieces of plain data are equal, as Nix sees it. (`1 == 1.0`, but `1 != true`)"""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def path_text(path: Path) -> str:
    """Return a path as Nix writes it: `("httpRoutes", 0, "a.b")` -> `httpRoutes[0]."a.b"`."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            name = key if _PLAIN_NAME.fullmatch(key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
            text += f".{name}" if text else name
    return text
