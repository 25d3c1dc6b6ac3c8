"""Reports: an error as text, with its message, excerpt, suggestion and trace."""

from __future__ import annotations

import re

from nixbridge.errors.excerpt import excerpt, printable, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.errors.exceptions import NixError
    from nixbridge.errors.traceback import Frame

#: What a message may take up, in bytes; a message is read by people, or by a log that pays for it.
LONGEST_REPORT = 60_000
#: How many steps of the way are shown without --show-trace.
STEPS_SHOWN = 3
#: More lines of one kind than this are not even looked at.
MOST_LINES = 2000

_INDENT = "       "
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def report(error: NixError, *, show_trace: bool = False, colour: bool = False) -> str:
    """Return the whole message, without a newline at its end. Control characters of the user's text are shown, not sent."""
    lines = [f"{_paint('error:', '1;31', colour)} {_lines(error.message)}"]
    lines.extend(_place(error.frames, error, colour))
    if error.hint:
        lines.append(f"{_INDENT}{_paint('help:', '1;36', colour)} {_lines(error.hint)}")
    lines.extend(f"{_INDENT}… {_lines(text)}" for text in error.context[:MOST_LINES])
    steps = _steps(error)
    if show_trace:
        lines.extend(_whole_way(steps[:MOST_LINES]))
    elif steps:
        lines.extend(f"{_INDENT}… from {_position(frame)}{_times(count)}" for frame, count in steps[:STEPS_SHOWN])
        if len(steps) > STEPS_SHOWN:
            lines.append(f"{_INDENT}… and {len(steps) - STEPS_SHOWN} more steps (--show-trace shows them)")
    return shortened("\n".join(lines))


def shortened(text: str) -> str:
    """Return `text`, cut where it is longer than a message may be."""
    if len(text) * 4 <= LONGEST_REPORT:  # a character has four bytes at most
        return text
    data = text[:LONGEST_REPORT].encode("utf-8", "replace")
    # a cut in the middle of a character is left out by "ignore" below
    if len(text) <= LONGEST_REPORT and len(data) <= LONGEST_REPORT:
        return text
    return data[:LONGEST_REPORT].decode("utf-8", "ignore") + "\n... (cut)"


def _whole_way(steps: list[tuple[Frame, int]]) -> list[str]:
    """Return the steps with their excerpts, for as long as there is room."""
    lines: list[str] = []
    size = 0
    for frame, count in steps:
        shown = [f"{_INDENT}… from {_position(frame)}{_times(count)}"]
        if frame.source is not None and frame.span is not None:
            shown.extend(f"{_INDENT}     {text}" for text in excerpt(frame.source, frame.span))
        lines.extend(shown)
        size += sum(map(len, shown))
        if size > LONGEST_REPORT:
            break
    return lines


def _place(frames: list[Frame], error: NixError, colour: bool) -> list[str]:
    """Return the lines that show the place: the error's own, else the innermost line that is known."""
    if error.source is not None and error.span is not None:
        line, column = error.span[0], _character_column(error)
        where = f"{_INDENT}at {printable(error.source.name)}:{line}:{column}:"
        text, underline = excerpt(error.source, error.span)
        return [where, f"{_INDENT}     {text}", f"{_INDENT}     {_paint(underline, '1;31', colour)}"]
    return [f"{_INDENT}at {_position(frames[-1])}"] if frames else []


def _character_column(error: NixError) -> int:
    """Return the column as people and editors count it: characters from 1."""
    assert error.source is not None and error.span is not None
    line, column = error.span[:2]
    return character_column(error.source.line(line), column)


def character_column(line: str, column: int) -> int:
    """Return a column in UTF-8 bytes from 0 as one in characters from 1."""
    if line.isascii():
        return column + 1
    return len(to_bytes(line)[:column].decode("utf-8", "surrogateescape")) + 1


def _position(frame: Frame) -> str:
    if frame.span is None:
        return f"{printable(frame.name)}:{frame.line}"
    line, column = frame.span[:2]
    if frame.source is not None:
        return f"{printable(frame.name)}:{line}:{character_column(frame.source.line(line), column)}"
    return f"{printable(frame.name)}:{line}:{column + 1}"


def _steps(error: NixError) -> list[tuple[Frame, int]]:
    """Return the way to the error from the inside out, without its own place; repeated steps are counted."""
    steps: list[tuple[Frame, int]] = []
    seen: dict[tuple[str, object], int] = {}
    own = (error.source.name if error.source is not None else None, error.span)
    for frame in reversed(error.frames):
        # a recursion comes back to the same places thousands of times
        key = (frame.name, frame.span or frame.line)
        if key == own:
            continue
        if key in seen:
            at = seen[key]
            steps[at] = (steps[at][0], steps[at][1] + 1)
        else:
            seen[key] = len(steps)
            steps.append((frame, 1))
    return steps


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""


def _lines(text: str) -> str:
    """Return `text` with its own line ends, indented, and nothing else that a terminal would obey.

    Colours, which nixpkgs' lib puts into its messages, are left out, as Nix does where nothing but a terminal would show them.
    """
    if "\x1b[" in text:
        text = _COLOUR.sub("", text)
    return f"\n{_INDENT}".join(printable(line) for line in text[: LONGEST_REPORT + 1].split("\n"))


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
