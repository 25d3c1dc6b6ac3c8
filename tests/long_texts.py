"""Texts of any depth and length, one for each construct of the language: used by test_growth.py, and run by it under small stacks.

`python -m tests.long_texts SIZE` evaluates all of them at this size and prints a line for each, so that a dead process tells where.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from nixbridge.errors.exceptions import NixError
from nixbridge.language.evaluation.evaluator import Evaluator
from nixbridge.language.machine.host import Host
from nixbridge.source import Source


def joined(text: Callable[[int], str], size: int) -> str:
    return " ".join(map(text, range(size)))


#: Construct -> the text of a size.
LONG: dict[str, Callable[[int], str]] = {
    "arguments": lambda n: "let f = x: f; in builtins.isFunction (f" + " 1" * n + ")",
    "calls of calls": lambda n: "let f = x: f; in builtins.isFunction (" + "(" * n + "f" + " 1)" * n + ")",
    "calls in arguments": lambda n: "let f = x: 1; in " + "(f " * n + "1" + ")" * n,
    "functions": lambda n: "builtins.isFunction (" + joined(lambda i: f"x{i}:", n) + " 1)",
    "formals": lambda n: "({ " + ", ".join(f"a{i}" for i in range(n)) + ", ... }@b: 1) { " + joined(lambda i: f"a{i} = {i};", n) + " }",
    "formals with defaults": lambda n: "({ " + ", ".join(f"a{i} ? {i} + 1" for i in range(n)) + " }: a1) { }",
    "let in let": lambda n: "let a0 = 1; in " + joined(lambda i: f"let a{i + 1} = a{i}; in", n) + " 1",
    "let": lambda n: "let " + joined(lambda i: f"a{i} = {i} + 1;", n) + " in a1",
    "rec": lambda n: "(rec { b = 1; " + joined(lambda i: f"a{i} = b + {i};", n) + " }).a1",
    "inherit": lambda n: "let s = { b = 1; }; inherit (s) b; in ({ inherit b; " + joined(lambda i: f"inherit (s) a{i};", n) + " }).b",
    "sums": lambda n: "1" + " + 1" * n,
    "differences": lambda n: "1" + " - 1" * n,
    "products": lambda n: "1" + " * 1" * n,
    "strings joined": lambda n: '"a"' + ' + "b"' * n,
    "lists joined": lambda n: "[ 1 ]" + " ++ [ (1 + 1) ]" * n,
    "sets joined": lambda n: "{ }" + "".join(f" // {{ a{i} = 1 + {i}; }}" for i in range(n)),
    "and": lambda n: "true" + " && (1 == 1)" * n,
    "or": lambda n: "false" + " || (1 == 2)" * n,
    "implies": lambda n: "true" + " -> true" * n,
    "not": lambda n: "!" * (2 * n) + "true",
    "negations": lambda n: "- " * (2 * n) + "1",
    "arithmetic in parentheses": lambda n: "(1 + " * n + "1" + ")" * n,
    "comparisons in parentheses": lambda n: "(true == " * n + "true" + ")" * n,
    "assert": lambda n: "assert 1 == 1; " * n + "1",
    "assert of a variable": lambda n: "let x = true; in " + "assert x; " * n + "1",
    "assert in assert": lambda n: "assert " * n + "true" + "; true" * n,
    "with": lambda n: "with { a = 1; }; " * n + "a",
    "with of with": lambda n: "with { a = { a = 1; }; }; " + "with a; " * n + "1",
    "else if": lambda n: joined(lambda i: f"if 1 == {i + 2} then {i} else", n) + " 0",
    "if in then": lambda n: "if 1 == 1 then " * n + "1" + " else 2" * n,
    "if in condition": lambda n: "if " * n + "true" + " then true else false" * n,
    "pipes": lambda n: "let f = x: 1; in 1" + " |> f" * n,
    "pipes backwards": lambda n: "let f = x: 1; in " + "f <| " * n + "1",
    "parentheses": lambda n: "(" * n + "1" + ")" * n,
    "lists in lists": lambda n: "builtins.length " + "[" * n + "]" * n,
    "sets in sets": lambda n: "builtins.attrNames " + "{ a = " * n + "1" + "; }" * n,
    "rec in rec": lambda n: "builtins.attrNames " + "rec { a = " * n + "1" + "; }" * n,
    "attribute path": lambda n: "builtins.attrNames { a" + ".a" * n + " = 1; }",
    "selection": lambda n: "let a = { inherit a; }; in builtins.attrNames (a" + ".a" * n + ")",
    "computed selection": lambda n: 'let a = { inherit a; }; in builtins.attrNames (a' + '.${"" + "a"}' * n + ")",
    "selection with a default": lambda n: "let a = { inherit a; }; in builtins.attrNames (a" + ".a" * n + " or 1)",
    "default of a default": lambda n: "let a = { }; in " + "a.b or (" * n + "1" + ")" * n,
    "has attribute": lambda n: "let a = { inherit a; }; in a ? a" + ".a" * n,
    "string in string": lambda n: '"${' * n + '"x"' + '}"' * n,
    "interpolations": lambda n: 'let x = "a"; in builtins.stringLength "' + "${x}" * n + '"',
    "interpolations in a path": lambda n: 'let x = "a"; in builtins.typeOf (/b' + "/${x}" * n + ")",
    "sets chained through lets": lambda n: "let a0 = { }; " + joined(lambda i: f"a{i + 1} = a{i} // {{ x = {i}; }};", n) + " in a1",
    "elements": lambda n: "let x = 1; f = y: y; in builtins.length [" + " (f x)" * n + " ]",
    "functions in a list": lambda n: "builtins.length [" + " (x: y: x + y)" * n + " ]",
    "lets in a list": lambda n: "let q = 1; in builtins.length [" + " (let a = q; in a + 1)" * n + " ]",
    "computed attributes": lambda n: 'let x = "k"; in builtins.isAttrs {' + joined(lambda i: f' ${{x + "{i}"}} = 1;', n) + " }",
}  # fmt: skip


def outcome(text: str) -> str:
    """`ok`, or the message of an error and where it is."""
    evaluator = Evaluator(Host())
    try:
        evaluator.run(lambda: evaluator.evaluate(Source(text)))
    except NixError as error:
        return f"{error.message} at {error.span}"
    return "ok"


def main(size: int, constructs: list[str]) -> None:
    for construct in constructs or LONG:
        print(f"{construct}: {outcome(LONG[construct](size))}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
