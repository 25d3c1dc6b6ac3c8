"""The library: Nix text and files in, plain Python data out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.evaluation.evaluator import MAX_CALL_DEPTH
from nixbridge.language.formats import nix_source
from nixbridge.language.formats.document import to_document
from nixbridge.mesh.tables.builder_record import builder_function
from nixbridge.mesh.tables.parameter import Builder
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation, open_cache
from nixbridge.tools.memory_errors import memory_is_a_limit
from nixbridge.tools.python_functions import nix_function, value_with_functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host
    from nixbridge.language.runtime.values import Lazy
    from nixbridge.tools.inputs import Input

    AnyPath = str | os.PathLike[str]
    #: Texts by path, or a function that returns the text of a path, None where it has none.
    VirtualFiles = Mapping[str, str | bytes] | Callable[[str], str | bytes | None]


def evaluate(
    text: str | bytes,
    *,
    args: Mapping[str, object] | None = None,
    attr: str | Sequence[str | int] | None = None,
    base: AnyPath | None = None,
    name: str = "«string»",
    allow: Sequence[AnyPath] = (),
    search_path: Mapping[str, AnyPath] | None = None,
    max_call_depth: int = MAX_CALL_DEPTH,
    cache: bool = False,
    project: bool = False,
    timeout: float | None = None,
    max_memory: int | None = None,
) -> Any:
    """Return the value of a Nix expression as plain data: dict, list, str, int, float, bool, None.

    `args` are passed to a function of formals, as by `--arg`; Python functions may be among them. `attr` selects: `"a.b.0"` or
    `["a", "b", 0]`. `base` is the folder that relative paths start from and below which files may be read (default: the current one),
    `allow` are further folders; with `project`, the whole project around `base` may be read, and its settings hold. `search_path` is
    the meaning of `<name>`. With `timeout` (seconds) or `max_memory` (MiB) the evaluation runs in a separate process. Sets are in Nix's
    order of names. Raises NixError.
    """
    evaluator = Evaluator(
        base=base,
        allow=allow,
        search_path=search_path,
        max_call_depth=max_call_depth,
        cache=cache,
        project=project,
        timeout=timeout,
        max_memory=max_memory,
    )
    return evaluator.evaluate(text, args=args, attr=attr, name=name)


def evaluate_file(
    path: AnyPath,
    *,
    args: Mapping[str, object] | None = None,
    attr: str | Sequence[str | int] | None = None,
    allow: Sequence[AnyPath] = (),
    search_path: Mapping[str, AnyPath] | None = None,
    max_call_depth: int = MAX_CALL_DEPTH,
    cache: bool = True,
    project: bool = False,
    timeout: float | None = None,
    max_memory: int | None = None,
) -> object:
    """Return the value of a Nix file as plain data, as `evaluate` does. Files below its folder may be read. Raises NixError."""
    evaluator = Evaluator(
        allow=allow,
        search_path=search_path,
        max_call_depth=max_call_depth,
        cache=cache,
        project=project,
        timeout=timeout,
        max_memory=max_memory,
    )
    return evaluator.evaluate_file(path, args=args, attr=attr)


def loads(text: str | bytes | bytearray) -> Any:
    """Return the data that a Nix expression is; bytes are UTF-8. Nothing except the text is read: no file. Raises NixError."""
    evaluation = Evaluation(Options(cache=False, project=False), None)
    with memory_is_a_limit():
        return evaluation.read(Source(_decoded(text)), to_document)


def load(file: IO[str] | IO[bytes]) -> Any:
    """Return `loads` of the contents of an open file."""
    return loads(file.read())


def dumps(data: object) -> str:
    """Return plain data as Nix text that evaluates to it. Raises TypeError or ValueError for what Nix cannot express, as json.dumps."""
    return nix_source.write(data)


def dump(data: object, file: IO[str]) -> None:
    """Write `dumps(data)` to the open file."""
    file.write(dumps(data))


class Evaluator:
    """An evaluator that is kept between evaluations.

    Imported files are read, compiled and evaluated once, and again when a file that was read has changed. `builtins` are Python
    functions by the names that Nix code calls them by, also as `builtins.NAME`; they get and return plain data. `builders` are further
    builders, made from tables. `files` are files that need not exist, by path (relative ones below `base`) or from a function. `project`
    lets files read the project around them and gives them its settings. `write_message` shows what `trace` and `warn` print. The other
    parameters are those of `evaluate`. An Evaluator belongs to one thread.
    """

    def __init__(
        self,
        *,
        base: AnyPath | None = None,
        allow: Sequence[AnyPath] = (),
        search_path: Mapping[str, AnyPath] | None = None,
        builtins: Mapping[str, Callable[..., Any]] | None = None,
        builders: Sequence[Builder] = (),
        files: VirtualFiles | None = None,
        system: str | None = None,
        lib: AnyPath | None = None,
        project: bool = False,
        max_call_depth: int = MAX_CALL_DEPTH,
        cache: bool = True,
        timeout: float | None = None,
        max_memory: int | None = None,
        write_message: Callable[[str], None] | None = None,
    ) -> None:
        self.base = os.path.abspath(os.fspath(base) if base is not None else os.getcwd())
        self._options = Options(
            allow=tuple(os.path.abspath(os.fspath(one)) for one in allow),
            search_path=tuple(f"{prefix}={os.fspath(path)}" for prefix, path in (search_path or {}).items()),
            system=system,
            lib=os.fspath(lib) if lib is not None else None,
            max_call_depth=max_call_depth,
            cache=cache,
            project=project,
        )
        self._limits = (timeout, max_memory)
        self._write_message = write_message
        self._read_virtual = _reader(files, self.base) if files is not None else None
        self._cache: CodeCache = open_cache(self._options)
        self._evaluations: dict[str, Evaluation] = {}
        self._seen: dict[str, object] = {}
        self._current: Evaluation | None = None
        self._functions: dict[str, Lazy] = {
            name: nix_function(function, name, self._host) for name, function in (builtins or {}).items()
        }
        self._functions |= {builder.name: builder_function(builder) for builder in builders}

    def evaluate(
        self,
        text: str | bytes,
        *,
        args: Mapping[str, object] | None = None,
        attr: str | Sequence[str | int] | None = None,
        name: str = "«string»",
    ) -> Any:
        """Return the value of an expression as plain data. Raises NixError."""
        return self._evaluate(Source(_decoded(text), name, self.base), self.base, args, attr)

    def evaluate_file(
        self,
        path: AnyPath,
        *,
        args: Mapping[str, object] | None = None,
        attr: str | Sequence[str | int] | None = None,
    ) -> object:
        """Return the value of a file as plain data; files below its folder may be read. Raises NixError."""
        file = os.path.abspath(os.path.join(self.base, os.fspath(path)))
        return self._evaluate(file, os.path.dirname(file), args, attr)

    def _evaluate(
        self,
        what: Input,
        folder: str,
        args: Mapping[str, object] | None,
        attr: str | Sequence[str | int] | None,
    ) -> object:
        given = {key: value_with_functions(value, f"args[{key!r}]", self._host) for key, value in (args or {}).items()}
        attribute = attr if attr is None or isinstance(attr, str) else attribute_path(attr)
        evaluation = self._evaluation(folder)

        def task() -> object:
            return evaluation.read(what, to_document, attribute=attribute, given=given)

        timeout, max_memory = self._limits
        try:
            # a limit needs a process of its own, which costs more than a small evaluation
            if timeout is None and max_memory is None:
                with memory_is_a_limit():
                    return task()
            from nixbridge.tools.limited_call import call_limited

            return call_limited(task, timeout, max_memory)
        # after an error as well: the file that was wrong is the one that will change
        finally:
            for path in evaluation.host.files.dependencies:
                if path not in self._seen:
                    self._seen[path] = _state(path)

    def _evaluation(self, folder: str) -> Evaluation:
        """Return the evaluation of a folder, a new one if a file that was read has changed."""
        # one changed file may be imported by any of them, so all begin again
        if any(_state(path) != state for path, state in self._seen.items()):
            self._evaluations.clear()
            self._seen.clear()
        if folder not in self._evaluations:
            self._evaluations[folder] = Evaluation(
                self._options,
                folder,
                write_message=self._write_message,
                cache=self._cache,
                functions=self._functions,
                read_virtual=self._read_virtual,
            )
        self._current = self._evaluations[folder]
        return self._current

    def _host(self) -> Host:
        assert self._current is not None  # a function is called while something is evaluated
        return self._current.host


def attribute_path(parts: Sequence[str | int]) -> str:
    """Return the attribute path of some parts, as -A takes it. Raises EvalError for a part that a path cannot have."""
    for part in parts:
        if '"' in str(part):
            raise EvalError(f"attr: a quotation mark cannot be selected: {part!r}")
    # quoted: a dot in a name is not a step of the path
    return ".".join(f'"{part}"' for part in parts)


def _decoded(text: str | bytes | bytearray) -> str:
    """Return a text; bytes are UTF-8."""
    return text if isinstance(text, str) else text.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def _reader(files: VirtualFiles, base: str) -> Callable[[str], bytes | None]:
    """Return the function that returns the bytes of a virtual file by its absolute path."""
    if callable(files):
        find: Callable[[str], str | bytes | None] = files
    else:
        find = {os.path.normpath(os.path.join(base, path)): text for path, text in files.items()}.get

    def read(path: str) -> bytes | None:
        text = find(path)
        return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text

    return read


def _state(path: str) -> object:
    """Return a value that changes when a file, a folder or a link changes."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode
