"""`nixbridge settings`."""

from __future__ import annotations

import json
import os

from nixbridge.cli.declaration import Argument, Command, Option
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import EvalError
from nixbridge.errors.excerpt import printable
from nixbridge.project.project_settings import Settings, read_settings
from nixbridge.project.root import marked_root, project_root
from nixbridge.project.settings_table import SETTINGS
from nixbridge.tools.inputs import folder_of


def run(file: str | None, as_json: bool) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        if file is not None and not os.path.exists(file):
            raise EvalError(f"path '{file}' does not exist")
        folder = (folder_of(file) if file is not None else None) or os.getcwd()
        root = project_root(folder)
        settings = read_settings(root)
        text = _as_json(settings) if as_json else _as_text(settings, marked_root(root) == root)
        write_output(text.encode("utf-8", "replace"))
        return 0

    run_command(work)


def _as_text(settings: Settings, marked: bool) -> str:
    lines = [
        f"project  {printable(settings.root)}{'' if marked else '  (nothing marks a root: files below it read one another)'}"
    ]
    rows = [(name, _value(settings[name]), _origin(settings, name)) for name in SETTINGS]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines += [f"{name:{widths[0]}}  {value:{min(widths[1], 60)}}  {origin}" for name, value, origin in rows]
    return "".join(f"{line}\n" for line in lines)


def _value(value: object) -> str:
    return "-" if value is None else printable(json.dumps(value, ensure_ascii=False))


def _origin(settings: Settings, name: str) -> str:
    place = settings.place(name)
    return "default" if place is None else printable(os.path.relpath(place) if place.startswith("/") else place)


def _as_json(settings: Settings) -> str:
    values = {name: {"value": settings[name], "from": settings.place(name) or "default"} for name in SETTINGS}
    return json.dumps({"root": settings.root, "settings": values}, indent=2, ensure_ascii=False) + "\n"


COMMAND = Command(
    "settings",
    run,
    argument=Argument("file", "[FILE]"),
    options=(Option("--json", name="as_json", help="One JSON object, for tools."),),
    help="""Show a project's settings and where they come from.

    The project is that of FILE (default: of the working directory).

    Settings are in nixbridge.toml, or in the table tool.nixbridge of pyproject.toml, at the root of the project. Options of the command
    line win over them; --untrusted does not read them.

    \b
    nixbridge settings envs/prod.nix
    nixbridge schema --settings
    """,
)
