"""A tree of generated modules as kubenix and nixidy have them: megabytes of options, of which a configuration uses a few."""

from __future__ import annotations

import random
from pathlib import Path

#: Option sets in one file.
SETS_A_FILE = 50
RESOURCES = 264

_TYPES = (
    *(
        "lib.types.str",
        "lib.types.int",
        "lib.types.bool",
        "lib.types.nullOr lib.types.str",
        "lib.types.listOf lib.types.str",
    ),
    *("lib.types.attrsOf lib.types.str", 'lib.types.enum [ "Always" "Never" "IfNotPresent" ]'),
)
_WORDS = (
    *(
        "the",
        "resource",
        "whose",
        "field",
        "selects",
        "objects",
        "in",
        "a",
        "namespace",
        "and",
        "may",
        "be",
        "empty",
        "when",
    ),
    *(
        "controller",
        "sets",
        "default",
        "value",
        "for",
        "each",
        "container",
        "of",
        "this",
        "pod",
        "template",
        "before",
        "start",
    ),
)


def write_module_tree(folder: Path, sets: int = 1000) -> Path:
    """Write a tree of `sets` sets of 6 to 18 options below `folder`, and return the file that evaluates it with `<nixpkgs/lib>`."""
    picks = random.Random(11)
    files = []
    for first in range(0, sets, SETS_A_FILE):
        path = folder / f"options-{first:04}.nix"
        bodies = "".join(_option_set(number, picks) for number in range(first, min(first + SETS_A_FILE, sets)))
        path.write_text(f"{{ lib, ... }}:\n{{\n  options = {{\n{bodies}  }};\n}}\n", encoding="utf-8")
        files.append(f"./{path.name}")
    used = "".join(f'    resource{number}.field0 = "a";\n' for number in range(0, sets, max(sets // 10, 1)))
    main = folder / "main.nix"
    main.write_text(
        "let\n  lib = import <nixpkgs/lib>;\n"
        f"  modules = [ {' '.join(files)} {{\n{used}  }} ];\n"
        "in {\n  result = map (config: config.field0)"
        " (builtins.attrValues (lib.filterAttrs (name: config: config ? field0 && config.field0 != null)"
        " (lib.evalModules { inherit modules; }).config));\n}\n",
        encoding="utf-8",
    )
    return main


def write_definitions(folder: Path, count: int = 1000) -> tuple[Path, Path]:
    """Write one module of `count` definitions as kubenix generates them from Kubernetes' schema, of 6 to 18 options each.

    Returns a file that looks at every option, and one that evaluates RESOURCES resources with `<nixpkgs/lib>`: each has 38 options in
    three sets, 10,000 in all.
    """
    picks = random.Random(5)
    bodies = "".join(_definition(number, count, picks) for number in range(count))
    (folder / "definitions.nix").write_text(f"{_DEFINITIONS}{bodies}{_RESOURCES}", encoding="utf-8")
    opened = (
        "lib = import <nixpkgs/lib>; module = import ./definitions.nix { inherit lib; options = { }; config = { }; };"
    )
    looked_at = folder / "options.nix"
    looked_at.write_text(
        f"let {opened}\n  sum = builtins.foldl' (total: option: total + builtins.stringLength option.description) 0;\nin {{\n"
        "  result = builtins.foldl' (total: set: total + sum (builtins.attrValues set.options)) 0"
        " (builtins.attrValues module.definitions);\n}\n",
        encoding="utf-8",
    )
    resources = folder / "resources.nix"
    resources.write_text(
        f'let {opened}\n  names = map (i: "app${{toString i}}") (lib.range 1 {RESOURCES});\n'
        '  used = { resources = lib.genAttrs names (name: { field0 = name; inner.a.field1 = 3; inner.b.field2 = "x"; }); };\n'
        "  evaluated = lib.evalModules { modules = [ { options = module.options; } used ]; };\n"
        "in { result = map (resource: [ resource.field0 resource.inner ]) (builtins.attrValues evaluated.config.resources); }\n",
        encoding="utf-8",
    )
    return looked_at, resources


def size_of(folder: Path) -> float:
    """Return the size of the tree in MB."""
    return sum(path.stat().st_size for path in folder.glob("*.nix")) / 1e6


def _option_set(number: int, picks: random.Random) -> str:
    options = "".join(_option(index, picks) for index in range(picks.randrange(6, 19)))
    return f"    resource{number} = {{\n{options}    }};\n"


def _option(index: int, picks: random.Random) -> str:
    """An option; the first of a set is the one that configurations use."""
    kind = "lib.types.nullOr lib.types.str" if index == 0 else picks.choice(_TYPES)
    text = " ".join(picks.choice(_WORDS) for _ in range(picks.randrange(8, 22)))
    default = "null" if kind.startswith("lib.types.nullOr") else "{ }" if "attrsOf" in kind else None
    given = f" default = {default};" if default is not None else ""
    return (
        f"      field{index} = lib.mkOption {{\n        description = ''\n          {text}.\n        '';\n"
        f"        type = {kind};{given}\n      }};\n"
    )


_DEFINITIONS = """# generated
{ lib, options, config, ... }:

with lib;

let
  submoduleOf = ref: types.submodule ({ name, ... }: {
    options = definitions."${ref}".options or { };
    config = definitions."${ref}".config or { };
  });

  definitions = {
"""

_RESOURCES = """  };
in
{
  inherit definitions;
  options.resources = mkOption {
    default = { };
    type = types.attrsOf (types.submodule {
      options = definitions."io.k8s.v0".options // {
        inner = mkOption { type = types.attrsOf (submoduleOf "io.k8s.v1"); default = { }; };
      };
      config = definitions."io.k8s.v0".config;
    });
  };
}
"""

_DEFINITION_TYPES = (
    "(types.nullOr types.str)",
    "(types.nullOr (types.listOf types.str))",
    "(types.nullOr (types.attrsOf types.str))",
    '(types.nullOr (submoduleOf "io.k8s.v%d"))',
)


def _definition(number: int, count: int, picks: random.Random) -> str:
    """A definition: its options, and a default of low priority for each. The first three are what the resources use."""
    options, defaults = [], []
    for index in range(picks.randrange(6, 19)):
        kind = "(types.nullOr types.int)" if index == 1 else picks.choice(_DEFINITION_TYPES)
        kind = _DEFINITION_TYPES[0] if index in (0, 2) else kind
        kind = kind % picks.randrange(count) if "%d" in kind else kind
        text = " ".join(picks.choice(_WORDS) for _ in range(picks.randrange(8, 26)))
        options.append(
            f'        "field{index}" = mkOption {{\n          description = "{text}";\n          type = {kind};\n        }};\n'
        )
        defaults.append(f'        "field{index}" = mkOverride 1002 null;\n')
    return (
        f'    "io.k8s.v{number}" = {{\n\n      options = {{\n{"".join(options)}      }};\n\n'
        f"      config = {{\n{''.join(defaults)}      }};\n\n    }};\n"
    )
