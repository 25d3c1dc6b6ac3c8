"""Redirections of scripts: where a command's output goes, and here-documents."""

from __future__ import annotations

import re
from typing import NamedTuple

from nixbridge.tools.build import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Node

    from nixbridge.tools.build.shell import Shell


class Streams(NamedTuple):
    """A command's standard input, the file that its output goes to, and the commands that it is piped into after a here-document.

    `target` None is where output goes without a redirection, empty is nowhere; `append`: to the end of the file.
    """

    stdin: bytes
    target: str | None
    append: bool
    stages: list[Node]


def streams_of(shell: Shell, redirections: list[Node], stdin: bytes) -> Streams:
    """Return what redirections make of a command's streams. Raises CommandFailed for a file that cannot be read."""
    target: str | None = None
    append = False
    stages: list[Node] = []
    for redirection in redirections:
        if redirection.type == "heredoc_redirect":
            stdin = here_document(shell, redirection)
            stages.extend(stages_after(shell, redirection))
            # `cat <<EOF > x`: to the grammar the file is a part of the here-document
            for inner in redirection.named_children:
                if inner.type == "file_redirect":
                    target, append = target_of(shell, inner, target, append)
        elif redirection.type == "herestring_redirect":
            stdin = shell.encoded(words.text_of(redirection.named_children[-1], shell) + "\n")
        elif redirection.type != "file_redirect":
            raise shell.refused(redirection, "nixbridge does not support this redirection")
        elif any(part.type == "<" for part in redirection.children):
            stdin = shell.files.file(shell.path(words.text_of(redirection.named_children[-1], shell))).data
        else:
            target, append = target_of(shell, redirection, target, append)
    return Streams(stdin, target, append, stages)


def stages_after(shell: Shell, heredoc: Node) -> list[Node]:
    """Return the commands that the output of one with a here-document is piped into: `cat <<EOF | jq .`."""
    stages: list[Node] = []
    for child in heredoc.named_children:
        if child.type == "pipeline":
            stages.extend(child.named_children)
        elif child.type in ("list", "command"):
            raise shell.refused(child, "nixbridge does not support a command after a here-document on its line")
    return stages


def target_of(shell: Shell, node: Node, target: str | None, append: bool) -> tuple[str | None, bool]:
    """Return the file that standard output goes to: None for where it went, empty for nowhere."""
    operator = next(child.type for child in node.children if not child.is_named)
    word = node.named_children[-1]
    if sum(child.type != "file_descriptor" for child in node.named_children) != 1:
        raise shell.refused(node, "nixbridge cannot parse this redirection")
    # without one, `>` means standard output
    descriptor = next((child for child in node.named_children if child.type == "file_descriptor"), None)
    assert word.text is not None
    if operator in (">&", "<&") or (descriptor is not None and descriptor.text == b"2"):
        # what is written to standard error is a log, which no build keeps
        if operator in (">&", "<&") and (descriptor is None or descriptor.text != b"2") and word.text != b"2":
            raise shell.refused(node, "nixbridge does not support this redirection")
        if operator == ">&" and word.text == b"2" and (descriptor is None or descriptor.text == b"1"):
            return "", False
        return target, append
    if operator not in (">", ">>", ">|", "&>"):
        raise shell.refused(node, f"nixbridge does not support the redirection '{operator}'")
    text = words.text_of(word, shell)
    if text in ("/dev/null", "/dev/stderr"):
        return "", False
    if text == "/dev/stdout":
        return None, False
    return shell.path(text), operator == ">>"


def here_document(shell: Shell, node: Node) -> bytes:
    """Return the text of a here-document; a quoted delimiter takes it as it stands, `<<-` drops tabs."""
    start, end = (
        next((child for child in node.named_children if child.type == kind), None)
        for kind in ("heredoc_start", "heredoc_end")
    )
    if start is None or end is None or start.text is None:
        raise shell.refused(node, "nixbridge cannot parse this here-document")
    # the grammar's own node for the body leaves out blanks at its start
    first = shell.script.index(b"\n", start.end_byte) + 1
    last = shell.script.rindex(b"\n", 0, end.start_byte) + 1
    body = next((child for child in node.named_children if child.type == "heredoc_body"), None)
    if last < first or (body is not None and body.start_byte < first):
        raise shell.refused(node, "nixbridge cannot parse this here-document")
    if body is None or any(character in start.text for character in b"'\"\\"):
        text = shell.decoded(shell.script[first:last])
    else:
        text = words.body_text(body, shell, first, last)
    if any(child.type == "<<-" for child in node.children):
        text = re.sub(r"^\t+", "", text, flags=re.MULTILINE)
    return shell.encoded(text)
