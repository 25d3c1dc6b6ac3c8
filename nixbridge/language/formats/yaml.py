"""YAML as Kubernetes people write it: block style, two spaces, list dashes level with their key, nothing that two readers read differently.

PyYAML writes it; what is ours is which strings are quoted, and which are `|` blocks. (YAML 1.1, YAML 1.2, go-yaml)
"""

from __future__ import annotations

import re
from typing import Any

import yaml

#: What some reader takes for something other than a string: Booleans, nulls, numbers of every base, times, dates, `=`, `<<`.
#: No part of it can match in two ways: a long string costs no more than its length.
_OTHER_THAN_STRING = re.compile(
    r"""(?:y|n|yes|no|on|off|true|false|null|nil|~|=|<<|[-+]?\.?(?:inf|nan)|[-+]?infinity
    |[-+]?0(?:x[0-9a-f_]+|o[0-7_]+|b[01_]+)
    |[-+]?(?:_*[0-9][0-9_,]*(?:\.[0-9_,]*)?|\.[0-9_,]*)(?:e[-+]?[0-9_]*)?
    |[-+]?e[-+]?[0-9]+
    |[-+]?[0-9][0-9_]*(?::[0-9_]+)+(?:\.[0-9_]*)?
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*
    |[0-9]+(?:\.[0-9]+)+)""",  # no reader takes a version for a number, but people do
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
#: What no plain or block text can hold so that every reader gives it back: control characters, other line ends, the byte order mark.
_NEEDS_ESCAPES = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_WIDE = 1 << 30
#: YAML lets a key of so many characters, as it is written, stand without `? `.
_LONGEST_KEY = 1000


class Dumper(yaml.SafeDumper):
    """PyYAML's emitter with our choice of style for each string."""

    #: Set, it has PyYAML end a text with `...` after a plain document or a `|+` block; no reader needs that.
    open_ended = property(lambda _: False, lambda _, __: None)

    def ignore_aliases(self, data: object) -> bool:
        """Return true: shared values are written out each time, as people write them."""
        return True

    def check_simple_key(self) -> bool:
        """Return whether what comes next may be a key without `? ` before it. PyYAML refuses the empty key and 128 characters or more."""
        if isinstance(self.event, yaml.ScalarEvent):
            return len(ascii(self.event.value)) < _LONGEST_KEY
        return super().check_simple_key()


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style_of(text))


def style_of(text: str) -> str | None:
    """Return `None` (plain), `"` or `|`: how a string is written."""
    if _NEEDS_ESCAPES.search(text):
        return '"'
    if "\n" in text:
        return "|" if _block_is_safe(text) else '"'
    if not text or text != text.strip() or _OTHER_THAN_STRING.fullmatch(text) or "\t" in text:
        return '"'
    if text[0] in "?:,[]{}#&*!|>'\"%@`=" or text.startswith(("- ", "---", "...")) or text == "-":
        return '"'
    if ": " in text or " #" in text or text.endswith(":"):
        return '"'
    return None


def _block_is_safe(text: str) -> bool:
    """Return whether `text` can be a `|` block: not when its first line is indented or blank, nor when a line ends with a blank."""
    lines = text.split("\n")
    return (
        bool(lines[0])
        and lines[0][0] not in " \t"
        and not any(line[-1:] in (" ", "\t") for line in lines)
        and any(lines[:-1])
    )


def _float(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    if number != number:
        text = ".nan"
    elif number in (float("inf"), float("-inf")):
        text = ".inf" if number > 0 else "-.inf"
    else:
        text = repr(number)
        if "." not in text and "e" in text:
            text = text.replace("e", ".0e")  # YAML 1.1 wants a point
        mantissa, mark, exponent = text.partition("e")
        if mark and exponent[0].isdigit():
            text = f"{mantissa}e+{exponent}"
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


Dumper.add_representer(str, _string)
Dumper.add_representer(float, _float)
# a manifest that goes through unchanged still knows its positions: it is a subclass
Dumper.add_multi_representer(dict, yaml.SafeDumper.represent_dict)


def dump(document: object) -> str:
    """Return plain data as one YAML document; dicts in their own order."""
    return yaml.dump(
        document, Dumper=Dumper, default_flow_style=False, allow_unicode=True, sort_keys=False, width=_WIDE, indent=2
    )


_MERGE = "tag:yaml.org,2002:merge"
#: The most values that the aliases of a text may stand for: a few lines of aliases of aliases would be more than any memory holds.
MOST_ALIASED = 1_000_000


class Loader(yaml.SafeLoader):
    """The strict loader of golden files, inputs and manifests, which gives JSON's data and nothing else.

    A key that occurs twice is an error, keys are what is written (`80`, `on`). Dates, and what YAML 1.1 counts in sixties
    (`1:30:00`), stay strings: YAML 1.2 and Kubernetes read no numbers there.
    """

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        # how many values there are so far, those that aliases stand for counted each time, and how many of a node's own
        self._values = self._aliased = 0
        self._sizes: dict[yaml.Node, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node:
        """Return the next node. Raises ComposerError where the aliases stand for too many values."""
        before, is_alias = self._values, self.check_event(yaml.AliasEvent)
        start = self.current_event.start_mark
        node = super().compose_node(parent, index)
        assert node is not None  # there is an event
        if is_alias:
            size = self._sizes.get(node, 0)  # of one that holds itself, which is refused later, it is not known
            self._values += size
            self._aliased += size
            if self._aliased > MOST_ALIASED:
                problem = f"its aliases expand to more than {MOST_ALIASED:,} values"
                raise yaml.composer.ComposerError(None, None, problem, start)
        else:
            self._values += 1
            self._sizes[node] = self._values - before
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Return the data of a node. Where it is not what its tag says (`!!bool x`, `0b_`), PyYAML's readers fail in many ways."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, TypeError, AttributeError):
            shown = f"'{node.value[:40]}'" if isinstance(node.value, str) else "this"
            problem = f"{shown} is not a valid {node.tag.rpartition(':')[2]}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None

    def construct_integer(self, node: yaml.ScalarNode) -> Any:
        """Return an integer; `12:30` is a string."""
        return node.value if ":" in node.value else self.construct_yaml_int(node)

    def construct_real(self, node: yaml.ScalarNode) -> Any:
        """Return a float; `12:30.5` is a string."""
        return node.value if ":" in node.value else self.construct_yaml_float(node)


def construct_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    """Return the data of a mapping. Raises ConstructorError for a key that occurs twice."""
    seen: set[str] = set()
    for key_node, _ in node.value:
        name = key_of(key_node)
        if name in seen and key_node.tag != _MERGE:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key '{name}'", key_node.start_mark)
        seen.add(name)
    loader.flatten_mapping(node)  # what `<<` brings comes first: the mapping's own keys win
    return {key_of(key_node): loader.construct_object(value_node, deep=True) for key_node, value_node in node.value}


def key_of(node: yaml.Node) -> str:
    """Return a key as it is written. Raises ConstructorError for one that is not a scalar."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    raise yaml.constructor.ConstructorError(None, None, "a key must be a text", node.start_mark)


def _sequence(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> list[object]:
    # deep: a list that holds itself is refused, as a mapping is
    return [loader.construct_object(item, deep=True) for item in node.value]


def _other(_loader: yaml.SafeLoader, node: yaml.Node) -> None:
    problem = f"it has a value of type {node.tag.rpartition(':')[2]}, which Nix does not have"
    raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


#: JSON's scalars; the rest is ours.
_SCALARS = tuple(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str"))
Loader.yaml_constructors = {tag: yaml.SafeLoader.yaml_constructors[tag] for tag in _SCALARS}
Loader.add_constructor("tag:yaml.org,2002:int", Loader.construct_integer)
Loader.add_constructor("tag:yaml.org,2002:float", Loader.construct_real)
Loader.add_constructor(None, _other)
Loader.add_constructor("tag:yaml.org,2002:map", construct_mapping)
Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


# YAML 1.1 wants a point and a sign in `1e3`; 1.2 and Kubernetes do not
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+[eE][-+]?[0-9]+\Z"), list("-+0123456789")
)


def read(text: str) -> Any:
    """Return the data of a YAML document. Raises ValueError for invalid YAML, for several documents and for duplicate keys."""
    documents = read_stream(text)
    if len(documents) > 1:
        raise ValueError(f"there are {len(documents)} documents in it, where one is expected")
    return documents[0] if documents else None


def template_hint(text: str) -> str | None:
    """Return advice for a Helm template, which is YAML only after its chart is rendered; None for any other text."""
    return "this looks like a Helm template: render its chart first, with `helm template`" if "{{" in text else None


def read_stream(text: str) -> list[object]:
    """Return the data of each document. Raises ValueError for invalid YAML."""
    try:
        return list(yaml.load_all(text, Loader=Loader))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark
        where = f", in line {place.line + 1}, column {place.column + 1}" if place is not None else ""
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise ValueError(f"{said}{where}") from None
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None
