"""The answers back: every task of a project with its annotations and drafts, once all are here.

There are two ways. Pages of tasks, with only the columns that are read: 20,000 annotated tasks in
10 s, where the SDK's own export takes 27. Where a page fails or is not what is expected, an export
snapshot: one file, 17 s.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from corpus.findings import CorpusError
from corpus.label_studio.client import Connection
from corpus.label_studio.failures import LostReplyError, failures_in_words
from corpus.label_studio.projects import Project
from corpus.label_studio.transfer import PAGE, Progress, pages, quiet

# What is read of an annotation and of a draft; the server knows three times as much.
ANNOTATION = (
    "id",
    "completed_by",
    "created_at",
    "lead_time",
    "parent_prediction",
    "result",
    "updated_at",
    "was_cancelled",
)
DRAFT = ("id", "created_at", "created_username", "lead_time", "result", "updated_at")

LABEL = 40  # characters; what is longer is a text, and only one of its kind

DRAFTED = {
    "filter": "filter:tasks:draft_exists",
    "operator": "equal",
    "type": "Boolean",
    "value": True,
}


def pull_tasks(
    connection: Connection, project: Project, progress: Progress = quiet
) -> Iterator[dict[str, Any]]:
    """Every task of the project with annotations (skipped ones too) and drafts in full.

    The first one comes when all are here and counted; CorpusError when that cannot be had.
    """
    # To a file and from there task by task: 20,000 of them are 30 MB of text.
    with TemporaryFile("w+", encoding="utf-8") as file:
        first_failure = None
        for read in (_by_pages, _by_snapshot):
            file.seek(0)
            file.truncate()
            try:
                before = _counted(connection, project)
                found = _written(file, read(connection, project, before.tasks, progress))
                _believe(connection, project, before, found)
                break
            except CorpusError as failure:
                first_failure = first_failure or failure
        else:
            assert first_failure is not None
            raise first_failure
        file.seek(0)
        for line in file:
            yield {sys.intern(key): _interned(value) for key, value in json.loads(line).items()}


@dataclass(frozen=True, slots=True)
class _Count:
    """How many tasks, and how many annotations (skipped ones too)."""

    tasks: int
    answers: int


def _counted(connection: Connection, project: Project) -> _Count:
    with failures_in_words(
        connection.url, f"counting in project {project.id}", connection.token_kind
    ):
        found = connection.sdk.projects.get(id=project.id)
    answers = (found.total_annotations_number or 0) + (found.skipped_annotations_number or 0)
    return _Count(found.task_number or 0, answers)


def _written(file: IO[str], tasks: Iterable[Mapping[str, Any]]) -> _Count:
    n_tasks = n_answers = 0
    for task in tasks:
        n_tasks += 1
        n_answers += len(task["annotations"])
        file.write(json.dumps(task, ensure_ascii=True) + "\n")
    return _Count(n_tasks, n_answers)


def _believe(connection: Connection, project: Project, before: _Count, found: _Count) -> None:
    """CorpusError unless as much was found as there was; others may change it meanwhile."""
    if found.tasks == before.tasks and found.answers >= before.answers:
        return
    after = _counted(connection, project)
    fewest, most = sorted((before.tasks, after.tasks))
    if fewest <= found.tasks <= most and found.answers >= min(before.answers, after.answers):
        return
    raise CorpusError(
        f"{connection.url}: project {project.id} has {after.tasks:,} tasks and {after.answers:,} "
        f"annotations, but {found.tasks:,} and {found.answers:,} came. Is somebody changing it? "
        "Run the same command again; nothing of it was stored."
    )


# The two ways ------------------------------------------------------------------------------------


def _by_pages(
    connection: Connection, project: Project, total: int, progress: Progress
) -> Iterator[dict[str, Any]]:
    doing = f"reading the answers of project {project.id}"
    with failures_in_words(connection.url, doing, connection.token_kind):
        drafted = {
            task["id"]
            for page in pages(
                connection, project, where=[DRAFTED], fields="task_only", include="id"
            )
            for task in page
        }
        done = 0
        # `fields=all` shows annotations, `review` spares the server all columns of its grid, and
        # only of an expanded field can it leave out what nobody reads.
        for page in pages(
            connection,
            project,
            fields="all",
            review="true",
            expand="annotations",
            include=",".join(
                ["id", "data", "predictions", "annotations"]
                + [f"annotations.{name}" for name in ANNOTATION]
            ),
        ):
            for task in page:
                # A draft counts only where nothing was submitted. In the page there would be only
                # the caller's own.
                is_draft = task["id"] in drafted and not task.get("annotations")
                yield _slim(
                    task, connection.get(f"api/tasks/{task['id']}/drafts") if is_draft else ()
                )
            done += len(page)
            progress(done, total)


def _by_snapshot(
    connection: Connection, project: Project, total: int, progress: Progress
) -> Iterator[dict[str, Any]]:
    import ijson

    exports = connection.sdk.projects.exports
    doing = f"exporting project {project.id}"
    progress(0, 0)  # nobody knows how long the server will take
    with (
        failures_in_words(connection.url, doing, connection.token_kind),
        TemporaryFile() as file,
    ):
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
        try:
            for part in exports.download(project.id, export_pk=snapshot.id, export_type="JSON"):
                file.write(part)
        finally:
            with suppress(Exception):  # a leftover harms nobody; the first error matters
                exports.delete(project.id, export_pk=snapshot.id)
        file.seek(0)
        try:
            for number, task in enumerate(ijson.items(file, "item", use_float=True), start=1):
                yield _slim(task, task.get("drafts", ()))
                if number % PAGE == 0:
                    progress(number, total)
        except ijson.JSONError:
            raise LostReplyError(
                f"{connection.url}: the export of project {project.id} is not JSON; it may have "
                "been cut off. Run the same command again."
            ) from None


def _slim(task: Mapping[str, Any], drafts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The task with what is read of it; ValueError when something of it is missing."""
    try:
        return {
            "id": task["id"],
            "data": task["data"],
            "annotations": [_only(ANNOTATION, answer) for answer in task["annotations"]],
            "predictions": [None for _ in task["predictions"]],  # only that there are some counts
            "drafts": [_only(DRAFT, draft) for draft in drafts],
        }
    except (KeyError, TypeError):
        raise ValueError("no task") from None


def _only(names: Iterable[str], answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in names}


def _interned(value: object) -> object:
    """The same with each key, name and label once in memory; the parser makes new ones."""
    if isinstance(value, dict):
        return {sys.intern(key): _interned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_interned(item) for item in value]
    return sys.intern(value) if isinstance(value, str) and len(value) <= LABEL else value
