"""A builder's documentation out of its table."""

from __future__ import annotations

from nixbridge.language.formats import nix_source
from nixbridge.mesh.tables.builder_list import BUILDERS, TABLES, table
from nixbridge.mesh.tables.parameter import Builder, Parameter
from nixbridge.mesh.tables.value_types import VALUE_TYPES

#: What is not a table: what it is in a line, and a page with an example that runs.
OTHERS = {
    "validateServiceMesh": (
        "checks a mesh record; returns { valid, errors, checks }",
        """\
# validateServiceMesh mesh

| field | value |
| --- | --- |
| `valid` | boolean: are there no errors |
| `errors` | list of strings: a message for each check that failed |
| `checks` | set of booleans: `validMeshType`, `validMtlsMode`, `validNamespace`, `versionNotEmpty` |

The mesh type is `meshType`, else what the record's label says; a field that the record does not have is not checked.

```nix
let
  result = validateServiceMesh (mkIstioMesh "production" { mtlsMode = "STRICT"; });
in
if result.valid then "OK" else builtins.concatStringsSep ", " result.errors
```
""",
    ),
    "calculateSidecarOverhead": (
        "cpuRequest memoryRequest: the overhead of the sidecars",
        """\
# calculateSidecarOverhead cpuRequest memoryRequest

| field | value |
| --- | --- |
| `cpuOverhead` | the first argument |
| `memoryOverhead` | the second argument |
| `estimatedLatencyMs` | `5` |
| `estimatedThroughputImpact` | `"< 5%"` |

```nix
let
  overhead = calculateSidecarOverhead "100m" "256Mi";
in
"CPU: ${overhead.cpuOverhead}, Memory: ${overhead.memoryOverhead}"
```
""",
    ),
    "framework": (
        "the module's description: features, supported versions",
        """\
# framework

A set: `name`, `version`, `description`, `features`, `supportedMeshes`, `supportedIstioVersions`, `supportedLinkerdVersions`,
`supportedTracingProviders`, `supportedDashboards`, `kubernetesVersions`.

```nix
builtins.elem "1.17" framework.supportedIstioVersions
```
""",
    ),
}


def overview() -> str:
    """Return the 13 functions, a line each."""
    lines = []
    for name in BUILDERS:
        if name in TABLES:
            builder = table(name)
            lines.append(f"{name:<26} {builder.kind}: {builder.doc}")
        else:
            lines.append(f"{name:<26} {OTHERS[name][0]}")
    return "\n".join(lines) + "\n"


def documentation(builder: Builder) -> str:
    """Return one builder as Markdown: parameters with type, default and allowed values, and an example that runs."""
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
    """Return the type in words, and the allowed values."""
    shown = VALUE_TYPES[parameter.type].shown
    return " or ".join(f"`{value}`" for value in parameter.one_of) if parameter.one_of else shown


def default_of(parameter: Parameter, builder: Builder) -> str:
    """Return the default in words or as Nix text."""
    if parameter.computed is not None:
        return parameter.computed.in_words()
    if parameter.name == "labels" and builder.overlay:
        return "those given, with " + " and ".join(f"`{key}`" for key in builder.overlay) + " put over them"
    return "`" + " ".join(nix_source.write(parameter.default).split()) + "`"
