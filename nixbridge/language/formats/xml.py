"""Values as XML, byte for byte as `nix-instantiate --eval --strict --xml` and builtins.toXML give it."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime import number
from nixbridge.language.runtime.attrset import AttrSet
from nixbridge.language.runtime.function import describe, file_of
from nixbridge.language.runtime.path import NixPath
from nixbridge.language.runtime.strings import ContextString, without_stand_ins
from nixbridge.language.runtime.thunk import DEEPEST_VALUE, Thunk, force, too_deep
from nixbridge.language.runtime.values import LAMBDAS, Lambda, Lazy, Value, sorted_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host

#: For messages that say which part of a value could not be written (errors/traceback.py).
WALKS_THROUGH = {"value": "value", "attributes": "attrs"}

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#xA;"}


def write(value: Lazy, host: Host) -> str:
    """Return the value, completely evaluated, with the places of attributes and functions where they are known."""
    return without_stand_ins(to_xml(value, places=True))


def to_xml(value: Lazy, *, places: bool, context: set[str] | None = None) -> str:
    """Return the XML document of a value. `context` collects the string contexts met."""
    writer = _Writer(places, context if context is not None else set())
    writer.value(value, 1)
    lines = "".join([f"{'  ' * depth}{text}\n" for depth, text in writer.lines])
    return f"<?xml version='1.0' encoding='utf-8'?>\n<expr>\n{lines}</expr>\n"


class _Writer:
    def __init__(self, places: bool, context: set[str]) -> None:
        self.places = places
        self.context = context
        #: depth and text: indented when all is well, as the blanks of a value that contains itself would fill the memory
        self.lines: list[tuple[int, str]] = []
        self.derivations: set[str] = set()
        self.nesting = 0

    def line(self, depth: int, text: str) -> None:
        self.lines.append((depth, text))

    def value(self, value: Lazy, depth: int) -> None:
        if type(value) is Thunk:
            value = force(value)
        if self.nesting > DEEPEST_VALUE:
            raise too_deep()
        self.nesting += 1
        if type(value) is list:
            self.line(depth, "<list>")
            for item in value:
                self.value(item, depth + 1)
            self.line(depth, "</list>")
        elif type(value) is dict or type(value) is AttrSet:
            self.set(value, depth)
        elif isinstance(value, LAMBDAS):
            self.function(value, depth)
        else:
            self.line(depth, self.scalar(value))
        self.nesting -= 1

    def scalar(self, value: Value) -> str:
        if isinstance(value, str):
            if type(value) is ContextString:
                self.context |= value.context
            return f'<string value="{self.text(value)}" />'
        if type(value) is int:
            return f'<int value="{value}" />'
        if type(value) is float:
            return f'<float value="{number.shown(value)}" />'
        if type(value) is bool:
            return f'<bool value="{"true" if value else "false"}" />'
        if type(value) is NixPath:
            return f'<path value="{escape(value.text)}" />'
        return "<null />" if value is None else "<unevaluated />"

    def text(self, text: str) -> str:
        """Return the text of a string. In a document that people keep, EvalError for what no XML reader could read back."""
        if self.places and not text.isprintable():
            wrong = next(filter(is_not_xml, text), None)
            if wrong is not None:
                raise EvalError(f"cannot convert a string with the character U+{ord(wrong):04X} to XML")
        return escape(text)

    def set(self, attrs: dict[str, Lazy], depth: int) -> None:
        kind = force(attrs["type"]) if "type" in attrs else None
        if not (isinstance(kind, str) and kind == "derivation"):
            self.line(depth, "<attrs>")
            self.attributes(attrs, depth + 1)
            self.line(depth, "</attrs>")
            return
        paths = {}
        for name in ("drvPath", "outPath"):
            found = force(attrs[name]) if name in attrs else None
            if isinstance(found, str):
                paths[name] = str(found)
        shown = "".join(f' {name}="{escape(path)}"' for name, path in paths.items())
        self.line(depth, f"<derivation{shown}>")
        path = paths.get("drvPath", "")
        if path and path not in self.derivations:
            self.derivations.add(path)
            self.attributes(attrs, depth + 1)
        else:
            self.line(depth + 1, "<repeated />")
        self.line(depth, "</derivation>")

    def attributes(self, attrs: dict[str, Lazy], depth: int) -> None:
        positions = attrs.positions if type(attrs) is AttrSet else None
        for name in sorted_names(attrs):
            place = positions.get(name) if positions and self.places else None
            self.line(depth, f'<attr{self.place(place)} name="{self.text(name)}"{self.path(place)}>')
            self.value(attrs[name], depth + 1)
            self.line(depth, "</attr>")

    def place(self, place: tuple[str, int, int] | None) -> str:
        return f' column="{place[2]}" line="{place[1]}"' if place is not None else ""

    def path(self, place: tuple[str, int, int] | None) -> str:
        return f' path="{escape(place[0])}"' if place is not None and place[0].startswith("/") else ""

    def function(self, function: Lambda, depth: int) -> None:
        described = describe(function)
        place = (file_of(function), described.line, described.column) if described is not None and self.places else None
        self.line(depth, f"<function{self.place(place)}{self.path(place)}>")
        if described is None or described.formals is None:
            name = described.parameter if described is not None else None
            self.line(depth + 1, f'<varpat name="{escape(name or "config")}" />')
        else:
            ellipsis = ' ellipsis="1"' if described.ellipsis else ""
            name = f' name="{escape(described.parameter)}"' if described.parameter else ""
            self.line(depth + 1, f"<attrspat{ellipsis}{name}>")
            for formal in sorted_names(described.formals):
                self.line(depth + 2, f'<attr name="{escape(formal)}" />')
            self.line(depth + 1, "</attrspat>")
        self.line(depth, "</function>")


def is_not_xml(character: str) -> bool:
    """Return whether XML 1.0 cannot hold a character, not even escaped: controls, lone surrogates, U+FFFE and U+FFFF."""
    return (
        (character < " " and character not in "\t\n\r")
        or "\ud800" <= character <= "\udfff"
        or character in "\ufffe\uffff"
    )


def escape(text: str) -> str:
    """Return the text as it stands inside an attribute of an element."""
    return "".join(_ESCAPES.get(character, character) for character in text)
