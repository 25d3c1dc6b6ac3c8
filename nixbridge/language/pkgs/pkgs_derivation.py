"""Derivations of the built-in pkgs: their attributes, recorded under the stand-in paths of their outputs."""

from __future__ import annotations

import hashlib

from nixbridge.language.formats.json import compact
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import STAND_IN, to_bytes, with_context, without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_list, expect_plain_string, expect_set, expect_string
from nixbridge.language.runtime.values import Lazy, Value, sorted_names
from nixbridge.language.store import base32
from nixbridge.language.store.store_path import checked_derivation_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host

#: Attributes that say how the others are read, and are not in the environment themselves.
_NOT_IN_ENVIRONMENT = ("__ignoreNulls", "__structuredAttrs", "args")


class StandIn:
    """A derivation of the built-in pkgs.

    `environment` holds its attributes as the strings that a builder would find; with `__structuredAttrs`, as JSON. `attributes` are the
    attributes themselves.
    """

    __slots__ = ("attributes", "drv_path", "environment", "name", "outputs")

    def __init__(self, name: str, outputs: list[str], environment: dict[str, str], attributes: dict[str, Lazy]) -> None:
        self.name = name
        self.environment = environment
        self.attributes = attributes
        path = f"/nix/store/{STAND_IN}{_digest(environment)}-{name}"
        self.drv_path = f"{path}.drv"
        self.outputs = {output: path if output == "out" else f"{path}-{output}" for output in outputs}

    @property
    def builder(self) -> str:
        """The name of its builder: `nixbridge:text` and so on, or a program."""
        return self.environment.get("builder", "")


@primop("standIn", host=True)
def stand_in(host: Host, arguments: Lazy) -> Value:
    """Return `{ drvPath, out, ... }`, the stand-in paths of a derivation; its attributes are coerced as derivationStrict does."""
    attributes = expect_set(arguments)
    name = checked_derivation_name(expect_plain_string(attributes["name"]))
    outputs = [expect_plain_string(output) for output in expect_list(attributes["outputs"])]
    made = StandIn(name, outputs, _environment(host, attributes), attributes)
    host.stand_ins[made.drv_path] = made
    result: dict[str, Lazy] = {"drvPath": with_context(made.drv_path, (f"={made.drv_path}",))}
    for output, path in made.outputs.items():
        host.stand_ins[path] = made
        result[output] = with_context(path, (f"!{output}!{made.drv_path}",))
    return result


@primop("recorded", host=True)
def recorded(host: Host, path: Lazy, stand_in_path: Lazy) -> Value:
    """Return the store path of a fixed output, known from now on as an output of the derivation that has the stand-in path."""
    exact = expect_string(path)
    host.stand_ins[without_context(exact)] = host.stand_ins[without_context(expect_string(stand_in_path))]
    return exact


def _environment(host: Host, attributes: dict[str, Lazy]) -> dict[str, str]:
    structured = force(attributes.get("__structuredAttrs")) is True
    environment: dict[str, str] = {}
    for name in sorted_names(attributes):
        if name in _NOT_IN_ENVIRONMENT:
            continue
        value = force(attributes[name])
        # stdenv makes its derivations with `__ignoreNulls`, which leaves null out
        if value is None:
            continue
        if structured and value.__class__ is not str:
            environment[name] = compact(value, host, set())
        else:
            environment[name] = without_context(to_string(value, host, coerce_more=True))
    return environment


def _digest(environment: dict[str, str]) -> str:
    """Return the 22 digits by which the paths of different derivations differ."""
    digest = hashlib.sha256()
    for name, value in environment.items():
        for text in (name, value):
            # each with its length, so that no two environments are the same bytes
            data = to_bytes(text)
            digest.update(len(data).to_bytes(8, "little") + data)
    return base32.encode(digest.digest())[:22]
