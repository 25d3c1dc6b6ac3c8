"""A derivation's scripts, run by the in-memory shell, and the outputs that they make."""

from __future__ import annotations

from nixbridge.language.runtime.thunk import force
from nixbridge.tools.build import data_commands, file_commands, shell_commands, text_commands
from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut
from nixbridge.tools.build.file_system import SCRATCH, FileSystem
from nixbridge.tools.build.file_tree import File, Node
from nixbridge.tools.build.shell import Shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.pkgs.pkgs_derivation import StandIn
    from nixbridge.tools.build.contents import Contents

_COMMANDS = shell_commands.COMMANDS | file_commands.COMMANDS | text_commands.COMMANDS | data_commands.COMMANDS

#: Variables that a builder has besides the derivation's attributes.
_VARIABLES = {
    "HOME": "/homeless-shelter",
    "IFS": " \t\n",
    "NIX_BUILD_TOP": SCRATCH,
    "NIX_STORE": "/nix/store",
    "TEMP": SCRATCH,
    "TEMPDIR": SCRATCH,
    "TMP": SCRATCH,
    "TMPDIR": SCRATCH,
}


def open_shell(contents: Contents, derivation: StandIn, start: Node | None = None) -> Shell:
    """Return a shell with a derivation's variables and inputs. `start`: the initial contents of its output."""
    if force(derivation.attributes.get("__structuredAttrs")) is True:
        raise NotCarriedOut(
            f"'{derivation.name}' has structured attributes, which nixbridge does not support in scripts"
        )
    files = FileSystem(list(derivation.outputs.values()), contents.find)
    if start is not None:
        files.made[derivation.outputs["out"]] = start
    variables = _VARIABLES | derivation.environment | derivation.outputs
    for name in derivation.environment.get("passAsFile", "").split():
        if name in derivation.environment:
            path = f"{SCRATCH}/.attr-{name}"
            files.put(path, File(Shell.encoded(derivation.environment[name])))
            # as Nix does: the variable would be too large for the environment of a process
            del variables[name]
            variables[f"{name}Path"] = path
    return Shell(derivation.name, files, derivation.outputs, variables, _run_command)


def outputs_of(shell: Shell, derivation: StandIn) -> dict[str, Node]:
    """Return the outputs of the scripts. Raises CommandFailed if one is missing, as Nix does."""
    made: dict[str, Node] = {}
    for output, path in derivation.outputs.items():
        if path not in shell.files.made:
            raise CommandFailed(f"the script of '{derivation.name}' failed to produce the output '{output}'")
        made[path] = shell.files.made[path].copy(writable=False)
    return made


def run_script(
    contents: Contents, derivation: StandIn, scripts: list[tuple[str, str]], start: Node | None = None
) -> dict[str, Node]:
    """Return the outputs that scripts, each with its title, make one after the other."""
    shell = open_shell(contents, derivation, start)
    for title, script in scripts:
        shell.run(script, title)
    return outputs_of(shell, derivation)


def _run_command(name: str, shell: Shell, arguments: list[str], stdin: bytes) -> bytes | None:
    command = _COMMANDS.get(name)
    return None if command is None else command(shell, arguments, stdin)
