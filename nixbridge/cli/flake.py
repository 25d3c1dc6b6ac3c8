"""`nixbridge flake`."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from nixbridge.cli.declaration import SECONDS, TEXT, Argument, Command, Group, Option
from nixbridge.cli.options import ERROR_OPTIONS, EVALUATION_OPTIONS, options_from
from nixbridge.cli.output import message_line, run_command, show_error, write_output
from nixbridge.cli.progress import counted
from nixbridge.errors.exceptions import NixError, UsageError
from nixbridge.flakes import metadata as flake_metadata
from nixbridge.flakes.flake_check import check_output, outputs_to_check
from nixbridge.flakes.flake_reference import split_installable
from nixbridge.flakes.input_cache import user_cache
from nixbridge.flakes.locking import inputs_to_fetch
from nixbridge.flakes.opened_flakes import local_folder
from nixbridge.flakes.output_tree import OutputTree, drawn
from nixbridge.language.formats.json import pretty
from nixbridge.language.store.hash_text import SIZES, read_hash, write_hash
from nixbridge.tools.evaluation_options import Options
from nixbridge.tools.inputs import Evaluation

if TYPE_CHECKING:
    from nixbridge.flakes.locking import LockedFlake
    from nixbridge.flakes.opened_flakes import OpenedFlakes
    from nixbridge.flakes.output_tree import OutputPath

JSON = Option("--json", name="as_json", help="Print JSON.")
FLAKE = Argument("reference", "[FLAKE]", default=".")


def open_flakes(options: Options) -> Evaluation:
    """Return an evaluation that is as pure as that of a flake."""
    evaluation = Evaluation(options, None, write_message=message_line)
    # as in `nix flake`: no environment, no path outside the flake
    evaluation.host.make_pure()
    return evaluation


def outputs_text(
    options: Options, reference: str, *, as_json: bool = False, legacy: bool = False, all_systems: bool = False
) -> str:
    """Return the tree of a flake's outputs as JSON or as a drawing."""
    evaluation = open_flakes(options)
    flakes = evaluation.flakes(reference)
    tree = OutputTree(flakes.system, legacy=legacy, all_systems=all_systems)
    locked = evaluation.evaluator.run(lambda: flakes.open(reference))
    data = evaluation.evaluator.run(lambda: tree.read(flakes.call(locked)["outputs"]))
    if as_json:
        return pretty(data) + "\n"
    return drawn(data, flake_metadata.metadata(locked)["url"], flakes.system)


def metadata_text(options: Options, reference: str, *, as_json: bool = False) -> str:
    """Return the metadata of a flake as JSON or as text."""
    evaluation = open_flakes(options)
    locked = evaluation.evaluator.run(lambda: evaluation.flakes(reference).open(reference))
    data = flake_metadata.metadata(locked)
    return pretty(dict(sorted(data.items()))) + "\n" if as_json else flake_metadata.shown(data, locked)


def check_one(flakes: OpenedFlakes, locked: LockedFlake, path: OutputPath) -> None:
    """Evaluate one output, in this run of the evaluator."""
    check_output(path, flakes.output(locked, path))


def run_show(reference: str, as_json: bool, legacy: bool, all_systems: bool, **values: Any) -> None:
    """Carry out the command and end the process."""
    options = options_from(values)

    def work() -> int:
        text = outputs_text(options, reference, as_json=as_json, legacy=legacy, all_systems=all_systems)
        write_output(text.encode("utf-8", "surrogateescape"), options=options)
        return 0

    run_command(work, options=options, **values)


def run_metadata(reference: str, as_json: bool, **values: Any) -> None:
    """Carry out the command and end the process."""
    options = options_from(values)

    def work() -> int:
        text = metadata_text(options, reference, as_json=as_json)
        write_output(text.encode("utf-8", "surrogateescape"), options=options)
        return 0

    run_command(work, options=options, **values)


def run_check(reference: str, **values: Any) -> None:
    """Carry out the command and end the process."""
    options = options_from(values)

    def work() -> int:
        evaluation = open_flakes(options)
        flakes, run = evaluation.flakes(reference), evaluation.evaluator.run
        locked = run(lambda: flakes.open(reference))
        # only the paths, without the values: an evaluation that starts over makes new ones
        paths = run(lambda: [path for path, _ in outputs_to_check(flakes.call(locked)["outputs"])])
        failed = 0
        for path in counted("checking", paths):
            try:
                run(partial(check_one, flakes, locked, path))
            except NixError as error:
                error.context.append(f"while checking the flake output '{'.'.join(path)}'")
                show_error(error, show_trace=values["show_trace"])
                failed += 1
        outcome = f"{failed} failed" if failed else "all have a value"
        message_line(f"{len(paths)} output{'' if len(paths) == 1 else 's'} checked, {outcome}")
        return 1 if failed else 0

    run_command(work, options=options, **values)


def run_fetch(
    reference: str,
    offline: bool,
    url: str | None,
    digest: str | None,
    as_archive: bool,
    timeout: float | None,
    **values: Any,
) -> None:
    """Carry out the command and end the process."""
    options = Options(timeout=timeout)

    def work() -> int:
        if url is not None:
            return fetch_url(url, digest, as_archive=as_archive, offline=offline)
        if digest is not None or as_archive:
            raise UsageError("--hash and --unpack are about the file at --url URL, which is missing")
        return fetch_missing(reference, options, offline=offline, show_trace=values["show_trace"])

    run_command(work, options=options, **values)


def fetch_missing(reference: str, options: Options, *, offline: bool, show_trace: bool) -> int:
    """Download the locked inputs that are not in the cache; return the exit status. One that fails does not stop the others."""
    # imported here: nothing else loads what opens connections
    from nixbridge.flakes.fetch import fetch as fetch_source

    sources = open_flakes(options).flakes(reference).sources
    missing = inputs_to_fetch(sources, split_installable(reference, os.getcwd())[0])
    if not missing:
        message_line("everything that flake.lock names is in the cache")
        return 0
    failed = 0
    for name, locked in counted("fetching", list(missing.items())):
        if offline:
            message_line(f"missing: {name} ({locked})")
            continue
        message_line(f"fetching {name} ({locked})")
        try:
            fetch_source(locked, sources.cache)
        except NixError as error:
            show_error(error, show_trace=show_trace)
            failed += 1
    return 1 if failed or offline else 0


def fetch_url(url: str, digest: str | None, *, as_archive: bool, offline: bool) -> int:
    """Download one file or archive by its hash. Return the exit status. Raises NixError."""
    if digest is None:
        raise UsageError("--url needs --hash, the hash that the program has")
    cache = user_cache()
    algorithm, wanted = read_hash(digest, None if digest.startswith(tuple(SIZES)) else "sha256")
    nar_hash = write_hash(algorithm, wanted, "sri")
    # an archive is known by the hash of the tree in it, a file by its own
    there = cache.find(nar_hash) if as_archive else cache.find_file(algorithm, wanted)
    if there is None and offline:
        message_line(f"missing: {url}")
        return 1
    if there is None:
        from nixbridge.flakes.fetch import download_archive, download_file

        message_line(f"fetching {url}")
        if as_archive:
            download_archive(url, cache, nar_hash)
        else:
            download_file(url, cache, algorithm, wanted)
    return 0


def run_lock(reference: str, inputs: tuple[str, ...], output: str | None, **values: Any) -> None:
    """Carry out the command and end the process."""
    options = Options(inputs=inputs)

    def work() -> int:
        evaluation = open_flakes(options)
        locked = evaluation.evaluator.run(lambda: evaluation.flakes(reference).open(reference))
        # with -o the file is wanted in any case
        if locked.is_up_to_date and output is None:
            message_line("flake.lock is up to date")
            return 0
        text = locked.lock_file.to_text()
        path = output if output is not None else lock_path(locked)
        write_output(text.encode("utf-8", "surrogateescape"), path)
        return 0

    run_command(work, options=options, **values)


def lock_path(locked: LockedFlake) -> str:
    """Return where the lock file of a flake belongs. Raises UsageError for a flake that is not a folder of this machine."""
    folder = local_folder(locked.flake.reference)
    if folder is None:
        raise UsageError(f"'{locked.flake.reference}' is not a folder of this machine; use -o FILE")
    return os.path.join(folder, locked.flake.reference.folder, "flake.lock")


SHOW = Command(
    "show",
    run_show,
    argument=FLAKE,
    options=(
        JSON,
        Option("--legacy", help="Go into legacyPackages."),
        Option("--all-systems", help="Show the outputs of other systems."),
        *EVALUATION_OPTIONS,
        *ERROR_OPTIONS,
    ),
    help="Show the outputs of a flake as a tree.",
)


METADATA = Command(
    "metadata",
    run_metadata,
    argument=FLAKE,
    options=(
        JSON,
        *EVALUATION_OPTIONS,
        *ERROR_OPTIONS,
    ),
    help="Show the source of a flake, its hash, its time and its inputs.",
)


CHECK = Command(
    "check",
    run_check,
    argument=FLAKE,
    options=(
        *EVALUATION_OPTIONS,
        *ERROR_OPTIONS,
    ),
    help="Evaluate all outputs of a flake. Exit status 1 when one of them has no value or is not what its name says.",
)


FETCH = Command(
    "fetch",
    run_fetch,
    argument=FLAKE,
    options=(
        Option("--offline", help="Only say what is missing; nothing is downloaded."),
        Option("--url", kind=TEXT, metavar="URL", help="Fetch this file instead, for builtins.fetchurl."),
        Option("--hash", name="digest", kind=TEXT, metavar="HASH", help="The hash of the file at --url."),
        Option("--unpack", name="as_archive", help="--url is an archive, for builtins.fetchTarball."),
        Option("--timeout", kind=SECONDS, metavar="SECONDS", help="Limit on the time."),
        *ERROR_OPTIONS,
    ),
    help="""Download the inputs in flake.lock.

    Their hashes are verified, and they are kept in the user's cache. This is the only command that uses the network. Passwords
    come from ~/.netrc, proxies from the environment.
    """,
)


LOCK = Command(
    "lock",
    run_lock,
    argument=FLAKE,
    options=(
        Option(
            "--input",
            name="inputs",
            kind=TEXT,
            multiple=True,
            metavar="NAME=DIR",
            help="Lock an input to the folder DIR.",
        ),
        Option("-o", "--output", kind=TEXT, metavar="FILE", help="Write there instead of flake.lock."),
        *ERROR_OPTIONS,
    ),
    help="""Write flake.lock as Nix does.

    Inputs may be local folders or locked already. What would have to be looked up on the network is an error.
    """,
)


COMMAND = Group(
    "flake",
    SHOW,
    METADATA,
    CHECK,
    FETCH,
    LOCK,
    help="""Show, check and lock flakes, and fetch their inputs.

    FLAKE is a folder, path:DIR or git+file://DIR; without it, the flake of the working folder.
    """,
)
