"""Values as XML. (Nix manual, builtins.toXML)"""

from __future__ import annotations

from nixbridge.language.formats.xml import to_xml
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import with_context
from nixbridge.language.runtime.values import Lazy, Value


@primop("toXML")
def to_xml_text(value: Lazy) -> Value:
    """Return the value, completely evaluated, as an XML document; with the context of all strings in it. (builtins.toXML)"""
    context: set[str] = set()
    text = to_xml(value, places=False, context=context)
    return with_context(text, context)
