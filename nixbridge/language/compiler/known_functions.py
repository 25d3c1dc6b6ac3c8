"""Functions of nixpkgs' lib that are known by their text, and have bodies in Python (nixpkgs/module_merge.py).

What counts is the text of a whole group, since the functions call one another: a lib in which one of them is another has none of it.
`tests/conformance/known_functions.py` prints the sum of a lib.
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

#: The functions of lib/modules.nix that have bodies in Python; and what these do the work of, besides.
WITH_BODIES = (
    *("mergeModules'", "mergeOptionDecls", "fixupOptionType", "evalOptionValue", "mergeDefinitions"),
    *("unifyModuleSyntax", "dischargeProperties"),
)
_USED = (
    *("pushDownProperties", "filterOverrides'", "sortProperties", "checkV2MergeCoherence", "setDefaultModuleLocation"),
    *("mkIf", "mkMerge", "mkOverride", "mkOptionDefault", "defaultOverridePriority", "defaultOrderPriority"),
)
#: Sums of the group in releases of nixpkgs, as `group_sum` makes them.
KNOWN = frozenset(("60dd11743310161d51a01858b5bafe2d",))  # since 2026-06-10
#: Those of releases in which the functions below put a warning into types that take others; nothing else differs.
KNOWN_WITH_WARNING = frozenset(
    (
        "bf2b8becdd5105ccd6c67a651b9fd350",  # 2026-05-12, NixOS 26.05
        "9dbd55f1bdaa07e908a4b60867875e39",  # 2026-05-28
    )
)
WITH_WARNING = {name: f"{name} with warning" for name in ("mergeModules'", "mergeOptionDecls")}


def known_functions(bindings: tree.Bindings, source: Source) -> dict[tree.Node, str]:
    """Return those of the functions that a `let` binds that have bodies in Python, with the names of these."""
    attributes = bindings.attributes
    # one look-up for nearly every `let` there is
    if WITH_BODIES[0] not in attributes:
        return {}
    found = group_sum(bindings, source)
    if found in KNOWN_WITH_WARNING:
        return {attributes[name].value: WITH_WARNING.get(name, name) for name in WITH_BODIES}
    return {attributes[name].value: name for name in WITH_BODIES} if found in KNOWN else {}


def group_sum(bindings: tree.Bindings, source: Source) -> str:
    """Return a sum of the texts of all functions of the group; an empty text where one is missing."""
    texts: list[str] = []
    for name in (*WITH_BODIES, *_USED):
        attribute = bindings.attributes.get(name)
        if attribute is None:
            return ""
        texts.append(source.text[attribute.value.start : attribute.value.end])
    return blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
