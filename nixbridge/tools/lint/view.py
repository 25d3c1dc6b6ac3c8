"""The view that rules have: the builder calls of a file, the records in its result, and those of all files that are linted together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from nixbridge.mesh.model.record_data import Place, Record
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.result_contents import Found, find, positions_in
from nixbridge.mesh.output.rendering import Rendering, render
from nixbridge.mesh.tables.manifest_paths import RECORD_BUILDERS
from nixbridge.tools.lint.cluster_view import GATEWAY_API, WORKLOADS, Cluster
from nixbridge.tools.lint.finding import NAME, TEXT, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nixbridge.errors.exceptions import NixError
    from nixbridge.mesh.tables.parameter import Builder


#: Kinds of manifests that rules look at, besides those that builders make.
KNOWN_KINDS = frozenset((
    *RECORD_BUILDERS,
    *("Telemetry", "Gateway", "Sidecar", "RequestAuthentication", "WorkloadEntry", "WorkloadGroup", "EnvoyFilter"),
    *("Namespace", "Service", "Pod", *WORKLOADS, "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
    *(f"{GATEWAY_API}/{kind}" for kind in ("Gateway", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "ReferenceGrant")),
))  # fmt: skip


class Call:
    """A builder call. `given` are its parameters as a record (None: not a set), with the positions of the parameters.

    `failures`: unused parameters whose evaluation fails, with their errors.
    """

    def __init__(self, builder: Builder, given: Record, *, is_set: bool, failures: dict[str, NixError]) -> None:
        self.builder, self.given, self.is_set, self.failures = builder, given, is_set, failures


class View:
    """A file. `calls` are in order of evaluation; `found` are the records and manifests of its value `result`."""

    def __init__(self, calls: list[Call], result: object) -> None:
        self.calls = calls
        self.result = result
        self.found: Found = find(result)
        self._in_result = positions_in(result) if isinstance(result, dict) else None
        #: the records of all files that are linted together: what is referred to may be in another one
        self.cluster = Cluster(self.found.resources)

    @cached_property
    def rendering(self) -> Rendering:
        """The rendering of the file, with its messages."""
        return render(self.found, Options())

    @property
    def looked_at(self) -> bool:
        """Return whether there is a record or a manifest of a kind that rules know."""
        return any(record.builder in KNOWN_KINDS for record in self.found.resources)

    def of(self, *builders: str) -> Iterator[Record]:
        """Yield the records of these builders in this file's result."""
        return (record for record in self.found.resources if record.builder in builders)

    def all_of(self, *builders: str) -> Iterator[Record]:
        """Yield the same of all files."""
        return self.cluster.of(*builders)

    def anchors(self, place: Place) -> frozenset[tuple[str, int]]:
        """Return the lines on the way to a place: of the attributes that lead to the record and into it, and of the call."""
        record = place.record
        positions = [record.position(place.path[:length]) for length in range(len(place.path) + 1)]
        if self._in_result is not None:
            positions += [self._in_result(record.where[:length]) for length in range(1, len(record.where) + 1)]
        return frozenset((position[0], position[1]) for position in positions if position is not None)


def rename(place: Place, new: str) -> Fix | None:
    """Return the fix that gives the attribute at a place another name; None where its place in the source is not known."""
    position = place.record.position(place.path)
    return Fix(NAME, position, str(place.path[-1]), new) if position is not None else None


def retext(place: Place, new: str) -> Fix | None:
    """Return the fix that gives the attribute at a place another text."""
    position = place.record.position(place.path)
    return Fix(TEXT, position, str(place.value), new) if position is not None else None
