"""Long texts of values that are written alike, with other strings, numbers and white space, which a compiler might take for the same."""

from __future__ import annotations

import random

#: A value is made of these; `§` is a string, `‹n›` a number.
PARTS = (
    *('name = §;', 'type = t.str;', 'default = ‹n›;', 'description = §;', 'a.b = §;', '"x y" = §;', 'list = [ § § ];'),
    *('list = [ 1 t.str ];', 'nested = { c = §; };', 'empty = { };', 'call = t.id §;', 'sum = 1 + ‹n›;', 'both = § + §;'),
    *('apply = (v: v) 1;', 'inherit (t) str;', 'or = t.none or §;', 'choice = if t.yes then § else §;', 'w = with t; str;'),
    *('m = let q = §; in q;', 'has = t ? str;', 'rec1 = rec { c = §; d = c; };', "text = ''\n      §\n    '';"),
    *("indented = ''a'';", 'path = ./a;', 'float = 1.5;', 'minus = -‹n›;', '${"k" + §} = 1;', 'uri = a:b;', '# §', '/* x */'),
    *('t.x = §;', 'eq = § == §;', 'inter = "${t.str}-‹n›";', 'get = t.${"str"};', 'q = t."str";', 'at = { "s" = §; };'),
    *('list2 = [ { e = §; } ];', 'deep = t.id (t.id §);'),
)  # fmt: skip
STRINGS = (
    *('"a"', '"b"', '""', '"a\\nb"', '"\\${x}"', '"$"', '"$$"', '"a\\"b"', '"é"', '"x;y"', '"{ }"', '"a = b"', '"\\\\"'),
    *('"line\nbreak"', "''a''", "''\n  a\n   b\n''", "'' ''", "''$''", "''a'b''", "''\n\n  c''", "''#''", '"# no"'),
    *('"/* no */"', '"http://a.b"', '"${t.str}"'),
)  # fmt: skip
#: Characters of a text at least: a compiler that looks for repetitions does so in long texts.
SHORTEST = 4_500


class RepeatedValues:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """A set of a few kinds of values, many of each."""
        kinds = [self.picks.sample(PARTS, self.picks.randint(1, 5)) for _ in range(self.picks.randint(1, 3))]
        lines: list[str] = []
        size = 0
        while size < SHORTEST:
            lines.append(self.line(len(lines), self.picks.choice(kinds)))
            size += len(lines[-1])
        functions = 'f = x: x // { made = builtins.attrNames x; }; t = { str = "S"; id = x: x; yes = true; f = f; };'
        asked = self.picks.choice(
            (
                "all",
                "builtins.attrNames all",
                "builtins.mapAttrs (n: v: v.name or null) all",
                "all.k1",
                "builtins.toJSON all",
            )
        )
        return f"let {functions} all = {'rec ' if self.picks.random() < 0.2 else ''}{{\n{''.join(lines)}}}; in {asked}"

    def line(self, number: int, parts: list[str]) -> str:
        """One value with a name."""
        function = self.picks.choice(("f", "f", "f", "t.f", "t.id"))
        body = "\n    ".join(parts)
        while "§" in body:
            body = body.replace("§", self.picks.choice(STRINGS), 1)
        body = body.replace("‹n›", str(self.picks.choice((0, 1, 42))))
        space = self.picks.choice((" ", " ", " ", "\n", "  "))
        return f"  k{number}{space}={space}{function} {{\n    {body}\n  }};\n"
