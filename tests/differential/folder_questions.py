"""Questions about files and folders with links in them: what is there, of which type, where a path leads, what a copy is."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.fuzz.grammars import Grammar, grown

#: The names that files have; few, so that the questions meet them.
NAMES = ("a", "b", "c.nix", "d e", "é", ".hidden", "default.nix", "F")
CONTENTS = (
    "",
    "1",
    "text\n",
    "{ x = 1; }",
    "[ ./a ../b ]",
    "import ./a",
    "x: x",
    '"\xff"\n',
    "builtins.readDir ./.",
    "./c.nix",
    '"${./a}"',
)

QUESTIONS: Grammar = {
    "start": (
        "builtins.readDir ‹path›", "builtins.readDir ‹path›", "builtins.readFileType ‹path›", "builtins.pathExists ‹path›",
        "builtins.pathExists ‹path›", "builtins.readFile ‹path›", "builtins.hashFile \"sha256\" ‹path›", "import ‹path›",
        "import ‹path›", "scopedImport { } ‹path›", "builtins.filterSource (p: t: ‹kept›) ‹path›",
        "builtins.path { path = ‹path›; name = \"n\"; ‹copy› }", "\"${‹path›}\"", "builtins.path { path = ‹path›; ‹copy› }",
        "toString ‹path›", "baseNameOf ‹path›", "dirOf ‹path›", "‹path› == ‹path›", "‹path› < ‹path›",
        "builtins.typeOf (‹path› + ‹tail›)", "builtins.toJSON ‹path›",
        "builtins.findFile [ { prefix = ‹prefix›; path = ‹path›; } ] ‹asked›", "builtins.getContext \"${‹path›}\"",
        "import ‹path› == import ‹path›",
        "builtins.mapAttrs (n: t: builtins.pathExists (‹path› + \"/${n}\")) (builtins.readDir ‹path›)",
        "map builtins.pathExists [ ‹path› ‹path› ‹path› ]", "(builtins.tryEval (builtins.pathExists ‹path›)).value",
        "builtins.isPath ‹path›", "builtins.attrNames (builtins.readDir ‹path›)",
        "builtins.map (p: builtins.readFileType p) [ ‹path› ]", "builtins.unsafeDiscardStringContext \"${‹path›}\"",
        'let seen = p: t: builtins.trace "${baseNameOf p} ${t}" true; in builtins.filterSource seen ‹path›',
    ),
    "path": (
        "./‹name›", "./‹name›", "./‹name›/‹name›", "./‹name›/‹name›/‹name›", "./.", "./‹name›/..", "./‹name›/../‹name›",
        "(./. + ‹tail›)", "(./‹name› + ‹tail›)", '"${toString ./.}/‹text›"', "./‹name›/./‹name›", "(/. + (toString ./‹name›))",
        '"${toString ./.}/‹text›/"', "(./. + \"/${\"‹text›\"}\")",
    ),
    "tail": ('"/‹text›"', '"/‹text›/‹text›"', '"/../‹text›"', '"/."', '"‹text›"', '"/‹text›/"', '"//‹text›"', '"/"', '""'),
    "name": ("a", "b", "c.nix", "F", "${\"d e\"}", "${\"é\"}", "default.nix", "${\".hidden\"}", "a", "b"),
    "text": ("a", "b", "c.nix", "F", "d e", "é", ".hidden", "default.nix", "absent", ".", "..", ""),
    "kept": (
        "true", 't == "regular"', 't != "symlink"', 'baseNameOf p != "a"', 't == "directory" || t == "symlink"', "false",
        'builtins.match ".*nix" p == null',
    ),
    "copy": (
        "", "recursive = true;", "recursive = false;", "filter = p: t: ‹kept›;", "filter = p: t: ‹kept›; recursive = true;",
    ),
    "prefix": ('""', '"x"', '"a"', '"x/y"'),
    "asked": ('"x"', '"x/a"', '"a"', '"x/y/b"', '"b/c"', '"x/../a"'),
}  # fmt: skip


class FolderQuestions:
    """A folder and questions about it out of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One question, whose answer does not depend on where the folder is."""
        return grown(QUESTIONS, self.picks, depth=5)

    def write_files(self, folder: Path) -> None:
        """Write the folder that the questions of this seed are about."""
        write_folder(folder, random.Random(self.seed + 1), depth=3, up="")


def write_folder(folder: Path, picks: random.Random, depth: int, up: str) -> None:
    """Fill a folder with files, folders and links; `up` leads from it to the outermost one."""
    folder.mkdir(exist_ok=True)
    for name in picks.sample(NAMES, picks.randint(2, 6) if not up else picks.randrange(5)):
        pick = picks.random()
        if pick < 0.3 and depth:
            write_folder(folder / name, picks, depth - 1, f"../{up}")
        elif pick < 0.65:
            content = picks.choice(CONTENTS)
            (folder / name).write_bytes(content.encode("latin-1" if "\xff" in content else "utf-8"))
            if picks.random() < 0.2:
                (folder / name).chmod(0o755)
        else:
            target = picks.choice(
                (
                    *NAMES,
                    "absent",
                    ".",
                    name,
                    f"{up}{picks.choice(NAMES)}",
                    f"./{picks.choice(NAMES)}/{picks.choice(NAMES)}",
                )
            )
            os.symlink(target, folder / name)
