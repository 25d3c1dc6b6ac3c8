"""Routes and matches that no request gets to, since an earlier one takes all of theirs. (hook: analyzeUnreachable...Rules)"""

from __future__ import annotations

import json

from nixbridge.mesh.model.resource import ROUTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.draft import Draft
    from nixbridge.mesh.model.messages import Messages
    from nixbridge.mesh.model.record_data import Path

    #: what is not used, and why
    Unused = tuple[Path, str]

#: Conditions of an HTTP match that are compared by their beginning, as istiod does it.
_COMPARED_MAPS = ("headers", "queryParams", "withoutHeaders")


def report_unreachable(spec: JsonObject, draft: Draft, messages: Messages) -> None:
    """Warn of every route and match of a converted VirtualService that is not used."""
    for name, field in ROUTES.items():
        routes = spec.get(field, [])
        for path, text in [*unreachable_routes(routes), *unreachable_matches(routes)]:
            place = draft.at(name)
            for key in path:
                place = place / key
            messages.warning(place, text)


def unreachable_routes(routes: list[dict[str, object]]) -> Iterator[Unused]:
    """Yield the routes that no request gets to."""
    seen: dict[str, int] = {}
    every: int | None = None
    for number, route in enumerate(routes):
        matches = _matches(route)
        if every is not None:
            yield (number,), f"is never reached: route {every} before it has no match and takes every request"
        if not matches:
            every = number if every is None else every
            continue
        # istiod compares matches by their serialized form, without the name, which has no effect on matching
        texts = [_text(match) for match in matches]
        # after a catch-all route, one message is enough
        if every is None and all(text in seen for text in texts):
            yield (number,), f"is never reached: route {seen[texts[0]]} before it has the same match"
        for text in texts:
            # of several routes with the same match the first takes the requests
            seen.setdefault(text, number)


def unreachable_matches(routes: list[dict[str, object]]) -> Iterator[Unused]:
    """Yield the matches that an earlier one covers: the same one, or a prefix of the path."""
    seen: dict[str, int] = {}
    prefixes: list[tuple[int, JsonObject]] = []
    for number, route in enumerate(routes):
        matches = _matches(route)
        if not matches:
            return
        for index, match in enumerate(matches):
            text = _text(match)
            if text in seen:
                yield (number, "match", index), f"is not used: route {seen[text]} before it has the same match"
                continue
            seen[text] = number
            # only prefixes are compared: whether one regular expression covers another cannot be told
            if not _prefix(match):
                continue
            first = next((known for known in prefixes if _covers(known[1], match)), None)
            if first is not None:
                prefix = _prefix(first[1])
                yield (number, "match", index), f"is not used: route {first[0]} before it takes the prefix '{prefix}'"
            prefixes.append((number, match))


def _matches(route: dict[str, object]) -> list[dict[str, object]]:
    matches = route.get("match")
    return [match for match in matches if isinstance(match, dict)] if isinstance(matches, list) else []


def _text(match: dict[str, object]) -> str:
    return json.dumps({key: value for key, value in match.items() if key != "name"}, sort_keys=True, default=str)


def _prefix(match: dict[str, object]) -> str:
    uri = match.get("uri")
    prefix = uri.get("prefix") if isinstance(uri, dict) else None
    return prefix if isinstance(prefix, str) else ""


def _covers(first: JsonObject, second: JsonObject) -> bool:
    """Return whether istiod takes the second prefix match for covered by the first. The same prefix is another matter."""
    if _prefix(first) == _prefix(second) or not _prefix(second).startswith(_prefix(first)):
        return False
    if first.get("port", 0) != second.get("port", 0):
        return False
    # istiod compares the serialized conditions as prefixes; a missing method counts as GET there (hook: coveredValidation)
    if not _condition(first, "method", "exact:GET").startswith(_condition(second, "method", "exact:GET")):
        return False
    if not _condition(first, "authority").startswith(_condition(second, "authority")):
        return False
    return all(_maps_cover(first.get(name) or {}, second.get(name) or {}) for name in _COMPARED_MAPS)


def _condition(match: dict[str, object], name: str, default: str = "") -> str:
    value = match.get(name)
    for kind in ("exact", "prefix"):
        if isinstance(value, dict) and value.get(kind):
            return f"{kind}:{value[kind]}"
    return default


def _maps_cover(first: dict[str, object], second: dict[str, object]) -> bool:
    if not isinstance(first, dict) or not isinstance(second, dict) or first.keys() != second.keys():
        return False
    return all(_condition(first, key).startswith(_condition(second, key)) for key in first)
