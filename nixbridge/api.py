"""The library: Nix text and files in, plain Python data out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import IO, Any

from nixbridge.errors.exceptions import EvalError
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
    attr: str | Sequence[str | int] | None = None,
    base: str | os.PathLike[str] | None = None,
    name: str = "«string»",
    allow: Sequence[str | os.PathLike[str]] = (),
    search_path: Mapping[str, str | os.PathLike[str]] | None = None,
    max_call_depth: int = MAX_CALL_DEPTH,
    cache: bool = False,
    project: bool = False,
) -> Any:
    """Return the value of a Nix expression as plain data: dict, list, str, int, float, bool, None.

    `args` are passed to a function of formals, as `--arg` does; `attr` selects (`a.b.0`, or `["a", "b", 0]`). `base` is the folder that
    relative paths start from and below which files may be read (default: the current one), `allow` are further folders; with `project`,
    the whole project around `base` may be read, and its settings hold. `search_path` is the meaning of `<name>`. Sets are in Nix's order
    of names. Raises NixError.
    """
    folder = os.path.abspath(os.fspath(base) if base is not None else os.getcwd())
    source = Source(text, name, folder)
    return _evaluate(source, folder, args, attr, allow, search_path, max_call_depth, cache, project)


def evaluate_file(
    path: str | os.PathLike[str],
    *,
    args: Mapping[str, Any] | None = None,
    attr: str | Sequence[str | int] | None = None,
    allow: Sequence[str | os.PathLike[str]] = (),
    search_path: Mapping[str, str | os.PathLike[str]] | None = None,
    max_call_depth: int = MAX_CALL_DEPTH,
    cache: bool = True,
    project: bool = False,
) -> Any:
    """Return the value of a Nix file as plain data, as `evaluate` does. Files below its folder may be read. Raises NixError."""
    file = os.path.abspath(os.fspath(path))
    folder = os.path.dirname(file)
    return _evaluate(file, folder, args, attr, allow, search_path, max_call_depth, cache, project)


def loads(text: str | bytes | bytearray) -> Any:
    """Return the data that a Nix expression is; bytes are UTF-8. Nothing except the text is read: no file. Raises NixError."""
    if not isinstance(text, str):
        text = text.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    return _evaluate(Source(text), None, None, None, (), None, MAX_CALL_DEPTH, False, False)


def load(file: IO[str] | IO[bytes]) -> Any:
    """Return `loads` of the contents of an open file."""
    return loads(file.read())


def dumps(data: Any) -> str:
    """Return Nix text that evaluates to plain data. Raises TypeError or ValueError for data that Nix does not have."""
    return nix_source.write(data)


def dump(data: Any, file: IO[str]) -> None:
    """Write `dumps(data)` to an open file."""
    file.write(dumps(data))


def _evaluate(
    what: Input,
    folder: str | None,
    args: Mapping[str, Any] | None,
    attr: str | Sequence[str | int] | None,
    allow: Sequence[str | os.PathLike[str]],
    search_path: Mapping[str, str | os.PathLike[str]] | None,
    max_call_depth: int,
    cache: bool,
    project: bool,
) -> Any:
    options = Options(
        attribute=attr if attr is None or isinstance(attr, str) else _path_of(attr),
        allow=tuple(os.fspath(one) for one in allow),
        search_path=tuple(f"{prefix}={os.fspath(path)}" for prefix, path in (search_path or {}).items()),
        max_call_depth=max_call_depth,
        cache=cache,
        project=project,
    )
    given = {key: nix_value(value, f"args[{key!r}]") for key, value in (args or {}).items()}
    return Evaluation(options, folder, given=given).read(what, to_document)


def _path_of(parts: Sequence[str | int]) -> str:
    """Return the attribute path of some parts. Raises EvalError for a part that a path cannot have."""
    for part in parts:
        if '"' in str(part):
            raise EvalError(f"attr: a quotation mark cannot be selected: {part!r}")
    return ".".join(f'"{part}"' for part in parts)
