"""Settings of a mesh that the builder's table describes fully: the charts' values that they go to, or why they have none."""

from __future__ import annotations

from nixbridge.mesh.installation.mesh_settings import flag, quantity, text
from nixbridge.mesh.schema.field_walk import is_empty
from nixbridge.mesh.tables.builder_list import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nixbridge.mesh.installation.helm_releases import Mesh
    from nixbridge.mesh.model.record_data import Record
    from nixbridge.mesh.model.render_context import Context

#: Type of a parameter -> what reads it; None where nothing is given.
READERS: dict[str, Callable[[Context, Record, str], Any]] = {"boolean": flag, "quantity": quantity, "text": text}


def put_values(context: Context, mesh: Mesh, record: Record) -> None:
    """Put every setting that has `values` into them."""
    for parameter in table(record.builder).parameters:
        if not parameter.values:
            continue
        value = READERS[parameter.type](context, record, parameter.name)
        for where in parameter.values if value is not None else ():
            helm_release, _, key = where.partition("/")
            mesh.put(context, helm_release, key, value, record / parameter.name)


def report_lost(context: Context, record: Record) -> None:
    """Report every setting that is given although it is `lost`."""
    for parameter in table(record.builder).parameters:
        if not parameter.lost:
            continue
        if parameter.type == "boolean":
            flag(context, record, parameter.name)
        if not is_empty(record.get(parameter.name)):
            context.messages.lost(record / parameter.name, parameter.lost)
