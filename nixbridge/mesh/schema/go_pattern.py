"""Patterns of CRDs, which an API server reads by Go's regular expressions, as ones of Python's. (regexp/syntax)"""

from __future__ import annotations

import re

#: An escape, a class of characters, or the end of the text.
_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
#: Python's `$` also matches before a newline at the end; it has no `\z` before 3.14.
_ENDS = ("$", r"\z")


def go_pattern(text: str) -> re.Pattern[str]:
    """Return the same pattern for Python. Raises ValueError for what Python's `re` does not have, such as `\\pL`, `[[:alpha:]]`."""
    if "[:" in text:
        raise ValueError("Python has no classes of characters by name")  # it would read them as other characters
    try:
        return re.compile(_PART.sub(lambda part: r"\Z" if part[0] in _ENDS else part[0], text))
    except re.error as error:
        raise ValueError(str(error)) from None
