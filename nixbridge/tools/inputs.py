"""Inputs evaluated with options: the one way from a FILE argument or a text to a value.

Commands, checks, lint, migrate and the library open an `Evaluation` and ask it for values. It reads the input, gives a function its
arguments, follows -A and hands the value to a reader (a format's writer, `to_document`, `marked_document`) while forcing it can still
fail with a position.
"""

from __future__ import annotations

import os
import sys

from nixbridge.errors.exceptions import EvalError, Refused
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.evaluation.autocall import select_path
from nixbridge.language.evaluation.evaluator import Evaluator, source_within_limits
from nixbridge.language.formats.format_table import DATA_SUFFIXES
from nixbridge.language.machine.host import Host, write_stderr
from nixbridge.language.runtime.function import call
from nixbridge.language.runtime.strings import normal
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.mesh.service_mesh import service_mesh_prelude
from nixbridge.project.root import is_below, marked_root, project_root, settings_file, settings_paths
from nixbridge.regular_file import LARGEST_FILE
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import MIB, search_entry
from nixbridge.user_cache import cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeVar

    from nixbridge.flakes.opened_flakes import OpenedFlakes
    from nixbridge.language.evaluation.autocall import Arguments
    from nixbridge.language.runtime.values import Lazy, Value
    from nixbridge.project.project_settings import Settings
    from nixbridge.tools.call_recorder import CallRecorder
    from nixbridge.tools.evaluation_options import Options

    #: A FILE argument (a path, a folder with a default.nix, `-` for standard input), or a text that already exists.
    Input = str | Source
    T = TypeVar("T")

STDIN = "-"


class Project:
    """The project of a folder: the root whose files its inputs may read, and the settings, if there are any.

    A file's own folder is all that there is without `options.project`. Raises UsageError for invalid settings.
    """

    __slots__ = ("root", "settings")

    def __init__(self, options: Options, folder: str | None) -> None:
        self.root = project_root(folder) if options.project and folder is not None else folder
        self.settings = settings_of(self.root) if options.project else None

    def readable_folders(self, options: Options) -> list[str]:
        """Return the folders whose files an input may read: those of the project, and what the options and its settings allow."""
        further = further_folders(options if self.settings is None else with_settings(options, self.settings))
        return further if self.root is None else [self.root, *further]


class Evaluation:
    """An evaluator opened with options, for the inputs of `folder`.

    `write_message` shows what `trace` and `warn` print (the default: standard error). `cache` is one to be shared instead of the
    user's. `given` are arguments that are values already; they win over --arg and --argstr. `recorder` gives builders that note their
    calls. `on_import` is called with each path that is imported, `on_break` at each `builtins.break`. `functions` are further names,
    in scope and in `builtins`. `read_virtual` gives the contents of files that need not exist. `project` is that of the folder, where
    it was looked for already.

    What was read stays known after an error: `sources` are the texts by name, `dependencies` all that the answer depends on.
    """

    def __init__(
        self,
        options: Options,
        folder: str | None,
        *,
        write_message: Callable[[str], None] | None = None,
        cache: CodeCache | None = None,
        given: Mapping[str, Lazy] | None = None,
        recorder: CallRecorder | None = None,
        on_import: Callable[[str], None] | None = None,
        on_break: Callable[[], None] | None = None,
        functions: Mapping[str, Lazy] | None = None,
        read_virtual: Callable[[str], bytes | None] | None = None,
        project: Project | None = None,
    ) -> None:
        found = project if project is not None else Project(options, folder)
        root, self._settings = found.root, found.settings
        self._environment = options.environment
        self._folder = folder
        if self._settings is not None:
            options = with_settings(options, self._settings)
        self.options = options
        self.recorder = recorder
        self._given = given or {}
        self._used: set[str] = set()
        self.host = _host(options, root, write_message, read_virtual)
        prelude = service_mesh_prelude() if recorder is None else service_mesh_prelude(recorder.builder_value)
        self.evaluator = Evaluator(
            self.host,
            cache=trusted_cache(cache if cache is not None else open_cache(options), options, folder),
            lib=options.lib,
            max_call_depth=options.max_call_depth,
            positions=options.positions,
            prelude=prelude if not functions else prelude.with_functions(functions),
            on_import=on_import,
            on_break=on_break,
            flakes=self.flakes,
        )
        # set here: what the host reads for an evaluation is made by a tool, which it must not import
        self.host.read_output = self._read_output
        self.sources = self.evaluator.sources
        self._write_message = write_message
        self._flakes: OpenedFlakes | None = None
        if options.project and root is not None:
            # settings that appear, change or disappear may change the answer
            self.host.files.dependencies.update(dict.fromkeys(settings_paths(root)))

    def read(
        self,
        what: Input,
        reader: Callable[[Value, Host], T],
        *,
        attribute: str | None = None,
        given: Mapping[str, Lazy] | None = None,
    ) -> T:
        """Evaluate an input and return the result of `reader` for its value, or for the data in its output.

        A derivation of the built-in pkgs counts as the JSON and YAML in its output: its store path is never shown. Evaluation may start
        over, once for each mode that it turns out to need, and `reader` is then called again. `attribute` and `given` are for this input
        alone, in place of -A and besides the other arguments. Raises NixError.
        """

        def read_data(value: Lazy, host: Host) -> T:
            value = force(value)
            if isinstance(value, dict) and is_stand_in(value):
                from nixbridge.tools.build.outputs import document_of

                value = document_of(value, host)
            return reader(value, host)

        return self.read_value(what, read_data, attribute=attribute, given=given)

    def read_value(
        self,
        what: Input,
        reader: Callable[[Value, Host], T],
        *,
        attribute: str | None = None,
        given: Mapping[str, Lazy] | None = None,
    ) -> T:
        """Evaluate an input and return the result of `reader` for the value itself, otherwise like `read`."""

        def attempt() -> T:
            # an evaluation that starts over (for positions, say) calls every builder again
            if self.recorder is not None:
                self.recorder.calls.clear()
            return reader(self.value(what, attribute, given), self.host)

        # an evaluation may start over; what it printed before is then not printed again
        self.host.messages.begin()
        return self.evaluator.run(attempt)

    def value(self, what: Input, attribute: str | None = None, given: Mapping[str, Lazy] | None = None) -> Value:
        """Return the value of an input as -A and the arguments select it. Only inside `read` or the evaluator's `run`."""
        attribute = attribute if attribute is not None else self.options.attribute
        arguments = self.arguments(given)
        apply = (
            self._expression(self.options.apply, "«function»", os.getcwd()) if self.options.apply is not None else None
        )
        if not isinstance(what, Source) and is_flake(what):
            value = self._flake_value(what, attribute, arguments)
        else:
            source = what if isinstance(what, Source) else self.source(what)
            value = self.evaluator.evaluate_for_user(source, arguments, attribute)
        # only of the last input: arguments belong to an evaluation
        self._used = arguments.used
        return value if apply is None else force(call(apply(), value))

    def flakes(self, installable: str | None = None) -> OpenedFlakes:
        """Return the service that locks and calls flakes, for `builtins.getFlake` or for a flake on the command line with its settings."""
        if self._flakes is None:
            from nixbridge.flakes.input_cache import input_cache
            from nixbridge.flakes.opened_flakes import OpenedFlakes, input_folders

            options = self.options
            settings = None
            folder = self._folder if installable is None else _folder_of_flake(installable)
            if installable is not None and options.project:
                settings = settings_of(project_root(_folder_of_flake(installable)))
            if settings is not None:
                options = with_settings(options, settings)
            self.evaluator.cache = trusted_cache(self.evaluator.cache, options, folder)
            self._flakes = OpenedFlakes(
                self.evaluator,
                cache=input_cache(trusted_folder(cache_folder(), options, folder)),
                note=self._write_message or write_stderr,
                inputs=input_folders(options.inputs),
                system=options.system,
                trusted=not options.untrusted,
            )
        return self._flakes

    def _flake_value(self, installable: str, attribute: str | None, arguments: Arguments) -> Value:
        from nixbridge.flakes.installable import installable_value

        # before the flake is read: its own file must not see the environment either
        self.host.make_pure()
        value = installable_value(self.flakes(installable), installable)
        return value if attribute is None else select_path(value, attribute, arguments)

    def _read_output(self, path: str) -> bytes | None:
        from nixbridge.tools.build.outputs import read_output

        return read_output(self.host, path)

    def source(self, file: str) -> Source:
        """Return the text of a FILE argument. Raises NixError if it cannot or must not be read."""
        if file == STDIN:
            text = sys.stdin.buffer.read(LARGEST_FILE).decode("utf-8", "surrogateescape")
            return source_within_limits(text, "«stdin»", os.getcwd())
        refuse_link_out(file, self.options)
        return self.evaluator.read(self.evaluator.nix_file(os.path.abspath(file)))

    def arguments(self, given: Mapping[str, Lazy] | None = None) -> Arguments:
        """Return the arguments for functions. Raises NixError for an --arg that does not parse."""
        expressions = self._suspended(self.options.arguments, os.getcwd())
        strings = {name: normal(text) for name, text in self.options.strings}
        return self.evaluator.arguments(
            {**self._arguments_of_project(), **expressions, **strings, **self._given, **(given or {})}
        )

    def _arguments_of_project(self) -> dict[str, Lazy]:
        """Return the arguments in the settings, those of the environment before those of the project."""
        settings = self._settings
        if settings is None:
            if self._environment is not None:
                from nixbridge.project.project_settings import no_environment

                raise no_environment(self._environment, [])
            return {}
        given: dict[str, Lazy] = {}
        for expressions, strings in settings.arguments_of(self._environment):
            given |= {**self._suspended(expressions.items(), settings.root), **strings}
        return given

    def _suspended(self, arguments: Iterable[tuple[str, str]], folder: str) -> dict[str, Lazy]:
        return {name: Thunk(self._expression(text, f"«argument {name}»", folder)) for name, text in arguments}

    def _expression(self, text: str, name: str, folder: str) -> Callable[[], Value]:
        # loaded at once, evaluated on demand: a mistake of syntax must not wait until something needs the value
        return self.evaluator.load(Source(text, name, folder))

    @property
    def unused_arguments(self) -> list[str]:
        """A sentence for each argument that was given and that no function took. (Nix drops them silently.)"""
        given = [*dict(self.options.arguments), *dict(self.options.strings), *self._given]
        unused = [name for name in given if name not in self._used]
        return [f"argument '{name}' is not used: no called function takes it" for name in unused]

    @property
    def dependencies(self) -> list[str]:
        """The files and variables that the answer depends on: files that were read or looked for, and environment variables as `$NAME`."""
        return [*self.host.files.dependencies, *(f"${name}" for name in self.host.variables_read)]


def is_stand_in(value: dict[str, Lazy]) -> bool:
    """Return whether a set is a derivation of the built-in pkgs whose store path is a stand-in."""
    if "builder" not in value or "drvPath" not in value:
        return False
    builder = force(value["builder"])
    # the output of a fetch is known by its hash, so its path is the true one
    return builder.__class__ is str and builder.startswith("nixbridge:") and builder != "nixbridge:fetch"


def readable_folders(options: Options, folder: str | None) -> list[str]:
    """Return the folders whose files an input of `folder` may read: its project, or only `folder`, and what the options allow."""
    return Project(options, folder).readable_folders(options)


def further_folders(options: Options) -> list[str]:
    """Return the folders whose files may be read besides those of the project."""
    lib = [options.lib] if options.lib is not None else []
    return [*map(os.path.abspath, options.allow), *lib]


def settings_of(root: str | None) -> Settings | None:
    """Return the settings of the project at `root`; None where it has none. Raises UsageError for invalid settings."""
    if root is None or settings_file(root) is None:
        return None
    from nixbridge.project.project_settings import read_settings

    return read_settings(root)


def with_settings(options: Options, settings: Settings) -> Options:
    """Return the options completed by the settings of a project; the command line takes precedence."""
    return options.changed(
        # the search path takes the first match, so the command line comes first; of inputs the last one counts
        allow=(*options.allow, *settings.allow),
        search_path=(*options.search_path, *settings.search_path),
        system=options.system if options.system is not None else settings["system"],
        inputs=(*settings.inputs, *options.inputs),
    )


def trusted_cache(cache: CodeCache, options: Options, *folders: str | None) -> CodeCache:
    """Return `cache`, or one that keeps nothing where the inputs of `folders` are untrusted and could have put entries into it.

    An entry is code that Python runs, and the author of a repository can compute the keys.
    """
    folder = trusted_folder(cache.folder, options, *folders)
    return cache if folder == cache.folder else CodeCache(folder)


def trusted_folder(cache: str | None, options: Options, *folders: str | None) -> str | None:
    """Return the cache folder; None where the inputs of `folders` are untrusted and could have put something into it.

    XDG_CACHE_HOME may be in their repository.
    """
    if not options.untrusted or cache is None:
        return cache
    real = os.path.realpath(cache)
    tops = [os.path.realpath(top) for top in (os.getcwd(), *folders) if top is not None]
    # any project, not the one that the input seems to be in: its author may have marked an inner folder as the root
    return None if marked_root(real) is not None or any(is_below(real, top) for top in tops) else cache


def open_cache(options: Options) -> CodeCache:
    """Return the user's cache of compiled files, or one that keeps nothing under --no-cache."""
    return CodeCache(cache_folder() if options.cache else None)


def folder_of(what: Input) -> str | None:
    """Return the folder that an input belongs to; None for a flake, which reads its own source alone."""
    if isinstance(what, Source):
        return what.base
    if is_flake(what):
        return None
    if what == STDIN:
        return os.getcwd()
    path = os.path.abspath(what)
    return path if os.path.isdir(path) else os.path.dirname(path)


def is_flake(what: str) -> bool:
    """Return whether a FILE argument is a flake reference: `.#x`, `.`, a folder, `path:...`, `git+file:...`.

    A folder with a default.nix and no flake.nix is a Nix file.
    """
    if "#" in what and not os.path.isfile(what):
        return True
    if what.startswith(("path:", "git+file:")):
        return True
    folder = what or "."
    return os.path.isdir(folder) and (
        os.path.lexists(f"{folder}/flake.nix") or not os.path.isfile(f"{folder}/default.nix")
    )


def _host(
    options: Options,
    root: str | None,
    write_message: Callable[[str], None] | None,
    read_virtual: Callable[[str], bytes | None] | None,
) -> Host:
    """Return the host that an evaluation with these options may use, in a project with this root."""
    return Host(
        roots=[*([root] if root is not None else []), *further_folders(options)],
        trusted=options.project,
        search_path=[search_entry(entry) for entry in options.search_path],
        environment=options.allow_environment,
        system=options.system,
        write_message=write_message,
        most_messages=options.max_output * MIB if options.max_output is not None else None,
        read_virtual=read_virtual,
    )


def _folder_of_flake(installable: str) -> str:
    path = installable.partition("#")[0].partition("?")[0]
    for scheme in ("path:", "git+file://", "git+file:"):
        path = path.removeprefix(scheme)
    return os.path.abspath(path or ".")


def is_data(what: Input) -> bool:
    """Return whether an input is a JSON or YAML file rather than Nix."""
    return not isinstance(what, Source) and what.endswith(DATA_SUFFIXES)


def read_data(file: str, options: Options) -> Any:
    """Return the data of a JSON or YAML file; several YAML documents are a list. Raises NixError."""
    return data_of(read_data_text(file, options), file)


def read_data_text(file: str, options: Options) -> str:
    """Return the text of a JSON or YAML file. Raises NixError."""
    refuse_link_out(file, options)
    try:
        # utf-8-sig: editors on Windows put a byte order mark at the start
        return read_data_bytes(file, options).decode("utf-8-sig")
    except ValueError as error:
        raise EvalError(f"'{file}' cannot be read: {error}") from None


def read_data_bytes(file: str, options: Options) -> bytes:
    """Return the contents of a file that its project may read. Raises NixError."""
    path = os.path.abspath(file)
    return Host(roots=readable_folders(options, os.path.dirname(path))).files.read_bytes(path)


def data_of(text: str, file: str) -> Any:
    """Return the data of the text of a JSON or YAML file. Raises EvalError for a text that is neither."""
    try:
        if file.endswith(".json"):
            from nixbridge.language.formats.json import read

            return read(text)
    except ValueError as error:
        raise EvalError(f"'{file}' cannot be read: {error}") from None
    from nixbridge.language.formats.yaml import read_stream, template_hint  # PyYAML is loaded for YAML alone

    try:
        return content(read_stream(text))
    except ValueError as error:
        raise EvalError(f"'{file}' cannot be read: {error}", hint=template_hint(text)) from None


def content(documents: list[object]) -> object:
    """Return the document of a YAML file, or a list of several. Empty ones, as after a final `---`, do not count."""
    found = [document for document in documents if document is not None]
    return found[0] if len(found) == 1 else found


def refuse_link_out(path: str, options: Options) -> None:
    """Raise Refused, under --untrusted, for a FILE argument that is a symbolic link to something outside its folder.

    --allow does not change this: the user who allows a folder cannot know the target of an untrusted link.
    """
    if options.untrusted and os.path.islink(path):
        folder = os.path.realpath(os.path.dirname(os.path.abspath(path)))
        if not os.path.realpath(path).startswith(folder.rstrip(os.sep) + os.sep):
            raise Refused(f"'{path}' is a symbolic link that leads out of its folder, which --untrusted refuses")
