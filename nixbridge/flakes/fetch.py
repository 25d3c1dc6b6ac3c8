"""Downloading what a lock file names: the only module that opens a connection, and only `nixbridge flake fetch` calls it.

What is downloaded is checked against its hash before anything uses it. Proxies come from the environment and passwords from netrc, as
curl has it.
"""

from __future__ import annotations

import http.client
import netrc
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from urllib.parse import quote, urlsplit

from nixbridge.errors.exceptions import EvalError, LimitReached, NixError, Refused
from nixbridge.flakes.git_repository import GitRepository
from nixbridge.flakes.git_source import write_tree
from nixbridge.flakes.unpack import unpack
from nixbridge.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from nixbridge.flakes.flake_reference import FlakeReference
    from nixbridge.flakes.input_cache import InputCache

_BLOCK = 64 * 1024
_SCHEMES = ("http", "https")
_FORGE_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}
#: What Git may speak: not `ext::`, which runs programs.
_GIT_SCHEMES = ("https", "http", "ssh", "git", "file")


class Limits:
    """Bounds of a download: seconds without an answer (`stall`), bytes a second over that time, bytes in all, attempts."""

    __slots__ = ("attempts", "bytes", "rate", "stall")

    def __init__(
        self, *, stall: float = 30.0, rate: int = 1024, most_bytes: int = 2 * 1024**3, attempts: int = 3
    ) -> None:
        self.stall = stall
        self.rate = rate
        self.bytes = most_bytes
        self.attempts = attempts


def fetch(reference: FlakeReference, cache: InputCache, limits: Limits | None = None) -> str:
    """Download the source of a locked reference into the cache and return its folder.

    Raises NixError where it cannot be had, or has another hash than the reference; then nothing is kept.
    """
    limits = limits or Limits()
    wanted = reference.nar_hash
    if wanted is None:
        raise EvalError(
            f"'{reference}' has no narHash, so a download could not be verified", hint="lock it with `nix flake lock`"
        )
    try:
        if reference.type == "git":
            return cache.add(lambda folder: _clone(reference, folder), wanted)[1]
        url = url_of(reference)
        if reference.type == "file" or reference.source.get("unpack") is False:
            return cache.add(lambda path: download(url, path, limits), wanted)[1]
        return cache.add(lambda folder: _download_archive(url, folder, limits), wanted)[1]
    except NixError as error:
        raise type(error)(f"cannot fetch '{reference}': {error.message}", hint=error.hint) from None


def url_of(reference: FlakeReference) -> str:
    """Return the URL of a reference's archive or file. Raises EvalError for a type that is not downloaded."""
    source = reference.source
    if reference.type in ("tarball", "file"):
        return str(source["url"])
    if reference.type not in _FORGE_HOSTS or "rev" not in source:
        raise EvalError(f"a source of the type '{reference.type}' without a revision cannot be downloaded")
    host = str(source.get("host", _FORGE_HOSTS[reference.type]))
    owner, repo = (quote(str(source[name]), safe="~") for name in ("owner", "repo"))
    rev = quote(str(source["rev"]), safe="")
    if reference.type == "gitlab":
        return (
            f"https://{host}/api/v4/projects/{quote(f'{owner}/{repo}', safe='~%')}/repository/archive.tar.gz?sha={rev}"
        )
    return f"https://{host}/{owner}/{repo}/archive/{rev}.tar.gz"


def download_file(url: str, cache: InputCache, algorithm: str, digest: bytes, limits: Limits | None = None) -> str:
    """Download a file whose own hash is known into the cache and return its path. Raises NixError."""
    return cache.add_file(lambda path: download(url, path, limits or Limits()), algorithm, digest)


def download_archive(url: str, cache: InputCache, nar_hash: str, limits: Limits | None = None) -> str:
    """Download and unpack an archive whose contents have a known hash and return its folder. Raises NixError."""
    return cache.add(lambda folder: _download_archive(url, folder, limits or Limits()), nar_hash)[1]


def _download_archive(url: str, folder: str, limits: Limits) -> None:
    with tempfile.TemporaryDirectory(prefix=".download-", dir=os.path.dirname(folder)) as work:
        download(url, f"{work}/archive", limits)
        unpack(f"{work}/archive", folder)


def download(url: str, path: str, limits: Limits) -> None:
    """Download a URL to a new file. Raises EvalError or LimitReached."""
    if urlsplit(url).scheme not in _SCHEMES:
        raise Refused(f"'{url}' is not fetched: only http and https are supported")
    for attempt in range(1, limits.attempts + 1):
        try:
            _download(url, path, limits)
            return
        except urllib.error.HTTPError as error:
            error.close()
            # a 4xx answer does not change by asking again
            if error.code < 500 or attempt == limits.attempts:
                raise EvalError(f"'{url}': the server answered {error.code} {error.reason}") from None
        except (OSError, http.client.HTTPException) as error:
            if attempt == limits.attempts:
                reason = error.reason if isinstance(error, urllib.error.URLError) else error
                raise EvalError(f"'{url}' cannot be downloaded: {_said(reason)}") from None
        time.sleep(min(attempt, limits.stall) / 2)


def _said(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return "the server did not answer in time"
    if isinstance(reason, http.client.IncompleteRead):
        return f"the connection was closed {reason.expected} bytes before the end"
    return str(reason) or type(reason).__name__


def _download(url: str, path: str, limits: Limits) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": f"nixbridge/{__version__}"})
    _add_password(request)
    with _opener().open(request, timeout=limits.stall) as answer, open(path, "wb") as file:
        size = answer.headers.get("Content-Length", "")
        if size.isdigit() and int(size) > limits.bytes:
            raise LimitReached(f"'{url}' has {size} bytes, more than {limits.bytes}")
        received = _copy(answer, file, url, limits)
        # read1 returns an empty block when the server closes early, which looks like the end
        if size.isdigit() and received < int(size):
            raise http.client.IncompleteRead(b"", int(size) - received)


def _copy(answer: Any, file: IO[bytes], url: str, limits: Limits) -> int:
    """Copy the received data; raise an error for too much data or for a stalled connection."""
    received = since = 0
    start = time.monotonic()
    while block := answer.read1(_BLOCK):
        received += len(block)
        since += len(block)
        if received > limits.bytes:
            raise LimitReached(f"'{url}' has more than {limits.bytes} bytes")
        file.write(block)
        elapsed = time.monotonic() - start
        # the socket's time limit is per read: a server that sends a byte now and then would never reach it
        if elapsed > limits.stall:
            if since < limits.rate * elapsed:
                raise TimeoutError
            start, since = time.monotonic(), 0
    return received


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https alone; a password goes to the host that it is for, and never from https to http."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Return the request that a redirect leads to."""
        old, new = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if new not in _SCHEMES or (old == "https" and new == "http"):
            raise Refused(f"'{req.full_url}' redirects to '{newurl}', which is not followed")
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None:
            _add_password(request)
        return request


def _opener() -> urllib.request.OpenerDirector:
    # curl, and so Nix, also knows all_proxy; urllib ignores it
    proxies = urllib.request.getproxies()
    if "all" in proxies:
        proxies = dict.fromkeys(_SCHEMES, proxies["all"]) | proxies
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies), _Redirects())


def _add_password(request: urllib.request.Request) -> None:
    """Add the password that netrc has for the host of a request; it is not taken along to another host."""
    host = urlsplit(request.full_url).hostname
    path = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    if host is None or not os.path.isfile(path):
        return
    try:
        found = netrc.netrc(path).authenticators(host)
    except (netrc.NetrcParseError, OSError) as error:
        raise EvalError(f"'{path}' cannot be read: {error}") from None
    if found is not None:
        login, _, password = found
        token = b64encode(f"{login}:{password}".encode()).decode()
        # unredirected: urllib would otherwise send it on to the host of a redirect
        request.add_unredirected_header("Authorization", f"Basic {token}")


def _clone(reference: FlakeReference, folder: str) -> None:
    """Fetch a commit with Git and write its tree. Nothing of a work tree is checked out, so no setting of the repository runs."""
    source = reference.source
    url, rev = str(source["url"]), str(source.get("rev", ""))
    if urlsplit(url).scheme not in _GIT_SCHEMES:
        raise Refused(f"'{url}' is not fetched: Git repositories are fetched over {', '.join(_GIT_SCHEMES)}")
    if not rev:
        raise EvalError("it has no revision")
    if source.get("submodules") is True:
        raise Refused("it has submodules, which are not fetched; pass a local folder with --input NAME=DIR")
    git = shutil.which("git")
    if git is None:
        raise EvalError("git is not installed, and this input is a Git repository")
    with tempfile.TemporaryDirectory(prefix=".git-", dir=os.path.dirname(folder)) as work:
        _run(git, work, "init", "-q", "--bare", ".")
        # the commit alone, then the branch, then everything: each transfers more than the one before
        names = [rev, *([str(source["ref"])] if "ref" in source else []), "+refs/*:refs/*"]
        for name in names:
            # a server may refuse to give a commit by its name
            depth = ["--depth", "1"] if name == rev else []
            if _run(git, work, "fetch", "-q", "--no-tags", *depth, "--", url, name, check=name == names[-1]):
                repository = GitRepository(work)
                if repository.has(rev):
                    break
        else:
            raise EvalError(f"'{url}' has no commit '{rev}'")
        write_tree(repository, repository.commit(rev).tree, folder)


def _run(git: str, folder: str, *words: str, check: bool = True) -> bool:
    """Run Git without asking anybody anything. Return whether it succeeded; raise EvalError where it must."""
    # no prompt, no other protocol in a redirect or submodule, no hooks of a template folder
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": ":".join(_GIT_SCHEMES)}
    done = subprocess.run(
        [git, "-c", "core.hooksPath=/dev/null", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0 and check:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise EvalError(f"git {words[0]} failed: {last[0]}")
    return done.returncode == 0
