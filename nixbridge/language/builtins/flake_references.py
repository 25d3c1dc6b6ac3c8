"""Flake references as text and as sets; nothing is looked up. (Nix manual, parseFlakeRef, flakeRefToString)"""

from __future__ import annotations

import re
from urllib.parse import quote as quote_utf8
from urllib.parse import unquote as unquote_utf8
from urllib.parse import urlsplit

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.formats.json import compact_data
from nixbridge.language.name_order import in_nix_order
from nixbridge.language.runtime.number import LARGEST
from nixbridge.language.runtime.primop import primop
from nixbridge.language.runtime.strings import without_context
from nixbridge.language.runtime.thunk import force
from nixbridge.language.runtime.type_checks import expect_plain_string, expect_set
from nixbridge.language.runtime.values import Lazy, Value, sorted_names, type_name
from nixbridge.language.store.hash_text import experimental_feature, read_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Attributes: TypeAlias = "dict[str, str | int | bool]"

_ID = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*")
_REVISION = re.compile(r"[0-9a-fA-F]{40}")
_BRANCH = re.compile(r"[a-zA-Z0-9@][a-zA-Z0-9_./@+-]*")
_SHORT = re.compile(rf"{_ID.pattern}(/{_BRANCH.pattern})?")
_HOST = re.compile(r"[a-zA-Z0-9.-]*")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")
#: What a URL may consist of besides its percent signs.
_URL = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%^-]*")

#: What is not percent-encoded in the path of a URL, besides letters and digits.
_IN_PATH = "/:@!$&'()*+,;="

_FORGES = ("github", "gitlab", "sourcehut")
_TARBALL_SCHEMES = ("http", "https", "file")
_GIT_FLAGS = ("allRefs", "exportIgnore", "lfs", "shallow", "submodules")
_SIGNATURES = ("verifyCommit", "keytype", "publicKey", "publicKeys")
_COUNTS = ("lastModified", "revCount")
_KNOWN = ("narHash", "rev", *_COUNTS)

#: Type -> the attributes that it must have, and those that it may have; `dir` and `type` go with all.
_ATTRIBUTES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(_FORGES, (("owner", "repo"), ("ref", "rev", "narHash", "lastModified", "host", "treeHash"))),
    "indirect": (("id",), ("ref", "rev", "narHash")),
    "path": (("path",), _KNOWN),
    "git": (("url",), ("ref", "name", "dirtyRev", "dirtyShortRev", *_KNOWN, *_GIT_FLAGS)),
    "hg": (("url",), ("ref", "name", *_KNOWN)),
    "tarball": (("url",), ("name", "unpack", *_KNOWN)),
    "file": (("url",), ("name", "unpack", *_KNOWN)),
}


def quote(text: str, safe: str) -> str:
    """Return `text` percent-encoded, whatever bytes it has."""
    return quote_utf8(text, safe=safe, errors="surrogateescape")


def unquote(text: str) -> str:
    """Return a decoded percent-encoded text, with arbitrary bytes."""
    return unquote_utf8(text, errors="surrogateescape")


class NotAUrl(Exception):
    """A text that is not a URL; it may be a path."""


@primop("parseFlakeRef")
def parse_flake_ref(reference: Lazy) -> Value:
    """Return the set that a flake reference such as `github:NixOS/nixpkgs/23.05?dir=lib` says. (builtins.parseFlakeRef)"""
    text = expect_plain_string(reference)
    whole, _, fragment = text.partition("#")
    try:
        found = attributes_of_text(whole)
    except NotAUrl:
        if not whole.startswith("/"):
            raise EvalError(f"flake reference '{text}' is not an absolute path") from None
        path, _, query = whole.partition("?")
        parameters = query_parameters(query)
        found = path_attributes(_without_folder(f"path://{quote(path, _IN_PATH)}", parameters), path, parameters)
    if fragment:
        raise EvalError(f"unexpected fragment '{unquote(fragment)}' in flake reference '{text}'")
    return {**found}


@primop("flakeRefToString")
def flake_ref_to_string(attributes: Lazy) -> Value:
    """Return the text of a flake reference that is given as a set. (builtins.flakeRefToString)"""
    return text_of_attributes(_plain(expect_set(attributes)))


def text_of_attributes(given: Attributes) -> str:
    """Return the URL of a reference. Raises EvalError for attributes that its type does not have."""
    kind = _checked_type(given)
    folder = {"dir": str(given["dir"])} if given.get("dir") else {}
    if kind in _FORGES:
        return _show_forge(kind, given, folder)
    if kind == "indirect":
        tail = [str(given[name]) for name in ("id", "ref", "rev") if name in given]
        return _with_query("flake:" + "/".join(tail), folder)
    if kind == "path":
        known = {name: str(given[name]) for name in _KNOWN if name in given}
        return _with_query("path:" + quote(str(given["path"]), _IN_PATH), folder | known)
    return _show_url(kind, given, folder)


# from text


def attributes_of_text(text: str) -> Attributes:
    """Return the attributes of a reference by id (`nixpkgs/23.05`) or by URL. Raises NotAUrl for what may be a path."""
    if _SHORT.fullmatch(text):
        return _indirect(f"flake:{text}", text, strict=True)
    return attributes_of_url(text)


def attributes_of_url(text: str) -> Attributes:
    if not _SCHEME.match(text) or not _URL.fullmatch(text):
        if ":" in text and re.match(r"[A-Z][A-Za-z0-9+.-]*:", text):
            raise EvalError(f"input '{text}' is unsupported")
        raise NotAUrl
    scheme, _, rest = text.partition(":")
    path, _, query = rest.partition("?")
    parameters = query_parameters(query)
    shown = _without_folder(f"{scheme}:{path}", parameters)
    if scheme in _FORGES:
        return _forge(scheme, path, parameters)
    if scheme == "flake":
        return _indirect(text, path, strict=False) | _folder(parameters)
    if scheme == "path":
        authority = urlsplit(text).netloc
        if authority:
            raise EvalError(f"path URL '{text}' should not have an authority ('{authority}')")
        return path_attributes(shown, unquote(path.removeprefix("//")) or "/", parameters)
    application, plus, transport = scheme.rpartition("+")
    if transport == "file" and urlsplit(f"file:{path}").netloc:
        raise NotAUrl  # a file has no host
    if application == "git" or scheme == "git":
        return _git(scheme if not plus else transport, path, parameters)
    if application == "hg":
        return _repository("hg", f"{transport}:{path}", parameters, ("ref", "rev"))
    if transport in _TARBALL_SCHEMES and application in ("", "tarball", "file"):
        # these say how to fetch, and are not part of what is fetched
        for name in ("name", "unpack"):
            parameters.pop(name, None)
        return _repository(application or "tarball", f"{transport}:{path}", parameters, _KNOWN)
    raise EvalError(f"input '{shown}' is unsupported")


def query_parameters(query: str) -> dict[str, str]:
    if _PERCENT.search(query):
        raise EvalError(f"invalid URI query '{query}': leftover")
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(unquote(name), unquote(value))
    return found


def _without_folder(url: str, parameters: dict[str, str]) -> str:
    """Return a URL as messages show it: its parameters in order, and `dir`, which is not about the input, left out."""
    return _with_query(url, {name: value for name, value in parameters.items() if name != "dir"})


def _folder(parameters: dict[str, str]) -> Attributes:
    return {"dir": parameters["dir"]} if parameters.get("dir") else {}


def _indirect(url: str, path: str, *, strict: bool) -> Attributes:
    """`nixpkgs/ref/rev`. Errors are reported only if the text cannot be a path instead."""
    parts = [unquote(part) for part in path.split("/") if part]
    wrong: str | None = None
    found: Attributes = {"type": "indirect"}
    if strict and len(parts) > 3:
        raise EvalError(f"GitHub URL '{url}' is invalid")
    if not 1 <= len(parts) <= 3 or not _ID.fullmatch(parts[0]):
        raise NotAUrl
    found["id"] = parts[0]
    if len(parts) == 2:
        if _REVISION.fullmatch(parts[1]):
            found["rev"] = parts[1]
        elif _is_branch(parts[1]):
            found["ref"] = parts[1]
        else:
            wrong = f"'{parts[1]}' is not a commit hash or branch/tag name"
    elif len(parts) == 3:
        found["ref"], found["rev"] = parts[1:]
        if not _is_branch(parts[1]):
            wrong = f"'{parts[1]}' is not a branch/tag name"
        elif not _REVISION.fullmatch(parts[2]):
            wrong = f"'{parts[2]}' is not a commit hash"
    if wrong and strict:
        raise EvalError(f"in flake URL '{url}', {wrong}")
    if wrong:
        raise NotAUrl
    return found


def _is_branch(text: str) -> bool:
    return bool(_BRANCH.fullmatch(text)) and text != "@" and ".." not in text and not text.endswith((".lock", "/", "."))


def _forge(scheme: str, path: str, parameters: dict[str, str]) -> Attributes:
    parts = [unquote(part) for part in path.split("/") if part]
    if path.startswith("//") or len(parts) < 2:
        raise NotAUrl
    found: Attributes = {"type": scheme, "owner": parts[0], "repo": parts[1]}
    version = "/".join(parts[2:])
    if version:
        found["rev" if _REVISION.fullmatch(version) else "ref"] = version
    for name in ("ref", "rev"):
        if name in parameters:
            if name in found:
                raise NotAUrl
            found[name] = parameters[name]
    if ("rev" in found and "ref" in found) or ("ref" in found and not _is_branch(str(found["ref"]))):
        raise NotAUrl
    if "rev" in found:
        read_hash(str(found["rev"]), "sha1")
    if not _HOST.fullmatch(parameters.get("host", "")):
        raise NotAUrl
    found |= {name: parameters[name] for name in ("host", "narHash") if name in parameters}
    return found | _folder(parameters)


def path_attributes(url: str, path: str, parameters: dict[str, str]) -> Attributes:
    found: Attributes = {"type": "path", "path": path}
    for name, value in sorted(parameters.items()):
        if name in _COUNTS:
            if not (value.isascii() and value.isdigit() and int(value) <= LARGEST):
                raise EvalError(f"path URL '{url}' has invalid parameter '{name}'")
            found[name] = int(value)
        elif name in ("rev", "narHash"):
            found[name] = value
        elif name != "dir":
            raise EvalError(f"path URL '{url}' has unsupported parameter '{name}'")
    return found | _folder(parameters)


def _git(transport: str, path: str, parameters: dict[str, str]) -> Attributes:
    if transport != "file" and not path.startswith("//"):
        raise NotAUrl
    for name in _SIGNATURES:
        if name in parameters:
            raise _unverified()
    flags: Attributes = {name: parameters.pop(name) == "1" for name in _GIT_FLAGS if name in parameters}
    return _repository("git", f"{transport}:{path}", parameters, ("ref", "rev")) | flags


def _repository(kind: str, url: str, parameters: dict[str, str], known: tuple[str, ...]) -> Attributes:
    """`url`, with those parameters that are no attributes put back."""
    found: Attributes = {"type": kind}
    for name in known:
        if name in parameters:
            value = parameters.pop(name)
            if name not in _COUNTS:
                found[name] = value
            elif value.isascii() and value.isdigit():
                found[name] = int(value)
    folder = _folder(parameters)
    parameters.pop("dir", None)
    return found | folder | {"url": _with_query(url, parameters)}


def _unverified() -> EvalError:
    return experimental_feature("verified-fetches")


# to text


def _plain(attributes: dict[str, Lazy]) -> Attributes:
    found: Attributes = {}
    for name in in_nix_order(attributes):
        value = force(attributes[name])
        if isinstance(value, str):
            value = without_context(value)
        elif value.__class__ is int and value < 0:
            raise EvalError(f"negative value given for flake ref attr {name}: {value}")
        elif value.__class__ not in (int, bool):
            raise EvalError(
                "flake reference attribute sets may only contain integers, Booleans, and strings, "
                f"but attribute '{name}' is {type_name(value)}"
            )
        found[name] = value
    return {name: found[name] for name in sorted_names(found)}


def _checked_type(given: Attributes) -> str:
    """Return the type. Raises EvalError for attributes that it lacks, or that have the wrong type."""
    if "type" not in given:
        raise EvalError("'type' attribute to specify input scheme is required but not provided")
    kind = given["type"]
    if not isinstance(kind, str):
        raise EvalError(f"input attribute 'type' is not a string {compact_data(given)}")
    if kind not in _ATTRIBUTES:
        raise EvalError(f"cannot show unsupported input '{compact_data(given)}'")
    required, optional = _ATTRIBUTES[kind]
    for name in given:
        if name in _SIGNATURES and kind == "git":
            raise _unverified()
        if name not in (*required, *optional, "type", "dir"):
            raise EvalError(f"input attribute '{name}' not supported by scheme '{kind}'")
    for name in required:
        if name not in given:
            raise EvalError(f"input attribute '{name}' is missing")
    for name, value in given.items():
        if name in (*_GIT_FLAGS, "unpack"):
            if value.__class__ is not bool:
                raise EvalError(f"input attribute '{name}' is not a Boolean")
        elif name in _COUNTS:
            if value.__class__ is not int:
                raise EvalError(f"input attribute '{name}' is not an integer")
        elif value.__class__ is not str:
            raise EvalError(f"input attribute '{name}' is not a string {compact_data(given)}")
    _check_version(kind, given)
    return kind


def _check_version(kind: str, given: Attributes) -> None:
    if kind in _FORGES and "ref" in given and "rev" in given:
        raise EvalError(
            f"input {compact_data(given)} contains both a commit hash ('{given['rev']}') "
            f"and a branch/tag name ('{given['ref']}')"
        )
    if "ref" in given and not _is_branch(str(given["ref"])):
        if kind == "git":
            raise EvalError(f"invalid Git branch/tag name '{given['ref']}'")
        raise EvalError(f"input {compact_data(given)} contains an invalid branch/tag name")
    if "rev" in given and kind not in ("path", "tarball", "file"):
        read_hash(str(given["rev"]), "sha1")
    if "narHash" in given and (kind in _FORGES or kind in ("tarball", "file")):
        text = str(given["narHash"])
        if "-" not in text:
            raise EvalError(f"hash '{text}' is not SRI")
        read_hash(text, None)
    if kind == "indirect" and not _ID.fullmatch(str(given["id"])):
        raise EvalError(f"'{given['id']}' is not a valid flake ID")


def _show_forge(kind: str, given: Attributes, query: dict[str, str]) -> str:
    parts = [str(given[name]) for name in ("owner", "repo", "ref", "rev") if name in given]
    safe = ":@!$&'()*+,;=~"
    query = query | {name: str(given[name]) for name in ("host", "narHash") if name in given}
    return _with_query(f"{kind}:" + "/".join([quote(part, safe=safe) for part in parts]), query)


def _show_url(kind: str, given: Attributes, query: dict[str, str]) -> str:
    url, _, old = str(given["url"]).partition("?")
    query = query | query_parameters(old)
    if kind in ("git", "hg"):
        if ":" not in url:
            url = f"file://{url}" if url.startswith("/") else f"file:{url}"
        if not url.startswith("git:"):
            url = f"{kind}+{url}"
        query |= {name: str(given[name]) for name in ("ref", "rev") if name in given}
        query |= {name: "1" for name in _GIT_FLAGS if given.get(name) is True and name != "allRefs"}
    elif "narHash" in given:
        query["narHash"] = str(given["narHash"])
    return _with_query(url, query)


def _with_query(url: str, query: dict[str, str]) -> str:
    if not query:
        return url
    safe = ":@/?!$'()*,;~"
    pairs = [f"{quote(name, safe='')}={quote(query[name], safe=safe)}" for name in sorted(query)]
    return f"{url}?{'&'.join(pairs)}"
