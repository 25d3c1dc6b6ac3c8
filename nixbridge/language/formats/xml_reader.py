"""The output of `nix-instantiate --xml` as data. Where attributes stand is left out: another checkout has other paths and lines."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from nixbridge.language.formats.nix_reader import Printed

_PLACES = ("line", "column", "path")
_NUMBERS = {"int": int, "float": float}


def read(text: str) -> Any:
    """Return the data of an XML document of Nix's; functions and derivations are texts of a class of their own.

    Raises ValueError, and RecursionError for a document that is nested too deeply.
    """
    value = _parse(text).find("*")
    if value is None:
        raise ValueError("it has no value")
    return _value(value)


def lay_out(text: str) -> str:
    """Return the same document without places, indented alike. Raises ValueError."""
    root = _parse(text)
    for element in root.iter():
        if element.tag in ("attr", "function"):
            for name in _PLACES:
                element.attrib.pop(name, None)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _parse(text: str) -> ElementTree.Element:
    try:
        # Nix writes bytes that are not UTF-8 as they are, and the parser would refuse the whole document for them
        root = ElementTree.fromstring(text.strip().encode("utf-8", "replace"))
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    if root.tag != "expr":
        raise ValueError(f"it begins with <{root.tag}>, where Nix writes <expr>")
    return root


def _value(element: ElementTree.Element) -> object:
    kind, text = element.tag, element.get("value", "")
    if kind == "attrs":
        return {one.get("name", ""): _value(one[0]) for one in element if len(one)}
    if kind == "list":
        return [_value(one) for one in element]
    if kind == "null":
        return None
    if kind == "bool":
        return text == "true"
    if kind in _NUMBERS:
        return _NUMBERS[kind](text)
    if kind == "string":
        return text
    if kind == "path":
        return Printed(text)
    return Printed(lay_out(f"<expr>{ElementTree.tostring(element, encoding='unicode')}</expr>"))
