"""The builder calls that rules check: their parameters are forced, and failures of parameters are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nixbridge.errors.exceptions import LimitReached, NixError
from nixbridge.language.evaluation.provenance import marked_document
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.values import Lazy, sorted_names
from nixbridge.mesh.model.record_data import Record
from nixbridge.mesh.model.result_contents import positions_in
from nixbridge.mesh.tables.manifest_paths import defaults_of
from nixbridge.tools.lint.view import Call

if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.language.machine.host import Host
    from nixbridge.mesh.model.record_data import Path, Position
    from nixbridge.mesh.tables.parameter import Builder


class NoData:
    """Stand-in for a function in plain data."""


def as_data(value: Lazy, host: Host) -> Any:
    """Return plain data whose sets keep marks and positions; a function is NoData. Raises NixError as the value does."""
    return marked_document(value, host, NoData)


def call_of(builder: Builder, name: Lazy, config: Lazy, place: Position | None, host: Host) -> Call:
    """Return a call as rules see it: forced as far as possible."""
    failures: dict[str, NixError] = {}
    try:
        config = force(config)
    except NixError as error:
        return Call(builder, _record(builder, name, AttrSet({}), place, host), is_set=True, failures={"": error})
    items: JsonObject = {}
    attributes = config if isinstance(config, dict) else {}
    for parameter in _in_source_order(attributes):
        try:
            items[parameter] = as_data(attributes[parameter], host)
        except NixError as error:
            if isinstance(error, LimitReached) and error.ends_run:
                raise  # not the parameter's fault: the whole run has no time or memory left
            failures[parameter] = error
    given = AttrSet(items, config.positions if isinstance(config, AttrSet) else None)
    return Call(builder, _record(builder, name, given, place, host), is_set=isinstance(config, dict), failures=failures)


def call_so_far(builder: Builder, name: Lazy, config: Lazy, place: Position | None, host: Host) -> Call:
    """Return a call with those parameters that are known without evaluation; the others are represented by their thunks."""
    known = config
    if not isinstance(known, dict):
        known = AttrSet({})
    values = {parameter: _value_so_far(known[parameter]) for parameter in _in_source_order(known)}
    given = AttrSet(values, known.positions if isinstance(known, AttrSet) else None)
    first = name if isinstance(name, str) else "..."
    return Call(builder, _record(builder, first, given, place, host), is_set=True, failures={})


def _value_so_far(value: Lazy) -> Any:
    return value if value.__class__ in (str, int, float, bool) or value is None else NoData()


def _in_source_order(config: dict[str, Lazy]) -> list[str]:
    # Rules report in the order of the source, and Nix sorts the names of a set. A name without a place comes first.
    places = (config.positions if isinstance(config, AttrSet) else None) or {}
    return sorted(sorted_names(config), key=lambda name: places[name][:3] if name in places else ("", 0, 0))


def _record(builder: Builder, name: Lazy, given: AttrSet, place: Position | None, host: Host) -> Record:
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
