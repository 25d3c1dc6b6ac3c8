"""The record of a builder call: each field has the given value or else the default. Everything is lazy."""

from __future__ import annotations

from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_set
from nixbridge.mesh.tables.parameter import Builder, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.language.runtime.attrset import Positions
    from nixbridge.language.runtime.values import Lazy, Value


def builder_function(builder: Builder) -> Callable[[Lazy], Value]:
    """Return the builder as a Nix function of a name and a configuration."""

    def with_name(name: Lazy) -> Callable[[Lazy], Value]:
        return lambda config: build_record(builder, name, config)

    return with_name


def build_record(builder: Builder, name: Lazy, config: Lazy) -> AttrSet:
    """Return the record of a call. A configuration that is not a set counts as an empty one, as in Nixernetes."""
    # evaluated already: fields can be taken from it now, without a thunk for each
    if type(config) is Thunk and config.code is None:
        config = config.value
    fields: dict[str, Lazy] = {"name": name}
    if type(config) is Thunk:
        # stays unevaluated until a field is used, as upstream: it may depend on the record's name
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


def _positions(builder: Builder, config: Lazy) -> Positions | None:
    """Return the source positions of the given fields, if they are known."""
    if type(config) is not AttrSet or not config.positions:
        return None
    return {
        parameter.name: config.positions[parameter.name]
        for parameter in builder.parameters
        if parameter.name in config.positions
    }


def _field(what: tuple[Builder, Parameter, Lazy, Lazy]) -> Value:
    """Return a field of a record whose configuration was not there yet when the record was made."""
    builder, parameter, name, config = what
    value = force(config)
    given = value if isinstance(value, dict) else {}
    if parameter.name == "labels" and builder.overlay:
        return _labels((builder, name, given))
    if parameter.name in given:
        return force(given[parameter.name])
    return force(default_of(parameter, name, given))


def default_of(parameter: Parameter, name: Lazy, given: dict[str, Lazy]) -> Lazy:
    """Return the default of a parameter in a call; a thunk if it depends on other parameters."""
    computed = parameter.computed
    return parameter.default if computed is None else computed.in_call(name, given)


def _labels(what: tuple[Builder, Lazy, dict[str, Lazy]]) -> dict[str, Lazy]:
    """Return the labels that were given, with the builder's own over them."""
    builder, name, given = what
    labels = dict(expect_set(given["labels"])) if "labels" in given else {}
    for key, value in (builder.overlay or {}).items():
        if value.startswith("$"):
            parameter = builder.parameter(value[1:])
            assert parameter is not None
            field = parameter.name
            labels[key] = given[field] if field in given else default_of(parameter, name, given)
        else:
            labels[key] = value
    return labels
