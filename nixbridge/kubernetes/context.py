"""What every part of one rendering shares: the records, the release, and where messages go."""

from __future__ import annotations

from nixbridge.kubernetes.fields import Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.kubernetes.messages import Messages
    from nixbridge.kubernetes.record import Record
    from nixbridge.kubernetes.versions import Release


class Options:
    """How to render: `--istio-version`, `--linkerd-version` (None: as the records say) and `--strict`."""

    def __init__(
        self, *, istio_version: str | None = None, linkerd_version: str | None = None, strict: bool = False
    ) -> None:
        self.istio_version = istio_version
        self.linkerd_version = linkerd_version
        self.strict = strict


class Context:
    """One rendering. `istio` is the release whose APIs are rendered."""

    def __init__(self, records: list[Record], options: Options, istio: Release, messages: Messages) -> None:
        self.records = records
        self.options = options
        self.istio = istio
        self.messages = messages
        self.walk = Walk(istio, messages)

    def of(self, *builders: str) -> list[Record]:
        """The records of these builders, in the order of the result."""
        return [record for record in self.records if record.builder in builders]
