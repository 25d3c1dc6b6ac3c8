"""CEL rules of CRDs (`x-kubernetes-validations`), evaluated by the package cel-python."""

from __future__ import annotations

from importlib import import_module
from urllib.parse import urlsplit

from nixbridge.errors.kinds import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

EXTRA = "pip install 'nixbridge[validate]'"


class Rules:
    """Compiles a rule once; says which rules a value breaks. Raises UsageError where cel-python is not installed."""

    def __init__(self) -> None:
        try:
            self._cel = import_module("celpy")
        except ImportError:
            raise UsageError("--validate needs the package cel-python", hint=EXTRA) from None
        self._types = import_module("celpy.celtypes")
        self._environment = self._cel.Environment()
        self._programs: dict[str, Any] = {}

    def broken(self, rules: list[dict[str, Any]], value: Any) -> Iterator[str]:
        """The message of every rule that the value breaks. Rules on what was there before (oldSelf) hold for a new object."""
        for rule in rules:
            text = rule["rule"]
            if "oldSelf" in text:
                continue
            try:
                holds = self._program(text).evaluate({"self": self._cel.json_to_cel(value)})
            except (self._cel.CELEvalError, self._cel.CELParseError) as error:
                yield f"the rule '{' '.join(text.split())}' cannot be evaluated: {error}"
                continue
            if not holds:
                yield rule.get("message") or f"failed rule: {' '.join(text.split())}"

    def _program(self, text: str) -> Any:
        if text not in self._programs:
            compiled = self._environment.compile(text)
            self._programs[text] = self._environment.program(compiled, functions=self._functions())
        return self._programs[text]

    def _functions(self) -> dict[str, Any]:
        """What Kubernetes adds to CEL and Istio's rules use. (kubernetes.io/docs/reference/using-api/cel)"""
        types = self._types

        def substring(text: Any, start: Any, end: Any = None) -> Any:
            stop = len(text) if end is None else int(end)
            if not 0 <= int(start) <= stop <= len(text):
                raise self._cel.CELEvalError("index out of range")
            return types.StringType(str(text)[int(start) : stop])

        def split(text: Any, separator: Any) -> Any:
            return types.ListType([types.StringType(part) for part in str(text).split(str(separator))])

        def lower(text: Any) -> Any:
            return types.StringType(str(text).lower())

        def is_url(text: Any) -> Any:
            parts = urlsplit(str(text))
            return types.BoolType(bool(parts.scheme) and bool(parts.netloc or parts.path))

        return {"substring": substring, "split": split, "lowerAscii": lower, "isURL": is_url}
