"""YAML read as data that Nix can hold: JSON's types, names as they are written, aliases and merges written out.

Scalars have the types of YAML 1.1, as in Kubernetes, except that times and dates are strings (YAML 1.2, go-yaml).
"""

from __future__ import annotations

from typing import Any

import yaml

from nixbridge.language.formats.yaml import Loader

_CORE = "tag:yaml.org,2002:"
#: Python's own limit on the digits of an integer is 4,300; Nix's is 19.
_MOST_DIGITS = 4000


class InvalidYaml(ValueError):
    """A text that is not valid YAML, or not plain data; `start` and `end` are the offsets of the offending part."""

    def __init__(self, text: str, start: int, end: int) -> None:
        super().__init__(text)
        self.start, self.end = start, end


def read_yaml(text: str) -> list[object]:
    """Return the data of every document; one with nothing in it (between two `---`) is none.

    Raises InvalidYaml, and RecursionError for a text that is nested too deeply.
    """
    try:
        return _documents(_DataLoader(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if error.context_mark is not None and (mark is None or mark.index >= len(text.rstrip())):
            mark = error.context_mark  # what has no end is seen where it begins
        start = mark.index if mark is not None else 0
        said = " ".join(part for part in (error.problem, error.context) if part)
        raise InvalidYaml(said, min(start, len(text)), min(start + 1, len(text))) from None
    except yaml.reader.ReaderError as error:
        raise InvalidYaml(f"U+{error.character:04X} is not allowed in it", error.position, error.position + 1) from None
    except ValueError:  # Python reads no number of more than 4,300 digits; those of values are met elsewhere
        raise InvalidYaml("the number in a directive is too long", 0, 1) from None


def _documents(loader: _DataLoader) -> list[object]:
    documents = []
    while loader.check_node():
        node = loader.get_node()
        if not (isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None):
            documents.append(loader.construct_document(node))
    return documents


class _DataLoader(Loader):
    """The strict loader of golden files, which also reads integers that nothing can hold: the message shows where they stand."""

    def construct_integer(self, node: yaml.ScalarNode) -> Any:
        """Return an integer, cut to as many digits as Python reads."""
        if len(node.value) > _MOST_DIGITS:
            node.value = node.value[:_MOST_DIGITS]
        return super().construct_integer(node)


_DataLoader.yaml_constructors = {
    **Loader.yaml_constructors,
    f"{_CORE}timestamp": Loader.yaml_constructors[f"{_CORE}str"],
    f"{_CORE}int": _DataLoader.construct_integer,
}
