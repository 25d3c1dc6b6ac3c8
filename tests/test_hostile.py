"""Files that mean harm end in an `error:` within the limits; reasonable ones give their values. Each in a separate process.

A case of fixtures/hostile/cases.jsonl has `expr`, or `make`: a Python expression that gives a large text. `json` is the value;
`error_matches` must match the message; `ok` means any value; `or_any` (or `or_json`) that a value is right as well.
`files`, `made` (by a Python expression), `links`, `fifo` and `socket` are created next to it; `argument` is evaluated instead, such as a
flake; `noisy` means that it may say more than a message, by trace.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

import nixbridge
from tests import command
from tests.cases import rows

#: Limits of the operating system, beyond what --untrusted allows: whoever reaches them dies by a signal, and the test fails.
LIMITS = ((resource.RLIMIT_CPU, 20), (resource.RLIMIT_AS, 3 * 1024**3))
#: Seconds for what may be ended by --timeout. What must end by itself, or give its value, is bounded by processor time alone: a machine
#: that is busy with something else must not fail it.
TIMEOUT, PATIENT = "0.5", "300"


def run(case: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Evaluates a case as an untrusted file."""
    text = case["expr"] if "expr" in case else eval(case["make"]) if "make" in case else ""
    (folder / "input.nix").write_text(text, encoding="utf-8")
    for name, expression in case.get("made", {}).items():
        (folder / name).write_text(eval(expression), encoding="utf-8")
    for name, content in case.get("files", {}).items():
        (folder / name).write_text(content, encoding="utf-8")
    for name, target in case.get("links", {}).items():
        (folder / name).symlink_to(target)
    if "fifo" in case:
        os.mkfifo(folder / case["fifo"])
    if "socket" in case:
        with contextlib.chdir(folder), socket.socket(socket.AF_UNIX) as server:
            server.bind(case["socket"])  # its whole path may be too long for a socket
    may_be_stopped = "time" in case.get("error_matches", "")
    arguments = ["--timeout", TIMEOUT if may_be_stopped else PATIENT, case.get("argument", "input.nix")]
    return command.run(
        "eval", "--untrusted", "--no-cache", "--compact", *arguments, cwd=folder, limits=LIMITS, timeout=360
    )


@pytest.mark.parametrize("case", [*rows("hostile/cases.jsonl")])
def test_hostile_inputs_end_as_expected(case: dict[str, Any], tmp_path: Path) -> None:
    done = run(case, tmp_path)
    message = done.stderr.decode("utf-8", "replace")
    assert b"Traceback" not in done.stderr and "error: internal" not in message, message[-2000:]
    assert case.get("noisy") or len(done.stderr) <= 64 * 1024
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", message), repr(message[:300])
    if done.returncode == 0:
        if "json" in case or "or_json" in case:
            assert json.loads(done.stdout) == case.get("json", case.get("or_json"))
        else:
            assert case.get("ok") or case.get("or_any"), done.stdout[:200]
    else:
        assert done.returncode == 1 and re.search(r"^error: ", message, re.MULTILINE), (done.returncode, message[:500])
        assert "error_matches" in case, message[:500]
        assert re.search(case["error_matches"], message), message[:500]
        assert done.stdout == b""


#: Ways to what PATH leads to, and ways to PATH itself, which may be a link.
FOLLOWING = (
    "import PATH",
    "import PATH { }",
    "builtins.scopedImport { } PATH",
    "builtins.readFile PATH",
    "builtins.readDir PATH",
    'builtins.pathExists (toString PATH + "/.")',
    'builtins.hashFile "sha256" PATH',
    "builtins.path { path = PATH; }",
    "builtins.filterSource (p: t: true) PATH",
    'builtins.findFile [ { path = PATH; prefix = ""; } ] "x"',
)
NAMING = (
    "PATH",
    '"${PATH}"',
    "builtins.toJSON PATH",
    "builtins.readFileType PATH",
    "builtins.pathExists PATH",
    'builtins.findFile [ { path = dirOf PATH; prefix = ""; } ] (baseNameOf PATH)',
    'builtins.readFile (./. + ("/../" + baseNameOf (dirOf PATH) + "/" + baseNameOf PATH))',
)


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """The allowed folder. Beside it: `outside`, with something of every kind, and `nothing`, which is not there; links lead to both."""
    folder, outside = tmp_path / "inside", tmp_path / "outside"
    for made in (folder, outside, outside / "folder", outside / "closed"):
        made.mkdir()
    (folder / "own").write_text("1")
    (outside / "file").write_text("1")
    (outside / "service-mesh.nix").write_text("{ }: 1")
    (outside / "closed").chmod(0)
    (outside / "link-in").symlink_to(folder / "own")
    for name in os.listdir(outside):
        for place in ("outside", "nothing"):
            (folder / f"{place}-{name}").symlink_to(tmp_path / place / name)
    return folder


def refusal(way: str, path: Path, inside: Path) -> str:
    """Return the message about a path, without the path."""
    with pytest.raises(nixbridge.NixError, match="is refused") as caught:
        nixbridge.evaluate(way.replace("PATH", str(path)), base=inside)
    return caught.value.message.replace(str(path), "PATH").replace(str(path.parent), "FOLDER")


@pytest.mark.parametrize("way", [*FOLLOWING, *NAMING])
def test_a_refusal_does_not_reveal_whether_a_path_exists(way: str, inside: Path) -> None:
    outside = inside.parent / "outside"
    for name in os.listdir(outside):
        assert refusal(way, outside / name, inside) == refusal(way, inside.parent / "nothing" / name, inside)


@pytest.mark.parametrize("way", FOLLOWING)
def test_a_refusal_does_not_reveal_the_target_of_a_link(way: str, inside: Path) -> None:
    for name in os.listdir(inside.parent / "outside"):
        assert refusal(way, inside / f"outside-{name}", inside) == refusal(way, inside / f"nothing-{name}", inside)
