"""Plain data as Nix text that evaluates to it, laid out as nixfmt lays it out."""

from __future__ import annotations

from nixbridge.runtime.number import LARGEST, SMALLEST
from nixbridge.runtime.show import show_name, show_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: A list or set that fits into so many characters stays on one line, when nixfmt would leave it there.
WIDTH = 100
#: Nix refuses a literal below it; as a product, both factors powers of two apart, such a number is exact.
SMALLEST_LITERAL = 2.0**-1022


class NixText(str):
    """Nix text that stands for itself where a value is expected."""

    __slots__ = ()


def write(data: Any) -> str:
    """Nix text with a newline at its end. Raises TypeError for what is no data, ValueError for a number that Nix has not."""
    return _value(data, "") + "\n"


def _value(data: Any, indent: str) -> str:
    if isinstance(data, NixText):
        return str(data).replace("\n", f"\n{indent}")
    if isinstance(data, dict):
        return _set(data, indent)
    if isinstance(data, (list, tuple)):
        return _list(list(data), indent)
    if isinstance(data, str):
        return _string(data, indent)
    return _scalar(data)


def _scalar(data: Any) -> str:
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int):
        if not SMALLEST <= data <= LARGEST:
            raise ValueError(f"{data} does not fit into Nix's 64 bits")
        return f"({SMALLEST + 1} - 1)" if data == SMALLEST else str(data)
    if isinstance(data, float):
        return _float(data)
    raise TypeError(f"{type(data).__name__} is no data that Nix has")


def _float(number: float) -> str:
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError(f"{number} has no Nix text")
    if number == 0:
        # `-0.0` is `0 - 0.0`, which is 0.0
        return "(0.0 * -1.0)" if repr(number) == "-0.0" else "0.0"
    if abs(number) < SMALLEST_LITERAL:
        return f"({_float(number * 2.0**200)} * {_float(2.0**-200)})"
    text = repr(number)
    mantissa, mark, exponent = text.partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return mantissa + mark + exponent


def _set(attrs: dict[Any, Any], indent: str) -> str:
    if not attrs:
        return "{ }"
    inner = indent + "  "
    lines = []
    for name, value in attrs.items():
        if not isinstance(name, str):
            raise TypeError(f"names of a set are strings, not {type(name).__name__}")
        lines.append(f"{inner}{show_name(_checked(name))} = {_value(value, inner)};\n")
    return "{\n" + "".join(lines) + indent + "}"


def _list(items: list[Any], indent: str) -> str:
    if not items:
        return "[ ]"
    inner = indent + "  "
    written = [_element(item, inner) for item in items]
    if len(items) == 1 and "\n" not in written[0] and len(indent) + len(written[0]) < WIDTH:
        return f"[ {written[0]} ]"
    if len(items) == 1 and written[0].startswith("{"):
        return f"[\n{inner}{written[0]}\n{indent}]"
    return "[\n" + "".join(f"{inner}{item}\n" for item in written) + indent + "]"


def _element(item: Any, indent: str) -> str:
    """A list element: what begins with a minus, or is a call, needs parentheses."""
    text = _value(item, indent)
    return f"({text})" if text.startswith("-") or isinstance(item, NixText) else text


def _string(text: str, indent: str) -> str:
    """A string literal; text of several lines as an indented string where that reads back the same."""
    lines = _checked(text).split("\n")
    if len(lines) < 3 or not _is_block(lines):
        return show_string(text)
    inner = indent + "  "
    escaped = [line.replace("''", "'''").replace("${", "''${") for line in lines]
    block = "''\n" + "".join(f"{inner}{line}\n" if line else "\n" for line in escaped[:-1])
    return f"{block}{inner}{escaped[-1]}''" if lines[-1] else f"{block}{indent}''"


def _checked(text: str) -> str:
    """`text`, when Nix can hold it. Raises ValueError: a null character, half of a character."""
    if "\0" in text:
        raise ValueError("a Nix string holds no null character")
    if not text.isascii():
        try:
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise ValueError(f"{text[:50]!a} holds half of a character") from None
    return text


def _is_block(lines: list[str]) -> bool:
    """Do lines survive as an indented string? Not without one that begins at the margin, nor with blank or unseen characters."""
    if lines[-1][-1:] in ("'", "$"):
        return False  # would run into the closing quotes
    return any(line and not line.startswith(" ") for line in lines) and all(
        not line or (line.isprintable() and line.strip(" ")) for line in lines
    )
