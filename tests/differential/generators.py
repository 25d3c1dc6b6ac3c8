"""The generators of expressions: one class in a file of its own, and a line here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from tests.conformance.public_suites import suite_folder
from tests.differential.answers import FOLDER, FORMATS, TRACES, TREE, Setting, temporary_store
from tests.differential.calls import Calls
from tests.differential.changed_files import ChangedFiles
from tests.differential.context_strings import ContextStrings
from tests.differential.derivation_calls import DerivationCalls, DerivationTexts
from tests.differential.flake_references import FlakeReferences
from tests.differential.folder_questions import FolderQuestions
from tests.differential.json_texts import JsonTexts
from tests.differential.lib_calls import LibCalls
from tests.differential.long_values import LongValues
from tests.differential.module_programs import ModulePrograms
from tests.differential.numbers import Numbers
from tests.differential.patterns import Patterns
from tests.differential.programs import Programs
from tests.differential.repeated_values import RepeatedValues
from tests.differential.scopes import Scopes
from tests.differential.toml_texts import TomlTexts
from tests.differential.traced import Traced
from tests.differential.typed import TypedExpressions
from tests.differential.written_texts import WrittenTexts


class Expressions(Protocol):
    """Expressions out of one seed: the same ones for the same seed."""

    def expression(self) -> str:
        """Return the next one."""
        ...


class Generator(NamedTuple):
    """How expressions are made from a seed, and what Nix needs to evaluate them.

    `formats` are those in which the answers mean something. Expressions that use `lib` are compared with nixpkgs' lib. `share` is how
    many of a hundred expressions of a run over all generators come from this one: more where an expression costs little.
    """

    make: Callable[[int], Expressions]
    share: int
    formats: tuple[str, ...] = tuple(FORMATS)
    uses_lib: bool = False
    in_store: bool = False
    features: str = "pipe-operators"


GENERATORS: dict[str, Generator] = {
    "typed": Generator(TypedExpressions, 14),
    "calls": Generator(Calls, 1),
    "modules": Generator(ModulePrograms, 2, formats=("json-compact",), uses_lib=True),
    "derivations": Generator(DerivationCalls, 4),
    "derivation-texts": Generator(DerivationTexts, 1, formats=("nix",), in_store=True),
    "contexts": Generator(ContextStrings, 14),
    "toml": Generator(TomlTexts, 20),
    "json": Generator(JsonTexts, 22),
    # a group may be a lone surrogate: not valid in JSON, and refused in XML
    "patterns": Generator(Patterns, 18, formats=("nix",)),
    "folders": Generator(FolderQuestions, 2),
    "long": Generator(LongValues, 1, formats=("json-compact", "nix")),
    "traced": Generator(Traced, 6, formats=(TRACES,)),
    "scopes": Generator(Scopes, 8, formats=("json-compact", "xml")),
    "written-texts": Generator(WrittenTexts, 10, formats=("json-compact", "nix")),
    "numbers": Generator(Numbers, 10),
    "lib": Generator(LibCalls, 4, formats=("json-compact", "nix"), uses_lib=True),
    "programs": Generator(Programs, 8, formats=(TRACES, "json-compact")),
    "repeated-values": Generator(RepeatedValues, 1, formats=("json-compact",)),
    "changed-files": Generator(ChangedFiles, 3, formats=(TREE,)),
    "flake-references": Generator(FlakeReferences, 1, features="flakes pipe-operators"),
}


def nixpkgs_lib() -> str | None:
    """Return the folder of nixpkgs' lib among the public suites, or None where they are not."""
    suite = suite_folder("nixpkgs")
    return None if suite is None else str(suite / "lib")


@contextmanager
def opened(name: str, seed: int, format: str) -> Iterator[tuple[Expressions, Setting]]:
    """The expressions of a seed and the setting that they are evaluated in, whose folders last as long."""
    generator = GENERATORS[name]
    expressions = generator.make(seed)
    lib = nixpkgs_lib() if generator.uses_lib else None
    with temporary_store(generator.in_store) as store, tempfile.TemporaryDirectory(prefix="tree-") as own:
        folder = FOLDER
        if isinstance(expressions, FolderQuestions):
            # the last part is the name of what is copied into the store
            folder = str(Path(own) / "tree")
            expressions.write_files(Path(folder))
        yield expressions, Setting(format, folder, lib, generator.features, store)
