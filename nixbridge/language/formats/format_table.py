"""The table of formats: their names, their files' suffixes, and the modules that write and read them."""

from __future__ import annotations

from nixbridge.late_import import import_late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.machine.host import Host


class Format:
    """A row of the table. Its modules are imported on first use: PyYAML alone takes longer than a small evaluation.

    `writer` and `reader` are modules with `write(value, host)` and `read(text)`. `suffixes` are those of its files, the one for new
    files first. `is_data`: JSON's data model, so its files are inputs as well as golden files. `is_exact`: its text shows
    whether two lists are the same list and where attributes were defined, so an evaluation for it must keep both.
    """

    __slots__ = ("_function", "_reader", "_writer", "is_data", "is_exact", "name", "suffixes")

    def __init__(
        self,
        name: str,
        *suffixes: str,
        writer: str,
        function: str = "write",
        reader: str | None = None,
        is_data: bool = False,
        is_exact: bool = False,
    ) -> None:
        self.name, self.suffixes, self.is_data, self.is_exact = name, suffixes, is_data, is_exact
        self._writer, self._function, self._reader = writer, function, reader

    def write(self, value: object, host: Host) -> str:
        """Return a value as text, with its final newline. Raises EvalError for a value that the format cannot hold."""
        return str(getattr(import_late(self._writer), self._function)(value, host))

    @property
    def reader(self) -> Any:
        """The module that reads files of the format: `read(text)`, and for golden files the layout of differences."""
        assert self._reader is not None, f"{self.name} is not read back"
        return import_late(self._reader)

    def read(self, text: str) -> Any:
        """Return the data of a file of the format. Raises ValueError, or RecursionError, for a text that is not valid."""
        return self.reader.read(text)


TABLE = (
    Format(
        "json",
        ".json",
        writer="nixbridge.language.formats.json",
        reader="nixbridge.language.formats.json",
        is_data=True,
    ),
    # plain_yaml falls back on PyYAML when a string needs quotes
    Format(
        "yaml",
        *(".yaml", ".yml"),
        writer="nixbridge.language.formats.plain_yaml",
        reader="nixbridge.language.formats.yaml",
        is_data=True,
    ),
    Format(
        "xml",
        ".xml",
        writer="nixbridge.language.formats.xml",
        reader="nixbridge.language.formats.xml_reader",
        is_exact=True,
    ),
    Format(
        "nix",
        ".nix-value",
        writer="nixbridge.language.formats.nix",
        reader="nixbridge.language.formats.nix_reader",
        is_exact=True,
    ),
    Format("raw", writer="nixbridge.language.formats.raw"),
    Format("json-compact", writer="nixbridge.language.formats.json", function="write_compact"),
)
_BY_NAME = {row.name: row for row in TABLE}
#: The choices of `eval --format`; one-line JSON is `--compact` there.
FORMATS = tuple(name for name in _BY_NAME if name != "json-compact")
#: Suffix -> the format of a golden file.
GOLDEN_FORMATS = {suffix: row.name for row in TABLE for suffix in row.suffixes}
#: Suffixes of files that hold data: inputs, or golden files.
DATA_SUFFIXES = tuple(suffix for row in TABLE if row.is_data for suffix in row.suffixes)


def format_named(name: str) -> Format:
    """Return the row of a format, by its name."""
    return _BY_NAME[name]
