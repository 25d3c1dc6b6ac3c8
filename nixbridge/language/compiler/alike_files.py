"""Files that are written alike share their code within a process: a check reads hundreds that differ in their lists of data alone.

What stands around these lists decides on the code; the lists are constants in it. So a file whose text around them was compiled before
gets that code with its own constants, moved to its own lines: it is neither parsed nor compiled. Where its lists may have a mistake in
them, it is read as a whole.
"""

from __future__ import annotations

from bisect import bisect_right

from nixbridge.language.compiler.cache import COMPILED
from nixbridge.language.compiler.moved_code import MovedCode
from nixbridge.language.compiler.names import FILE_NAME
from nixbridge.language.compiler.regions import SMALL_TEXT
from nixbridge.language.function_info import FunctionInfo
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.data_lists import data_lists, list_of
from nixbridge.language.syntax.lexer import HALF_CHARACTER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from types import CodeType

    from nixbridge.language.compiler.binding import GlobalNames
    from nixbridge.language.compiler.cache import Part
    from nixbridge.language.compiler.compile import FileCompiler
    from nixbridge.language.compiler.frame import Mode
    from nixbridge.language.function_info import Packed
    from nixbridge.source import Source

#: How many kinds of files are known.
MOST_KINDS = 256


def file_code(
    source: Source, global_names: GlobalNames, mode: Mode, open_compiler: Callable[[], FileCompiler]
) -> tuple[Part, FileCompiler | None]:
    """Return the code of a file, and its compiler unless the code is that of another file."""
    if not may_share(source, mode):
        compiler = open_compiler()
        return compiler.file(), compiler
    lists = data_lists(source.text)
    # besides the text, code depends on the names in scope, and messages in it on the folder in which paths begin
    key = global_names, mode.counted, source.base, *outline(source.text, lists)
    kinds = COMPILED.kinds
    known = kinds.get(key)
    copied = known.copy(source, lists) if known is not None else None
    if copied is not None:
        return copied, None
    compiler = open_compiler()
    values = values_by_place(compiler)
    part = compiler.file()
    # the first of a kind is only noted: most have no second one, which is worth looking at what can be copied
    is_second = key in kinds and known is None and not compiler.stubs
    if key not in kinds and len(kinds) >= MOST_KINDS:
        del kinds[next(iter(kinds))]
    kinds[key] = alike_file(part, source, lists, values) if is_second else known
    return part, compiler


def may_share(source: Source, mode: Mode) -> bool:
    """Return whether code depends on nothing of the text but what stands in it, except for constants and lines."""
    return (
        len(source.text) < SMALL_TEXT
        and source.first_line == 1
        and not mode.positions
        and "__curPos" not in source.text
        and (source.text.isascii() or HALF_CHARACTER.search(source.text) is None)
    )


def outline(text: str, lists: list[tuple[int, int]]) -> tuple[Hashable, ...]:
    """Return what is the same in files that are alike: the text around the lists, and what places depend on.

    Those of a list are in the code as well: whether it ends on another line than it begins on, and in which column.
    """
    found: list[Hashable] = []
    position = 0
    for start, end in lists:
        line = text.rfind("\n", 0, end)
        found += (text[position:start], line >= start, end - line if line >= start else end - start)
        position = end
    return (*found, text[position:])


def values_by_place(compiler: FileCompiler) -> dict[tuple[int, int], object]:
    """Return the lists of data of a resolved file, by where they stand."""
    data = compiler.found.data
    return {(node.start, node.end): value for node, value in data.items() if isinstance(node, tree.List)}


def alike_file(
    part: Part, source: Source, lists: list[tuple[int, int]], values: dict[tuple[int, int], object]
) -> AlikeFile | None:
    """Return what makes code of other files of one that was compiled; None where a list of data is not a constant of its own."""
    code, constants, _, _ = part
    names: list[str] = []
    for place in lists:
        found = [name for name, value in constants.items() if place in values and value is values[place]]
        if len(found) != 1:
            return None
        names += found
    if tells_places(code):
        return None
    return AlikeFile(part, names, [source.position(end)[0] for _, end in lists])


def tells_places(code: CodeType) -> bool:
    """Return whether code has lines in it that it tells messages, next to the file's name."""
    inner = [constant for constant in code.co_consts if constant.__class__ is code.__class__]
    return FILE_NAME in code.co_names or any(map(tells_places, inner))


class AlikeFile:
    """The code of a file for others like it: `names` are the constants that its lists are, `ends` the lines on which they end."""

    __slots__ = ("code", "ends", "names", "part")

    def __init__(self, part: Part, names: list[str], ends: list[int]) -> None:
        self.part, self.names, self.ends = part, names, ends
        self.code = MovedCode(part[0], ends)

    def copy(self, source: Source, lists: list[tuple[int, int]]) -> Part | None:
        """Return the code of another file; None for one whose lists have a mistake, which reading all of it reports."""
        _, constants, needs, functions = self.part
        values = [list_of(source.text[start:end]) for start, end in lists]
        if None in values:
            return None
        shifts = [0, *(source.position(end)[0] - before for (_, end), before in zip(lists, self.ends, strict=True))]
        moved: dict[str, Packed] = {}
        for parameter, packed in functions.items():
            info = FunctionInfo(*packed)
            info.line += shifts[bisect_right(self.ends, info.line)]
            moved[parameter] = info.packed()
        return self.code.copy(source.name, shifts), constants | dict(zip(self.names, values, strict=True)), needs, moved
