"""Files asked for one piece after another, through a cache: whatever code was compiled before, and for whom, the values are the same.

Code of a large file is compiled on demand, kept, shared between places that are written alike, and joined by what later runs compile.
nixbridge is compared with itself here: with the file compiled whole, in a process that remembers nothing.

`python -m tests.differential.cached_pieces MINUTES [SEED]` compares one file after another and prints those that differ.
"""

from __future__ import annotations

import itertools
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nixbridge.errors.exceptions import NixError
from nixbridge.language.compiler import alike_files, regions, resolver
from nixbridge.language.compiler import compile as compiling
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.formats.format_table import format_named
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation

#: Functions that take anything, so that nearly all expressions evaluate. `outer` looks at a value and at nothing in it.
FUNCTIONS = """
  make = o: { t = "option"; inherit o; names = builtins.attrNames o; };
  pair = a: b: { fst = a; snd = [ b ]; };
  asSet = v: if builtins.isAttrs v then v else { it = v; };
  outer = v: if builtins.isAttrs v then builtins.attrNames v else if builtins.isList v then builtins.length v else builtins.typeOf v;
  inner = v: if builtins.isAttrs v then builtins.mapAttrs (_: outer) v else outer v;
  count = v: builtins.length (builtins.attrNames (asSet v));
"""
NAMES = ("default", "description", "m", "name", "options", "type")
ATOMS = ("1", "2", "17", '"a"', '"q r"', "[ 1 2 ]", '{ a = "b"; }')
#: What makes one piece the copy of another, written alike: other numbers and strings.
_CONSTANT = re.compile(r'(?<![\w".$\\{-])\d{1,2}(?![\w.])|"[a-z ]{1,3}"')
#: Files are compiled on demand from this size on.
_SIZED = (regions, resolver, compiling, alike_files)


class Program:
    """A file out of one seed: its text, and the pieces to ask for, the outermost of each first."""

    def __init__(self, seed: int) -> None:
        self.picks = random.Random(seed)
        self._variables = itertools.count()
        shared: list[str] = []
        bound: list[str] = []
        for _ in range(self.picks.randint(2, 6)):
            name = self.variable()
            bound.append(f"{name} = {self.expression(3, shared)};")
            shared.append(name)
        self.pieces: dict[str, list[str]] = {}
        rows = "\n  ".join(self.attributes(shared))
        shapes = "builtins.mapAttrs (_: outer) all", "builtins.mapAttrs (_: inner) all"
        self.text = (
            f"{{ unused ? 1 }}: let {FUNCTIONS}\n  {' '.join(bound)}\n  all = {{\n  {rows}\n  }};\n"
            f"in all // {{ outer = {shapes[0]}; inner = {shapes[1]}; }}\n"
        )

    def attributes(self, shared: list[str]) -> Iterator[str]:
        """The attributes of the file: each a piece, some of them copies of others."""
        for family in range(self.picks.randint(2, 5)):
            body = self.expression(self.picks.randint(4, 7), shared)
            for copy in range(self.picks.choice((1, 1, 2, 4))):
                name = f"{self.picks.choice('abcxyz')}{family}x{copy}"
                yield f"{name} = {body if copy == 0 else self.copy(body)};"
                below = [f"{name}.{part}" for part in (*self.picks.sample(NAMES, 2), "fst", "o", "o.options")]
                self.pieces[name] = [f"outer.{name}", f"inner.{name}", *below, name]

    def copy(self, body: str) -> str:
        """The same expression with other constants, perhaps on more lines."""
        other = _CONSTANT.sub(lambda found: self.other_constant(found[0]), body)
        return other.replace("; ", ";\n ", self.picks.randrange(3))

    def other_constant(self, text: str) -> str:
        """A constant of the same type."""
        if self.picks.random() < 0.5:
            return text
        return str(self.picks.randrange(100)) if text.isdecimal() else f'"{self.picks.choice(("", "a", "b", "zz"))}"'

    def variable(self) -> str:
        """A new name, which sorts before or after those that there are."""
        return f"{self.picks.choice('gklvwz')}{next(self._variables)}"

    def set(self, depth: int, scope: list[str], size: int) -> str:
        """A set of so many attributes, most of them deep enough to be compiled apart."""
        names = self.picks.sample(NAMES, size)
        inherited = f"inherit {self.picks.choice(scope)}; " if size > 1 and scope and self.picks.random() < 0.3 else ""
        return f"{{ {' '.join(f'{name} = {self.expression(depth - 1, scope)};' for name in names)} {inherited}}}"

    def expression(self, depth: int, scope: list[str]) -> str:
        """An expression that uses the variables of the scope."""
        if depth <= 0 or self.picks.random() < 0.12:
            return self.picks.choice(scope if scope and self.picks.random() < 0.75 else ATOMS)
        return self.picks.choice(FORMS)(self, depth - self.picks.randint(0, 1), scope)

    def one(self, depth: int, scope: list[str]) -> str:
        """A part of an expression."""
        return self.expression(depth - 1, scope)


def _binding(form: str) -> Callable[[Program, int, list[str]], str]:
    """A form that binds a variable: `@v` is its name, `@e` an expression outside, `@b` one that may use it."""

    def written(program: Program, depth: int, scope: list[str]) -> str:
        name = program.variable()
        text = form.replace("@v", name).replace("@e", program.one(depth, scope))
        return text.replace("@b", program.one(depth, [*scope, name]))

    return written


FORMS: tuple[Callable[[Program, int, list[str]], str], ...] = (
    lambda program, depth, scope: f"[ {program.one(depth, scope)} {program.one(depth, scope)} ]",
    *[lambda program, depth, scope: program.set(depth, scope, 1)] * 2,
    lambda program, depth, scope: program.set(depth, scope, program.picks.randint(2, 4)),
    *[lambda program, depth, scope: f"(make {program.set(depth, scope, program.picks.randint(1, 3))})"] * 2,
    lambda program, depth, scope: f"(pair {program.one(depth, scope)} {program.one(depth, scope)})",
    lambda program, depth, scope: f"(asSet {program.one(depth, scope)} // {program.set(depth - 1, scope, 2)})",
    lambda program, depth, scope: (
        f"(if builtins.isAttrs {program.one(depth - 1, scope)} then {program.one(depth, scope)} else 0)"
    ),
    lambda program, depth, scope: f'"t${{toString (count {program.one(depth, scope)})}}-{program.picks.randrange(9)}"',
    _binding("((@v: @b) @e)"),
    _binding("(let @v = @e; in @b)"),
    _binding("(with { @v = @e; }; @b)"),
    _binding("(rec { @v = @e; x = @b; })"),
    _binding("(({ @v ? @e, ... }: @b) { })"),
)


@contextmanager
def on_demand(from_size: int) -> Iterator[None]:
    """Compile texts of at least so many characters on demand."""
    before = regions.SMALL_TEXT
    try:
        for module in _SIZED:
            module.SMALL_TEXT = from_size  # type: ignore[attr-defined]
        yield
    finally:
        for module in _SIZED:
            module.SMALL_TEXT = before  # type: ignore[attr-defined]


def answer(text: str, piece: str, cache: CodeCache) -> str:
    """Return a piece of a file as JSON, or the message and the place of the error."""
    try:
        evaluator = Evaluation(Options(cache=False), "/", cache=cache).evaluator
        source, writer = Source(text, "/file.nix", "/"), format_named("json-compact")
        arguments = evaluator.arguments({})
        return evaluator.run(
            lambda: writer.write(evaluator.evaluate_for_user(source, arguments, piece), evaluator.host)
        )
    except NixError as error:
        return f"{error.message} at {error.span}"
    except Exception as error:  # a variable that is another one's makes errors of any kind
        return f"internal: {type(error).__name__}: {error}"


def differences(seed: int) -> list[str]:
    """Return the pieces of a seed's file whose values depend on what was compiled before, with both values."""
    program = Program(seed)
    found: list[str] = []
    for pieces in program.picks.sample([*program.pieces.values()], min(3, len(program.pieces))):
        with tempfile.TemporaryDirectory() as folder:
            for piece in pieces:
                CodeCache.forget_recent()
                with on_demand(sys.maxsize):
                    wanted = answer(program.text, piece, CodeCache(None))
                if program.picks.random() < 0.8:
                    CodeCache.forget_recent()
                with on_demand(0):
                    given = answer(program.text, piece, CodeCache(folder))
                if given != wanted:
                    found.append(f"{piece}: {given!r} instead of {wanted!r}")
    return found


def main() -> None:
    """Compare files for the minutes of the command line."""
    end = time.monotonic() + 60 * float(sys.argv[1])
    first = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    for seed in itertools.count(first):
        if time.monotonic() > end:
            print(f"{seed - first} files from seed {first} on")
            break
        for line in differences(seed):
            print(f"seed {seed}: {line}", flush=True)


if __name__ == "__main__":
    main()
