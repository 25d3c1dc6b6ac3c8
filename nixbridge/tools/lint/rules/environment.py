"""Detection of production environments by names, labels and install mode, because configurations have no field for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nixbridge.mesh.model.messages import NOTE, WARNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nixbridge.mesh.model.record_data import Record

_PRODUCTION = re.compile(r"(^|[^a-z])(prod|production|prd|live)($|[^a-z])", re.IGNORECASE)
_OTHER = re.compile(
    r"(^|[^a-z])(dev|devel|development|test|testing|stage|staging|qa|ci|demo|local|sandbox|preview|lab)($|[^a-z])",
    re.IGNORECASE,
)
#: Labels that name an environment.
LABELS = ("environment", "env", "stage", "tier", "app.kubernetes.io/environment")


def level_for(record: Record) -> str | None:
    """Return a warning in production, a note where nothing tells, None where the record is evidently for something else."""
    if is_production(record):
        return WARNING
    return None if any(_OTHER.search(text) for text in _telling(record)) else NOTE


def is_production(record: Record) -> bool:
    """Return whether a record's name, namespace, labels or install mode tell that it is for production."""
    return record.get("installMode") == "production" or any(_PRODUCTION.search(text) for text in _telling(record))


def _telling(record: Record) -> Iterator[str]:
    labels = record.get("labels")
    named = [labels.get(key) for key in LABELS] if isinstance(labels, dict) else []
    for text in (record.name, record.get("namespace"), *named):
        if isinstance(text, str):
            yield text
