"""The library: Nix text and files in, plain Python data out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import IO, Any

from nixbridge.language.evaluation.evaluator import MAX_CALL_DEPTH
from nixbridge.language.formats import nix_source
from nixbridge.language.formats.document import to_document
from nixbridge.language.formats.plain_data import nix_value
from nixbridge.source import Source
from nixbridge.tools.inputs import Evaluation
from nixbridge.tools.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.tools.inputs import Input


def evaluate(
    text: str,
    *,
    args: Mapping[str, Any] | None = None,
    attr: str | None = None,
    base: str | os.PathLike[str] | None = None,
    name: str = "«string»",
    allow: Sequence[str | os.PathLike[str]] = (),
    search_path: Mapping[str, str | os.PathLike[str]] | None = None,
    max_call_depth: int = MAX_CALL_DEPTH,
    cache: bool = False,
) -> Any:
    """The value of a Nix expression as plain data: dict, list, str, int, float, bool, None.

    `args` are given to a function of formals, as `--arg` does; `attr` selects (`a.b.0`). `base` is the folder that relative
    paths start from and below which files may be read (default: the current one), `allow` are further folders, `search_path` is
    what `<name>` means. Sets are in Nix's order of names. Raises NixError.
    """
    folder = os.path.abspath(os.fspath(base) if base is not None else os.getcwd())
    source = Source(text, name, folder)
    return _evaluate(source, folder, args, attr, allow, search_path, max_call_depth, cache)


def evaluate_file(
    path: str | os.PathLike[str],
    *,
    args: Mapping[str, Any] | None = None,
    attr: str | None = None,
    allow: Sequence[str | os.PathLike[str]] = (),
    search_path: Mapping[str, str | os.PathLike[str]] | None = None,
    max_call_depth: int = MAX_CALL_DEPTH,
    cache: bool = True,
) -> Any:
    """The value of a Nix file as plain data, as by `evaluate`. Files below its folder may be read. Raises NixError."""
    file = os.path.abspath(os.fspath(path))
    folder = os.path.dirname(file)
    return _evaluate(file, folder, args, attr, allow, search_path, max_call_depth, cache)


def loads(text: str) -> Any:
    """The data that a Nix expression is. Nothing but the text is read: no file. Raises NixError."""
    return _evaluate(Source(text), None, None, None, (), None, MAX_CALL_DEPTH, False)


def load(file: IO[str]) -> Any:
    """`loads` of what the open file holds."""
    return loads(file.read())


def dumps(data: Any) -> str:
    """Plain data as Nix text that evaluates to it. Raises TypeError or ValueError for what Nix cannot say, as json.dumps does."""
    return nix_source.write(data)


def dump(data: Any, file: IO[str]) -> None:
    """Writes `dumps(data)` to the open file."""
    file.write(dumps(data))


def _evaluate(
    what: Input,
    folder: str | None,
    args: Mapping[str, Any] | None,
    attr: str | None,
    allow: Sequence[str | os.PathLike[str]],
    search_path: Mapping[str, str | os.PathLike[str]] | None,
    max_call_depth: int,
    cache: bool,
) -> Any:
    options = Options(
        attribute=attr,
        allow=tuple(os.fspath(one) for one in allow),
        search_path=tuple(f"{prefix}={os.fspath(path)}" for prefix, path in (search_path or {}).items()),
        max_call_depth=max_call_depth,
        cache=cache,
        project=False,
    )
    given = {key: nix_value(value, f"args[{key!r}]") for key, value in (args or {}).items()}
    return Evaluation(options, folder, given=given).read(what, to_document)
