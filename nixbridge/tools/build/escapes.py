"""Backslash escapes, as `echo -e`, `printf` and `$'...'` have them."""

from __future__ import annotations

import re

from nixbridge.tools.build.build_errors import NotCarriedOut

#: Where escapes are: in the format of `printf` and in `$'...'`, in a text of `echo -e`, in an argument for `%b`.
FORMAT, ECHO, ARGUMENT = "format", "echo", "argument"
#: The forms differ in the octal numbers that they take.
_OCTAL = {FORMAT: r"[0-7]{1,3}", ECHO: r"0[0-7]{0,3}", ARGUMENT: r"0[0-7]{0,3}|[1-7][0-7]{0,2}"}
_ESCAPE = {
    form: re.compile(rf"\\(?:x(?P<hex>[0-9a-fA-F]{{1,2}})|(?P<octal>{octal})|(?P<letter>.))", re.DOTALL)
    for form, octal in _OCTAL.items()
}
_LETTERS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
}


def unescaped(text: str, form: str) -> tuple[str, bool]:
    """Return `text` with the backslash escapes of a form replaced, and whether `\\c` ended it.

    Raises NotCarriedOut for what depends on the locale of the builder.
    """
    parts: list[str] = []
    at = 0
    for match in _ESCAPE[form].finditer(text):
        parts.append(text[at : match.start()])
        at = match.end()
        if match["letter"] == "c" and form != FORMAT:
            return "".join(parts), True
        parts.append(_escape(match, form))
    return "".join([*parts, text[at:]]), False


def _escape(match: re.Match[str], form: str) -> str:
    letter = match["letter"]
    if letter is None:
        number = int(match["hex"], 16) if match["hex"] else int(match["octal"], 8)
        # a byte and not a character: above ASCII it is a part of one, which the shell's texts have as a surrogate
        return bytes([number & 0xFF]).decode("utf-8", "surrogateescape")
    if letter in "uUc":
        raise NotCarriedOut(f"nixbridge does not support the escape '{match[0]}'")
    if letter in "\"'" and form == FORMAT:
        return letter
    return _LETTERS.get(letter, match[0])
