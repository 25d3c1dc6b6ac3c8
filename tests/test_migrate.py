"""`nixbridge migrate`: the files of a tree that are converted, their places, and the reports."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nixbridge.errors.exceptions import EvalError, NixError, UsageError
from nixbridge.language.formats import yaml
from nixbridge.mesh.model import render_context as context
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.migrate.item import CONVERTED, FAILED, SKIPPED, WARNED
from nixbridge.tools.migrate.layout import REPORT
from nixbridge.tools.migrate.report_pages import code, html, markdown
from tests.command import run_text
from tests.migrations import MESHES, contents, migrate, plan, reason, statuses, write

KUSTOMIZE = next(
    (command for command in (["kustomize", "build"], ["kubectl", "kustomize"]) if shutil.which(command[0])), None
)


# what is converted


def test_the_layout_is_kept(tree: Path) -> None:
    write(tree, {"a.nix": "{ b = 1; a = [ ]; }", "envs/prod.nix": '"on"', "notes.txt": "no Nix", ".hidden.nix": "1"})
    migrate()
    assert contents() == {"a.yaml": "a: []\nb: 1\n", "envs/prod.yaml": '"on"\n'}
    migrate(destination="json", to="json")
    assert json.loads(contents("json")["a.json"]) == {"a": [], "b": 1}


NOT_DOCUMENTS = {
    "imported": ("1", "part of main.nix"),
    "named": ("1", "part of main.nix"),
    "computed": ("1", "part of main.nix"),
    "scoped": ("x", "part of main.nix"),
    "wrong/default": ("{ }.a", "part of main.nix"),
    "module": ("{ lib, ... }: { config = { }; }", "part of main.nix"),
    "function": ("a: a", "a function"),
    "curried": ("{ lib }: a: b: a", "a function"),
    "argument": ("{ region }: region", "--arg region EXPR"),
    "library": ("{ f = a: a; limit = 1; }", "f is a function"),
    "flake": ('{ outputs = { self }: { }; description = throw "no"; }', "a flake"),
}
MAIN = """
{ lib }: {
  imported = import ./imported.nix;
  named = if true then 1 else import ./named.nix;
  computed = map (name: import (./. + "/${name}.nix")) [ "computed" ];
  scoped = scopedImport { x = 1; } ./scoped.nix;
  wrong = builtins.length [ (import ./wrong) ];
  module = (lib.evalModules { modules = [ ./module.nix ]; }).config;
}
"""


def test_parts_and_libraries_are_skipped(tree: Path) -> None:
    write(tree, {"main.nix": MAIN} | {f"{name}.nix": text for name, (text, _) in NOT_DOCUMENTS.items()})
    migration = migrate()
    assert statuses(migration) == {"main.nix": CONVERTED} | {f"{name}.nix": SKIPPED for name in NOT_DOCUMENTS}
    for name, (_, why) in NOT_DOCUMENTS.items():
        assert why in reason(migration, f"{name}.nix")
    assert list(contents()) == ["main.yaml"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{ web = mkVirtualService "web"; }', "web is a function"),
        ('{ web = mkVirtualService "web"; api = mkVirtualService "api" { }; }', "web is a function"),
        ("{ a = 1; b = { c = x: x; }; }", "cannot convert a function"),
        ("{ a = prot; }", "undefined variable 'prot'"),
        ("{ a = ", "syntax error"),
        ("let x = x; in x", "infinite recursion"),
    ],
)
def test_errors_are_failures_with_a_reason(text: str, why: str, tree: Path) -> None:
    write(tree, {"bad.nix": text, "good.nix": "1"})
    migration = migrate()
    assert statuses(migration) == {"bad.nix": FAILED, "good.nix": CONVERTED}
    assert why in reason(migration, "bad.nix") + " ".join(migration.report().lines(migration.items[0]))
    assert list(contents()) == ["good.yaml"]


def test_files_that_import_one_another_are_one_document(tree: Path) -> None:
    write(tree, {"a.nix": "{ x = 1; y = (import ./b.nix).x; }", "b.nix": "{ x = 2; z = (import ./a.nix).x; }"})
    assert statuses(migrate()) == {"a.nix": CONVERTED, "b.nix": SKIPPED}


def test_an_explicit_file_is_converted_even_if_imported(tree: Path) -> None:
    write(tree, {"a.nix": "import ./b.nix", "b.nix": "{ n ? 1 }: n"})
    options = Options(cache=False, arguments=(("n", "7"),))
    assert statuses(migrate("configs/b.nix", evaluation=options)) == {"b.nix": CONVERTED}
    assert contents() == {"b.yaml": "7\n"}


def test_shared_imports_are_evaluated_once(tree: Path) -> None:
    write(
        tree,
        {"lib.nix": 'builtins.trace "loaded" { n = 1; }', "a.nix": "import ./lib.nix", "b.nix": "import ./lib.nix"},
    )
    migration = migrate()
    assert [len(item.messages) for item in migration.items] == [1, 0, 0]


def test_warnings_are_in_the_report(tree: Path) -> None:
    write(tree, {"a.nix": 'builtins.warn "old" 1'})
    assert statuses(migrate()) == {"a.nix": WARNED}
    assert "warning: old" in contents(own=True)[REPORT]


@pytest.mark.parametrize("source", ["configs", "configs/notes.txt", "configs/empty"])
def test_having_nothing_to_convert_is_a_usage_error(source: str, tree: Path) -> None:
    write(tree, {"notes.txt": "", "f.nix": "x: x", "empty/.keep": ""})
    with pytest.raises(UsageError):
        migrate(source)
    assert not Path("out").exists()


# manifests and kustomize


def test_manifests_are_those_of_render(tree: Path) -> None:
    write(tree, MESHES)
    migration = migrate(to="manifests")
    assert {name for name, status in statuses(migration).items() if status == SKIPPED} == {
        "lib/routes.nix",
        "values.nix",
    }
    assert list(contents()) == ["envs/prod.yaml", "envs/test.yaml", "teams/default.yaml", "teams/more.yaml"]
    assert [manifest["kind"] for manifest in yaml.read_stream(contents()["envs/test.yaml"])] == ["VirtualService"]


def test_messages_of_rendering_have_positions(tree: Path) -> None:
    write(
        tree,
        {"a.nix": 'mkVirtualService "a" { }', "b.nix": '\nmkVirtualService "b" { httpRoutes = [ { mach = [ ]; } ]; }'},
    )
    migration = migrate(to="manifests")
    assert statuses(migration) == {"a.nix": WARNED, "b.nix": FAILED}
    assert "(b.nix:2:41)" in contents(own=True)[REPORT]
    strict = plan(to="manifests", rendering=context.Options(strict=True))
    assert statuses(strict) == {"a.nix": FAILED, "b.nix": FAILED}


def test_kustomize_has_one_folder_per_source_and_no_duplicates(tree: Path) -> None:
    write(tree, MESHES)
    migration = migrate(to="manifests", kustomize=True)
    kustomizations = {path: yaml.read(text) for path, text in contents().items() if path.endswith("kustomization.yaml")}
    # web is in prod and in test: what holds both cannot be built
    assert list(kustomizations) == [
        f"{folder}/kustomization.yaml" for folder in ("envs/prod", "envs/test", "teams", "teams/more")
    ]
    assert len(migration.plan.warnings) == 1 and "'envs'" in migration.plan.warnings[0]
    assert kustomizations["teams/kustomization.yaml"]["resources"] == ["more", "peerauthentication_teams_all.yaml"]
    for path, document in kustomizations.items():
        folder = Path("out", path).parent
        for name in document["resources"]:
            assert (folder / name / "kustomization.yaml").exists() or yaml.read((folder / name).read_text())["kind"]


@pytest.mark.skipif(KUSTOMIZE is None, reason="neither kustomize nor kubectl is on this machine")
def test_every_kustomization_can_be_built(tree: Path) -> None:
    write(tree, {**MESHES, "teams/o 'dd?ref=x.nix": 'mkServiceEntry "odd" { hosts = [ "odd.example" ]; }'})
    migrate(to="manifests", kustomize=True)
    for path in contents():
        if path.endswith("kustomization.yaml"):
            subprocess.run(
                [*(KUSTOMIZE or []), str(Path("out", path).parent)], check=True, capture_output=True, timeout=60
            )


def test_kustomize_rejects_objects_without_a_name(tree: Path) -> None:
    write(tree, {"a.nix": '{ apiVersion = "batch/v1"; kind = "Job"; metadata.generateName = "x-"; }'})
    assert statuses(plan(to="manifests")) == {"a.nix": CONVERTED}
    assert "metadata.name" in reason(plan(to="manifests", kustomize=True), "a.nix")


# the report


def test_user_texts_are_escaped_in_reports(tree: Path) -> None:
    write(tree, {"<b>`x`|y.nix": 'throw "<script>``` \\u001b[31m"', "ok.nix": "1"})
    report = migrate().report()
    assert "<script>```" not in html(report) and "<b>" not in html(report)
    assert "````text" in markdown(report) and "\x1b" not in markdown(report) + html(report)


@pytest.mark.parametrize(
    ("text", "shown"), [("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("a|b", "`a\\|b`"), ("a\nb", "`a b`")]
)
def test_code_in_markdown(text: str, shown: str) -> None:
    assert code(text) == shown


def test_the_reports_do_not_name_the_machine(tree: Path, tmp_path: Path) -> None:
    write(tree, {"a/b.nix": "prot", "c.nix": "1"})
    migrate()
    assert "a/b.nix:1:1" in contents(own=True)[REPORT]
    assert str(tmp_path) not in "".join(contents(own=True).values())


# the command


def nixbridge(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_text("migrate", *arguments)


ENDLESS = "let f = n: if n == 0 then 0 else f (n - 1) + f (n - 1); in f 60"
LARGE = 'let double = n: s: if n == 0 then s else double (n - 1) (s + s); in double 40 "ab"'


def test_the_command_reports_failures_and_converts_the_rest(tree: Path) -> None:
    write(tree, {"bad.nix": "prot", "endless.nix": ENDLESS, "good.nix": "1", "large.nix": LARGE, "zero.nix": "0"})
    done = nixbridge("configs", "-o", "out", "--timeout", "3", "--max-memory", "256")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "FAILED  bad.nix" in done.stdout and "2 converted, 3 failed" in done.stdout
    assert "--timeout" in done.stdout and "--max-memory" in done.stdout
    assert contents() == {"good.yaml": "1\n", "zero.yaml": "0\n"}


def test_dry_run_shows_the_plan(tree: Path) -> None:
    write(tree, {"a.nix": "1"})
    done = nixbridge("configs", "-o", "out", "--dry-run")
    assert done.returncode == 0 and "new        a.yaml" in done.stdout
    assert os.listdir() == ["configs"]


@pytest.mark.parametrize(
    ("source", "destination", "error"),
    [("none", "out", EvalError), ("configs/a.nix", "out.yaml", UsageError), ("configs", "configs/a.nix", UsageError)],
)
def test_invalid_sources_and_destinations_are_errors(
    source: str, destination: str, error: type[NixError], tree: Path
) -> None:
    write(tree, {"a.nix": "1"})
    with pytest.raises(error):
        migrate(source, destination)
    assert os.listdir() == ["configs"] and os.listdir("configs") == ["a.nix"]


@pytest.mark.parametrize("option", [["--kustomize", "--to", "json"], ["--to", "manifests", "--istio-version", "9"]])
def test_contradicting_options_are_usage_errors(option: list[str], tree: Path) -> None:
    write(tree, {"a.nix": "1"})
    done = nixbridge("configs", "-o", "out", *option)
    assert done.returncode == 2 and done.stderr.startswith("error: --")
    assert os.listdir() == ["configs"]
