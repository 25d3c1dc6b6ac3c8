"""Flake references as URLs and as sets, read and written."""

from __future__ import annotations

import random

from nixbridge.language.syntax.tree_text import literal
from tests.fuzz.grammars import Grammar, grown

REFERENCES: Grammar = {
    "start": ("‹scheme›‹query›", "‹scheme›‹query›", "‹scheme›"),
    "scheme": (
        "github:‹word›/‹word›", "github:‹word›/‹word›/‹revision›", "gitlab:‹word›/‹word›/‹revision›",
        "sourcehut:~‹word›/‹word›", "‹word›", "flake:‹word›/‹revision›", "path:‹path›", "‹path›", "git+https://‹host›/‹word›",
        "git+ssh://git@‹host›/‹word›", "git+file://‹path›", "https://‹host›/‹word›.tar.gz", "tarball+https://‹host›/‹word›",
        "file+https://‹host›/‹word›", "hg+https://‹host›/‹word›", "git:‹path›", "indirect:‹word›", "github:‹word›",
        "‹word›/‹revision›",
    ),
    "word": ("nixpkgs", "a", "a-b_c.d", "NixOS", "é", "a%20b", "0", "nix"),
    "host": ("example.org", "example.org:8080", "localhost", "a.b"),
    "path": ("/a/b", "./a", "../a", "/", ".", "/a b", "/a/../b", "~/a"),
    "revision": ("main", "v1.0", "0123456789abcdef0123456789abcdef01234567", "refs/heads/x", "nixos-23.11", "a/b"),
    "query": ("", "?‹argument›", "?‹argument›&‹argument›", "#x", "?"),
    "argument": (
        "dir=sub", "ref=main", "rev=0123456789abcdef0123456789abcdef01234567", "host=h.org", "shallow=1", "submodules=1",
        "narHash=sha256-47DEQpj8HBSa%2B/TImW%2B5JCeuQeRkm5NMpJWZG3hSuFU=", "lastModified=12", "revCount=3", "name=n",
        "unknown=1", "lfs=1", "allRefs=1", "a", "dir=a%2Fb", "rev=short", "unpack=1", "exportIgnore=1",
    ),
    "set": ("{ ‹type› ‹attribute› ‹attribute› }", "{ ‹type› ‹attribute› }", "{ ‹type› }"),
    "type": (
        'type = "github"; owner = "o"; repo = "r";', 'type = "path"; path = "/a";', 'type = "git"; url = "https://e.org/r";',
        'type = "indirect"; id = "nixpkgs";', 'type = "tarball"; url = "https://e.org/t.tar.gz";',
        'type = "gitlab"; owner = "o"; repo = "r";', 'type = "file"; url = "https://e.org/f";', 'type = "x";', "",
    ),
    "attribute": (
        'ref = "main";', 'rev = "0123456789abcdef0123456789abcdef01234567";', 'dir = "d";', 'host = "h";', "lastModified = 5;",
        "revCount = 3;", "shallow = true;", 'narHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";',
        "submodules = true;", "x = 1;", "a.b = 1;", 'y = "s";', "z = null;",
    ),
}  # fmt: skip


class FlakeReferences:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One reference, taken apart, put together, or both."""
        pick = self.picks.random()
        if pick < 0.5:
            return f"builtins.parseFlakeRef {literal(grown(REFERENCES, self.picks))}"
        if pick < 0.8:
            return f"builtins.flakeRefToString (builtins.parseFlakeRef {literal(grown(REFERENCES, self.picks))})"
        return f"builtins.flakeRefToString {grown(REFERENCES, self.picks, 'set')}"
