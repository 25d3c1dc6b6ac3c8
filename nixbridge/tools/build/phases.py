"""The phases of stdenv.mkDerivation, where each is a script that only makes files, or has nothing to do."""

from __future__ import annotations

import posixpath

from nixbridge.tools.build.build_errors import CommandFailed, NotCarriedOut
from nixbridge.tools.build.file_system import SCRATCH
from nixbridge.tools.build.file_tree import Folder, Node
from nixbridge.tools.build.script_run import open_shell, outputs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.pkgs.pkgs_derivation import StandIn
    from nixbridge.tools.build.contents import Contents
    from nixbridge.tools.build.shell import Shell

#: Phase -> the attribute that switches it off.
_PHASES = {
    "unpackPhase": "dontUnpack",
    "patchPhase": "dontPatch",
    "configurePhase": "dontConfigure",
    "buildPhase": "dontBuild",
    "checkPhase": "",
    "installPhase": "dontInstall",
    "fixupPhase": "dontFixup",
    "installCheckPhase": "",
    "distPhase": "dontDist",
}
#: Files in the source that make a default phase run a program.
_PROGRAMS = {
    "configurePhase": ("configure", "CMakeLists.txt", "meson.build"),
    "buildPhase": ("Makefile", "makefile", "GNUmakefile"),
    "installPhase": ("Makefile", "makefile", "GNUmakefile"),
}


def run_phases(contents: Contents, derivation: StandIn) -> dict[str, Node]:
    """Return the outputs of a derivation after its phases. Raises NotCarriedOut where one would have to run a program."""
    environment = derivation.environment
    shell = open_shell(contents, derivation)
    phases = environment.get("phases", "").split() or list(_PHASES)
    for phase in phases:
        if environment.get(_PHASES.get(phase, "")) == "1" or (
            phase == "checkPhase" and environment.get("doCheck") != "1"
        ):
            continue
        if phase == "installCheckPhase" and environment.get("doInstallCheck") != "1":
            continue
        if environment.get(phase, "").strip():
            shell.run(environment[phase], phase)
        else:
            _default_phase(contents, derivation, shell, phase)
        if phase == "unpackPhase":
            _enter_source(shell, environment.get("sourceRoot"))
    return outputs_of(shell, derivation)


def _default_phase(contents: Contents, derivation: StandIn, shell: Shell, phase: str) -> None:
    environment = derivation.environment
    _hook(shell, phase, "pre")
    if phase == "unpackPhase":
        _unpack(contents, derivation, shell)
    elif phase == "patchPhase" and environment.get("patches"):
        raise NotCarriedOut(f"the patches of '{derivation.name}' would have to be applied by a program")
    for name in _PROGRAMS.get(phase, ()):
        if shell.files.find(f"{shell.folder}/{name}") is not None:
            raise NotCarriedOut(
                f"the {phase} of '{derivation.name}' would have to run a program, since there is a {name}"
            )
    _hook(shell, phase, "post")


def _hook(shell: Shell, phase: str, when: str) -> None:
    name = phase.removesuffix("Phase")
    hook = f"{when}{name[0].upper()}{name[1:]}"
    script = shell.variable(hook)
    if script and script.strip():
        shell.run(script, hook)


def _unpack(contents: Contents, derivation: StandIn, shell: Shell) -> None:
    environment = derivation.environment
    sources = (environment.get("srcs") or environment.get("src") or "").split()
    if not sources:
        raise CommandFailed("variable $src or $srcs should point to the source")
    for path in sources:
        node = contents.inside(path)
        if not isinstance(node, Folder):
            raise NotCarriedOut(
                f"the source of '{derivation.name}' is a file, which a program would have to unpack",
                hint="give a folder as src, or set dontUnpack = true",
            )
        name = posixpath.basename(path)
        # stdenv's unpackFile strips the hash of a source that is itself in the store
        name = name[33:] if path.count("/") == 3 else name
        shell.files.put(f"{SCRATCH}/{name}", node.copy(writable=True))


def _enter_source(shell: Shell, root: str | None) -> None:
    """Enter the one folder that unpacking made, or the one that `sourceRoot` names."""
    if root is None:
        scratch = shell.files.folder(SCRATCH)
        folders = [name for name, node in scratch.entries.items() if isinstance(node, Folder)]
        if len(folders) > 1:
            raise CommandFailed("unpacker produced multiple directories")
        if not folders:
            return
        root = folders[0]
    shell.folder = shell.path(root)
    shell.files.folder(shell.folder)
