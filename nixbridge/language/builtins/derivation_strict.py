"""derivationStrict: from attributes to store paths. (Nix manual, Derivations)"""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.builtins.json_text import read_json
from nixbridge.language.formats.json import compact, compact_data, quote
from nixbridge.language.machine.files import BUILT_IN_COREPKGS
from nixbridge.language.runtime.coerce import to_string
from nixbridge.language.runtime.function import call
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import context_of, deep_element, output_element, with_context, without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import (
    expect_bool,
    expect_list,
    expect_plain_string,
    expect_set,
    expect_string,
)
from nixbridge.language.runtime.values import Lazy, Value, sorted_names
from nixbridge.language.store.derivations import JSON_VARIABLE, Output
from nixbridge.language.store.hash_text import SIZES, check_algorithm, experimental_feature, read_hash, write_hash
from nixbridge.language.store.store_path import DERIVATION_SUFFIX, checked_derivation_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.evaluation.globals import Services
    from nixbridge.language.machine.host import Host
    from nixbridge.language.store.derivations import Derivation

IMPORTED_DERIVATION = f"{BUILT_IN_COREPKGS}/imported-drv-to-derivation.nix"

#: Attributes that are neither variables nor part of the JSON.
_IGNORE_NULLS, _STRUCTURED, _ARGUMENTS = "__ignoreNulls", "__structuredAttrs", "args"

#: Attribute -> the experimental feature that it needs where it is true.
_EXPERIMENTAL = {"__contentAddressed": "ca-derivations", "__impure": "impure-derivations"}

#: Spelling of `outputHashMode` -> how the output is hashed.
_HASH_MODES = {"flat": "flat", "recursive": "nar", "nar": "nar"}

#: Attributes without effect in a derivation with structured attributes, where `outputChecks` has their place.
_PLAIN_CHECKS = (
    *("allowedReferences", "allowedRequisites", "disallowedReferences", "disallowedRequisites"),
    *("maxSize", "maxClosureSize"),
)


@primop("derivationStrict", host=True)
def derivation_strict(host: Host, arguments: Lazy) -> Value:
    """Return `drvPath` and the path of each output of the derivation with these attributes. (builtins.derivationStrict)

    The attribute set is read as by `derivation`, but at once. Nothing is written to a store: the paths are those that
    the derivation would have there.
    """
    attributes = _Attributes(host, expect_set(arguments))
    attributes.read()
    fixed = attributes.fixed_output()
    made = host.store.add_derivation(
        attributes.name,
        attributes.system,
        attributes.builder,
        attributes.args,
        attributes.env,
        attributes.context,
        outputs=attributes.outputs,
        fixed=fixed,
    )
    return _paths(made)


class _Attributes:
    """The attributes of a derivation while they are read, in the order of their names, as Nix does."""

    def __init__(self, host: Host, attrs: dict[str, Lazy]) -> None:
        self.host = host
        self.attrs = attrs
        self.name = _derivation_name(attrs)
        self.structured = _STRUCTURED in attrs and expect_bool(attrs[_STRUCTURED])
        self.ignore_nulls = _IGNORE_NULLS in attrs and expect_bool(attrs[_IGNORE_NULLS])
        self.context: set[str] = set()
        self.args: list[str] = []
        self.env: dict[str, str] = {}
        self.json: list[str] = []
        self.builder = self.system = ""
        self.outputs = ["out"]
        self.output_hash: str | None = None
        self.hash_algorithm: str | None = None
        self.hash_mode = "flat"

    def read(self) -> None:
        """Read all attributes. Raises EvalError for one that has not the type it needs, or is missing."""
        # Nix's order: which of two faulty attributes is reported depends on it, and so does the order of warnings
        for name in sorted_names(self.attrs):
            value = self.attrs[name]
            if name == _IGNORE_NULLS or (self.ignore_nulls and force(value) is None):
                continue
            if name in _EXPERIMENTAL:
                if expect_bool(value):
                    raise experimental_feature(_EXPERIMENTAL[name])
            elif name == _ARGUMENTS:
                self.args = [self.coerced(item) for item in expect_list(value)]
            elif self.structured:
                self.read_structured(name, value)
            else:
                self.read_variable(name, value)
        if self.structured:
            self.env[JSON_VARIABLE] = "{" + ",".join(self.json) + "}"
        for name, text in (("builder", self.builder), ("system", self.system)):
            if not text:
                raise EvalError(f"required attribute '{name}' missing")
        if self.name.endswith(DERIVATION_SUFFIX):
            raise EvalError(
                f"derivation names are allowed to end in '{DERIVATION_SUFFIX}' only if they produce a single derivation file"
            )

    def read_variable(self, name: str, value: Lazy) -> None:
        """Read an attribute that becomes a variable of the environment."""
        text = self.coerced(value)
        if name == JSON_VARIABLE:
            self.warn(
                "setting structured attributes via '__json' is deprecated, and may be disallowed in future "
                "versions of Nix. Set '__structuredAttrs = true' instead."
            )
            text = _normalised_json(text)
        elif name == "outputs":
            self.set_outputs(text.split())
        else:
            self.set_property(name, text)
        self.env[name] = text

    def read_structured(self, name: str, value: Lazy) -> None:
        """Read an attribute that becomes part of the JSON of structured attributes."""
        if name == _STRUCTURED:
            return
        self.json.append(f"{quote(name)}:{compact(value, self.host, self.context)}")
        if name == "builder":
            text = expect_string(value)
            self.context |= context_of(text)
            self.builder = without_context(text)
        elif name == "outputs":
            self.set_outputs([expect_plain_string(item) for item in expect_list(value)])
        elif name in ("system", "outputHash", "outputHashAlgo", "outputHashMode"):
            self.set_property(name, expect_plain_string(value))
        elif name in _PLAIN_CHECKS:
            self.warn(
                f"'structuredAttrs' disables the effect of the derivation attribute '{name}'; "
                f"use 'outputChecks.<output>.{name}' instead"
            )

    def set_property(self, name: str, text: str) -> None:
        """Keep an attribute that says something about the derivation itself."""
        if name == "builder":
            self.builder = text
        elif name == "system":
            self.system = text
        elif name == "outputHash":
            self.output_hash = text
        elif name == "outputHashAlgo":
            self.hash_algorithm = check_algorithm(text) if text in (*SIZES, "blake3") else None
        elif name == "outputHashMode":
            self.hash_mode = _hash_mode(text, self.name)

    def set_outputs(self, names: list[str]) -> None:
        """Keep the names of the outputs. Raises EvalError for none, for one that occurs twice, and for reserved names."""
        self.outputs = []
        for name in names:
            if name in self.outputs:
                raise EvalError(f"duplicate derivation output '{name}'")
            if name == "drvPath":
                raise EvalError(f"invalid derivation output name '{name}'")
            if name == JSON_VARIABLE:
                raise EvalError(
                    f"Cannot have an environment variable named '{name}'. This key is reserved for encoding structured attrs"
                )
            self.outputs.append(name)
        if not self.outputs:
            raise EvalError("derivation cannot have an empty set of outputs")

    def fixed_output(self) -> Output | None:
        """Return the one output of a fixed-output derivation; None for any other. Raises EvalError for an invalid hash."""
        if self.output_hash is None:
            return None
        # after all attributes are read: `outputs` may come before or after `outputHash`
        if self.outputs != ["out"]:
            raise EvalError("multiple outputs are not supported in fixed-output derivations")
        if self.output_hash:
            algorithm, digest = read_hash(self.output_hash, self.hash_algorithm)
        elif self.hash_algorithm is None:
            raise EvalError("empty hash requires explicit hash algorithm")
        else:
            algorithm, digest = self.hash_algorithm, bytes(SIZES[self.hash_algorithm])
            self.host.messages.show(f"warning: found empty hash, assuming '{write_hash(algorithm, digest, 'sri')}'")
        return Output("", self.hash_mode, algorithm, digest)

    def coerced(self, value: Lazy) -> str:
        """Return a value as a plain string; its context is kept."""
        text = to_string(value, self.host, coerce_more=True)
        # only strings with context are instances of a subclass
        if text.__class__ is not str:
            self.context |= context_of(text)
            text = without_context(text)
        return text

    def warn(self, text: str) -> None:
        self.host.messages.show(f"warning: In derivation '{self.name}': {text}")


def _derivation_name(attrs: dict[str, Lazy]) -> str:
    if "name" not in attrs:
        raise EvalError("attribute 'name' missing")
    return checked_derivation_name(expect_plain_string(attrs["name"]))


def _hash_mode(text: str, name: str) -> str:
    if text == "text":
        reason = f"text-hashed derivation '{name}', outputHashMode = \"text\""
        raise experimental_feature("dynamic-derivations", reason)
    if text == "git":
        raise experimental_feature("git-hashing")
    if text not in _HASH_MODES:
        raise EvalError(f"invalid value '{text}' for 'outputHashMode' attribute")
    return _HASH_MODES[text]


def _normalised_json(text: str) -> str:
    try:
        value = read_json(text)
    except EvalError as error:
        raise EvalError(f"cannot process {JSON_VARIABLE} attribute: {error.message}") from None
    if not isinstance(value, dict):
        raise EvalError(f"cannot process {JSON_VARIABLE} attribute: it is not a JSON object")
    return compact_data(value)


def imported_derivation(services: Services, path: str) -> Value:
    """Return the value of importing a `.drv` file: the derivation, with its outputs."""
    made = services.host.store.derivation(path)
    described: dict[str, Lazy] = {"outputs": list(made.outputs), "name": made.env.get("name", "")}
    described |= _paths(made)
    return call(services.import_file(IMPORTED_DERIVATION), described)


def _paths(made: Derivation) -> dict[str, Lazy]:
    """Return the path of the `.drv` file and of each output, with what they refer to as context."""
    paths: dict[str, Lazy] = {"drvPath": with_context(made.path, (deep_element(made.path),))}
    for name, output in made.outputs.items():
        paths[name] = with_context(output.path, (output_element(made.path, name),))
    return paths
