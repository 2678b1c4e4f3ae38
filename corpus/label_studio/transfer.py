"""What goes over the wire: tasks to a project, and its tasks and answers back."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Any

from corpus.findings import CorpusError
from corpus.label_studio.client import Connection
from corpus.label_studio.diff import Change, PresentTask
from corpus.label_studio.failures import LostReplyError, failures_in_words
from corpus.label_studio.projects import Project
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
) -> int:
    """Send tasks that are not there yet; how many.

    A sentence is never sent twice: after a reply that got lost, what is there is read again instead
    of sending again.
    """
    for start in range(0, len(tasks), CHUNK):
        progress(start, len(tasks))
        chunk = tasks[start : start + CHUNK]
        doing = f"sending tasks {start + 1:,} to {start + len(chunk):,} of {len(tasks):,}"
        try:
            with failures_in_words(connection.url, doing, connection.token_kind):
                connection.sdk.projects.import_tasks(id=project.id, request=chunk)
        except LostReplyError as lost:
            try:
                there = [task.sentence_id for task in read_tasks(connection, project)]
                is_there = not missing_tasks(chunk, there)
            except CorpusError:
                is_there = False
            if not is_there:
                raise CorpusError(
                    f"{lost} What had arrived is kept; run the same command again to send the "
                    "rest, nothing is sent twice."
                ) from None
    progress(len(tasks), len(tasks))
    return len(tasks)


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
        expected = _counts(connection, project)["task_number"]
        if not expected:
            return []
        pager = connection.sdk.tasks.list(
            project=project.id,
            page_size=PAGE,
            fields="task_only",
            include="id,data,is_labeled",
            resolve_uri=False,
        )
        tasks = []
        for task in pager:
            tasks.append(PresentTask(task.id, task.data, task.is_labeled))
            if len(tasks) % PAGE == 0:
                progress(len(tasks), expected)
    # The pager takes a page that fails with 404 for the end, so believe only a full list. Tasks
    # that are moved between two pages while somebody deletes others would come twice or never.
    ids = {task.id for task in tasks}
    if len(ids) != expected or len(tasks) != expected:
        raise CorpusError(
            f"{connection.url}: project {project.id} has {expected:,} tasks, but {len(ids):,} "
            "were listed. Is somebody changing it? Run the same command again."
        )
    return tasks


def pull_tasks(connection: Connection, project: Project) -> Iterator[dict[str, Any]]:
    """Every task of the project with annotations (skipped ones too) and drafts in full.

    CorpusError after the last one if they are not all: believe none before.
    """
    import ijson

    exports = connection.sdk.projects.exports
    with failures_in_words(
        connection.url, f"exporting project {project.id}", connection.token_kind
    ):
        before = _counts(connection, project)
        snapshot = exports.create(
            project.id,
            title="parley",
            annotation_filter_options={"usual": True, "ground_truth": True, "skipped": True},
            serialization_options={
                "drafts": {"only_id": False},
                "predictions": {"only_id": True},
                "annotations__completed_by": {"only_id": True},
            },
        )
        # To a file and from there task by task: 20,000 of them are 34 MB of text.
        with TemporaryFile() as file:
            try:
                for part in exports.download(project.id, export_pk=snapshot.id, export_type="JSON"):
                    file.write(part)
            finally:
                with suppress(Exception):  # a leftover harms nobody; the first error matters
                    exports.delete(project.id, export_pk=snapshot.id)
            file.seek(0)
            n_tasks = n_answers = 0
            try:
                for task in ijson.items(file, "item", use_float=True):
                    slim = _slim(task)
                    n_tasks += 1
                    n_answers += len(slim.get("annotations") or ())
                    yield slim
            except ijson.JSONError:
                raise CorpusError(
                    f"{connection.url}: the export of project {project.id} is not JSON; it may "
                    "have been cut off. Run the same command again."
                ) from None
    expected = before["total_annotations_number"] + before["skipped_annotations_number"]
    if n_tasks != before["task_number"] or n_answers < expected:
        raise CorpusError(
            f"{connection.url}: project {project.id} has {before['task_number']:,} tasks and "
            f"{expected:,} annotations, but the export holds {n_tasks:,} and {n_answers:,}. Is "
            "somebody changing it? Run the same command again; nothing of it was stored."
        )


# What is read of a task, an annotation and a draft; an export says four times as much.
_READ = {
    "task": ("id", "data", "annotations", "drafts", "predictions"),
    "answer": (
        "annotation",
        "id",
        "completed_by",
        "created_at",
        "created_username",
        "lead_time",
        "parent_prediction",
        "result",
        "unique_id",
        "updated_at",
        "user",
        "was_cancelled",
    ),
}


def _slim(task: object) -> dict[str, Any]:
    """The task with what is read of it; ValueError when it is none."""
    if not isinstance(task, dict) or not isinstance(task.get("annotations", []), list):
        raise ValueError("no task")
    found = {key: task[key] for key in _READ["task"] if key in task}
    for name in ("annotations", "drafts"):
        if isinstance(found.get(name), list):
            found[name] = [_answer(answer) for answer in found[name]]
    return found


def _answer(answer: object) -> object:
    if not isinstance(answer, dict):
        return answer
    return {key: _interned(answer[key]) for key in _READ["answer"] if key in answer}


def _interned(value: object) -> object:
    """The same with each key once in memory; the parser makes a new one every time."""
    if isinstance(value, dict):
        return {sys.intern(key): _interned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_interned(item) for item in value]
    return value


def _counts(connection: Connection, project: Project) -> Counter[str]:
    found = connection.sdk.projects.get(id=project.id)
    names = ("task_number", "total_annotations_number", "skipped_annotations_number")
    return Counter({name: getattr(found, name) or 0 for name in names})
