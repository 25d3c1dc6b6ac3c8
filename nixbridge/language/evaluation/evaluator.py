"""From text to value: cached code where there is some, else the parser and the compiler; imports come back here.

Evaluation may start again from the outside, since a pure program gives the same answer twice: with the positions of
attributes kept, when the program asks for one; with calls counted, when Python's stack is deeper than Nix's call limit, to
know which of the two has been reached; with the Nix code of functions that run in Python, when it fails or does what these leave to it.
"""

from __future__ import annotations

import os
import sys

from nixbridge.errors.exceptions import EvalError, InfiniteRecursion, LimitReached, NixError, TooDeep, WithoutNatives
from nixbridge.errors.traceback import annotate
from nixbridge.language.compiler.cache import COMPILED, CodeCache
from nixbridge.language.evaluation.autocall import Arguments, auto_call, select_path
from nixbridge.language.evaluation.globals import LIB, Globals, NeedPositions, Services, global_names
from nixbridge.language.evaluation.loaded_file import LoadedFile
from nixbridge.language.machine.files import BUILT_IN_COREPKGS, BUILT_IN_NIXPKGS
from nixbridge.language.machine.host import Host
from nixbridge.language.prelude import NO_PRELUDE, Prelude
from nixbridge.language.runtime.function import call
from nixbridge.language.runtime.interpreter import run_with_depth
from nixbridge.language.runtime.path import canonical
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.values import Lazy, Value
from nixbridge.source import Source
from nixbridge.type_checking import Sentinel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from nixbridge.language.compiler.cache import Part
    from nixbridge.language.compiler.compile import FileCompiler
    from nixbridge.language.evaluation.globals import FlakeServices
    from nixbridge.language.pkgs.package_set import PackageSets
    from nixbridge.language.store.memory_store import MemoryStore

    T = TypeVar("T")

#: Nix's own (max-call-depth); less in a browser, for the reason given at DEEPEST_VALUE.
MAX_CALL_DEPTH = 10_000 if sys.platform != "emscripten" else 1_500
#: Marks a file whose evaluation is in progress; reading it means an import cycle.
EVALUATING = Sentinel("EVALUATING")
#: Characters that a file of Nix may have.
LARGEST_SOURCE = 32 * 1024 * 1024
#: Python frames that a program may have open whose calls are counted: thunks within thunks take two each.
DEEPEST_STACK = 1_000_000


class Evaluator:
    """Evaluates texts and files with one host. Imported files are evaluated once, as Nix does.

    `prelude` says what is in scope besides Nix's own names; `lib` is a folder, which the host allows, in place of the built-in lib.
    `on_import` is called with each path that a program imports, `on_break` at each `builtins.break`.
    """

    def __init__(
        self,
        host: Host,
        *,
        cache: CodeCache | None = None,
        lib: str | None = None,
        max_call_depth: int = MAX_CALL_DEPTH,
        positions: bool = False,
        prelude: Prelude = NO_PRELUDE,
        on_import: Callable[[str], None] | None = None,
        on_break: Callable[[], None] | None = None,
        flakes: Callable[[], FlakeServices] | None = None,
    ) -> None:
        self.host = host
        self._flakes = flakes
        self._on_import, self._on_break = on_import, on_break
        self._prelude = prelude
        self.cache = cache if cache is not None else CodeCache(None)
        self.sources: dict[str, Source] = {}
        self._lib_folder = lib
        self._max_call_depth = max_call_depth
        # the mode, which `run` changes when the program turns out to need another
        self._positions = positions
        self._counted = False
        self._natives = on_break is None
        #: The values of what was imported, by the path that was given, and those of files, by the one that was read.
        self._imported: dict[str, Value | EVALUATING] = {}
        self._evaluated: dict[str, Value | EVALUATING] = {}
        self._loaded: list[LoadedFile] = []
        self._built_in_lib: Value = None
        self._package_sets: PackageSets | None = None
        #: what `import` gives of paths that are nowhere on this machine; `flakes` fills it in, in each run
        self.provided: dict[str, Lazy] = {}
        host.open_store = _open_store
        self.globals = self._new_globals()

    def run(self, task: Callable[[], T]) -> T:
        """Return `task()`, which evaluates, under the conditions that compiled code needs.

        `task` is called once for each mode that the program turns out to need (see the module's first lines), so it must not count on
        being called once. Raises NixError, with its position and frames.
        """
        try:
            while True:
                frames = DEEPEST_STACK if self._counted else self._max_call_depth
                try:
                    return run_with_depth(frames, task)
                except NeedPositions:
                    self._positions = True
                except WithoutNatives:
                    self._natives = False
                except NixError:
                    # the message may be right, its traceback is not: it lacks the steps that ran in Python
                    if not self.globals.uses_natives:
                        raise
                    self._natives = False
                except RecursionError as error:
                    if self._counted:
                        raise TooDeep("stack overflow (possible infinite recursion)").with_traceback(
                            error.__traceback__
                        ) from None
                    self._counted = True
                self._start_again()
        except NixError as error:
            annotate(error, self.sources)
            if error.source is not None:
                error.source = self.sources.get(error.source.name, error.source)
            raise
        finally:
            self._keep_code()

    def _start_again(self) -> None:
        self._keep_code()
        self._loaded.clear()
        self._imported.clear()
        self._evaluated.clear()
        self._built_in_lib = None
        self._package_sets = None
        self.provided.clear()
        self.globals = self._new_globals()
        self.host.messages.restart()

    def _new_globals(self) -> Globals:
        services = Services(
            self.host,
            self.import_file,
            self.scoped_import,
            positions=self._positions,
            on_import=self._on_import,
            on_break=self._on_break,
            flakes=self._flakes,
        )
        return Globals(services, self.lib, self._max_call_depth, self._prelude, natives=self._natives)

    # evaluating

    def evaluate(self, source: Source) -> Value:
        """Return the value of a text, in weak head normal form. Inside `run`."""
        return self.load(source)()

    def evaluate_for_user(self, source: Source, arguments: Arguments, attribute: str | None = None) -> Value:
        """Return the value of a text as the command line shows it: functions called with what they ask for, `-A` followed."""
        value = self.evaluate(source)
        return auto_call(value, arguments) if attribute is None else select_path(value, attribute, arguments)

    def arguments(self, given: Mapping[str, Lazy]) -> Arguments:
        """Return what functions are called with: what the user gave, and what this evaluator provides where they ask for it."""
        names = {"lib": LIB} | {name: f"prelude.{name}" for name in self._prelude.arguments}
        provided = {name: Thunk(self.globals.resolve, python) for name, python in names.items()}
        provided["pkgs"] = Thunk(self.pkgs)
        return Arguments(provided, given)

    def load(self, source: Source, scope: Mapping[str, Lazy] | None = None) -> Callable[[], Value]:
        """Return the function of no argument that a text is. `scope`: the names of a scoped import."""
        # messages show a flake's file where the user has it, not by the store path that the program sees
        shown = self.host.files.shown(source.name)
        if shown == source.name:
            self.sources[shown] = source
        else:
            self.sources[source.name] = self.sources[shown] = Source(source.text, shown, source.base, source.first_line)
        extra = tuple(sorted(scope)) if scope is not None else ()
        keys = self._keys(source, extra)
        globals_ = self.globals

        def resolve(name: str) -> Any:
            return scope[name[6:]] if scope is not None and name.startswith("scope.") else globals_.resolve(name)

        compiler = self._compiler(source, extra)
        file = self._file(source, extra, compiler)
        loaded = LoadedFile(source, keys, self.cache, file, compiler, resolve)
        self._loaded.append(loaded)
        return loaded.run

    def _keys(self, source: Source, extra: tuple[str, ...]) -> tuple[str, ...]:
        """Return the keys of code of this text: in this file alone, and in any."""
        mode = f"{self._positions:d}{self._counted:d}{source.first_line}"
        shared = self.cache.key((mode, "\0".join((*self._prelude.names, "", *extra)), source.text))
        own = self.cache.key((shared, source.name, source.base))
        # what stays in this process is the very code that runs, which has one name
        return (own,) if self.cache.folder is None else (own, shared)

    def _compiler(self, source: Source, extra: tuple[str, ...]) -> Callable[[], FileCompiler]:
        mode = self._positions, self._counted

        def compiler() -> FileCompiler:
            from nixbridge.language.compiler.compile import FileCompiler, tree_of
            from nixbridge.language.compiler.frame import Mode

            compiled = Mode(*mode)
            return FileCompiler(tree_of(source, compiled), source, global_names(self._prelude, extra), compiled)

        return compiler

    def _file(
        self, source: Source, extra: tuple[str, ...], compiler: Callable[[], FileCompiler]
    ) -> Callable[[], tuple[Part, FileCompiler | None]]:
        mode = self._positions, self._counted

        def file() -> tuple[Part, FileCompiler | None]:
            if not COMPILED.another():
                made = compiler()
                return made.file(), made
            from nixbridge.language.compiler.alike_files import file_code
            from nixbridge.language.compiler.frame import Mode

            return file_code(source, global_names(self._prelude, extra), Mode(*mode), compiler)

        return file

    def _keep_code(self) -> None:
        """Keep what was compiled. What has run by now is most of what will ever run."""
        for loaded in self._loaded:
            loaded.keep()

    # importing

    def read(self, path: str) -> Source:
        """Return the text of a file. Raises NixError for what cannot be read."""
        return source_within_limits(self.host.files.read_text(path), path, os.path.dirname(path) or "/")

    def import_file(self, path: str) -> Value:
        """Return the value of a file, or of the `default.nix` in a folder; evaluated once. (Nix manual, builtins.import)"""
        return _once(self._imported, canonical(path), self._import)

    def _import(self, path: str) -> Value:
        if path.startswith((BUILT_IN_NIXPKGS, BUILT_IN_COREPKGS)):
            return self.import_built_in(path)
        if path in self.provided:
            return force(self.provided[path])
        module = self.prelude_module(path)
        if module is not None:
            return lambda _arguments: self.globals.resolve(module)
        # a file has one value, however many names lead to it
        return _once(self._evaluated, self.nix_file(path), lambda file: self.evaluate(self.read(file)))

    def scoped_import(self, scope: Mapping[str, Lazy], path: str) -> Value:
        """Return the value of a file whose global names are those of `scope` first. (builtins.scopedImport)"""
        return self.load(self.read(self.nix_file(canonical(path))), scope)()

    def nix_file(self, path: str) -> str:
        """Return the file that `import` of `path` reads, links at the end of the path resolved."""
        return self.host.files.import_target(path)

    def prelude_module(self, path: str) -> str | None:
        """Return the name of the prelude's value that stands in for `path` where no such file exists, else None.

        Raises Refused for a path outside the allowed folders.
        """
        name = self._prelude.modules.get(os.path.basename(path))
        if name is None or self.host.files.leads_to_a_file(path):
            return None
        self.host.files.depends_on(path)  # the answer is another one once the file exists
        return f"prelude.{name}"

    def import_built_in(self, path: str) -> Value:
        """Return the value of nixbridge's own `<nixpkgs>`, `<nixpkgs/lib>` and `<nix/...>`."""
        if path.startswith(BUILT_IN_COREPKGS):
            from nixbridge.language.builtins.corepkgs import COREPKGS

            name = path.removeprefix(BUILT_IN_COREPKGS + "/")
            if name not in COREPKGS:
                raise EvalError(f"path '<nix/{name}>' does not exist")
            return self.evaluate(Source(COREPKGS[name], f"/{name}", BUILT_IN_COREPKGS))  # Nix shows it so
        from nixbridge.language.nixpkgs.built_in import built_in_source

        if path == f"{BUILT_IN_NIXPKGS}/lib":
            return self.lib()
        if path == BUILT_IN_NIXPKGS:
            return self.nixpkgs_function()
        text = built_in_source(path)
        if text is None:
            raise EvalError(
                f"'{path}' is not among what nixbridge brings itself; use -I nixpkgs=DIR for a real nixpkgs"
            )
        return self.evaluate(Source(text, path, os.path.dirname(path)))

    def lib(self) -> Value:
        """Return nixpkgs' `lib`: the built-in one, or that of the folder given with --lib."""
        if self._lib_folder is not None:
            return self.import_file(os.path.abspath(self._lib_folder))
        if self._built_in_lib is None:
            from nixbridge.language.nixpkgs.library import Library

            self._built_in_lib = Library(self.globals.services, self._load_text).lib
        return self._built_in_lib

    def nixpkgs(self, arguments: Lazy) -> Value:
        """Return what `import <nixpkgs>` is where the search path has none, called with `{ system, config, overlays, ... }`."""
        if self._package_sets is None:
            from nixbridge.language.pkgs.package_set import PackageSets

            self._package_sets = PackageSets(self.globals.services, self._load_text, self.lib)
        return self._package_sets.nixpkgs(arguments)

    def nixpkgs_function(self) -> Value:
        """Return the built-in nixpkgs as the function that `import <nixpkgs>` gives."""
        return lambda arguments: self.nixpkgs(arguments)

    def prelude_value(self, name: str) -> Value:
        """Return the value of a name of the prelude, or of one of its sets."""
        value: Value = self.globals.resolve(f"prelude.{name}")
        return value

    def pkgs(self) -> Value:
        """Return `pkgs` as a file that is a function is given it: the nixpkgs of the search path, or else the built-in one."""
        from nixbridge.language.machine.search_path import find_file

        nixpkgs = self.import_file(find_file(self.host.files, self.host.search_path, "nixpkgs"))
        return call(nixpkgs, {"system": self.host.system} if self.host.system is not None else {})

    def _load_text(self, text: str, name: str) -> Value:
        return self.evaluate(Source(text, name, os.path.dirname(name)))


def _once(known: dict[str, Value | EVALUATING], path: str, evaluate: Callable[[str], Value]) -> Value:
    """Return `evaluate(path)`, which is kept in `known`. Raises InfiniteRecursion where it needs itself."""
    if path in known:
        value = known[path]
        if value is EVALUATING:
            raise InfiniteRecursion("infinite recursion encountered")
        return value
    known[path] = EVALUATING
    try:
        value = known[path] = evaluate(path)
    except BaseException:
        known.pop(path, None)
        raise
    return value


def _open_store(host: Host) -> MemoryStore:
    """Return a new store for an evaluation that needs one; most do not, and hashing takes a while to load."""
    from nixbridge.language.store.memory_store import MemoryStore

    return MemoryStore(host.files)


def source_within_limits(text: str, name: str, base: str) -> Source:
    """Return a text that was read as a source. Raises LimitReached where it is longer than a file of Nix may be."""
    if len(text) > LARGEST_SOURCE:
        raise LimitReached(
            f"'{name}' has {len(text)} characters; a Nix file may have {LARGEST_SOURCE} (data is better read with "
            "builtins.fromJSON)"
        )
    return Source(text, name, base)
