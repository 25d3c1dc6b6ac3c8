"""'Did you mean': the name that is nearest to one that is not there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Comparing takes time: more candidates than this are narrowed down by length and first letter.
MOST_COMPARED = 2_000
LONGEST_COMPARED = 80


def nearest(name: str, candidates: Sequence[str], most: int = 1) -> list[str]:
    """Return the candidates that the user may have meant, the most similar first."""
    if not name or len(name) > LONGEST_COMPARED:
        return []
    # difflib compares every pair of characters: candidates of another length are ruled out first
    slack = 1 + len(name) // 4
    possible = [other for other in candidates if abs(len(other) - len(name)) <= slack]
    if len(possible) > MOST_COMPARED:
        possible = [other for other in possible if other[:1] == name[:1]][:MOST_COMPARED]
    if not possible:
        return []
    from difflib import get_close_matches

    return get_close_matches(name, possible, n=most, cutoff=0.65)


def did_you_mean(name: str, candidates: Sequence[str]) -> str | None:
    """Return `did you mean 'a'?`, or None where nothing is near."""
    found = nearest(name, candidates)
    return f"did you mean '{found[0]}'?" if found else None
