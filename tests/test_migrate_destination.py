"""`nixbridge migrate`: DEST is never harmed. Links, files of others, leftovers, errors in the middle, `kill -9`."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from nixbridge.errors.exceptions import NixError, UsageError
from nixbridge.tools.migrate import install as installing
from nixbridge.tools.migrate.install import install
from nixbridge.tools.migrate.item import CONVERTED, FAILED, SKIPPED
from nixbridge.tools.migrate.layout import WRITTEN
from nixbridge.tools.migrate.report_pages import markdown
from nixbridge.tools.migrate.written_files import is_inside
from tests.migrations import MESHES, contents, migrate, plan, reason, statuses, write

# links


def test_links_out_of_the_tree_are_rejected_and_reported(tree: Path, tmp_path: Path) -> None:
    write(tmp_path, {"outside/a.nix": "1"})
    write(tree, {"envs/a.nix": "2"})
    (tree / "file.nix").symlink_to(tmp_path / "outside/a.nix")
    (tree / "folder").symlink_to(tmp_path / "outside")
    (tree / "nothing.nix").symlink_to(tree / "envs/b.nix")
    (tree / "inside.nix").symlink_to("envs/a.nix")
    (tree / "again").symlink_to("envs")
    wanted = {"file.nix": FAILED, "folder": FAILED, "nothing.nix": FAILED, "again": SKIPPED}
    assert statuses(migrate()) == {"envs/a.nix": CONVERTED, "inside.nix": CONVERTED, **wanted}
    assert contents() == {"envs/a.yaml": "2\n", "inside.yaml": "2\n"}


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("link", ["a.yaml", "envs"])
def test_nothing_is_written_through_a_link(link: str, force: bool, tree: Path, tmp_path: Path) -> None:
    write(tree, {"a.nix": "1", "envs/b.nix": "2", "c.nix": "3"})
    write(tmp_path, {"elsewhere/a.yaml": "mine", "elsewhere/b.yaml": "mine", "out/x": ""})
    Path("out", link).symlink_to(tmp_path / "elsewhere" / ("a.yaml" if link == "a.yaml" else ""))
    migration = migrate(force=force)
    assert contents("elsewhere") == {"a.yaml": "mine", "b.yaml": "mine"}
    # a link that is a file's name may be replaced, if that is wanted; a folder of the way may not
    assert migration.failed is not (force and link == "a.yaml")
    assert Path("out/c.yaml").read_text() == "3\n"


def test_a_link_as_destination_is_refused(tree: Path, tmp_path: Path) -> None:
    write(tree, {"a.nix": "1"})
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    for destination in ("out", "out/"):
        with pytest.raises(UsageError, match="symbolic link"):
            migrate(destination=destination)


# two sources, one path


@pytest.mark.parametrize(
    ("names", "kustomize"),
    [
        (("a.nix", "A.nix"), False),
        (("Env/a.nix", "env/b.nix"), False),
        (("caf\u00e9.nix", "cafe\u0301.nix"), False),
        (("x.yaml/a.nix", "x.nix"), False),
        (("a.nix", "a/default.nix"), True),
    ],
)
def test_colliding_sources_are_rejected_before_writing(names: tuple[str, str], kustomize: bool, tree: Path) -> None:
    write(tree, dict.fromkeys(names, 'mkPeerAuthentication "x" { }'))
    write(tree, {"z.nix": 'mkPeerAuthentication "z" { }'})
    migration = migrate(kustomize=kustomize, to="manifests" if kustomize else "yaml")
    assert statuses(migration) == {**dict.fromkeys(names, FAILED), "z.nix": CONVERTED}
    assert {path for path in contents() if not path.startswith("z")} <= {"kustomization.yaml"}


# a second run


def test_repeating_a_run_changes_nothing(tree: Path) -> None:
    write(tree, MESHES)
    migrate(to="manifests", kustomize=True)
    before = {path: os.stat(Path("out", path)).st_mtime_ns for path in contents(own=True)}
    again = migrate(to="manifests", kustomize=True)
    assert again.report().files() == f"{len(before) - 1} unchanged"
    assert {path: os.stat(Path("out", path)).st_mtime_ns for path in contents(own=True)} == before


def test_foreign_files_are_left_alone(tree: Path) -> None:
    write(tree, {"a.nix": "1", "b.nix": "2"})
    write(Path("out"), {"a.yaml": "mine", "c.txt": "mine"})
    migration = migrate()
    assert "was not written by nixbridge" in reason(migration, "a.nix") and migration.failed
    assert contents() == {"a.yaml": "mine", "b.yaml": "2\n", "c.txt": "mine"}
    assert not migrate(force=True).failed
    assert contents() == {"a.yaml": "1\n", "b.yaml": "2\n", "c.txt": "mine"}


def test_manual_changes_are_noticed_by_every_run(tree: Path) -> None:
    write(tree, {"a.nix": "1", "b.nix": "2"})
    migrate()
    write(Path("out"), {"a.yaml": "1 # checked\n"})
    write(tree, {"b.nix": "3"})
    for _ in range(2):
        assert "was changed since nixbridge wrote it" in reason(migrate(), "a.nix")
        assert contents() == {"a.yaml": "1 # checked\n", "b.yaml": "3\n"}


def test_all_files_of_a_source_are_written_or_none(tree: Path) -> None:
    write(tree, {"a.nix": 'mkPeerAuthentication "x" { }'})
    migrate(to="manifests", kustomize=True)
    before = contents()
    write(Path("out"), {"a/peerauthentication_default_y.yaml": "mine"})
    write(tree, {"a.nix": '[ (mkPeerAuthentication "x" { mtlsMode = "PERMISSIVE"; }) (mkPeerAuthentication "y" { }) ]'})
    assert statuses(migrate(to="manifests", kustomize=True)) == {"a.nix": FAILED}
    assert contents() == {**before, "a/peerauthentication_default_y.yaml": "mine"}


def test_unchanged_leftovers_are_removed(tree: Path) -> None:
    write(tree, {"a.nix": "1", "old/b.nix": "2", "old/c.nix": "3", "d.nix": "4"})
    migrate()
    write(Path("out"), {"old/c.yaml": "mine"})
    shutil.rmtree(tree / "old")
    write(tree, {"a.nix": "import ./d.nix"})
    migration = migrate()
    assert contents() == {"a.yaml": "4\n", "old/c.yaml": "mine"}
    assert migration.report().changes("removed") == ["d.yaml (d.nix: part of a.nix)", "old/b.yaml (old/b.nix is gone)"]
    assert "'old/c.yaml' is no longer needed" in migration.plan.warnings[0]
    Path("out/old/c.yaml").unlink()
    write(tree, {"x/y.nix": "1"})
    migrate()
    shutil.rmtree(tree / "x")
    migrate()
    assert not Path("out/x").exists()


def test_earlier_output_of_a_failed_source_is_kept(tree: Path) -> None:
    write(tree, {"a.nix": 'mkPeerAuthentication "x" { }', "b/c.nix": 'mkPeerAuthentication "y" { }'})
    migrate(to="manifests", kustomize=True)
    before = contents()
    write(tree, {"a.nix": 'throw "later"'})
    shutil.rmtree(tree / "b")
    (tree / "b").symlink_to("/")  # nobody can tell whether b/c.nix is gone
    migration = migrate(to="manifests", kustomize=True)
    assert contents() == before
    assert "The files that an earlier run wrote from it are kept" in markdown(migration.report())


def test_files_of_a_tree_may_be_migrated_one_by_one(tree: Path) -> None:
    write(tree, {"a.nix": "1", "b.nix": "2"})
    migrate("configs/a.nix")
    migrate("configs/b.nix")
    assert contents() == {"a.yaml": "1\n", "b.yaml": "2\n"}
    (tree / "a.nix").unlink()
    migrate("configs/b.nix")
    assert contents() == {"a.yaml": "1\n", "b.yaml": "2\n"}


def test_a_destination_belongs_to_one_tree(tree: Path, tmp_path: Path) -> None:
    write(tree, {"a.nix": "1"})
    write(tmp_path, {"others/b.nix": "2"})
    migrate()
    with pytest.raises(UsageError, match=r"another tree, \.\./configs"):
        migrate("others")
    migrate("others", force=True)
    assert contents() == {"b.yaml": "2\n"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"form": 1}',
        '{"form": 2, "root": "../configs", "files": {}}',
        '{"form": 1, "root": "../configs", "files": {"a.yaml": 1}}',
    ],
)
def test_an_unreadable_record_is_not_overwritten(text: str, tree: Path) -> None:
    write(tree, {"a.nix": "1"})
    write(Path("out"), {WRITTEN: text})
    with pytest.raises(UsageError, match="was not written by nixbridge"):
        migrate()
    migrate(force=True)
    assert contents() == {"a.yaml": "1\n"}


@pytest.mark.parametrize("path", ["..", "../a", "a/../../b", "/a", "", "a//b", "./a", "a\0"])
def test_the_record_of_a_run_contains_no_outside_paths(path: str) -> None:
    assert is_inside("a/b.c") and not is_inside(path)


# atomically


def test_a_plan_writes_nothing(tree: Path) -> None:
    write(tree, {"a.nix": "1"})
    plan()
    assert os.listdir() == ["configs"]


@pytest.mark.parametrize("step", range(1, 8))
def test_an_error_in_the_middle_undoes_everything(step: int, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree, {"a.nix": "1", "b.nix": "2", "old.nix": "3"})
    migrate()
    before = contents(own=True)
    write(tree, {"a.nix": "4", "new/c.nix": "5"})
    (tree / "old.nix").unlink()
    migration = plan()
    left = [step]

    def full(real: Any) -> Any:
        def call(*arguments: Any, **keywords: Any) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise OSError(28, "No space left on device")
            real(*arguments, **keywords)

        return call

    for name in ("replace", "rename"):
        monkeypatch.setattr(os, name, full(getattr(os, name)))
    with pytest.raises(OSError, match="space"):
        install(migration.plan)
    assert contents(own=True) == before and not Path("out/new").exists()


def test_changes_after_planning_are_not_overwritten(tree: Path) -> None:
    write(tree, {"a.nix": "1"})
    migrate()
    write(tree, {"a.nix": "2"})
    migration = plan()
    write(Path("out"), {"a.yaml": "mine"})
    with pytest.raises(NixError, match="run the command again"):
        install(migration.plan)
    assert contents()["a.yaml"] == "mine"


def test_two_runs_at_once_do_not_mix(tree: Path) -> None:
    write(tree, {"a.nix": "1"})
    migrate()
    write(tree, {"a.nix": "2"})
    descriptor = os.open("out", os.O_RDONLY)
    with (
        installing.stage(descriptor, installing.STAGE, "out"),
        pytest.raises(NixError, match="another nixbridge migrate"),
    ):
        install(plan().plan)
    os.close(descriptor)
    assert contents() == {"a.yaml": "1\n"}
    migrate()
    assert contents() == {"a.yaml": "2\n"}


def killed_at(step: int) -> bool:
    """Runs a migration in a separate process that is killed at its nth move; False when it had fewer."""
    child = os.fork()
    if child == 0:
        left = [step]

        def counted(real: Any) -> Any:
            def call(*arguments: Any, **keywords: Any) -> Any:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **keywords)

            return call

        try:
            migration = plan()
            for name in ("replace", "rename", "link", "fsync", "mkdir", "unlink", "rmdir"):
                setattr(os, name, counted(getattr(os, name)))
            install(migration.plan)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("fresh", [True, False])
def test_a_killed_run_leaves_complete_files_and_a_second_run_finishes(fresh: bool, tree: Path) -> None:
    write(tree, {"a.nix": "1", "b.nix": '"old"', "gone/c.nix": "3"})
    migrate()
    shutil.move("out", "saved")
    write(tree, {"b.nix": '"new"', "d/e.nix": "4"})
    shutil.rmtree(tree / "gone")
    before, after = {} if fresh else contents("saved"), {"a.yaml": "1\n", "b.yaml": "new\n", "d/e.yaml": "4\n"}
    for step in range(1, 100):
        shutil.rmtree("out", ignore_errors=True)
        if not fresh:
            shutil.copytree("saved", "out")
        if not killed_at(step):
            break
        found = {path: text for path, text in contents().items() if not path.startswith(installing.STAGE)}
        assert all(text in (before.get(path), after.get(path)) for path, text in found.items())
        # what was there and is to stay is there at any time; what is made is there all at once
        assert found in ({}, after) if fresh else {"a.yaml", "b.yaml"} <= found.keys()
        assert not migrate().failed
        assert contents() == after
        assert [name for name in (*os.listdir(), *os.listdir("out")) if installing.STAGE in name] == [WRITTEN]
    assert 8 < step < 99
