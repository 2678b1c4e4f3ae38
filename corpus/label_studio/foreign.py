"""Projects that were not made here: the answers of any Label Studio project as rows of a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from corpus.findings import CorpusError, Finding, listed, short
from corpus.label_studio.answers import seconds_of, time_of, utc
from corpus.label_studio.client import Connection
from corpus.label_studio.failures import failures_in_words
from corpus.label_studio.projects import Project
from corpus.label_studio.pull import pull_tasks
from corpus.label_studio.results import FaultError, is_storable
from corpus.sheets import Row, Table, place_of

SOURCE = "label-studio-foreign"
DATA = "data."  # before the name of a task's field: a control may have the same name
# Type of control -> where its values stand; spans, boxes and the like are not read.
READ = {"choices": "choices", "textarea": "text", "rating": "rating", "number": "number"}
PERSON, GIVEN = "completed_by", "updated_at"


def read_project(connection: Connection, number: int) -> Table:
    """The answers of a project on the server, by its number; nothing there is changed."""
    with failures_in_words(connection.url, f"reading project {number}", connection.token_kind):
        found = connection.sdk.projects.get(id=number)
    title = found.title or ""
    project = Project(number, title, found.label_config or "", "")
    name = f"{connection.url}/projects/{number} ({title})"
    return read_tasks(list(pull_tasks(connection, project)), name)


def read_tasks(export: object, name: str) -> Table:
    """The rows of a JSON export, one an answer; a task that nobody answered is a row too.

    Columns: ``data.KEY`` for each field of the tasks, the name of each control, ``completed_by``
    (the e-mail address where the export has it, else the user's number) and ``updated_at``.
    Several values of one control are lines. What cannot be read is a finding.
    """
    if not isinstance(export, list):
        message = f"expected a list of tasks, found {type(export).__name__}. Choose Export, JSON."
        raise CorpusError([Finding(name, "E177", message)])
    rows: list[Row] = []
    faults: dict[tuple[str, str], list[int]] = {}
    for place, task in enumerate(export, start=1):
        number = (
            task["id"] if isinstance(task, Mapping) and isinstance(task.get("id"), int) else place
        )
        try:
            rows += _rows(task, number)
        except _NoTaskError as error:
            faults.setdefault(("E177", str(error)), []).append(number)
        drafts = task.get("drafts") if isinstance(task, Mapping) else None
        if drafts:
            message = "drafts that were never submitted: not read."
            faults.setdefault(("W172", message), []).append(number)
    columns = dict.fromkeys(column for row in rows for column in row.cells)
    blank = dict.fromkeys(columns, "")
    findings = [
        Finding(place_of(name, "task", numbers), code, message)
        for (code, message), numbers in faults.items()
    ]
    return Table(
        name,
        "task",
        tuple(columns),
        tuple(replace(row, cells={**blank, **row.cells}) for row in rows),
        findings=tuple(findings),
    )


class _NoTaskError(Exception):
    """A task that cannot be read; the message says why."""


def _rows(task: object, number: int) -> Iterator[Row]:
    data = task.get("data") if isinstance(task, Mapping) else None
    answers = task.get("annotations") if isinstance(task, Mapping) else None
    if (
        not isinstance(task, Mapping)
        or not isinstance(data, Mapping)
        or not isinstance(answers, list)
    ):
        raise _NoTaskError(
            "a task without `data` and `annotations`: JSON_MIN and CSV leave skipped tasks out and "
            "change types. In Label Studio choose Export, JSON."
        )
    known = {f"{DATA}{key}": _text(value) for key, value in data.items()}
    shown = bool(task.get("predictions"))
    if not answers:
        yield Row(number, _storable(known), f"{SOURCE}/task-{number}", is_answer=False)
    for answer in answers:
        if not isinstance(answer, Mapping):
            raise _NoTaskError(f"expected an annotation, found {short(answer)}. Export it again.")
        cells = {
            **known,
            PERSON: _person(answer.get(PERSON)),
            GIVEN: _text(answer.get("updated_at") or answer.get("created_at")),
            **_controls(answer.get("result")),
        }
        yield Row(
            number,
            _storable(cells),
            f"{SOURCE}/annotation-{answer.get('id', number)}{_begun(answer)}",
            is_skipped=answer.get("was_cancelled") is True,
            prediction_shown=shown or answer.get("parent_prediction") is not None,
            seconds=seconds_of(answer.get("lead_time")),
        )


def _begun(answer: Mapping[str, object]) -> str:
    """When the answer was begun; with its number it is one of a kind on any server."""
    try:
        return f"@{utc(time_of(answer.get('created_at')))}"
    except FaultError:
        return ""


def _controls(result: object) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for item in result if isinstance(result, list) else ():
        value = item.get("value") if isinstance(item, Mapping) else None
        control = item.get("from_name") if isinstance(item, Mapping) else None
        if not isinstance(control, str) or not isinstance(value, Mapping):
            raise _NoTaskError(f"the result holds {short(item)}. Export the project again.")
        names = value.get(READ.get(str(item.get("type")), ""))
        if names is not None:
            found.setdefault(control, []).extend(
                map(_text, names if isinstance(names, list) else [names])
            )
    return {control: "\n".join(names) for control, names in found.items()}


def _person(who: object) -> str:
    if isinstance(who, Mapping):
        who = who.get("email") or who.get("id")
    return _text(who)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _storable(cells: dict[str, str]) -> dict[str, str]:
    broken = [column for column, text in cells.items() if not is_storable(column + text)]
    if broken:
        raise _NoTaskError(
            f"half a character (a lone surrogate) in {listed([ascii(name) for name in broken])}, "
            "which UTF-8 cannot store. Correct it in Label Studio."
        )
    return cells
