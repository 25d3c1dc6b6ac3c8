"""The Nix code that was running, read from Python's own traceback, so that nothing is paid while all goes well."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType, TracebackType

    from nixbridge.errors.exceptions import NixError
    from nixbridge.source import Source, Span

#: Generated code has this global variable; no other code has.
MARK = "__nix__"
#: A module that walks through values has this: the functions that recurse, each with its local variable that holds the list or set.
#: The key of the part at hand is in their local `name`, an element in `item`.
WALKS = "WALKS_THROUGH"


#: All that a stub names, which stands in for code that is compiled when it is needed (compiler/names.py).
_STUBS = (("file.parts",), ("file.finish",))


def runs_nix(frame: FrameType) -> bool:
    """Return whether a Python frame runs code of the user's, not nixbridge's own or a stub."""
    return MARK in frame.f_globals and frame.f_code.co_names not in _STUBS


class Frame:
    """One function or thunk of Nix that was running: the text it is in, and the place in it that was being evaluated.

    `span` is None under PYTHONNODEBUGRANGES, which removes columns; `line` is always known.
    """

    __slots__ = ("line", "name", "source", "span")

    def __init__(self, source: Source | None, name: str, line: int, span: Span | None) -> None:
        self.source, self.name, self.line, self.span = source, name, line, span


def nix_frames(traceback: TracebackType | None, sources: Mapping[str, Source]) -> Iterator[Frame]:
    """Yield the frames that ran compiled Nix, outermost first. `sources` are the texts by name."""
    while traceback is not None:
        if MARK in traceback.tb_frame.f_globals:
            code = traceback.tb_frame.f_code
            # an entry for each instruction, which takes two bytes
            positions = list(code.co_positions())
            index = traceback.tb_lasti // 2
            line, end_line, column, end_column = positions[index] if index < len(positions) else (None,) * 4
            span: Span | None = None
            if line is not None and column is not None and end_line is not None and end_column is not None:
                span = (line, column, end_line, end_column)
            name = code.co_filename
            source = sources.get(name)
            # what has no width only leads on to code that was compiled later (compiler/emit.py): not a step of the user's program
            if span is None or span[:2] != span[2:]:
                yield Frame(source, name if source is None else source.name, line or traceback.tb_lineno, span)
        traceback = traceback.tb_next


def annotate(error: NixError, sources: Mapping[str, Source]) -> None:
    """Add the frames that led to it to `error`, and the position of the innermost one if it has none."""
    if error.frames:  # an inner evaluation, such as that of an import, has added them
        return
    error.frames = list(nix_frames(error.__traceback__, sources))
    error.context.extend(f"while evaluating attribute '{path}'" for path in paths_being_walked(error.__traceback__))
    if error.span is None and error.origin is not None and error.origin[0] in sources:
        file, line, column = error.origin
        error.source, error.span = sources[file], (line, column - 1, line, column)
    if error.span is None and error.frames:
        innermost = error.frames[-1]
        error.source, error.span = innermost.source, innermost.span


def paths_being_walked(traceback: TracebackType | None) -> list[str]:
    """Return the attribute paths (`a.b.0`) at which values were being written, the innermost writer first.

    A writer that runs while another one forces a part of its value (`builtins.toJSON`) has a path of its own.
    """
    paths: list[list[str]] = [[]]
    while traceback is not None:
        frame = traceback.tb_frame
        walks = frame.f_globals.get(WALKS)
        if MARK in frame.f_globals:
            paths.append([])
        elif walks is not None and frame.f_code.co_name in walks:
            key = _key_at_hand(frame, walks[frame.f_code.co_name])
            if key is not None:
                paths[-1].append(key)
        traceback = traceback.tb_next
    return [".".join(path) for path in reversed(paths) if path]


def _key_at_hand(frame: FrameType, container: str) -> str | None:
    """Return the name or the index of the part that a frame was writing; None where it had not begun."""
    variables = frame.f_locals
    whole = variables.get(container)
    if isinstance(whole, dict):
        name: str | None = variables.get("name")
        return name
    item = variables.get("item", whole)
    if isinstance(whole, list):
        for index, element in enumerate(whole):
            # the variable may hold the value of the thunk already
            if element is item or getattr(element, "value", element) is item:
                return str(index)
    return None
