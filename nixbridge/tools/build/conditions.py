"""Tests of scripts: `[ -e x ]`, `[[ $a == b ]]` and `test`."""

from __future__ import annotations

import re

from nixbridge.tools.build import words
from nixbridge.tools.build.build_errors import NotCarriedOut
from nixbridge.tools.build.file_tree import File, Folder, Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Node

    from nixbridge.tools.build.shell import Shell

_TYPES: dict[str, type[File] | type[Folder] | type[Link]] = {"-f": File, "-d": Folder, "-L": Link, "-h": Link}


def holds(node: Node, shell: Shell) -> bool:
    """Return whether the expression in brackets is true. Raises NotCarriedOut for an unknown operator."""
    if node.type == "parenthesized_expression":
        return holds(node.named_children[0], shell)
    if node.type == "unary_expression":
        operator = _code(node.children[0])
        if operator == "!":
            return not holds(node.named_children[-1], shell)
        return _holds_of(operator, words.text_of(node.named_children[-1], shell), shell)
    if node.type == "binary_expression":
        left, right = node.named_children[0], node.named_children[-1]
        operator = _code(node.children[1])
        if operator == "&&":
            return holds(left, shell) and holds(right, shell)
        if operator == "||":
            return holds(left, shell) or holds(right, shell)
        text = words.text_of(right, shell)
        # in [ ] the same characters are compared literally
        if _in_double_brackets(node) and re.search(r"[*?\[]", text):
            raise NotCarriedOut("nixbridge does not support patterns in [[ ]]")
        return _compares(operator, words.text_of(left, shell), text)
    return bool(words.text_of(node, shell))


def words_hold(arguments: list[str], shell: Shell) -> bool:
    """Return the result of `test` for its arguments."""
    if arguments and arguments[0] == "!":
        return not words_hold(arguments[1:], shell)
    if len(arguments) == 3:
        return _compares(arguments[1], arguments[0], arguments[2])
    if len(arguments) == 2:
        return _holds_of(arguments[0], arguments[1], shell)
    if len(arguments) > 3:
        raise NotCarriedOut("nixbridge does not support 'test' with more than one comparison")
    return bool(arguments and arguments[0])


def _holds_of(operator: str, text: str, shell: Shell) -> bool:
    if operator in ("-z", "-n"):
        return bool(text) is (operator == "-n")
    found = shell.files.find(shell.path(text), follow=operator not in ("-L", "-h")) if text else None
    if operator in _TYPES:
        return isinstance(found, _TYPES[operator])
    if operator in ("-e", "-r", "-a"):
        return found is not None
    if operator == "-s":
        return isinstance(found, Folder) or (isinstance(found, File) and bool(found.data))
    if operator == "-x":
        return isinstance(found, Folder) or (isinstance(found, File) and found.executable)
    raise NotCarriedOut(f"nixbridge does not support the test '{operator}'")


def _compares(operator: str, left: str, right: str) -> bool:
    if operator in ("=", "==", "!="):
        return (left == right) is (operator != "!=")
    raise NotCarriedOut(f"nixbridge does not support the test '{operator}'")


def _in_double_brackets(node: Node) -> bool:
    above: Node | None = node
    while above is not None and above.type != "test_command":
        above = above.parent
    return above is not None and _code(above).startswith("[[")


def _code(node: Node) -> str:
    assert node.text is not None
    return node.text.decode("utf-8", "surrogateescape")
