"""Releases of the meshes by their own calendars: supported, at their end of life, or unknown to this table.

Istio: istio.io "Supported Releases" (six weeks after the second next minor release), dates as of endoflife.date, February 2026, and
the tags of istio/istio. Linkerd: linkerd.io/releases, which names the edge release that a version is; the project itself has made no
stable releases since February 2024, vendors do.
"""

from __future__ import annotations

from datetime import date

SUPPORTED, END_OF_LIFE, UNKNOWN = "supported", "end of life", "unknown"

#: Minor release -> release and end of life (None: not known here).
ISTIO: dict[str, tuple[date | None, date | None]] = {
    "1.12": (date(2021, 11, 18), date(2022, 7, 12)),
    "1.13": (date(2022, 2, 11), date(2022, 10, 12)),
    "1.14": (date(2022, 6, 1), date(2022, 12, 27)),
    "1.15": (date(2022, 8, 31), date(2023, 4, 4)),
    "1.16": (date(2022, 11, 15), date(2023, 7, 25)),
    "1.17": (date(2023, 2, 14), date(2023, 10, 27)),
    "1.18": (date(2023, 6, 7), date(2024, 1, 4)),
    "1.19": (date(2023, 9, 5), date(2024, 4, 24)),
    "1.20": (date(2023, 11, 14), date(2024, 6, 25)),
    "1.21": (date(2024, 3, 13), date(2024, 9, 27)),
    "1.22": (date(2024, 5, 13), date(2025, 1, 22)),
    "1.23": (date(2024, 8, 14), date(2025, 4, 16)),
    "1.24": (date(2024, 11, 7), date(2025, 6, 24)),
    "1.25": (date(2025, 3, 3), date(2025, 9, 30)),
    "1.26": (date(2025, 5, 8), date(2025, 12, 22)),
    "1.27": (date(2025, 8, 11), date(2026, 3, 30)),
    "1.28": (date(2025, 11, 5), date(2026, 5, 31)),
    "1.29": (date(2026, 2, 16), date(2026, 8, 31)),
    "1.30": (date(2026, 5, 15), None),
    "1.31": (None, None),
    "1.32": (None, None),
}
#: Version -> when it was announced, and the end of the open-source project's stable releases of it.
LINKERD: dict[str, tuple[date | None, date | None]] = {
    "2.12": (date(2022, 8, 24), date(2024, 2, 21)),
    "2.13": (date(2023, 4, 11), date(2024, 2, 21)),
    "2.14": (date(2023, 8, 23), date(2024, 2, 21)),
    "2.15": (date(2024, 2, 21), None),
    "2.16": (date(2024, 8, 13), None),
    "2.17": (date(2024, 12, 5), None),
    "2.18": (date(2025, 4, 23), None),
    "2.19": (date(2025, 10, 31), None),
    "2.20": (date(2026, 6, 23), None),
}
CALENDARS = {"Istio": ISTIO, "Linkerd": LINKERD}


def status_of(product: str, release: str, today: date) -> tuple[str, date | None]:
    """Return the support status of a minor release (`1.29`) on a day, and the day of its end of life if known.

    Releases older than the table have reached their end of life.
    """
    calendar = CALENDARS[product]
    if release not in calendar:
        oldest = _numbers(next(iter(calendar)))
        return (END_OF_LIFE if _numbers(release) < oldest else UNKNOWN), None
    end = calendar[release][1]
    return (END_OF_LIFE if end is not None and end < today else SUPPORTED), end


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
