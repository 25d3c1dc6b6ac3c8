"""Sources in Git repositories of this machine: a work tree as it stands, or a commit."""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.flake_reference import FlakeReference
from nixbridge.flakes.git_repository import EXECUTABLE, LINK, SUBMODULE, GitRepository
from nixbridge.flakes.git_work_tree import GitWorkTree, git_folder
from nixbridge.language.machine.allowed_paths import StoreTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.flakes.flake_sources import Sources, SourceTree
    from nixbridge.language.builtins.flake_references import Attributes


def git_source(sources: Sources, reference: FlakeReference) -> SourceTree:
    """Return the tree of a `git+file:` reference: of its commit where it names one, else of the work tree.

    Raises EvalError unless it is a repository.
    """
    folder = sources.readable(str(reference.source["url"]).removeprefix("file:").removeprefix("//"))
    sources.refuse_outside(git_folder(folder))
    if "rev" in reference.source or "ref" in reference.source:
        submodules = reference.source.get("submodules") is True
        return _commit_source(sources, reference, _repository(sources, folder), folder if submodules else None)
    # a bare repository has no work tree, so it stands for the commit of its HEAD
    if not os.path.lexists(f"{folder}/.git"):
        return _commit_source(sources, reference, _repository(sources, folder))
    work_tree = GitWorkTree(folder, sources.refuse_outside, submodules=reference.source.get("submodules") is True)
    attributes: Attributes = dict(reference.source)
    repository, head = work_tree.repository, work_tree.head
    attributes["lastModified"] = repository.commit(head).time if head is not None else 0
    if work_tree.is_dirty:
        sources.warn(f"Git tree '{folder}' is dirty")
        if head is not None:
            attributes |= {"dirtyRev": f"{head}-dirty", "dirtyShortRev": f"{head[:7]}-dirty"}
    elif head is not None:
        attributes["rev"] = head
        _add_branch(attributes, repository)
    # no `narHash` yet: a work tree changes, so it is hashed each time
    tree = StoreTree(folder, work_tree.entries, folder)
    count = _revision_counter(repository, head, attributes) if not work_tree.is_dirty else None
    return sources.add(FlakeReference(attributes), tree, count)


def _revision_counter(repository: GitRepository, head: str | None, attributes: Attributes) -> Callable[[], int] | None:
    """Return a function that counts the commits up to `head`; None where Nix gives no `revCount`."""
    if head is None or attributes.get("shallow") is True or repository.is_shallow:
        return None
    return lambda: repository.count_commits(head)


def _add_branch(attributes: Attributes, repository: GitRepository) -> None:
    branch = repository.head_name()
    if branch is not None:
        attributes.setdefault("ref", branch)


def _repository(sources: Sources, folder: str) -> GitRepository:
    for path in (git_folder(folder), folder):
        if os.path.isdir(f"{path}/objects"):
            return GitRepository(path, sources.refuse_outside)
    raise EvalError(f"'{folder}' is not a Git repository")


def _commit_source(
    sources: Sources, reference: FlakeReference, repository: GitRepository, work_tree: str | None = None
) -> SourceTree:
    """Return the tree of a commit, written to the cache; `work_tree` is where the repositories of its submodules are found."""
    given = reference.source.get("rev") or _resolved(repository, str(reference.source.get("ref", "HEAD")))
    if given is None:
        raise EvalError(f"the Git repository of '{reference}' has no such commit, branch or tag")
    commit_id, commit = repository.commit_of(str(given))

    def repository_at(path: str) -> GitRepository | None:
        return None if work_tree is None else _repository(sources, f"{work_tree}/{path}")

    nar_hash, folder = sources.cache.add(
        lambda target: write_tree(repository, commit.tree, target, repository_at), reference.nar_hash
    )
    attributes: Attributes = {**reference.source, "rev": commit_id, "lastModified": commit.time, "narHash": nar_hash}
    _add_branch(attributes, repository)
    count = None if "revCount" in attributes else _revision_counter(repository, commit_id, attributes)
    return sources.kept(FlakeReference(attributes), folder, count)


def _resolved(repository: GitRepository, name: str) -> str | None:
    # a branch before a tag with the same name
    names = (name, f"refs/heads/{name}", f"refs/tags/{name}")
    return next((found for found in map(repository.resolve, names) if found is not None), None)


def write_tree(
    repository: GitRepository,
    tree: str,
    folder: str,
    repository_at: Callable[[str], GitRepository | None] = lambda path: None,
    prefix: str = "",
) -> None:
    """Write the files, links and folders of a Git tree into a new folder.

    `repository_at` gives the repository of a submodule by its path; without one its folder is not made. Raises EvalError for a tree
    that names one path twice.
    """
    links: list[tuple[str, str]] = []
    os.mkdir(folder)
    try:
        for path, mode, identity in repository.tree(tree):
            target = f"{folder}/{path}"
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if mode == SUBMODULE:
                inner = repository_at(prefix + path)
                if inner is not None:
                    write_tree(inner, inner.commit(identity).tree, target, repository_at, f"{prefix}{path}/")
                continue
            data = repository.object(identity)[1]
            if mode == LINK:
                links.append((os.fsdecode(data), target))
                continue
            with open(target, "xb") as file:
                file.write(data)
            # the umask must not decide: the executable bit is part of the hash
            os.chmod(target, 0o755 if mode == EXECUTABLE else 0o644)
        # last, so that nothing is ever written through a link that the tree itself has brought
        for text, target in links:
            os.symlink(text, target)
    except FileExistsError as error:
        raise EvalError(f"a Git tree has the path '{error.filename2 or error.filename}' twice") from None
