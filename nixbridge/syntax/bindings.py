"""What stands between the braces, put together: attribute paths merged into nested sets, duplicates refused.

(Nix manual, Attribute sets: `a.b = 1; a.c = 2;` and `a = { b = 1; }; a.c = 2;` are both `{ a = { b = 1; c = 2; }; }`.)
"""

from __future__ import annotations

from nixbridge.errors.kinds import NixSyntaxError
from nixbridge.source import Source
from nixbridge.syntax.tree import Attribute, AttrSet, Bindings, Node, Select, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class AttributePath:
    """`a."b".${c}`: names, each a text or an expression, and where each stands."""

    __slots__ = ("end", "names", "spans", "start")

    def __init__(self, names: tuple[str | Node, ...], spans: tuple[tuple[int, int], ...]) -> None:
        self.names, self.spans = names, spans
        self.start, self.end = spans[0][0], spans[-1][1]


class Binding:
    """`path = value;`"""

    __slots__ = ("path", "value")

    def __init__(self, path: AttributePath, value: Node) -> None:
        self.path, self.value = path, value


class Inherit:
    """`inherit a b;`, `inherit (subject) a b;`: names with their places."""

    __slots__ = ("names", "subject")

    def __init__(self, subject: Node | None, names: list[tuple[str, int, int]]) -> None:
        self.subject, self.names = subject, names


class SetUnderConstruction:
    """A set whose bindings are still being collected; nested ones are kept by the name that they are under."""

    def __init__(self, source: Source, recursive: bool = False) -> None:
        self.source = source
        self.recursive = recursive
        self.attributes: dict[str, Attribute] = {}
        self.dynamic: list[tuple[Node, Node]] = []
        self.inherit_from: list[Node] = []
        self.nested: dict[str, SetUnderConstruction] = {}
        self.nested_dynamic: list[tuple[Node, SetUnderConstruction, int, int]] = []

    def add(self, entries: list[Binding | Inherit]) -> SetUnderConstruction:
        """Adds what was written, in its order. Raises NixSyntaxError for a name that is there already."""
        for entry in entries:
            if isinstance(entry, Inherit):
                self.add_inherit(entry)
            else:
                self.add_binding(entry.path, 0, entry.value)
        return self

    def add_inherit(self, entry: Inherit) -> None:
        inherited: bool | int = True
        if entry.subject is not None:
            inherited = len(self.inherit_from)
            self.inherit_from.append(entry.subject)
        for name, start, end in entry.names:
            if name in self.attributes or name in self.nested:
                raise self.already_defined((name,), start, end, name)
            value: Node = Variable(start, end, name)
            if entry.subject is not None:
                value = Select(start, end, entry.subject, (name,), None, ((start, end),))
            self.attributes[name] = Attribute(start, end, value, inherited)

    def add_binding(self, path: AttributePath, depth: int, value: Node) -> None:
        """Adds `path[depth:] = value`."""
        home = self
        for number in range(depth, len(path.names) - 1):
            home = home.below(path, number)
        home.define(path, len(path.names) - 1, value)

    def below(self, path: AttributePath, number: int) -> SetUnderConstruction:
        """The set under `path[number]`, made if it is not there."""
        name = path.names[number]
        start, end = path.spans[number]
        if not isinstance(name, str):
            made = SetUnderConstruction(self.source)
            self.nested_dynamic.append((name, made, start, end))
            self.dynamic.append((name, _Pending(made, start, end)))
            return made
        if name in self.nested:
            return self.nested[name]
        if name in self.attributes:
            opened = self.open_literal(name)
            if opened is None:
                raise self.already_defined(path.names[: number + 1], start, end, name)
            return opened
        made = self.nested[name] = SetUnderConstruction(self.source)
        self.attributes[name] = Attribute(start, end, _Pending(made, start, end))
        return made

    def open_literal(self, name: str) -> SetUnderConstruction | None:
        """The set that was written out under `name`, open again for further attributes; None when it is no such set."""
        value = self.attributes[name].value
        if not isinstance(value, AttrSet) or self.attributes[name].inherited is not None:
            return None
        reopened = SetUnderConstruction(self.source, value.recursive)
        reopened.attributes = dict(value.bindings.attributes)
        reopened.dynamic = list(value.bindings.dynamic)
        reopened.inherit_from = list(value.bindings.inherit_from)
        self.nested[name] = reopened
        attribute = self.attributes[name]
        self.attributes[name] = Attribute(attribute.start, attribute.end, _Pending(reopened, value.start, value.end))
        return reopened

    def define(self, path: AttributePath, number: int, value: Node) -> None:
        """Defines the last name of a path; a set written out is merged with the one that is there."""
        name = path.names[number]
        start, end = path.spans[number]
        if not isinstance(name, str):
            self.dynamic.append((name, value))
            return
        if name not in self.attributes:
            self.attributes[name] = Attribute(start, end, value)
            return
        there = self.nested.get(name) or self.open_literal(name)
        if there is None or not isinstance(value, AttrSet):
            raise self.already_defined(path.names[: number + 1], start, end, name)
        there.merge(value, path.names[: number + 1])

    def merge(self, value: AttrSet, path: tuple[str | Node, ...]) -> None:
        """Adds all that another set written out has. As in Nix, whether names see each other is for the first one to say."""
        offset = len(self.inherit_from)
        self.inherit_from.extend(value.bindings.inherit_from)
        for name, attribute in value.bindings.attributes.items():
            if name in self.attributes:
                there = self.nested.get(name) or self.open_literal(name)
                if there is None or not isinstance(attribute.value, AttrSet):
                    raise self.already_defined((*path, name), attribute.start, attribute.end, name)
                there.merge(attribute.value, (*path, name))
                continue
            inherited = attribute.inherited
            if inherited is not None and inherited is not True:
                inherited += offset
            self.attributes[name] = Attribute(attribute.start, attribute.end, attribute.value, inherited)
        self.dynamic.extend(value.bindings.dynamic)

    def already_defined(self, path: tuple[str | Node, ...], start: int, end: int, name: str) -> NixSyntaxError:
        """The error of a name that is defined twice, with the place of the first time."""
        first = self.attributes[name]
        line, column = self.source.position(first.start)
        shown = ".".join(part if isinstance(part, str) else "${...}" for part in path)
        return NixSyntaxError(
            f"attribute '{shown}' already defined at {self.source.name}:{line}:{column + 1}",
            source=self.source,
            span=self.source.span(start, end),
        )

    def finish(self) -> Bindings:
        """The bindings, nested sets made first, without recursion."""
        order: list[SetUnderConstruction] = []
        pending = [self]
        while pending:
            current = pending.pop()
            order.append(current)
            pending.extend(current.nested.values())
            pending.extend(nested for _, nested, _, _ in current.nested_dynamic)
        for current in reversed(order):
            current.settle()
        return Bindings(self.attributes, tuple(self.dynamic), tuple(self.inherit_from))

    def settle(self) -> None:
        """Puts the nested sets, which are settled, in their places."""
        for name in self.nested:
            attribute = self.attributes[name]
            assert isinstance(attribute.value, _Pending)
            self.attributes[name] = Attribute(attribute.start, attribute.end, attribute.value.settled())
        self.dynamic = [
            (name, value.settled() if isinstance(value, _Pending) else value) for name, value in self.dynamic
        ]


class _Pending(Node):
    """Stands in a set under construction for a nested one."""

    __slots__ = ("inside",)

    def __init__(self, inside: SetUnderConstruction, start: int, end: int) -> None:
        super().__init__(start, end)
        self.inside = inside

    def settled(self) -> AttrSet:
        """The nested set as a node."""
        inside = self.inside
        bindings = Bindings(inside.attributes, tuple(inside.dynamic), tuple(inside.inherit_from))
        return AttrSet(self.start, self.end, bindings, inside.recursive)


def bindings_of(
    entries: list[Binding | Inherit], source: Source, refuse_dynamic: Callable[[int, int], NixSyntaxError] | None = None
) -> Bindings:
    """The bindings of what was written between braces. `refuse_dynamic` makes the error for computed names, which `let` has not."""
    made = SetUnderConstruction(source).add(entries).finish()
    if refuse_dynamic is not None and made.dynamic:
        name = made.dynamic[0][0]
        raise refuse_dynamic(name.start, name.end)
    return made
