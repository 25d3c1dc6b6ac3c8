"""JSON to values and back. (Nix manual, builtins.toJSON, builtins.fromJSON)"""

from __future__ import annotations

from nixbridge.language.builtins.json_text import read_json
from nixbridge.language.formats.json import compact
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import with_context
from nixbridge.language.runtime.type_checks import expect_plain_string
from nixbridge.language.runtime.values import Lazy, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.machine.host import Host


@primop("toJSON", host=True)
def to_json(host: Host, value: Lazy) -> Value:
    """Return the value, completely evaluated, as JSON without blanks, names in order; with the context of all strings in it.

    A path becomes its store path, a set with `__toString` or `outPath` that string. Raises EvalError for functions and
    for strings that are no UTF-8. (builtins.toJSON)
    """
    context: set[str] = set()
    text = compact(value, host, context)
    return with_context(text, context) if context else text


@primop("fromJSON")
def from_json(text: Lazy) -> Value:
    """Return the value that a JSON text says; numbers with a fraction or an exponent are floats. (builtins.fromJSON)

    Raises EvalError for invalid JSON, for null bytes, and for integers from 2^63 to below 2^64; beyond
    these they are floats.
    """
    return read_json(expect_plain_string(text))
