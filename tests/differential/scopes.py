"""Names: `let`, `rec`, `with`, `inherit`, computed names, `or` and `?` on nested paths, formals, defaults and `@`, all of few names.

Every name has a value in the outermost `let`, so nothing is undefined; what a name means is what the expressions are about.
"""

from __future__ import annotations

import random
from collections.abc import Callable

#: Names, some of which mean something to Python.
NAMES = ("a", "b", "c", "d", "e", "a'", "_b-c", "self", "def", "None", "or")
VALUES = (
    "1",
    '"b"',
    "{ a = 2; b.c = [ 3 ]; }",
    "{ b = { a = 4; c = null; }; }",
    "[ 5 { a = 6; } ]",
    "null",
    "true",
    "7.5",
    "x: x",
)
#: Where there is to be a computed name.
TEXTS = ('"a"', '"b"', '("c" + "")', '(toString "d")', '(if true then "e" else "a")', '"or"', '(builtins.head [ "a" ])')


class Scopes:
    """Expressions out of one seed."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)

    def expression(self) -> str:
        """One expression in the scope of all names."""
        values = " ".join(f"{name} = {self.picks.choice(VALUES)};" for name in NAMES if name != "or")
        return f"let {values} in {self.part(self.picks.randint(1, 4))}"

    def part(self, depth: int) -> str:
        """An expression that can stand anywhere."""
        if depth <= 0:
            return self.picks.choice((self.name(), self.name(), "1", '"x"'))
        makers: tuple[Callable[[int], str], ...] = (
            *(
                self.let,
                self.with_,
                self.call,
                self.call,
                self.selection,
                self.selection,
                self.question,
                self.set,
                self.set,
            ),
            *(self.list, self.choice, self.text),
        )
        return f"({self.picks.choice(makers)(depth - 1)})"

    def name(self) -> str:
        """A variable."""
        return self.picks.choice(NAMES[:-1])

    def let(self, depth: int) -> str:
        """`let` of either kind."""
        if self.picks.random() < 0.1:
            return f"let {{ {self.bindings(depth, dynamic=False)} body = {self.part(depth)}; }}"
        return f"let {self.bindings(depth, dynamic=False)} in {self.part(depth)}"

    def with_(self, depth: int) -> str:
        """`with`, perhaps of what is not a set, where nothing looks into it."""
        return f"with {self.set(depth) if self.picks.random() < 0.9 else self.part(depth)}; {self.part(depth)}"

    def set(self, depth: int) -> str:
        """A set, written out or joined."""
        pick = self.picks.random()
        if pick < 0.1 and depth > 0:
            return f"({self.set(depth - 1)} // {self.set(depth - 1)})"
        return f"{'rec ' if pick < 0.4 else ''}{{ {self.bindings(depth, dynamic=True)} }}"

    def bindings(self, depth: int, *, dynamic: bool) -> str:
        """Bindings of a few names, each at most once unless one is computed, or nested sets meet."""
        made = []
        for name in self.picks.sample(NAMES, self.picks.randrange(4)):
            value = self.part(depth - 1)
            pick = self.picks.random()
            if pick < 0.55:
                made.append(f"{name} = {value};")
            elif pick < 0.7:
                inner, other = self.picks.sample(NAMES, 2)
                made += [f"{name}.{inner} = {value};", f"{name}.{other} = {self.part(depth - 1)};"]
            elif pick < 0.78 and name != "or":
                made.append(f"inherit {name};")
            elif pick < 0.86:
                made.append(f"inherit ({self.set(depth - 1)} // {{ {name} = {value}; }}) {name};")
            elif pick < 0.9:
                made.append(f'"{name}" = {value};')
            elif dynamic:
                made.append(f"${{{self.picks.choice(TEXTS)}}} = {value};")
        self.picks.shuffle(made)
        return " ".join(made)

    def path(self) -> str:
        """An attribute path."""
        steps = []
        for _ in range(self.picks.choice((1, 1, 2, 2, 3))):
            name = self.picks.choice(NAMES)
            steps.append(self.picks.choice((name, name, name, f'"{name}"', f"${{{self.picks.choice(TEXTS)}}}")))
        return ".".join(steps)

    def selection(self, depth: int) -> str:
        """`.`, mostly with `or`."""
        default = f" or {self.part(depth)}" if self.picks.random() < 0.85 else ""
        subject = self.picks.choice((self.name(), f"({self.set(depth)})", self.part(depth)))
        return f"{subject}.{self.path()}{default}"

    def question(self, depth: int) -> str:
        """`?`, some with another operator."""
        asked = f"{self.part(depth)} ? {self.path()}"
        return self.picks.choice(
            (asked, asked, f"!{asked}", f"[ ({asked}) ] == [ true ]", f"{asked} && {self.part(0)} ? {self.path()}")
        )

    def call(self, depth: int) -> str:
        """A call of a function that is written out."""
        if self.picks.random() < 0.3:
            return f"({self.name()}: {self.part(depth)}) {self.part(depth)}"
        formals = self.picks.sample(NAMES[:-1], self.picks.randrange(4))
        with_default = [name for name in formals if self.picks.random() < 0.5]
        written = [f"{name} ? {self.part(depth - 1)}" if name in with_default else name for name in formals]
        open_ended = self.picks.random() < 0.4
        pattern = f"{{ {', '.join([*written, *(['...'] if open_ended else [])])} }}"
        whole = self.picks.choice([name for name in NAMES[:-1] if name not in formals])
        pattern = self.picks.choice(
            (pattern, pattern, f"{pattern}@{whole}", f"{whole}@{pattern}", f"{whole} @ {pattern}")
        )
        given = [name for name in formals if name not in with_default or self.picks.random() < 0.5]
        if (open_ended or self.picks.random() < 0.05) and self.picks.random() < 0.5:
            given.append(whole)
        if given and self.picks.random() < 0.04:
            given.pop(0)
        arguments = " ".join(f"{name} = {self.part(depth - 1)};" for name in given)
        return f"({pattern}: {self.part(depth)}) {{ {arguments} }}"

    def list(self, depth: int) -> str:
        """A list of several parts, so that one expression asks several questions."""
        return f"[ {' '.join(self.part(depth) for _ in range(self.picks.randint(1, 3)))} ]"

    def choice(self, depth: int) -> str:
        """`if`, `assert`, of conditions that can be evaluated."""
        test = f"{self.part(0)} ? {self.path()}"
        if self.picks.random() < 0.3:
            return f"assert {test} || true; {self.part(depth)}"
        return f"if {test} then {self.part(depth)} else {self.part(depth)}"

    def text(self, depth: int) -> str:
        """A builtin that is asked about a value."""
        if self.picks.random() < 0.2:
            return (
                f'builtins.unsafeGetAttrPos "{self.name()}" {self.picks.choice((self.name(), f"({self.set(depth)})"))}'
            )
        form = self.picks.choice(
            ("builtins.typeOf {}", "builtins.attrNames {}", "builtins.functionArgs ({}: 1)", "builtins.isAttrs {}")
        )
        if "attrNames" in form:
            return form.format(f"({self.set(depth)})")
        if "functionArgs" in form:
            return form.format(f"{{ {self.name()} ? {self.part(depth)}, ... }}")
        return form.format(self.part(depth))
