"""`nixbridge completion`."""

from __future__ import annotations

from nixbridge.cli.app import app
from nixbridge.cli.declaration import Argument, Command
from nixbridge.cli.output import run_command, write_output
from nixbridge.cli.shell_completion import SHELLS, script


def run(shell: str) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        write_output(script(shell, app).encode())
        return 0

    run_command(work)


COMMAND = Command(
    "completion",
    run,
    argument=Argument("shell", required=True, choices=SHELLS),
    help="""Print a shell's completion script.

    It completes commands, options, files and names.

    \b
    bash        nixbridge completion bash > ~/.local/share/bash-completion/completions/nixbridge
    zsh         nixbridge completion zsh > a file _nixbridge in a folder of $fpath
    fish        nixbridge completion fish > ~/.config/fish/completions/nixbridge.fish
    powershell  nixbridge completion powershell >> $PROFILE
    """,
)
