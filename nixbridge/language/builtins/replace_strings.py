"""`builtins.replaceStrings`: in one pass of C where the same plain lists come again, else occurrence by occurrence."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import (
    context_of,
    from_bytes,
    normal,
    to_bytes,
    with_context,
    without_context,
)
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.runtime.type_checks import expect_list, expect_string
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Replacer = Callable[[str], str]


@primop("replaceStrings")
def replace_strings(originals: Lazy, replacements: Lazy, text: Lazy) -> Value:
    """Return the text with every occurrence of one of `originals`, from the left, replaced. (builtins.replaceStrings)

    An empty original matches everywhere. Replacements are looked at only when they are needed.
    """
    old, new = expect_list(originals), expect_list(replacements)
    quick = _known_pair(old, new)
    if quick is not None:
        subject = expect_string(text)
        if subject.__class__ is str and subject.isascii():
            return quick(subject)
    if len(old) != len(new):
        raise EvalError("'from' and 'to' arguments passed to builtins.replaceStrings have different lengths")
    wanted = [without_context(expect_string(item)) for item in old]
    whole = expect_string(text)
    context = set(context_of(whole))
    known: dict[int, str] = {}

    def replacement(index: int) -> str:
        if index not in known:
            known[index] = expect_string(new[index])
            context.update(context_of(known[index]))
        return known[index]

    if whole.isascii() and all(item.isascii() for item in wanted):
        result = _replaced(without_context(whole), wanted, replacement)
    else:
        # byte by byte: an original may match inside a character
        one = [to_bytes(item).decode("latin-1") for item in wanted]
        latin = _replaced(to_bytes(whole).decode("latin-1"), one, lambda i: to_bytes(replacement(i)).decode("latin-1"))
        result = from_bytes(latin.encode("latin-1"))
    return with_context(normal(result), context)


class _Pair:
    """Two lists that were given before, how often, and how to replace in ASCII text, once that is worth knowing."""

    __slots__ = ("met", "new", "old", "replace")

    def __init__(self, old: list[Lazy], new: list[Lazy]) -> None:
        self.old, self.new = old, new
        self.met = 0
        self.replace: Replacer | None = None


#: Pairs by the identity of their lists, which stay alive with them. A list is never changed, and one that is written out in a
#: function is the same list at each call.
_PAIRS: dict[tuple[int, int], _Pair] = {}
_MOST_PAIRS = 100
#: Meetings after which a plan is made: a simple one, and one that needs `re`, which takes some milliseconds to load.
_SIMPLE_PLAN, _PATTERN_PLAN = 4, 50


def _known_pair(old: list[Lazy], new: list[Lazy]) -> Replacer | None:
    """Return how to replace in an ASCII string where these very lists come often and are plain text; else None."""
    key = (id(old), id(new))
    pair = _PAIRS.get(key)
    if pair is None:
        if len(_PAIRS) >= _MOST_PAIRS:
            _PAIRS.clear()
        pair = _PAIRS[key] = _Pair(old, new)
    if pair.replace is None:
        pair.met += 1
        if pair.met == _SIMPLE_PLAN or pair.met == _PATTERN_PLAN:
            pair.replace = _planned(pair)
    return pair.replace


def _planned(pair: _Pair) -> Replacer | None:
    """Return how to replace, where all texts are there, plain and ASCII, and none of the originals is empty."""
    old, new = _plain_texts(pair.old), _plain_texts(pair.new)
    if not old or new is None or "" in old or len(old) != len(new):
        return None
    if _independent(old, new):
        steps = list(zip(old, new, strict=True))

        def replace(text: str) -> str:
            for wanted, replacement in steps:
                text = text.replace(wanted, replacement)
            return text

        return replace
    table = dict(zip(reversed(old), reversed(new), strict=True))  # the first of two equal originals counts
    if all(len(text) == 1 for text in old):
        letters = str.maketrans(table)
        return lambda text: text.translate(letters)
    if pair.met < _PATTERN_PLAN:
        return None
    import re

    substitute = re.compile("|".join(map(re.escape, old))).sub
    return lambda text: substitute(lambda found: table[found[0]], text)


def _plain_texts(items: list[Lazy]) -> list[str] | None:
    """Return the strings of a list where each is there, ASCII and without context; else None."""
    texts: list[str] = []
    for item in items:
        value = item.value if type(item) is Thunk and item.code is None else item
        if value.__class__ is not str or not value.isascii():
            return None
        texts.append(value)
    return texts


#: More originals than this are not replaced one after the other.
_MOST_STEPS = 8


def _independent(old: list[str], new: list[str]) -> bool:
    """Return whether replacing one original after the other gives what replacing all at once gives.

    It does when no two originals have a letter in common, and no replacement has one of an original that is replaced later or
    is empty, which would bring together what stands on its two sides.
    """
    if len(old) > _MOST_STEPS:
        return False
    later: set[str] = set()
    for wanted, replacement in zip(reversed(old), reversed(new), strict=True):
        if later and (not replacement or not later.isdisjoint(replacement) or not later.isdisjoint(wanted)):
            return False
        later.update(wanted)
    return True


#: Up to so many originals are looked for one by one.
_FEW_ORIGINALS = 8


def _replaced(text: str, wanted: list[str], replacement: Callable[[int], str]) -> str:
    """`text` with each occurrence of `wanted[i]` as `replacement(i)`; where several begin, the first of the list counts."""
    parts: list[str] = []
    end = 0
    few = len(wanted) <= _FEW_ORIGINALS and "" not in wanted
    for index, start in _occurrences_of_few(text, wanted) if few else _occurrences(text, wanted):
        parts.append(text[end:start])
        parts.append(without_context(replacement(index)))
        end = start + len(wanted[index])
    if not parts:
        return text
    parts.append(text[end:])
    return "".join(parts)


def _occurrences_of_few(text: str, wanted: list[str]) -> list[tuple[int, int]]:
    """Return (index of the original, position) of each occurrence, from the left, none inside another."""
    found: list[tuple[int, int]] = []
    following = [text.find(item) for item in wanted]
    position = 0
    while True:
        first, start = -1, len(text)
        for index, place in enumerate(following):
            if 0 <= place < position:
                place = following[index] = text.find(wanted[index], position)
            if 0 <= place < start:
                first, start = index, place
        if first < 0:
            return found
        found.append((first, start))
        position = start + len(wanted[first])


def _occurrences(text: str, wanted: list[str]) -> list[tuple[int, int]]:
    """Return the same for many originals, and for an empty one, which is found before every character and at the end."""
    by_letter: dict[str, list[tuple[int, str]]] = {}
    everywhere = wanted.index("") if "" in wanted else len(wanted)
    for index, item in enumerate(wanted[:everywhere]):
        by_letter.setdefault(item[0], []).append((index, item))
    found: list[tuple[int, int]] = []
    position = 0
    while position <= len(text):
        for index, item in by_letter.get(text[position : position + 1], ()):
            if text.startswith(item, position):
                found.append((index, position))
                position += len(item)
                break
        else:
            if everywhere < len(wanted):
                found.append((everywhere, position))
            position += 1
    return found
