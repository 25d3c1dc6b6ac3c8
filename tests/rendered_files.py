"""A file as render reads it."""

from __future__ import annotations

from typing import Any

from nixbridge.language.evaluation.provenance import marked_document
from nixbridge.source import Source
from nixbridge.tools.call_recorder import CallRecorder
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation, folder_of, is_data
from nixbridge.tools.positioned_data import read_positioned_data


def read_result(file: str, options: Options, sources: dict[str, Source]) -> Any:
    """Return the value of a Nix file with its marks and positions, or the data of another; the texts are put into `sources`."""
    if is_data(file):
        return read_positioned_data(file, options, sources)
    evaluation = Evaluation(options, folder_of(file), recorder=CallRecorder())
    result = evaluation.read(file, marked_document)
    sources.update(evaluation.sources)
    return result
