"""What goes over the wire: tasks to a project, and what tasks it has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from corpus.findings import CorpusError
from corpus.label_studio.client import Connection
from corpus.label_studio.diff import Change, PresentTask
from corpus.label_studio.failures import LostReplyError, failures_in_words
from corpus.label_studio.projects import Project, count_tasks
from corpus.label_studio.sending import Noting, settled, unnoted
from corpus.label_studio.tasks import missing_tasks

CHUNK = 1_000  # tasks per request; 250,000 are allowed, half a second is pleasant
PAGE = 1_000
Progress = Callable[[int, int], None]  # called with (done, total)


def quiet(_done: int, _total: int) -> None:
    """Nobody watches."""


def push_tasks(
    connection: Connection,
    project: Project,
    tasks: Sequence[dict[str, Any]],
    progress: Progress = quiet,
    *,
    noting: Noting = unnoted,
) -> int:
    """Send tasks that are not there yet; how many.

    A sentence is never sent twice: after a reply that got lost, what is there is read again instead
    of sending again, once the server has had the time to finish.
    """
    expected = count_tasks(connection, project) if tasks else 0
    for start in range(0, len(tasks), CHUNK):
        progress(start, len(tasks))
        chunk = tasks[start : start + CHUNK]
        expected += len(chunk)
        doing = f"sending tasks {start + 1:,} to {start + len(chunk):,} of {len(tasks):,}"
        try:
            with (
                noting(expected),
                failures_in_words(connection.url, doing, connection.token_kind),
            ):
                connection.sdk.projects.import_tasks(id=project.id, request=chunk)
        except LostReplyError as lost:
            if not _has_arrived(connection, project, chunk, expected, progress):
                raise CorpusError(
                    f"{lost} What had arrived is kept; run the same command again to send the "
                    "rest, nothing is sent twice."
                ) from None
    progress(len(tasks), len(tasks))
    return len(tasks)


def _has_arrived(
    connection: Connection,
    project: Project,
    chunk: Sequence[dict[str, Any]],
    expected: int,
    progress: Progress,
) -> bool:
    """True when all tasks are there, at once or while the server still works on them."""

    def look() -> bool | None:
        progress(0, 0)
        return True if count_tasks(connection, project) >= expected else None

    try:
        settled(look)
        there = [task.sentence_id for task in read_tasks(connection, project)]
    except CorpusError:
        return False
    return not missing_tasks(chunk, there)


def update_tasks(
    connection: Connection,
    project: Project,
    changes: Sequence[Change],
    progress: Progress = quiet,
) -> int:
    """Give tasks the data they should have, fields of others kept; how many. Again does no harm."""
    for number, change in enumerate(changes):
        progress(number, len(changes))
        doing = f"correcting task {change.task.id} of project {project.id}"
        with failures_in_words(connection.url, doing, connection.token_kind):
            connection.sdk.tasks.update(id=change.task.id, data={**change.task.data, **change.data})
    progress(len(changes), len(changes))
    return len(changes)


def read_tasks(
    connection: Connection,
    project: Project,
    progress: Progress = quiet,
) -> list[PresentTask]:
    """All tasks of the project, without their annotations."""
    doing = f"reading the tasks of project {project.id}"
    with failures_in_words(connection.url, doing, connection.token_kind):
        expected = count_tasks(connection, project)
        if not expected:
            return []
        tasks = []
        for page in pages(connection, project, fields="task_only", include="id,data,is_labeled"):
            tasks += [PresentTask(task["id"], task["data"], task["is_labeled"]) for task in page]
            progress(len(tasks), expected)
        if len(tasks) != expected:  # or it has become more or fewer meanwhile
            fewest, most = sorted((expected, count_tasks(connection, project)))
            if not fewest <= len(tasks) <= most:
                raise CorpusError(
                    f"{connection.url}: project {project.id} has {most:,} tasks, but "
                    f"{len(tasks):,} were listed. Is somebody changing it? Run the same command "
                    "again."
                )
    return tasks


def pages(
    connection: Connection,
    project: Project,
    *,
    where: Sequence[Mapping[str, Any]] = (),
    **columns: str,
) -> Iterator[list[dict[str, Any]]]:
    """The project's tasks by ascending number, some a page, with the columns asked for.

    A page begins after the last task of the one before and not at a count, so that tasks deleted or
    added meanwhile make no other come twice or never.
    """
    last = 0
    while True:
        reply = connection.get(
            "api/tasks/",
            project=project.id,
            page=1,
            page_size=PAGE,
            resolve_uri="false",
            query=_after(last, where),
            **columns,
        )
        page, left = _page(reply, last)
        if page:
            yield page
        if len(page) >= left:
            return
        last = page[-1]["id"]


def _after(last: int, where: Sequence[Mapping[str, Any]]) -> str:
    after = {
        "filter": "filter:tasks:id",
        "operator": "greater",
        "type": "Number",
        "value": last,
    }
    filters = {"conjunction": "and", "items": [after, *where]}
    return json.dumps({"filters": filters, "ordering": ["tasks:id"]})


def _page(reply: Mapping[str, Any], last: int) -> tuple[list[dict[str, Any]], int]:
    """The tasks of a page, and how many there are from its first on; ValueError if it is none."""
    try:
        page, left = reply["tasks"], int(reply["total"])
        numbers = [last, *(task["id"] for task in page)]
        if numbers == sorted(set(numbers)) and (page or not left):
            return page, left
    except (KeyError, TypeError):
        pass
    raise ValueError("not the tasks that were asked for")
