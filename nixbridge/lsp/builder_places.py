"""Places in builder calls: the builder, the path of parameters and fields, and the values allowed there."""

from __future__ import annotations

from dataclasses import dataclass

from nixbridge.language.formats.document import JsonObject
from nixbridge.language.syntax import ast
from nixbridge.lsp.symbols import INHERITED, Symbols
from nixbridge.mesh.schema.builder_schema import FIELDS, SHARED
from nixbridge.mesh.schema.field_tables import named, node_at, resolve
from nixbridge.mesh.tables.builder_list import BUILDERS, TABLES, table
from nixbridge.mesh.tables.parameter import Builder, Parameter


@dataclass(frozen=True)
class BuilderPlace:
    """A place in the configuration of a builder's call.

    `path` are the names of attributes and `0` for an element of a list, outermost first; the last one is the attribute whose name
    the offset is on, or whose value it is in. `inside` is the set or list that the offset is in.
    """

    builder: Builder
    path: tuple[str | int, ...]
    inside: ast.Node
    call: ast.Apply

    @property
    def parameter(self) -> Parameter | None:
        """The parameter that the path begins with."""
        return self.builder.parameter(str(self.path[0])) if self.path else None


def builder_of(symbols: Symbols, function: ast.Node) -> str | None:
    """Return the name of the builder that an expression names: `mkX`, `serviceMesh.mkX`, `mesh.mkX`."""
    if isinstance(function, ast.Variable) and function.name in BUILDERS:
        use = symbols.use_at(function.start)
        definition = use.definition if use is not None else None
        # `inherit (serviceMesh) mkX` defines the name, and still means the builder
        return function.name if definition is None or definition.kind == INHERITED else None
    if isinstance(function, ast.Select) and function.path[-1] in BUILDERS:
        return str(function.path[-1])
    return None


def builder_place(symbols: Symbols, offset: int) -> BuilderPlace | None:
    """Return the place of an offset in the innermost builder call whose configuration is a set around it."""
    nodes = symbols.path_to(offset)
    for index in range(len(nodes) - 2, -1, -1):
        call = nodes[index]
        # the parser gathers curried arguments into one call: the first is the name, the second the configuration
        if not isinstance(call, ast.Apply) or len(call.arguments) < 2 or nodes[index + 1] is not call.arguments[1]:
            continue
        name = builder_of(symbols, call.function)
        if name in TABLES:
            return _place(table(name), call, nodes[index + 1 :], offset, symbols.text)
    return None


def _place(builder: Builder, call: ast.Apply, nodes: list[ast.Node], offset: int, text: str) -> BuilderPlace:
    """Follow the nodes from the configuration down to the offset."""
    path: list[str | int] = []
    inside = nodes[0]
    for node, child in zip(nodes, [*nodes[1:], None], strict=True):
        if isinstance(node, ast.List):
            inside = node
            path += [0] if child is not None else []
        elif isinstance(node, ast.AttrSet):
            inside = node
            name = _attribute_at(node, child, offset, text)
            path += [name] if name is not None else []
        # `{ } // { }` configures the same call; anything else, such as a function, has names of its own
        elif child is None or not isinstance(node, ast.Binary):
            break
    return BuilderPlace(builder, tuple(path), inside, call)


def _attribute_at(node: ast.AttrSet, child: ast.Node | None, offset: int, text: str) -> str | None:
    """Return the name of the attribute whose value is `child`, whose own name is at the offset, or whose value is missing there."""
    for name, attribute in node.bindings.attributes.items():
        if attribute.value is child or (child is None and attribute.start <= offset <= attribute.end):
            return name
        # `name = |`: the value that recovery put in has no width, so the offset is on none of the nodes
        before = text[attribute.end : offset]
        if child is None and attribute.value.end <= offset and "=" in before and ";" not in before:
            return name
    return None


def field_node(place: BuilderPlace, path: tuple[str | int, ...]) -> JsonObject | None:
    """Return the node of the field tables at a path of a builder's configuration; None where the tables end."""
    parameter = place.builder.parameter(str(path[0])) if path else None
    if parameter is None:
        return None
    node = _parameter_node(parameter)
    for part in path[1:]:
        if node is None:
            return None
        node = resolve(node)
        node = node.get("items") if part == 0 else node.get("fields", {}).get(part, node.get("values"))
    return resolve(node) if node is not None else None


def _parameter_node(parameter: Parameter) -> JsonObject | None:
    if parameter.type in FIELDS:
        kind, name = FIELDS[parameter.type]
        return node_at(kind, [name])
    if parameter.type in SHARED:
        return named(SHARED[parameter.type])
    if parameter.type == "retries":  # the parameter is a part of each route of the manifest
        fields: dict[str, JsonObject] = resolve(resolve(node_at("VirtualService", ["http"]))["items"])["fields"]
        return fields["retries"]
    return None


def names_inside(place: BuilderPlace, path: tuple[str | int, ...]) -> dict[str, Parameter | JsonObject]:
    """Return the parameters or fields that a set at a path may have; a list stands for its elements."""
    if not path:
        return {parameter.name: parameter for parameter in place.builder.parameters}
    node = field_node(place, path)
    if node is None:
        return {}
    if "items" in node:
        node = resolve(node["items"])
    return dict(node.get("fields", {}))


def values_at(place: BuilderPlace, path: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the texts that may be the value at a path, where they are a fixed set."""
    if len(path) == 1:
        parameter = place.builder.parameter(str(path[0]))
        return parameter.one_of if parameter is not None else ()
    node = field_node(place, path)
    return tuple(value for value in node.get("enum", ()) if value is not None) if node is not None else ()
