"""Functions of nixpkgs' lib that are known by their text, and have bodies in Python (nixpkgs/native_bodies.py).

What counts is the text of a whole group, since its functions call one another: a lib in which one of them is another has none of the
group. `tests/conformance/known_functions.py` prints the sums of a lib.
"""

from __future__ import annotations

from nixbridge.language.syntax import ast as tree

try:
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - a Python built without it
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Source


class Group:
    """Functions that one `let` or `rec` binds and that have bodies in Python.

    `bodies`: where each is -> the variables around it that its body takes besides its arguments. A function may lie within the value of
    a binding: `f.merge.v2` is the attribute in the set that `f` gives, and `f.in` what its `let` gives. `used`: what these functions do
    the work of, besides. `sums`: that of the texts in each release of nixpkgs, as `sum_of` makes it -> the bodies that are others there.
    """

    __slots__ = ("bodies", "first", "names", "sums")

    def __init__(
        self, bodies: dict[str, tuple[str, ...]], used: tuple[str, ...], sums: dict[str, dict[str, str]]
    ) -> None:
        self.bodies, self.sums = bodies, sums
        self.names = tuple(dict.fromkeys([*(path.partition(".")[0] for path in bodies), *used]))
        self.first = self.names[0]

    def sum_of(self, bindings: tree.Bindings, source: Source) -> str:
        """Return a sum of the texts of all functions of the group; an empty text where one is missing."""
        texts: list[str] = []
        for name in self.names:
            attribute = bindings.attributes.get(name)
            if attribute is None:
                return ""
            texts.append(source.text[attribute.value.start : attribute.value.end])
        return blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class KnownBody:
    """A body in Python: its name, and the variables that it takes after the arguments, to be resolved within the function."""

    __slots__ = ("name", "taken")

    def __init__(self, name: str, taken: tuple[tree.Variable, ...]) -> None:
        self.name, self.taken = name, taken


#: In some releases these functions put a warning into types that take others; nothing else differs.
_WITH_WARNING = {name: f"{name} with warning" for name in ("mergeModules'", "mergeOptionDecls")}

#: lib/modules.nix: options, their declarations and definitions.
OPTIONS = Group(
    {
        "mergeModules'": ("types",),
        "mergeOptionDecls": (),
        "fixupOptionType": ("types",),
        "evalOptionValue": (),
        "mergeDefinitions": (),
        "unifyModuleSyntax": (),
        "dischargeProperties": (),
    },
    used=(
        *("pushDownProperties", "filterOverrides'", "sortProperties", "checkV2MergeCoherence"),
        *("setDefaultModuleLocation", "mkIf", "mkMerge", "mkOverride", "mkOptionDefault"),
        *("defaultOverridePriority", "defaultOrderPriority"),
    ),
    sums={
        "60dd11743310161d51a01858b5bafe2d": {},  # since 2026-06-10
        "bf2b8becdd5105ccd6c67a651b9fd350": _WITH_WARNING,  # 2026-05-12, NixOS 26.05
        "9dbd55f1bdaa07e908a4b60867875e39": _WITH_WARNING,  # 2026-05-28
    },
)
#: lib/modules.nix: the modules themselves, loaded with all that they import.
MODULES = Group(
    {"collectModules.in": ("class", "import")},
    used=("unifyModuleSyntax", "applyModuleArgsIfFunction", "applyModuleArgs"),
    sums={"f780ebea82a0027372ecd38c326e5049": {}},  # since 2026-06-10
)
#: lib/modules.nix: all of it together.
EVALUATION = Group(
    {"evalModules": ("lib", "types", "import", "evalModules")},
    used=("mergeModules", "mkDefault", *MODULES.names, *OPTIONS.names),
    sums={"01bf44ca931af493c79ea94033a54ff9": {}},  # since 2026-06-10
)
#: lib/types.nix: what types make of definitions.
TYPES = Group(
    {
        "submoduleWith.merge.v2": ("base", "shorthandOnlyDefinesConfig", "check"),
        "attrsWith.merge.v2": ("lazy", "elemType"),
        "listOf.merge.v2": ("elemType",),
        "nullOr.merge": ("elemType",),
    },
    used=(),
    sums={"c1c4292f30da7a220a69a22a27d79157": {}},  # since 2026-06-10
)
#: lib/options.nix.
DECLARATIONS = Group(
    {"mkOption": (), "mergeEqualOption": ()},
    used=(),
    sums={"f99750500a447c86eb89c2b8040ead16": {}},  # since 2026-06-10
)
#: modules.nix of the built-in lib, whose functions have names of their own.
BUILT_IN = Group(
    {"evalModules": ("lib", "types", "import", "evalModules")},
    used=(
        *("collect", "load", "applyModuleArgsIf", "applyModuleArgs", "unify", "merge", "mergeTree", "mergeOptionDecls"),
        *("fixupOptionType", "evalOptionValue'", "mergeDefinitions", "dischargeProperties'", "pushDown"),
    ),
    sums={"a9eb6476c6e5085cc98ecf7719b7d5e5": {}},
)
GROUPS = (OPTIONS, MODULES, EVALUATION, BUILT_IN, TYPES, DECLARATIONS)


def known_functions(bindings: tree.Bindings, source: Source) -> dict[tree.Node, KnownBody]:
    """Return those of the functions that a `let` or `rec` binds, or that lie in what it binds, that have bodies in Python."""
    attributes = bindings.attributes
    found: dict[tree.Node, KnownBody] = {}
    for group in GROUPS:
        # one look-up for nearly every `let` there is
        if group.first in attributes:
            others = group.sums.get(group.sum_of(bindings, source))
            if others is not None:
                for path, taken in group.bodies.items():
                    name, *steps = path.split(".")
                    node = _within(attributes[name].value, steps)
                    variables = tuple([tree.Variable(node.start, node.end, variable) for variable in taken])
                    found[node] = KnownBody(others.get(path, path), variables)
    return found


def _within(node: tree.Node, steps: list[str]) -> tree.Node:
    """Return the function that the steps lead to, through functions, what they call at last, and what a `let` is for."""
    for step in steps:
        while not isinstance(node, tree.AttrSet):
            if isinstance(node, tree.Let):
                node = node.body
                if step == "in":
                    break
            elif isinstance(node, tree.Lambda):
                node = node.body
            else:
                assert isinstance(node, tree.Apply)  # the text is known
                node = node.arguments[-1]
        else:
            node = node.bindings.attributes[step].value
    return node
