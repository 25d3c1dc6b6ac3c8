"""A recorder of builder calls: each with its arguments and its source position."""

from __future__ import annotations

import sys
from contextlib import suppress

from nixbridge.errors.exceptions import NixError
from nixbridge.errors.traceback import MARK
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import force
from nixbridge.mesh.tables.builder_list import TABLES, builder_value, table
from nixbridge.mesh.tables.builder_record import build_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from nixbridge.language.runtime.values import Lazy, Value
    from nixbridge.mesh.tables.parameter import Builder

    Position = tuple[str, int, int]


class CallRecorder:
    """Recorder that replaces the builders of an evaluator; `calls` has builder, name, configuration and position.

    The records are the same as the builders', but know the positions of their fields even if the configuration is computed;
    the position of the field `name` is that of the call.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[Builder, Lazy, Lazy, Position | None]] = []
        # reading the positions of a code object takes time linear in its size, and a call may be made in a loop
        self._positions: dict[CodeType, list[tuple[int | None, ...]]] = {}

    def builder_value(self, name: str) -> Value:
        """Return the service-mesh function of that name; builders are wrapped."""
        if name not in TABLES:
            return builder_value(name)
        builder = table(name)
        return lambda given: lambda config: self._call(builder, given, config)

    def _call(self, builder: Builder, name: Lazy, config: Lazy) -> AttrSet:
        position = self._position_of_call()
        # parameters that are passed lazily would have no positions; where forcing them fails, whoever asks for them gets the same error
        with suppress(NixError):
            config = force(config)
        record = build_record(builder, name, config)
        if position is not None:
            record.positions = {**(record.positions or {}), "name": position}
        self.calls.append((builder, name, config, position))
        return record

    def _position_of_call(self) -> Position | None:
        """Return the position of the innermost running Nix code."""
        frame = sys._getframe(2)
        while MARK not in frame.f_globals:
            if frame.f_back is None:
                return None
            frame = frame.f_back
        code = frame.f_code
        if code not in self._positions:
            self._positions[code] = list(code.co_positions())
        line, _, column, _ = self._positions[code][frame.f_lasti // 2]
        return (code.co_filename, line, column + 1) if line is not None and column is not None else None
