"""The costs of an evaluation, counted instead of timed: modules loaded, thunks made, Python functions called, bytecode compiled.

The bounds are what was counted with Python 3.11 and 3.13, and a tenth more. Whoever makes something cheaper lowers them.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import nixbridge
from nixbridge.cli import evaluate
from nixbridge.cli.declaration import read_command_line
from nixbridge.language.builtins import versions
from nixbridge.language.compiler import compile as compiling
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.compiler.compile import FileCompiler
from nixbridge.language.compiler.frame import Mode
from nixbridge.language.evaluation.globals import global_names
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.language.syntax.parser import parse
from nixbridge.mesh.service_mesh import service_mesh_prelude
from nixbridge.source import Source
from nixbridge.tools import inputs
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden import case_check
from nixbridge.tools.golden.check_run import check_chunk
from nixbridge.tools.golden.pairs import Case
from tests.benchmarks import workloads

COMMAND = Path(nixbridge.__file__).parent / "cli" / "command.py"

#: What must not be loaded: each costs more than evaluating a small file.
HEAVY = {
    *("click", "lark", "yaml", "re", "typing", "dataclasses", "ast", "json", "enum", "functools", "collections"),
    *("hashlib", "inspect", "pathlib", "subprocess", "tempfile", "traceback", "importlib.util", "importlib.metadata"),
}
#: What a file that is compiled already has no use for.
COMPILING = ("nixbridge.language.syntax", "nixbridge.language.compiler.compile", "nixbridge.language.compiler.emit")


def modules_of_a_run(file: Path, cache: Path, *words: str) -> set[str]:
    """The modules that a command, `eval` if no other is given, loads for a file, beside those that Python loads anyway."""
    environment = {"XDG_CACHE_HOME": str(cache), "PATH": os.environ["PATH"], "PYTHONPATH": str(COMMAND.parents[2])}

    def loaded(*arguments: str) -> set[str]:
        command = [sys.executable, "-X", "importtime", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment)
        return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}

    return loaded(str(COMMAND), *(words or ("eval",)), str(file)) - loaded("-c", "pass")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """The modules of a first run and of a second one."""
    folder = tmp_path_factory.mktemp("costs")
    file = folder / "small.nix"
    file.write_text(workloads.SMALL)
    return modules_of_a_run(file, folder / "cache"), modules_of_a_run(file, folder / "cache")


def test_a_warm_run_loads_nothing_heavy(runs: tuple[set[str], set[str]]) -> None:
    warm = runs[1]
    assert "nixbridge.tools.inputs" in warm
    assert not warm & HEAVY
    assert not {name for name in warm if name.startswith(COMPILING)}
    # who uses no derivations and copies no files does not pay for a store
    assert not {name for name in warm if name.startswith("nixbridge.language.store")}
    assert len(warm) <= 73


def test_a_cold_run_loads_neither_lark_nor_click(runs: tuple[set[str], set[str]]) -> None:
    cold = runs[0]
    assert "nixbridge.language.compiler.compile" in cold
    assert not cold & {"click", "lark", "yaml", "typing", "dataclasses", "inspect"}


@pytest.mark.parametrize("command", ["eval -f yaml -A hosts", "check", "lint", "render", "graph"])
def test_a_command_spelled_out_needs_neither_click_nor_yaml(command: str, tmp_path: Path) -> None:
    file = tmp_path / "api.nix"
    ports = '[ { number = 443; name = "https"; protocol = "HTTPS"; } ]'
    file.write_text(f'mkServiceEntry "api" {{ hosts = [ "*.example.org" ]; ports = {ports}; resolution = "NONE"; }}')
    file.with_suffix(".json").write_text(json.dumps(nixbridge.evaluate_file(file)))
    assert not modules_of_a_run(file, tmp_path, *command.split()) & {"click", "lark", "yaml"}


@pytest.mark.parametrize(("files", "collects"), [(["a.nix"], False), (["a.nix", "b.nix"], True)])
def test_what_is_evaluated_last_is_not_searched_for_garbage(
    files: list[str], collects: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    monkeypatch.setattr(evaluate, "run_command", lambda work, **_: work())
    monkeypatch.setattr(evaluate, "evaluate_files", lambda *_, **__: found.append(gc.isenabled()))
    called = read_command_line(evaluate.COMMAND, files)
    assert called is not None
    try:
        evaluate.run(**called[1])
    finally:
        gc.enable()
    assert found == [collects]


#: The workloads of the benchmark in a size that can be counted: what is replaced, then thunks, calls when it
#: is compiled already, calls when it is not, and bytes of code, at most.
COSTS: dict[str, tuple[dict[str, str], int, int, int, int]] = {
    "fib 24": ({"fib 24": "fib 10"}, 5, 328, 1320, 876),
    "fold, map, filter over 300,000": ({"300000": "1000"}, 7, 4061, 5623, 1558),
    "20,000 rec sets with // and interpolation": ({"20000": "200"}, 5, 3909, 5404, 1397),
    "20,000 strings through split, match, replaceStrings": ({"20000": "200"}, 1324, 11710, 14251, 2627),
    "recursion 9,000 deep": ({"9000": "500"}, 5, 684, 1437, 585),
    "sort of 100,000": ({"100000": "2000", "50000": "1000", "99999": "1999"}, 2210, 9028, 11553, 3224),
    "graph of 5,000 through genericClosure": ({"5000": "200"}, 6, 3262, 6541, 3520),
    "5 MB through toJSON and fromJSON": ({"28000": "200"}, 229, 5964, 8711, 2710),
    "nested with": ({"60000": "300"}, 5, 1160, 2585, 1041),
    "a 500-service configuration": ({" 500;": " 20;"}, 483, 6360, 17909, 11647),
    "20,000 words escaped, cut and joined": ({"20000": "200"}, 452, 7148, 10386, 2819),
    "graph of 5,000 with names as keys": ({"5000": "200"}, 6, 6161, 9272, 2974),
    "strings by characters": ({"1200": "12"}, 696, 7966, 13109, 4821),
    "lists cut into chunks, and without repetitions": ({"4000": "200"}, 1044, 5729, 10856, 5159),
    "statistics of 20,000 samples, with floats": ({"20000": "200"}, 888, 7320, 12184, 5566),
    "2,500 nested sets merged, by computed names": ({"2500": "25"}, 555, 5535, 10117, 3947),
    "an interpreter of small programs": ({"6000": "60"}, 2116, 8511, 13889, 5443),
    "states with lists as keys": (
        {"a <= 50 && s.b <= 70": "a <= 5 && s.b <= 7", "a = 50;": "a = 5;", "b = 70;": "b = 7;"},
        297,
        4862,
        10843,
        6416,
    ),
    "3,000 versions matched and sorted": ({"3000": "30"}, 73, 3231, 5682, 2066),
    "8,000 records to JSON and back": ({"8000": "80"}, 361, 4840, 8227, 3472),
    "with of an argument": ({"12000": "120"}, 665, 4813, 8673, 4207),
    "a binary tree of sets": ({" 4000": " 100"}, 1287, 6535, 10809, 4123),
    "with of a library of functions": ({"20000": "200"}, 664, 5706, 8612, 2094),
}


def counted(text: str) -> tuple[int, int]:
    """How many thunks are made and how many Python functions are called."""
    calls: Counter[CodeType] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            calls[frame.f_code] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        nixbridge.evaluate(text)
    finally:
        sys.setprofile(before)
    return calls[Thunk.__init__.__code__], calls.total()


def bytes_of(code: CodeType) -> int:
    """The bytecode of a function and of those inside it."""
    return len(code.co_code) + sum(bytes_of(inner) for inner in code.co_consts if isinstance(inner, CodeType))


@pytest.mark.parametrize("name", COSTS)
def test_workloads_stay_within_their_costs(name: str) -> None:
    smaller, *most = COSTS[name]
    text = workloads.EVALUATION[name]
    for large, small in smaller.items():
        assert large in text
        text = text.replace(large, small)
    nixbridge.evaluate(text)  # modules are loaded, names resolved
    CodeCache.forget_recent()
    cold = counted(text)[1]
    thunks, warm = counted(text)
    source = Source(text)
    code = bytes_of(FileCompiler(parse(source), source, global_names(service_mesh_prelude()), Mode()).file()[0])
    found = (thunks, warm, cold, code)
    assert [count <= bound for count, bound in zip(found, most, strict=True)] == [True] * 4, found


def test_files_that_are_checked_share_what_their_folder_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()
    for module, name in ((os, "lstat"), (inputs, "project_root"), (case_check, "to_document")):
        monkeypatch.setattr(module, name, counted_calls(getattr(module, name), name, calls))
    cases = [(number, Case(str(tmp_path / f"{number}.nix"), str(tmp_path / f"{number}.json"))) for number in range(20)]
    for number, case in cases:
        Path(case.source).write_text(f"[ {number} ]")
        Path(case.golden or "").write_text(f"[\n  {number}\n]\n")
    outcomes = [outcome.status for _, found, _ in check_chunk(cases, Options(cache=False), None) for outcome in found]
    assert outcomes == ["passed"] * 20
    # of the links on the way to an allowed folder, and of the two files, nothing is kept: they may change at any time
    depth = len(tmp_path.parts)
    assert calls["lstat"] <= 20 * (2 * depth + 2) + 50
    assert (calls["project_root"], calls["to_document"]) == (1, 0)


def counted_calls(function: Callable[..., Any], name: str, calls: Counter[str]) -> Callable[..., Any]:
    """The function, its calls counted."""

    def counting(*arguments: Any, **named: Any) -> Any:
        calls[name] += 1
        return function(*arguments, **named)

    return counting


def test_a_submodule_costs_few_thunks_and_calls() -> None:
    found = []
    for submodules in (10, 40):
        text = workloads.MODULES.replace("  lib = import <nixpkgs/lib>;\n", "").replace("1 40", f"1 {submodules}")
        nixbridge.evaluate(text)
        found.append(counted(text))
    thunks, calls = ((after - before) / 30 for before, after in zip(*found, strict=True))
    # seven options, each with its value
    assert thunks <= 384 and calls <= 3407, (thunks, calls)


def generated_module(count: int) -> str:
    """A module as generators write them, and a look at each of its options."""
    options = "".join(
        f"    set{number} = {{\n"
        + "".join(
            f"      field{index} = mkOption {{\n        type = types.nullOr types.{kind};\n        default = null;\n"
            f'        description = "The {kind} number {number * 3 + index}";\n      }};\n'
            for index, kind in enumerate(("str", "int", "bool"))
        )
        + "    };\n"
        for number in range(count)
    )
    return (
        "let mkOption = x: x; types = { str = 1; int = 2; bool = 3; nullOr = x: [ x ]; };\n  options = {\n"
        f"{options}  }};\nin map (set: map (option: builtins.stringLength option.description) (builtins.attrValues set))"
        " (builtins.attrValues options)\n"
    )


def test_an_option_of_a_generated_module_costs_no_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: Counter[str] = Counter()
    compile_tree = compiling.compiled

    def counting(*arguments: Any) -> CodeType:
        compiled["all"] += 1
        return compile_tree(*arguments)

    monkeypatch.setattr(compiling, "compiled", counting)
    found = []
    for count in (100, 200):
        compiled.clear()
        CodeCache.forget_recent()
        text = generated_module(count)
        cold = counted(text)[1]
        found.append((compiled["all"], cold, counted(text)[1]))
    more = [after - before for before, after in zip(*found, strict=True)]
    # 100 sets of 3 options more: the same code, and so many calls for each option, cold and warm
    code, cold, warm = more
    assert code == 0, found
    assert cold <= 100 * 300 and warm <= 33 * 300, found


def test_versions_are_kept_for_the_next_comparison_but_no_long_ones() -> None:
    long = "1." * versions.LONGEST_KEPT
    assert nixbridge.evaluate(f'builtins.compareVersions "{long}" "1.2-kept"') == -1
    assert "1.2-kept" in versions._KEPT
    assert long not in versions._KEPT
