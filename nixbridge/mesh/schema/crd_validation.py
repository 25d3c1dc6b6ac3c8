"""A second opinion: finished manifests against the schemas and rules of CRDs, as a strict API server takes them.

(Kubernetes' structural schemas: apiextensions-apiserver `pkg/apiserver/schema`, `pkg/apiserver/validation`)
"""

from __future__ import annotations

import re

from nixbridge.mesh.model.record_data import path_text
from nixbridge.mesh.schema.cel_rules import Rules
from nixbridge.mesh.schema.crds import Crds, read_crds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Path
    from nixbridge.mesh.schema.crds import Schema

PRESERVE = "x-kubernetes-preserve-unknown-fields"
INT_OR_STRING = "x-kubernetes-int-or-string"
#: Fields that every object has besides those of its CRD.
ENVELOPE = ("apiVersion", "kind", "metadata")
#: Whole numbers that a format holds.
FORMATS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
#: keyword of the schema, what it measures, whether the number is the least or the most
LENGTHS = (
    ("minLength", str, False),
    ("maxLength", str, True),
    ("minItems", list, False),
    ("maxItems", list, True),
    ("minProperties", dict, False),
    ("maxProperties", dict, True),
)

#: An escape, a class of characters, or the end of the text.
_PATTERN_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
#: Python's `$` also matches before a newline at the end; it has no `\z` before 3.14.
_PATTERN_ENDS = ("$", r"\z")


class Opinion:
    """`refused`: the errors of an API server, one per line; `unread`: rules and patterns that can only be read there."""

    def __init__(self, refused: list[str], unread: list[str]) -> None:
        self.refused = refused
        self.unread = unread


def validate_manifests(manifests: list[dict[str, object]], crds_path: str) -> Opinion:
    """Return the faults for which an API server with these CRDs would refuse manifests.

    A fault is a text: `VirtualService shop/web: spec.http[0].route: is required`.
    Kinds of groups that have no CRD in the file (Namespace, ConfigMap) are not checked. Raises OSError and UsageError.
    """
    crds, rules = read_crds(crds_path), Rules()
    refused = [problem for manifest in manifests for problem in _problems(manifest, crds, rules)]
    return Opinion(refused, list(rules.skipped))


def _problems(manifest: JsonObject, crds: Crds, rules: Rules) -> Iterator[str]:
    group, _, version = manifest["apiVersion"].rpartition("/")
    kind, metadata = manifest["kind"], manifest.get("metadata") or {}
    if group not in crds.groups:
        return
    name = "/".join(str(part) for part in (metadata.get("namespace"), metadata.get("name")) if part)
    versions = crds.kinds.get((group, kind))
    if versions is None:
        yield f"{kind} {name}: no CRD of {group} has this kind"
    elif version not in versions:
        yield f"{kind} {name}: apiVersion {group}/{version} is not served ({', '.join(versions)} are)"
    else:
        body = {key: value for key, value in manifest.items() if key not in ENVELOPE}
        schema = versions[version] or {}
        properties = {key: value for key, value in schema.get("properties", {}).items() if key not in ENVELOPE}
        required = [key for key in schema.get("required", ()) if key not in ENVELOPE]
        whole = {**schema, "properties": properties, "required": required}
        for path, text in Check(rules).problems(with_defaults(body, whole), whole, ()):
            yield f"{kind} {name}: {path_text(path)}: {text}"


def with_defaults(value: object, schema: Schema) -> Any:
    """Return a value with the defaults that an API server fills in before it looks at rules. (Kubernetes: CRD defaulting)"""
    if isinstance(value, dict):
        properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
        filled = {name: one["default"] for name, one in properties.items() if "default" in one} | value
        inner = {name: properties.get(name, rest if isinstance(rest, dict) else {}) for name in filled}
        return {name: with_defaults(item, inner[name]) for name, item in filled.items()}
    if isinstance(value, list):
        return [with_defaults(item, schema.get("items") or {}) for item in value]
    return value


class Check:
    """A value against a structural schema."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def problems(self, value: object, schema: Schema, path: Path) -> Iterator[tuple[Path, str]]:
        """Yield every fault with its path. Unknown fields are faults; rules are asked where the structure is sound."""
        if value is None:
            if not schema.get("nullable"):
                yield path, "must not be null"
            return
        wrong_type = _wrong_type(value, schema)
        if wrong_type:
            yield path, wrong_type
            return
        sound = True

        for found in self._structure(value, schema, path):
            sound = False
            yield found
        for text in [*_bounds(value, schema), *self._pattern(value, schema)]:
            sound = False
            yield path, text
        for text in self._alternatives(value, schema):
            yield path, text
        if sound and "x-kubernetes-validations" in schema:
            for text in self.rules.broken(schema["x-kubernetes-validations"], _as_declared(value, schema)):
                yield path, text

    def _structure(self, value: object, schema: Schema, path: Path) -> Iterator[tuple[Path, str]]:
        if isinstance(value, dict):
            properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
            for name in schema.get("required", ()):
                if name not in value:
                    yield (*path, name), "is required"
            for name, item in value.items():
                if name in properties:
                    yield from self.problems(item, properties[name], (*path, name))
                elif isinstance(rest, dict):
                    yield from self.problems(item, rest, (*path, name))
                elif rest is not True and not schema.get(PRESERVE):
                    yield (*path, name), "unknown field"
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.problems(item, schema.get("items", {PRESERVE: True}), (*path, index))
            yield from _duplicates(value, schema, path)

    def _pattern(self, value: object, schema: Schema) -> Iterator[str]:
        if isinstance(value, str) and "pattern" in schema:
            try:
                pattern = _go_pattern(schema["pattern"])
            except ValueError:
                self.rules.skipped[schema["pattern"]] = None
                return
            if not pattern.search(value):
                yield f"'{value}' does not match {schema['pattern']}"

    def _alternatives(self, value: object, schema: Schema) -> Iterator[str]:
        """Yield the faults of oneOf, anyOf, allOf and not. In a structural schema these only narrow: fields unknown to them are fine."""
        for part in schema.get("allOf", ()):
            if not self._matches(value, part):
                yield "does not match a part of allOf"
        parts = schema.get("anyOf", ()) if not schema.get(INT_OR_STRING) else ()
        if parts and not any(self._matches(value, part) for part in parts):
            yield "matches nothing of anyOf"
        if "oneOf" in schema:
            matching = sum(self._matches(value, part) for part in schema["oneOf"])
            if matching != 1:
                yield f"matches {matching} of oneOf, where 1 is right"
        if "not" in schema and self._matches(value, schema["not"]):
            yield "matches what is excluded"

    def _matches(self, value: object, schema: Schema) -> bool:
        return next(self.problems(value, _loosened(schema), ()), None) is None


def _loosened(schema: Schema) -> Schema:
    """Return a part of oneOf and the like: it says nothing of the fields that it does not name."""
    part = {PRESERVE: True, **schema}
    if "properties" in part:
        part["properties"] = {name: _loosened(inner) for name, inner in part["properties"].items()}
    return part


def _as_declared(value: Any, schema: Schema) -> Any:
    """Return the value as CEL is to see it: 5 is a double where the schema says `number`."""
    if isinstance(value, dict):
        properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
        inner = rest if isinstance(rest, dict) else {}
        return {name: _as_declared(item, properties.get(name, inner)) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_declared(item, schema.get("items", {})) for item in value]
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and schema.get("type") == "number" else value


def _wrong_type(value: object, schema: Schema) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if schema.get(INT_OR_STRING):
        return None if whole or isinstance(value, str) else "must be an integer or a string"
    kinds = {
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": whole,
        "number": whole or isinstance(value, float),
    }
    wanted = schema.get("type")
    return None if wanted is None or kinds[wanted] else f"must be of type {wanted}"


def _bounds(value: object, schema: Schema) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"'{value}' is not one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        least, most = FORMATS.get(schema.get("format", ""), (float("-inf"), float("inf")))
        if value < max(least, schema.get("minimum", least)) or value > min(most, schema.get("maximum", most)):
            yield f"{value} is out of bounds"
    for keyword, kind, is_most in LENGTHS:
        if keyword in schema and isinstance(value, kind):
            length = len(value)
            if length > schema[keyword] if is_most else length < schema[keyword]:
                yield f"has a size of {length}: {keyword} is {schema[keyword]}"


def _go_pattern(text: str) -> re.Pattern[str]:
    """Return a pattern of Go's for Python. Raises ValueError for what Python does not have, such as `\\pL`. (regexp/syntax)"""
    if "[:" in text:
        raise ValueError("Python has no classes of characters by name")  # it would read them as other characters
    try:
        return re.compile(_PATTERN_PART.sub(lambda part: r"\Z" if part[0] in _PATTERN_ENDS else part[0], text))
    except re.error as error:
        raise ValueError(str(error)) from None


def _duplicates(value: list[object], schema: Schema, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the list items that are equal to an earlier one in the fields by which Kubernetes tells them apart, or altogether."""
    kind = schema.get("x-kubernetes-list-type")
    keys = schema.get("x-kubernetes-list-map-keys", ())
    if kind not in ("map", "set"):
        return
    seen: list[object] = []
    for index, item in enumerate(value):
        identity = [item.get(key) for key in keys] if kind == "map" and isinstance(item, dict) else item
        if identity in seen:
            yield (*path, index), "duplicate element"
        seen.append(identity)
