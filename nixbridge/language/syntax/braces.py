"""The contents of braces, put together: attribute paths merged into nested sets, duplicates refused.

(Nix manual, Attribute sets: `a.b = 1; a.c = 2;` and `a = { b = 1; }; a.c = 2;` are both `{ a = { b = 1; c = 2; }; }`.)
As in Nix, an attribute's place is the beginning of the whole path that defines it.
"""

from __future__ import annotations

from nixbridge.errors.exceptions import NixSyntaxError
from nixbridge.language.syntax.ast import Attribute, AttrSet, Bindings, DynamicAttribute, Node, Select, Variable
from nixbridge.language.syntax.tokens import Token
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    #: `path = value;`. The tokens of the path have a name or an expression for one as their value.
    Binding = tuple[list[Token], Node]
    #: The names on the way to a set, the last one first: a chain, since sets may be nested deeply.
    Way = tuple["Way", str] | None


class Inherit:
    """`inherit a b;`, `inherit (subject) a b;`."""

    __slots__ = ("names", "subject")

    def __init__(self, subject: Node | None, names: list[Token]) -> None:
        self.subject, self.names = subject, names


def bindings_of(entries: list[Binding | Inherit], source: Source, numbers: dict[str, int]) -> Bindings:
    """Return the bindings of what was written between braces, in Nix's order. Raises NixSyntaxError for a name that is defined twice."""
    attributes: dict[str, Attribute] = {}
    for entry in entries:
        if entry.__class__ is Inherit:
            break
        path, value = entry  # type: ignore[misc]
        name = path[0]
        if len(path) > 1 or name.value in attributes or name.value.__class__ is not str:
            break
        attributes[name.value] = Attribute(name.start, name.end, value)
    else:
        return Bindings(in_order_met(attributes, numbers))  # most sets are that simple
    return Merger(source, numbers).merged(entries)


def in_order_met(attributes: dict[str, Attribute], numbers: dict[str, int]) -> dict[str, Attribute]:
    """Return attributes in the order of their names' numbers, which is mostly the one that they have."""
    names = sorted(attributes, key=numbers.__getitem__)
    return attributes if names == [*attributes] else {name: attributes[name] for name in names}


class OpenSet:
    """A set to which attributes may still be added."""

    __slots__ = ("attributes", "bindings", "dynamic", "inherit_from")

    def __init__(self, bindings: Bindings) -> None:
        self.bindings = bindings
        self.attributes = bindings.attributes
        self.dynamic = list(bindings.dynamic)
        self.inherit_from = list(bindings.inherit_from)


class Merger:
    """Puts the bindings of one set together. Sets written out in it are extended in place: nobody has seen them."""

    def __init__(self, source: Source, numbers: dict[str, int]) -> None:
        self.source = source
        self.numbers = numbers
        self.root = OpenSet(Bindings({}))
        self.open: dict[AttrSet, OpenSet] = {}

    def merged(self, entries: list[Binding | Inherit]) -> Bindings:
        for entry in entries:
            if isinstance(entry, Inherit):
                self.inherit(entry)
            else:
                self.bind(*entry)
        for opened in (self.root, *self.open.values()):
            opened.bindings.attributes = in_order_met(opened.attributes, self.numbers)
            opened.bindings.dynamic = tuple(opened.dynamic)
            opened.bindings.inherit_from = tuple(opened.inherit_from)
        return self.root.bindings

    def inherit(self, entry: Inherit) -> None:
        home, subject = self.root, entry.subject
        number = len(home.inherit_from)
        if subject is not None:
            home.inherit_from.append(subject)
        for token in entry.names:
            name, start, end = token.value, token.start, token.end
            if name in home.attributes:
                raise self.already_defined((None, name), start, end, home.attributes[name])
            if subject is None:
                home.attributes[name] = Attribute(start, end, Variable(start, end, name), True)
            else:
                value = Select(start, end, subject, (name,), None, ((start, end),))
                home.attributes[name] = Attribute(start, end, value, number)

    def bind(self, path: list[Token], value: Node) -> None:
        home = self.root
        way: Way = None
        start = path[0].start
        for token in path[:-1]:
            way = (way, token.value)
            home = self.below(home, token, way, AttrSet(start, value.end, Bindings({}), False))
        last = path[-1]
        if not isinstance(last.value, str):
            home.dynamic.append(DynamicAttribute(start, last.value, value))
        elif last.value in home.attributes:
            self.merge(home, (way, last.value), Attribute(start, last.end, value))
        else:
            home.attributes[last.value] = Attribute(start, last.end, value)

    def below(self, home: OpenSet, token: Token, way: Way, made: AttrSet) -> OpenSet:
        """Return the set under a name of a path, `made` if there is none."""
        name = token.value
        if not isinstance(name, str):
            home.dynamic.append(DynamicAttribute(made.start, name, made))
            return self.opened(made)
        there = home.attributes.get(name)
        if there is None:
            home.attributes[name] = Attribute(made.start, token.end, made)
            return self.opened(made)
        if not isinstance(there.value, AttrSet):
            raise self.already_defined(way, made.start, token.end, there)
        return self.opened(there.value)

    def opened(self, value: AttrSet) -> OpenSet:
        if value not in self.open:
            self.open[value] = OpenSet(value.bindings)
        return self.open[value]

    def merge(self, home: OpenSet, way: Way, attribute: Attribute) -> None:
        """Define a name once more: right only if both values are sets. The first one says whether it is recursive."""
        # on a stack of its own: sets may be nested more deeply than Python recurses
        pending = [(home, way, attribute)]
        while pending:
            home, way, attribute = pending.pop()
            assert way is not None
            there, value = home.attributes[way[1]], attribute.value
            if not isinstance(there.value, AttrSet) or not isinstance(value, AttrSet):
                raise self.already_defined(way, attribute.start, attribute.end, there)
            into, added = self.opened(there.value), value.bindings
            offset = len(into.inherit_from)
            twice: list[tuple[OpenSet, Way, Attribute]] = []
            for name, inner in added.attributes.items():
                if name in into.attributes:
                    twice.append((into, (way, name), inner))
                    continue
                # the subjects of `inherit (e)` move behind those that are there already
                if inner.inherited is not None and inner.inherited is not True:
                    inner = Attribute(inner.start, inner.end, inner.value, inner.inherited + offset)
                into.attributes[name] = inner
            pending.extend(reversed(twice))
            into.dynamic.extend(added.dynamic)
            into.inherit_from.extend(added.inherit_from)

    def already_defined(self, way: Way, start: int, end: int, first: Attribute) -> NixSyntaxError:
        """Return the error of a name that is defined twice, with the place of the first time."""
        # loaded when it is needed: most files have no such mistake
        from nixbridge.language.syntax.tree_text import attribute

        names: list[str] = []
        while way is not None:
            way, name = way
            names.append(attribute(name) if isinstance(name, str) else '"${...}"')
        line, column = self.source.position(first.start)
        return NixSyntaxError(
            f"attribute '{'.'.join(reversed(names))}' already defined at {self.source.name}:{line}:{column + 1}",
            source=self.source,
            span=self.source.span(start, end),
        )
