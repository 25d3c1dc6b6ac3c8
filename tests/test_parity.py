"""`check --parity`: nixbridge compared with a real Nix, and with a fake Nix that gives prepared answers."""

from __future__ import annotations

import json
import sys

import pytest

from tests.golden_folder import Folder
from tests.real_nix import real_nix

NIX = real_nix()
needs_nix = pytest.mark.skipif(
    NIX is None, reason="no real Nix was found: set NIXBRIDGE_NIX or put nix-instantiate on the PATH"
)

#: A module of the shape of Nixernetes' own, where it lies in a checkout; mkTrafficPolicy has another timeout than upstream's.
MODULE = """{ lib }:
let
  inherit (lib) mkOption types;
in
{
  mkPeerAuthentication = name: config:
    let
      cfg = {
        inherit name;
        namespace = config.namespace or "default";
        mtlsMode = config.mtlsMode or "STRICT";
        portLevelMtls = config.portLevelMtls or { };
        selector = config.selector or { };
        labels = config.labels or { };
      };
    in
    cfg;
  mkTrafficPolicy = name: config: mkOption;
  calculateSidecarOverhead = cpu: memory: {
    cpuOverhead = cpu;
    memoryOverhead = memory;
    estimatedLatencyMs = 6;
    estimatedThroughputImpact = "< 5%";
  };
}
"""
CHECKOUT = "../nixernetes/src/lib/service-mesh.nix"

#: Files -> what `--parity` says of them.
BESIDE_NIX: dict[str, tuple[dict[str, str], str]] = {
    "values, golden files or not": ({"a.nix": "{ a = [ 1 2.5 null ]; }", "deep/b.nix": "import ../a.nix", "a.json": "5"}, "2 passed"),
    "errors that say the same": (
        {"a.nix": 'throw "no host"', "b.nix": "{ a = 1; }.b", "c.nix": "let x = ; in x", "d.nix": "x: x", "e.nix": "y"},
        "5 passed",
    ),
    "functions that are called with what they ask for": (
        {"a.nix": '{ port ? 80, name, ... }: "${name}:${toString port}"', "b.nix": "# nixbridge: arg n=2\n{ n, name }: [ n name ]"},
        "2 passed",
    ),
    "a search path": ({"a.nix": "import <shared/x.nix>", "common/x.nix": "5"}, "2 passed"),
    "the service-mesh functions": (
        {
            "a.nix": 'mkPeerAuthentication "a" { mtlsMode = "PERMISSIVE"; }',
            "b.nix": '{ serviceMesh, ... }: serviceMesh.mkPeerAuthentication "b" { }',
            "c.nix": 'let m = import ./service-mesh.nix { inherit lib; }; in m.mkPeerAuthentication "c" { }',
            "d.nix": "{ d = import ./a.nix; e = nixernetes.serviceMesh.mkPeerAuthentication; }.d",
        },
        "4 passed",
    ),
    "blocks of Markdown": (
        {"r.md": '```nix\nmkPeerAuthentication "a" { }\n```\n<!-- nixbridge: arg n=2 -->\n```nix\nn + import ./one.nix\n```\n'
                 "<!-- nixbridge: skip -->\n```nix\n...\n```\n", "one.nix": "1"},
        "1 skipped, 3 passed",
    ),
    "one that is left out": ({"a.nix": "# nixbridge: skip\nbuiltins.currentTime", "b.nix": "1"}, "1 skipped, 1 passed"),
    "another value": (
        {"a.nix": 'calculateSidecarOverhead "1" "2"'},
        "DIFFERENT  a.nix\n  the values differ (golden: Nix, now: nixbridge)\n"
        "  estimatedLatencyMs: golden 6, now 5\n1 different, 0 passed",
    ),
    "what only Nix can": (
        {"a.nix": "[ (builtins.isInt builtins.currentTime) ]"},
        "DIFFERENT  a.nix\n  nixbridge fails, but Nix does not\n  Nix: [true]\n  nixbridge: builtins.currentTime is refused: "
        "the value of an expression does not depend on the clock",
    ),
    "what only nixbridge can": (
        {"a.nix": 'mkTrafficPolicy "a" { }'},
        "DIFFERENT  a.nix\n  Nix fails, but nixbridge does not\n"
        "  Nix: the Nix side has no nixpkgs: name one with -I nixpkgs=DIR\n  nixbridge: {",
    ),
}  # fmt: skip


@needs_nix
@pytest.mark.parametrize("name", BESIDE_NIX)
def test_both_sides_are_compared(name: str, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, said = BESIDE_NIX[name]
    monkeypatch.delenv("NIX_PATH", raising=False)
    folder.write({**texts, CHECKOUT: MODULE})
    arguments = ["--nix", str(NIX), "--nixernetes", "../nixernetes", "--argstr", "name", "web", "-I", "shared=common"]
    status, told = folder.check("--parity", *arguments)
    assert told.startswith(said) if "\n" in said else told.splitlines()[-1] == said
    assert status == (1 if "DIFFERENT" in told or "ERROR" in told else 0)


@needs_nix
def test_without_a_checkout_only_nixbridge_has_the_service_mesh_functions(folder: Folder) -> None:
    folder.write({"a.nix": 'mkPeerAuthentication "a" { }'})
    status, told = folder.check("--parity", "--nix", str(NIX))
    assert status == 1
    assert told.splitlines()[1:3] == [
        "  Nix fails, but nixbridge does not",
        "  Nix: undefined variable 'mkPeerAuthentication'",
    ]
    assert told.splitlines()[-2] == "  help: --nixernetes DIR gives Nix the service-mesh functions"


#: What our own Nix answers: its exit status, its standard output and error -> what is said of a file that is `{ a = 1; }`.
ANSWERS = {
    "the same": (0, '{"a":1}', "", "1 passed"),
    "a float": (
        0,
        '{"a":1.0}',
        "",
        "DIFFERENT  a.nix\n  the values differ (golden: Nix, now: nixbridge)\n  a: golden 1.0, now 1\n1 different, 0 passed",
    ),
    "no JSON": (0, "x", "", "DIFFERENT  a.nix\n  Nix fails, but nixbridge does not\n  Nix: {nix} printed no JSON\n"
                            '  nixbridge: {"a": 1}\n1 different, 0 passed'),
    "an error": (
        1,
        "",
        '@nix {"action":"msg","level":3,"msg":"trace"}\n@nix {"action":"msg","level":0,"raw_msg":"\\u001b[31mx\\u001b[0m y"}\n',
        'DIFFERENT  a.nix\n  Nix fails, but nixbridge does not\n  Nix: x y\n  nixbridge: {"a": 1}\n1 different, 0 passed',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_of_nix_are_parsed(name: str, folder: Folder) -> None:
    status, output, errors, said = ANSWERS[name]
    nix = folder.path.parent / "nix"
    program = f"import sys; sys.stdout.write({output!r}); sys.stderr.write({errors!r}); sys.exit({status})"
    nix.write_text(f"#!{sys.executable}\n{program}\n")
    nix.chmod(0o755)
    folder.write({"a.nix": "{ a = 1; }"})
    told = folder.check("--parity", "--nix", str(nix))
    assert told == (0 if name == "the same" else 1, said.replace("{nix}", str(nix)))


def test_many_files_are_compared_concurrently(folder: Folder) -> None:
    nix = folder.path.parent / "nix"
    # each waits until another one runs as well
    program = (
        "import json, os, sys, time; open(f'running.{os.getpid()}', 'w').close()\n"
        "limit = time.monotonic() + 20\n"
        "while sum(name.startswith('running') for name in os.listdir()) < 2 and time.monotonic() < limit: time.sleep(0.01)\n"
        "print(1 if time.monotonic() < limit else 2)"
    )
    nix.write_text(f"#!{sys.executable}\n{program}\n")
    nix.chmod(0o755)
    folder.write({"a.nix": "1", "b.nix": "1"})
    assert folder.check("--parity", "--nix", str(nix), "-j", "2") == (0, "2 passed")


def test_the_time_limit_applies_to_each_file(folder: Folder) -> None:
    nix = folder.path.parent / "nix"
    nix.write_text(f"#!{sys.executable}\nprint(1)\n")
    nix.chmod(0o755)
    endless = "builtins.genericClosure { startSet = [ { key = 0; } ]; operator = node: [ { key = node.key + 1; } ]; }"
    folder.write({"a.nix": endless, "b.nix": "1"})
    status, told = folder.check("--parity", "--nix", str(nix), "--timeout", "2")
    assert (status, told.splitlines()[-1]) == (1, "1 different, 1 passed")
    assert "the time limit of 2 s was reached" in told


#: Arguments that make no sense -> what is said; the exit status is 2.
NONSENSE = [
    (["--parity", "--nix", "no-such-nix"], "error: no real Nix was found: the command 'no-such-nix' does not exist"),
    (["--parity", "--nix", sys.executable, "--nixernetes", "."], "error: no service-mesh.nix in .: it is not a checkout of Nixernetes"),
    (["--parity", "--nix", sys.executable, "empty"], "error: no Nix files found in empty"),
    (["--parity", "--update"], "error: --update is about golden files, which --parity does not look at"),
    (["--nix", sys.executable], "error: --nix is for --parity"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), NONSENSE)
def test_invalid_options_are_rejected(arguments: list[str], said: str, folder: Folder) -> None:
    folder.write({"a.nix": "1", "a.json": json.dumps(1), "empty/x": ""})
    status, told = folder.check(*arguments)
    assert (status, told.splitlines()[0]) == (2, said)
