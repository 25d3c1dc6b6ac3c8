"""String contexts: the store paths that a string was made from. (Nix manual, String context)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.path import canonical
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.printer import show_name
from nixbridge.language.runtime.strings import (
    context_of,
    deep_element,
    element_output,
    element_path,
    in_order,
    is_deep,
    output_element,
    with_context,
    without_context,
)
from nixbridge.language.runtime.type_checks import (
    expect_bool,
    expect_list,
    expect_plain_string,
    expect_set,
    expect_string,
)
from nixbridge.language.runtime.values import Lazy, Value, sorted_names
from nixbridge.language.store.hash_text import experimental_feature
from nixbridge.language.store.store_path import DERIVATION_SUFFIX, STORE, object_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


@primop("hasContext")
def has_context(text: Lazy) -> Value:
    """Return whether the string has a context. (builtins.hasContext)"""
    return bool(context_of(expect_string(text)))


@primop("getContext")
def get_context(text: Lazy) -> Value:
    """Return the context as a set: store path to `{ path, allOutputs, outputs }`. (builtins.getContext)"""
    outputs: dict[str, list[Lazy]] = {}
    about: dict[str, dict[str, Lazy]] = {}
    for element in in_order(context_of(expect_string(text))):
        path = element_path(element)
        described = about.setdefault(path, {})
        output = element_output(element)
        if output is None:
            described["allOutputs" if is_deep(element) else "path"] = True
        else:
            described["outputs"] = outputs.setdefault(path, [])
            outputs[path].append(output)
    return {**about}


@primop("appendContext")
def append_context(text: Lazy, context: Lazy) -> Value:
    """Return the string with more context, given as getContext gives it. (builtins.appendContext)"""
    whole = expect_string(text)
    elements = set(context_of(whole))
    given = expect_set(context)
    for name in sorted_names(given):
        path = canonical(name) if name.startswith("/") else name
        if object_path(path) != path:
            raise EvalError(f"context key '{show_name(name)}' is not a store path")
        described = expect_set(given[name])
        if "path" in described and expect_bool(described["path"]):
            elements.add(path)
        if "allOutputs" in described and expect_bool(described["allOutputs"]):
            _must_be_derivation(path, "all-outputs")
            elements.add(deep_element(path))
        if "outputs" in described:
            outputs = expect_list(described["outputs"])
            if outputs:
                _must_be_derivation(path, "derivation output")
            for output in outputs:
                elements.add(output_element(path, _output_name(path, output)))
    return with_context(whole, elements)


def _output_name(path: str, output: Lazy) -> str:
    name = expect_plain_string(output)
    if "!" in name:
        inner = name.rpartition("!")[2]
        reason = f"building output '{inner}' of '{path.removeprefix(STORE + '/')}'"
        raise experimental_feature("dynamic-derivations", reason)
    return name


def _must_be_derivation(path: str, what: str) -> None:
    if not path.endswith(DERIVATION_SUFFIX):
        raise EvalError(f'tried to add {what} context of "{path}", which is not a derivation, to a string')


@primop("unsafeDiscardStringContext", host=True)
def unsafe_discard_string_context(host: Host, text: Lazy) -> Value:
    """Return the string without context. (builtins.unsafeDiscardStringContext)"""
    return without_context(to_string(text, host))


@primop("unsafeDiscardOutputDependency", host=True)
def unsafe_discard_output_dependency(host: Host, text: Lazy) -> Value:
    """Return the string with the derivations of its context as plain paths. (builtins.unsafeDiscardOutputDependency)"""
    whole = to_string(text, host)
    return with_context(
        whole, [element_path(element) if is_deep(element) else element for element in context_of(whole)]
    )


@primop("addDrvOutputDependencies", host=True)
def add_drv_output_dependencies(host: Host, text: Lazy) -> Value:
    """Return the string with the one `.drv` of its context as that derivation with all that it needs.

    Raises EvalError where the context is not just one derivation. (builtins.addDrvOutputDependencies)
    """
    whole = to_string(text, host)
    context = context_of(whole)
    if len(context) != 1:
        raise EvalError(f"context of string '{whole}' must have exactly one element, but has {len(context)}")
    element = next(iter(context))
    output = element_output(element)
    if output is not None:
        raise EvalError(
            f"`addDrvOutputDependencies` can only act on derivations, not on a derivation output such as '{output}'"
        )
    path = element_path(element)
    if not path.endswith(DERIVATION_SUFFIX):
        raise EvalError(f"path '{path}' is not a derivation")
    return with_context(whole, [deep_element(path)])
