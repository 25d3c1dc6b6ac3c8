"""Names in one file: where each is defined, used and in scope, and which set an expression is as far as its text shows.

Everything is found from the tree, without evaluating: the answer has to be there while the file is being typed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field

from nixbridge.language.syntax import ast
from nixbridge.lsp.recovery import HOLE

#: How an identifier came to be defined.
LET, REC, FORMAL, PARAMETER, ATTRIBUTE, INHERITED = "let", "rec", "formal", "parameter", "attribute", "inherited"


@dataclass(frozen=True, eq=False)
class Definition:
    """A name and what it stands for. `start`, `end`: the name itself. `value` is None for what only a caller gives."""

    name: str
    kind: str
    start: int
    end: int
    value: ast.Node | None
    scope: Scope


@dataclass(eq=False)
class Scope:
    """The names that a `let`, `rec` or function brings, or the set that a `with` opens."""

    start: int
    end: int
    parent: Scope | None
    names: dict[str, Definition] = field(default_factory=dict)
    opened: ast.Node | None = None

    def outwards(self) -> Iterator[Scope]:
        """Yield this scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def lookup(self, name: str) -> Definition | None:
        """Return the lexical definition of a name, which wins over every `with`."""
        return next((scope.names[name] for scope in self.outwards() if name in scope.names), None)

    def withs(self) -> Iterator[Scope]:
        """Yield the `with` scopes around this place, innermost first."""
        return (scope for scope in self.outwards() if scope.opened is not None)


@dataclass(frozen=True, eq=False)
class Use:
    """A variable: its place and what it refers to in this file (None: global, from a `with`, or undefined)."""

    name: str
    start: int
    end: int
    scope: Scope
    definition: Definition | None


class Symbols:
    """The definitions, uses and scopes of one tree."""

    def __init__(self, tree: ast.Node | None, text: str, outer: Scope | None = None) -> None:
        self.tree = tree
        self.text = text
        self.root = Scope(0, len(text), outer)
        self.definitions: list[Definition] = []
        self.uses: list[Use] = []
        self.scope_of: MutableMapping[ast.Node, Scope] = {}
        if tree is not None:
            self._walk(tree)
        self.uses.sort(key=lambda use: use.start)
        self.definitions.sort(key=lambda definition: definition.start)
        self._scopes = sorted({id(scope): scope for scope in self.scope_of.values()}.values(), key=lambda s: s.start)

    # building: one loop with a stack of its own, since a tree may be thousands deep

    def _walk(self, tree: ast.Node) -> None:
        pending: list[tuple[ast.Node, Scope]] = [(tree, self.root)]
        while pending:
            node, scope = pending.pop()
            self.scope_of[node] = scope
            if isinstance(node, ast.Variable):
                self._use(node, scope)
            pending.extend(self._inside(node, scope))

    def _use(self, node: ast.Variable, scope: Scope) -> None:
        if node.name != HOLE:
            self.uses.append(Use(node.name, node.start, node.end, scope, scope.lookup(node.name)))

    def _inside(self, node: ast.Node, scope: Scope) -> list[tuple[ast.Node, Scope]]:
        """Return the expressions directly inside a node, each with the scope that it is in."""
        if isinstance(node, ast.Let):
            inner = Scope(node.start, node.end, scope)
            return [*self._bindings(node.bindings, scope, inner, LET), (node.body, inner)]
        if isinstance(node, ast.AttrSet):
            inner = Scope(node.start, node.end, scope) if node.recursive else scope
            return self._bindings(node.bindings, scope, inner, REC if node.recursive else ATTRIBUTE)
        if isinstance(node, ast.Lambda):
            return self._function(node, scope)
        if isinstance(node, ast.With):
            inner = Scope(node.body.start, node.end, scope, opened=node.scope)
            return [(node.scope, scope), (node.body, inner)]
        return [(child, scope) for child in children(node)]

    def _bindings(self, bindings: ast.Bindings, outer: Scope, inner: Scope, kind: str) -> list[tuple[ast.Node, Scope]]:
        inside: list[tuple[ast.Node, Scope]] = [(node, inner) for node in bindings.inherit_from]
        for name, attribute in bindings.attributes.items():
            own = INHERITED if attribute.inherited is not None else kind
            home = outer if attribute.inherited is True else inner
            start = self._name_start(name, attribute)
            self._define(name, own, start, attribute.end, attribute.value, home, into=inner, kind=kind)
            # `inherit (x) a` selects from a subject that is walked once, above
            if attribute.inherited is None or attribute.inherited is True:
                inside.append((attribute.value, home))
        for dynamic in bindings.dynamic:
            inside += [(dynamic.name, inner), (dynamic.value, inner)]
        return inside

    def _name_start(self, name: str, attribute: ast.Attribute) -> int:
        """Return where a name itself begins: an attribute of a path (`a.b.c = 1;`) starts where the whole path does."""
        start = attribute.end - len(name)
        # the tree has names without their quotes
        return start if self.text[start : attribute.end] == name else max(attribute.start, start - 2)

    def _define(
        self, name: str, own: str, start: int, end: int, value: ast.Node | None, home: Scope, *, into: Scope, kind: str
    ) -> None:
        definition = Definition(name, own, start, end, value, home)
        self.definitions.append(definition)
        # the attributes of a set without `rec` are not in scope anywhere
        if kind != ATTRIBUTE:
            into.names[name] = definition

    def _function(self, node: ast.Lambda, scope: Scope) -> list[tuple[ast.Node, Scope]]:
        inner = Scope(node.start, node.end, scope)
        if node.parameter is not None and node.formals is None:
            end = node.start + len(node.parameter)
            self._define(node.parameter, PARAMETER, node.start, end, None, inner, into=inner, kind=PARAMETER)
        elif node.parameter is not None:
            start = self._at_name(node)
            end = start + len(node.parameter)
            self._define(node.parameter, PARAMETER, start, end, None, inner, into=inner, kind=PARAMETER)
        inside: list[tuple[ast.Node, Scope]] = [(node.body, inner)]
        for formal in node.formals.formals if node.formals is not None else ():
            self._define(formal.name, FORMAL, formal.start, formal.end, formal.default, inner, into=inner, kind=FORMAL)
            if formal.default is not None:
                inside.append((formal.default, inner))
        return inside

    def _at_name(self, node: ast.Lambda) -> int:
        """Return where the name of `name @ { ... }:` or `{ ... } @ name:` begins; the tree does not keep it."""
        assert node.parameter is not None
        head = self.text[node.start : node.body.start]
        if head.startswith(node.parameter):
            return node.start
        return node.start + max(head.rfind(node.parameter, head.rfind("@")), 0)

    # asking

    def scope_at(self, offset: int) -> Scope:
        """Return the innermost scope around an offset."""
        last = bisect_right(self._scopes, offset, key=lambda scope: scope.start)
        for scope in reversed(self._scopes[:last]):
            if scope.end >= offset:
                return scope
        return self.root

    def definition_at(self, offset: int) -> Definition | None:
        """Return the definition whose name, or a use of it, stands at an offset."""
        for definition in self.definitions:
            if definition.start <= offset <= definition.end and definition.end > definition.start:
                return definition
        use = self.use_at(offset)
        return use.definition if use is not None else None

    def use_at(self, offset: int) -> Use | None:
        """Return the variable at an offset."""
        last = bisect_right(self.uses, offset, key=lambda use: use.start)
        # uses do not overlap, but two may touch at the offset
        for use in reversed(self.uses[max(0, last - 2) : last]):
            if use.start <= offset <= use.end:
                return use
        return None

    def uses_of(self, definition: Definition) -> list[Use]:
        """Return the variables that refer to a definition."""
        return [use for use in self.uses if use.definition is definition]

    def path_to(self, offset: int) -> list[ast.Node]:
        """Return the nodes around an offset, outermost first."""
        path: list[ast.Node] = []
        node = self.tree
        while node is not None:
            path.append(node)
            inner = [child for child in children(node) if child.start <= offset <= child.end]
            # two children may touch at an offset: the one that begins there is what is being typed
            node = inner[-1] if inner else None
        return path


def children(node: ast.Node) -> list[ast.Node]:
    """Return the expressions directly inside a node, in the order of the text as far as the tree keeps it."""
    match node:
        case ast.Interpolation(parts=parts) | ast.PathInterpolation(parts=parts):
            return [part for part in parts if not isinstance(part, str)]
        case ast.List(items=items):
            return list(items)
        case ast.AttrSet(bindings=bindings):
            return _values(bindings)
        case ast.Let(bindings=bindings, body=body):
            return [*_values(bindings), body]
        case ast.With(scope=scope, body=body):
            return [scope, body]
        case ast.If(condition=condition, consequent=consequent, alternative=alternative):
            return [condition, consequent, alternative]
        case ast.Assert(condition=condition, body=body):
            return [condition, body]
        case ast.Lambda(formals=formals, body=body):
            defaults = [formal.default for formal in formals.formals if formal.default] if formals else []
            return [*defaults, body]
        case ast.Apply(function=function, arguments=arguments):
            return [function, *arguments]
        case ast.Select(subject=subject, path=path, default=default):
            return [subject, *(part for part in path if not isinstance(part, str)), *([default] if default else [])]
        case ast.HasAttr(subject=subject, path=path):
            return [subject, *(part for part in path if not isinstance(part, str))]
        case ast.Not(operand=operand) | ast.Negate(operand=operand):
            return [operand]
        case ast.Binary(left=left, right=right):
            return [left, right]
    return []


def _values(bindings: ast.Bindings) -> list[ast.Node]:
    own = [attribute.value for attribute in bindings.attributes.values() if attribute.inherited is None]
    dynamic = [node for attribute in bindings.dynamic for node in (attribute.name, attribute.value)]
    return [*bindings.inherit_from, *own, *dynamic]
