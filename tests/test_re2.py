"""The syntax of RE2: what is refused and why; RE2 itself, where it is installed, says the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixbridge.mesh.model.re2 import refused

REFUSED = {
    "(?=a)": "'(?=' is not in RE2",
    "(?>a)": "'(?>' is not in RE2",
    "(?x)a": "'(?x' is not in RE2",
    "(?#a)": "'(?#' is not in RE2",
    r"(a)\1": r"'\1' is not in RE2",
    r"\k<a>": r"'\k' is not in RE2",
    r"a\Z": r"'\Z' is not in RE2",
    r"\C": r"'\C' is not in RE2",
    r"\x{110000}": r"'\x' is not in RE2",
    "a++": "'+' repeats a repetition, which is not in RE2",
    "a{2}*": "'*' repeats a repetition, which is not in RE2",
    "*a": "nothing is before '*' to be repeated",
    "(|+)": "nothing is before '+' to be repeated",
    "a{1001}": "'{1001}' repeats too often",
    "(a{50}){50}": "'{50}' repeats too often",
    "a{2,1}": "'{2,1}' repeats too often",
    "(a": "a '(' is not closed",
    "a)": "a ')' closes nothing",
    "[a": "a '[' is not closed",
    "[z-a]": "'z-a' is not a range",
    "[[:alphabet:]]": "'[:alphabet:]' is not a class of characters",
    "(?P<a>b)(?P<a>c)": "there are two groups 'a'",
    "a\\": r"it ends with a '\'",
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items(), ids=REFUSED)
def test_it_is_rejected(text: str, why: str) -> None:
    assert (refused(text) or "").startswith(why)


@pytest.mark.parametrize(
    "text",
    [
        "/api/v[0-9]+/.*",
        "^(?i:abc)(?-s)$",
        "(?P<year>[[:digit:]]{4})-(?<month>[^]])",
        r"\A\pL\p{Greek}\Q*[\E+\x{1F600}\12\z",
        r"^*a{,3}{x}[]a][\d-z]a*?",
        "a(?i)*",
    ],
)
def test_it_is_accepted(text: str) -> None:
    assert refused(text) is None


#: RE2 has a byte (`\\C`) that Go lacks, and knows the names of all scripts: neither is here.
PIECES = st.sampled_from([
    "a", ".", "*", "+", "?", "{2}", "{2,}", "{1001}", "{,3}", "(", ")", "(?:", "(?i)", "(?i-s:", "(?x)", "(?P<n>", "(?=",
    "(?>", "[a-z]", "[^/]", "[", "]", "[[:alpha:]]", "[]a]", r"[\d-z]", r"[a-\d]", "[z-a]", "|", "^", "$", r"\d", r"\b",
    r"\z", r"\Z", r"\1", r"\12", r"\x41", r"\u0041", r"\pL", r"\Q*\E", r"\.", r"\e", r"\_", r"\é", "*?", "++", "-", "é", "{",
    "}",
])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=6).map("".join))
def test_re2_agrees(text: str) -> None:
    re2 = pytest.importorskip("re2", reason="needs google-re2, which nixbridge[validate] brings")
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(text, options)
    except re2.error:
        assert refused(text) is not None
    else:
        assert refused(text) is None
