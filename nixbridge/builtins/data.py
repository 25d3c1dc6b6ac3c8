"""JSON to values and back. (Nix manual, builtins.toJSON, builtins.fromJSON)"""

from __future__ import annotations

from nixbridge.builtins.json_text import read_json
from nixbridge.formats.json import compact
from nixbridge.runtime.expect import expect_plain_string
from nixbridge.runtime.primop import primop
from nixbridge.runtime.text import with_context
from nixbridge.runtime.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.runtime.host import Host


@primop("toJSON", host=True)
def to_json(host: Host, value: Value) -> Value:
    """The value, forced to its end, as JSON without blanks, names in order; with the context of all strings in it.

    A path becomes its store path, a set with `__toString` or `outPath` that string. Raises EvalError for functions and
    for strings that are no UTF-8. (builtins.toJSON)
    """
    context: set[str] = set()
    text = compact(value, host, context)
    return with_context(text, context) if context else text


@primop("fromJSON")
def from_json(text: Value) -> Value:
    """The value that a JSON text says; numbers with a fraction or an exponent are floats. (builtins.fromJSON)

    Raises EvalError for what is no JSON, for null bytes, and for integers from 2^63 to below 2^64; beyond
    these they are floats.
    """
    return read_json(expect_plain_string(text))
