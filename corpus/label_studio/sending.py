"""What was sent and not answered: the server may still be at work on it, so wait before looking.

A gateway gives up, a cable is pulled, or we are killed; the server goes on, and what it makes is
seen only when it is done. Whoever looks too early sends everything a second time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

from corpus.files import write_text
from corpus.findings import CorpusError
from corpus.label_studio.failures import LostReplyError

SETTLE_SECONDS = 30.0  # the server takes half a second for a request of ours
POLL_SECONDS = 0.5
NOTE = ".sending"  # in the corpus folder while a request is under way; may be deleted

T = TypeVar("T")
# While the block sends: so many tasks will the project have. For the run after this one.
Noting = Callable[[int], AbstractContextManager[None]]


def unnoted(_n_tasks: int) -> AbstractContextManager[None]:
    """Nobody will ask."""
    return nullcontext()


@contextmanager
def noted(folder: Path, marker: str, n_tasks: int) -> Iterator[None]:
    """While the block sends: a note in the folder, which stays if the reply never comes.

    It says that the project with this marker will have so many tasks.
    """
    note = {"marker": marker, "tasks": n_tasks, "sent_at": time.time()}
    write_text(folder / NOTE, json.dumps(note) + "\n")
    try:
        yield
    except LostReplyError:
        raise
    except CorpusError:
        forget(folder)  # refused
        raise
    forget(folder)


def wait_for_last(folder: Path, is_done: Callable[[str, int], bool]) -> None:
    """Give the server time to finish what an earlier run noted in the folder and never saw done.

    is_done: asked with the project's marker and how many tasks it should have.
    """
    path = folder / NOTE
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        marker, n_tasks, sent_at = str(note["marker"]), int(note["tasks"]), float(note["sent_at"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not ours: nothing to wait for
    else:
        settled(lambda: is_done(marker, n_tasks) or None, sent_at)
    forget(folder)


def forget(folder: Path) -> None:
    """Nothing is under way any more."""
    (folder / NOTE).unlink(missing_ok=True)


def settled(look: Callable[[], T | None], sent_at: float | None = None) -> T | None:
    """What ``look`` finds as soon as it finds something; None when the time for it is over.

    sent_at: when the server was asked, in seconds since 1970; None: right now.
    """
    waited = 0.0 if sent_at is None else max(0.0, time.time() - sent_at)
    until = time.monotonic() + SETTLE_SECONDS - waited
    while True:
        found = look()
        if found is not None or time.monotonic() >= until:
            return found
        time.sleep(POLL_SECONDS)
