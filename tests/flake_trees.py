"""Small trees with flakes in them, and Git repositories, as fixtures/flakes describes them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "flakes"

#: The time that everything in a tree has, and the first commit's minus a minute.
TIME = 1_700_000_000


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a .jsonl file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


TREES = {row["id"]: row["files"] for row in rows_of(FIXTURES / "trees.jsonl")}


def write_files(folder: Path, files: dict[str, Any], top: Path) -> None:
    """Write files, links and folders; `<dir>` in a text is the folder of the tree."""
    for name, entry in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.get("folder"):
            path.mkdir(exist_ok=True)
        elif "link" in entry:
            path.unlink(missing_ok=True)
            path.symlink_to(entry["link"])
        else:
            path.write_text(entry["text"].replace("<dir>", str(top)), encoding="utf-8")
            if entry.get("executable"):
                path.chmod(0o755)


def run_git(folder: Path, *words: str, time: int | None = None) -> str:
    """Run git without the settings of the machine."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environment |= {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in PERSON.items()}
    if time is not None:
        environment |= {"GIT_AUTHOR_DATE": f"{time} +0000", "GIT_COMMITTER_DATE": f"{time} +0000"}
    return subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, text=True, env=environment
    ).stdout


PERSON = {"NAME": "a", "EMAIL": "a@example.org"}


def make_repository(top: Path, plan: dict[str, Any]) -> None:
    """Make commits, then change, remove and add what is described."""
    folder = top / plan["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    run_git(folder, "init", "-q", "-b", "main")
    for number, files in enumerate(plan.get("commits", []), 1):
        write_files(folder, files, top)
        run_git(folder, "add", "-A")
        run_git(folder, "commit", "-q", "-m", f"commit {number}", time=TIME + 60 * number)
    write_files(folder, plan.get("write", {}), top)
    for name in plan.get("remove", []):
        (folder / name).unlink()
    for name in plan.get("add", []):
        run_git(folder, "add", name)
    for name in plan.get("intend", []):
        run_git(folder, "add", "-N", name)


def set_times(top: Path) -> None:
    """Give every file, link and folder outside .git the one time."""
    for folder, folders, files in os.walk(top, topdown=False):
        if ".git" not in Path(folder).parts:
            for name in (*files, *folders):
                if name != ".git":
                    os.utime(os.path.join(folder, name), (TIME, TIME), follow_symlinks=False)
    os.utime(top, (TIME, TIME))


def make_tree(top: Path, tree: str, plan: dict[str, Any] | None) -> None:
    """Make a tree of fixtures/flakes, with a Git repository where there is a plan for one."""
    write_files(top, TREES[tree], top)
    if plan is not None:
        make_repository(top, plan)
    set_times(top)
