"""Listening to an evaluation: every call of a builder, with what it was given and where it stands."""

from __future__ import annotations

import sys
from contextlib import suppress

from nixbridge.errors.exceptions import NixError
from nixbridge.errors.traceback import MARK
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import force
from nixbridge.mesh.tables.builder_record import build_record
from nixbridge.mesh.tables.builders import TABLES, builder_value, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from nixbridge.language.runtime.values import Value
    from nixbridge.mesh.tables.parameter import Builder

    Position = tuple[str, int, int]


class Listener:
    """Gives an evaluator builders that remember how they were called (`calls`: builder, name, configuration, place).

    Their records are those of the builders themselves, but know where their fields stand even when the configuration is computed;
    the field `name` stands where the call does.
    """

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
