"""Commands of the shell itself."""

from __future__ import annotations

from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut
from nixbridge.tools.build.command_arguments import declaring, exactly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.tools.build.command_arguments import Command
    from nixbridge.tools.build.shell import Shell

COMMANDS: dict[str, Command] = {}
command = declaring(COMMANDS)


@command("cd")
def cd(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Change the folder that relative paths start from."""
    (operand,) = exactly("cd", arguments, 1)
    path = shell.path(operand)
    shell.files.folder(path)
    shell.folder = path
    return b""


@command("pwd")
def pwd(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Write the folder that relative paths start from."""
    exactly("pwd", arguments, 0)
    return shell.encoded(f"{shell.folder}\n")


@command("true", ":")
def true(_shell: Shell, _arguments: list[str], _stdin: bytes) -> bytes:
    """Succeed."""
    return b""


@command("false")
def false(_shell: Shell, _arguments: list[str], _stdin: bytes) -> bytes:
    """Fail."""
    raise CommandFailed("false")


def exit_status(arguments: list[str], *, after_failures: bool) -> int:
    """Return the status that `exit` ends a shell with. `after_failures`: under `set +e`, where the last command may have failed."""
    if not arguments and not after_failures:
        return 0
    if len(arguments) != 1 or not arguments[0].isdecimal():
        raise NotCarriedOut(
            "nixbridge supports 'exit' only with a number, or without one where no failure can precede it"
        )
    return int(arguments[0]) & 0xFF


@command("set", "shopt")
def set_(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Set options of the shell; of these `-e` and `+e` matter here."""
    for argument in arguments:
        if argument.startswith("+") and "e" in argument:
            shell.stops_at_failure = False
        elif argument.startswith("-") and "e" in argument and argument != "-o":
            shell.stops_at_failure = True
        elif not argument.startswith(("-", "+")) and argument not in (
            "pipefail",
            "errexit",
            "nounset",
            "xtrace",
            "nullglob",
        ):
            raise NotCarriedOut(f"nixbridge does not support 'set {argument}'")
        if argument == "nullglob":
            raise NotCarriedOut("nixbridge does not support 'shopt nullglob'")
    return b""
