"""Regions that are written alike share their code: values, messages and places are those of code that is compiled for itself."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import nixbridge
from nixbridge.language.compiler import compile as compiling
from nixbridge.language.compiler.cache import CodeCache, Template
from nixbridge.language.compiler.compile import FileCompiler
from nixbridge.language.compiler.frame import Mode
from nixbridge.language.compiler.regions import SMALL_TEXT
from nixbridge.language.evaluation.globals import global_names
from nixbridge.language.prelude import NO_PRELUDE
from nixbridge.language.syntax.parser import parse
from nixbridge.source import Source

#: Ways to write an option: with texts that are of different length, of several lines, not ASCII, equal to one another.
_OPTIONS = (
    'mkOption { description = "%s"; type = types.str; }',
    'mkOption {\n      description = "%s";\n      type = (types.nullOr (types.of "%s"));\n    }',
    "mkOption {\n      description = ''\n        %s\n        more\n      '';\n      default = [ \"%s\" 1 ];\n    }",
    'mkOption { description = "%s"; default = fail "%s"; type = types.nullOr types.str; }',
    'mkOption { description = [ "%s" base ]; default = { a = "%s"; }; inherit base; type = types.str; }',
    'mkOverride 1002 (mkOption { description = "%s"; type = types.missing; })',
)
_TEXTS = ("a", "the name", "größer als", "a", "two\\nlines", "\\$x", "", "a longer text than the others")


def generated(seed: int, count: int = 60) -> str:
    """A file of many options that differ in little, in sets as generated modules have them."""
    picks = random.Random(seed)
    sets = []
    for number in range(count):
        options = []
        for index in range(picks.randrange(1, 6)):
            written = picks.choice(_OPTIONS)
            texts = tuple(picks.choice(_TEXTS) for _ in range(written.count("%s")))
            options.append(f'    "field{index}" = {written % texts};\n')
        sets.append(f"  set{number} = {{\n{''.join(options)}  }};\n")
    head = (
        "let mkOption = x: x // { isOption = true; }; mkOverride = n: x: x // { priority = n; }; base = 7;\n"
        '  fail = text: throw "cannot take ${text}"; types = { str = "s"; nullOr = x: [ x ]; of = x: { inherit x; }; };\nin {\n'
    )
    # padded: short files are compiled at once
    return f"{head}{''.join(sets)}}}\n{'# ' * SMALL_TEXT}\n"


def outcomes(text: str) -> list[object]:
    """Return what each attribute of each option evaluates to: its value, or its message with all places on the way to it."""
    names = nixbridge.evaluate(f"builtins.mapAttrs (n: builtins.attrNames) (\n{text})")
    assert isinstance(names, dict)
    found: list[object] = []
    for outer, inner in names.items():
        for name in inner:
            for field in ("description", "default", "type", "priority"):
                try:
                    found.append(nixbridge.evaluate(f"(\n{text}).{outer}.{name}.{field} or null"))
                except nixbridge.NixError as error:
                    found.append((error.message, error.span, [(frame.line, frame.span) for frame in error.frames]))
    return found


@pytest.mark.parametrize("seed", [1, 4])
def test_copies_give_what_code_of_their_own_gives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = generated(seed, 5)
    assert len(text) > SMALL_TEXT
    with_templates = outcomes(text)
    CodeCache.forget_recent()
    monkeypatch.setattr(compiling, "shape_of", lambda *_: None)
    monkeypatch.setattr(compiling, "row_of_regions", lambda *_: None)
    assert with_templates == outcomes(text)
    assert any(isinstance(outcome, tuple) for outcome in with_templates)


def test_most_options_of_a_generated_file_are_copies() -> None:
    text = generated(3, 400)
    source = Source(text)
    compiler = FileCompiler(parse(source), source, global_names(NO_PRELUDE), Mode())
    compiler.file()
    kinds: Counter[str] = Counter()
    while compiler.stubs:
        made = compiler.region(min(compiler.stubs))
        kinds["copy" if len(made) == 3 else "code"] += 1
    assert kinds["copy"] > 1000
    assert kinds["code"] + len(compiler.templates) < kinds["copy"] / 3


def test_the_same_text_may_mean_something_else() -> None:
    options = "{ mkOption = x: x; }"
    bodies = [
        f'let base = {value}; in {{\n  option = f {{\n    a = [ base "x" (f base) ];\n  }};\n}}'
        for value in ("1", '"s"', "[ f ]")
    ]
    text = f"with {options}; let f = x: x; in [\n{chr(10).join(f'({body})' for body in bodies)} ]\n{'# ' * SMALL_TEXT}"
    value = nixbridge.evaluate(f"map (s: builtins.typeOf (builtins.head s.option.a)) ({text}\n)")
    assert value == ["int", "string", "list"]


def test_a_copy_has_its_own_strings_and_lines() -> None:
    template = compile(r"lambda: ['\x000', lambda: f('\x001')]", "x", "eval").co_consts[0]
    copy = Template(template).copy(("first", "second"), 41)
    assert copy.co_firstlineno == 42
    assert "first" in copy.co_consts
    (inner,) = (constant for constant in copy.co_consts if hasattr(constant, "co_consts"))
    assert (inner.co_firstlineno, "second" in inner.co_consts) == (42, True)
    assert "\0" + "0" in template.co_consts, "the template itself is as it was"
