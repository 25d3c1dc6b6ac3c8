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


def test_nothing_happens_to_who_has_not_opted_in(project: pytest.Pytester) -> None:
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
def test_pytest_chooses_among_them(
    arguments: list[str], outcomes: tuple[int, int, int], project: pytest.Pytester
) -> None:
    opt_in(project, "configs")
    passed, failed, skipped = outcomes
    run(project, *arguments).assert_outcomes(passed=passed, failed=failed, skipped=skipped)


def test_nixbridge_update_accepts_what_is_evaluated_now(project: pytest.Pytester) -> None:
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
