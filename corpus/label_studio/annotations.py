"""Label Studio's JSON as annotations: the web page's export and the SDK's snapshot, one reader."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.batches import asks_of
from corpus.findings import CorpusError, Finding, listed, short
from corpus.folder import Corpus
from corpus.label_studio.answers import Answer, person_of, record_of, time_of, utc
from corpus.label_studio.holders import holders_record
from corpus.label_studio.holders_page import shown
from corpus.label_studio.results import FaultError
from corpus.label_studio.tasks import ANOTHER_NAME
from corpus.records import Annotation, RecordError, Status


@dataclass(frozen=True, slots=True)
class Pulled:
    """What an export says: the annotations of each batch in task order, and what was wrong.

    A faulty task or annotation is left out and named in ``findings``; the others are here.
    ``left_out``: how many answers could be read and say nothing that can be stored.
    """

    tasks: int
    annotations: Mapping[str, tuple[Annotation, ...]]
    findings: tuple[Finding, ...]
    left_out: int = 0

    @property
    def counts(self) -> Counter[Status]:
        """How many annotations have each status."""
        return Counter(item.status for items in self.annotations.values() for item in items)


@dataclass(slots=True)
class _Reading:
    """The work of one call: what it may speak of, and the findings so far."""

    corpus: Corpus
    only: tuple[str, str] | None
    place: str
    asked: set[tuple[str, str, str]]
    coded: Mapping[tuple[str, str], Annotation]
    left_out: int = 0
    faults: defaultdict[tuple[str, str], list[int | str]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def say(self, task: int | str, code: str, message: str) -> None:
        self.faults[code, message].append(task)

    def asks_holders(self, batch: str) -> bool:
        return asks_of(self.corpus.batches[batch]) == "holders"

    def record_of(self, answer: Answer) -> Annotation:
        """The record of an answer of either pass; FaultError or RecordError when it is none."""
        if not self.asks_holders(answer.batch):
            return record_of(answer, self.corpus.codebook, self.say)
        labels = self.coded.get((answer.sentence_id, answer.annotator))
        return holders_record(answer, self.corpus, labels, self.say)

    def findings(self) -> tuple[Finding, ...]:
        """One finding per code and message, with the tasks it is about."""
        return tuple(
            Finding(_place(self.place, tasks), code, message)
            for (code, message), tasks in self.faults.items()
        )


def parse_export(text: str, place: str) -> object:
    """The JSON value of an export file; CorpusError when it is none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{place}:{error.lineno}"
        what = f"not JSON: {error.msg} at column {error.colno}"
    except (RecursionError, ValueError):
        what = "not readable: nested too deeply, or a number of thousands of digits"
    advice = "Export the project again in Label Studio: Export, JSON."
    raise CorpusError([Finding(place, "E321", f"{what}. {advice}")])


def read_export(
    export: object, corpus: Corpus, place: str, *, only: tuple[str, str] | None = None
) -> Pulled:
    """The annotations of an export (a list or iterator of tasks), one per sentence and annotator.

    ``place`` stands before each finding: the file, or the project. ``only``: the one (batch,
    annotator) that a pulled project is for; an export file may mix several. Answers of a second
    pass become records on the labels that ``corpus`` holds.
    The annotator is the pseudonym in the task, never a Label Studio user. Of several answers by
    one person the latest counts; a draft counts only where nothing was submitted. Broken shapes
    become findings, never exceptions.
    """
    asked = {
        (name, item.sentence_id, annotator)
        for name, items in corpus.batches.items()
        for item in items
        for annotator in item.annotators
    }
    batches = corpus.batches if only is None else [only[0]]
    is_second = any(asks_of(corpus.batches.get(name, ())) == "holders" for name in batches)
    reading = _Reading(corpus, only, place, asked, corpus.coded if is_second else {})
    answers: list[Answer] = []
    number = 0
    for number, task in enumerate(_tasks(export, reading), start=1):
        label = _label(task, number)
        try:
            answers += _answers(task, label, reading)
        except FaultError as fault:
            reading.say(label, fault.code, fault.message)
    answers = list(_by_the_first_person(answers, reading))
    annotations: defaultdict[str, list[Annotation]] = defaultdict(list)
    for batch, annotation in _annotations(answers, reading):
        annotations[batch].append(annotation)
    return Pulled(
        number,
        {batch: tuple(items) for batch, items in annotations.items()},
        reading.findings(),
        reading.left_out,
    )


# From the export to answers ---------------------------------------------------------------------


def _tasks(export: object, reading: _Reading) -> Iterable[object]:
    if isinstance(export, Mapping) and "data" in export:
        return [export]  # one task, as the API returns it
    if isinstance(export, Iterator):
        return export  # of a snapshot, task by task
    if not isinstance(export, list):
        found = type(export).__name__
        reading.say(
            "",
            "E321",
            f"expected a list of tasks, found {found}. In Label Studio choose Export, then JSON.",
        )
        return []
    return export


def _answers(task: object, label: int | str, reading: _Reading) -> Iterator[Answer]:
    if not isinstance(task, Mapping):
        raise FaultError("E322", f"expected a task, found {short(task)}. Export the project again.")
    data = task.get("data")
    if not isinstance(data, Mapping):
        hint = "is this JSON-MIN or CSV? Choose JSON." if "data" not in task else "Export it again."
        raise FaultError("E322", f"a task without its data: {hint}")
    batch, sentence_id, annotator, version = _origin(data, reading)
    submitted = _list(task, "annotations")
    drafts = _list(task, "drafts")
    shown = bool(_list(task, "predictions"))
    for raw, is_draft in [(raw, False) for raw in submitted] + [(raw, True) for raw in drafts]:
        if is_draft and isinstance(raw, int):
            continue  # only its id was exported
        try:
            if not isinstance(raw, Mapping):
                what = "a draft" if is_draft else "an annotation"
                raise FaultError("E329", f"expected {what}, found {short(raw)}. Export it again.")
            given = time_of(raw.get("updated_at") or raw.get("created_at"))
            started = time_of(raw["created_at"]) if raw.get("created_at") else given
            yield Answer(
                label,
                batch,
                sentence_id,
                annotator,
                version,
                person_of(raw),
                raw,
                is_draft,
                shown or raw.get("parent_prediction") is not None,
                started,
                given,
            )
        except FaultError as fault:
            reading.say(label, fault.code, fault.message)


def _origin(data: Mapping[str, Any], reading: _Reading) -> tuple[str, str, str, str]:
    """(batch, sentence id, annotator, codebook version) of a task that belongs here."""
    corpus, only = reading.corpus, reading.only
    book = corpus.codebook
    sentence_id = data.get("sentence_id")
    if not isinstance(sentence_id, str) or not sentence_id:
        raise FaultError(
            "E323",
            "the task has no sentence_id. Only tasks made by `make sync` or `make tasks` can be "
            "read: delete this one in Label Studio.",
        )
    if data.get("corpus") != book.name:
        raise FaultError(
            "E325",
            f"a task of corpus {short(data.get('corpus'))}, but this is {book.name!r}. Give the "
            "folder of that corpus: CORPUS=path.",
        )
    batch, annotator = data.get("batch"), data.get("annotator")
    if not isinstance(batch, str) or batch not in corpus.batches:
        known = ", ".join(corpus.batches) or "none"
        raise FaultError(
            "E326", f"a task of batch {short(batch)}, which is not read here ({known})."
        )
    if only is not None and (batch, annotator) != only:
        raise FaultError(
            "E326",
            f"a task of batch {batch} for {short(annotator)} in the project of "
            f"{only[1]!r}, batch {only[0]}. Delete it there: its own project has "
            "it.",
        )
    sentence = corpus.sentences.get(sentence_id)
    if sentence is None:
        raise FaultError(
            "E323",
            f"sentence {short(sentence_id)} is not in this corpus. Restore its file under "
            "sentences/, or delete the task in Label Studio. If another corpus has the same "
            f"codebook name, {ANOTHER_NAME}.",
        )
    if not isinstance(annotator, str) or (batch, sentence_id, annotator) not in reading.asked:
        raise FaultError(
            "E327", f"batch {batch} does not ask {short(annotator)} about this sentence."
        )
    is_same = data.get("text") == sentence.text
    if reading.asks_holders(batch):
        is_same = is_same and data.get("shown") == shown(sentence.text)
    if not is_same or data.get("digest", sentence.digest) != sentence.digest:
        raise FaultError(
            "E324",
            f"the text shown differs from sentence {sentence_id}. Was the task edited in Label "
            "Studio? Then delete the annotations on it there; the next sync brings the right text. "
            "Or the sentence here? It is frozen once it is annotated: restore its file.",
        )
    version = data.get("codebook")
    if not isinstance(version, str) or not version:
        raise FaultError("E322", "the task does not say its codebook version.")
    if version != book.version:
        reading.say(
            "",
            "W342",
            f"tasks made with codebook {version}, the corpus has {book.version}: their labels are "
            f"stored as of {version}.",
        )
    return batch, sentence_id, annotator, version


def _by_the_first_person(answers: Sequence[Answer], reading: _Reading) -> Iterator[Answer]:
    """The answers of whoever labelled first for each pseudonym; another user's are refused."""
    first: dict[tuple[str, str], Answer] = {}
    for answer in answers:
        key = (answer.batch, answer.annotator)
        if answer.person and (key not in first or answer.started < first[key].started):
            first[key] = answer
    for answer in answers:
        owner = first.get((answer.batch, answer.annotator))
        if owner is None or not answer.person or answer.person == owner.person:
            yield answer
            continue
        reading.say(
            answer.task,
            "E330",
            f"Label Studio user {answer.person} labelled in the project of {answer.annotator!r} "
            f"(batch {answer.batch}), where user {owner.person} labelled first. These annotations "
            f"are left out; if they are {answer.annotator}'s, delete those of user {owner.person}.",
        )


def _annotations(answers: Iterable[Answer], reading: _Reading) -> Iterator[tuple[str, Annotation]]:
    """The one record of each sentence and annotator that can be read, latest answer first."""
    grouped: defaultdict[tuple[str, str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        grouped[answer.batch, answer.annotator, answer.sentence_id].append(answer)
    for (batch, annotator, sentence_id), found in grouped.items():
        submitted = [answer for answer in found if not answer.is_draft]
        rivals = submitted or found
        tasks = sorted({str(answer.task) for answer in rivals})
        chosen = max(rivals, key=lambda answer: answer.given)
        if len(rivals) > 1:
            reading.say(
                ", ".join(tasks),
                "W341",
                f"{annotator} answered {len(rivals)} times for sentence {sentence_id}; the latest, "
                f"of {utc(chosen.given)}, is taken.",
            )
        try:
            yield batch, reading.record_of(chosen)
        except FaultError as fault:
            reading.left_out += 1
            reading.say(chosen.task, fault.code, fault.message)
        except RecordError as error:
            reading.left_out += 1
            reading.say(chosen.task, "E331", f"{error}.")


def _list(task: Mapping[str, Any], key: str) -> list[Any]:
    value = task.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise FaultError("E322", f"{key} is {short(value)}, expected a list. Export it again.")
    return value


def _label(task: object, number: int) -> int | str:
    """The task's id as Label Studio shows it, or its place in the list."""
    found = task.get("id") if isinstance(task, Mapping) else None
    return found if isinstance(found, int) else f"number {number}"


def _place(place: str, tasks: Sequence[int | str]) -> str:
    named = [str(task) for task in dict.fromkeys(tasks) if task != ""]
    if not named:
        return place
    return f"{place}: task{'s' if len(named) > 1 else ''} {listed(named)}"
