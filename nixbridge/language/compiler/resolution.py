"""The findings of the resolve pass (compiler/resolver.py), which the emitters read: scopes, constant data, regions."""

from __future__ import annotations

from nixbridge.language.syntax import ast as tree
from nixbridge.type_checking import Sentinel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.compiler.binding import Local, Member
    from nixbridge.language.compiler.known_functions import KnownBody
    from nixbridge.language.compiler.repeats import Alike

#: Sentinel for a node that is not constant data.
NOT_DATA = Sentinel("NOT_DATA")

#: So many arguments in a row are one Python function.
MOST_ARGUMENTS = 3


class Scope:
    """The variables that a node binds.

    `names`, as Nix calls them. `own`: the variable of a `with`, of a function's argument, of the dict that holds a large `let` or `rec`.
    `subjects`: the variables of `inherit (subject)`; of a `with`, those of the ones around it that it holds as well; of many formals, that
    of their dict. `is_needed`, of a `with`: the set itself is asked for names.
    """

    __slots__ = ("is_needed", "names", "own", "subjects")

    def __init__(self, names: dict[str, Local | Member], own: Local | None = None) -> None:
        self.names = names
        self.own = own
        self.subjects: list[Local] = []
        self.is_needed = False


class Region:
    """A part of a file that is compiled on its own. `captured`: the variables of the code around it that it needs."""

    __slots__ = ("captured", "number")

    def __init__(self, number: int, captured: list[Local]) -> None:
        self.number = number
        self.captured = captured


class Resolution:
    """The findings of the resolve pass, by node; the bindings of variables are in the variables themselves.

    `desugared` is what a node stands for: `<a>`, operators whose functions the file rebinds, values that are written like others but
    cannot share their code. `alike` is what those have in common that can. `outer` says for each number of a
    region in which other it lies (-1: in none). `on_demand`: not only what is nested deeply is a region. `known` are the functions
    that have bodies in Python, with these. `inherited` is, for the value of an `inherit (e) name;` that can wait, the selection from the
    variable of `e` that it means. `names_folder` says that the code has paths in it that are those of one folder.
    Emitters take entries out as they use them, so that the tree can be freed.
    """

    __slots__ = (
        *("alike", "data", "desugared", "inherited", "known", "names_folder", "on_demand", "outer", "regions"),
        "scopes",
    )

    def __init__(self, on_demand: bool) -> None:
        self.on_demand = on_demand
        self.names_folder = False
        self.scopes: dict[tree.Node, Scope] = {}
        self.data: dict[tree.Node, object] = {}
        self.desugared: dict[tree.Node, tree.Node] = {}
        self.alike: dict[tree.Node, Alike] = {}
        self.regions: dict[tree.Node, Region] = {}
        self.outer: dict[int, int] = {}
        self.inherited: dict[tree.Node, tree.Select] = {}
        self.known: dict[tree.Node, KnownBody] = {}


def is_inherited(node: tree.Node) -> bool:
    """Return whether a node is what an inherited name means: a selection from a variable that Nix has no name for."""
    return isinstance(node, tree.Select) and isinstance(node.subject, tree.Variable) and not node.subject.name


def row_of(node: tree.Lambda) -> list[tree.Lambda]:
    """Return the lambdas that become one Python function. Formals, which can fail, may only come last."""
    row = [node]
    while len(row) < MOST_ARGUMENTS and row[-1].formals is None and row[-1].body.__class__ is tree.Lambda:
        row.append(row[-1].body)
    return row
