"""The state that emitters share: the unit of code that is being made, and the Python function in it that is being written."""

from __future__ import annotations

from nixbridge.language.compiler.binding import Local, Member, meaning
from nixbridge.language.compiler.names import CONSTANT, STUBS, TEMPORARY
from nixbridge.language.syntax.ast import Select, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.binding import GlobalNames
    from nixbridge.language.compiler.resolution import Resolution
    from nixbridge.language.function_info import Packed
    from nixbridge.language.syntax.ast import Node
    from nixbridge.source import Source, Span


class Mode:
    """How to compile: with positions of attributes kept, with calls counted. Each mode has its own cache entry."""

    __slots__ = ("counted", "positions")

    def __init__(self, positions: bool = False, counted: bool = False) -> None:
        self.positions = positions
        self.counted = counted


class Stub:
    """A region whose code is not made yet: what stands in its place passes `captured` to it, Python variables.

    `forced` says which of them hold the forced value of a variable; `once`, whether it runs once; `bound_to` is the name of a function.
    """

    __slots__ = ("bound_to", "captured", "forced", "node", "once")

    def __init__(
        self, node: Node, captured: list[str], forced: dict[Local, str], once: bool, bound_to: str = ""
    ) -> None:
        self.node, self.captured, self.forced, self.once, self.bound_to = node, captured, forced, once, bound_to


class Unit:
    """Code that is compiled at once: a file without its regions, or one region. `number` is the region's, -1 for the file.

    The source, the global names and what the resolve pass found belong to the whole file; constants, functions and stubs to the unit.
    """

    __slots__ = (
        *("constants", "deepest", "depth", "found", "functions", "globals", "mode", "number", "root", "source"),
        "_scopes",
        "stubs",
    )

    def __init__(
        self, root: Node, source: Source, global_names: GlobalNames, found: Resolution, mode: Mode, number: int = -1
    ) -> None:
        self.root = root
        self.source = source
        self.globals = global_names
        self.found = found
        self.mode = mode
        self.number = number
        self.depth = 0
        self.deepest = 0
        self.constants: dict[str, object] = {}
        self.functions: dict[str, Packed] = {}
        self.stubs: dict[int, Stub] = {}
        self._scopes = 0

    def constant(self, value: object) -> str:
        """Return the global variable under which `value` (a folded list or set) will be found."""
        name = f"{CONSTANT}{self.number}.{len(self.constants)}"
        self.constants[name] = value
        return name

    def scope_of_stubs(self) -> ScopeOfStubs:
        """Return what collects the stubs of a scope, under a variable of its own."""
        self._scopes += 1
        return ScopeOfStubs(f"{STUBS}{self._scopes}")


class ScopeOfStubs:
    """The stubs of functions that one `let` or `rec` binds, at the top of a file, where there are many of which few are called.

    One function captures for all of them what each captures, which is made into a stub by the runtime: a function for each
    takes Python's compiler ten times as long.
    """

    __slots__ = ("arities", "captured", "python")

    def __init__(self, python: str) -> None:
        self.python = python
        self.captured: set[str] = set()
        self.arities: set[int] = set()

    def captured_by(self, captured: list[str], arity: int) -> tuple[str, ...]:
        """Note a stub of so many arguments. Returns what it captures in the order in which Python keeps it."""
        self.captured.update(captured)
        self.arities.add(arity)
        return tuple(sorted(set(captured)))


class Frame:
    """One generated Python function: which variables are known to be forced at this point, and its temporaries."""

    __slots__ = ("forced", "in_use", "log", "once", "parent", "runs_in", "stubs", "unit")

    def __init__(
        self, unit: Unit, parent: Frame | None = None, *, once: bool, forced: dict[Local, str] | None = None
    ) -> None:
        self.unit = unit
        self.parent = parent
        #: The code runs at most once in an evaluation: it is made short rather than fast, since making it takes longer than running it.
        self.once = once
        self.forced: dict[Local, str] = forced if forced is not None else {}
        self.log: list[Local] = []
        self.in_use = 0
        self.runs_in: Frame = self
        #: The stubs of the scope at hand, where they are made together.
        self.stubs: ScopeOfStubs | None = None

    def inner(self) -> Frame:
        """Return the frame of a thunk inside this one."""
        return Frame(self.unit, self, once=self.once)

    def function(self, *, once: bool) -> Frame:
        """Return the frame of a function of Nix inside this one, which may be called many times, or `once`."""
        return Frame(self.unit, self, once=self.once and once)

    def group(self) -> Frame:
        """Return the frame of a Python function that is called where it stands: it runs while this one does."""
        group = Frame(self.unit, self, once=self.once)
        group.runs_in = self.runs_in
        return group

    def awaits(self, local: Local) -> bool:
        """Return whether `local` is perhaps not assigned yet when the code at this point runs."""
        return local.pending and local.frame is not None and local.frame.runs_in is self.runs_in

    def has_value(self, node: Node) -> bool:
        """Return whether the variable that `node` is, or is selected from, holds its value here, not a thunk."""
        subject = node.subject if isinstance(node, Select) else node
        binding = meaning(subject) if isinstance(subject, Variable) else None
        local = binding.container if isinstance(binding, Member) else binding
        if not isinstance(local, Local):
            return False
        return self.alias(local) is not None or (local.is_value and not self.awaits(local))

    def span(self, node: Node) -> Span:
        """Return where a node stands."""
        return self.unit.source.span(node.start, node.end)

    def alias(self, local: Local) -> str | None:
        """Return the Python variable that holds the forced value of `local` here, if one does.

        What the enclosing function knew when this one was made holds for good: its variable is assigned already.
        """
        frame: Frame | None = self
        while frame is not None:
            known = frame.forced.get(local)
            if known is not None:
                return known
            frame = frame.parent
        return None

    def note_forced(self, local: Local, python: str) -> None:
        """Record that from here on `python` holds the forced value of `local`."""
        if local not in self.forced:
            self.forced[local] = python
            self.log.append(local)

    def branch(self) -> _Branch:
        """Return a context in which code may not be run: what is recorded inside holds only there."""
        return _Branch(self)

    def scratch(self) -> _Scratch:
        """Return a context after which all temporaries taken in it are free again."""
        return _Scratch(self)

    def temporary(self) -> str:
        """Return a Python variable for an intermediate result, free again after the `scratch` that it is taken in."""
        self.in_use += 1
        return f"{TEMPORARY}{self.in_use}"


class _Branch:
    __slots__ = ("frame", "mark")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def __enter__(self) -> None:
        self.mark = len(self.frame.log)

    def __exit__(self, *_error: object) -> None:
        log, forced = self.frame.log, self.frame.forced
        while len(log) > self.mark:
            del forced[log.pop()]


class _Scratch:
    __slots__ = ("frame", "mark")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def __enter__(self) -> None:
        self.mark = self.frame.in_use

    def __exit__(self, *_error: object) -> None:
        self.frame.in_use = self.mark
