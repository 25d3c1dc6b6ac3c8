"""Nix's language tests and nixpkgs' tests of lib, where their sources are given (tests/conformance/public_suites.py)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from nixbridge import NixError
from nixbridge.errors.report import report
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.formats.format_table import format_named
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation
from nixbridge.user_cache import cache_folder
from tests.conformance.public_suites import (
    LanguageCase,
    ModuleCase,
    language_cases,
    module_cases,
    reasons,
    suite_folder,
)

NIX, NIXPKGS = suite_folder("nix"), suite_folder("nixpkgs")
LANGUAGE = NIX / "tests" / "functional" / "lang" if NIX is not None else None
LIB_TESTS = NIXPKGS / "lib" / "tests" if NIXPKGS is not None else None
#: A folder with a `nix-instantiate` that is nixbridge.
STAND_IN_FOLDER = Path(__file__).parent / "conformance" / "stand_in"
CACHE = CodeCache(cache_folder())

pytestmark = pytest.mark.skipif(LANGUAGE is None and LIB_TESTS is None, reason="NIXBRIDGE_SUITES names no suites")


def options_of(flags: list[str], folder: Path) -> Options:
    """The options that Nix's flags are here; others are left out."""
    pairs = list(pairwise(flags))
    return Options(
        attribute=next((value for flag, value in pairs if flag == "-A"), None),
        arguments=tuple((flags[at + 1], flags[at + 2]) for at, flag in enumerate(flags) if flag == "--arg"),
        strings=tuple((flags[at + 1], flags[at + 2]) for at, flag in enumerate(flags) if flag == "--argstr"),
        search_path=(
            *(str(folder.parent / value) for flag, value in pairs if flag == "-I" and "=" not in value),
            *(value.replace("=", f"={folder.parent}/") for flag, value in pairs if flag == "-I" and "=" in value),
            *(str(folder / name) for name in ("dir3", "dir4")),
        ),
        allow=("/",),
        allow_environment=True,
        system="x86_64-linux",
        project=False,
    )


@pytest.mark.parametrize("case", language_cases(LANGUAGE) if LANGUAGE else [], ids=lambda case: case.name)
def test_programs_evaluate_as_in_nix(case: LanguageCase, monkeypatch: pytest.MonkeyPatch) -> None:
    why = reasons("nix").get(case.name)
    if why is not None:
        pytest.skip(why)
    folder = case.path.parent
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("HOME", "/fake-home")
    monkeypatch.setenv("TEST_VAR", "foo")
    evaluation = Evaluation(options_of(case.flags, folder), str(folder), write_message=lambda _: None, cache=CACHE)
    shown = str(folder.parent)
    if case.value is not None:
        value = evaluation.read(str(case.path), format_named("nix").write)
        assert value.replace(shown, "/pwd").strip() == case.value.strip()
    else:
        with pytest.raises(NixError) as caught:
            evaluation.read(str(case.path), format_named("nix").write)
        assert (case.error or "") in report(caught.value).replace(shown, "/pwd")


@pytest.mark.parametrize("case", module_cases(LIB_TESTS) if LIB_TESTS else [], ids=lambda case: case.name)
def test_modules_evaluate_as_nixpkgs_expects(case: ModuleCase) -> None:
    assert LIB_TESTS is not None and NIXPKGS is not None
    why = reasons("nixpkgs").get(case.name.partition(" ")[2])
    if why is not None:
        pytest.skip(why)
    text = f"import ./default.nix {{ modules = [ {case.modules} ]; }}"
    options = Options(attribute=case.attribute, allow=("/",), project=False)
    evaluation = Evaluation(options, str(NIXPKGS), write_message=lambda _: None, cache=CACHE)
    source = Source(text, "«string»", str(LIB_TESTS / "modules"))
    if case.fails:
        with pytest.raises(NixError) as caught:
            evaluation.read(source, format_named("json-compact").write)
        # Nix shows the whole trace, whose lines may be in any order
        assert re.search(case.pattern, report(caught.value, show_trace=True))
    else:
        assert re.search(case.pattern, evaluation.read(source, format_named("json-compact").write).strip())


@pytest.mark.parametrize("file", ["misc.nix", "systems.nix", "fetchers.nix"])
def test_files_of_tests_report_no_failures(file: str) -> None:
    if LIB_TESTS is None:
        pytest.skip("no nixpkgs")
    options = Options(allow=("/",), project=False)
    evaluation = Evaluation(options, str(NIXPKGS), write_message=lambda _: None, cache=CACHE)
    assert evaluation.read(str(LIB_TESTS / file), format_named("json-compact").write).strip() == "[]"


def test_the_unit_tests_of_paths_pass() -> None:
    if LIB_TESTS is None:
        pytest.skip("no nixpkgs")
    options = Options(allow=("/",), project=False, arguments=(("libpath", str(LIB_TESTS.parent)),))
    evaluation = Evaluation(options, str(NIXPKGS), write_message=lambda _: None, cache=CACHE)
    assert (
        evaluation.read(str(LIB_TESTS.parent / "path" / "tests" / "unit.nix"), format_named("nix").write).strip()
        == "null"
    )


@pytest.mark.parametrize("script", ["debug.sh", "filesystem.sh", "network.sh"])
def test_a_script_of_tests_passes(script: str) -> None:
    """A script of nixpkgs' that calls nix-instantiate. (sources.sh and fileset/tests.sh list what Nix put into its store.)"""
    if LIB_TESTS is None:
        pytest.skip("no nixpkgs")
    path = f"{STAND_IN_FOLDER}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHON": sys.executable, "TEST_LIB": str(LIB_TESTS.parent)}
    done = subprocess.run(
        ["bash", str(LIB_TESTS / script)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
