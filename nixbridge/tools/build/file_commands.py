"""Commands that make, copy, move, link and remove files, and change their modes."""

from __future__ import annotations

import posixpath
import re

from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut
from nixbridge.tools.build.command_arguments import Arguments, declaring, needed
from nixbridge.tools.build.file_tree import File, Folder, Link, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.tools.build.command_arguments import Command
    from nixbridge.tools.build.shell import Shell

COMMANDS: dict[str, Command] = {}
command = declaring(COMMANDS)


@command("mkdir")
def mkdir(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Make folders."""
    given = Arguments("mkdir", arguments, ("p", "v", "--parents", "--verbose"), ("m", "--mode"))
    for operand in needed("mkdir", given.operands):
        make_folder(shell, shell.path(operand), parents=given.has("p", "--parents"))
    return b""


def make_folder(shell: Shell, path: str, *, parents: bool) -> None:
    """Make the folder at `path`. `parents`: and those above it, none of which need be new."""
    node = shell.files.find(path)
    if parents and isinstance(node, Folder):
        return
    if node is not None:
        raise CommandFailed(f"mkdir: cannot create directory '{path}': File exists")
    if parents and not shell.files.is_top(path):
        make_folder(shell, posixpath.dirname(path), parents=True)
    shell.files.put(path, Folder())


@command("rmdir")
def rmdir(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Remove empty folders."""
    given = Arguments("rmdir", arguments, ("--ignore-fail-on-non-empty",))
    for operand in needed("rmdir", given.operands):
        path = shell.path(operand)
        if not shell.files.folder(path).entries:
            shell.files.remove(path)
        elif not given.flags:
            raise CommandFailed(f"rmdir: failed to remove '{operand}': Directory not empty")
    return b""


# Copies, moves, links


_CP_FLAGS = (
    *("r", "R", "a", "p", "P", "d", "L", "f", "v", "n", "T", "u", "x", "--recursive", "--archive", "--dereference"),
    *("--force", "--no-clobber", "--verbose", "--reflink=auto"),
)


@command("cp")
def cp(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Copy files and folders."""
    given = Arguments("cp", arguments, _CP_FLAGS, (*_TARGET, "--no-preserve", "--preserve"))
    recursive = given.has("r", "R", "a", "--recursive", "--archive")
    follow = given.has("L", "--dereference")
    # GNU's defaults: a single file is copied through its link, a tree with its links
    keep_links = given.has("a", "P", "d", "--archive") or (recursive and not follow)
    new_mode = "mode" in given.values.get("--no-preserve", "") or given.values.get("--no-preserve") == "all"
    for source, target in _pairs(shell, "cp", given):
        node = shell.files.find(source, follow=not keep_links)
        if node is None:
            raise CommandFailed(f"cp: cannot stat '{source}': No such file or directory")
        if isinstance(node, Folder) and not recursive:
            raise CommandFailed(f"cp: -r not specified; omitting directory '{source}'")
        if given.has("n", "--no-clobber") and shell.files.find(target) is not None:
            continue
        if isinstance(node, Folder) and f"{shell.files.real_path(target)}/".startswith(
            f"{shell.files.real_path(source)}/"
        ):
            raise CommandFailed(f"cp: cannot copy a directory, '{source}', into itself, '{target}'")
        if follow and isinstance(node, Folder):
            node = dereferenced(shell, source, node)
        copy_to(shell, node, target, new_mode=new_mode, force=given.has("f", "--force"))
    return b""


def copy_to(shell: Shell, node: Node, target: str, *, new_mode: bool, force: bool) -> None:
    """Copy a node to `target`, into an existing folder if there is one."""
    present = shell.files.find(target)
    if isinstance(node, Folder):
        if present is None:
            shell.files.put(target, Folder())
        elif not isinstance(present, Folder):
            raise CommandFailed(f"cp: cannot overwrite non-directory '{target}' with directory")
        for name in sorted(node.entries):
            copy_to(shell, node.entries[name], f"{target}/{name}", new_mode=new_mode, force=force)
        # last: a folder of the store is read-only, and nothing could be put into its copy any more
        if present is None and not new_mode:
            made = shell.files.folder(target)
            made.writable = node.writable
        return
    if isinstance(present, Folder):
        raise CommandFailed(f"cp: cannot overwrite directory '{target}' with non-directory")
    if isinstance(node, File) and isinstance(present, File) and not force:
        # an existing file keeps its permissions
        shell.files.write(target, node.data)
        return
    copied = node.copy(writable=True if new_mode or isinstance(node, Link) else node.writable)
    if new_mode and isinstance(copied, File):
        copied.executable = False
    shell.files.put(target, copied)


def dereferenced(shell: Shell, path: str, folder: Folder) -> Folder:
    """Return a copy of the folder at `path` with links replaced by their targets."""
    entries: dict[str, Node] = {}
    for name, node in folder.entries.items():
        found = shell.files.find(f"{path}/{name}") if isinstance(node, Link) else node
        if found is None:
            raise CommandFailed(f"cp: cannot stat '{path}/{name}': No such file or directory")
        entries[name] = (
            dereferenced(shell, shell.files.real_path(f"{path}/{name}"), found) if isinstance(found, Folder) else found
        )
    return Folder(entries, writable=folder.writable)


@command("mv")
def mv(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Move files and folders."""
    given = Arguments("mv", arguments, ("f", "v", "n", "T", "--force", "--verbose", "--no-clobber"), _TARGET)
    for source, target in _pairs(shell, "mv", given):
        node = shell.files.find(source, follow=False)
        if node is None:
            raise CommandFailed(f"mv: cannot stat '{source}': No such file or directory")
        if given.has("n", "--no-clobber") and shell.files.find(target) is not None:
            continue
        if isinstance(node, Folder) and f"{target}/".startswith(f"{source}/"):
            raise CommandFailed(f"mv: cannot move '{source}' to a subdirectory of itself, '{target}'")
        shell.files.remove(source)
        shell.files.put(target, node)
    return b""


@command("ln")
def ln(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Make symbolic links."""
    given = Arguments(
        "ln",
        arguments,
        ("s", "f", "n", "r", "v", "T", "--symbolic", "--force", "--relative", "--no-dereference"),
        _TARGET,
    )
    if not given.has("s", "--symbolic"):
        raise NotCarriedOut(
            "nixbridge does not support 'ln' without -s: a hard link to a file of the store is its copy; use cp"
        )
    operands = list(given.operands)
    if len(operands) == 1 and not given.values:
        operands.append(".")
    for source, target in _pairs(shell, "ln", given, operands=operands, keep_source=True):
        present = shell.files.find(target, follow=False)
        if present is not None:
            if isinstance(present, Folder) or not given.has("f", "--force"):
                raise CommandFailed(f"ln: failed to create symbolic link '{target}': File exists")
            shell.files.remove(target)
        text = source
        if given.has("r", "--relative"):
            text = posixpath.relpath(shell.path(source), posixpath.dirname(target))
        shell.files.put(target, Link(text))
    return b""


_TARGET = ("t", "--target-directory")


def _pairs(
    shell: Shell, name: str, given: Arguments, *, operands: list[str] | None = None, keep_source: bool = False
) -> list[tuple[str, str]]:
    """Return each source with the path that it is copied, moved or linked to. `keep_source`: a source is as it is written."""
    operands = list(given.operands if operands is None else operands)
    path, is_folder = _target(shell, name, given, operands)
    pairs = []
    for source in operands:
        # `cp -r x/. y` copies what is in x
        inside = posixpath.basename(source.rstrip("/")) if not source.endswith(("/.", "/..")) else ""
        to = f"{path}/{inside}" if is_folder and inside not in ("", ".", "..") else path
        where = source if keep_source else shell.path(source)
        if not keep_source and source.endswith(("/", "/.")):
            where = shell.files.real_path(where)  # a slash after a link means what it leads to
        pairs.append((where, to))
    return pairs


def _target(shell: Shell, name: str, given: Arguments, operands: list[str]) -> tuple[str, bool]:
    """Return where sources go, and whether they go into a folder there. Without an option for it, the last operand is taken out."""
    target = next((value for option, value in given.values.items() if option in _TARGET), None)
    if target is None:
        if len(operands) < 2:
            raise CommandFailed(f"{name}: missing destination file operand")
        target = operands.pop()
    path = shell.path(target)
    is_folder = isinstance(shell.files.find(path), Folder) and not given.has("T")
    # `ln -sfn new current` replaces the link `current` instead of putting one into the folder behind that
    if given.has("n", "--no-dereference") and name == "ln" and isinstance(shell.files.find(path, follow=False), Link):
        is_folder = False
    if len(operands) > 1 and not is_folder:
        raise CommandFailed(f"{name}: target '{target}': No such file or directory")
    if (
        target.endswith("/")
        and not is_folder
        and name != "mv"
        and not isinstance(shell.files.find(shell.path(operands[0])), Folder)
    ):
        raise CommandFailed(f"{name}: cannot create regular file '{target}': Not a directory")
    return path, is_folder


@command("install")
def install(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Copy files with a mode, or make folders (`-d`)."""
    given = Arguments("install", arguments, ("d", "D", "v", "C", "p", "T"), ("m", "--mode", *_TARGET))
    if given.has("d"):
        for operand in needed("install", given.operands):
            make_folder(shell, shell.path(operand), parents=True)
        return b""
    mode = given.values.get("m", given.values.get("--mode", "755"))
    target = given.values.get("t", given.values.get("--target-directory"))
    if given.has("D"):
        folder = (
            shell.path(target)
            if target is not None
            else posixpath.dirname(shell.path(needed("install", given.operands)[-1]))
        )
        make_folder(shell, folder, parents=True)
    for source, to in _pairs(shell, "install", given):
        file = shell.files.file(source)
        shell.files.put(to, File(file.data))
        _set_mode(shell.files.find(to), mode)
    return b""


@command("rm")
def rm(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Remove files and folders."""
    given = Arguments("rm", arguments, ("r", "R", "f", "v", "--recursive", "--force"))
    for operand in given.operands:
        path = shell.path(operand)
        node = shell.files.find(path, follow=False)
        if node is None:
            if not given.has("f", "--force"):
                raise CommandFailed(f"rm: cannot remove '{operand}': No such file or directory")
            continue
        if isinstance(node, Folder) and not given.has("r", "R", "--recursive"):
            raise CommandFailed(f"rm: cannot remove '{operand}': Is a directory")
        shell.files.remove(path)
    return b""


# Modes

_SYMBOLIC = re.compile(r"([ugoa]*)([-+=])([rwxX]*)")


@command("chmod")
def chmod(shell: Shell, arguments: list[str], _stdin: bytes) -> bytes:
    """Change the write and execute permissions of files."""
    recursive = False
    operands = []
    for argument in arguments:
        if argument in ("-R", "--recursive"):
            recursive = True
        elif argument in ("-v", "-f", "-c"):
            continue
        else:
            operands.append(argument)
    if len(operands) < 2:
        raise CommandFailed("chmod: missing operand")
    for operand in operands[1:]:
        path = shell.path(operand)
        node = shell.files.find(path)
        if node is None:
            raise CommandFailed(f"chmod: cannot access '{operand}': No such file or directory")
        if not shell.files.is_ours(shell.files.real_path(path)):
            raise CommandFailed(f"chmod: changing permissions of '{operand}': Operation not permitted")
        nodes = [node, *(child for _, child in node.walk())] if recursive and isinstance(node, Folder) else [node]
        for each in nodes:
            _set_mode(each, operands[0])
    return b""


def _set_mode(node: Node | None, mode: str) -> None:
    if not isinstance(node, File | Folder):
        return
    if re.fullmatch(r"[0-7]{3,4}", mode):
        bits = int(mode, 8)
        node.writable = bool(bits & 0o200)
        if isinstance(node, File):
            node.executable = bool(bits & 0o100)
        return
    for part in mode.split(","):
        match = _SYMBOLIC.fullmatch(part)
        if match is None:
            raise NotCarriedOut(f"nixbridge does not support 'chmod {mode}'")
        who, operator, permissions = match.groups()
        # the store keeps one permission, that of the owner
        if not who or "u" in who or "a" in who:
            _change(node, operator, permissions)


def _change(node: File | Folder, operator: str, permissions: str) -> None:
    added = operator != "-"
    if "w" in permissions or operator == "=":
        node.writable = added and "w" in permissions
    if isinstance(node, File) and ("x" in permissions or operator == "="):
        node.executable = added and "x" in permissions
