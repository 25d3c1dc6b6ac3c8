"""Seeded random expressions that mostly evaluate: typed, nested, lazy, and now and then with a mistake in them."""

from __future__ import annotations

import random
import re

from tests.differential.forms import ANY, BY_TYPE, HASH_FORMATS, REGEXES

#: A type: `("int",)`, `("list", element)`, `("set", ((name, type), ...))` with these attributes at least, `("fn", argument, result)`.
Type = tuple  # type: ignore[type-arg]

INT, FLOAT, BOOL, STRING, NULL, PATH = (("int",), ("float",), ("bool",), ("string",), ("null",), ("path",))
SCALARS = (INT, INT, BOOL, STRING, STRING, STRING, FLOAT, NULL)
NAMES = ("a", "b", "c", "x", "y", "absent'", "or")
WORDS = ('"a"', '"b"', '"x"', '"foo"', '"é"', '"a b"', '"1.2"', '"$"', '"in"')
LITERALS = {
    "int": ("0", "1", "2", "3", "7", "-1", "42", "100", "9223372036854775807", "4611686018427387904"),
    "float": ("0.5", "1.0", "2.25", "100000.0", "1.0e6", "1.0e15", "0.1", "1.0e-5", "-1.5", "123456.789"),
    "bool": ("true", "false"),
    "null": ("null",),
    "path": ("/a", "/a/b", "/b/c.nix", "/a/./b/../c-d_e+f"),
    "string": (
        '""', '"a"', '"b"', '"ab"', '"bé"', '"x.y"', '"1.2.3"', '"foo bar"', '"日本"', '"a\\nb"', '"foo-1.0pre2"', '"\\${"', '"$"',
        "''a''", "''\n  b\n   c\n''", '"/a/b/"', '"😀"', '"\'\'"', '"<&>"', '"aab"', '"a\\tb\\"\\\\"',
        '(builtins.appendContext "c" { "/nix/store/00000000000000000000000000000000-x" = { path = true; }; })',
    ),
}  # fmt: skip

_HOLE = re.compile(r"@([A-Za-z0-9]+(?:\.(?:int|float|bool|string|null|path|set|T|E|U|V|list|fn)\b)*)")


class TypedExpressions:
    """Expressions out of one seed. `size` is about how many forms are nested in one, `mistakes` how often a type is wrong."""

    def __init__(self, seed: int, size: int = 12, mistakes: float = 0.004) -> None:
        self.picks = random.Random(seed)
        self.size = size
        self.mistakes = mistakes
        self.budget = 0
        self.scope: dict[str, Type] = {}
        self.fresh = 0

    def expression(self) -> str:
        """One expression of a random type."""
        self.scope, self.fresh = {}, 0
        self.budget = self.picks.randint(1, 2 * self.size)
        kind = self.picks.choice((PATH, STRING, BOOL)) if self.picks.random() < 0.1 else self.type(2)
        return self.of(kind, 5)

    def type(self, depth: int) -> Type:
        """A random type, at most `depth` lists and sets deep."""
        pick = self.picks.random()
        if depth == 0 or pick < 0.6:
            return self.picks.choice(SCALARS)
        if pick < 0.78:
            return ("list", self.type(depth - 1))
        if pick < 0.985:
            names = sorted(self.picks.sample(NAMES[:5], self.picks.randrange(3)))
            return ("set", tuple((name, self.type(depth - 1)) for name in names))
        return ("fn", self.type(depth - 1), self.type(depth - 1))

    def of(self, kind: Type, depth: int) -> str:
        """An expression of the type that can stand anywhere: a word, or something in brackets."""
        self.budget -= 1
        pick = self.picks.random()
        if self.picks.random() < self.mistakes:
            kind = self.type(1)
        known = [name for name, other in self.scope.items() if other == kind]
        if known and pick < 0.4:
            return self.picks.choice(known)
        if kind[0] == "fn":
            return self.function(kind, depth)
        if depth <= 0 or self.budget <= 0 or pick > 0.93:
            return self.literal(kind, depth)
        if pick < 0.46:
            return self.bound(kind, depth)
        forms = ANY if pick < 0.6 else self.forms(kind)
        return self.filled(self.picks.choice(forms), kind, depth)

    def forms(self, kind: Type) -> list[str]:
        """The forms of a type."""
        forms = BY_TYPE[kind[0]]
        if kind[0] == "list" and self.picks.random() < 0.5:
            return BY_TYPE.get(f"list.{kind[1][0]}", forms)
        if kind == ("set", ()) and self.picks.random() < 0.8:
            return BY_TYPE["set0"]
        return forms

    def filled(self, form: str, kind: Type, depth: int) -> str:
        """A form with its holes filled, in parentheses."""
        types = {
            "T": kind,
            "E": kind[1] if kind[0] == "list" else INT,
            "U": self.type(1),
            "V": self.type(1),
            "set": ("set", tuple(sorted((name, self.type(1)) for name in self.picks.sample(NAMES[:5], 2)))),
            "set0": ("set", ()),
        }
        return f"({_HOLE.sub(lambda hole: self.hole(hole[1], types, depth - 1), form)})"

    def hole(self, text: str, types: dict[str, Type], depth: int) -> str:
        """The text that fills a hole."""
        if text == "small":
            return str(self.picks.randrange(5))
        if text == "name":
            return self.picks.choice(NAMES)
        if text == "word":
            return self.picks.choice(WORDS)
        if text == "format":
            return f'"{self.picks.choice(HASH_FORMATS)}"'
        if text == "regex":
            return f'"{self.picks.choice(REGEXES)}"'
        words = text.split(".")
        return self.of(self.typed(words, types), depth)

    def typed(self, words: list[str], types: dict[str, Type]) -> Type:
        """The type that the words of a hole say, in prefix notation; takes them away."""
        word = words.pop(0)
        if word == "list":
            return ("list", self.typed(words, types))
        if word == "fn":
            return ("fn", self.typed(words, types), self.typed(words, types))
        return types.get(word, (word,))

    def literal(self, kind: Type, depth: int) -> str:
        """A value written out."""
        if kind[0] == "list":
            return f"[ {' '.join(self.of(kind[1], depth - 1) for _ in range(self.picks.randrange(4)))} ]"
        if kind[0] == "set":
            return self.set_literal(kind, depth)
        text = self.picks.choice(LITERALS[kind[0]])
        return f"({text})" if text.startswith("-") else text

    def set_literal(self, kind: Type, depth: int) -> str:
        """A set with the attributes of its type, in any order, and perhaps one more."""
        attributes = [f"{name} = {self.of(other, depth - 1)};" for name, other in kind[1]]
        taken = [name for name, _ in kind[1]]
        known = [name for name in self.scope if name in NAMES[:5] and name not in taken]
        if known and self.picks.random() < 0.3:
            attributes.append(f"inherit {known[0]};")
        elif self.picks.random() < 0.3:
            attributes.append(f"more = {self.of(self.type(1), depth - 1)};")
        self.picks.shuffle(attributes)
        return f"{{ {' '.join(attributes)} }}"

    def function(self, kind: Type, depth: int) -> str:
        """A function, written as one of the ways to write one."""
        argument, result = kind[1], kind[2]
        simple = {
            (INT, INT): "(builtins.add 1)",
            (STRING, STRING): "baseNameOf",
            (STRING, INT): "builtins.stringLength",
        }
        if (argument, result) in simple and self.picks.random() < 0.1:
            return simple[argument, result]
        if argument[0] == "set" and self.picks.random() < 0.6:
            before = dict(self.scope)
            self.scope.update(argument[1])
            body = self.of(result, depth - 1)
            self.scope = before
            formals = ", ".join([*(name for name, _ in argument[1]), "..."])
            return f"({{ {formals} }}: {body})"
        name = self.variable()
        return f"({name}: {self.within(name, argument, result, depth)})"

    def bound(self, kind: Type, depth: int) -> str:
        """`let`, `with`, a call: a variable more in scope."""
        name, other = self.variable(), self.type(2)
        value = self.of(other, depth - 2)
        body = self.within(name, other, kind, depth)
        forms = [
            f"let {name} = {value}; in {body}",
            f"({name}: {body}) {value}",
            f"({{ {name} ? {value} }}: {body}) {{ }}",
            f'({{ {name}, ... }}@args: {body}) {{ {name} = {value}; other = throw "unused"; }}',
            f"(rec {{ {name} = {value}; result = {body}; }}).result",
            f'let inherit ({{ {name} = {value}; }}) {name}; unused = abort "unused"; in {body}',
            f"let {{ {name} = {value}; body = {body}; }}",
            f"builtins.head (map ({name}: {body}) [ {value} ])",
        ]
        if name.startswith("v"):
            forms.append(f"with {{ {name} = {value}; }}; {body}")
        return f"({self.picks.choice(forms)})"

    def within(self, name: str, other: Type, kind: Type, depth: int) -> str:
        """An expression of type `kind` in whose scope `name` is of type `other`."""
        before = dict(self.scope)
        self.scope[name] = other
        body = self.of(kind, depth - 1)
        self.scope = before
        return body

    def variable(self) -> str:
        """A name: one that may hide another, or a new one."""
        if self.picks.random() < 0.5:
            return self.picks.choice(NAMES[:5])
        self.fresh += 1
        return f"v{self.fresh}"
