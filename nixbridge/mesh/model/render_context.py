"""The context that every part of one rendering shares: the records, the release, and where messages go."""

from __future__ import annotations

from nixbridge.errors.exceptions import UsageError
from nixbridge.mesh.model.releases import (
    NEWEST_ISTIO,
    NEWEST_LINKERD,
    OLDEST_ISTIO,
    OLDEST_LINKERD,
    linkerd_release_of,
    release_of,
    release_text,
)
from nixbridge.mesh.schema.field_walk import Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Record
    from nixbridge.mesh.model.releases import Release


class Options:
    """How to render: `--istio-version`, `--linkerd-version` (None: as the records say), `--strict` and `--gateway-api`.

    Raises UsageError for a version that is none, or of a release that the tables do not know.
    """

    def __init__(
        self,
        *,
        istio_version: str | None = None,
        linkerd_version: str | None = None,
        strict: bool = False,
        gateway_api: bool = False,
    ) -> None:
        _check("--istio-version", istio_version, release_of(istio_version), OLDEST_ISTIO, NEWEST_ISTIO)
        _check(
            "--linkerd-version", linkerd_version, linkerd_release_of(linkerd_version), OLDEST_LINKERD, NEWEST_LINKERD
        )
        self.istio_version = istio_version
        self.linkerd_version = linkerd_version
        self.strict = strict
        self.gateway_api = gateway_api


def _check(option: str, version: str | None, release: Release | None, oldest: Release, newest: Release) -> None:
    if version is None:
        return
    if release is None:
        raise UsageError(f"{option}: '{version}' is not a version", hint="X.Y or X.Y.Z")
    if not oldest <= release <= newest:
        raise UsageError(f"{option}: {version} is not known; {release_text(oldest)} to {release_text(newest)} are")


class Context:
    """One rendering. `istio` is the release whose APIs are rendered.

    `verbatim`: the value comes from a manifest and goes to the cluster unchanged; there are no short forms in it, and
    nothing that rendering would put right.
    """

    def __init__(
        self,
        records: list[Record],
        options: Options,
        istio: Release,
        messages: Messages,
        *,
        verbatim: bool = False,
    ) -> None:
        self.records = records
        self.options = options
        self.istio = istio
        self.messages = messages
        self.verbatim = verbatim
        self.walk = Walk(istio, messages, verbatim=verbatim)

    def for_manifests(self) -> Context:
        """Return a context that checks manifests as they are."""
        return Context(self.records, self.options, self.istio, self.messages, verbatim=True)

    def of(self, *builders: str) -> list[Record]:
        """Return the records of these builders, in the order of the result."""
        return [record for record in self.records if record.builder in builders]
