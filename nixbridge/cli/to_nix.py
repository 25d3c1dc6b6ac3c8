"""`nixbridge to-nix`."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from nixbridge.cli.declaration import TEXT, Argument, Command, Option
from nixbridge.cli.options import ERROR_OPTIONS, OUTPUT
from nixbridge.cli.output import message_line, run_command, write_output
from nixbridge.cli.progress import counted
from nixbridge.errors.exceptions import EvalError
from nixbridge.language.formats import nix_source
from nixbridge.language.formats.format_table import DATA_SUFFIXES
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.to_nix.convert import convert
from nixbridge.mesh.to_nix.not_in_nix import printed_as_text, refusals
from nixbridge.mesh.to_nix.read_documents import read_documents
from nixbridge.regular_file import LARGEST_FILE
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options as EvaluationOptions
from nixbridge.tools.inputs import STDIN, read_data_bytes
from nixbridge.tools.project_files import project_sources


def run(paths: tuple[str, ...], output: str | None, istio_version: str | None, exact: bool, **values: Any) -> None:
    """Carry out the command and end the process."""

    def work() -> int:
        options = Options(istio_version=istio_version)
        documents: list[object] = []
        failed = False
        for file in counted("reading", files_of(paths)):
            read = read_documents(
                _source(file, named=file in paths), is_json=None if file == STDIN else file.endswith(".json")
            )
            if not read and file in paths:
                raise EvalError(f"there is nothing in {_shown(file)}")
            for line in refusals(read[0] if len(read) == 1 else read):
                message_line(f"error: {_shown(file)}: {line}")
                failed = True
            documents += read
        # after all files: one run shows everything that cannot be written
        if failed:
            return 1
        if not documents:
            raise EvalError(f"no YAML or JSON files in {', '.join(map(_shown, paths))}")
        # a single document stays what it is; several become a list
        data = documents[0] if len(documents) == 1 else documents
        conversion = convert(documents, options, exact=exact, each=partial(counted, "converting"))
        for line in [*printed_as_text(data), *conversion.kept]:
            message_line(f"warning: {line}")
        write_output(nix_source.write(conversion.expression).encode(), output)
        return 0

    run_command(work, **values)


def files_of(paths: tuple[str, ...]) -> list[str]:
    """Return the files that arguments stand for; a folder stands for the YAML and JSON files below it."""
    files: list[str] = []
    for path in paths:
        if path == STDIN or not os.path.isdir(path):
            files.append(path)
            continue
        walk = project_sources(EvaluationOptions(), path).walk(path)
        files += [
            os.path.join(folder, name) for folder, names in walk for name in names if name.endswith(DATA_SUFFIXES)
        ]
    return files


def _source(file: str, *, named: bool) -> Source:
    """Return the text of a file, bytes that are not UTF-8 as lone surrogates, without a byte order mark. Raises EvalError, OSError."""
    name = "«stdin»" if file == STDIN else os.path.abspath(file)
    if named:
        # one that is named may be a pipe: to-nix <(kubectl get ...)
        with open(0 if file == STDIN else file, "rb", closefd=file != STDIN) as opened:
            data = opened.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise EvalError(f"{_shown(file)} has more than the {LARGEST_FILE >> 20} MiB that a file may have")
    else:
        data = read_data_bytes(file, EvaluationOptions())
    return Source(data.decode("utf-8", "surrogateescape").removeprefix("\ufeff"), name)


def _shown(file: str) -> str:
    return "the standard input" if file == STDIN else f"'{file}'"


COMMAND = Command(
    "to-nix",
    run,
    argument=Argument("paths", "PATH...", multiple=True, required=True),
    options=(
        OUTPUT,
        Option(
            "--istio-version",
            kind=TEXT,
            metavar="X.Y[.Z]",
            help="The release of Istio that the calls will be rendered for.",
        ),
        Option("--exact", help="Accept only calls that render to exactly the same document."),
        *ERROR_OPTIONS,
    ),
    help="""Convert YAML and JSON to Nix.

    Resources of a service mesh become the builder calls that render to them.

    PATH is a YAML file, of one document or several, a JSON file (.json), or a folder: the YAML and JSON files below it. - is the
    standard input. Several documents become a list. A resource that no call renders to stays data, with a comment and a warning that
    give the reason. A default that a call writes out, and an older apiVersion that becomes the current one, are noted in a comment.

    \b
    nixbridge to-nix values.yaml -o values.nix
    kubectl get virtualservice web -o yaml | nixbridge to-nix -
    """,
)
