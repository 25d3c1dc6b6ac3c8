"""The pytest plug-in, in projects of its own."""

from __future__ import annotations

import json

import pytest

import nixbridge
from nixbridge.cli import check  # noqa: F401

# a run in this process forgets the modules that it imported, while their packages remember them: then there would be two of each
nixbridge.evaluate('builtins.toString (mkVirtualService "web" { }).name')

pytest_plugins = ["pytester"]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a test, and configurations of which one differs."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / ".cache"))
    files = {
        "configs/good.nix": "{ a = 1; }",
        "configs/good.json": '{"a": 1}',
        "configs/good.yaml": "a: 1",
        "configs/web/canary.nix": "{ weight = 20; }",
        "configs/web/canary.json": '{"weight": 10}',
        "configs/web/r.md": "<!-- nixbridge: skip -->\n```nix\n...\n```\n",
        "other/elsewhere.nix": "1",
        "other/elsewhere.json": "2",
        "test_own.py": "def test_own():\n    pass\n",
    }
    for name, text in files.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Runs pytest in the project, without a plug-in that takes seconds to load."""
    return project.runpytest("-p", "no:hypothesispytest", "-p", "no:asyncio", "-p", "no:pytest-lsp", *arguments)


def opt_in(project: pytest.Pytester, *folders: str) -> None:
    """The ini key."""
    project.makepyprojecttoml(f"[tool.pytest.ini_options]\nnixbridge_golden = {json.dumps(folders)}\n")


def test_projects_without_the_setting_are_unaffected(project: pytest.Pytester) -> None:
    run(project).assert_outcomes(passed=1)


def test_every_golden_file_is_a_test_with_a_readable_failure(project: pytest.Pytester) -> None:
    opt_in(project, "configs")
    result = run(project, "-v")
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "configs/good.nix::good.json PASSED*",
            "configs/good.nix::good.yaml PASSED*",
            "configs/web/canary.nix::canary.json FAILED*",
            "configs/web/r.md::markdown SKIPPED*",
            "test_own.py::test_own PASSED*",
            "*canary.nix against canary.json*",
            "DIFFERENT  configs/web/canary.nix",
            "  weight: golden 10, now 20",
            "FAILED configs/web/canary.nix::canary.json*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_missing_and_stale_golden_files_fail(project: pytest.Pytester) -> None:
    opt_in(project, "configs")
    (project.path / "configs" / "good.json").rename(project.path / "configs" / "old.json")
    (project.path / "configs" / "new.nix").write_text("1")
    result = run(project, "configs")
    result.assert_outcomes(passed=1, failed=3, skipped=1)
    result.stdout.fnmatch_lines(["*MISSING  configs/new.nix", "*STALE  configs/old.json"])


#: Arguments -> how many pass, fail, are skipped.
CHOSEN = [
    (["--nixbridge", "configs"], (3, 1, 1)),
    (["--nixbridge", "other", "test_own.py"], (1, 1, 0)),
]


@pytest.mark.parametrize(("arguments", "outcomes"), CHOSEN)
def test_a_folder_on_the_command_line(
    arguments: list[str], outcomes: tuple[int, int, int], project: pytest.Pytester
) -> None:
    passed, failed, skipped = outcomes
    run(project, *arguments).assert_outcomes(passed=passed, failed=failed, skipped=skipped)


#: With the ini key: arguments -> how many pass, fail, are skipped.
OPTED_IN = [
    (["test_own.py"], (1, 0, 0)),
    (["configs/good.nix"], (2, 0, 0)),
    (["configs/web/canary.nix::canary.json"], (0, 1, 0)),
    (["-k", "yaml or test_own"], (2, 0, 0)),
]


@pytest.mark.parametrize(("arguments", "outcomes"), OPTED_IN)
def test_pytest_can_select_golden_files(
    arguments: list[str], outcomes: tuple[int, int, int], project: pytest.Pytester
) -> None:
    opt_in(project, "configs")
    passed, failed, skipped = outcomes
    run(project, *arguments).assert_outcomes(passed=passed, failed=failed, skipped=skipped)


def test_nixbridge_update_accepts_the_current_values(project: pytest.Pytester) -> None:
    opt_in(project, "configs")
    run(project, "--nixbridge-update").assert_outcomes(passed=4, skipped=1)
    assert json.loads((project.path / "configs/web/canary.json").read_text()) == {"weight": 20}
    run(project).assert_outcomes(passed=4, skipped=1)


def test_it_works_under_xdist(project: pytest.Pytester) -> None:
    opt_in(project, "configs")
    result = project.runpytest_subprocess(
        "-p", "no:hypothesispytest", "-p", "no:asyncio", "-p", "no:pytest-lsp", "-n", "2"
    )
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*weight: golden 10, now 20"])


#: How a file of pytest's says that the golden files in `configs` are tests.
OPT_INS = {
    "pytest.ini": "[pytest]\nnixbridge_golden = configs\n",
    "tox.ini": "[pytest]\nnixbridge_golden = configs\n",
    "setup.cfg": "[tool:pytest]\nnixbridge_golden = configs\n",
    "pyproject.toml": '[tool.pytest.ini_options]\nnixbridge_golden = "configs"\n',
}
if pytest.version_tuple >= (9, 0):
    OPT_INS |= {
        "pytest.toml": '[pytest]\nnixbridge_golden = "configs"\n',
        "a pyproject.toml": '[tool.pytest]\nnixbridge_golden = "configs"\n',
        ".pytest.toml": '[pytest]\nnixbridge_golden = ["configs"]\n',
    }


@pytest.mark.parametrize("name", OPT_INS)
def test_every_file_of_settings_of_pytest_opts_in(name: str, project: pytest.Pytester) -> None:
    (project.path / name.split()[-1]).write_text(OPT_INS[name])
    run(project).assert_outcomes(passed=3, failed=1, skipped=1)


def test_a_test_keeps_its_name_when_its_golden_file_appears(project: pytest.Pytester) -> None:
    opt_in(project, "configs")
    (project.path / "configs" / "new.nix").write_text("1")
    assert "configs/new.nix::new.json FAILED" in run(project, "-v").stdout.str()
    (project.path / "configs" / "new.json").write_text("1")
    assert "configs/new.nix::new.json PASSED" in run(project, "-v").stdout.str()


def test_parts_of_other_files_need_no_golden_file(project: pytest.Pytester) -> None:
    opt_in(project, "configs")
    for name, text in {
        "part": "1",
        "function": "{ n }: n",
        "library": "{ f = x: x; }",
        "whole": "import ./part.nix",
    }.items():
        (project.path / "configs" / f"{name}.nix").write_text(text)
    (project.path / "configs" / "whole.json").write_text("1")
    run(project).assert_outcomes(passed=4, failed=1, skipped=4)


def test_project_settings_apply(project: pytest.Pytester) -> None:
    opt_in(project, "envs")
    settings = 'golden = "golden"\nexclude = ["envs/old"]\nargs.weight = 20\n'
    files = {
        "nixbridge.toml": settings,
        "envs/x.nix": "{ weight }: { inherit weight; }",
        "golden/envs/x.json": '{"weight": 20}',
        "envs/old/y.nix": "1",
        "golden/envs/old/y.json": "2",
    }
    for name, text in files.items():
        (project.path / name).parent.mkdir(parents=True, exist_ok=True)
        (project.path / name).write_text(text)
    result = run(project, "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["envs/x.nix::x.json PASSED*"])
