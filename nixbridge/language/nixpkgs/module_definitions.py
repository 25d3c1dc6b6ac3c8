"""The module system's inner loops in Python, for the functions of nixpkgs' lib/modules.nix that are known by their text.

`evalModules` spends its time in a handful of functions, called for every option of every submodule. Where a file has exactly those
(compiler/known_functions.py), their bodies are these. They are as lazy as the originals. Whatever is out of the ordinary, or rarely
asked for, ends in `WithoutNatives`, and so does every error: the evaluation starts again with the originals alone. So messages and
traces are theirs, and only what succeeds is made here.

This module has the definitions of one option; `module_merge` has options, and the modules that declare them.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import WithoutNatives
from nixbridge.language.runtime.function import call, call2
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.thunk import Thunk, force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from nixbridge.language.runtime.values import Lazy, Value

    Attributes: TypeAlias = dict[str, Any]

DEFAULT_PRIORITY = 100
LOWEST_PRIORITY = 9999
DEFAULT_ORDER = 1000


def set_of(value: Lazy) -> Attributes:
    """Return a value that has to be a set."""
    value = force(value)
    if not isinstance(value, dict):
        raise WithoutNatives
    return value


def list_of(value: Lazy) -> list[Any]:
    """Return a value that has to be a list."""
    value = force(value)
    if not isinstance(value, list):
        raise WithoutNatives
    return value


def member(attributes: Attributes, name: str) -> Any:
    """Return an attribute that has to be there, which may be a thunk."""
    if name not in attributes:
        raise WithoutNatives
    return attributes[name]


def tag_of(value: Value) -> Value:
    """Return `value._type or null`."""
    return force(value["_type"]) if isinstance(value, dict) and "_type" in value else None


def text_of(value: Lazy) -> str:
    """Return `toString` of a value that has to be a string or a path."""
    value = force(value)
    if isinstance(value, str):
        return value
    if type(value) is NixPath:
        return value.text
    raise WithoutNatives


def not_here(_argument: object) -> Value:
    """Stand in for an attribute that is rarely asked for."""
    raise WithoutNatives


def discharge(value: Lazy) -> list[Any]:
    """`dischargeProperties`: a definition with `mkMerge` taken apart and `mkIf` decided."""
    forced: Any = force(value)
    tag = tag_of(forced)
    if tag == "merge":
        return [part for content in list_of(member(forced, "contents")) for part in discharge(content)]
    if tag == "if":
        condition = force(member(forced, "condition"))
        if condition is True:
            return discharge(member(forced, "content"))
        if condition is False:
            return []
        raise WithoutNatives
    return [forced]


def push_down(value: Lazy) -> list[Any]:
    """`pushDownProperties`: a set with `mkMerge` taken apart, `mkIf` and `mkOverride` put around each of its attributes."""
    forced: Any = force(value)
    tag = tag_of(forced)
    if tag == "merge":
        return [part for content in list_of(member(forced, "contents")) for part in push_down(content)]
    if tag == "if":
        around = {"_type": "if", "condition": member(forced, "condition")}
    elif tag == "override":
        around = {"_type": "override", "priority": member(forced, "priority")}
    else:
        return [forced]
    return [
        {name: {**around, "content": inner} for name, inner in part.items()} if isinstance(part, dict) else part
        for part in push_down(member(forced, "content"))
    ]


def priority_of(definition: Attributes) -> int:
    """Return the priority of a definition, that of `mkOverride` where it has one."""
    value: Any = force(member(definition, "value"))
    if tag_of(value) != "override":
        return DEFAULT_PRIORITY
    priority = force(member(value, "priority"))
    if type(priority) is not int:
        raise WithoutNatives
    return priority


def without_override(definition: Attributes) -> Attributes:
    """Return a definition with `mkOverride` taken off."""
    value: Any = force(definition["value"])
    return {**definition, "value": member(value, "content")} if tag_of(value) == "override" else definition


def in_order(definitions: list[Attributes]) -> list[Attributes]:
    """`sortProperties`, where there is anything to sort."""
    values: list[Any] = [force(definition["value"]) for definition in definitions]
    if not any(tag_of(value) == "order" for value in values):
        return definitions
    ordered: list[tuple[int, Attributes]] = []
    for definition, value in zip(definitions, values, strict=True):
        if tag_of(value) == "order":
            definition = {**definition, "value": member(value, "content"), "priority": member(value, "priority")}
        order = force(definition.get("priority", DEFAULT_ORDER))
        if type(order) is not int:
            raise WithoutNatives
        ordered.append((order, definition))
    return [definition for _, definition in sorted(ordered, key=lambda entry: entry[0])]


class Definitions:
    """`mergeDefinitions`: the definitions of one option, of which those that count are merged when the value is asked for."""

    __slots__ = ("_definitions", "_final", "_loc", "_normalized", "_type", "checked")

    def __init__(self, loc: Lazy, type_: Lazy, definitions: Lazy) -> None:
        self._loc, self._type, self._definitions = loc, type_, definitions
        self._normalized: list[Attributes] | None = None
        self._final: list[Any] | None = None
        self.checked = Thunk(self._check)

    def attributes(self) -> Attributes:
        """Return the set that the function gives."""
        return {
            "defsFinal'": Thunk(self.final),
            "defsFinal": Thunk(self.values),
            "mergedValue": Thunk(self.merged),
            "checkedAndMerged": self.checked,
            "isDefined": Thunk(self.is_defined),
            "optionalValue": Thunk(self.optional),
        }

    def final(self) -> Value:
        """`defsFinal'`: two thunks, since the priority may be asked for where the values cannot be."""
        return {"values": Thunk(self.values), "highestPrio": Thunk(self.priority)}

    def normalized(self) -> list[Attributes]:
        """Return the definitions with `mkMerge` and `mkIf` gone. A single one that is a plain value is passed on as it is."""
        if self._normalized is None:
            definitions = [set_of(definition) for definition in list_of(self._definitions)]
            found: list[Attributes] = []
            for definition in definitions:
                value = force(member(definition, "value"))
                if not (isinstance(value, dict) and "_type" in value):
                    found.append(definition if len(definitions) == 1 else _located(definition, value))
                    continue
                for part in discharge(value):
                    found.append(part if tag_of(part) == "definition" else _located(definition, part))
            self._normalized = found
        return self._normalized

    def priority(self) -> Value:
        """`highestPrio`; that of no definition at all is beyond all others."""
        priorities = [priority_of(definition) for definition in self.normalized()]
        return priorities[0] if len(priorities) == 1 else min([*priorities, LOWEST_PRIORITY])

    def values(self) -> list[Any]:
        """`defsFinal`: the definitions of the highest priority, in their order."""
        if self._final is None:
            highest = self.priority()
            kept = [without_override(entry) for entry in self.normalized() if priority_of(entry) == highest]
            self._final = in_order(kept)
        return self._final

    def is_defined(self) -> Value:
        """`isDefined`."""
        return bool(self.values())

    def optional(self) -> Value:
        """`optionalValue`."""
        return {"value": Thunk(self.merged)} if self.values() else {}

    def merged(self) -> Lazy:
        """`mergedValue`: checked and merged by the type."""
        values = self.values()
        type_ = set_of(self._type)
        if not values:
            empty: Lazy = member(set_of(member(type_, "emptyValue")), "value")
            return empty
        merge = force(member(type_, "merge"))
        if isinstance(merge, dict) and "v2" in merge:
            checked = set_of(self.checked)
            if force(checked["headError"]) is not None:
                raise WithoutNatives
            value: Lazy = checked["value"]
            return value
        check = member(type_, "check")
        for definition in values:
            if call(check, member(definition, "value")) is not True:
                raise WithoutNatives
        return call2(merge, self._loc, values)

    def _check(self) -> Value:
        """`checkedAndMerged`."""
        type_ = set_of(self._type)
        merge = force(member(type_, "merge"))
        if not (isinstance(merge, dict) and "v2" in merge):
            return {"headError": None, "value": Thunk(self.merged), "valueMeta": {}}
        check = force(member(type_, "check"))
        if not isinstance(check, dict) or force(check.get("isV2MergeCoherent", False)) is not True:
            raise WithoutNatives
        result = set_of(call(merge["v2"], {"loc": self._loc, "defs": Thunk(self.values)}))
        if result.keys() != {"headError", "value", "valueMeta"}:
            raise WithoutNatives
        return {**result, "valueMeta": Thunk(self._meta, result["valueMeta"])}

    def _meta(self, meta: Lazy) -> Value:
        return {**set_of(meta), "_internal": {"type": self._type}}


def _located(definition: Attributes, value: Value) -> Attributes:
    return {"file": member(definition, "file"), "value": value}
