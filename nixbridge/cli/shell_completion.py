"""Shell completion: click's own scripts, one for PowerShell, and the names that only nixbridge knows.

A completion that cannot be computed offers nothing: a shell has no place for an error in the middle of a line.
"""

from __future__ import annotations

import os
from typing import Any

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    get_completion_class,
    split_arg_string,
)

from nixbridge.cli.declaration import COMMANDS
from nixbridge.errors.exceptions import NixError

SHELLS = ("bash", "zsh", "fish", "powershell")
#: The variable by which a shell's script asks for completions.
VARIABLE = "_NIXBRIDGE_COMPLETE"
#: Seconds that evaluating a file for the names of its attributes may take.
PATIENCE = 2.0

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = "powershell_complete"
    $env:COMP_WORDS = $commandAst.ToString()
    $env:COMP_CWORD = $wordToComplete
    %(prog_name)s | ForEach-Object {
        $kind, $value, $help = $_ -split "`t", 3
        if ($kind -eq "plain") {
            $shown = if ($help) { $help } else { $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, "ParameterValue", $shown)
        } else {
            Get-ChildItem "$value*" | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new((Resolve-Path -Relative $_), $_.Name, "ProviderItem", $_.Name)
            }
        }
    }
    Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD
}
"""


class PowerShellComplete(ShellComplete):
    """PowerShell, which click does not know."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is being typed, and that one."""
        words = split_arg_string(os.environ["COMP_WORDS"])
        incomplete = os.environ["COMP_CWORD"]
        # PowerShell's command line ends with the word that is being typed, unless that is still empty
        return words[1:-1] if incomplete and words[-1] == incomplete else words[1:], incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Return a candidate as a line of the script's: kind, value and help, separated by tabs."""
        return f"{item.type}\t{item.value}\t{item.help or ''}"


def script(shell: str, app: click.Command) -> str:
    """Return the script for a shell."""
    kind = get_completion_class(shell)
    assert kind is not None, "each of SHELLS has a class"
    return kind(app, {}, "nixbridge", VARIABLE).source() + "\n"


def builders(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the builders, each with what it makes."""
    from nixbridge.mesh.tables.builder_docs import OTHERS
    from nixbridge.mesh.tables.builder_list import BUILDERS, TABLES, table

    helps = {name: table(name).doc if name in TABLES else OTHERS[name][0] for name in BUILDERS}
    return _matching(helps, incomplete)


def rules(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the codes of lint's rules, each with its name."""
    from nixbridge.tools.lint.rule_table import RULES, name_of

    return _matching({**{code: name_of(code) for code in RULES}, "all": "list the rules"}, incomplete.upper() or "")


def builtin_functions(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the functions of `builtins`, each with the first line of its documentation."""
    from nixbridge.language.builtins.builtin_docs import documented

    return _matching({name: doc.splitlines()[0] for name, (_, doc) in documented().items()}, incomplete)


def lib_functions(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the functions of the built-in `lib`, each with where it is found."""
    from nixbridge.language.nixpkgs.lib_docs import paths_of

    return _matching({name: ", ".join(paths) for name, paths in paths_of().items()}, incomplete)


def attributes(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the attributes that -A can select from the FILE of the command line; the file is evaluated for it, briefly."""
    files = [name for name in (*ctx.params.get("files", ()), *_words()) if os.path.exists(name)]
    if not files:
        return []
    path, _, last = incomplete.rpartition(".")
    # the first: -A selects from each FILE, and a shell does not wait for several evaluations
    names = _attributes_of(files[0], path or None)
    return [CompletionItem(f"{path}.{name}" if path else name) for name in names if name.startswith(last)]


def topics(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what `nixbridge help` explains."""
    return _matching({**dict.fromkeys(COMMANDS), "exit-status": "what the exit statuses mean"}, incomplete)


def _attributes_of(file: str, path: str | None) -> list[str]:
    from nixbridge.cli.limits import Overdue, set_limits
    from nixbridge.tools.evaluation_options import Options
    from nixbridge.tools.inputs import Evaluation, folder_of

    options = Options(attribute=path, timeout=PATIENCE)
    try:
        # a file that never ends must not hang the shell
        set_limits(options, whole_run=True)
        evaluation = Evaluation(options, folder_of(file), write_message=lambda _: None)
        names: list[str] = evaluation.read(file, lambda value, _: sorted(value) if isinstance(value, dict) else [])
        return names
    except (NixError, Overdue):
        return []


def _words() -> list[str]:
    """Return the words of the command line that is being completed, those after the cursor too."""
    return split_arg_string(os.environ.get("COMP_WORDS", ""))[2:]


def _matching(helps: dict[str, Any], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=text) for name, text in helps.items() if name.startswith(incomplete)]
