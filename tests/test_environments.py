"""Environments: files that define the same objects are alternatives, and each environment is judged by itself."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from nixbridge.tools.entry_points import EntryPoints
from nixbridge.tools.environments import Group, Member, group
from nixbridge.tools.evaluation_options import Options
from tests.test_project import nixbridge, write

SERVICE = ("mkVirtualService", "shop", "web")
RULE = ("mkDestinationRule", "shop", "web")
POLICY = ("mkPeerAuthentication", "shop", "default")
NAMESPACE = ("Namespace", "None", "shop")

#: Files: their environment in the settings, and what they define (key -> a number that stands for the fields); then the groups.
GROUPS = {
    "nothing": ({}, [(None, [])]),
    "one-file": ({"a": (None, {SERVICE: 1})}, [(None, ["a"])]),
    "files-that-complement-each-other": (
        {"service": (None, {SERVICE: 1}), "rule": (None, {RULE: 1})},
        [(None, ["service", "rule"])],
    ),
    "two-alternatives": (
        {"dev": (None, {SERVICE: 1}), "prod": (None, {SERVICE: 2})},
        [("dev", ["dev"]), ("prod", ["prod"])],
    ),
    "alternatives-with-the-same-route": (
        {"dev": (None, {SERVICE: 1}), "prod": (None, {SERVICE: 1, RULE: 1})},
        [("dev", ["dev"]), ("prod", ["prod"])],
    ),
    "a-shared-namespace-and-policy": (
        {"web": (None, {NAMESPACE: 1, POLICY: 1, SERVICE: 1}), "rule": (None, {NAMESPACE: 2, POLICY: 1, RULE: 1})},
        [(None, ["web", "rule"])],
    ),
    "policies-that-differ": (
        {"dev": (None, {POLICY: 1}), "prod": (None, {POLICY: 2})},
        [("dev", ["dev"]), ("prod", ["prod"])],
    ),
    "folders": (
        {
            "envs/dev/service": (None, {SERVICE: 1}),
            "envs/dev/rule": (None, {RULE: 1}),
            "envs/prod/service": (None, {SERVICE: 1}),
            "envs/prod/rule": (None, {RULE: 1}),
            "common": (None, {POLICY: 1}),
        },
        [
            ("dev", ["envs/dev/service", "envs/dev/rule", "common"]),
            ("prod", ["envs/prod/service", "envs/prod/rule", "common"]),
        ],
    ),
    "services-with-environments": (
        {
            "api/dev": (None, {("mkVirtualService", "shop", "api"): 1}),
            "api/prod": (None, {("mkVirtualService", "shop", "api"): 1}),
            "web/dev": (None, {SERVICE: 1}),
            "web/prod": (None, {SERVICE: 1}),
        },
        [("dev", ["api/dev", "web/dev"]), ("prod", ["api/prod", "web/prod"])],
    ),
    "environments-of-the-settings": (
        {"a": ("dev", {SERVICE: 1}), "b": ("prod", {SERVICE: 1}), "c": (None, {RULE: 1})},
        [("dev", ["a", "c"]), ("prod", ["b", "c"])],
    ),
    "one-file-in-two-environments": (
        {"a": ("dev", {SERVICE: 1}), "a/": ("prod", {SERVICE: 2})},
        [("dev", ["a"]), ("prod", ["a/"])],
    ),
    "an-alternative-outside-the-settings": (
        {"a": ("dev", {SERVICE: 1}), "b": (None, {SERVICE: 1})},
        [("dev", ["a"]), (None, ["b"])],
    ),
}


@pytest.mark.parametrize("name", GROUPS)
def test_files_are_grouped(name: str) -> None:
    files, groups = GROUPS[name]
    members = [
        Member(f"/top/{path.rstrip('/')}.nix", environment, objects) for path, (environment, objects) in files.items()
    ]
    paths = list(files)
    assert [(one.name, [paths[number] for number in one.members]) for one in group(members)] == groups
    assert all(isinstance(one, Group) for one in group(members))


ROUTE = 'mkVirtualService "web" { namespace = "shop"; timeout = "5s"; httpRoutes = [ { route = [ { destination = { host = "web"; subset = "v2"; }; } ]; } ]; }'  # noqa: E501
RULES = 'mkDestinationRule "web" {{ namespace = "shop"; host = "web"; subsets = [ {} ]; }}'
V1, V2 = '{ name = "v1"; labels.version = "v1"; }', '{ name = "v2"; labels.version = "v2"; }'


@pytest.mark.parametrize("arguments", [["dev.nix", "prod.nix"], ["."], []], ids=["files", "folder", "project"])
def test_lint_checks_each_environment_separately(arguments: list[str], tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/": "",
            "dev.nix": f"[ ({ROUTE}) ({RULES.format(V1)}) ]",
            "prod.nix": f"[ ({ROUTE}) ({RULES.format(V1 + V2)}) ]",
        },
    )
    lines = nixbridge(tmp_path, "lint", *arguments).stdout.splitlines()
    assert [line.partition(":")[0] for line in lines if "[NB010]" in line] == ["dev.nix"]
    only = nixbridge(tmp_path, "lint", "--environment", "prod", *arguments)
    assert "NB010" not in only.stdout
    wrong = nixbridge(tmp_path, "lint", "--environment", "pord", *arguments)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "error: unknown environment 'pord'\n       help: did you mean 'prod'?\n",
    )


def test_shared_findings_are_reported_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/": "",
            "lib/web.nix": f"subset: [ ({ROUTE}) ({RULES.format('subset')}) ]",
            "dev.nix": f"import ./lib/web.nix {V1}",
            "qa.nix": f"import ./lib/web.nix {V1}",
            "prod.nix": f"import ./lib/web.nix {V2}",
        },
    )
    lines = [line for line in nixbridge(tmp_path, "lint").stdout.splitlines() if "[NB010]" in line]
    assert len(lines) == 1
    assert lines[0].startswith("lib/web.nix:1:") and lines[0].endswith("(in dev, qa)")


def test_environments_of_the_settings_have_their_arguments(tmp_path: Path) -> None:
    settings = """
        [environments.dev]
        files = ["web.nix"]
        args.subsets = '[ "v1" ]'
        [environments.prod]
        files = ["*.nix"]
        args.subsets = '[ "v1" "v2" ]'
    """
    subsets = "(map (name: { inherit name; labels.version = name; }) subsets)"
    rule = f'mkDestinationRule "web" {{ namespace = "shop"; host = "web"; subsets = {subsets}; }}'
    write(tmp_path, {"nixbridge.toml": settings, "web.nix": f"{{ subsets }}: [ ({ROUTE}) ({rule}) ]"})
    lines = [line for line in nixbridge(tmp_path, "lint").stdout.splitlines() if "[NB010]" in line]
    assert len(lines) == 1 and lines[0].endswith("(in dev)")
    assert "NB010" in nixbridge(tmp_path, "lint", "--environment", "dev").stdout
    assert "NB010" not in nixbridge(tmp_path, "lint", "--environment", "prod", "web.nix").stdout
    wrong = nixbridge(tmp_path, "lint", "--environment", "staging")
    assert wrong.returncode == 2 and "the environments are dev, prod" in wrong.stderr


#: Settings, and the codes that lint then reports for a file with NB010 and NB011.
CHOICES = {
    "all": ("", {"NB010", "NB011"}),
    "selected": ('lint.select = ["NB010"]', {"NB010"}),
    "beginning-of-a-code": ('lint.select = ["NB01"]', {"NB010", "NB011"}),
    "ignored": ('lint.ignore = ["NB010"]', {"NB011"}),
    "ignored-in-the-file": ('lint.per-file-ignores = { "dev.nix" = ["NB01"] }', set()),
    "ignored-elsewhere": ('lint.per-file-ignores = { "other.nix" = ["NB01"] }', {"NB010", "NB011"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CHOICES)
def test_the_settings_choose_rules(name: str, tmp_path: Path) -> None:
    settings, codes = CHOICES[name]
    write(tmp_path, {"nixbridge.toml": settings, "dev.nix": f"[ ({ROUTE}) ({RULES.format(V1)}) ]"})
    done = nixbridge(tmp_path, "lint", "dev.nix")
    assert {code for code in ("NB010", "NB011") if code in done.stdout} == codes


def test_an_unknown_rule_in_the_settings_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"nixbridge.toml": 'lint.ignore = ["NB99"]', "x.nix": "1"})
    done = nixbridge(tmp_path, "lint", "x.nix")
    assert done.returncode == 2
    assert "unknown rule 'NB99'" in done.stderr and "nixbridge.toml:1:6" in done.stderr


ALTERNATIVES = {
    "dev.nix": f"[ ({ROUTE}) ({RULES.format(V1)}) ]",
    "prod.nix": f"[ ({ROUTE}) ({RULES.format(V1 + V2)}) ]",
    "policy.nix": 'mkPeerAuthentication "default" { namespace = "shop"; mtls.mode = "STRICT"; }',
    "lib/helper.nix": "{ double = x: 2 * x; }",
    "lib/waits.nix": "{ replicas }: { inherit replicas; }",
    "data.nix": "{ replicas = 3; }",
}


def test_render_reports_files_with_conflicting_objects(tmp_path: Path) -> None:
    write(tmp_path, {".git/": "", **ALTERNATIVES})
    done = nixbridge(tmp_path, "render", "dev.nix", "prod.nix")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "error: dev.nix and prod.nix define DestinationRule 'shop/web' differently",
        "help: render one environment, with --environment (dev, prod), or each into a folder, with -o DIR",
    ]


def test_render_writes_each_environment_into_a_folder(tmp_path: Path) -> None:
    write(tmp_path, {".git/": "", **ALTERNATIVES})
    done = nixbridge(tmp_path, "render", "-o", "out")
    assert (done.returncode, done.stderr) == (0, "")
    names = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.yaml"))
    files = ("destinationrule_shop_web", "peerauthentication_shop_default", "virtualservice_shop_web")
    assert names == [f"{name}/{file}.yaml" for name in ("dev", "prod") for file in files]


def test_render_chooses_an_environment(tmp_path: Path) -> None:
    write(tmp_path, {".git/": "", **ALTERNATIVES})
    done = nixbridge(tmp_path, "render", "--notes", "--environment", "prod")
    assert done.returncode == 0
    assert done.stdout.count("kind:") == 3 and "version: v2" in done.stdout
    left_out = [line for line in done.stderr.splitlines() if "is left out" in line]
    assert [line.split()[1] for line in left_out] == ["data.nix", "lib/helper.nix", "lib/waits.nix"]


@pytest.mark.parametrize("paths", [("a.nix", "."), (".", "a.nix")], ids=["before-its-folder", "after-its-folder"])
def test_a_file_that_is_named_counts_as_named(paths: tuple[str, str], tmp_path: Path) -> None:
    write(tmp_path, {".git/": "", "a.nix": "1", "b.nix": "2"})
    with contextlib.chdir(tmp_path):
        entries = EntryPoints(paths, Options()).entries
    assert {entry.file: entry.named for entry in entries} == {"a.nix": True, "b.nix": False}


def test_files_with_equal_objects_share_an_environment(tmp_path: Path) -> None:
    write(tmp_path, {".git/": "", "a.nix": ROUTE, "b.nix": f"[ ({ROUTE}) ({RULES.format(V1)}) ]"})
    done = nixbridge(tmp_path, "render", "a.nix", "b.nix")
    assert (done.returncode, done.stdout.count("kind:")) == (0, 2)


def test_graph_draws_each_environment(tmp_path: Path) -> None:
    write(tmp_path, {".git/": "", **ALTERNATIVES})
    done = nixbridge(tmp_path, "graph")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if "%%" in line] == [
        "%% environment: dev",
        "%% environment: prod",
    ]
    assert nixbridge(tmp_path, "graph", "-o", "mesh.dot").returncode == 0
    assert {path.name for path in tmp_path.glob("mesh*")} == {"mesh.dev.dot", "mesh.prod.dot"}
    assert (tmp_path / "mesh.dev.dot").read_text().startswith("digraph")
    assert nixbridge(tmp_path, "graph", "--environment", "dev", "-o", "one.mmd").returncode == 0
    assert (tmp_path / "one.mmd").read_text().startswith("flowchart")
    wrong = nixbridge(tmp_path, "graph", "-o", "mesh.png")
    assert wrong.returncode == 2 and "no format has the suffix '.png'" in wrong.stderr


def test_a_failing_file_does_not_stop_the_graph(tmp_path: Path) -> None:
    files = {
        "x.nix": f'{{ bad = throw "no"; wrong = mkVirtualService 3 {{ }}; good = {ROUTE}; }}',
        "broken.nix": "{",
    }
    write(tmp_path, files)
    done = nixbridge(tmp_path, "graph", "x.nix", "broken.nix")
    assert done.returncode == 1
    assert "<b>web</b>" in done.stdout
    for error in ("error: no\n", "syntax error", 'mkVirtualService "3": name'):
        assert error in done.stderr
