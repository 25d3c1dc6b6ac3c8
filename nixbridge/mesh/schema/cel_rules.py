"""CEL rules of CRDs (`x-kubernetes-validations`), evaluated by the package cel-python."""

from __future__ import annotations

import re
from importlib import import_module

from nixbridge.errors.exceptions import UsageError
from nixbridge.mesh.schema.cel_functions import functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

EXTRA = "pip install 'nixbridge[validate]'"
#: The error of cel-python for a function that it does not have.
UNKNOWN = "undeclared reference"
#: Fields whose names are words of CEL are written so: `self.__namespace__`.
_HAS_ESCAPED = re.compile(r"has\(([\w.\[\]]+)\.__([a-z]+)__\)")
_ESCAPED = re.compile(r"\.__([a-z]+)__\b")


class Rules:
    """The rules of CRDs, each compiled once, and the check of values against them. Raises UsageError where cel-python is not installed.

    `skipped` are the rules that cel-python cannot read: an API server can.
    """

    def __init__(self) -> None:
        try:
            self._cel = import_module("celpy")
        except ImportError:
            raise UsageError("--validate needs the package cel-python", hint=EXTRA) from None
        self._environment = self._cel.Environment()
        self._functions = functions(self._cel, import_module("celpy.celtypes"))
        self._programs: dict[str, Any] = {}
        self.skipped: dict[str, None] = {}

    def broken(self, rules: list[dict[str, Any]], value: Any) -> Iterator[str]:
        """Yield the message of every rule that the value breaks. Rules on what was there before (oldSelf) hold for a new object.

        One whose evaluation fails (`duration(self)` of what is none) is broken, as it is for an API server.
        """
        for rule in rules:
            text, shown = rule["rule"], " ".join(rule["rule"].split())
            if "oldSelf" in text:
                continue
            try:
                holds = self._program(text).evaluate({"self": self._cel.json_to_cel(value)})
            except self._cel.CELParseError:
                self.skipped[shown] = None
            except self._cel.CELEvalError as error:
                if UNKNOWN in str(error):
                    self.skipped[shown] = None
                else:
                    yield rule.get("message") or f"the rule '{shown}' fails"
            else:
                if not holds:
                    yield rule.get("message") or f"failed rule: {shown}"

    def _program(self, text: str) -> Any:
        if text not in self._programs:
            plain = _ESCAPED.sub(r'["\1"]', _HAS_ESCAPED.sub(r'("\2" in \1)', text))
            self._programs[text] = self._environment.program(
                self._environment.compile(plain), functions=self._functions
            )
        return self._programs[text]
