"""Settings of a mesh read from a record: switches, strings, quantities, with an error for a value of the wrong type."""

from __future__ import annotations

from nixbridge.errors.suggest import nearest
from nixbridge.mesh.model.manifest import checked_namespace
from nixbridge.mesh.model.quantities import amount
from nixbridge.mesh.schema.field_walk import is_empty, unknown_text
from nixbridge.mesh.tables.builder_list import table
from nixbridge.mesh.tables.value_types import type_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nixbridge.mesh.model.record_data import Record
    from nixbridge.mesh.model.render_context import Context


def flag(context: Context, record: Record, name: str) -> bool:
    """Return a Boolean setting. Any other value is an error, and counts as the default."""
    value = record.get(name)
    if isinstance(value, bool):
        return value
    context.messages.error(record / name, f"must be true or false but is {type_text(value)}")
    return bool(record.defaults.get(name))


def text(context: Context, record: Record, name: str) -> str:
    """Return a string setting; the default after an error."""
    value = record.get(name)
    if isinstance(value, str):
        return value
    context.messages.error(record / name, f"must be a string but is {type_text(value)}")
    default = record.defaults.get(name)
    return default if isinstance(default, str) else ""


def quantity(context: Context, record: Record, name: str) -> str | None:
    """Return a Kubernetes quantity (`100m`, `256Mi`); None where none is given."""
    value = record.get(name)
    if is_empty(value):
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and amount(value) is not None:
        return value
    shown = f"'{value}'" if isinstance(value, str) else type_text(value)
    context.messages.error(record / name, f"{shown} is not a valid quantity (100m, 0.5, 256Mi)")
    return None


def choice(context: Context, record: Record, name: str, allowed: Collection[str] | None = None) -> str | None:
    """Return one of the allowed strings, by the builder's table unless given; None after an error."""
    value = text(context, record, name)
    if allowed is None:
        parameter = table(record.builder).parameter(name)
        allowed = parameter.one_of if parameter is not None else ()
    if value in allowed:
        return value
    # Istio's own words are in capitals, Nixernetes' in lower case
    near = nearest(value.lower(), sorted(allowed)) or nearest(value.upper(), sorted(allowed))
    meant = f" (did you mean {near[0]}?)" if near else ""
    context.messages.error(record / name, f"'{value}' is not one of {', '.join(allowed)}{meant}")
    return None


def namespaces(context: Context, record: Record, name: str) -> list[str]:
    """Return a list of namespaces; those with a fault are reported."""
    value = record.get(name)
    if is_empty(value):
        return []
    if not isinstance(value, list):
        context.messages.error(record / name, f"must be a list but is {type_text(value)}")
        return []
    return [checked_namespace(record / name / index, context.messages) for index in range(len(value))]


def without_counterpart(context: Context, record: Record, reasons: Mapping[str, str]) -> None:
    """Report each of these fields that is given: nothing in the cluster corresponds to them."""
    for name, reason in reasons.items():
        if not is_empty(record.get(name)):
            context.messages.lost(record / name, reason)


def check_known(context: Context, record: Record, known: Collection[str]) -> None:
    """Warn of every attribute that was added with `//` and means nothing here."""
    for name in record.fields:
        if name not in known:
            context.messages.warning(record / name, f"{unknown_text(name, known, 'attribute')}: it is not rendered")
