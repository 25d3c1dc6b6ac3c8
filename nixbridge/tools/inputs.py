"""What the commands share: the options that say how to evaluate, and an evaluator made from them."""

from __future__ import annotations

import os
import sys

from nixbridge.errors.exceptions import Refused
from nixbridge.language.compiler.cache import CodeCache, cache_folder
from nixbridge.language.evaluation.evaluator import MAX_CALL_DEPTH, Evaluator, source_within_limits
from nixbridge.language.machine.host import LARGEST_FILE, Host
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.mesh.service_mesh import service_mesh_prelude
from nixbridge.mesh.tables.builders import builder_value
from nixbridge.project.root import project_root
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


#: What --untrusted sets: seconds, MiB, MiB.
UNTRUSTED_TIMEOUT = 10.0
UNTRUSTED_MEMORY = 1024
UNTRUSTED_OUTPUT = 64


class Options:
    """How to evaluate: the options that eval, render, check and the others share, with their defaults."""

    def __init__(
        self,
        *,
        attribute: str | None = None,
        arguments: tuple[tuple[str, str], ...] = (),
        strings: tuple[tuple[str, str], ...] = (),
        search_path: tuple[str, ...] = (),
        allow: tuple[str, ...] = (),
        allow_environment: bool = False,
        system: str | None = None,
        lib: str | None = None,
        cache: bool = True,
        max_call_depth: int = MAX_CALL_DEPTH,
        positions: bool = False,
        timeout: float | None = None,
        max_memory: int | None = None,
        max_output: int | None = None,
        untrusted: bool = False,
        output_format: str = "json",
        compact: bool = False,
        debugger: bool = False,
    ) -> None:
        self.attribute = attribute
        self.arguments = arguments
        self.strings = strings
        self.search_path = search_path
        self.allow = allow
        self.allow_environment = allow_environment
        self.system = system
        self.lib = lib
        self.cache = cache
        self.max_call_depth = max_call_depth
        self.positions = positions
        self.timeout = timeout if timeout is not None else UNTRUSTED_TIMEOUT if untrusted else None
        self.max_memory = max_memory if max_memory is not None else UNTRUSTED_MEMORY if untrusted else None
        self.max_output = max_output if max_output is not None else UNTRUSTED_OUTPUT if untrusted else None
        self.untrusted = untrusted
        self.output_format = output_format
        self.compact = compact
        self.debugger = debugger

    def with_arguments(self, arguments: list[tuple[str, str]]) -> Options:
        """The same options with further arguments, those of the command line winning."""
        return self._changed(arguments=(*arguments, *self.arguments)) if arguments else self

    def with_folders(self, folders: list[str]) -> Options:
        """The same options with further folders whose files may be read."""
        return self._changed(allow=(*self.allow, *folders)) if folders else self

    def _changed(self, **values: Any) -> Options:
        changed = Options.__new__(Options)
        changed.__dict__.update(self.__dict__, **values)
        return changed


def open_evaluator(
    options: Options,
    folder: str | None,
    write_message: Callable[[str], None],
    cache: CodeCache | None = None,
    builders: Callable[[str], Any] = builder_value,
) -> Evaluator:
    """Return an evaluator that may read the project of `folder` (only `folder` if untrusted) and what the options allow.

    `cache`: one to be shared, instead of its own. `builders` gives the service-mesh functions by name.
    """
    entries = [parse_search_entry(entry) for entry in options.search_path]
    host = Host(
        roots=readable_folders(options, folder),
        trusted=not options.untrusted,
        search_path=entries,
        environment=options.allow_environment,
        system=options.system,
        write_message=write_message,
        most_messages=options.max_output * 1024 * 1024 if options.max_output is not None else None,
    )
    if cache is None:
        cache = CodeCache(cache_folder() if options.cache else None)
    return Evaluator(
        host,
        cache=cache,
        lib=options.lib,
        max_call_depth=options.max_call_depth,
        positions=options.positions,
        prelude=service_mesh_prelude(builders),
    )


def readable_folders(options: Options, folder: str | None) -> list[str]:
    """Return the folders whose files a file of `folder` may read: its project, unless it is untrusted, and those allowed."""
    own = [] if folder is None else [folder if options.untrusted else project_root(folder)]
    return [*own, *map(os.path.abspath, options.allow)]


def parse_search_entry(entry: str) -> tuple[str, str]:
    """`nixpkgs=DIR` or `DIR` as (prefix, absolute path)."""
    prefix, separator, path = entry.partition("=")
    return (prefix, os.path.abspath(path)) if separator else ("", os.path.abspath(entry))


def given_arguments(evaluator: Evaluator, options: Options) -> dict[str, Any]:
    """What --arg and --argstr give, each expression evaluated when it is asked for."""
    folder = os.getcwd()

    def suspend(name: str, text: str) -> Thunk:
        source = Source(text, f"«argument {name}»", folder)
        return Thunk(lambda: evaluator.evaluate(source))

    given: dict[str, Any] = {name: suspend(name, text) for name, text in options.arguments}
    return given | dict(options.strings)


def source_of(what: str, evaluator: Evaluator, *, untrusted: bool = False) -> Source:
    """The text of a FILE argument: a path, `-` for the standard input, a folder with a default.nix.

    Raises Refused for a symbolic link out of its folder when the file is not trusted.
    """
    if untrusted:
        refuse_link_out(what)
    if what == "-":
        text = sys.stdin.buffer.read(LARGEST_FILE).decode("utf-8", "surrogateescape")
        return source_within_limits(text, "«stdin»", os.getcwd())
    return evaluator.read(evaluator.nix_file(os.path.abspath(what)))


def refuse_link_out(path: str) -> None:
    """Raises Refused for a FILE argument that is a symbolic link to something outside its folder."""
    if os.path.islink(path):
        folder = os.path.realpath(os.path.dirname(os.path.abspath(path)))
        if not os.path.realpath(path).startswith(folder.rstrip(os.sep) + os.sep):
            raise Refused(f"'{path}' is a symbolic link that leads out of its folder, which --untrusted refuses")


def folder_of(what: str) -> str:
    """The folder below which a FILE argument may read."""
    if what == "-":
        return os.getcwd()
    path = os.path.abspath(what)
    return path if os.path.isdir(path) else os.path.dirname(path)
