"""`nixbridge builtins`."""

from __future__ import annotations

from nixbridge.cli.declaration import Argument, Command
from nixbridge.cli.output import run_command, write_output
from nixbridge.errors.exceptions import UsageError
from nixbridge.errors.suggest import did_you_mean
from nixbridge.language.builtins.builtin_docs import documented
from nixbridge.language.builtins.registry import ARITIES, CONSTANTS


def run(name: str | None) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        known = {**documented()}
        if name is None:
            text = "".join(f"{signature:<44} {doc.splitlines()[0]}\n" for signature, doc in known.values())
            text += "".join(f"{constant:<44} a constant\n" for constant in CONSTANTS)
        elif name in known:
            signature, doc = known[name]
            text = f"builtins.{signature}\n\n{doc}\n"
        else:
            raise UsageError(f"unknown builtin '{name}'", hint=did_you_mean(name, sorted(ARITIES)))
        write_output(text.encode())
        return 0

    run_command(work)


COMMAND = Command(
    "builtins",
    run,
    argument=Argument("name", "[NAME]", complete="builtin_functions"),
    help="List the functions of builtins, or document one.",
)
