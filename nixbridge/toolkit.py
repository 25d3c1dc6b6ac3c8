"""The tools as functions of the library: render, lint, check, graph, migrate, build and to_nix.

Each function does the same as the command of its name, but returns objects instead of printing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.formats import nix_source
from nixbridge.language.formats.plain_yaml import dump_stream
from nixbridge.mesh.model import render_context as context
from nixbridge.mesh.model.messages import Message
from nixbridge.mesh.to_nix.convert import convert
from nixbridge.source import Source
from nixbridge.tools.entry_points import EntryPoints
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation, folder_of
from nixbridge.tools.memory_errors import memory_is_a_limit
from nixbridge.tools.rendered_environments import RenderedEnvironments

if TYPE_CHECKING:
    from nixbridge.tools.golden.outcome import Outcome
    from nixbridge.tools.lint.finding import Finding
    from nixbridge.tools.migrate.migration_report import Report

    AnyPath = str | os.PathLike[str]


#: The format of a picture -> the module that writes it.
def _options(
    args: Mapping[str, object] | None,
    attr: str | None,
    allow: Sequence[AnyPath],
    project: bool,
    *,
    positions: bool = False,
) -> Options:
    return Options(
        arguments=tuple((name, nix_source.write(value)) for name, value in (args or {}).items()),
        attribute=attr,
        allow=tuple(os.fspath(one) for one in allow),
        project=project,
        positions=positions,
    )


class Manifests:
    """The result of `render`: `manifests`, for a cluster, and `messages`, the warnings and notes."""

    def __init__(self, manifests: list[dict[str, Any]], messages: list[Message]) -> None:
        self.manifests, self.messages = manifests, messages

    def yaml(self) -> str:
        """Return the manifests as one YAML stream."""
        return dump_stream(self.manifests)


@memory_is_a_limit()
def render(
    *files: AnyPath,
    istio_version: str | None = None,
    linkerd_version: str | None = None,
    strict: bool = False,
    environment: str | None = None,
    args: Mapping[str, object] | None = None,
    attr: str | None = None,
    allow: Sequence[AnyPath] = (),
    project: bool = False,
) -> Manifests:
    """Return the Istio and Linkerd resources of Nix files, or of JSON and YAML that one evaluated to. Raises NixError."""
    rendered = _rendered(
        files, istio_version, linkerd_version, strict, environment, _options(args, attr, allow, project)
    )
    conflicts = rendered.conflicts()
    if conflicts:
        raise EvalError(conflicts[0], hint="choose one with environment=")
    return Manifests(rendered.manifests(), rendered.messages())


def _rendered(
    files: Sequence[AnyPath],
    istio_version: str | None,
    linkerd_version: str | None,
    strict: bool,
    environment: str | None,
    options: Options,
) -> RenderedEnvironments:
    chosen = EntryPoints(
        tuple(os.fspath(one) for one in files), options.changed(positions=True), environment=environment
    )
    wanted = context.Options(
        istio_version=istio_version or chosen.settings["istio-version"],
        linkerd_version=linkerd_version or chosen.settings["linkerd-version"],
        strict=strict,
    )
    rendered = RenderedEnvironments(chosen, wanted, lambda text: None)
    if rendered.errors:
        raise rendered.errors[0]
    errors = [message for message in rendered.messages() if message.level == "error"]
    if errors:
        raise EvalError(str(errors[0]).removeprefix("error: "))
    return rendered


@memory_is_a_limit()
def graph(
    *files: AnyPath,
    format: str = "mermaid",
    istio_version: str | None = None,
    environment: str | None = None,
    args: Mapping[str, object] | None = None,
    attr: str | None = None,
    allow: Sequence[AnyPath] = (),
    project: bool = False,
) -> str:
    """Return the traffic of files as a picture: mermaid, dot, svg or html. Raises NixError."""
    from nixbridge.mesh.graph.picture_formats import draw_as
    from nixbridge.mesh.graph.traffic import heading_of, picture_of

    options = _options(args, attr, allow, project)
    rendered = _rendered(files, istio_version, None, False, environment, options)
    if len(rendered.environments) != 1:
        names = ", ".join(str(one.name) for one in rendered.environments)
        raise EvalError(f"there are several environments, but a graph shows only one: {names}", hint="environment=NAME")
    picture = picture_of(rendered.environments[0].rendering.made, heading_of(files))
    return draw_as(format, picture)


@memory_is_a_limit()
def lint(
    *files: AnyPath,
    args: Mapping[str, object] | None = None,
    attr: str | None = None,
    allow: Sequence[AnyPath] = (),
    project: bool = False,
) -> list[Finding]:
    """Return the findings of files that belong together, those that a comment switches off left out."""
    from nixbridge.tools.lint.run import Linting

    linting = Linting(_options(args, attr, allow, project, positions=True), lambda text: None)
    return [finding for file in linting.lint([os.fspath(one) for one in files]) for finding in file.findings]


@memory_is_a_limit()
def check(
    *paths: AnyPath,
    args: Mapping[str, object] | None = None,
    attr: str | None = None,
    allow: Sequence[AnyPath] = (),
    project: bool = False,
    processes: int = 1,
) -> list[Outcome]:
    """Return the outcome of each source with a golden file below the paths. Raises UsageError if there is none."""
    from nixbridge.tools.golden.check_run import Runner
    from nixbridge.tools.golden.check_session import Session

    options = _options(args, attr, allow, project)
    return Session([os.fspath(one) for one in paths], options).check(Runner(options, processes=processes))


@memory_is_a_limit()
def to_nix(text: str, *, json: bool | None = None, istio_version: str | None = None) -> str:
    """Return YAML or JSON as Nix text; resources of a mesh as the builder calls that render to them.

    `json` selects JSON or YAML; by default it is detected. Raises EvalError for a text that is neither.
    """
    from nixbridge.mesh.to_nix.not_in_nix import refusals
    from nixbridge.mesh.to_nix.read_documents import read_documents

    documents = read_documents(Source(text), is_json=json)
    if not documents:
        raise EvalError("the text is empty")
    for refusal in refusals(documents):
        raise EvalError(refusal)
    return nix_source.write(convert(documents, context.Options(istio_version=istio_version)).expression)


@memory_is_a_limit()
def migrate(
    source: AnyPath,
    destination: AnyPath,
    *,
    to: str = "yaml",
    kustomize: bool = False,
    force: bool = False,
    dry_run: bool = False,
    args: Mapping[str, object] | None = None,
    allow: Sequence[AnyPath] = (),
    project: bool = False,
) -> Report:
    """Convert a tree of Nix files to `to`: yaml, json or manifests. Returns the report. Raises NixError and OSError."""
    from nixbridge.tools.migrate.install import install
    from nixbridge.tools.migrate.migration import Migration
    from nixbridge.tools.migrate.migration_settings import MANIFESTS, Settings

    target = MANIFESTS if kustomize else to
    options = _options(args, None, allow, project, positions=target == MANIFESTS)
    settings = Settings(
        os.fspath(source), os.fspath(destination), to=target, kustomize=kustomize, force=force, evaluation=options
    )
    with Migration(settings) as migration:
        migration.convert(nullcontext)
        migration.make_plan()
        if not dry_run:
            install(migration.plan)
        return migration.report()


@memory_is_a_limit()
def build(
    file: AnyPath,
    output: AnyPath,
    *,
    attr: str | None = None,
    args: Mapping[str, object] | None = None,
    allow: Sequence[AnyPath] = (),
    project: bool = False,
    force: bool = False,
) -> None:
    """Write the output of a derivation of the built-in pkgs to `output`. Raises NixError and OSError."""
    from nixbridge.tools.build.outputs import output_of
    from nixbridge.tools.build.write_result import write_result

    name = os.fspath(file)
    evaluation = Evaluation(_options(args, attr, allow, project), folder_of(name), write_message=lambda text: None)
    write_result(evaluation.read_value(name, output_of), os.fspath(output), force=force)
