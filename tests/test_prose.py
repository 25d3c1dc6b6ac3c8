"""The texts are plain English: docstrings say what a thing is or does, and messages say what is not valid and what would be."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOPS = ("nixbridge", "tests")
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))

#: A docstring begins with a verb or a noun, not with a relative clause or a question.
OPENING = re.compile(r"(What|Which|Who|Where|Whether|Is|Does|Are|Has|Do|Can|May)\b")
#: Habits of a translation, and what to write instead.
HABITS = {
    r"\bis no (?!longer\b|more\b|need\b|way\b|such\b|other\b|place\b|error\b|warning\b|limit\b|"
    r"cluster\b|route\b|file\b|Istio\b|Nix,|Graphviz\b)[A-Za-z]+": "is not a ...",
    r", too(?=[.,;:)]|\s*$)": "also",
    r"\bbut for\b": "except",
    r"\bbehind (?:it|them|the|a|its)\b": "after",
    r"\b(?:is|are) told\b": "reported",
    r"\b(?:say|says) so\b": "reports it",
    r"\bof who\b": "of those who",
    r"\bmend(?:s|ed|ing)?\b": "fix, correct",
    r"\banew\b": "again",
    r"\b(?:is|are) there twice\b": "occurs twice, duplicate",
    r"\bnested too deep\b(?!ly)": "nested too deeply",
    r"\bwhole or not at all\b": "atomically",
    r"\bwithout a word\b": "silently",
    r"\b(?:evaluated|forced) to (?:its|their|the) ends?\b": "completely",
    r"\bsays otherwise\b": "unless it is set",
    r"\bstands? (?:beside|nowhere)\b": "is next to, does not exist",
    r"\bbeside (?:it|them|the|a)\b": "next to, in addition to",
    r"\b[Hh]alf (?:of )?a character\b": "a lone surrogate",
    r"\bhas not(?=[.,;:])": "lacks, does not have",
    r"\bfor want of\b": "for lack of",
}
ANY_HABIT = re.compile("|".join(HABITS))


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of a module with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, text


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield the comments of a module with their lines, if any line has a habit after a `#`: to tokenize all files takes seconds."""
    if not any("#" in line and ANY_HABIT.search(line, line.index("#")) for line in text.splitlines()):
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings of several words, which are messages or documentation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(" ") > 1:
            yield node.lineno, node.value


def faults(path: Path) -> list[str]:
    """Return the lines of a Python file that would be written otherwise."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    name = path.relative_to(ROOT)
    found = [
        f"{name}:{line}: begin with a verb or a noun: {doc.splitlines()[0]}"
        for line, doc in docstrings(tree)
        if OPENING.match(doc)
    ]
    for line, sentence in {*comments(text), *strings(tree)}:
        if ANY_HABIT.search(sentence):
            found += [
                f"{name}:{line}: {seen[0]!r}: {instead}"
                for habit, instead in HABITS.items()
                if (seen := re.search(habit, sentence))
            ]
    return sorted(set(found))


@pytest.mark.parametrize("top", TOPS)
def test_python_files_read_as_plain_english(top: str) -> None:
    files = sorted((ROOT / top).rglob("*.py"))
    assert [fault for path in files if path != Path(__file__) for fault in faults(path)] == []


def test_pages_read_as_plain_english() -> None:
    for path in PAGES:
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found = [f"{seen[0]!r}: {instead}" for habit, instead in HABITS.items() for seen in re.finditer(habit, text)]
        assert found == [], path
