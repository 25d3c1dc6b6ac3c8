"""The resolve pass: one walk over a tree, before any code is made, that finds what every name means.

It also finds what is constant data, and cuts the tree into regions: parts that are compiled on their own, when they are first needed.
Emitters read what it found and look nothing up. It calls nothing but itself, so that a tree of any depth costs Python frames, no C stack.

A name is a variable of an enclosing `let`, `rec` or function, else a global, else what the chain of `with` has: lexical always wins over
`with`. (Nix manual, Language constructs)
"""

from __future__ import annotations

from nixbridge.language.compiler.binding import (
    GLOBAL_CONSTANTS,
    Global,
    GlobalNames,
    Known,
    Local,
)
from nixbridge.language.compiler.bound_names import (
    add_formals,
    binds_locals,
    foretell,
    inherited_from,
    note_bound_value,
    scope_of,
)
from nixbridge.language.compiler.known_functions import known_functions
from nixbridge.language.compiler.laziness import is_value, straight_line
from nixbridge.language.compiler.names_in_scope import NamesInScope
from nixbridge.language.compiler.operator_chains import PRIMOPS, as_call, chain_operands, negation_as_call
from nixbridge.language.compiler.regions import (
    LEAST_INHERITED,
    LEAST_NODES_OF_DEPTH,
    LEAVES,
    MOST_NESTED,
    SMALL_TEXT,
    OpenRegion,
    least_of_function,
    least_of_thunk,
)
from nixbridge.language.compiler.repeats import Alike, alike
from nixbridge.language.compiler.resolution import NOT_DATA, Resolution, Scope, row_of
from nixbridge.language.compiler.shapes import complete, known_value, shape_of
from nixbridge.language.syntax import ast as tree
from nixbridge.language.syntax.parser import parse_part
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.compiler.binding import Shape
    from nixbridge.language.compiler.names_in_scope import Members
    from nixbridge.language.syntax.repeats import Wording


def resolve(root: tree.Node, source: Source, global_names: GlobalNames, *, fold: bool = True) -> Resolution:
    """Return what every name of a tree means. Raises UndefinedVariable. With `fold`, data becomes constants."""
    resolver = Resolver(source, global_names, fold)
    resolver.visit(root)
    return resolver.found


class Resolver:
    """The state of one walk."""

    def __init__(self, source: Source, global_names: GlobalNames, fold: bool) -> None:
        self.globals = global_names
        self.names = NamesInScope(source, global_names.bindings)
        self.fold = fold
        self.on_demand = len(source.text) >= SMALL_TEXT
        self.found = Resolution(self.on_demand)
        #: How many functions the current node is in; a file that is one, as most are, is called once.
        self.functions = 0
        #: The shapes of sets that a variable is bound to; those within them are no longer needed once they are complete.
        self.shapes: dict[tree.Node, Shape] = {}
        #: By wording and scope, what values that are written alike have in common.
        self.alike: dict[tuple[Wording, Scope | None], Alike] = {}
        #: The region that is being walked; that of the file has no number.
        self.here = OpenRegion(-1)

    # walking

    def visit(self, node: tree.Node) -> object:
        """Resolve the names of a node that is evaluated in place. Returns its value where it is constant data, else NOT_DATA."""
        here = self.here
        here.nodes += 1
        here.depth += 1
        kind = node.__class__
        if here.depth > MOST_NESTED and kind not in LEAVES and kind is not tree.Lambda:
            result = self.cut(node, VISIT[kind], LEAST_NODES_OF_DEPTH)
        else:
            result = VISIT[kind](self, node)
        here.depth -= 1
        return result

    def visit_delayed(self, node: tree.Node) -> object:
        """Resolve the names of a node that may become a thunk, which can be compiled when it is forced."""
        kind = node.__class__
        if kind is tree.Repeated:
            return self.repeated(node)
        if not self.on_demand or kind in LEAVES or kind is tree.Lambda:
            return self.visit(node)
        return self.cut(node, VISIT[kind], least_of_thunk(self.functions))

    def cut(self, node: tree.Node, visit: Callable[[Resolver, tree.Node], object], least: int) -> object:
        """Walk a node as a region of its own, unless it turns out to have fewer nodes than `least`."""
        outer = self.here
        self.here = outer.inside(self.found)
        result = visit(self, node)
        # constant data is loaded, not compiled: it needs no region
        self.here.close(node, outer, self.found, is_region=self.here.is_worth(least) and result is NOT_DATA)
        self.here = outer
        return result

    def repeated(self, node: tree.Node) -> object:
        """Resolve a value that is written like an earlier one: by what was found of that, in the same scope."""
        assert isinstance(node, tree.Repeated)
        key = node.wording, self.names.innermost()
        known = self.alike.get(key)
        if known is not None:
            known.note(node, self.here, self.found)
            return NOT_DATA
        here, found, source = self.here, self.found, self.names.source
        meant = parse_part(source, node.start, node.end)
        before = here.size()
        result = self.visit_delayed(meant)
        region = found.regions.pop(meant, None)
        if region is None:
            found.desugared[node] = meant
            return result
        found.regions[node] = region
        if here.inner and here.inner[-1] is meant:
            here.inner.pop()  # it stays a region, however small the one around it is
        known = alike(node, meant, here.size() - before, source, found)
        if known is None:
            found.desugared[node] = meant
        else:
            found.alike[node] = self.alike[key] = known
        return NOT_DATA

    # one method a kind of node

    def literal(self, node: tree.Integer | tree.Float | tree.String) -> object:
        return node.value

    def leaf(self, _node: tree.Node) -> object:
        return NOT_DATA

    def variable_node(self, node: tree.Variable) -> object:
        binding = node.binding = self.names.meaning(node, self.here.free)
        return GLOBAL_CONSTANTS.get(binding.python, NOT_DATA) if binding.__class__ is Global else NOT_DATA

    def search_path(self, node: tree.SearchPath) -> object:
        """Resolve `<nixpkgs>`, which is `__findFile __nixPath "nixpkgs"`, with whatever these names mean here. (Nix manual, Lookup path)"""
        variables = [tree.Variable(node.start, node.end, text) for text in ("__findFile", "__nixPath")]
        text = tree.String(node.start, node.end, node.text)
        return self.desugar(node, tree.Apply(node.start, node.end, variables[0], (variables[1], text)))

    def desugar(self, node: tree.Node, meant: tree.Node) -> object:
        self.found.desugared[node] = meant
        return self.visit(meant)

    def parts(self, node: tree.Interpolation | tree.PathInterpolation) -> object:
        for part in node.parts:
            if not isinstance(part, str):
                self.visit(part)
        return NOT_DATA

    def list_(self, node: tree.List) -> object:
        values = [self.visit_delayed(item) for item in node.items]
        if not self.fold or any(value is NOT_DATA for value in values):
            return NOT_DATA
        return self.constant(node, values, node.items)

    def constant(self, node: tree.Node, value: object, parts: tuple[tree.Node, ...] | list[tree.Node]) -> object:
        """Keep the value of a list or set that is data; what is in it is part of that."""
        for part in parts:
            self.found.data.pop(part, None)
        self.found.data[node] = value
        return value

    def attrset(self, node: tree.AttrSet) -> object:
        value = self.recursive_set(node) if node.recursive else self.plain_set(node)
        shape = self.shapes.pop(node, None)
        if shape is not None:
            complete(shape, node, self.found, self.globals)
        return value

    def recursive_set(self, node: tree.AttrSet) -> object:
        scope = self.bindings_scope(node.bindings)
        self.found.scopes[node] = scope
        self.bindings(node.bindings, scope)
        self.names.leave(scope, self.here.free)
        return NOT_DATA

    def plain_set(self, node: tree.AttrSet) -> object:
        bindings = node.bindings
        if not bindings.attributes and not bindings.dynamic and not bindings.inherit_from:
            return {} if self.fold else NOT_DATA
        scope = Scope({})
        if bindings.inherit_from:
            self.found.scopes[node] = scope
            self.subjects(bindings, scope)
        values: dict[str, object] = {}
        is_data = self.fold and not bindings.dynamic and not bindings.inherit_from
        for key, attribute in bindings.attributes.items():
            if attribute.inherited is None or attribute.inherited is True:
                value = values[key] = self.visit_delayed(attribute.value)
                is_data = is_data and value is not NOT_DATA
        self.dynamic(bindings)
        if not is_data:
            return NOT_DATA
        return self.constant(node, values, [attribute.value for attribute in bindings.attributes.values()])

    def let(self, node: tree.Let) -> object:
        scope = self.bindings_scope(node.bindings)
        self.found.scopes[node] = scope
        self.bindings(node.bindings, scope)
        self.visit(node.body)
        self.names.leave(scope, self.here.free)
        return NOT_DATA

    def bindings_scope(self, bindings: tree.Bindings) -> Scope:
        """Return the scope of a `let` or `rec`, entered."""
        self.inherited(bindings)
        scope = scope_of(bindings, self.names, self.shapes)
        self.names.enter(scope)
        return scope

    def inherited(self, bindings: tree.Bindings) -> None:
        """Resolve `inherit a;`, which looks outside of the scope that it makes."""
        for attribute in bindings.attributes.values():
            if attribute.inherited is True:
                self.visit(attribute.value)

    def bindings(self, bindings: tree.Bindings, scope: Scope) -> None:
        """The values of a `let` or `rec`, which see one another."""
        self.found.known.update(known_functions(bindings, self.names.source))
        self.subjects(bindings, scope)
        fixed = "__overrides" not in bindings.attributes
        for key, attribute in bindings.attributes.items():
            if attribute.inherited is not None:
                note_bound_value(attribute, scope.names[key], self.globals, fixed=fixed)
        for key, attribute in bindings.attributes.items():
            if attribute.inherited is not None:
                continue
            value = attribute.value
            self.visit_delayed(value)
            local = scope.names[key]
            if isinstance(local, Local) and local.known is not None and isinstance(value, tree.Lambda):
                local.known.cost, local.known.is_whole = straight_line(row_of(value), self.found)
            if fixed and local.__class__ is Local and value not in self.found.regions and is_value(value):
                local.is_value = True
            note_bound_value(attribute, local, self.globals, fixed=fixed)
        self.dynamic(bindings)

    def subjects(self, bindings: tree.Bindings, scope: Scope) -> None:
        """Resolve the subjects of `inherit (e) ...`. What many names, or names at the top of a file, stand for can wait."""
        for subject in bindings.inherit_from:
            self.visit_delayed(subject)
            scope.subjects.append(self.names.own_variable("inherit"))
        if not self.on_demand or not bindings.inherit_from:
            return
        names = inherited_from(bindings, self.globals)
        if not self.functions or len(names) >= LEAST_INHERITED:
            for value, number in names:
                self.here.cut_inherited(value, scope.subjects[number], self.found)

    def dynamic(self, bindings: tree.Bindings) -> None:
        for entry in bindings.dynamic:
            self.visit(entry.name)
            self.visit_delayed(entry.value)

    def lambda_(self, node: tree.Lambda) -> object:
        """Resolve a function: all of it is one region, since it can be compiled when it is called."""
        if self.here.number == -1 and self.here.nodes == 1:
            return self.function(node)
        least = LEAST_NODES_OF_DEPTH
        if self.on_demand:
            least = least_of_function(self.functions)
        elif self.here.depth <= MOST_NESTED:
            return self.function(node)
        self.functions += 1
        result = self.cut(node, Resolver.function, least)
        self.functions -= 1
        return result

    def function(self, node: tree.Node) -> object:
        assert isinstance(node, tree.Lambda)
        scopes: list[Scope] = []
        row = row_of(node)
        for part in row:
            own = self.names.own_variable("argument") if part.parameter is None else self.names.variable(part.parameter)
            scope = Scope({} if part.parameter is None else {part.parameter: own}, own)
            if part.formals is not None:
                own.is_value = True
                add_formals(part.formals, scope, self.names)
            self.names.enter(scope)
            scopes.append(scope)
            self.found.scopes[part] = scope
            if part.formals is not None:
                for formal in part.formals.formals:
                    if formal.default is not None:
                        self.visit_delayed(formal.default)
        body = row[-1].body
        if node in self.found.known:
            for variable in self.found.known[node].taken:
                self.visit(variable)
            # what Python does instead is nearly always all that is needed
            self.cut(body, VISIT[body.__class__], least=1)
        else:
            self.visit(body)
        for scope in reversed(scopes):
            self.names.leave(scope, self.here.free)
        return NOT_DATA

    def apply(self, node: tree.Apply) -> object:
        self.visit(node.function)
        for argument in node.arguments:
            self.visit_delayed(argument)
        return NOT_DATA

    def select(self, node: tree.Select) -> object:
        self.visit(node.subject)
        self.path(node.path)
        if node.default is not None:
            self.visit(node.default)
        return NOT_DATA

    def path(self, path: tuple[str | tree.Node, ...]) -> None:
        for element in path:
            if not isinstance(element, str):
                self.visit(element)

    def has_attr(self, node: tree.HasAttr) -> object:
        self.visit(node.subject)
        self.path(node.path)
        return NOT_DATA

    def with_(self, node: tree.With) -> object:
        """Resolve a `with`. The names of a set that is known are resolved like variables; the others are looked for at run time."""
        own = self.names.own_variable("with")
        scope = self.found.scopes[node] = Scope({}, own)
        members = self.members_of_with(node.scope, scope)
        around = self.names.enter_with(scope, members)
        free = self.here.free
        free.update(scope.subjects if members is None else ())
        self.visit(node.body)
        self.names.leave_with(around)
        free.discard(own)
        if members is not None:
            free.difference_update(scope.subjects)
        free.difference_update(scope.names.values())
        return NOT_DATA

    def members_of_with(self, subject: tree.Node, scope: Scope) -> Members | None:
        """Resolve the subject of a `with`; return what its names are, None where that is not known."""
        own = scope.own
        assert own is not None
        if self.names.many_withs():
            self.visit_delayed(subject)
            return None
        if subject.__class__ is tree.AttrSet and binds_locals(subject):
            bindings = subject.bindings
            self.inherited(bindings)
            scope.names = {key: self.names.variable(key) for key in bindings.attributes}
            foretell(bindings, scope, self.names, self.shapes)
            self.bindings(bindings, scope)
            return scope.names
        shape = shape_of(subject, self.shapes) if subject.__class__ is tree.AttrSet else None
        self.visit_delayed(subject)
        known = known_value(subject) if shape is None else Known(shape=shape)
        if known.shape is not None:
            own.shape, own.is_value = known.shape, known.is_value
            return known.shape
        if subject.__class__ is tree.Variable and subject.binding.__class__ is Global:
            return self.globals.members_of(subject.binding.python)
        return None

    def assert_(self, node: tree.Assert) -> object:
        condition = node.condition
        if condition.__class__ is tree.Binary and condition.operator == "==":
            # its emitter takes the operands, for the message
            self.visit(condition.left)
            self.visit(condition.right)
        else:
            self.visit(condition)
        self.visit(node.body)
        return NOT_DATA

    def if_(self, node: tree.If) -> object:
        """Resolve a whole chain of else-ifs, which is one node to its emitter; in a loop, since it may be of any length."""
        rest: tree.Node = node
        while rest.__class__ is tree.If:
            self.visit(rest.condition)
            self.visit(rest.consequent)
            rest = rest.alternative
        self.visit(rest)
        return NOT_DATA

    def not_(self, node: tree.Not) -> object:
        self.visit(node.operand)
        return NOT_DATA

    def negate(self, node: tree.Negate) -> object:
        if self.names.is_rebound("__sub"):
            return self.desugar(node, negation_as_call(node))
        self.visit(node.operand)
        return NOT_DATA

    def binary(self, node: tree.Binary) -> object:
        """Return NOT_DATA, the operands of the whole chain walked; or what the call gives that the operator stands for."""
        if self.stands_for_call(node):
            return self.desugar(node, as_call(node))
        for operand in chain_operands(node, self.stands_for_call):
            self.visit(operand)
        return NOT_DATA

    def stands_for_call(self, node: tree.Binary) -> bool:
        """Return whether the file has a variable of its own called `__sub` and so on, of which this operator is then a call.

        Nix's parser makes calls of `__sub`, `__mul`, `__div` and `__lessThan` out of operators, and they are looked up as variables.
        """
        primop = PRIMOPS.get(node.operator)
        return primop is not None and self.names.is_rebound(primop)


VISIT: dict[type[tree.Node], Callable[[Resolver, Any], object]] = {
    tree.Integer: Resolver.literal,
    tree.Float: Resolver.literal,
    tree.String: Resolver.literal,
    tree.Path: Resolver.leaf,
    tree.CurrentPosition: Resolver.leaf,
    tree.Variable: Resolver.variable_node,
    tree.SearchPath: Resolver.search_path,
    tree.Repeated: Resolver.repeated,
    tree.Interpolation: Resolver.parts,
    tree.PathInterpolation: Resolver.parts,
    tree.List: Resolver.list_,
    tree.AttrSet: Resolver.attrset,
    tree.Let: Resolver.let,
    tree.Lambda: Resolver.lambda_,
    tree.Apply: Resolver.apply,
    tree.Select: Resolver.select,
    tree.HasAttr: Resolver.has_attr,
    tree.With: Resolver.with_,
    tree.Assert: Resolver.assert_,
    tree.If: Resolver.if_,
    tree.Not: Resolver.not_,
    tree.Negate: Resolver.negate,
    tree.Binary: Resolver.binary,
}
