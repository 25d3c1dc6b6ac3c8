"""Click's commands and options, made of the declarations."""

from __future__ import annotations

from typing import Any

import click

from nixbridge.cli import shell_completion
from nixbridge.cli.declaration import CHOICE, COUNT, FLAG, PAIR, SECONDS, Argument, Command, Group, Option


class Seconds(click.FloatRange):
    """A positive number; click lets "not a number" through, which would be no limit at all."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number. Fails as click's types do."""
        number = super().convert(value, param, ctx)
        if number != number:
            self.fail(f"{value!r} is not a valid number of seconds.", param, ctx)
        return number


def click_command(declared: Command | Group) -> click.Command:
    """Return the click command of a declaration."""
    if isinstance(declared, Group):
        inner = {name: click_command(command) for name, command in declared.commands.items()}
        # all at once, unlike the commands themselves: they are in one module, which is imported already
        return click.Group(declared.name, inner, help=declared.help)
    parameters: list[click.Parameter] = [
        click.Option((*_flags(option),), **_settings(option)) for option in declared.options
    ]
    if declared.argument is not None:
        # first: the reference page lists parameters in this order
        parameters.insert(0, _argument(declared.argument))
    return click.Command(declared.name, callback=declared.run, params=parameters, help=declared.help)


def _argument(argument: Argument) -> click.Argument:
    settings: dict[str, Any] = {"metavar": argument.metavar, "required": argument.required}
    if argument.default is not None:
        settings["default"] = argument.default
    if argument.multiple:
        settings["nargs"] = -1
    if argument.choices:
        settings["type"] = click.Choice(argument.choices)
    elif argument.complete is not None:
        settings["shell_complete"] = getattr(shell_completion, argument.complete)
    else:
        # shells complete file names after it; it does not have to exist
        settings["type"] = click.Path()
    return click.Argument((argument.name,), **settings)


def _flags(option: Option) -> tuple[str, ...]:
    if option.off is None:
        return (*option.spellings, option.name)
    return (f"{option.spellings[0]}/{option.off}", *option.spellings[1:], option.name)


def _settings(option: Option) -> dict[str, Any]:
    settings: dict[str, Any] = {"help": option.help, "metavar": option.metavar, "multiple": option.multiple}
    settings["required"] = option.required
    # a flag takes no value, so the rest has no meaning for it
    if option.kind == FLAG:
        return {"help": option.help, "is_flag": True, "default": option.default}
    if option.complete is not None:
        settings["shell_complete"] = getattr(shell_completion, option.complete)
    if option.kind == PAIR:
        settings["nargs"] = 2
    elif option.kind == CHOICE:
        settings["type"] = click.Choice(option.choices)
    elif option.kind == COUNT:
        settings["type"] = click.IntRange(option.least)
    elif option.kind == SECONDS:
        settings["type"] = Seconds(min=0, min_open=True)
    if option.default is not None and not option.multiple:
        settings |= {"default": option.default, "show_default": True}
    return settings
