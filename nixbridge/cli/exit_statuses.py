"""The exit statuses: what each means, by command."""

from __future__ import annotations

#: What status 1 means, by command; the default is that of `eval`.
FAILURES = {
    "check": "something differs, is missing or fails",
    "lint": "there is an error or a warning (notes do not count)",
    "migrate": "a file could not be converted, or nothing could be written",
    "render": "an error, or a warning under --strict",
    "repl": "an error, where the input is not a terminal",
    "graph": "an error; the picture is of what could be rendered",
}
#: Commands that evaluate nothing, so that only their output can fail.
_WITHOUT_FILES = ("builders", "builtins", "lib", "schema", "completion", "help", "settings", "lsp")

PAGE = """\
Exit statuses of nixbridge

  0    success
  1    the input has an error or does not exist, or a limit was reached; nothing was written
         check    {check}
         lint     {lint}
         migrate  {migrate}
         render   {render}
         repl     {repl}
  2    wrong usage: an unknown option, no file named, nothing to check
  130  interrupted by Ctrl-C

A signal that ends the process (SIGTERM, SIGHUP) is reported as the system does: 128 and its number in a shell.
"""


def exit_status_of(name: str) -> str:
    """Return the line about exit statuses in the help of a command."""
    failure = FAILURES.get(name, "output cannot be written" if name in _WITHOUT_FILES else "an error in the input")
    return f"Exit status: 0 for success; 1: {failure}; 2: wrong usage; 130: Ctrl-C."


def exit_status_page() -> str:
    """Return the page of `nixbridge help exit-status`."""
    return PAGE.format(**FAILURES)
