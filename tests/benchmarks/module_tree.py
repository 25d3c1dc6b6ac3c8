"""A tree of generated modules as kubenix and nixidy have them: megabytes of options, of which a configuration uses a few."""

from __future__ import annotations

import random
from pathlib import Path

#: Option sets in one file.
SETS_A_FILE = 50

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
