"""The code of one file while it runs: global names, and parts that are made when they are first needed and kept for the next run."""

from __future__ import annotations

from _imp import _fix_co_filename  # type: ignore[attr-defined]  # typeshed lacks it

from nixbridge.errors.traceback import MARK
from nixbridge.language.compiler.cache import Template
from nixbridge.language.function_info import FUNCTIONS
from nixbridge.language.runtime.interpreter import raise_limit
from nixbridge.language.runtime.path import NixPath, canonical
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.runtime.values import Function, Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CellType, CodeType, FunctionType
    from typing import Any, TypeAlias

    from nixbridge.language.compiler.cache import CodeCache, Copy, Entry, Part
    from nixbridge.language.compiler.compile import FileCompiler
    from nixbridge.language.runtime.values import Value
    from nixbridge.source import Source

    #: The function that a part of a file is: it takes what the part captures, if that is anything.
    PartFunction: TypeAlias = Callable[..., Value]
    #: The variables around the stubs of a scope, and the code of a stub by how many arguments it has.
    ScopeOfStubs: TypeAlias = tuple[dict[str, CellType], dict[int, CodeType]]
else:
    FunctionType = Function

#: Begins the names of Nix's builtins.
BUILTINS = "builtins."
#: Python frames that reading and compiling a text may take, which is walked by recursion.
COMPILING_FRAMES = 1_000_000


class LoadedFile:
    """The code of one file. Where the cache does not have it, `file` makes it; `compiler` makes that of its regions.

    `resolve` gives the objects of global names.
    """

    def __init__(
        self,
        source: Source,
        keys: tuple[str, ...],
        cache: CodeCache,
        file: Callable[[], tuple[Part, FileCompiler | None]],
        compiler: Callable[[], FileCompiler],
        resolve: Callable[[str], Any],
    ) -> None:
        self._source, self._cache = source, cache
        #: The keys under which there may be code: of this text in this file, and in any file. The last one is for new code.
        self._keys = keys
        self._resolve = resolve
        self._make_file, self._open_compiler = file, compiler
        self._compiler: FileCompiler | None = None
        self._is_new = False
        parts = Parts(self._make_part)

        def run_thunk(captured: tuple[Any, ...]) -> Value:
            return parts[captured[0]](captured)

        def thunk_of(*captured: Any) -> Lazy:
            return Thunk(run_thunk, captured)

        def thunks(numbers: tuple[tuple[str, int], ...], captured: tuple[Any, ...]) -> dict[str, Lazy]:
            return {name: Thunk(run_thunk, (number, *captured)) for name, number in numbers}

        self._names: dict[str, Any] = {
            MARK: True,
            "__builtins__": Builtins(self._resolve_late),
            FUNCTIONS: {},
            "file.name": source.name,
            "file.parts": parts,
            "file.thunk": run_thunk,
            "file.thunk_of": thunk_of,
            "file.thunks": thunks,
            "file.function": self.stubbed_function,
            "file.function_of": self.function_of,
            "file.scope": scope_of_stubs,
            "file.finish": self.finished_function,
            "file.global": resolve,
        }
        self._entry = self._find() or self._new_entry()
        self._codes: dict[int, CodeType] = {}
        self._templates: dict[int, Template] = {}

    def _find(self) -> Entry | None:
        """Return the code of this file or of another one with the same text."""
        for number, key in enumerate(self._keys):
            entry = self._cache.find(key)
            if entry is not None:
                self._keys = self._keys[: number + 1]
                return entry
        return None

    def _new_entry(self) -> Entry:
        self._is_new = True
        return raise_limit(COMPILING_FRAMES, self._compile_file), {}

    def run(self) -> Value:
        """Return the value of the file, in weak head normal form."""
        return self._function(self._code(self._entry[0]))()

    def keep(self) -> None:
        """Keep the code in the cache, with the parts that have been used; nothing happens where all of it is there already."""
        if self._is_new:
            self._is_new = False
            is_own = self._compiler is not None and self._compiler.found.names_folder
            self._cache.keep(self._keys[0 if is_own else -1], self._entry)

    def _compile_file(self) -> Part:
        part, self._compiler = self._make_file()
        return part

    def _compile_region(self, number: int) -> Part | Copy:
        if self._compiler is None:
            self._compiler = self._open_compiler()
        made = self._compiler.region(number)
        template = made[0]
        if isinstance(template, int):
            self._entry[1][template] = self._compiler.templates[template]
        return made

    def _code(self, part: Part) -> CodeType:
        """Return the code of a part; what it needs is put into the file's global names."""
        code, constants, needs, functions = part
        if code.co_filename != self._source.name:
            # as Python's own loader does with modules that were compiled elsewhere
            _fix_co_filename(code, self._source.name)
        names = self._names
        for name in needs:
            if name not in names and not name.startswith(BUILTINS):
                names[name] = self._resolve(name)
        for name, constant in constants.items():
            names[name] = self._value(constant) if constant.__class__ is tuple else constant
        names[FUNCTIONS].update(functions)
        return code

    def _value(self, constant: tuple[Any, ...]) -> Value:
        """Return what a constant is in this file: a path, the start of one, the places of attributes, the value of `__curPos`."""
        kind, *rest = constant
        name = self._source.name
        if kind == "places":
            return {key: [name, *place] for key, place in rest[0].items()}
        if kind == "place":
            line, column = rest
            return {"file": name, "line": line, "column": column} if name.startswith("/") else None
        text: str = rest[0]
        absolute = text if text.startswith("/") else f"{self._source.base}/{text}"
        return NixPath(canonical(absolute)) if kind == "path" else absolute

    def _resolve_late(self, name: str) -> object:
        found: object = self._resolve(name)
        self._names[name] = found
        return found

    def _function(self, code: CodeType) -> PartFunction:
        # compiled from Nix: it reaches nothing but `_names`
        return FunctionType(code, self._names)

    def _region_code(self, number: int) -> CodeType:
        """Return the code of a region, out of the cache or made now."""
        made = self._entry[1].get(number)
        if made is None:
            self._is_new = True
            made = self._entry[1][number] = raise_limit(COMPILING_FRAMES, self._compile_region, number)
        if len(made) == 4:
            return self._code(made)
        template = self._templates.get(made[0])
        if template is None:
            template = self._templates[made[0]] = Template(self._code(self._entry[1][made[0]]))  # type: ignore[arg-type]
        return template.copy(made[1], made[2])

    def _make_part(self, number: int) -> PartFunction:
        return self._function(self._region_code(number))

    # functions whose code waits for the first call

    def stubbed_function(self, number: int, stub: FunctionType) -> FunctionType:
        """Return a stub that has just been made, which is its own last argument; with its code where that is there already.

        A function has an identity in Nix and is made once, so the stub itself turns into the function.
        """
        code = self._codes.get(number)
        if code is None:
            stub.__defaults__ = (stub, number)
        else:
            stub.__code__ = code
        return stub

    def function_of(self, scope: ScopeOfStubs, known: tuple[int, tuple[str, ...], tuple[str, ...]]) -> FunctionType:
        """Return the stub of a function: its region, its parameters and what it captures are `known`."""
        number, parameters, captured = known
        cells, patterns = scope
        pattern = patterns[len(parameters)]
        code = pattern.replace(co_varnames=(*parameters, *pattern.co_varnames[-2:]), co_freevars=captured)
        stub = FunctionType(code, self._names, None, None, tuple([cells[name] for name in captured]))
        return self.stubbed_function(number, stub)

    def finished_function(self, number: int, stub: FunctionType) -> FunctionType:
        """Return a stub that is called, turned into the function."""
        code = self._codes.get(number)
        if code is None:
            code = self._codes[number] = self._region_code(number)
        stub.__code__ = code
        stub.__defaults__ = None
        return stub


def scope_of_stubs(holds: FunctionType, *patterns: FunctionType) -> ScopeOfStubs:
    """Return the variables that a function captures, and the code of stubs by how many arguments they have."""
    cells = dict(zip(holds.__code__.co_freevars, holds.__closure__ or (), strict=True))
    return cells, {pattern.__code__.co_argcount - 2: pattern.__code__ for pattern in patterns}


class Builtins(dict[str, object]):
    """The builtins that a file does not have yet. Python asks here for each when code first uses it; its module is loaded then."""

    __slots__ = ("_resolve",)

    def __init__(self, resolve: Callable[[str], object]) -> None:
        super().__init__()
        self._resolve = resolve

    def __missing__(self, name: str) -> object:
        return self._resolve(name)


class Parts(dict[int, "PartFunction"]):
    """The functions of regions by number; one that is missing is made. Found by Python's own subscript, which costs no call."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[int], PartFunction]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, number: int) -> PartFunction:
        function = self[number] = self._make(number)
        return function
