"""The command and its subcommands; each is a file of this package, imported when it is called for."""

from __future__ import annotations

import click
from click.shell_completion import add_completion_class

from nixbridge.cli.click_commands import click_command
from nixbridge.cli.declaration import COMMANDS
from nixbridge.cli.exit_statuses import exit_status_of
from nixbridge.cli.shell_completion import PowerShellComplete
from nixbridge.errors.suggest import did_you_mean
from nixbridge.late_import import import_late
from nixbridge.version import __version__


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports a command when it is run, or when its help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a newcomer meets them."""
        # click would sort them
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; None where there is none (click then says what is near)."""
        if cmd_name not in COMMANDS:
            return None
        command = click_command(import_late(COMMANDS[cmd_name]).COMMAND)
        # click shows an epilog below the options, where people look for it
        command.epilog = exit_status_of(cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names. Fails with the nearest name."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = did_you_mean(args[0], list(COMMANDS))
            ctx.fail(f"No such command '{args[0]}'." + (f" {near[0].upper()}{near[1:]}" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="nixbridge %(version)s")
def app() -> None:
    """Evaluate, check, render and migrate Nix and Nixernetes configurations, without Nix."""


# click knows bash, zsh and fish
add_completion_class(PowerShellComplete)
