"""A walk of an Istio-shaped value along its field tree: unknown fields, wrong types and numbers out of range are errors.

The tree comes from the CRDs (data/fields.json). On the way the short forms become Istio's (a number where a Percent
is wanted, a host where a Destination is), and values that mean nothing (null, `{ }`, `[ ]`) are left out.
"""

from __future__ import annotations

import base64
import binascii
import math

from nixbridge.errors.suggest import nearest
from nixbridge.mesh.model.durations import milliseconds, wrong_duration
from nixbridge.mesh.model.record_data import MISSING
from nixbridge.mesh.model.releases import release_of, release_text
from nixbridge.mesh.schema.field_tables import resolve
from nixbridge.mesh.schema.ranges import out_of_range
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.releases import Release
    from nixbridge.mesh.schema.field_tables import Node

#: An object of one field with such a name may be written as that field's value.
SHORT_FORMS = ("value", "number", "mode", "name")
#: An object of labels of one field with such a name may be written as the labels.
LABEL_FORMS = ("matchLabels", "labels")
#: Lists of ports that Istio wants as strings.
PORTS_AS_TEXT = ("ports", "notPorts")
#: Durations that mean "none" when they are zero, so that leaving them out says the same.
NO_TIMEOUT = ("timeout", "perTryTimeout")
#: The one duration that may be zero, which means that idle connections are never closed. (hook: validateConnectionPool)
TCP_IDLE_TIMEOUT = ("tcp", "idleTimeout")


#: Objects that mean something without any field: istiod looks at whether they are there.
PRESENT_WHEN_EMPTY = frozenset((
    *("fault", "abort", "delay", "rewrite", "uriRegexRewrite", "redirect", "directResponse", "delegate", "mirror"),
    *("connectionPool", "tcp", "http", "http2KeepAlive", "tls", "tunnel", "warmup", "maglev", "httpCookie"),
    *("localityLbSetting", "zoneAwareLbSetting", "workloadSelector", "port"),
))  # fmt: skip


def is_empty(value: object) -> bool:
    """Return whether a field with this value says nothing."""
    return value is None or value == {} or value == []


def unknown_text(name: str, known: Iterable[str], what: str = "field") -> str:
    """Return the message for a name that is not among the known ones: `unknown field 'mach' (did you mean match?)`."""
    near = nearest(name, sorted(known))
    return f"unknown {what} '{name}'" + (f" (did you mean {near[0]}?)" if near else "")


class Walk:
    """Converter of values for one release. Every error is reported, and the invalid value becomes MISSING.

    `keep_empty`: nothing is taken out, since an empty object means something there (rules of an AuthorizationPolicy).
    `verbatim`: the value goes to the cluster unchanged, so short forms are wrong types and `0s` is rejected.
    """

    def __init__(
        self, release: Release, messages: Messages, *, keep_empty: bool = False, verbatim: bool = False
    ) -> None:
        self.release = release
        self.messages = messages
        self.keep_empty = keep_empty
        self.verbatim = verbatim

    def keeping_empty(self) -> Walk:
        """Return the same walk, which takes nothing out."""
        return Walk(self.release, self.messages, keep_empty=True, verbatim=self.verbatim)

    def convert(self, value: object, node: Node, place: Place) -> Any:
        """Return the value as the node wants it, or MISSING after an error."""
        node = resolve(node)
        if not self._has_release(node, place):
            return MISSING
        # short forms are expanded before the type is checked: `host = "web"` stands for `{ host = "web"; }`
        short = self._long_form(value, node)
        method = getattr(self, f"_{node['type']}")
        return method(short, node, place)

    def _has_release(self, node: Node, place: Place) -> bool:
        first = release_of(node.get("since"))
        if first is None or first <= self.release:
            return True
        self.messages.error(
            place, f"needs Istio {release_text(first)} or later; this renders for {release_text(self.release)}"
        )
        return False

    def _long_form(self, value: object, node: Node) -> object:
        fields = node.get("fields")
        if not fields or self.verbatim:
            return value
        if isinstance(value, str) and node.get("ref") == "Destination":
            return {"host": value}
        if len(fields) != 1:
            return value
        (only,) = fields
        if only in SHORT_FORMS and not isinstance(value, (dict, list)) and value is not None:
            return {only: value}
        if only in LABEL_FORMS and isinstance(value, dict) and value and not isinstance(value.get(only), dict):
            return {only: value}
        return value

    # One method for each type of node in the tables, which `convert` calls by that name.

    def _object(self, value: object, node: Node, place: Place) -> object:
        if not isinstance(value, dict):
            return self._wrong_type(place, "a set", value)
        if "values" in node:
            return self._free_map(value, node["values"], place)
        fields: dict[str, Node] = node.get("fields", {})
        result: dict[str, object] = {}
        # sorted, so that messages and manifests do not depend on the order in the source
        for name in sorted(value):
            here = place / name
            if name not in fields:
                self.messages.error(here, unknown_text(name, fields), nearest(name, sorted(fields), most=2))
            elif value[name] is None and self.keep_empty:
                self.messages.error(here, "null is refused here: leave the field out")
            elif not self.is_left_out(name, value[name]) or self._is_misplaced_list(value[name], fields[name]):
                converted = self.convert(value[name], fields[name], here)
                if converted is not MISSING and not self.is_left_out(name, converted):
                    result[name] = converted
        self._check_required(value, node, place)
        # of the result, not of the value: `{ simple = null; consistentHash = { ... }; }` sets one of the two
        self._check_one_of(result, node.get("oneof", ()), place)
        return result

    def is_left_out(self, name: str, value: object) -> bool:
        """Return whether a field with this value is not given at all; `{ }` of a manifest is."""
        if self.keep_empty:
            return False
        return is_empty(value) and not (value == {} and (self.verbatim or name in PRESENT_WHEN_EMPTY))

    def _is_misplaced_list(self, value: object, node: Node) -> bool:
        """Return whether a manifest has `[ ]` where no list belongs: a record that has it gives nothing, but the cluster refuses it."""
        return self.verbatim and bool(value == []) and resolve(node)["type"] != "array"

    def _free_map(self, value: dict[str, object], node: Node, place: Place) -> dict[str, object]:
        result = {}
        for name in sorted(value):
            converted = self.convert(value[name], node, place / name)
            if converted is not MISSING:
                result[name] = converted
        return result

    def _check_required(self, value: dict[str, object], node: Node, place: Place) -> None:
        for name in node.get("required", ()):
            if is_empty(value.get(name)):
                self.messages.error(place / name, "is required")

    def _check_one_of(self, result: dict[str, object], names: Iterable[str], place: Place) -> None:
        given = [name for name in names if name in result]
        if len(given) > 1:
            self.messages.error(place, f"only one of {', '.join(given)} is allowed")

    def _array(self, value: object, node: Node, place: Place) -> object:
        if not isinstance(value, list):
            return self._wrong_type(place, "a list", value)
        items = [self.convert(item, node["items"], place / index) for index, item in enumerate(value)]
        return [item for item in items if item is not MISSING]

    def _string(self, value: object, node: Node, place: Place) -> object:
        # Kubernetes' ports are numbers everywhere else, so people write them here as numbers too
        if (
            not self.verbatim
            and isinstance(value, int)
            and not isinstance(value, bool)
            and place.path[-2:-1]
            and place.path[-2] in PORTS_AS_TEXT
        ):
            value = str(value)
        if not isinstance(value, str):
            return self._wrong_type(place, "a string", value)
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            return self._wrong(place, "is not valid UTF-8")
        return self._enum(value, node, place) if "enum" in node else value

    def _enum(self, value: str, node: Node, place: Place) -> object:
        allowed: list[str] = node["enum"]
        if value not in allowed:
            # Istio's enums are in capitals, and lower case is the most frequent mistake
            near = value.upper() if value.upper() in allowed else (nearest(value.upper(), allowed) or [""])[0]
            meant = f" (did you mean {near}?)" if near else ""
            return self._wrong(place, f"'{value}' is not one of {', '.join(allowed)}{meant}")
        first = release_of(node.get("enum_since", {}).get(value))
        if first is not None and first > self.release:
            needs = f"'{value}' needs Istio {release_text(first)} or later"
            return self._wrong(place, f"{needs}; this renders for {release_text(self.release)}")
        return value

    def _integer(self, value: object, node: Node, place: Place) -> Any:
        # JSON has one number type: 80.0 is what some programs write for 80, and the API server accepts it
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            return self._wrong_type(place, "an integer", value)
        wrong = out_of_range(place.path, value, whole=True)
        return self._wrong(place, wrong) if wrong else value

    def _number(self, value: object, node: Node, place: Place) -> object:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
            return self._wrong_type(place, "a number", value)
        wrong = out_of_range(place.path, value, whole=False)
        return self._wrong(place, wrong) if wrong else value

    def _boolean(self, value: object, node: Node, place: Place) -> object:
        return value if isinstance(value, bool) else self._wrong_type(place, "true or false", value)

    def _duration(self, value: object, node: Node, place: Place) -> object:
        if not isinstance(value, str):
            return self._wrong_type(place, "a duration (a string: 250ms, 30s)", value)
        # an empty text says nothing, as null does
        if value == "" and not self.verbatim:
            return MISSING

        if place.path[-2:] == TCP_IDLE_TIMEOUT and milliseconds(value) == 0:
            return value
        wrong = wrong_duration(value, least=1 if self.verbatim else 0)
        if wrong is None and wrong_duration(value) is None:
            return value
        if wrong is None:
            if place.path[-1] not in NO_TIMEOUT:
                self.messages.warning(place, f"Istio refuses '{value}': it is left out, so Istio's default applies")
            return MISSING
        return self._wrong(place, wrong)

    def _base64(self, value: object, node: Node, place: Place) -> object:
        if not isinstance(value, str):
            return self._wrong_type(place, "a string (base64)", value)
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return self._wrong(place, "is not valid base64")
        return value

    def _wrong_type(self, place: Place, wanted: str, value: object) -> object:
        return self._wrong(place, f"must be {wanted} but is {type_text(value)}")

    def _wrong(self, place: Place, text: str) -> object:
        self.messages.error(place, text)
        return MISSING
