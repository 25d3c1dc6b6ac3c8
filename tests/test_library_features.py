"""The library beyond `evaluate`: its page's examples, functions, virtual files, kept evaluators, limits, the tools."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path
from typing import Any

import pytest

import nixbridge
from nixbridge import Builder, EvalError, Evaluator, LimitReached, NixError, Parameter

PAGE = Path(__file__).resolve().parent.parent / "docs" / "library.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks run one after the other with common names; `# -> value` is what the expression above it is."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    checked = 0
    for block in BLOCKS:
        for part in re.findall(r"(.*?)(?:^# -> ([^\n]*)\n|\Z)", block, re.MULTILINE | re.DOTALL):
            value = run(part[0], names)
            if part[1]:
                assert value == ast.literal_eval(part[1]), part
                checked += 1
    assert checked > 15


def run(text: str, names: dict[str, Any]) -> object:
    """Run statements and return the value of the last one, where that is an expression."""
    tree = ast.parse(text)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "library.md", "exec"), names)
    return eval(compile(ast.Expression(last.value), "library.md", "eval"), names) if last is not None else None


def test_public_names_exist_and_are_listed() -> None:
    for name in nixbridge.__all__:
        assert getattr(nixbridge, name) is not None
        assert name in dir(nixbridge)
        assert re.search(rf"\b{name}\b", PAGE.read_text(encoding="utf-8")) or name in (
            "dump",
            "load",
            "UsageError",
            "__version__",
        )
    with pytest.raises(AttributeError, match="has no attribute 'evalute'"):
        _ = nixbridge.evalute


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("add3 1 2 3", 6),
        ("map (add3 1 2) [ 3 4 ]", [6, 7]),
        ("builtins.add3 1 2 3", 6),
        ("builtins ? add3", True),
        ('(x: builtins.${x}) "add3" 1 2 3', 6),
        ("builtins.isFunction (add3 1)", True),
        ("let add3 = 1; in add3", 1),
        ("makes 2 5", 10),
        ("{ inherit (nested) a; }.a.f 3", 4),
    ],
)
def test_python_functions(text: str, value: object) -> None:
    functions = {"add3": lambda a, b, c: a + b + c, "makes": lambda factor: lambda number: factor * number}
    wrapped = f"{{ nested }}: {text}"
    evaluator = Evaluator(builtins=functions)
    assert evaluator.evaluate(wrapped, args={"nested": {"a": {"f": lambda number: number + 1}}}) == value


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda name: {}[name], "fails: KeyError: 'x'"),
        (lambda name: object(), "the result of fails: a value of Python's type object is not a Nix value"),
        (lambda name: 2**70, "the result of fails: .* does not fit into 64 bits"),
    ],
)
def test_a_function_that_fails_is_an_error_at_the_call(function: Any, message: str) -> None:
    with pytest.raises(EvalError, match=message) as caught:
        Evaluator(builtins={"fails": function}).evaluate('{\n  a = fails "x";\n}')
    assert caught.value.position == ("«string»", 2, 7)


def test_a_function_without_parameters_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="f: a Nix function takes an argument"):
        Evaluator(builtins={"f": lambda: 1})


def test_a_cycle_among_arguments_is_an_error() -> None:
    data: dict[str, Any] = {"f": lambda x: x}
    data["again"] = data
    with pytest.raises(EvalError, match="the data contains itself"):
        nixbridge.evaluate("{ data }: 1", args={"data": data})


def test_all_reading_functions_see_virtual_files() -> None:
    files = {
        "main.nix": "{ a = import ./lib; b = builtins.readFile ./t.txt; c = builtins.pathExists ./t.txt; "
        "d = builtins.pathExists ./none; e = (import ./lib/f.nix) 1; g = builtins.fromJSON (builtins.readFile ./d.json); }",
        "lib/default.nix": "import ./value.nix",
        "lib/value.nix": "42",
        "lib/f.nix": "x: x + 1",
        "t.txt": b"bytes",
        "d.json": '{ "k": [ 1 ] }',
    }
    value = Evaluator(base="/nowhere/at/all", files=files).evaluate_file("main.nix")
    assert value == {"a": 42, "b": "bytes", "c": True, "d": False, "e": 2, "g": {"k": [1]}}
    with pytest.raises(NixError, match="syntax error") as caught:
        Evaluator(base="/v", files={"bad.nix": "{"}).evaluate_file("bad.nix")
    assert caught.value.position is not None and caught.value.position[0] == "/v/bad.nix"


def test_a_reused_evaluator_reevaluates_changed_files(tmp_path: Path) -> None:
    calls: list[int] = []
    (tmp_path / "lib.nix").write_text("{ value = note 1; }")
    (tmp_path / "a.nix").write_text("(import ./lib.nix).value")
    evaluator = Evaluator(base=tmp_path, builtins={"note": lambda number: calls.append(number) or number})
    assert [evaluator.evaluate_file("a.nix"), evaluator.evaluate("(import ./lib.nix).value")] == [1, 1]
    assert calls == [1], "what is imported is evaluated once"
    (tmp_path / "lib.nix").write_text("{ value = note 22; }")
    assert evaluator.evaluate_file("a.nix") == 22
    assert evaluator.evaluate("builtins.pathExists ./new") is False
    (tmp_path / "new").touch()
    assert evaluator.evaluate("builtins.pathExists ./new") is True


def test_a_reused_evaluator_repeats_messages_per_evaluation() -> None:
    told: list[str] = []
    evaluator = Evaluator(write_message=told.append)
    text = 'builtins.trace "here" (builtins.unsafeGetAttrPos "a" { a = 1; } == 1)'  # starts over for the positions
    for count in (1, 2, 3):
        evaluator.evaluate(text)
        assert told == ["trace: here"] * count


def test_limits_apply_to_one_call_and_the_program_continues() -> None:
    with pytest.raises(LimitReached, match=r"the memory limit of 100 MiB was reached \(max_memory\)"):
        nixbridge.evaluate(
            'builtins.foldl\' (a: b: a + b) "" (builtins.genList (x: "a${toString x}") 9000000)', max_memory=100
        )
    with pytest.raises(nixbridge.Thrown) as caught:
        nixbridge.evaluate('{\n  a = throw "x"; }', timeout=60)
    assert caught.value.position == ("«string»", 2, 7) and "2 |   a = throw" in caught.value.report()
    assert nixbridge.evaluate("{ a = [ 1.5 null ]; }", timeout=60) == {"a": [1.5, None]}
    with pytest.raises(EvalError, match=r"the evaluation terminated its process \(SIGKILL\)"):
        Evaluator(builtins={"die": lambda _: os.kill(os.getpid(), 9)}, timeout=60).evaluate("die 1")


def test_a_notebook_shows_the_report() -> None:
    with pytest.raises(NixError) as caught:
        nixbridge.evaluate('{ a = "<b>" + 1; }')
    error = caught.value
    assert error.report().startswith("error: ") and "«string»:1:" in error.report()
    assert error._repr_html_().startswith("<pre>error: ") and "<b>" not in error._repr_html_()
    shown = "\n".join(error._render_traceback_())
    assert shown == error.report()


def test_the_tools(tmp_path: Path) -> None:
    (tmp_path / "mesh.nix").write_text(
        '{ host ? "web" }: mkVirtualService "web" { hosts = [ host ]; bogus = 1; '
        "httpRoutes = [ { route = [ { destination = { inherit host; }; } ]; } ]; }"
    )
    (tmp_path / "mesh.json").write_text("{}")
    file = tmp_path / "mesh.nix"
    descriptors = os.listdir("/proc/self/fd")
    rendered = nixbridge.render(file, args={"host": "shop"})
    assert rendered.manifests[0]["spec"]["hosts"] == ["shop"] and rendered.yaml().startswith("apiVersion:")
    assert next((finding.code, finding.position) for finding in nixbridge.lint(file)) == ("NB001", (str(file), 1, 62))
    assert [(outcome.status, outcome.failed) for outcome in nixbridge.check(tmp_path)] == [("different", True)]
    assert nixbridge.graph(file).startswith("flowchart")
    report = nixbridge.migrate(file, tmp_path / "out")
    assert "1 converted" in report.summary() and (tmp_path / "out" / "mesh.yaml").exists()
    nixbridge.migrate(file, tmp_path / "out")  # once more: now the folder is there, and is opened
    (tmp_path / "text.nix").write_text('{ pkgs, ... }: pkgs.writeText "x" "hi"')
    nixbridge.build(tmp_path / "text.nix", tmp_path / "result")
    assert (tmp_path / "result").read_text() == "hi"
    assert os.listdir("/proc/self/fd") == descriptors, "a program that runs for months would run out of them"
    with pytest.raises(NixError):
        nixbridge.render(tmp_path / "none.nix")


def test_custom_builders_fill_in_defaults_without_checks() -> None:
    table = Builder(
        "mkQuota", kind="Quota", doc="", example="", parameters=(Parameter("limit", 1, "", type="integer"),)
    )
    assert Evaluator(builders=[table]).evaluate('map (n: (mkQuota n { limit = 2; }).limit) [ "a" "b" ]') == [2, 2]
