"""A record of what nixbridge build wrote: a folder may be replaced without asking while it is as it was left."""

from __future__ import annotations

import hashlib
import os

from nixbridge.atomic import write_atomically
from nixbridge.language.compiler.cache import cache_folder
from nixbridge.tools.build.file_tree import File, Folder, Link, Node


def read_tree(path: str) -> Node:
    """Return what is at a path of this machine, links not followed. Raises OSError."""
    if os.path.islink(path):
        return Link(os.readlink(path))
    if os.path.isdir(path):
        return Folder({name: read_tree(os.path.join(path, name)) for name in os.listdir(path)})
    with open(path, "rb") as file:
        return File(file.read(), executable=bool(os.fstat(file.fileno()).st_mode & 0o100))


def digest_of(node: Node) -> str:
    """Return a hash of names, contents, links and executable bits."""
    digest = hashlib.sha256()
    nodes = [("", node), *node.walk()] if isinstance(node, Folder) else [("", node)]
    for path, each in nodes:
        if isinstance(each, Folder):
            described, data = "folder", b""
        elif isinstance(each, Link):
            described, data = "link", os.fsencode(each.target)
        else:
            described, data = f"file {each.executable:d}", each.data
        name = os.fsencode(path)
        digest.update(f"{described} {len(name)} {len(data)} ".encode() + name + data)
    return digest.hexdigest()


def remember_digest(path: str, digest: str) -> None:
    """Remember what was written to `path`. Without a cache folder nothing is remembered."""
    file = _record(path)
    if file is not None:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        write_atomically(file, digest.encode())


def remembered_digest(path: str) -> str | None:
    """Return the digest of what was last written to `path`; None where that is not known."""
    file = _record(path)
    try:
        if file is not None:
            with open(file, encoding="ascii") as record:
                return record.read()
    except OSError:
        return None
    return None


def _record(path: str) -> str | None:
    folder = cache_folder()
    if folder is None:
        return None
    name = hashlib.sha256(os.fsencode(os.path.realpath(os.path.abspath(path)))).hexdigest()
    return os.path.join(folder, "results", name)
