"""The values of a locked flake: `outputs` called with `self` and the inputs, each made when it is looked at."""

from __future__ import annotations

from nixbridge.errors.exceptions import EvalError
from nixbridge.flakes.lock_file import LockNode
from nixbridge.language.runtime.function import call, is_function
from nixbridge.language.runtime.selection import select
from nixbridge.language.runtime.strings import join, with_context
from nixbridge.language.runtime.thunk import Thunk, force
from nixbridge.language.runtime.type_checks import expect_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nixbridge.flakes.flake_sources import Sources, SourceTree
    from nixbridge.flakes.lock_file import InputPath
    from nixbridge.flakes.locking import LockedFlake
    from nixbridge.language.runtime.values import Lazy, Value


class FlakeCall:
    """Caller of locked flakes; its results are valid for one run of the evaluator.

    `import_file` evaluates a file by its path, `stand_in` gives the `outputs` function of a built-in stand-in by its source.
    """

    def __init__(
        self,
        sources: Sources,
        locked: LockedFlake,
        import_file: Callable[[str], Value],
        stand_in: Callable[[SourceTree], Value],
    ) -> None:
        self._sources = sources
        self._locked = locked
        self._import_file = import_file
        self._stand_in = stand_in
        #: Called flakes by the `id` of their node: inputs that follow one another share one value, as in Nix.
        self._results: dict[int, Thunk] = {}

    def flake(self) -> dict[str, Lazy]:
        """Return the flake as its `self`: its outputs and metadata."""
        return expect_set(self._result(self._locked.lock_file.root))

    def _result(self, node: LockNode) -> Thunk:
        if id(node) not in self._results:
            self._results[id(node)] = Thunk(self._make, node)
        return self._results[id(node)]

    def _make(self, node: LockNode) -> Value:
        if not node.is_flake:
            info, path = self._location(node)
            return info | {"sourceInfo": info, "outPath": path}
        # First the function: for a stand-in this mounts the source, whose location is asked for next.
        outputs_of = self._outputs_function(node)
        info, path = self._location(node)
        inputs: dict[str, Lazy] = {
            name: Thunk(lambda child=child: force(self._result(self._followed(child))))
            for name, child in sorted(node.inputs.items())
        }
        # lazy: `outputs` receives the set that is being made here as `self`
        outputs = Thunk(lambda: expect_set(call(outputs_of, inputs | {"self": self._result(node)})))
        return {
            # first, so that metadata wins over outputs with the same names, as in Nix's call-flake.nix
            **expect_set(outputs),
            **info,
            "outPath": path,
            "inputs": inputs,
            "outputs": outputs,
            "sourceInfo": info,
            "_type": "flake",
        }

    def _outputs_function(self, node: LockNode) -> Value:
        if id(node) not in self._locked.places and node.locked is not None and not node.locked.is_relative():
            tree = self._sources.find(node.locked)
            if tree.stand_in is not None:
                return self._stand_in(tree)
        path = self._location(node)[1]
        function = select(self._import_file(f"{path}/flake.nix"), "outputs")
        if not is_function(function):
            raise EvalError(f"the outputs of '{path}/flake.nix' are not a function")
        return function

    def _followed(self, child: LockNode | InputPath) -> LockNode:
        if isinstance(child, LockNode):
            return child
        node = self._locked.lock_file.find(child)
        if node is None:
            raise EvalError(f"the lock file has no input '{'/'.join(child)}', which another input follows")
        return node

    def _location(self, node: LockNode) -> tuple[dict[str, Lazy], str]:
        """Return `sourceInfo` and `outPath` of a node."""
        place = self._locked.places.get(id(node))
        if place is not None:
            info = place.tree.info()
            if node.locked is not None and node.locked.is_relative():
                # a relative input has no time and no revision of its own
                info = {"outPath": info["outPath"]}
            return info, with_context(place.path, (place.tree.path,))
        assert node.locked is not None
        if node.locked.is_relative():
            parent = self._locked.lock_file.find(node.parent or ())
            if parent is None:
                raise EvalError(
                    f"the lock file has no input '{'/'.join(node.parent or ())}', which a relative path starts from"
                )
            info, path = self._location(parent)
            written = str(node.locked.source["path"])
            return info, join("/", [path, written]) if written else path
        tree = self._sources.find(node.locked)
        folder = f"/{node.locked.folder}" if node.locked.folder else ""
        info = tree.info()
        if "lastModified" not in node.locked.source:
            # what the lock file does not have, Nix does not add from the files
            for name in ("lastModified", "lastModifiedDate"):
                info.pop(name, None)
        return info, with_context(tree.path + folder, (tree.path,))
