"""CEL rules of CRDs (`x-kubernetes-validations`), evaluated by the package cel-python.

cel-python has CEL's own functions; those that Kubernetes adds are here. (kubernetes.io/docs/reference/using-api/cel)
"""

from __future__ import annotations

import ipaddress
import re
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from nixbridge.errors.exceptions import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from nixbridge.language.formats.document import JsonObject

EXTRA = "pip install 'nixbridge[validate]'"
#: The error of cel-python for a function that it does not have.
UNKNOWN = "undeclared reference"
#: Fields whose names are words of CEL are written so: `self.__namespace__`.
_HAS_ESCAPED = re.compile(r"has\(([\w.\[\]]+)\.__([a-z]+)__\)")
_ESCAPED = re.compile(r"\.__([a-z]+)__\b")


class Rules:
    """The rules of CRDs, each compiled once, and the check of values against them. Raises UsageError where cel-python is not installed.

    `skipped` are the rules that cannot be read here: an API server can.
    """

    def __init__(self) -> None:
        try:
            self._cel = import_module("celpy")
        except ImportError:
            raise UsageError("--validate needs the package cel-python", hint=EXTRA) from None
        self._environment = self._cel.Environment()
        self._functions = functions(self._cel, import_module("celpy.celtypes"))
        self._programs: dict[str, object] = {}
        self.skipped: dict[str, None] = {}

    def broken(self, rules: list[JsonObject], value: object) -> Iterator[str]:
        """Yield the message of every rule that the value violates. Rules about the previous value (oldSelf) pass for a new object.

        A rule whose evaluation fails (such as `duration(self)` of an invalid duration) is violated, as in the API server.
        """
        for rule in rules:
            text, shown = rule["rule"], " ".join(rule["rule"].split())
            if "oldSelf" in text:
                continue
            try:
                holds = self._program(text).evaluate({"self": self._cel.json_to_cel(value)})
            except self._cel.CELParseError:
                self.skipped[shown] = None
            except self._cel.CELEvalError as error:
                if UNKNOWN in str(error):
                    self.skipped[shown] = None
                else:
                    yield rule.get("message") or f"the rule '{shown}' fails"
            else:
                if not holds:
                    yield rule.get("message") or f"failed rule: {shown}"

    def _program(self, text: str) -> Any:
        if text not in self._programs:
            # cel-python parses such names only as keys
            plain = _ESCAPED.sub(r'["\1"]', _HAS_ESCAPED.sub(r'("\2" in \1)', text))
            self._programs[text] = self._environment.program(
                self._environment.compile(plain), functions=self._functions
            )
        return self._programs[text]


def functions(cel: ModuleType, types: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return the functions of CEL that Kubernetes adds, by name; `cel` and `types` are the modules celpy and celpy.celtypes."""

    def text(value: object) -> Any:
        return types.StringType(value)

    def truth(value: object) -> Any:
        return types.BoolType(bool(value))

    def number(value: int) -> Any:
        return types.IntType(value)

    def substring(value: Any, start: Any, end: Any = None) -> Any:
        stop = len(value) if end is None else int(end)
        if not 0 <= int(start) <= stop <= len(value):
            raise cel.CELEvalError("index out of range")
        return text(str(value)[int(start) : stop])

    def url(value: object) -> Any:
        if not is_url(str(value)):
            raise cel.CELEvalError(f"'{value}' is not a valid URL")
        return value

    return {
        "charAt": lambda value, index: substring(value, index, int(index) + 1),
        "getHost": lambda value: text(urlsplit(str(value)).netloc.rpartition("@")[2]),
        "getScheme": lambda value: text(urlsplit(str(value)).scheme),
        "indexOf": lambda value, part: number(str(value).find(str(part))),
        "isCIDR": lambda value: truth("/" in value and _is(ipaddress.ip_interface, value)),
        "isIP": lambda value: truth(_is(ipaddress.ip_address, value)),
        "isURL": lambda value: truth(is_url(str(value))),
        "join": lambda parts, separator="": text(str(separator).join(map(str, parts))),
        "lastIndexOf": lambda value, part: number(str(value).rfind(str(part))),
        "lowerAscii": lambda value: text(str(value).lower()),
        "replace": lambda value, old, new: text(str(value).replace(str(old), str(new))),
        "split": lambda value, separator: types.ListType([text(part) for part in str(value).split(str(separator))]),
        "substring": substring,
        "trim": lambda value: text(str(value).strip()),
        "upperAscii": lambda value: text(str(value).upper()),
        "url": url,
    }


def is_url(text: str) -> bool:
    """Return whether Go's url.ParseRequestURI accepts the text: an absolute URL, or an absolute path."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return (bool(parts.scheme) and bool(parts.netloc or parts.path)) or text.startswith("/")


def _is(read: Callable[[str], object], text: object) -> bool:
    try:
        read(str(text))
    except ValueError:
        return False
    return True
