"""Derivations as data, and the derivations in a value, as in `nix derivation show`."""

from __future__ import annotations

import json
import re

from nixbridge.errors.exceptions import EvalError, UsageError
from nixbridge.language.runtime.compare import is_derivation
from nixbridge.language.runtime.strings import ContextString, element_path, is_deep, without_context, without_stand_ins
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_string
from nixbridge.language.runtime.values import Lazy, sorted_names
from nixbridge.language.store.derivations import JSON_VARIABLE
from nixbridge.language.store.hash_text import write_hash
from nixbridge.language.store.store_path import DERIVATION_SUFFIX, STORE
from nixbridge.tools.inputs import Evaluation, folder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nixbridge.language.machine.host import Host
    from nixbridge.language.store.derivations import Derivation, Output
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.inputs import Input

#: The version of the format, of the whole and of each derivation.
FORMAT_VERSION = 4

#: Names of attributes that are looked at for derivations; others are skipped.
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_+-]*")


def described_derivations(
    inputs: Sequence[tuple[Input, Options]], write_message: Callable[[str], None], *, recursive: bool = False
) -> dict[str, object]:
    """Return the derivations of the inputs, with their dependencies if `recursive`, as `nix derivation show` prints them.

    Raises NixError for an input that is neither a derivation nor has any.
    """
    if not inputs:
        raise UsageError("nothing to show: give a FILE, - for standard input, or an expression with --expr")
    found: dict[str, Derivation] = {}

    def collect(value: Lazy, host: Host) -> None:
        for path in derivations_of(value):
            members = host.store.closure(path) if recursive else (path,)
            for member in members:
                if member.endswith(DERIVATION_SUFFIX):
                    found[member] = host.store.derivation(member)

    # while the evaluation is open: closures are read from its store
    for what, options in inputs:
        Evaluation(options, folder_of(what), write_message=write_message).read_value(what, collect)
    shown = {_base_name(path): described(found[path]) for path in sorted(found)}
    return {"derivations": shown, "version": FORMAT_VERSION}


def derivations_of(value: Lazy) -> list[str]:
    """Return the paths of the derivations in a value, in the order in which they are found.

    A derivation, a string that refers to one, a list, or a set: its attributes that are derivations, and those of sets in it
    with `recurseForDerivations`. Raises EvalError for anything else.
    """
    value = force(value)
    if isinstance(value, str):
        return [_referred_to(value)]
    paths: dict[str, None] = {}
    _collect(value, paths, {id(value)})
    return list(paths)


def described(derivation: Derivation) -> dict[str, object]:
    """Return a derivation as plain data."""
    # Nix shows structured attributes as data of their own instead of the variable that carries them
    env = {name: value for name, value in derivation.env.items() if name != JSON_VARIABLE}
    data: dict[str, object] = {
        "args": derivation.args,
        "builder": derivation.builder,
        "env": env,
        "inputs": {
            "drvs": {
                _base_name(path): {"dynamicOutputs": {}, "outputs": outputs}
                for path, outputs in derivation.inputs.items()
            },
            "srcs": [_base_name(path) for path in derivation.sources],
        },
        "name": derivation.name,
        "outputs": {name: _described_output(output) for name, output in derivation.outputs.items()},
        "system": derivation.system,
        "version": FORMAT_VERSION,
    }
    if JSON_VARIABLE in derivation.env:
        data["structuredAttrs"] = json.loads(derivation.env[JSON_VARIABLE])
    return dict(sorted(data.items()))


def _described_output(output: Output) -> dict[str, str]:
    if not output.method:
        return {"path": _base_name(output.path)}
    return {"hash": write_hash(output.algorithm, output.digest, "sri"), "method": output.method}


def _base_name(path: str) -> str:
    return path.removeprefix(STORE + "/")


def _referred_to(text: str) -> str:
    """Return the derivation that a string refers to. Raises EvalError unless it refers to one output of one derivation."""
    context = text.context if isinstance(text, ContextString) else frozenset()
    if len(context) != 1:
        raise EvalError(
            f"string '{text}' has {len(context)} entries in its context. It should only have exactly one entry"
        )
    element = next(iter(context))
    if is_deep(element):
        raise EvalError(
            f"string '{text}' has a context which refers to a complete source and binary closure. "
            "This is not supported at this time"
        )
    path = element_path(element)
    if not path.endswith(DERIVATION_SUFFIX):
        raise EvalError(f"'{path}' is not a derivation")
    return path


def _collect(value: Lazy, paths: dict[str, None], seen: set[int]) -> None:
    if isinstance(value, dict):
        if is_derivation(value):
            paths[_path_of(value)] = None
            return
        for name in sorted_names(value):
            if _ATTRIBUTE_NAME.fullmatch(name):
                _collect_inner(force(value[name]), paths, seen)
    elif isinstance(value, list):
        for item in value:
            _collect(force(item), paths, seen)
    else:
        raise EvalError("expression does not evaluate to a derivation (or a set or list of those)")


def _collect_inner(value: Lazy, paths: dict[str, None], seen: set[int]) -> None:
    """Collect from an attribute of a set: a set in it counts only where it asks for that."""
    if not isinstance(value, dict):
        return
    if is_derivation(value):
        paths[_path_of(value)] = None
    elif id(value) not in seen and force(value.get("recurseForDerivations")) is True:
        seen.add(id(value))
        _collect(value, paths, seen)


def _path_of(derivation: dict[str, Lazy]) -> str:
    if "drvPath" not in derivation:
        raise EvalError("derivation does not contain a 'drvPath' attribute")
    return without_stand_ins(without_context(expect_string(derivation["drvPath"])))
