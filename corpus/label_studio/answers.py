"""One submitted annotation or draft: who gave it, when, and the record that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from corpus.codebook import Codebook
from corpus.findings import short
from corpus.label_studio.interface import NOTE
from corpus.label_studio.results import FaultError, is_storable, values_of
from corpus.records import Annotation, Status

Say = Callable[[int | str, str, str], None]  # task, code, message


@dataclass(slots=True)
class Answer:
    """A submitted annotation or a draft, before it becomes a record."""

    task: int | str
    batch: str
    sentence_id: str
    annotator: str
    codebook: str
    person: str
    raw: Mapping[str, Any]
    is_draft: bool
    prediction_shown: bool
    started: datetime
    given: datetime


def record_of(answer: Answer, book: Codebook, say: Say) -> Annotation:
    """The annotation that an answer is; FaultError or RecordError when it is none."""
    # A draft is not of the version that its task has come to say: nothing was submitted under it.
    version = "" if answer.is_draft else answer.codebook
    values = values_of(answer.raw.get("result"), book, version)
    note = "\n".join(values.get(NOTE, ())).strip()
    if not is_storable(note + source_of(answer)):
        raise FaultError(
            "E329",
            "the note holds half a character (a lone surrogate), which UTF-8 cannot store. Correct "
            "it in Label Studio.",
        )
    for layer in ("stance", "act"):
        if len(values.get(layer, ())) > 1:
            found = ", ".join(values[layer])
            raise FaultError("E329", f"{layer} has several values ({found}); it takes one.")
    stance = next(iter(values.get("stance", ())), None)
    act = next(iter(values.get("act", ())), None)
    topics = values.get("topics", ()) if book.topics is not None else None
    status: Status = "done"
    if answer.is_draft:
        status = "draft"
    elif answer.raw.get("was_cancelled") is True:
        status, stance, topics = "skipped", None, None
    elif stance is None:
        status = "empty"
    if act is not None and stance not in book.asking_act + book.retired("stance", version):
        if status == "done":
            say(
                answer.task,
                "W343",
                f"act {act!r} is ignored: it is not asked when the stance is {stance}.",
            )
        act = None
    return Annotation(
        sentence_id=answer.sentence_id,
        annotator=answer.annotator,
        codebook=answer.codebook,
        stance=stance,
        act=act,
        topics=topics,
        flags=values.get("flags", ()),
        note=note,
        holders=(),
        status=status,
        created_at=utc(answer.given),
        seconds=seconds_of(answer.raw.get("lead_time")),
        prediction_shown=answer.prediction_shown,
        source=source_of(answer),
    )


def source_of(answer: Answer) -> str:
    """Where records say that the answer came from.

    The number of the annotation and when it was begun: the same whichever way it came. The number
    alone would be another annotation's on another server; of the server's own unique id only
    exports know.
    """
    kind = "draft" if answer.is_draft else "annotation"
    begun = "" if answer.is_draft else f"@{utc(answer.started)}"
    return f"label-studio/{kind}-{answer.raw.get('id', answer.task)}{begun}"


def person_of(raw: Mapping[str, Any]) -> str:
    """The Label Studio user as ``"7"``, or "" when the export does not say; never an e-mail.

    Exports name the user of an annotation by number or as an object; a draft names its user in
    ``created_username``, which ends in the number.
    """
    who = raw.get("completed_by", raw.get("user"))
    if isinstance(who, Mapping):
        who = who.get("id")
    if isinstance(who, int):
        return str(who)
    name = raw.get("created_username")
    last = name.rpartition(",")[2].strip() if isinstance(name, str) else ""
    return last if last.isascii() and last.isdigit() else ""


def time_of(value: object) -> datetime:
    """Label Studio writes UTC with a Z; a time without a zone is taken as UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is not None:
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise FaultError("E329", f"an answer without a readable time (updated_at: {short(value)}).")


def utc(moment: datetime) -> str:
    """The moment as records store it: ISO 8601 to the second."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def seconds_of(lead_time: object) -> float | None:
    """How long an answer took, or None where Label Studio does not say."""
    if isinstance(lead_time, bool) or not isinstance(lead_time, int | float):
        return None
    return round(float(lead_time), 3) if 0 <= lead_time < 1e9 else None  # None for nan too
