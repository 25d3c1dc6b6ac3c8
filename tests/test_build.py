"""Outputs made without a builder: text, links, joins, and the scripts that only make files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nixbridge.errors.exceptions import NixError
from nixbridge.source import Source
from nixbridge.tools.build.build_errors import CommandFailed
from nixbridge.tools.build.file_tree import File, Folder, Link, Node
from nixbridge.tools.build.outputs import output_of
from nixbridge.tools.build.write_result import check_references, read_tree
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation
from tests.cases import CACHE, EMPTY_FOLDER, rows
from tests.command import run_text

#: One evaluation for all expressions, none of which brings files: making `pkgs` takes longer than most of them.
EVALUATION = Evaluation(Options(), EMPTY_FOLDER.name, write_message=lambda text: None, cache=CACHE)


def built(expression: str) -> Node:
    """The output of the derivation that an expression evaluates to."""
    return EVALUATION.read_value(Source(expression, base=EMPTY_FOLDER.name), output_of)


@pytest.mark.parametrize("case", [*rows("build/outputs.jsonl")])
def test_outputs_have_the_expected_files(case: dict[str, Any]) -> None:
    if "error_contains" in case:
        with pytest.raises(NixError) as caught:
            check_references(built(case["expr"]))
        for words in case["error_contains"]:
            assert re.search(words if "|" in words else re.escape(words), caught.value.message), caught.value.message
        return
    node = built(case["expr"])
    if "text" in case:
        assert isinstance(node, File) and node.data.decode() == case["text"]
        return
    assert isinstance(node, Folder)
    nodes = dict(node.walk())
    assert {path: each.data.decode() for path, each in nodes.items() if isinstance(each, File)} == case["files"]
    assert {path: each.target for path, each in nodes.items() if isinstance(each, Link)} == case.get("links", {})
    executable = sorted(path for path, each in nodes.items() if isinstance(each, File) and each.executable)
    assert executable == case.get("executable", [])


def run_build(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`nixbridge build` in a folder."""
    return run_text("build", *arguments, cwd=folder, env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")})


def test_only_an_unchanged_result_folder_is_replaced(tmp_path: Path) -> None:
    source = tmp_path / "x.nix"
    source.write_text('{ pkgs, ... }: pkgs.linkFarm "f" { "a.yaml" = pkgs.writeText "a" "1"; }')
    assert run_build(tmp_path, "x.nix").returncode == 0
    source.write_text('{ pkgs, ... }: pkgs.writeShellScriptBin "s" "echo hi"')
    assert run_build(tmp_path, "x.nix").returncode == 0
    result = tmp_path / "result"
    assert [path.name for path in result.rglob("*")] == ["bin", "s"]
    assert os.access(result / "bin" / "s", os.X_OK)
    (result / "own").write_text("mine")
    refused = run_build(tmp_path, "x.nix")
    assert refused.returncode == 2 and "was changed since" in refused.stderr
    assert (result / "own").read_text() == "mine"
    assert run_build(tmp_path, "x.nix", "--force").returncode == 0
    assert not (result / "own").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "result", "x.nix"]


def test_an_error_keeps_the_previous_output(tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text('{ pkgs, ... }: pkgs.runCommand "r" { } "mkdir $out; sed s/a/b/ > $out/x"')
    done = run_build(tmp_path, "x.nix", "-o", "made")
    assert done.returncode == 1 and "nixbridge does not run 'sed'" in done.stderr
    assert not (tmp_path / "made").exists()


#: What a script of fixtures/build/bash.jsonl finds, here and in bash.
VARIABLES = {"v": "a  b", "w": "*", "e": "", "name": "r"}


def made_here(script: str) -> dict[str, Any] | None:
    """The files that a script makes in memory, None where it fails."""
    text = script.replace("''", "'''").replace("${", "''${")
    expression = f"""{{ pkgs, ... }}: pkgs.runCommand "r" {{ v = "a  b"; w = "*"; e = ""; }} ''\n{text}\n''"""
    try:
        node = built(expression)
    except CommandFailed:
        return None
    nodes = {"": node} | (dict(node.walk()) if isinstance(node, Folder) else {})
    return {path: described(each) for path, each in nodes.items()}


def described(node: Node) -> tuple[object, ...]:
    """A node as what can be compared, the output's own path left out."""
    if isinstance(node, File):
        return ("file", re.sub(rb"/nix/store/nxbrdg0000[a-z0-9]{22}-r", b"OUT", node.data), node.executable)
    if isinstance(node, Link):
        return ("link", re.sub(r"/nix/store/nxbrdg0000[a-z0-9]{22}-r", "OUT", node.target))
    return ("folder",)


def made_by_bash(script: str, folder: Path) -> dict[str, Any] | None:
    """The files that bash makes, None where it fails."""
    out, build = folder / "out", folder / "build"
    build.mkdir()
    environment = VARIABLES | {"out": str(out), "PATH": os.environ["PATH"], "LC_ALL": "C"}
    command = ["bash", "-c", f"set -eo pipefail\nshopt -s inherit_errexit\numask 022\n{script}"]
    done = subprocess.run(
        command, cwd=build, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode or not out.exists():
        return None
    node = read_tree(str(out))
    nodes = {"": node} | (dict(node.walk()) if isinstance(node, Folder) else {})
    for each in nodes.values():
        if isinstance(each, File):
            each.data = each.data.replace(os.fsencode(out), b"OUT")
        elif isinstance(each, Link):
            each.target = each.target.replace(str(out), "OUT")
    return {path: described(each) for path, each in nodes.items()}


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash to compare with")
@pytest.mark.parametrize("case", [*rows("build/bash.jsonl")])
def test_scripts_create_the_same_files_as_bash(case: dict[str, Any], tmp_path: Path) -> None:
    assert made_here(case["script"]) == made_by_bash(case["script"], tmp_path)
