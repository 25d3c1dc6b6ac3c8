"""The project of a command's inputs: its settings, the files in its folders, and which of them are parts of other files."""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import NixError
from nixbridge.project.imports import Imports
from nixbridge.project.project_settings import Settings, read_settings
from nixbridge.project.root import project_root
from nixbridge.project.sources import Sources
from nixbridge.tools.inputs import Evaluation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from nixbridge.tools.evaluation_options import Options

    #: Iterates over some items, and may show on the way how many are done.
    Each = Callable[[Sequence[Any]], Iterable[Any]]


def project_settings(options: Options, folder: str) -> Settings:
    """Return the settings of the project around `folder`, which are empty for untrusted files. Raises UsageError."""
    folder = os.path.abspath(folder)
    return read_settings(project_root(folder)) if options.project else Settings(folder, {}, None, {})


def project_sources(options: Options, folder: str, exclude: Iterable[str] = ()) -> Sources:
    """Return the finder of files in the project around `folder`; `exclude` are patterns of the command line."""
    settings = project_settings(options, folder)
    patterns = [*settings["exclude"], *exclude]
    return Sources(settings.root, include=settings["include"], exclude=patterns, ask_git=options.project)


def imports_among(files: Iterable[str], options: Options, top: str, each: Each = iter) -> Imports:
    """Return which of `files`, absolute paths below `top`, their texts say that they import; `each` iterates over them."""
    imports = Imports(files)
    evaluation = Evaluation(options, top)
    for file in each(sorted(imports.files)):
        try:
            imports.read(evaluation.source(file))
        except NixError:
            continue  # whoever evaluates the file reports it
    return imports
