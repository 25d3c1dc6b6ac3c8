"""Targets of fuzzing: each takes a text and keeps the promise, or raises something that it must not."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nixbridge.api import evaluate
from nixbridge.errors.exceptions import NixError
from nixbridge.errors.report import report
from nixbridge.language.compiler.compile import FileCompiler
from nixbridge.language.compiler.frame import Mode
from nixbridge.language.evaluation.globals import global_names
from nixbridge.language.evaluation.provenance import marked_document
from nixbridge.language.formats import json as json_format
from nixbridge.language.formats import nix_source
from nixbridge.language.formats import yaml as yaml_format
from nixbridge.language.formats.format_table import FORMATS, format_named
from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.language.syntax.lexer import tokens_of
from nixbridge.language.syntax.parser import parse
from nixbridge.language.syntax.tree_text import to_json, to_text
from nixbridge.mesh.graph import mermaid
from nixbridge.mesh.graph.traffic import picture_of
from nixbridge.mesh.model import render_context as context
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import render
from nixbridge.mesh.service_mesh import service_mesh_prelude
from nixbridge.mesh.tables.builder_list import TABLES, table
from nixbridge.mesh.to_nix.read_yaml import InvalidYaml, read_yaml
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.difference import differences
from nixbridge.tools.golden.markdown import blocks, replace_golden
from nixbridge.tools.inputs import Evaluation
from nixbridge.tools.lint.run import File, examine
from nixbridge.tools.lint.view import View
from tests.fuzz import flake_targets
from tests.fuzz.grammars import JSON, MARKDOWN, NIX, RECORDS, REGEX, TOML, YAML, Grammar, grown
from tests.fuzz.mutation import mutated, with_other_value

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"

#: What may reach a terminal: no control character but the line end, nothing that turns the direction around.
_SENT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MOST_SENT = 64 * 1024


@dataclass
class Target:
    """`check` raises what a text brings to light. `seeds`: texts to start from. `endless`: may a text take any time (as a program may)?"""

    check: Callable[[str], None]
    grammar: Grammar
    seeds: Callable[[], list[str]]
    endless: bool = False
    #: The grammar's name for what a literal can be replaced with, and how many inputs have single characters changed.
    value: str = "value"
    broken: float = 0.5

    def text(self, picks: random.Random) -> str:
        """An input: grown from the grammar or taken from the seeds, and mostly made worse."""
        seeds = self.seeds()
        text = picks.choice(seeds) if seeds and picks.random() < 0.5 else grown(self.grammar, picks)
        for _ in range(picks.choice((0, 0, 1, 1, 2, 4))):
            text = with_other_value(text, grown(self.grammar, picks, self.value, 3), picks)
        if picks.random() < self.broken:
            text = mutated(text, picks.choice(seeds) if seeds else grown(self.grammar, picks), picks)
        return text


def _told(error: NixError) -> None:
    """The message of an error is harmless, as a terminal and as a log see it."""
    text = report(error, show_trace=True)
    assert len(text.encode("utf-8", "replace")) <= _MOST_SENT, "the message is too long"
    assert not _SENT.search(text), "the message has control characters"


def _told_by(check: Callable[[str], None]) -> Callable[[str], None]:
    """`check`, whose errors must be harmless messages."""

    def told(text: str) -> None:
        try:
            check(text)
        except NixError as error:
            _told(error)

    return told


def _lexer(text: str) -> None:
    try:
        for _ in tokens_of(Source(text)):
            pass
    except NixError as error:
        _told(error)


def _parser(text: str) -> None:
    source = Source(text)
    try:
        tree = parse(source)
        to_text(tree, source, "/home")
        to_json(tree, source)
        for mode in (Mode(positions=False, counted=False), Mode(positions=True, counted=True)):
            FileCompiler(parse(source), source, global_names(service_mesh_prelude()), mode).file()
    except NixError as error:
        _told(error)


def _open() -> Evaluation:
    return Evaluation(Options(cache=False, max_call_depth=500), None, write_message=lambda text: None)


def _evaluation(text: str) -> None:
    for form in ("json", FORMATS[len(text) % len(FORMATS)]):
        try:
            written = _open().read(Source(text), format_named(form).write)
        except NixError as error:
            _told(error)
            continue
        if form == "json":
            json.loads(written)
        elif form == "yaml":
            yaml_format.read(written)


def _applied(function: str, **arguments: str) -> Any:
    """The value of a function with texts for arguments, as a library's user calls it; None where that is an error."""
    try:
        return evaluate(f"{{ {', '.join(arguments)} }}: {function}", args=arguments, base="/nowhere")
    except NixError as error:
        _told(error)
        return None


def _from_json(text: str) -> None:
    value = _applied("builtins.fromJSON text", text=text)
    again = _applied("builtins.fromJSON text", text=json_format.pretty(value))
    assert differences(again, value) == [], "it is read back as something else"


def _from_toml(text: str) -> None:
    _applied("builtins.fromTOML text", text=text)


def _regex(text: str) -> None:
    pattern, _, subject = text.partition("\n")
    _applied("builtins.match pattern text", pattern=pattern, text=subject)
    pieces = _applied("builtins.split pattern text", pattern=pattern, text=subject)
    if pieces is not None:
        assert len(pieces) % 2 == 1, "groups without text around them"


def _yaml(text: str) -> None:
    """YAML that is made Nix of."""
    try:
        documents = read_yaml(text)
    except (InvalidYaml, RecursionError):
        return
    for document in documents:
        try:
            written = nix_source.write(document)
        except ValueError:  # numbers that Nix lacks
            continue
        assert differences(document, evaluate(written)) == [], "it is read back as something else"


def _golden(text: str) -> None:
    for reader in (json_format.read, yaml_format.read):
        try:
            document = reader(text)
        except ValueError:
            continue
        differences(document, [document])
        differences({}, document)


def _markdown(text: str) -> None:
    for block in blocks(text):
        if block.golden is not None:
            changed = blocks(replace_golden(text, block, '{\n  "new": 1\n}\n'))
            again = next(found for found in changed if found.line == block.line)
            assert again.golden is not None and json.loads(again.golden[0]) == {"new": 1}, "another golden was replaced"
        try:
            parse(Source(block.text))
        except NixError as error:
            _told(error)


def _records(text: str) -> None:
    try:
        value = _open().read(Source(text, "/x.nix"), marked_document)
        rendering = render(find(value), context.Options())
    except NixError as error:
        _told(error)
        return
    text = dump_stream(rendering.manifests)
    assert yaml_format.read_stream(text) == rendering.manifests, "the manifests are read back as something else"


#: What stands where something else should in a manifest.
_ODD_VALUES: tuple[Any, ...] = (
    *(None, {}, [], "", 0, -1, 1.5, True, "text", "*", "0s", {"a": 1}, {"": None}, [None], [[]], [{}], ["a", 1]),
    *(9999999999, "é\u202e", {"name": "x"}, [{"name": None}], {"host": {}}),
)


def _with_other_part(document: Any, picks: random.Random) -> Any:
    """A copy of a document in which one part is another value, or is gone."""
    document = copy.deepcopy(document)
    part = document
    for _ in range(picks.choice((1, 2, 3, 4, 5, 6, 8))):
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        if not keys:
            break
        key = picks.choice(keys)
        if not isinstance(part[key], (dict, list)) or picks.random() < 0.15:
            if picks.random() < 0.3:
                del part[key]
            else:
                part[key] = copy.deepcopy(picks.choice(_ODD_VALUES))
            break
        part = part[key]
    return document


def _manifests(text: str) -> None:
    """Manifests of others: rendered, drawn and linted, or refused with messages."""
    try:
        documents = read_yaml(text)
    except (InvalidYaml, RecursionError):
        return
    picks = random.Random(text)
    for document in documents:
        for _ in range(8):
            changed = _with_other_part(document, picks) if isinstance(document, (dict, list)) else document
            found = find([changed, document])
            rendering = render(found, context.Options())
            if not rendering.failed:
                mermaid.write(picture_of(rendering.manifests))
            file = File("x.yaml")
            file.view = View([], [changed, document])
            examine(file)


@cache
def _manifest_documents() -> list[str]:
    """The manifests of the fixtures, each as JSON on one line."""
    files = [*sorted((FIXTURES / "manifests").glob("*.manifests")), *sorted((FIXTURES / "lint").glob("*.yaml"))]
    documents = [document for file in files for document in read_yaml(file.read_text(encoding="utf-8"))]
    return [json.dumps(document) for document in documents]


@cache
def _expressions() -> list[str]:
    """The expressions of the fixtures, small ones."""
    found: list[str] = []
    for file in sorted(FIXTURES.rglob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").split("\n"):
            row = json.loads(line) if line else None
            if isinstance(row, dict) and isinstance(row.get("expr"), str) and len(row["expr"]) < 2000:
                found.append(row["expr"])
    return found


@cache
def _files(suffix: str) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in sorted((FIXTURES / "documentation").glob(f"*{suffix}"))]


@cache
def _markdown_files() -> list[str]:
    return [(FIXTURES.parent / "README.md").read_text(encoding="utf-8")]


def _no_seeds() -> list[str]:
    return []


def _words() -> tuple[str, ...]:
    """The names of the builders' parameters and of what is in their defaults and examples."""
    found: set[str] = set()
    for name in TABLES:
        builder = table(name)
        found.update(parameter.name for parameter in builder.parameters)
        found.update(re.findall(r"([a-zA-Z]\w*)(?= =|\.)", builder.example))
    return tuple(sorted(found - {"let", "in"}))


TARGETS: dict[str, Target] = {
    "lexer": Target(_lexer, NIX, _expressions, value="atom", broken=0.8),
    "parser": Target(_parser, NIX, _expressions, value="atom"),
    "evaluator": Target(_evaluation, NIX, _expressions, endless=True, value="atom", broken=0.15),
    "fromJSON": Target(_from_json, JSON, lambda: _files(".json")),
    "fromTOML": Target(_from_toml, TOML, _no_seeds),
    "regex": Target(_regex, REGEX, _no_seeds, endless=True, value="piece"),
    "golden": Target(_golden, YAML, lambda: _files(".yaml")),
    "yaml": Target(_yaml, YAML, lambda: _files(".yaml")),
    "markdown": Target(_markdown, MARKDOWN, _markdown_files, value="data"),
    "manifests": Target(_manifests, JSON, _manifest_documents, broken=0.1),
    "flake": Target(_told_by(flake_targets.read_flake), flake_targets.FLAKE, flake_targets.flake_files),
    "lock": Target(_told_by(flake_targets.read_lock), flake_targets.LOCK, flake_targets.lock_files),
    "reference": Target(_told_by(flake_targets.read_reference), flake_targets.REFERENCE, _no_seeds),
    "archive": Target(_told_by(flake_targets.unpack_archive), flake_targets.ARCHIVE, _no_seeds),
    "records": Target(_records, RECORDS | {"word": _words()}, lambda: _files(".nix"), endless=True, broken=0.1),
}
