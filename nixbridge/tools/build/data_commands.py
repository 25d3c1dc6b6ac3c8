"""jq and yq, where they only read data and write it again."""

from __future__ import annotations

import json

from nixbridge.language.formats import yaml as yaml_format
from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut
from nixbridge.tools.build.command_arguments import declaring
from nixbridge.tools.build.serialize import as_json, as_toml, as_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.tools.build.command_arguments import Command
    from nixbridge.tools.build.shell import Shell

COMMANDS: dict[str, Command] = {}
command = declaring(COMMANDS)

#: Flags that ask for another format, per program. `yq` is two programs: -y is the Python one, -P and -o are the Go one.
_YAML_OUTPUT = (
    "-y",
    "-Y",
    "--yaml-output",
    "-P",
    "--prettyPrint",
    "-oy",
    "-o=yaml",
    "-oyaml",
    "-o=y",
    "--output-format=yaml",
)
_JSON_OUTPUT = ("-oj", "-o=json", "-ojson", "-o=j", "--output-format=json")
_IGNORED = (
    "-M",
    "-C",
    "--monochrome-output",
    "-pj",
    "-p=json",
    "-pjson",
    "-py",
    "-p=yaml",
    "--input-format=json",
    "-e",
    "eval",
)


@command("jq")
def jq(shell: Shell, arguments: list[str], stdin: bytes) -> bytes:
    """Write JSON again (`jq .`): with `-S` sorted, with `-c` on one line, with `-r` strings without quotes."""
    flags, operands = _taken(
        "jq", arguments, ("-S", "--sort-keys", "-c", "--compact-output", "-r", "--raw-output", "-M")
    )
    _only_identity("jq", operands)
    data = _read_json(_input(shell, operands[1:], stdin))
    if "-S" in flags or "--sort-keys" in flags:
        data = json.loads(json.dumps(data, sort_keys=True))
    if isinstance(data, str) and ("-r" in flags or "--raw-output" in flags):
        return shell.encoded(f"{data}\n")
    if "-c" in flags or "--compact-output" in flags:
        return shell.encoded(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")
    return shell.encoded(as_json(data))


@command("yq")
def yq(shell: Shell, arguments: list[str], stdin: bytes) -> bytes:
    """Write JSON or YAML as YAML (`yq -y .`, `yq -P`) or as JSON (`yq -o=json .`)."""
    joined = [*arguments]
    for index, argument in enumerate(arguments[:-1]):
        if argument in ("-o", "-p", "--output-format", "--input-format"):
            joined[index : index + 2] = [f"{argument}={arguments[index + 1]}", ""]
    flags, operands = _taken(
        "yq", [argument for argument in joined if argument], (*_YAML_OUTPUT, *_JSON_OUTPUT, *_IGNORED)
    )
    operands = [operand for operand in operands if operand != "eval"]
    if not flags.isdisjoint(_YAML_OUTPUT):
        write = as_yaml
    elif not flags.isdisjoint(_JSON_OUTPUT):
        write = as_json
    else:
        raise NotCarriedOut(
            "nixbridge supports 'yq' only where a flag asks for YAML (-y, -P, -o yaml) or JSON (-o json)"
        )
    # the filter may be left out, so a first operand that is a file is not a filter
    if operands and operands[0] in (".", ""):
        operands = operands[1:]
    elif len(operands) > 1 or (operands and shell.files.find(shell.path(operands[0])) is None):
        _only_identity("yq", operands)
    return shell.encoded(write(_read_yaml(_input(shell, operands, stdin))))


@command("json2yaml")
def json2yaml(shell: Shell, arguments: list[str], stdin: bytes) -> bytes:
    """Write JSON as YAML (remarshal)."""
    return _converted(shell, "json2yaml", arguments, stdin, as_yaml)


@command("json2toml")
def json2toml(shell: Shell, arguments: list[str], stdin: bytes) -> bytes:
    """Write JSON as TOML (remarshal)."""
    return _converted(shell, "json2toml", arguments, stdin, as_toml)


def _converted(shell: Shell, name: str, arguments: list[str], stdin: bytes, write: Any) -> bytes:
    _, operands = _taken(name, arguments, ())
    text = shell.encoded(write(_read_json(_input(shell, operands[:1], stdin))))
    if len(operands) < 2:
        return text
    shell.files.write(shell.path(operands[1]), text)
    return b""


def _taken(name: str, arguments: list[str], known: tuple[str, ...]) -> tuple[set[str], list[str]]:
    flags = {argument for argument in arguments if argument.startswith("-") and argument != "-"}
    for flag in sorted(flags):
        if flag not in known:
            raise NotCarriedOut(f"nixbridge does not support '{name} {flag}'")
    return flags, [argument for argument in arguments if argument not in flags]


def _only_identity(name: str, operands: list[str]) -> None:
    if not operands or operands[0] != ".":
        raise NotCarriedOut(f"nixbridge supports '{name}' only with the filter '.', which changes nothing")


def _input(shell: Shell, operands: list[str], stdin: bytes) -> bytes:
    if len(operands) > 1:
        raise NotCarriedOut("nixbridge supports jq and yq only with one file")
    return shell.files.file(shell.path(operands[0])).data if operands and operands[0] != "-" else stdin


def _read_json(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError as error:
        raise CommandFailed(f"parse error: {error}") from None


def _read_yaml(data: bytes) -> object:
    try:
        return yaml_format.read(data.decode("utf-8", "surrogateescape"))
    except ValueError as error:
        raise CommandFailed(f"parse error: {str(error).splitlines()[0]}") from None
