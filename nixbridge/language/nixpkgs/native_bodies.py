"""The bodies in Python of functions of nixpkgs' lib, by the names that compiler/known_functions.py has for them."""

from __future__ import annotations

from nixbridge.language.nixpkgs.module_collection import collected, unify_syntax
from nixbridge.language.nixpkgs.module_definitions import Definitions, discharge, list_of, set_of
from nixbridge.language.nixpkgs.module_evaluation import eval_modules
from nixbridge.language.nixpkgs.module_merge import EvaluatedOption, MergedModules, fixed_type, merge_declarations
from nixbridge.language.nixpkgs.module_types import (
    MergedAttributes,
    MergedList,
    MergedSubmodule,
    merge_equal,
    merge_null_or,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: What a function gives, of its arguments and the variables that it takes besides. The last argument is the Nix code, which is not run.
NATIVE_BODIES: dict[str, Callable[..., Any]] = {
    "mergeModules'": lambda prefix, modules, configs, types, _: MergedModules(
        prefix, modules, configs, types
    ).attributes(),
    "mergeOptionDecls": lambda loc, declarations, _: merge_declarations(loc, list_of(declarations)),
    "mergeModules' with warning": lambda prefix, modules, configs, types, _: MergedModules(
        prefix, modules, configs, types, warns=True
    ).attributes(),
    "mergeOptionDecls with warning": lambda loc, given, _: merge_declarations(loc, list_of(given), warns=True),
    "fixupOptionType": lambda _loc, option, types, _: fixed_type(set_of(option), types),
    "evalOptionValue": lambda loc, option, given, _: EvaluatedOption(loc, set_of(option), given).attributes(),
    "mergeDefinitions": lambda loc, type_, given, _: Definitions(loc, type_, given).attributes(),
    "unifyModuleSyntax": lambda file, key, module, _: unify_syntax(file, key, module),
    "dischargeProperties": lambda value, _: discharge(value),
    "collectModules.in": collected,
    "mkOption": lambda attributes, _: {**set_of(attributes), "_type": "option"},
    "mergeEqualOption": merge_equal,
    "nullOr.merge": merge_null_or,
    "attrsWith.merge.v2": lambda given, is_lazy, element, _: MergedAttributes(given, is_lazy, element).attributes(),
    "listOf.merge.v2": lambda given, element, _: MergedList(given, element).attributes(),
    "submoduleWith.merge.v2": lambda given, base, is_shorthand, check, _: MergedSubmodule(
        given, base, is_shorthand, check
    ).attributes(),
}
#: The same, where a program needs a body of its own: it remembers something.
BODIES_OF_A_PROGRAM: dict[str, Callable[[], Callable[..., Any]]] = {"evalModules": eval_modules}
