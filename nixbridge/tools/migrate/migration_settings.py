"""The options of a migration."""

from __future__ import annotations

from nixbridge.mesh.model import render_context as context
from nixbridge.tools.evaluation_options import Options

#: What `--to` takes.
FORMATS = ("yaml", "json", "manifests")
MANIFESTS = "manifests"


class Settings:
    """`source` and `destination` as they were given; `to` is one of FORMATS; `rendering` and `evaluation` are how.

    `exclude` are patterns of files that are left out.
    """

    def __init__(
        self,
        source: str,
        destination: str,
        *,
        to: str = "yaml",
        kustomize: bool = False,
        force: bool = False,
        rendering: context.Options | None = None,
        evaluation: Options | None = None,
        show_trace: bool = False,
        exclude: tuple[str, ...] = (),
    ) -> None:
        self.source, self.destination = source, destination
        self.to, self.kustomize, self.force = to, kustomize, force
        self.rendering = rendering if rendering is not None else context.Options()
        self.evaluation = evaluation if evaluation is not None else Options()
        self.show_trace, self.exclude = show_trace, exclude
