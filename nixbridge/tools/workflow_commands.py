"""Workflow commands of GitHub Actions, which show a message at a file and line. (docs.github.com, Workflow commands)"""

from __future__ import annotations

from nixbridge.errors.excerpt import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def annotation(level: str, place: Mapping[str, object], text: str) -> str:
    """Return the command that shows `text` at a place: `file`, `line` and the like. Control characters in a place are shown."""
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
    return f"::{level} {properties}::{_escaped(text)}"


def _escaped(text: str) -> str:
    # the per cent sign first: the replacements that follow put in others
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(printable(text)).replace(":", "%3A").replace(",", "%2C")
