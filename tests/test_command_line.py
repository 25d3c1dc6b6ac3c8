"""`eval -o`, standard input and the exit statuses of the command line, as a user meets them: in a process, beside files."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from nixbridge.cli.declaration import COMMANDS
from nixbridge.tools.golden.pairs import GOLDEN_SUFFIXES
from tests.command import run_text

ROOT = Path(__file__).resolve().parent.parent


def nixbridge(folder: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command in `folder`."""
    return run_text(*arguments, cwd=folder, input=text)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["eval", "-E", "1"], 0),
        (["eval", "-E", 'throw "x"'], 1),
        (["eval", "none.nix"], 1),
        (["eval", "--what"], 2),
        (["flake", "fetch", "--unpack"], 2),
    ],
)
def test_exit_statuses(arguments: list[str], status: int, tmp_path: Path) -> None:
    done = nixbridge(tmp_path, *arguments)
    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_a_failure_keeps_the_previous_output(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old")
    assert nixbridge(tmp_path, "eval", "-E", '[ 1 (throw "x") ]', "-o", "out.json").returncode == 1
    assert (tmp_path / "out.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_standard_input(tmp_path: Path) -> None:
    assert json.loads(nixbridge(tmp_path, "eval", "-", text="{ a = 1; }").stdout) == {"a": 1}


def test_pre_commit_hooks_run_existing_commands_on_matching_files() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["entry"] for hook in hooks.values()} == {"nixbridge check", "nixbridge lint"}
    assert {hook["entry"].split()[1] for hook in hooks.values()} <= set(COMMANDS)
    pattern = re.compile(hooks["nixbridge-check"]["files"])
    assert all(pattern.search(f"a{suffix}") for suffix in (".nix", ".md", *GOLDEN_SUFFIXES))


#: Command lines as people type them for Nix: what follows `nixbridge eval`, and what is printed.
LIKE_NIX = {
    "an attribute after the file": (["x.nix", "a.b"], "[\n  1\n]\n"),
    "an attribute of --file": (["--file", "x.nix", "a"], '{\n  "b": [\n    1\n  ]\n}\n'),
    "an attribute of an expression": (["-E", "{ a = 1; }", "a"], "1\n"),
    "an index": (["x.nix", "a.b.0"], "1\n"),
    "--json": (["--json", "x.nix", "a"], '{"b":[1]}\n'),
    "--raw": (["--raw", "-E", '"text"'], "text"),
    "--apply": (["--json", "--apply", "x: x // { c = 2; }", "x.nix", "a"], '{"b":[1],"c":2}\n'),
    "--apply builtins.attrNames": (["--json", "x.nix", "--apply", "builtins.attrNames"], '["a","f"]\n'),
    "--argstr": (["--argstr", "name", "web", "--json", "x.nix", "f"], '"web"\n'),
    "--strict": (["--strict", "--json", "x.nix", "a.b"], "[1]\n"),
    "pipe operators": (
        ["--extra-experimental-features", "nix-command pipe-operators", "-E", "1 |> (x: x + 1)"],
        "2\n",
    ),
}


@pytest.mark.parametrize("name", LIKE_NIX)
def test_options_of_nix_are_accepted(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text('{ a.b = [ 1 ]; f = { name ? "none" }: name; }')
    arguments, printed = LIKE_NIX[name]
    done = nixbridge(tmp_path, "eval", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == (printed, "", 0)


def test_a_second_argument_is_a_file_if_one_exists_but_never_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("{ a = 1; }")
    (tmp_path / "y.nix").write_text("2")
    (tmp_path / "a").mkdir()
    assert nixbridge(tmp_path, "eval", "--json", "x.nix", "y.nix").stdout == '{"a":1}\n2\n'
    assert nixbridge(tmp_path, "eval", "--json", "x.nix", "a").stdout == "1\n"
    assert "two attributes: 'a' and 'b'" in nixbridge(tmp_path, "eval", "x.nix", "a", "b").stderr


def test_an_unparsable_argument_is_an_error_even_if_unused(tmp_path: Path) -> None:
    done = nixbridge(tmp_path, "eval", "-E", "x: 1", "--arg", "x", "{")
    assert done.returncode == 1 and "at «argument x»:1:2" in done.stderr


def test_an_unused_argument_is_reported(tmp_path: Path) -> None:
    done = nixbridge(tmp_path, "eval", "-E", "{ port ? 1 }: port", "--arg", "prot", "2")
    assert (done.stdout, done.returncode) == ("1\n", 0)
    assert done.stderr == "help: argument 'prot' is not used: no called function takes it\n"


@pytest.mark.parametrize(
    ("options", "variables", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colors_can_be_chosen(
    options: list[str], variables: dict[str, str], coloured: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in nixbridge(tmp_path, "eval", "-E", "throw 1", *options).stderr) is coloured


def test_a_mistyped_command_gets_a_suggestion(tmp_path: Path) -> None:
    done = nixbridge(tmp_path, "evla", "x.nix")
    assert done.returncode == 2 and "Did you mean 'eval'?" in done.stderr
