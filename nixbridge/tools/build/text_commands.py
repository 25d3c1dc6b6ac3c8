"""Commands that write text, and replace it in files."""

from __future__ import annotations

import posixpath
import re

from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut
from nixbridge.tools.build.command_arguments import Arguments, declaring, exactly, needed
from nixbridge.tools.build.escapes import ARGUMENT, ECHO, FORMAT, unescaped
from nixbridge.tools.build.file_tree import File

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.tools.build.command_arguments import Command
    from nixbridge.tools.build.shell import Shell

COMMANDS: dict[str, Command] = {}
command = declaring(COMMANDS)


@command("cat")
def cat(shell: Shell, arguments: list[str], stdin: bytes) -> bytes:
    """Write files one after the other."""
    given = Arguments("cat", arguments, ())
    parts = [
        stdin if operand == "-" else shell.files.file(shell.path(operand)).data for operand in given.operands or ["-"]
    ]
    return b"".join(parts)


@command("echo")
def echo(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Write the arguments with blanks between them."""
    newline, escapes = True, False
    rest = list(arguments)
    while rest and re.fullmatch(r"-[neE]+", rest[0]):
        for letter in rest.pop(0)[1:]:
            newline = newline and letter != "n"
            escapes = letter == "e" or (escapes and letter != "E")
    text = " ".join(rest)
    if escapes:
        text, ends = unescaped(text, ECHO)
        newline = newline and not ends
    return shell.encoded(text + ("\n" if newline else ""))


@command("printf")
def printf(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Write a format with its arguments; the format is used again while there are arguments."""
    if not arguments or arguments[0].startswith("-"):
        raise NotCarriedOut("nixbridge does not support 'printf' with options")
    pattern, rest = arguments[0], list(arguments[1:])
    parts: list[str] = []
    while True:
        count = len(rest)
        parts.append(_formatted(pattern, rest))
        # a format that takes no argument is written once
        if not rest or len(rest) == count:
            return shell.encoded("".join(parts))


_DIRECTIVE = re.compile(r"%(-?\d*)([sdbq%])|%|\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)


def _formatted(pattern: str, rest: list[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        if match[0].startswith("\\"):
            return unescaped(match[0], FORMAT)[0]
        if match[2] == "%":
            return "%"
        if match[2] not in ("s", "d", "b"):
            raise NotCarriedOut(f"nixbridge does not support 'printf {pattern}'")
        value = rest.pop(0) if rest else ("0" if match[2] == "d" else "")
        if match[2] == "b":
            value, ends = unescaped(value, ARGUMENT)
            if ends:
                raise NotCarriedOut("nixbridge does not support \\c in an argument of 'printf'")
        width = int(match[1] or "0")
        return value.ljust(-width) if width < 0 else value.rjust(width)

    return _DIRECTIVE.sub(replaced, pattern)


@command("tee")
def tee(shell: Shell, arguments: list[str], stdin: bytes) -> bytes:
    """Write standard input to files, and on."""
    given = Arguments("tee", arguments, ("a", "--append"))
    for operand in given.operands:
        shell.files.write(shell.path(operand), stdin, append=given.has("a", "--append"))
    return stdin


@command("touch")
def touch(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Make empty files where there are none."""
    for operand in needed("touch", Arguments("touch", arguments, ("a", "m")).operands):
        path = shell.path(operand)
        if shell.files.find(path) is None:
            shell.files.put(path, File(b""))
    return b""


@command("basename")
def basename(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Write the last part of a path, without a suffix."""
    if not 1 <= len(arguments) <= 2 or arguments[0].startswith("-"):
        raise NotCarriedOut("nixbridge supports 'basename' only with a path and a suffix")
    name = posixpath.basename(arguments[0].rstrip("/")) or "/"
    if len(arguments) == 2 and name != arguments[1]:
        name = name.removesuffix(arguments[1])
    return shell.encoded(f"{name}\n")


@command("dirname")
def dirname(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Write a path without its last part."""
    (operand,) = exactly("dirname", arguments, 1)
    return shell.encoded(f"{posixpath.dirname(operand.rstrip('/')) or ('/' if operand.startswith('/') else '.')}\n")


@command("patchShebangs")
def patch_shebangs(_shell: Shell, _arguments: list[str], _stdin: bytes) -> bytes:
    """Leave scripts as they are: their first lines cannot name an interpreter in a store."""
    return b""


@command("substituteInPlace")
def substitute_in_place(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Replace text in files."""
    files = []
    rest = list(arguments)
    while rest and not rest[0].startswith("--"):
        files.append(rest.pop(0))
    for operand in files:
        path = shell.path(operand)
        text = shell.decoded(shell.files.file(path).data)
        shell.files.write(path, shell.encoded(_substituted(text, list(rest), operand)))
    return b""


@command("substitute")
def substitute(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Replace text on the way from one file to another."""
    if len(arguments) < 2:
        raise CommandFailed("substitute: missing operand")
    source, target = shell.path(arguments[0]), shell.path(arguments[1])
    text = shell.decoded(shell.files.file(source).data)
    shell.files.write(target, shell.encoded(_substituted(text, arguments[2:], arguments[0])))
    return b""


def _substituted(text: str, rest: list[str], shown: str) -> str:
    while rest:
        option = rest.pop(0)
        if (
            option not in ("--replace", "--replace-fail", "--replace-warn", "--replace-quiet", "--subst-var-by")
            or len(rest) < 2
        ):
            raise NotCarriedOut(f"nixbridge does not support 'substituteInPlace {option}'")
        pattern, replacement = rest.pop(0), rest.pop(0)
        if option == "--subst-var-by":
            pattern = f"@{pattern}@"
        if pattern not in text and option == "--replace-fail":
            raise CommandFailed(
                f"substituteStream() in derivation: ERROR: pattern {pattern} doesn't match anything in file '{shown}'"
            )
        text = text.replace(pattern, replacement)
    return text
