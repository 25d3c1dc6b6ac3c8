"""The resolve pass: one walk over a tree, before any code is made, that finds what every name means.

It also finds what is constant data, and cuts the tree into regions: parts that are compiled on their own, when they are first needed.
Emitters read what it found and look nothing up. It calls nothing but itself, so that a tree of any depth costs Python frames, no C stack.

A name is a variable of an enclosing `let`, `rec` or function, else a global, else what the chain of `with` has: lexical always wins over
`with`. (Nix manual, Language constructs)
"""

from __future__ import annotations

from nixbridge.errors.exceptions import UndefinedVariable
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.compiler.binding import (
    GLOBAL_CONSTANTS,
    Dynamic,
    Global,
    GlobalNames,
    KnownFunction,
    Local,
    Member,
)
from nixbridge.language.compiler.names import nix_variable
from nixbridge.language.syntax import ast as tree
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.language.compiler.binding import Binding

#: So many bindings become local variables. Beyond, they are entries of one dict: Python's compiler copies the names around a
#: function for each function in it, which takes 10,000 bindings from a tenth of a second to ten.
MOST_LOCALS = 500
#: So many `with`s within one another are variables of their own.
MOST_WITHS = 8
#: So many arguments in a row are one Python function.
MOST_ARGUMENTS = 3
#: A node this far below the root of its region begins a region of its own: Python's compiler recurses, on whatever stack there is.
MOST_NESTED = 24
#: A region has at least so many nodes; where a tree is cut for its depth alone, so many.
LEAST_NODES = 40
LEAST_NODES_OF_DEPTH = 6
#: The same of a thunk that is made once, not in a function that may be called many times: all that it costs is a little code.
LEAST_NODES_ONCE = 10
#: Text of fewer characters is compiled at once, unless it is nested too deeply.
SMALL_TEXT = 4_000

#: Sentinel for a node that is not constant data.
NOT_DATA = object()

_LEAVES = {tree.Integer, tree.Float, tree.String, tree.Variable, tree.Path, tree.CurrentPosition}

#: What Nix's parser makes of an operator: a call of a variable. (`a > b` is `b < a`.)
_PRIMOPS = {"-": "__sub", "*": "__mul", "/": "__div"} | dict.fromkeys(("<", "<=", ">", ">="), "__lessThan")

#: Chains of these operators are one node to an emitter: how they group, and which operators make one chain.
ARITHMETIC_CHAIN = frozenset("+-*/")
LEFT_CHAINS = dict.fromkeys(ARITHMETIC_CHAIN, ARITHMETIC_CHAIN) | {
    operator: frozenset((operator,)) for operator in ("&&", "||")
}
RIGHT_CHAINS = ("++", "//", "->")


class Scope:
    """The variables that a node binds.

    `names`, as Nix calls them. `own`: the variable of a `with`, of a function's argument, of the dict that holds a large `let` or `rec`.
    `subjects`: the variables of `inherit (subject)`; of a `with`, those of the ones around it that it holds as well; of many formals, that
    of their dict.
    """

    __slots__ = ("names", "own", "subjects")

    def __init__(self, names: dict[str, Local | Member], own: Local | None = None) -> None:
        self.names = names
        self.own = own
        self.subjects: list[Local] = []


class Region:
    """A part of a file that is compiled on its own. `captured`: the variables of the code around it that it needs."""

    __slots__ = ("captured", "number")

    def __init__(self, number: int, captured: list[Local]) -> None:
        self.number = number
        self.captured = captured


class Resolution:
    """The findings of the resolve pass, by node; the bindings of variables are in the variables themselves.

    `desugared` is what a node stands for: `<a>`, and operators whose functions the file binds anew. `outer` says for each number of a
    region in which other it lies (-1: in none). `on_demand`: not only what is nested deeply is a region.
    Emitters take entries out as they use them, so that the tree can be freed.
    """

    __slots__ = ("data", "desugared", "on_demand", "outer", "regions", "scopes")

    def __init__(self, on_demand: bool) -> None:
        self.on_demand = on_demand
        self.scopes: dict[tree.Node, Scope] = {}
        self.data: dict[tree.Node, object] = {}
        self.desugared: dict[tree.Node, tree.Node] = {}
        self.regions: dict[tree.Node, Region] = {}
        self.outer: dict[int, int] = {}


def resolve(root: tree.Node, source: Source, global_names: GlobalNames, *, fold: bool = True) -> Resolution:
    """Return what every name of a tree means. Raises UndefinedVariable. With `fold`, data becomes constants."""
    resolver = Resolver(source, global_names, fold)
    resolver.visit(root)
    return resolver.found


def row_of(node: tree.Lambda) -> list[tree.Lambda]:
    """Return the lambdas that become one Python function. Formals, which can fail, may only come last."""
    row = [node]
    while len(row) < MOST_ARGUMENTS and row[-1].formals is None and row[-1].body.__class__ is tree.Lambda:
        row.append(row[-1].body)
    return row


def needs_thunk(node: tree.AttrSet) -> bool:
    """Return whether building this set can fail: it has names to compute, or overrides."""
    return bool(node.bindings.dynamic) or (node.recursive and "__overrides" in node.bindings.attributes)


class Resolver:
    """The state of one walk."""

    def __init__(self, source: Source, global_names: GlobalNames, fold: bool) -> None:
        self.source = source
        self.globals = global_names.bindings
        self.fold = fold
        self.on_demand = len(source.text) >= SMALL_TEXT
        self.found = Resolution(self.on_demand)
        #: Name -> what it means, the innermost last. Looking up takes the same time at any depth.
        self.bound: dict[str, list[Local | Member]] = {}
        self.withs: list[Local] = []
        self.used: dict[str, int] = {}
        self.own_variables = 0
        #: How many functions the current node is in; a file that is one, as most are, is called once.
        self.functions = 0
        #: Of the region that is walked: its number, the variables it uses, its nodes, how deep in it the current node is.
        self.region = -1
        self.free: set[Local] = set()
        self.nodes = 0
        self.depth = 0

    # walking

    def visit(self, node: tree.Node) -> object:
        """Resolve the names of a node that is evaluated in place. Returns its value where it is constant data, else NOT_DATA."""
        self.nodes += 1
        self.depth += 1
        kind = node.__class__
        if self.depth > MOST_NESTED and kind not in _LEAVES and kind is not tree.Lambda:
            result = self.cut(node, VISIT[kind], LEAST_NODES_OF_DEPTH)
        else:
            result = VISIT[kind](self, node)
        self.depth -= 1
        return result

    def visit_delayed(self, node: tree.Node) -> object:
        """Resolve the names of a node that may become a thunk, which can be compiled when it is forced."""
        kind = node.__class__
        if not self.on_demand or kind in _LEAVES or kind is tree.Lambda:
            return self.visit(node)
        return self.cut(node, VISIT[kind], LEAST_NODES if self.functions else LEAST_NODES_ONCE)

    def cut(self, node: tree.Node, visit: Callable[[Resolver, tree.Node], object], least: int) -> object:
        """Walk a node as a region of its own; one of fewer nodes than `least` is part of the one around it after all."""
        outer, free, nodes, depth = self.region, self.free, self.nodes, self.depth
        number = len(self.found.outer)
        self.found.outer[number] = outer
        self.region, self.free, self.nodes, self.depth = number, set(), 1, 0
        result = visit(self, node)
        if self.nodes >= least and result is NOT_DATA:
            captured = sorted(self.free, key=_python_name)
            self.found.regions[node] = Region(number, captured)
            nodes += 1
        else:
            nodes += self.nodes
        free |= self.free
        self.region, self.free, self.nodes, self.depth = outer, free, nodes, depth
        return result

    # names

    def variable(self, name: str) -> Local:
        """Return a new variable of Nix."""
        count = self.used.get(name, 0)
        self.used[name] = count + 1
        return Local(nix_variable(name, count))

    def own_variable(self, use: str) -> Local:
        """Return a new variable of the compiler's own; `use` says what it is for."""
        return Local(self.own_name(use))

    def own_name(self, use: str) -> str:
        self.own_variables += 1
        return f"{use}.{self.own_variables}"

    def enter(self, scope: Scope) -> None:
        """From here on the names of a scope hide those around them."""
        bound = self.bound
        for name, binding in scope.names.items():
            if name in bound:
                bound[name].append(binding)
            else:
                bound[name] = [binding]

    def leave(self, scope: Scope) -> None:
        """The names of a scope end here."""
        bound, free = self.bound, self.free
        for name, binding in scope.names.items():
            stack = bound[name]
            stack.pop()
            if not stack:
                del bound[name]
            free.discard(binding)
        if scope.own is not None:
            free.discard(scope.own)
        free.difference_update(scope.subjects)

    def meaning(self, name: str, node: tree.Node) -> Binding:
        """Return what a name means here. Raises UndefinedVariable at `node`."""
        stack = self.bound.get(name)
        if stack is not None:
            binding = stack[-1]
            self.free.add(binding.container if isinstance(binding, Member) else binding)
            return binding
        known = self.globals.get(name)
        if known is not None:
            return known
        if self.withs:
            self.free.update(self.withs)
            return Dynamic(self.withs[::-1])
        raise UndefinedVariable(
            f"undefined variable '{name}'",
            source=self.source,
            span=self.source.span(node.start, node.end),
            hint=did_you_mean(name, sorted(n for n in {*self.bound, *self.globals} if not n.startswith("__"))),
        )

    # one method a kind of node

    def literal(self, node: tree.Integer | tree.Float | tree.String) -> object:
        return node.value

    def leaf(self, _node: tree.Node) -> object:
        return NOT_DATA

    def variable_node(self, node: tree.Variable) -> object:
        binding = node.binding = self.meaning(node.name, node)
        return GLOBAL_CONSTANTS.get(binding.python, NOT_DATA) if binding.__class__ is Global else NOT_DATA

    def search_path(self, node: tree.SearchPath) -> object:
        """Return `<nixpkgs>` is `__findFile __nixPath "nixpkgs"`, with whatever these names mean here. (Nix manual, Lookup path)"""
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
        bindings = node.bindings
        if node.recursive:
            scope = self.bindings_scope(bindings)
            self.found.scopes[node] = scope
            self.bindings(bindings, scope)
            self.leave(scope)
            return NOT_DATA
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
        self.leave(scope)
        return NOT_DATA

    def bindings_scope(self, bindings: tree.Bindings) -> Scope:
        """Return the scope of a `let` or `rec`, entered. `inherit a;` looks outside, so it is resolved before."""
        attributes = bindings.attributes
        for attribute in attributes.values():
            if attribute.inherited is True:
                self.visit(attribute.value)
        if len(attributes) > MOST_LOCALS and "__overrides" not in attributes:
            own = self.own_variable("members")
            scope = Scope({key: Member(own, key) for key in attributes}, own)
        else:
            scope = Scope({key: self.variable(key) for key in attributes})
            self.foretell(bindings, scope)
        self.enter(scope)
        return scope

    def foretell(self, bindings: tree.Bindings, scope: Scope) -> None:
        """Note which variables are functions, before anything that refers to them is walked. Overrides may replace them."""
        if "__overrides" in bindings.attributes:
            return
        for key, attribute in bindings.attributes.items():
            if attribute.value.__class__ is tree.Lambda:
                local = scope.names[key]
                assert isinstance(local, Local)
                arity = len(row_of(attribute.value))
                local.is_value = True
                local.known = KnownFunction(local.python if arity == 1 else self.own_name("function"), arity)

    def bindings(self, bindings: tree.Bindings, scope: Scope) -> None:
        """The values of a `let` or `rec`, which see one another."""
        self.subjects(bindings, scope)
        fixed = "__overrides" not in bindings.attributes
        for key, attribute in bindings.attributes.items():
            if attribute.inherited is not None:
                continue
            value = attribute.value
            self.visit_delayed(value)
            local = scope.names[key]
            if fixed and local.__class__ is Local and value not in self.found.regions and is_value(value):
                local.is_value = True
        self.dynamic(bindings)

    def subjects(self, bindings: tree.Bindings, scope: Scope) -> None:
        for subject in bindings.inherit_from:
            self.visit_delayed(subject)
            scope.subjects.append(self.own_variable("inherit"))

    def dynamic(self, bindings: tree.Bindings) -> None:
        for entry in bindings.dynamic:
            self.visit(entry.name)
            self.visit_delayed(entry.value)

    def lambda_(self, node: tree.Lambda) -> object:
        """Return a function: all of it is one region, since it can be compiled when it is called."""
        if self.region == -1 and self.nodes == 1:
            return self.function(node)
        least = LEAST_NODES_OF_DEPTH
        if self.on_demand:
            least = LEAST_NODES if self.functions else LEAST_NODES_ONCE
        elif self.depth <= MOST_NESTED:
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
            own = self.own_variable("argument") if part.parameter is None else self.variable(part.parameter)
            scope = Scope({} if part.parameter is None else {part.parameter: own}, own)
            if part.formals is not None:
                own.is_value = True
                self.formals_scope(part.formals, scope)
            self.enter(scope)
            scopes.append(scope)
            self.found.scopes[part] = scope
            if part.formals is not None:
                for formal in part.formals.formals:
                    if formal.default is not None:
                        self.visit_delayed(formal.default)
        self.visit(row[-1].body)
        for scope in reversed(scopes):
            self.leave(scope)
        return NOT_DATA

    def formals_scope(self, formals: tree.Formals, scope: Scope) -> None:
        """The names of formals; many are members of a dict, which is a variable beside the argument."""
        names = [formal.name for formal in formals.formals]
        if len(names) > MOST_LOCALS:
            members = self.own_variable("members")
            scope.subjects.append(members)
            scope.names.update({name: Member(members, name) for name in names})
        else:
            scope.names.update({name: self.variable(name) for name in names})

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
        self.visit_delayed(node.scope)
        own = self.own_variable("with")
        scope = self.found.scopes[node] = Scope({}, own)
        outer = self.withs
        if len(outer) < MOST_WITHS:
            self.withs = [*outer, own]
        else:
            # its variable holds the others as well: code for a name must not grow with the number of `with`s around it
            scope.subjects.extend(reversed(outer))
            self.free.update(outer)
            self.withs = [own]
        self.visit(node.body)
        self.withs = outer
        self.free.discard(own)
        return NOT_DATA

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
        """Return a chain of else-ifs is one node to its emitter."""
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
        if self.is_rebound("__sub"):
            zero = tree.Integer(node.start, node.start, 0)
            call = tree.Apply(node.start, node.end, tree.Variable(node.start, node.end, "__sub"), (zero, node.operand))
            return self.desugar(node, call)
        self.visit(node.operand)
        return NOT_DATA

    def binary(self, node: tree.Binary) -> object:
        """Return a chain of operators that group in one way is walked in a loop; it may be very long."""
        meant = self.rebound(node)
        if meant is not None:
            return self.desugar(node, meant)
        operator = node.operator
        first: tree.Node
        if operator in LEFT_CHAINS:
            chain = LEFT_CHAINS[operator]
            operands: list[tree.Node] = []
            first = node
            while first.__class__ is tree.Binary and first.operator in chain and self.rebound(first) is None:
                operands.append(first.right)
                first = first.left
            operands.append(first)
            operands.reverse()
        elif operator in RIGHT_CHAINS:
            operands = []
            first = node
            while first.__class__ is tree.Binary and first.operator == operator:
                operands.append(first.left)
                first = first.right
            operands.append(first)
        else:
            operands = [node.left, node.right]
        for operand in operands:
            self.visit(operand)
        return NOT_DATA

    def rebound(self, node: tree.Binary) -> tree.Node | None:
        """Return the call that an operator stands for, where the file has a variable of its own called `__sub` and so on.

        Nix's parser makes calls of `__sub`, `__mul`, `__div` and `__lessThan` out of operators, and they are looked up as variables.
        """
        wanted = _PRIMOPS.get(node.operator)
        if wanted is None or not self.is_rebound(wanted):
            return None
        operands = (node.left, node.right) if node.operator in ("-", "*", "/", "<", ">=") else (node.right, node.left)
        applied: tree.Node = tree.Apply(node.start, node.end, tree.Variable(node.start, node.end, wanted), operands)
        return tree.Not(node.start, node.end, applied) if node.operator in ("<=", ">=") else applied

    def is_rebound(self, primop: str) -> bool:
        """Return whether the function of an operator is another than Nix's own here."""
        return primop in self.bound or (
            primop in self.globals and not self.globals[primop].python.startswith("builtins.")
        )


VISIT: dict[type[tree.Node], Callable[[Resolver, Any], object]] = {
    tree.Integer: Resolver.literal,
    tree.Float: Resolver.literal,
    tree.String: Resolver.literal,
    tree.Path: Resolver.leaf,
    tree.CurrentPosition: Resolver.leaf,
    tree.Variable: Resolver.variable_node,
    tree.SearchPath: Resolver.search_path,
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


def is_value(node: tree.Node) -> bool:
    """Return whether delaying this node gives a value, never a thunk."""
    if node.__class__ is tree.AttrSet:
        return not needs_thunk(node)
    return node.__class__ in (tree.Lambda, tree.Integer, tree.Float, tree.String, tree.List, tree.Path)


def _python_name(local: Local) -> str:
    return local.python
