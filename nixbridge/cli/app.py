"""The command and its subcommands; each is a file of this package, imported when it is called for."""

from __future__ import annotations

from importlib import import_module

import click
from click.shell_completion import add_completion_class

from nixbridge.cli.click_commands import click_command
from nixbridge.cli.help import exit_status_of
from nixbridge.cli.shell_completion import PowerShellComplete
from nixbridge.errors.suggest import did_you_mean
from nixbridge.version import __version__

#: Subcommand -> module of this package; each has a declaration called COMMAND, or a click command called `command`.
COMMANDS = {
    "eval": "evaluate",
    "build": "build",
    "derivation": "derivation",
    "check": "check",
    "render": "render",
    "lint": "lint",
    "migrate": "migrate",
    "graph": "graph",
    "flake": "flake",
    "to-nix": "to_nix",
    "settings": "settings",
    "schema": "schema",
    "parse": "parse",
    "builders": "builders",
    "builtins": "builtins",
    "lib": "lib",
    "lsp": "lsp",
    "repl": "repl",
    "completion": "completion",
    "help": "help",
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports a command when it is run, or when its help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; None where there is none (click then says what is near)."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"nixbridge.cli.{COMMANDS[cmd_name]}")
        command: click.Command = click_command(module.COMMAND) if hasattr(module, "COMMAND") else module.command
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
