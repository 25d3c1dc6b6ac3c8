"""The root of a project: the folder whose files may read one another, found upwards from a file.

Every `nixbridge eval FILE` looks for it, so nothing but `os` and `stat` is imported unless a file asks for more.
"""

from __future__ import annotations

import os
import stat

from nixbridge.regular_file import read_regular_file

#: The file of settings; a folder that has one is a root.
SETTINGS_FILE = "nixbridge.toml"
#: A Python project may keep the settings in its own file, in the table `tool.nixbridge`.
PYPROJECT = "pyproject.toml"
#: The entries that version control keeps at the top of a work tree (in a linked git work tree, `.git` is a file).
WORK_TREES = (".git", ".jj", ".hg")
FLAKE = "flake.nix"


def project_root(folder: str) -> str:
    """Return the root of the project that the files of `folder`, an absolute path, belong to.

    Without any marker that is the working folder where `folder` is below it, except that neither `/` nor the home folder is
    opened to everything below it; else it is `folder` itself.
    """
    root = marked_root(folder)
    if root is None:
        real = os.path.realpath(folder)
        root = marked_root(real) if real != folder else None
    if root is not None:
        return root
    top = os.getcwd()
    opened = is_below(folder, top) and os.path.realpath(top) not in ("/", os.path.realpath(os.path.expanduser("~")))
    return top if opened else folder


def marked_root(folder: str) -> str | None:
    """Return the nearest folder, from `folder` upwards, that something marks as a root; None without one.

    A flake is a root only outside work trees: a repository may have several, whose files use one another.
    """
    flake: str | None = None
    around_flake: str | None = None
    while True:
        # Settings end the search at once, a work tree ends it with the nearest settings around a flake, and a flake only
        # counts if neither is found above it.
        if not _is_open_to_all(folder):
            if settings_file(folder) is not None:
                if flake is None:
                    return folder
                around_flake = around_flake or folder
            if any(os.path.lexists(f"{folder}/{name}") for name in WORK_TREES):
                return around_flake or folder
            if flake is None and os.path.lexists(f"{folder}/{FLAKE}"):
                flake = folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return flake
        folder = parent


def settings_file(folder: str) -> str | None:
    """Return the path of the file in `folder` that has settings; None without one."""
    own, pyproject = settings_paths(folder)
    if os.path.lexists(own):
        return own
    return pyproject if _has_table(pyproject) else None


def settings_paths(folder: str) -> tuple[str, str]:
    """Return the paths of the two files that may have the settings of a project at `folder`, the one that wins first."""
    return os.path.join(folder, SETTINGS_FILE), os.path.join(folder, PYPROJECT)


def is_below(path: str, folder: str) -> bool:
    """Return whether `path` is `folder` or below it, both absolute."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_open_to_all(folder: str) -> bool:
    """Return whether anybody may put files into `folder`, as into /tmp: a marker there could be somebody else's."""
    try:
        mode = os.stat(folder).st_mode
    except OSError:
        return False
    return bool(mode & stat.S_ISVTX and mode & stat.S_IWOTH)


def _has_table(path: str) -> bool:
    """Return whether a pyproject.toml has the table `tool.nixbridge`.

    Most do not, and are not parsed: the lines that could begin the table are looked for first.
    """
    try:
        data = read_regular_file(path)
    except OSError:
        return False
    # every evaluation looks here, and tomllib costs more than a small evaluation
    if b"nixbridge" not in data or not _may_have_table(data):
        return False
    import tomllib

    try:
        tool = tomllib.loads(data.decode()).get("tool")
    except ValueError:
        # reading the settings reports what is wrong with it
        return b"[tool.nixbridge" in data
    return isinstance(tool, dict) and "nixbridge" in tool


def _may_have_table(data: bytes) -> bool:
    """Return whether a line could begin the table: its header, or a key of `[tool]` or of the top."""
    header = b""
    for line in map(bytes.strip, data.split(b"\n")):
        if line.startswith(b"["):
            header = line.replace(b" ", b"")
            if b"tool" in header and b"nixbridge" in header:
                return True
        elif b"nixbridge" in line and (header.startswith(b"[tool]") or (not header and line.startswith(b"tool"))):
            return True
    return False
