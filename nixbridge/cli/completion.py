"""`nixbridge completion`."""

from __future__ import annotations

import click

from nixbridge.cli.output import run_command, write_output
from nixbridge.cli.shell_completion import SHELLS, script


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script that makes a shell complete commands, options, files and names.

    \b
    bash        nixbridge completion bash > ~/.local/share/bash-completion/completions/nixbridge
    zsh         nixbridge completion zsh > a file _nixbridge in a folder of $fpath
    fish        nixbridge completion fish > ~/.config/fish/completions/nixbridge.fish
    powershell  nixbridge completion powershell >> $PROFILE
    """

    app = click.get_current_context().find_root().command

    def work() -> int:
        write_output(script(shell, app).encode())
        return 0

    run_command(work)
