"""Measures nixbridge beside its peers and prints the table of the README: `python -m tests.benchmarks [--runs N]`."""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks import workloads
from tests.benchmarks.module_tree import size_of, write_definitions, write_module_tree
from tests.benchmarks.peers import commands, environments, nixbridge_command, versions
from tests.benchmarks.process import Run, interleaved, measure, median_cpu, median_wall, peak_memory
from tests.long_texts import LONG
from tests.real_nix import real_nix

LIMIT = 120.0
#: The evaluators that are nixbridge, each with a column of ratios to Nix.
PYTHONS = ("nixbridge", "distribution")


class Bench:
    """One run of all measurements, in a folder of its own with a cache of its own."""

    def __init__(self, folder: Path, runs: int) -> None:
        self.folder = folder
        self.runs = runs
        self.cache = folder / "cache"
        self.lines: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return the environment of nixbridge: its cache is this run's."""
        return environments(str(self.cache))["nixbridge"]

    def file(self, name: str, text: str) -> str:
        """Write an input; return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def compare(self, name: str, text: str, *, cold: bool = False) -> dict[str, list[Run]]:
        """Measure every evaluator on one expression."""
        return self.compare_file(name, self.file("input.nix", f"{{ result =\n{text}\n; }}\n"), cold=cold)

    def compare_file(
        self, name: str, file: str, options: tuple[str, ...] = (), *, cold: bool = False
    ) -> dict[str, list[Run]]:
        """Measure every evaluator on the attribute `result` of a file; all that succeed must agree."""
        without_cache = ("--no-cache",) if cold else ()
        wanted = {
            peer: [*command[:-1], *(without_cache if peer in PYTHONS else ()), command[-1]]
            for peer, command in commands(file, options).items()
        }
        results = interleaved(wanted, self.runs, environments=environments(str(self.cache)), limit=LIMIT)
        answers = {peer: json.loads(runs[0].output) for peer, runs in results.items() if runs[0].status == 0}
        first = answers["nixbridge"]
        for peer, answer in answers.items():
            assert answer == first, f"{name}: {peer} gives another answer"
        return results

    def row(self, name: str, results: dict[str, list[Run]]) -> dict[str, float | None]:
        """Add a row of medians of processor time; return the ratios to Nix."""
        times = {peer: median_cpu(runs) for peer, runs in results.items()}
        own, nix = times["nixbridge"], times.get("Nix")
        assert own is not None, f"{name}: nixbridge failed"
        ratios = {peer: time / nix if time and nix else None for peer, time in times.items() if peer in PYTHONS}
        cells = [name, f"{own * 1000:.0f}", f"{nix * 1000:.0f}" if nix else "-"]
        cells += [f"{ratio:.2f}" if ratio else "-" for ratio in (ratios.get(peer) for peer in PYTHONS)]
        self.lines.append(f"| {' | '.join(cells)} |")
        return ratios


def geometric_mean(ratios: list[float]) -> float:
    """Return the geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def evaluation(bench: Bench) -> None:
    """Add the rows of single processes, warm with an option as people type it, and their means; then what is cold or large."""
    rows = {"a small file": bench.compare("small", workloads.SMALL)}
    found: dict[str, list[float]] = {peer: [] for peer in PYTHONS}
    for name, text in workloads.EVALUATION.items():
        rows[name] = bench.compare(name, text)
    for name, results in rows.items():
        for peer, ratio in bench.row(name, results).items():
            if ratio is not None:
                found[peer].append(ratio)
    means = [f"**{geometric_mean(found[peer]):.2f}**" if found[peer] else "-" for peer in PYTHONS]
    bench.lines.append(f"| **geometric mean of these** | | | {' | '.join(means)} |")
    bench.row("a small file, no cache", bench.compare("small", workloads.SMALL, cold=True))
    bench.row("10,000 lines of data, no cache", bench.compare("literal", workloads.literal(), cold=True))
    modules(bench)


def modules(bench: Bench) -> None:
    """Add the rows of the module system with nixpkgs' own lib, where NIXBRIDGE_NIXPKGS names one."""
    nixpkgs = os.environ.get("NIXBRIDGE_NIXPKGS")
    if nixpkgs is None:
        return
    options = ("-I", f"nixpkgs={nixpkgs}")
    small = bench.file("modules.nix", workloads.MODULES)
    tree = bench.folder / "tree"
    tree.mkdir()
    large = str(write_module_tree(tree))
    for name, file in (("evalModules, 40 submodules", small), (f"generated modules, {size_of(tree):.1f} MB", large)):
        bench.row(f"{name}, warm", bench.compare_file(name, file, options))
        bench.row(f"{name}, no cache", bench.compare_file(name, file, options, cold=True))
    definitions = bench.folder / "definitions"
    definitions.mkdir()
    looked_at, resources = map(str, write_definitions(definitions))
    size = f"{size_of(definitions):.1f} MB"
    bench.row(f"all options of one module of {size}, warm", bench.compare_file("options", looked_at, options))
    bench.row(
        f"all options of one module of {size}, no cache", bench.compare_file("options", looked_at, options, cold=True)
    )
    bench.row("resources of 10,000 options of it, warm", bench.compare_file("resources", resources, options))


def growth(bench: Bench) -> None:
    """How time and memory grow from 500 to 4,000 services, and the peak beside Nix."""
    results = {count: bench.compare(f"{count}", workloads.services(count)) for count in (500, 4000)}
    empty = [*nixbridge_command(), "eval", bench.file("empty.nix", "1")]
    started = interleaved({"nixbridge": empty}, bench.runs, environments={"nixbridge": bench.environment()})
    floor_time = median_wall(started["nixbridge"])
    assert floor_time is not None
    floor_memory = peak_memory(empty, bench.environment())
    times, memories = [], []
    for count in (500, 4000):
        time = median_wall(results[count]["nixbridge"])
        assert time is not None
        times.append(time - floor_time)
        file = bench.file(f"services{count}.nix", f"{{ result = {workloads.services(count)}; }}")
        memories.append(peak_memory([*nixbridge_command(), "eval", file], bench.environment()))
    exponents = [
        math.log(times[1] / times[0]) / math.log(8),
        math.log((memories[1] - floor_memory) / (memories[0] - floor_memory)) / math.log(8),
    ]
    peers = commands(str(bench.folder / "services4000.nix"))
    nix = peak_memory(peers["Nix"]) if "Nix" in peers else None
    bench.row("a 4,000-service configuration", results[4000])
    beside = f"; Nix {nix:.0f} MiB, ratio {memories[1] / nix:.2f}" if nix else ""
    bench.lines.append("")
    bench.lines.append(
        f"From 500 to 4,000 services time grows with exponent {exponents[0]:.2f}, memory above start-up with {exponents[1]:.2f}. "
        f"Peak memory at 4,000: {memories[1]:.0f} MiB{beside}."
    )


#: Files for `check`: what they are -> the text of each.
CHECKED: dict[str, Callable[[int], str]] = {
    "of one pattern": workloads.configuration,
    "no two alike": workloads.unlike_configuration,
}


def golden(bench: Bench, count: int = 1000) -> None:
    """`check` of many files: cold, warm, unchanged, compared with one Nix process per file and one for all."""
    rows: dict[str, list[str]] = {}
    for name, text in CHECKED.items():
        folder = bench.folder / name.replace(" ", "-")
        folder.mkdir()
        for number in range(count):
            (folder / f"c{number:04}.nix").write_text(text(number), encoding="utf-8")
        for row, seconds in seconds_of_checks(bench, folder, count).items():
            rows.setdefault(row, []).append(f"{seconds:.2f} | {count / seconds:,.0f}")
    heads = " | ".join(f"{name}: seconds | files a second" for name in CHECKED)
    bench.lines += ["", f"| check of {count} files | {heads} |", f"| --- |{' --- |' * 2 * len(CHECKED)}"]
    bench.lines += [f"| {row} | {' | '.join(cells)} |" for row, cells in rows.items()]


def seconds_of_checks(bench: Bench, folder: Path, count: int) -> dict[str, float]:
    """Return the seconds of each kind of check of a folder, and of Nix."""
    check = [*nixbridge_command(), "check", str(folder)]
    made = measure([*check, "--missing", "--update"], environment=bench.environment(), limit=300)
    assert made.status == 0, made.output[-2000:]
    shutil.rmtree(bench.cache, ignore_errors=True)
    cold = measure(check, environment=bench.environment(), limit=300)
    # with another option every file is evaluated again, with the compiled files of before
    warm = measure([*check, "--system", "x86_64-linux"], environment=bench.environment(), limit=300)
    unchanged = measure(check, environment=bench.environment(), limit=300)
    assert cold.status == warm.status == unchanged.status == 0
    rows = {"cold": cold.wall, "compiled before": warm.wall, "unchanged": unchanged.wall}
    nix = real_nix()
    if nix is not None:
        files = [str(folder / f"c{number:04}.nix") for number in range(count)]
        sample = [measure([nix, "--eval", "--strict", "--json", file]).wall for file in files[:40]]
        rows["a Nix process a file (40 measured)"] = sum(sample) / len(sample) * count
        rows["one Nix process for all"] = measure([nix, "--eval", "--strict", "--json", *files], limit=300).wall
    return rows


def lengths(bench: Bench) -> None:
    """Measure how the time above start-up grows with the length of a text that is evaluated without a cache."""
    small, large = workloads.LENGTHS
    heads = ("texts of length n, no cache", f"n = {small:,}", f"n = {large:,}", "exponent", f"Nix, n = {large:,}")
    bench.lines += ["", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    start = median_cpu(bench.compare("1", "1", cold=True)["nixbridge"])
    for name in workloads.LONG_TEXTS:
        results = {size: bench.compare(name, LONG[name](size), cold=True) for size in workloads.LENGTHS}
        times = [median_cpu(runs["nixbridge"]) for runs in results.values()]
        assert start is not None and None not in times, f"{name}: nixbridge failed"
        above = [(time or 0) - start for time in times]
        exponent = math.log(above[1] / above[0]) / math.log(large / small)
        nix = median_cpu(results[large].get("Nix", []))
        cells = [name, *(f"{time * 1000:.0f}" for time in times if time), f"{exponent:.2f}"]
        bench.lines.append(f"| {' | '.join([*cells, f'{nix * 1000:.0f}' if nix else '-'])} |")


def library(bench: Bench) -> None:
    """Measure a small file that uses lib, and the same with the real lib where NIXBRIDGE_NIXPKGS names a nixpkgs.

    The real one is named by an option, which is another start than a bare FILE: it is compared with a run that has an option as well.
    """
    real = os.environ.get("NIXBRIDGE_NIXPKGS")
    heads = ["a small file, warm cache, that uses", "built-in lib, ms", "ratio to no lib"]
    heads += ["with an option, ms", "nixpkgs' lib (--lib), ms", "built-in to nixpkgs'"] if real else []
    bench.lines += ["", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    without = None
    for name, text in workloads.LIBRARY.items():
        file = bench.file("library.nix", text)
        wanted = {"built-in": [*nixbridge_command(), "eval", file]}
        if real:
            wanted["option"] = [*nixbridge_command(), "eval", "--allow", str(bench.folder), file]
            wanted["nixpkgs"] = [*nixbridge_command(), "eval", "--lib", os.path.join(real, "lib"), file]
        environments = {peer: bench.environment() for peer in wanted}
        results = interleaved(wanted, bench.runs, environments=environments, limit=LIMIT)
        times = {peer: median_wall(runs) for peer, runs in results.items()}
        own, option, nixpkgs = times["built-in"], times.get("option"), times.get("nixpkgs")
        assert own is not None, f"{name}: nixbridge failed"
        without = without or own
        cells = [name, f"{own * 1000:.0f}", f"{own / without:.2f}"]
        if option and nixpkgs:
            cells += [f"{option * 1000:.0f}", f"{nixpkgs * 1000:.0f}", f"{option / nixpkgs:.2f}"]
        bench.lines.append(f"| {' | '.join(cells)} |")


def limits(bench: Bench) -> None:
    """Measure what --untrusted costs, in processor time, since the difference is small. Both commands have an option."""
    bench.lines += ["", "| ms of processor time | without limits | --untrusted | ratio |", "| --- | --- | --- | --- |"]
    for name in workloads.LIMITED:
        file = bench.file("limited.nix", workloads.EVALUATION[name])
        ways = {"without": [*nixbridge_command(), "eval", "--cache", file]}
        ways["untrusted"] = [*nixbridge_command(), "eval", "--untrusted", file]
        results = interleaved(ways, bench.runs, environments=dict.fromkeys(ways, bench.environment()), limit=LIMIT)
        without, untrusted = (median([run.cpu for run in results[way]]) for way in ways)
        cells = [name, f"{without * 1000:.0f}", f"{untrusted * 1000:.0f}", f"{untrusted / without:.2f}"]
        bench.lines.append(f"| {' | '.join(cells)} |")


def main() -> None:
    """Runs everything and prints Markdown."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    options.add_argument("--runs", type=int, default=5)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), runs)
        bench.lines += [
            f"{datetime.date.today()}, {versions()}; medians of {runs} whole processes, in ms of processor time, and ratios to Nix.",
            "",
            "| `eval --compact -A result FILE` | nixbridge | Nix | ratio | ratio, distribution's CPython |",
            "| --- | --- | --- | --- | --- |",
        ]
        evaluation(bench)
        growth(bench)
        lengths(bench)
        library(bench)
        limits(bench)
        golden(bench)
        print("\n".join(bench.lines))


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
