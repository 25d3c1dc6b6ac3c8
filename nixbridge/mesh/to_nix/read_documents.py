"""YAML and JSON texts as data, with the place of whatever is wrong in them."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.formats.json_strict import InvalidJson, read_json
from nixbridge.language.formats.yaml import template_hint
from nixbridge.mesh.to_nix.read_yaml import InvalidYaml, read_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.source import Source

#: Aliases can make a large document of a small text.
MOST_VALUES = 5_000_000
#: More lists and sets within one another are no configuration, and too many for Python's stack.
DEEPEST = 200
#: A byte that is not valid UTF-8, as `surrogateescape` reads it.
_NO_TEXT = ("\udc80", "\udcff")


def read_documents(source: Source, *, is_json: bool | None) -> list[object]:
    """Return the documents of a text: one of JSON, any number of YAML; `is_json` is None where the text itself must tell.

    Raises EvalError, with its position, for an invalid text and for duplicate keys.
    """
    _check_text(source)
    try:
        documents = _documents(source.text, is_json)
        count, depth = _measure(documents, {})
    except InvalidJson as error:
        raise EvalError(f"this is not JSON: {error}", source=source, span=source.span(error.start, error.end)) from None
    except InvalidYaml as error:
        span, hint = source.span(error.start, error.end), template_hint(source.text)
        raise EvalError(f"this is not YAML: {error}", source=source, span=span, hint=hint) from None
    except RecursionError:
        count, depth = 0, DEEPEST + 2
    if depth > DEEPEST + 1:
        raise EvalError(f"{source.name}: nested deeper than {DEEPEST} levels")
    if count > MOST_VALUES:
        raise EvalError(f"{source.name}: after expanding its aliases, it has more than {MOST_VALUES:,} values")
    return documents


def _documents(text: str, is_json: bool | None) -> list[object]:
    if is_json:
        return [read_json(text)]
    if is_json is None and text.lstrip()[:1] in ("{", "["):
        try:
            return [read_json(text)]
        except InvalidJson:
            pass  # YAML may begin like that as well
    return read_yaml(text)


def _check_text(source: Source) -> None:
    if source.text.isascii():
        return
    for offset, character in enumerate(source.text):
        if _NO_TEXT[0] <= character <= _NO_TEXT[1]:
            span = source.span(offset, offset + 1)
            raise EvalError(f"this is not UTF-8: byte 0x{ord(character) - 0xDC00:02X}", source=source, span=span)


def _measure(data: object, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Return how many values there are with every alias written out, and how deep they nest; `known`: of the lists and sets met so far."""
    if not isinstance(data, (dict, list)):
        return 1, 0
    if id(data) not in known:
        inside = [_measure(item, known) for item in (data.values() if isinstance(data, dict) else data)]
        known[id(data)] = 1 + sum(count for count, _ in inside), 1 + max((depth for _, depth in inside), default=0)
    return known[id(data)]
