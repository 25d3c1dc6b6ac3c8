"""A value that a format cannot hold is refused with the attribute path and the place of the part that is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nixbridge import NixError, dumps, evaluate
from nixbridge.errors.report import report
from nixbridge.language.formats.format_table import format_named
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation

FUNCTION = "{\n  a = 1;\n  b.c = [ 1 (x: x) ];\n}"


def refusal(text: str, format_name: str) -> str:
    """The report of writing the value of a text."""
    with pytest.raises(NixError) as caught:
        Evaluation(Options(cache=False, project=False), None).read(
            Source(text, "x.nix"), format_named(format_name).write
        )
    return report(caught.value)


@pytest.mark.parametrize("format_name", ["json", "json-compact", "yaml"])
def test_a_function_is_shown_with_its_path_and_place(format_name: str) -> None:
    message = refusal(FUNCTION, format_name)
    assert message.startswith("error: cannot convert a function to JSON\n       at x.nix:3:14:")
    assert "while evaluating attribute 'b.c.1'" in message


def test_tojson_shows_the_place_of_the_function() -> None:
    message = refusal(f"{{ q = builtins.toJSON {FUNCTION}; }}", "json")
    assert "at x.nix:3:14:" in message
    assert "… while evaluating attribute 'b.c.1'\n       … while evaluating attribute 'q'" in message


@pytest.mark.parametrize("format_name", ["json", "json-compact", "yaml", "nix", "xml"])
def test_every_error_in_a_result_has_the_path_to_it(format_name: str) -> None:
    message = refusal('{ a = [ 0 { b = throw "no"; } ]; }', format_name)
    assert "while evaluating attribute 'a.1.b'" in message


@pytest.mark.parametrize("character", [1, 0x1F, 0xFFFE], ids=["start-of-heading", "unit-separator", "noncharacter"])
def test_xml_rejects_characters_that_xml_cannot_contain(character: int) -> None:
    text = f'{{ a = builtins.fromJSON "\\"\\\\u{character:04x}\\""; }}'
    message = refusal(text, "xml")
    assert f"cannot convert a string with the character U+{character:04X} to XML" in message
    assert "while evaluating attribute 'a'" in message


def test_caught_errors_have_no_cost_and_no_path() -> None:
    assert evaluate('builtins.tryEval (builtins.toJSON { a = throw "x"; })') == {"success": False, "value": False}


def nested(levels: int) -> list[object]:
    """Lists within lists."""
    data: list[object] = []
    for _ in range(levels - 1):
        data = [data, 1]
    return data


def test_dumps_accepts_data_up_to_the_depth_limit() -> None:
    assert evaluate(dumps(nested(300))) == nested(300)
    assert dumps(nested(2_000)).count("[") == 2_000
    with pytest.raises(ValueError, match="nested deeper than 10000 levels"):
        dumps(nested(10_002))


@pytest.mark.parametrize("make", [list, dict], ids=["list", "dict"])
def test_data_that_contains_itself_is_refused(make: type) -> None:
    data = make()
    data.append([data]) if make is list else data.update(a=[data])
    with pytest.raises(ValueError, match="the data contains itself"):
        dumps(data)
    with pytest.raises(NixError, match=r"args\['x'\]: the data contains itself"):
        evaluate("{ x }: x", args={"x": data})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": ["ok", "\ud800"]}, r"args\['x'\]\['a'\]\[1\]: lone surrogate: not valid in a Nix string"),
        ({"a": {1: 2}}, r"args\['x'\]\['a'\]: the names of a set must be strings"),
        ([2**63], r"args\['x'\]\[0\]: 9223372036854775808 does not fit into 64 bits"),
        ([object()], r"args\['x'\]\[0\]: a value of Python's type object is not a Nix value"),
        ("a\0", r"args\['x'\]: a Nix string cannot contain a null character"),
    ],
    ids=["lone-surrogate", "number-as-name", "large-integer", "object", "null-character"],
)
def test_an_argument_that_is_not_a_value_is_refused_with_its_place(data: object, message: str) -> None:
    with pytest.raises(NixError, match=message):
        evaluate("{ x }: x", args={"x": data})


def test_an_ascii_locale_changes_no_string() -> None:
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "nixbridge", "eval", "--compact", "--no-cache"]
    given = ["--argstr", "x", "é→", "-E", '{ x }: [ x "é" (builtins.stringLength x) ]']
    done = subprocess.run([*command, *given], env=environment, capture_output=True, timeout=60, check=False)
    assert (done.stderr, done.stdout.decode()) == (b"", '["é→","é",5]\n')
