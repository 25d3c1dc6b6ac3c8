"""`--watch`: a command done again whenever a file of the project changes, with the screen cleared.

Each time is a process of its own, so that nothing of one evaluation is left for the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn

from nixbridge.cli.options import WATCH
from nixbridge.project.root import project_root
from nixbridge.tools.golden.watch import Watched
from nixbridge.tools.inputs import folder_of

#: Files whose changes count.
SUFFIXES = (".nix", ".json", ".yaml", ".yml", ".toml", ".lock", ".md")
#: Files that are looked at; a project with more is watched by a narrower FILE argument.
MOST_FILES = 20_000
#: Clear the screen and the lines above it, and go to the top.
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def watch_files(files: Sequence[str]) -> NoReturn:
    """Run this command line without --watch, now and after every change, until Ctrl-C."""
    command = [sys.executable, "-m", "nixbridge", *(word for word in sys.argv[1:] if word != WATCH.spellings[0])]
    folders = {project_root(folder_of(file) or os.getcwd()) for file in files or (os.getcwd(),)}
    watched = Watched()
    try:
        while True:
            watched.only({path for folder in folders for path in _files_below(folder)})
            watched.look()
            if sys.stdout.isatty():
                print(_CLEAR, end="", flush=True)
            subprocess.run(command, check=False)
            watched.wait()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _files_below(folder: str) -> Iterator[str]:
    """Yield the files and folders of a project: a folder's time changes when a file is added to it or taken away."""
    count = 0
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        yield path
        for name in names:
            if name.endswith(SUFFIXES):
                count += 1
                yield os.path.join(path, name)
        # three rounds a second over every file must not keep a core busy
        if count > MOST_FILES:
            return
