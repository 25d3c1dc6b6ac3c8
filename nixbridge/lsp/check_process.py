"""The process that evaluates for the language server. It is killed if it does not answer in time, so the editor never waits.

It reads one JSON request a line from its standard input and answers each with one line:

    {"check": PATH, "text": TEXT, "with": [PATH, ...]}  ->  {"findings": [...], "golden": [...]}
    {"value": PATH, "text": TEXT, "attribute": "a.b"}   ->  {"value": "..."} or {"error": "..."}
    {"render": PATH, "text": TEXT}                      ->  {"manifests": "..."} or {"error": "..."}

Each may have "open" as well, {PATH: TEXT, ...}: the texts of the files that the editor has open, which count instead of those on the disk.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from nixbridge.errors.exceptions import NixError
from nixbridge.language.compiler.cache import CodeCache
from nixbridge.language.formats import nix_source
from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.mesh.model.render_context import Options as RenderOptions
from nixbridge.mesh.model.result_contents import find
from nixbridge.mesh.output.rendering import render
from nixbridge.source import Source
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.golden.case_check import CaseRun, directives
from nixbridge.tools.golden.pairs import Finder
from nixbridge.tools.limited_call import limit_memory
from nixbridge.tools.lint.fixing import edits_of
from nixbridge.tools.lint.run import File, Linting, examine, place_of, share
from nixbridge.user_cache import cache_folder

#: Characters of a value that are shown.
LONGEST_VALUE = 4000
#: MiB that the texts of an editor may take: half of an expression, as it is being typed, may well ask for all that there is.
MOST_MEMORY = 4096


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request. Raises NixError."""
    if "check" in request:
        path = request["check"]
        linting = _linting(request, Options(positions=True))
        files = [linting.read(path, _source(path, request["text"]))]
        # rules about several files need their neighbours, such as the rule that defines a subset
        files += [linting.read(other) for other in request["with"] if other != path]
        share(files)
        if files[0].view is not None:
            examine(files[0])
        return {"findings": _findings(files[0]), "golden": _golden(path, request["text"])}
    if "render" in request:
        return {"manifests": _manifests(request)}
    return {"value": _value(request)}


def _findings(file: File) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for finding in file.findings:
        path, line, start, end = place_of(finding, file)
        source = file.sources.get(path)
        edits = edits_of(finding, source) if source is not None else []
        found.append(
            {
                "path": path,
                "line": line,
                "start": start,
                "end": end,
                "code": finding.code,
                "level": finding.level,
                "message": f"{finding.subject}: {finding.message}" if finding.subject else finding.message,
                "hint": finding.hint,
                "edits": edits,
            }
        )
    return found


def _golden(path: str, text: str) -> list[dict[str, object]]:
    """Return the differences between the value and the golden files."""
    arguments, skipped = directives(text)
    if skipped or not os.path.exists(path):  # a new file, which nobody has saved yet
        return []
    found: list[dict[str, object]] = []
    for case in Finder().find([path]):
        if case.golden is None or case.problem is not None:
            continue
        run = CaseRun(case, Options(), CodeCache(cache_folder()))
        outcome = run.compare(case, _source(path, text), run.golden_text(), case.format, arguments)
        if outcome.status == "different":
            lines = [
                f"{one.path or 'the value'}: golden {one.golden!r}, now {one.now!r}" for one in outcome.differences[:5]
            ]
            found.append({"golden": case.golden, "message": "\n".join(lines) or outcome.message})
    return found


def _value(request: dict[str, Any]) -> str:
    linting = _linting(request, Options(attribute=request["attribute"] or None))
    file = linting.read(request["value"], _source(request["value"], request["text"]))
    if file.view is None:
        raise NixError(file.found[0].message)
    return nix_source.write(file.view.result)[:LONGEST_VALUE]


def _manifests(request: dict[str, Any]) -> str:
    linting = _linting(request, Options(positions=True))
    file = linting.read(request["render"], _source(request["render"], request["text"]))
    if file.view is None:
        raise NixError(file.found[0].message)
    return dump_stream(render(find(file.view.result), RenderOptions()).manifests)


def _linting(request: dict[str, Any], options: Options) -> Linting:
    """Return a run in which files that are open in the editor have the texts that they have there."""
    texts: dict[str, str] = request.get("open", {})

    def read_open(path: str) -> bytes | None:
        text = texts.get(path)
        return text.encode("utf-8", "surrogateescape") if text is not None else None

    return Linting(options, _no_message, read_virtual=read_open if texts else None)


def _source(path: str, text: str) -> Source:
    return Source(text, path, os.path.dirname(path))


def _no_message(text: str) -> None:
    """Drop a message: what `builtins.trace` prints of a file being typed is nobody's output."""


def main() -> None:
    """Answer requests until standard input ends."""
    limit_memory(MOST_MEMORY)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = answer(request)
        except NixError as error:
            result = {"error": error.message}
        except (MemoryError, SystemError):
            result = {"error": f"the evaluation took more memory than {MOST_MEMORY} MiB"}
        except Exception as error:  # a mistake of ours in one text must not cost the editor all later answers
            result = {"error": f"internal: {type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"id": request["id"], **result}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
