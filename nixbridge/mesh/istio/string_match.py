"""String matches and the regular expressions in them, which Envoy reads as RE2."""

from __future__ import annotations

from nixbridge.mesh.model.re2 import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Place

#: hook: validateStringRegexp
LONGEST_REGEX = 1024


def wrong_regex(text: str) -> str | None:
    """Return the fault of a regular expression for RE2 (github.com/google/re2/wiki/Syntax), or None."""
    if not text:
        return "an empty regular expression is refused"
    if len(text) > LONGEST_REGEX:
        return f"the regular expression is longer than Istio takes ({LONGEST_REGEX} characters)"
    wrong = refused(text)
    return f"is not a regular expression of RE2, which Istio reads: {wrong}" if wrong else None


def check_string_match(
    match: dict[str, str], place: Place, messages: Messages, *, empty_prefix: bool = False, regex_at: str = "regex"
) -> None:
    """A converted StringMatch: `{ exact }`, `{ prefix }` or `{ regex }`; `{ }` asks for presence.

    `empty_prefix`: a prefix may be empty, as that of a path, which Envoy then takes for every path.
    """
    if match.get("prefix") == "" and not empty_prefix:
        messages.error(place / "prefix", "an empty prefix is refused; leave the condition out to match everything")
    if "regex" in match:
        wrong = wrong_regex(match["regex"])
        if wrong:
            messages.error(place / regex_at, wrong)
