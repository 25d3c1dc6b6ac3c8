"""Line editing by prompt_toolkit (the extra `repl`): several lines at once, completion while typing, history search."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory


class _Completer(Completer):
    def __init__(self, completions: Callable[[str], list[str]]) -> None:
        self._completions = completions

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        line = document.current_line_before_cursor
        for text in self._completions(line):
            # a completion replaces what is typed of it, however far back that reaches
            shared = next(size for size in range(len(text), -1, -1) if line.endswith(text[:size]))
            yield Completion(text, start_position=-shared)


def reader(completions: Callable[[str], list[str]], history_file: str) -> Callable[[str], str]:
    """Return a function that reads a line after a prompt; `completions` gives what may end a line."""
    history: History
    try:
        os.makedirs(os.path.dirname(history_file), mode=0o700, exist_ok=True)
        history = FileHistory(history_file)
    except OSError:
        history = InMemoryHistory()
    session: PromptSession[str] = PromptSession(
        history=history, completer=_Completer(completions), complete_while_typing=False
    )

    def read(prompt: str) -> str:
        handler = signal.getsignal(signal.SIGINT)
        try:
            return session.prompt(prompt)
        finally:
            # the prompt leaves a handler of its own, and Ctrl-C has to end an evaluation
            signal.signal(signal.SIGINT, handler)

    return read
