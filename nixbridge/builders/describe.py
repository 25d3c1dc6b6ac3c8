"""A builder's documentation out of its table."""

from __future__ import annotations

from nixbridge.builders.catalogue import BUILDERS, TABLES, table
from nixbridge.builders.parameter import Builder, FirstArgument, IfSet, Parameter
from nixbridge.builders.value_types import VALUE_TYPES
from nixbridge.formats import nix_source

#: What is no table, in a line each.
OTHERS = {
    "validateServiceMesh": "checks a mesh record: { valid, errors, checks }",
    "calculateSidecarOverhead": "cpuRequest memoryRequest: what the sidecars cost",
    "framework": "what the module says of itself: features, supported versions",
}


def overview() -> str:
    """The 13 functions, a line each."""
    lines = []
    for name in BUILDERS:
        if name in TABLES:
            builder = table(name)
            lines.append(f"{name:<26} {builder.kind}: {builder.doc}")
        else:
            lines.append(f"{name:<26} {OTHERS[name]}")
    return "\n".join(lines) + "\n"


def documentation(builder: Builder) -> str:
    """One builder as Markdown: parameters with type, default and allowed values, and an example that runs."""
    lines = [
        f"# {builder.name} name {{ ... }}",
        "",
        f"{builder.kind}: {builder.doc}.",
        "",
        "| parameter | type | default | |",
        "| --- | --- | --- | --- |",
    ]
    lines.extend(f"| `{p.name}` | {type_of(p)} | {default_of(p, builder)} | {p.doc} |" for p in builder.parameters)
    return "\n".join([*lines, "", "```nix", builder.example.rstrip(), "```", ""])


def type_of(parameter: Parameter) -> str:
    """The type in words, and the allowed values."""
    shown = VALUE_TYPES[parameter.type].shown
    return " or ".join(f"`{value}`" for value in parameter.one_of) if parameter.one_of else shown


def default_of(parameter: Parameter, builder: Builder) -> str:
    """The default in words or as Nix text."""
    default = parameter.default
    if isinstance(default, FirstArgument):
        return "a list of the name" if default.in_list else "the name"
    if isinstance(default, IfSet):
        return f"`{default.then}` with `{default.parameter} = true`, else `{default.otherwise}`"
    if parameter.name == "labels" and builder.overlay:
        return "those given, with " + " and ".join(f"`{key}`" for key in builder.overlay) + " put over them"
    return "`" + " ".join(nix_source.write(default).split()) + "`"
