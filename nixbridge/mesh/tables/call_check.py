"""Faults in the parameters of a builder call, by its table: upstream's builders take anything silently."""

from __future__ import annotations

import re
from datetime import date

from nixbridge.errors.suggest import nearest
from nixbridge.mesh.tables.release_calendar import SUPPORTED, status_of
from nixbridge.mesh.tables.release_calendar import UNKNOWN as NOT_IN_CALENDAR
from nixbridge.mesh.tables.value_types import VALUE_TYPES, type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from nixbridge.mesh.tables.parameter import Builder, Parameter

    Path = tuple[str | int, ...]

UNKNOWN, TYPE, CHOICE, FORM = "unknown", "type", "choice", "form"
VERSION, NEW_VERSION = "version", "new version"

#: Characters of a value that a message shows.
LONGEST_SHOWN = 80
#: Builder -> the mesh whose releases its versions are.
PRODUCTS = {"mkIstioMesh": "Istio", "mkLinkerdMesh": "Linkerd"}
#: Parameters whose releases are looked at, and Linkerd's edge releases (year.month.number), which have no other number.
VERSIONS = ("version", "controlPlaneVersion", "proxyImageVersion")
_EDGE = re.compile(r"(edge-)?2[0-9]\.[0-9]{1,2}\.[0-9]{1,2}")
_RELEASE = re.compile(r"(?:(?:stable|edge)-|v)?([0-9]+\.[0-9]+)")

_IS: dict[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
_ARTICLE = {
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "array": "a list",
    "object": "a set",
    "null": "null",
}


class Problem:
    """One thing that is wrong. `kind` is one of the constants above; `path` leads to the value within the parameters.

    `meant` are the names or values that are near, the nearest first.
    """

    __slots__ = ("kind", "meant", "path", "text")

    def __init__(self, kind: str, path: Path, text: str, meant: Sequence[str] = ()) -> None:
        self.kind, self.path, self.text, self.meant = kind, path, text, tuple(meant)


def findings(builder: Builder, given: Mapping[str, object]) -> list[Problem]:
    """Return the faults of these parameters: plain data, completely evaluated. In the order in which they are given."""
    found: list[Problem] = []
    for name, value in given.items():
        parameter = builder.parameter(name)
        if parameter is None:
            found.append(_unknown(builder, name, given))
        else:
            found.extend(_value_problems(builder, parameter, value))
    return found


def _unknown(builder: Builder, name: str, given: Mapping[str, object]) -> Problem:
    if name == "name":
        return Problem(UNKNOWN, (name,), "the name is the first argument; the parameter 'name' is ignored")
    free = [parameter.name for parameter in builder.parameters if parameter.name not in given]
    return Problem(UNKNOWN, (name,), f"unknown parameter {quoted(name)} is ignored", nearest(name, free, most=2))


def _value_problems(builder: Builder, parameter: Parameter, value: object) -> list[Problem]:
    path: Path = (parameter.name,)
    found = schema_problems(value, VALUE_TYPES[parameter.type].schema, path)
    if found or not isinstance(value, str):
        return found
    if parameter.one_of and value not in parameter.one_of:
        return [_no_choice(parameter, value)]
    if builder.name in PRODUCTS and parameter.name in VERSIONS:
        return _release_problems(builder, parameter, value)
    return []


def _no_choice(parameter: Parameter, value: str) -> Problem:
    # `strict` can only mean STRICT, while other spellings are near to several
    by_letters = {choice.lower(): choice for choice in parameter.one_of}
    near = nearest(value.lower(), list(by_letters), most=2)
    meant = [by_letters[value.lower()]] if value.lower() in by_letters else [by_letters[one] for one in near]
    return Problem(CHOICE, (parameter.name,), f"{quoted(value)} is not one of {', '.join(parameter.one_of)}", meant)


def _release_problems(builder: Builder, parameter: Parameter, value: str) -> list[Problem]:
    product, release = PRODUCTS[builder.name], _RELEASE.match(value)
    # the calendar has minor releases only
    if release is None or _EDGE.fullmatch(value):
        return []
    status, end = status_of(product, release[1], date.today())
    if status == SUPPORTED:
        return []
    if status == NOT_IN_CALENDAR:
        return [
            Problem(
                NEW_VERSION,
                (parameter.name,),
                f"{product} {release[1]} is newer than the releases that nixbridge knows",
            )
        ]
    since = f" since {end:%Y-%m-%d}" if end is not None else ""
    return [Problem(VERSION, (parameter.name,), f"{product} {release[1]} has reached its end of life{since}")]


def schema_problems(value: object, schema: Mapping[str, Any], path: Path) -> list[Problem]:
    """Return where a value differs from a schema: types, elements, patterns, bounds. A value of a wrong type is not looked into."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_IS[kind](value) for kind in kinds):
        wanted = " or ".join(_ARTICLE[kind] for kind in kinds if kind != "null")
        return [Problem(TYPE, path, f"must be {wanted} but is {type_text(value)}")]
    # patterns are anchored for JSON Schema, which searches; `$` alone would let a newline at the end through in Python
    if isinstance(value, str) and "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return [Problem(FORM, path, f"{quoted(value)} is not a valid {_form_of(schema)}")]
    if _IS["number"](value) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        bounds = (
            f"{schema['minimum']} or more" if "maximum" not in schema else f"{schema['minimum']} to {schema['maximum']}"
        )
        return [Problem(FORM, path, f"{value} is out of range: {bounds}")]
    found: list[Problem] = []
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            found.extend(schema_problems(item, schema["items"], (*path, index)))
    if isinstance(value, dict) and "additionalProperties" in schema:
        for name, item in value.items():
            found.extend(schema_problems(item, schema["additionalProperties"], (*path, name)))
    return found


def _form_of(schema: Mapping[str, object]) -> str:
    """Return the name of the form that a pattern describes, in the words of the documentation."""
    for kind in VALUE_TYPES.values():
        if kind.schema.get("pattern") == schema["pattern"]:
            return kind.shown
    return "value of this form"


def quoted(text: str) -> str:
    """Return a text in a message: its beginning, where it is long."""
    return f"'{text}'" if len(text) <= LONGEST_SHOWN else f"'{text[:LONGEST_SHOWN]}...'"
