"""The formats by name; each is a module with `write(value, host)`, imported when it is used."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from nixbridge.language.machine.host import Host

    class Format(Protocol):
        """A format as a module offers it."""

        def write(self, value: Any, host: Host) -> str:
            """Return a value as text, with its newline. Raises EvalError."""

        def read(self, text: str) -> Any:
            """Return the data of a golden file. Raises ValueError."""


#: What `--format` takes.
FORMATS = ("json", "yaml", "nix", "xml", "raw")
#: The formats in which it matters whether two lists are one, and where attributes stand.
EXACT = ("nix", "xml")


class CompactJson:
    """JSON on one line."""

    def write(self, value: Any, host: Host) -> str:
        """Return the value as Nix's --json prints it."""
        from nixbridge.language.formats.json import write_compact

        return write_compact(value, host)

    def read(self, text: str) -> Any:
        """Return the data of a JSON text."""
        from nixbridge.language.formats.json import read

        return read(text)


def format_named(name: str) -> Format:
    """Return the format called `name`: one of FORMATS, or `json-compact`."""
    if name == "json-compact":
        return CompactJson()
    # most YAML is written without PyYAML
    module: Any = import_module(
        "nixbridge.language.formats.plain_yaml" if name == "yaml" else f"nixbridge.language.formats.{name}"
    )
    return module  # type: ignore[no-any-return]
