"""Which Nix code was running: read from Python's own traceback, so that nothing is paid while all goes well."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from nixbridge.errors.exceptions import NixError
    from nixbridge.source import Source, Span

#: Generated code has this global variable; no other code has.
MARK = "__nix__"


class Frame:
    """One function or thunk of Nix that was running: the text it is in, and the place in it that was being evaluated.

    `span` is None under PYTHONNODEBUGRANGES, which takes the columns away; `line` is there all the same.
    """

    __slots__ = ("line", "name", "source", "span")

    def __init__(self, source: Source | None, name: str, line: int, span: Span | None) -> None:
        self.source, self.name, self.line, self.span = source, name, line, span


def nix_frames(traceback: TracebackType | None, sources: Mapping[str, Source]) -> Iterator[Frame]:
    """The frames that ran compiled Nix, outermost first. `sources` are the texts by name."""
    while traceback is not None:
        if MARK in traceback.tb_frame.f_globals:
            code = traceback.tb_frame.f_code
            positions = list(code.co_positions())
            index = traceback.tb_lasti // 2
            line, end_line, column, end_column = positions[index] if index < len(positions) else (None,) * 4
            span: Span | None = None
            if line is not None and column is not None and end_line is not None and end_column is not None:
                span = (line, column, end_line, end_column)
            name = code.co_filename
            source = sources.get(name)
            yield Frame(source, name if source is None else source.name, line or traceback.tb_lineno, span)
        traceback = traceback.tb_next


def annotate(error: NixError, sources: Mapping[str, Source]) -> None:
    """Puts into `error` the frames that led to it and, where it has no place of its own, that of the innermost one."""
    if error.frames:
        return
    error.frames = list(nix_frames(error.__traceback__, sources))
    if error.span is None and error.frames:
        innermost = error.frames[-1]
        error.source, error.span = innermost.source, innermost.span
