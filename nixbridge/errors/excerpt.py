"""Excerpts: a line of the user's text with carets under the offending part."""

from __future__ import annotations

import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Source, Span

#: Longer lines are cut around the caret: an excerpt is to be read.
WIDEST_LINE = 120


def printable(text: str) -> str:
    """Return `text` without control characters that could move a terminal's cursor, color it or reverse it; tabs are one blank."""
    if text.isascii() and text.isprintable():
        return text
    shown = []
    for character in text:
        if character == "\t":
            shown.append(" ")
        elif "\udc80" <= character <= "\udcff":  # a byte of a file that is not UTF-8
            shown.append("\ufffd")
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            shown.append(f"\\u{ord(character):04x}" if ord(character) > 0xFF else f"\\x{ord(character):02x}")
        else:
            shown.append(character)
    return "".join(shown)


def width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in ("W", "F") for character in text)
    # a combining character takes no column of its own
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)


def to_bytes(text: str) -> bytes:
    """Return the bytes that columns count. A lone surrogate, which a file cannot hold but a program can pass, has three."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def excerpt(source: Source, span: Span) -> list[str]:
    """Return two lines: `12 | text` and the underline. A span over several lines is underlined to the end of its first."""
    line, column, end_line, end_column = span
    text = source.line(line)
    data = to_bytes(text)
    before = data[:column].decode("utf-8", "surrogateescape")
    last = end_column if end_line == line else len(data.rstrip())
    marked = data[column : max(last, column)].decode("utf-8", "surrogateescape")
    after = data[max(last, column) :].decode("utf-8", "surrogateescape")
    # what is cut off anyway need not be made printable: a line may be the whole file
    long = len(before) > WIDEST_LINE
    before = printable(before[-WIDEST_LINE:])
    marked, after = printable(marked[: WIDEST_LINE + 1]), printable(after[: WIDEST_LINE + 1])
    if long or width(before) > WIDEST_LINE // 2:
        before = "..." + before[-(WIDEST_LINE // 2) :]
    marked = marked[:WIDEST_LINE]
    # a wide character before the caret may leave no room after it
    after = after[: max(0, WIDEST_LINE - len(before) - len(marked))]
    number = str(line)
    underline = "^" * max(1, min(width(marked), WIDEST_LINE))
    return [f"{number} | {before}{marked}{after}".rstrip(), f"{' ' * len(number)} | {' ' * width(before)}{underline}"]


def word_at(line: str, start: int) -> str:
    """Return the name or string that begins at a character of a line; at least that character."""
    if line[start : start + 1] == '"':
        end = line.find('"', start + 1)
        return line[start : end + 1] if end > 0 else line[start:]
    end = start
    while end < len(line) and (line[end].isalnum() or line[end] in "_'-."):
        end += 1
    return line[start : max(end, start + 1)]
