"""Evaluating a file and listening: every call of a builder, with what it was given and where it stands."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nixbridge.builders.catalogue import TABLES, builder_value, table
from nixbridge.builders.record import build_record
from nixbridge.errors.kinds import NixError
from nixbridge.errors.trace import MARK
from nixbridge.formats.document import to_document
from nixbridge.kubernetes.found import positions_in
from nixbridge.kubernetes.record import Record
from nixbridge.kubernetes.tables import defaults_of
from nixbridge.lint.view import Call
from nixbridge.runtime.attrset import AttrSet
from nixbridge.runtime.thunk import force
from nixbridge.runtime.values import FUNCTIONS, Value, sorted_names

if TYPE_CHECKING:
    from types import CodeType

    from nixbridge.builders.parameter import Builder
    from nixbridge.kubernetes.record import Path, Position
    from nixbridge.runtime.host import Host


class NoData:
    """Stands for a function in what is otherwise plain data."""


class Listener:
    """Gives an evaluator builders that remember how they were called. Their records are those of the builders themselves."""

    def __init__(self) -> None:
        self.calls: list[tuple[Builder, Value, Value, Position | None]] = []
        self._places: dict[CodeType, list[tuple[int | None, ...]]] = {}

    def builder_value(self, name: str) -> Value:
        """What the service-mesh function of that name is."""
        if name not in TABLES:
            return builder_value(name)
        builder = table(name)
        return lambda given: lambda config: self._call(builder, given, config)

    def _call(self, builder: Builder, name: Value, config: Value) -> AttrSet:
        place = self._place_of_call()
        # parameters that are given lazily would have no positions; where they fail, who asks for them gets the same error
        with suppress(NixError):
            config = force(config)
        record = build_record(builder, name, config)
        if place is not None:
            record.positions = {**(record.positions or {}), "name": place}
        self.calls.append((builder, name, config, place))
        return record

    def _place_of_call(self) -> Position | None:
        """Where the innermost Nix code stands that is running."""
        frame = sys._getframe(2)
        while MARK not in frame.f_globals:
            if frame.f_back is None:
                return None
            frame = frame.f_back
        code = frame.f_code
        if code not in self._places:
            self._places[code] = list(code.co_positions())
        line, _, column, _ = self._places[code][frame.f_lasti // 2]
        return (code.co_filename, line, column + 1) if line is not None and column is not None else None


def as_data(value: Value, host: Host) -> Any:
    """Plain data whose sets keep marks and positions; a function is NoData. Raises NixError as the value does."""
    value = force(value)
    if value.__class__ in FUNCTIONS:
        return NoData()
    if isinstance(value, list):
        return [as_data(item, host) for item in value]
    if not isinstance(value, dict) or "__toString" in value or "outPath" in value:
        return to_document(value, host)
    items = {name: as_data(value[name], host) for name in sorted_names(value)}
    return AttrSet(items, value.positions, value.origin) if isinstance(value, AttrSet) else items


def call_of(builder: Builder, name: Value, config: Value, place: Position | None, host: Host) -> Call:
    """A call as rules see it: forced as far as it goes."""
    failures: dict[str, str] = {}
    try:
        config = force(config)
    except NixError as error:
        return Call(
            builder, _record(builder, name, AttrSet({}), place, host), is_set=True, failures={"": error.message}
        )
    items: dict[str, Any] = {}
    is_set = isinstance(config, dict)
    for parameter in _in_source_order(config) if is_set else ():
        try:
            items[parameter] = as_data(config[parameter], host)
        except NixError as error:
            failures[parameter] = error.message
    given = AttrSet(items, config.positions if isinstance(config, AttrSet) else None)
    return Call(builder, _record(builder, name, given, place, host), is_set=is_set, failures=failures)


def _in_source_order(config: dict[str, Value]) -> list[str]:
    places = (config.positions if isinstance(config, AttrSet) else None) or {}
    return sorted(sorted_names(config), key=lambda name: places[name][:3] if name in places else ("", 0, 0))


def _record(builder: Builder, name: Value, given: AttrSet, place: Position | None, host: Host) -> Record:
    try:
        first = as_data(name, host)
    except NixError:
        first = "..."
    inside = positions_in(given)

    def position(path: Path) -> Position | None:
        return inside(path) if path else place

    record = Record(builder.name, given, defaults_of(builder.name, {"name": first}), position=position)
    record.name = first if isinstance(first, str) else str(first)
    return record
