"""The functions that Kubernetes adds to CEL, for the rules of CRDs. (kubernetes.io/docs/reference/using-api/cel)"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def functions(cel: ModuleType, types: ModuleType) -> dict[str, Callable[..., Any]]:
    """Name -> function; `cel` and `types` are the modules celpy and celpy.celtypes."""

    def text(value: Any) -> Any:
        return types.StringType(value)

    def truth(value: Any) -> Any:
        return types.BoolType(bool(value))

    def number(value: int) -> Any:
        return types.IntType(value)

    def substring(value: Any, start: Any, end: Any = None) -> Any:
        stop = len(value) if end is None else int(end)
        if not 0 <= int(start) <= stop <= len(value):
            raise cel.CELEvalError("index out of range")
        return text(str(value)[int(start) : stop])

    def url(value: Any) -> Any:
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


def _is(read: Callable[[str], object], text: Any) -> bool:
    try:
        read(str(text))
    except ValueError:
        return False
    return True
