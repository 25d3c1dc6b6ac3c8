"""A text of any depth or length is evaluated in time that is proportional to it, on any stack, and kills nothing."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nixbridge.project.folder_walk import links_in_circles
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.lint.run import Linting
from tests.long_texts import LONG, outcome

ROOT = Path(__file__).resolve().parent.parent
SMALL, LARGE = 400, 2_400
#: What a large text costs may be so many times its share: six is what a square would be. Short runs are noisy.
MOST = 3
#: Constructs that cost little for their length: at a size that once killed Python, or took minutes.
VERY_LONG = [
    "arguments",
    "functions",
    "parentheses",
    "lists in lists",
    "negations",
    "attribute path",
    "selection",
    "has attribute",
    "interpolations",
]


def seconds(text: str) -> float:
    """The processor time that an evaluation takes."""
    started = time.process_time()
    assert outcome(text) == "ok"
    return time.process_time() - started


@pytest.mark.parametrize("construct", LONG)
def test_time_grows_linearly_with_the_text(construct: str) -> None:
    text = LONG[construct]
    seconds(text(SMALL))  # modules are loaded
    # blanks: a text that was evaluated before is not compiled again
    small = min(seconds(text(SMALL) + " "), seconds(text(SMALL) + "  "))
    most = MOST * LARGE / SMALL * small + 0.05
    # once more where the machine had other work
    large = seconds(text(LARGE))
    assert large < most or seconds(text(LARGE) + " ") < most, (small, large)


def test_links_to_folders_take_time_that_is_proportional_to_their_number() -> None:
    def seconds_of(count: int) -> float:
        links = [(f"/top/{one}/link", f"/top/{one}", f"/top/{(one + 1) % count}") for one in range(count)]
        started = time.process_time()
        assert len(links_in_circles(links)) == count
        return time.process_time() - started

    small, large = min(seconds_of(1_000) for _ in range(3)), min(seconds_of(8_000) for _ in range(2))
    assert large < MOST * 8 * small + 0.05, (small, large)


def run_with_small_stack(size: int, *constructs: str) -> dict[str, str]:
    """Return what becomes of each construct in a process with a stack of 1 MiB."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_STACK, (1024**2, resource.getrlimit(resource.RLIMIT_STACK)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    command = [sys.executable, "-m", "tests.long_texts", str(size), *constructs]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, timeout=170, cwd=ROOT, check=False)
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert done.returncode == 0, f"died after {[*lines][-1:]}: {done.stderr[-500:]}"
    return lines


def test_no_text_overflows_a_small_stack() -> None:
    assert run_with_small_stack(1_000) == dict.fromkeys(LONG, "ok")


def test_very_long_texts_are_evaluated_on_a_small_stack() -> None:
    assert run_with_small_stack(20_000, *VERY_LONG) == dict.fromkeys(VERY_LONG, "ok")


GATEWAY = (
    "{{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {{name: g{0}, namespace: d}}, spec: {{selector: {{a: b}}, "
    "servers: [{{port: {{number: 80, name: http, protocol: HTTP}}, hosts: [h{0}.x]}}]}}}}\n---\n"
)


def test_lint_takes_time_that_is_proportional_to_the_gateways(tmp_path: Path) -> None:
    file = tmp_path / "gateways.yaml"

    def seconds_of(count: int) -> float:
        file.write_text("".join(map(GATEWAY.format, range(count))))
        started = time.process_time()
        Linting(Options(cache=False, positions=True), print).lint([str(file)])
        return time.process_time() - started

    seconds_of(1)  # modules are loaded
    small, large = min(seconds_of(20) for _ in range(2)), seconds_of(400)
    assert large < 40 * small, (small, large)
