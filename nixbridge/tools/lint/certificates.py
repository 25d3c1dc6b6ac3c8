"""The certificate in a Secret: whether there is one, and until when it is valid. (X.509, DER)"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
#: Two times one after the other are the validity: UTCTime (tag 0x17, 13 bytes) or GeneralizedTime (0x18, 15 bytes).
_VALIDITY = re.compile(rb"(?:\x17\x0d(\d{12}Z)|\x18\x0f(\d{14}Z))(?:\x17\x0d(\d{12}Z)|\x18\x0f(\d{14}Z))")


def wrong_certificate(text: str, now: datetime) -> str | None:
    """Return the fault of a certificate in PEM, or None."""
    found = _PEM.search(text)
    if found is None:
        return "contains no certificate"
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True)
    except (binascii.Error, ValueError):
        return "contains no certificate"
    # found by its form instead of parsed: nothing before it in a certificate has two times in a row
    validity = _VALIDITY.search(der)
    if validity is None:
        return "contains no certificate"
    end = _time((validity[3] or validity[4]).decode())
    return f"holds a certificate that expired on {end:%Y-%m-%d}" if end < now else None


def _time(text: str) -> datetime:
    """Return a time of ASN.1; years of two digits are those from 1950 to 2049."""
    if len(text) == 13:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
