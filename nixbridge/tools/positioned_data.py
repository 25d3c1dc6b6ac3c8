"""JSON and YAML files as data that knows its lines: manifests, and golden files that builders' records came through."""

from __future__ import annotations

from typing import Any

from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import content, data_of, read_data_text

#: Characters of a text whose positions are looked for: a larger one is a golden file, and reading it twice takes long.
MOST_WITH_POSITIONS = 2_000_000


def read_positioned_data(file: str, options: Options, sources: dict[str, Source]) -> Any:
    """Return what `read_data` does, with positions; the text is put into `sources`. Raises NixError."""
    text = read_data_text(file, options)
    data = data_of(text, file)
    sources[file] = Source(text, file)
    if len(text) > MOST_WITH_POSITIONS:
        return data
    from yaml import YAMLError

    from nixbridge.language.formats.yaml_positions import read_stream_with_positions

    try:
        documents = read_stream_with_positions(text, file)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, YAMLError):
        return data
    # JSON is read by YAML's rules here, which differ in tabs and numbers
    positioned = content(documents)
    return positioned if positioned == data else data
