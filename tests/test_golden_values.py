"""Comparing values with golden files of each format, and the reports of differences."""

from __future__ import annotations

import json

import pytest

from nixbridge.tools.golden.difference import described, differences, sorted_by_kind
from nixbridge.tools.golden.golden_documents import read
from tests.golden_folder import Folder

#: Source, name of the golden file, its text -> the exit status.
SAME = [
    ("{ b = 1; a = [ 1.0 100.0 ]; }", "json", '{"a":[1.0,1e2],\n\n"b":1}', 0),
    ("{ a = 1; }", "json", '{"a": 1.0}', 1),
    ("[ 1.0 ]", "json", "[1]", 1),
    ("[ true null ]", "json", "[1, null]", 1),
    ("[ 1 2 ]", "json", "[2, 1]", 1),
    ("{ a = 1; }", "json", '{"a": 1, "a": 1}', 1),
    ("1", "json", "[" * 3000 + "]" * 3000, 1),
    ("{ a = { b = \"1\"; }; c = [ 1 ]; }", "yaml", "# a comment\nc: [ 1 ]\na:\n    b: '1'\n", 0),
    ("{ a = \"2024-01-01\"; }", "yml", "a: 2024-01-01\n", 0),
    ("{ a = { x = 1; }; b = { x = 1; }; }", "yaml", "a: &one { x: 1 }\nb: *one\n", 0),
    ("[ 1000.0 1.0e-5 \"1e3\" ]", "yaml", "- 1e3\n- 1.0E-5\n- '1e3'\n", 0),
    ("{ a = true; }", "yaml", "a: yes\n", 0),
    ("1", "yaml", "1\n---\n2\n", 1),
    ("{ \"80\" = 1; on = 2; }", "yaml", "80: 1\non: 2\n", 0),
    ("{ a = { x = 1; y = 2; }; }", "yaml", "a:\n  <<: { x: 3, y: 2 }\n  x: 1\n", 0),
    ("{ a = [ ]; }", "yaml", "a: &a [ *a ]\n", 1),
    ("{ a = [ 1 (-2) ]; f = x: x; \"b c\" = \"x\\n\\\"\"; }", "nix-value",
     '{\n  a = [ 1 -2 ];   # laid out by hand\n  "b c" = "x\\n\\"";\n  f = <LAMBDA>;\n}\n', 0),
    ("{ f = x: x; }", "nix-value", '{ f = "<LAMBDA>"; }', 1),
    ("{ a = 1.5; }", "nix-value", "{ a = 2.5; }", 1),
    ("{ a = 1; }", "nix-value", "{ a = 1; ", 1),
    ("{ a = 1; f = { x, y ? 1 }: x; }", "xml",
     "<?xml version='1.0'?><expr><attrs><attr name='f' line='9' path='/elsewhere/a.nix'><function line='7'><attrspat>"
     "<attr name='x'/><attr name='y'/></attrspat></function></attr><attr column='1' name='a'><int value='1'/></attr></attrs></expr>", 0),
    ("[ 1 ]", "xml", "<expr><list><float value='1'/></list></expr>", 1),
    ("[ 1 ]", "xml", "<list><int value='1'/></list>", 1),
    ("throw \"no  such\\nhost\"", "error", "no  such\nhost\n", 0),
    ("let x = 1; in y", "error", "a.nix:1:15", 0),
    ("1", "error", "x", 1),
    ("throw \"a\"", "error", "", 1),
]  # fmt: skip


@pytest.mark.parametrize(("source", "suffix", "golden", "status"), SAME)
def test_a_value_is_compared_as_data(source: str, suffix: str, golden: str, status: int, folder: Folder) -> None:
    folder.write({"a.nix": source, f"a.{suffix}": golden})
    found, said = folder.check()
    assert found == status, said


#: What golden files of each format may hold that Nix does not have -> the message.
INVALID = [
    ("yaml", "? [ 1 ]\n: 2", "a key must be a text, in line 1, column 3"),
    ("yaml", "[" * 3000 + "]" * 3000, "it is nested too deeply"),
    ("yaml", "a: &a [ *a ]", "found unconstructable recursive node, in line 1, column 4"),
    ("yaml", "- &a0 x\n" + "".join(f"- &a{n + 1} [{f'*a{n},' * 10}]\n" for n in range(8)),
     "its aliases expand to more than 1,000,000 values, in line 7, column 36"),
    ("yaml", "a: !!binary aGk=", "it has a value of type binary, which Nix does not have, in line 1, column 4"),
    ("yaml", "a: [\n", "while parsing a flow node, expected the node content, but found '<stream end>', in line 2, column 1"),
    ("yaml", "a: 1\na: 2", "duplicate key 'a', in line 2, column 1"),
    ("json", '{"a": NaN}', "NaN is not a number, in line 1, column 7"),
    ("json", '{\n  "a": 1,\n  "a": 2\n}', 'duplicate key "a", in line 3, column 3'),
    ("nix", '{ a = "x; }', "a string is not closed in line 1"),
    ("nix", "{ a = 1; } 2", "'2' follows the value"),
    ("nix", "{\n  a 1; }", "unexpected '1' in line 2"),
    ("nix", "{ a = ", "it ends too early"),
    ("xml", "<nix/>", "it begins with <nix>, where Nix writes <expr>"),
    ("xml", "<expr>", "no element found: line 1, column 6"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "text", "said"), INVALID)
def test_invalid_golden_files_have_an_explanation(format: str, text: str, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        read(format, text)
    assert str(raised.value) == said


#: Golden, now -> the report: what changed, then what is missing, then what was added, by path.
TOLD = [
    (
        {"http": [{"route": [{"weight": 90}, {"weight": 10}]}]},
        {"http": [{"route": [{"weight": 90}, {"weight": 20}]}]},
        ["http[0].route[1].weight: golden 10, now 20"],
    ),
    (
        {"gone": {"a": [1]}, "list": [1, 2, 3], "same": 1},
        {"list": [1], "same": 1, "new": None, "a.b": "x"},
        [
            'gone: missing, golden {"a": [1]}',
            "list[1]: missing, golden 2",
            "list[2]: missing, golden 3",
            "new: added, now null",
            '"a.b": added, now "x"',
        ],
    ),
    (1, "1", ['(the whole value): golden 1, now "1"']),
    ([1] * 11, [2] * 3 + [1] * 7 + [5], [f"[{n}]: golden 1, now 2" for n in range(3)] + ["[10]: golden 1, now 5"]),
    ("x" * 500, 0, [f'(the whole value): golden "{"x" * 99}... (502 characters), now 0']),
    ({"a\u202eb": 1}, {"a\u202eb": "\x1b[2J"}, ['"a\\u202eb": golden 1, now "\\u001b[2J"']),
]


@pytest.mark.parametrize(("golden", "now", "told"), TOLD)
def test_differences_are_reported_by_path(golden: object, now: object, told: list[str]) -> None:
    assert [described(one) for one in sorted_by_kind(differences(golden, now))] == told


@pytest.mark.parametrize("suffix", ["json", "yaml", "nix-value", "xml"])
def test_deeply_nested_values_are_compared_and_written(suffix: str, folder: Folder) -> None:
    golden = {"json": "{}", "yaml": "{}", "nix-value": "{ }", "xml": "<expr><null /></expr>"}[suffix]
    folder.write({"a.nix": "builtins.foldl' (a: n: [ a ]) 1 (builtins.genList (n: n) 1500)", f"a.{suffix}": golden})
    assert folder.check("--report=json=r", "--report=html=h", "--report=junit=j")[0] == 1
    assert folder.check("--update") == (0, f"wrote a.{suffix}\n1 written, 0 passed")


def test_a_diff_shows_data_not_layout(folder: Folder) -> None:
    folder.write({"a.nix": "{ a = 1; b = { c = 2; d = 4; }; }", "a.json": '{"b": {"d":3,"c":2}, "a": 1}'})
    said = (
        "DIFFERENT  a.nix\n--- a.json\n+++ a.nix (now)\n@@ -2,6 +2,6 @@\n"
        '   "a": 1,\n   "b": {\n     "c": 2,\n-    "d": 3\n+    "d": 4\n   }\n }\n1 different, 0 passed'
    )
    assert folder.check("--diff") == (1, said)


def test_long_lists_of_differences_are_truncated_with_a_count(folder: Folder) -> None:
    folder.write({"a.nix": "builtins.genList (x: x) 1000", "a.json": json.dumps([-1] * 1000)})
    by_path = folder.check()[1].splitlines()
    assert len(by_path) == 23
    assert by_path[-2] == "  ... and 980 more differences"
    by_line = folder.check("--diff")[1].splitlines()
    assert len(by_line) == 83
    assert by_line[-2].endswith("more lines")


#: A source and what must be in its message -> what is said.
ERRORS = [
    ('throw "no host"', "no port", 'DIFFERENT  a.nix\n  error message: golden "no port", now "no host"\n1 different, 0 passed'),
    ("{ a = 1; }", "no port", 'DIFFERENT  a.nix\n  it should fail with "no port", but its value is {"a": 1}\n1 different, 0 passed'),
]  # fmt: skip


@pytest.mark.parametrize(("source", "golden", "said"), ERRORS)
def test_expected_errors(source: str, golden: str, said: str, folder: Folder) -> None:
    folder.write({"a.nix": source, "a.error": golden})
    assert folder.check() == (1, said)


def test_arguments_in_a_comment(folder: Folder) -> None:
    folder.write({"a.nix": '# nixbridge: arg replicas = 3\n{ replicas, name ? "x" }: { inherit replicas name; }'})
    folder.write({"a.json": '{"name": "y", "replicas": 3}'})
    assert folder.check("--argstr", "name", "y") == (0, "1 passed")


ONE_UNCHECKED = ", 1 block of Markdown not checked (--markdown all evaluates it)"
#: Blocks of a Markdown file -> the exit status and what is said.
MARKDOWN = {
    "golden blocks": ('```nix\n{ a = 1; }\n```\n\n```json\n{"a": 1}\n```\n~~~~ nix\n[ 1 ]\n~~~~\n```yaml\n- 2\n```\n', 1,
                      "DIFFERENT  r.md:9\n  [0]: golden 2, now 1\n1 different, 1 passed"),
    "text between makes it no golden": ("```nix\n1\n```\nand\n```json\n2\n```\n", 0, "0 passed" + ONE_UNCHECKED),
    "a comment asks for it": ("<!-- nixbridge: check -->\n```nix\n1\n```\n", 0, "1 passed"),
    "a comment with a variable asks for it": ("<!-- nixbridge: arg a=1 -->\n```nix\na\n```\n", 0, "1 passed"),
    "fragments": ("```nix\n...\n```\n```nix\nx: x\n```\n```nix\n1\n```\n```json\n1\n```\n", 0,
                  "1 passed, 2 blocks of Markdown not checked (--markdown all evaluates them)"),
    "other languages": (
        "```sh\nexit 1\n```\n```json\n1\n```\n````markdown\n```nix\nthrow 1\n```\n````\n```nix\n1\n```\n",
        0, "0 passed" + ONE_UNCHECKED),
    "within a list": ('1. first\n\n   - second\n\n     ```nix\n     { a = "x"; }\n     ```\n     ```json\n     {"a": "y"}\n     ```\n', 1,
                      'DIFFERENT  r.md:6\n  a: golden "y", now "x"\n1 different, 0 passed'),
    "left out": ("<!-- nixbridge: skip -->\n\n```nix\n...\n```\n```nix\n1\n```\n", 0, "1 skipped, 0 passed" + ONE_UNCHECKED),
    "given variables": ('<!-- nixbridge: arg mesh={ a = 1; } -->\n<!-- nixbridge: arg\n  n=2 -->\n```nix\nmesh // { inherit n; }\n```\n'
                        '```json\n{"a": 1, "n": 2}\n```\n', 0, "1 passed"),
    "given arguments": ("<!-- nixbridge: arg n=2 -->\n```nix\n{ n, lib, ... }: n\n```\n```json\n2\n```\n", 0, "1 passed"),
    "must fail": ("<!-- nixbridge: fails no host -->\n```nix\nthrow \"no host\"\n```\n", 0, "1 passed"),
    "a comment that says nothing known": ("<!-- nixbridge: skipp -->\n```nix\n1\n```\n", 1,
        "ERROR  r.md:3\n  the comment 'nixbridge: skipp' before it should be one of: check, skip, arg NAME=EXPR, fails TEXT\n"
        "1 error, 0 passed"),
    "a block that cannot stand alone is named": ("# Text\n<!-- nixbridge: check -->\n```nix\n{ port = mesh.port; }\n```\n", 1,
        "ERROR  r.md:4\n  undefined variable 'mesh'\n         at {path}/r.md:4:10:\n              4 | { port = mesh.port; }\n"
        "                |          ^^^^\n         put <!-- nixbridge: arg NAME=EXPR --> before it,"
        " or <!-- nixbridge: skip --> to skip it\n1 error, 0 passed"),
    "never closed": ("```nix\n1\n```\n```json\n1", 0, "1 passed"),
}  # fmt: skip


@pytest.mark.parametrize("name", MARKDOWN)
def test_markdown(name: str, folder: Folder) -> None:
    text, status, said = MARKDOWN[name]
    folder.write({"r.md": text})
    assert folder.check() == (status, said.replace("{path}", str(folder.path)))


def test_markdown_all_evaluates_every_block(folder: Folder) -> None:
    folder.write({"r.md": "```nix\n1\n```\n```nix\nx\n```\n"})
    status, said = folder.check("--markdown", "all")
    assert status == 1
    assert "ERROR  r.md:5" in said
    assert said.endswith("1 error, 1 passed")
