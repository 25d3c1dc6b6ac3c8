"""A pattern in the syntax of Python's `re`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.posix_regex.tree import Node


def python_pattern(node: Node) -> str:
    """Return the same pattern for `re`, with DOTALL, on text whose characters are bytes."""
    kind = node[0]
    if kind == "set":
        return _class(node[1])
    if kind == "seq":
        return "".join(python_pattern(item) for item in node[1])
    if kind == "alt":
        return f"(?:{'|'.join(python_pattern(item) for item in node[1])})"
    if kind == "group":
        return f"({python_pattern(node[2])})"
    if kind == "start":
        return r"\A"
    if kind == "end":
        return r"\Z"
    inside, least, most = node[1:]
    text = python_pattern(inside)
    bounds = f"{{{least},{'' if most is None else most}}}"
    return (text if inside[0] in ("set", "group") else f"(?:{text})") + bounds


def _class(codes: frozenset[int]) -> str:
    # all but the null byte, which no Nix string has
    if len(codes) == 255:
        return "."
    if not codes:
        return r"(?!)"
    ordered = sorted(codes)
    if len(ordered) == 1:
        return f"\\x{ordered[0]:02x}"
    ranges: list[str] = []
    first = last = ordered[0]
    for code in [*ordered[1:], 1 << 20]:
        if code != last + 1:
            ranges.append(f"\\x{first:02x}-\\x{last:02x}")
            first = code
        last = code
    return f"[{''.join(ranges)}]"
