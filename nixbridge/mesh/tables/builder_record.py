"""A builder's record out of its table: each field is what was given, else the default. Everything is lazy."""

from __future__ import annotations

from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_bool, expect_set
from nixbridge.mesh.tables.parameter import Builder, FirstArgument, IfSet, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def builder_function(builder: Builder) -> Callable[[Any], Any]:
    """Return the builder as a Nix function of a name and a configuration."""

    def with_name(name: Any) -> Callable[[Any], Any]:
        return lambda config: build_record(builder, name, config)

    return with_name


def build_record(builder: Builder, name: Any, config: Any) -> AttrSet:
    """Return the record of a call. A configuration that is not a set counts as an empty one, as in Nixernetes."""
    if type(config) is Thunk and config.code is None:
        config = config.value
    fields: dict[str, Any] = {"name": name}
    if type(config) is Thunk:
        for parameter in builder.parameters:
            fields[parameter.name] = Thunk(_field, (builder, parameter, name, config))
    else:
        given = config if isinstance(config, dict) else {}
        for parameter in builder.parameters:
            if parameter.name == "labels" and builder.overlay:
                fields["labels"] = Thunk(_labels, (builder, name, given))
            elif parameter.name in given:
                fields[parameter.name] = given[parameter.name]
            else:
                fields[parameter.name] = default_of(parameter, name, given)
    return AttrSet(fields, _positions(builder, config), builder.name)


def _positions(builder: Builder, config: Any) -> dict[str, tuple[str, int, int]] | None:
    """Return where the given fields stand in the source, when that is known."""
    if config.__class__ is not AttrSet or not config.positions:
        return None
    return {
        parameter.name: config.positions[parameter.name]
        for parameter in builder.parameters
        if parameter.name in config.positions
    }


def _field(what: tuple[Builder, Parameter, Any, Any]) -> Any:
    """Return a field of a record whose configuration was not there yet when the record was made."""
    builder, parameter, name, config = what
    value = force(config)
    given = value if isinstance(value, dict) else {}
    if parameter.name == "labels" and builder.overlay:
        return _labels((builder, name, given))
    if parameter.name in given:
        return force(given[parameter.name])
    return force(default_of(parameter, name, given))


def default_of(parameter: Parameter, name: Any, given: dict[str, Any]) -> Any:
    """Return the default of a parameter in a call; a thunk where it depends on what is given."""
    default = parameter.default
    if default.__class__ is FirstArgument:
        return [name] if default.in_list else name
    if default.__class__ is IfSet:
        if default.parameter not in given:
            return default.otherwise
        return Thunk(lambda: default.then if expect_bool(given[default.parameter]) else default.otherwise)
    return default


def _labels(what: tuple[Builder, Any, dict[str, Any]]) -> dict[str, Any]:
    """Return the labels that were given, with the builder's own over them."""
    builder, _, given = what
    labels = dict(expect_set(given["labels"])) if "labels" in given else {}
    for key, value in (builder.overlay or {}).items():
        if value.startswith("$"):
            parameter = builder.parameter(value[1:])
            assert parameter is not None
            labels[key] = given.get(value[1:], parameter.default)
        else:
            labels[key] = value
    return labels
