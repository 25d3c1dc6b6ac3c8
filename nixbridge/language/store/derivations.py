"""Store derivations: their text, the paths of their outputs and their own path. (Nix manual, Store derivation)

A derivation is written three times, each time with other paths in it:

- *masked*, with its own output paths left out and its inputs named by hash: the hash of this text gives the output paths;
- with the output paths filled in, inputs still named by hash: the hash of this text is what others know it by as an input;
- as Nix would put it into the store, inputs named by path: the hash of this text gives the path of the `.drv` file.

Since every derivation keeps the hash that others need, each is hashed once however large the graph is.
"""

from __future__ import annotations

import hashlib

from nixbridge.language.runtime.strings import to_bytes
from nixbridge.language.runtime.values import sorted_names
from nixbridge.language.store.store_path import DERIVATION_SUFFIX, fixed_path, output_path, text_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Attribute and variable that hold structured attributes as JSON.
JSON_VARIABLE = "__json"

_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class Output:
    """An output: its store path and, where the hash of its contents is fixed, that hash.

    `method` is `flat` (the hash of a file) or `nar` (that of an archive); `algorithm` and `digest` are empty for an
    output that is not fixed.
    """

    __slots__ = ("algorithm", "digest", "method", "path")

    def __init__(self, path: str, method: str = "", algorithm: str = "", digest: bytes = b"") -> None:
        self.path, self.method, self.algorithm, self.digest = path, method, algorithm, digest

    @property
    def specification(self) -> str:
        """The method and algorithm as a derivation's text has them: `r:sha256`, `md5`, or nothing."""
        return f"r:{self.algorithm}" if self.method == "nar" else self.algorithm


class Derivation:
    """A program that Nix would run, its arguments and environment, and what they refer to.

    - `outputs`: output name to Output, sorted by name.
    - `inputs`: path of a `.drv` to the sorted names of those of its outputs that are used, sorted by path.
    - `sources`: the other store paths that are used, sorted.
    - `env`: the environment, sorted by name, the outputs' variables included; with structured attributes, `__json`.
    - `path`: the store path of the `.drv` file; `data`: what would be in it.
    - `modulo`: the hash by which derivations that use this one know it.
    """

    __slots__ = (
        *("args", "builder", "data", "env", "inputs", "modulo", "name", "outputs", "path", "sources", "system"),
    )

    def __init__(
        self,
        name: str,
        system: str,
        builder: str,
        args: Sequence[str],
        env: Mapping[str, str],
        inputs: Mapping[str, Iterable[str]],
        sources: Iterable[str],
        input_hashes: Mapping[str, str],
        outputs: Iterable[str] = ("out",),
        fixed: Output | None = None,
    ) -> None:
        """Compute the paths of a derivation that has these `outputs` or, where `fixed` is given, that one alone.

        `input_hashes` has the `modulo` of each of the `inputs`. Raises EvalError for a name that is not valid in a path.
        """
        self.name, self.system, self.builder, self.args = name, system, builder, list(args)
        self.inputs = {path: sorted(inputs[path], key=to_bytes) for path in sorted(inputs)}
        self.sources = sorted(sources)
        names = ["out"] if fixed is not None else sorted(outputs, key=to_bytes)
        variables = dict(env) | dict.fromkeys(names, "")
        text = _Text(self, {name: variables[name] for name in sorted_names(variables)})
        by_hash = _inputs_by_hash(self.inputs, input_hashes)
        if fixed is not None:
            fixed.path = fixed_path(name, fixed.algorithm, fixed.digest, recursive=fixed.method == "nar")
            self.outputs = {"out": fixed}
        else:
            masked = _sha256(to_bytes(text.written(dict.fromkeys(names, Output("")), by_hash)))
            self.outputs = {output: Output(output_path(name, output, masked)) for output in names}
        self.env = {name: self.outputs[name].path if name in self.outputs else text.env[name] for name in text.env}
        self.data = to_bytes(text.written(self.outputs, self.inputs))
        self.path = text_path(name + DERIVATION_SUFFIX, self.data, {*self.sources, *self.inputs})
        if fixed is not None:
            # only what comes out counts, so that another URL for the same file changes nothing above it
            described = f"fixed:out:{fixed.specification}:{fixed.digest.hex()}:{fixed.path}"
            self.modulo = _sha256(described.encode())
        else:
            self.modulo = _sha256(to_bytes(text.written(self.outputs, by_hash)) if self.inputs else self.data)

    @property
    def references(self) -> list[str]:
        """The store paths that the `.drv` file refers to."""
        return [*self.sources, *self.inputs]


class _Text:
    """The parts of a derivation's text that do not depend on how its outputs and inputs are named, written once."""

    def __init__(self, derivation: Derivation, env: dict[str, str]) -> None:
        self.env = env
        self.middle = (
            f"],[{','.join([_quoted(path) for path in derivation.sources])}],"
            f'"{derivation.system}",{_quoted(derivation.builder)},'
            f"[{','.join([_quoted(argument) for argument in derivation.args])}],["
        )
        self.variables = {name: f"({_quoted(name)},{_quoted(value)})" for name, value in env.items()}

    def written(self, outputs: Mapping[str, Output], inputs: Mapping[str, list[str]]) -> str:
        """Return the text with these outputs and inputs."""
        shown_outputs = [
            f'("{name}","{output.path}","{output.specification}","{output.digest.hex()}")'
            for name, output in outputs.items()
        ]
        shown_inputs = [f'("{key}",[{",".join([_quoted(name) for name in names])}])' for key, names in inputs.items()]
        own = {name: f"({_quoted(name)},{_quoted(output.path)})" for name, output in outputs.items()}
        variables = [own.get(name, variable) for name, variable in self.variables.items()]
        return f"Derive([{','.join(shown_outputs)}],[{','.join(shown_inputs)}{self.middle}{','.join(variables)}])"


def _inputs_by_hash(inputs: Mapping[str, list[str]], hashes: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the inputs by hash instead of path; those with the same hash become one with the outputs of all."""
    merged: dict[str, set[str]] = {}
    for path, names in inputs.items():
        merged.setdefault(hashes[path], set()).update(names)
    return {key: sorted(merged[key], key=to_bytes) for key in sorted(merged)}


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
