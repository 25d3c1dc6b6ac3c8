"""Markdown about a name: a builder, a parameter, an Istio field, a function of `builtins` or `lib`."""

from __future__ import annotations

from functools import cache

from nixbridge.language.builtins.builtin_docs import documented
from nixbridge.language.builtins.registry import CONSTANTS
from nixbridge.language.formats.document import JsonObject
from nixbridge.language.nixpkgs.lib_docs import describe, paths_of
from nixbridge.lsp.builder_places import BuilderPlace, field_node
from nixbridge.lsp.field_docs import FIELD_DOCS
from nixbridge.mesh.schema.field_tables import resolve
from nixbridge.mesh.tables.builder_docs import OTHERS, default_of, documentation, type_of
from nixbridge.mesh.tables.builder_list import TABLES, table
from nixbridge.mesh.tables.parameter import Builder, Parameter

# A completion describes all names in scope, so each description is made once: reading the signatures of all
# builtins takes longer than an editor should wait after a key.


@cache
def builtin_docs() -> dict[str, tuple[str, str]]:
    """Return the functions of `builtins`: how each is called, and its documentation."""
    return documented()


@cache
def builtin_names() -> tuple[str, ...]:
    """Return the names of `builtins`, sorted."""
    return tuple(sorted({*builtin_docs(), *CONSTANTS}))


@cache
def lib_paths() -> dict[str, list[str]]:
    """Return the names of the built-in `lib` with the paths under which each is found."""
    return paths_of()


@cache
def lib_members(path: str) -> tuple[str, ...]:
    """Return the attributes of `lib` or of one of its sets (`lib.strings`), sorted."""
    prefix = f"{path}."
    found = {
        name[len(prefix) :].partition(".")[0]
        for names in lib_paths().values()
        for name in names
        if name.startswith(prefix)
    }
    return tuple(sorted(found))


@cache
def describe_builder(name: str) -> str | None:
    """Return the documentation of one of the 13 functions; None for another name."""
    if name in TABLES:
        return documentation(table(name))
    return OTHERS[name][1] if name in OTHERS else None


def describe_builtin(name: str) -> str | None:
    """Return the call and the documentation of a function of `builtins`; None for another name."""
    if name not in builtin_docs():
        return f"`builtins.{name}`: a constant" if name in CONSTANTS else None
    call, text = builtin_docs()[name]
    return f"```nix\nbuiltins.{call}\n```\n{text}"


@cache
def describe_lib(name: str) -> str | None:
    """Return the path and documentation of a name in `lib`; None for an unknown name."""
    paths = lib_paths().get(name)
    return f"`{'`, `'.join(paths)}`\n{describe(name)}" if paths else None


def describe_parameter(parameter: Parameter, builder: Builder) -> str:
    """Return type, default and destination of a builder's parameter."""
    lines = [
        f"**{builder.name}.{parameter.name}**: {parameter.doc}",
        f"- type: {type_of(parameter)}",
        f"- default: {default_of(parameter, builder)}",
    ]
    if parameter.manifest:
        lines.append(f"- manifest: `spec.{parameter.manifest}` of the {builder.kind}")
    lines += [f"- Helm value: `{value}`" for value in parameter.values]
    if parameter.lost:
        lines.append(f"- not rendered: {parameter.lost}")
    return "\n".join(lines)


def describe_field(place: BuilderPlace, path: tuple[str | int, ...]) -> str | None:
    """Return the documentation of an Istio field inside a parameter: type, allowed values, first release; None for an unknown field."""
    node = field_node(place, path)
    if node is None:
        return None
    name = str(next(part for part in reversed(path) if part != 0))
    parent = field_node(place, path[:-1]) or {}
    lines = [f"**{'.'.join(str(part) for part in path if part != 0)}** ({place.builder.kind})"]
    if name in FIELD_DOCS:
        lines[0] += f": {FIELD_DOCS[name]}"
    lines.append(f"- type: {type_words(node)}")
    if name in parent.get("required", ()):
        lines.append("- required")
    if "since" in node:
        lines.append(f"- Istio {node['since']} or later")
    if "fields" in node:
        lines.append(f"- fields: {', '.join(f'`{field}`' for field in node['fields'])}")
    return "\n".join(lines)


def type_words(node: JsonObject) -> str:
    """Return the type of a field in words."""
    if node.get("enum"):
        return " or ".join(f'`"{value}"`' for value in node["enum"] if value is not None)
    kind = node["type"]
    if kind == "array":
        return f"list of {type_words(resolve(node['items']))}"
    if kind == "object":
        return f"set of {type_words(resolve(node['values']))} by name" if "values" in node else "set"
    return {"duration": "duration, such as `30s`", "base64": "base64 text", "boolean": "Boolean"}.get(kind, str(kind))
