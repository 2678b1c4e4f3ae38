"""Both ways at once: what is missing goes to Label Studio, what is new comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus.annotations import (
    append_annotations,
    current,
    from_elsewhere,
    new_lines,
    read_annotations,
)
from corpus.batches import annotators_of
from corpus.findings import CorpusError, Finding
from corpus.folder import Corpus
from corpus.label_studio.annotations import Pulled, read_export
from corpus.label_studio.client import (
    Connection,
    Project,
    ProjectPlan,
    prepare_project,
    pull_tasks,
    push_tasks,
    read_markers,
    read_tasks,
    update_interface,
)
from corpus.label_studio.failures import LostReplyError
from corpus.label_studio.interface import instructions, interface
from corpus.label_studio.results import listed
from corpus.label_studio.tasks import ANOTHER_NAME, foreign_ids, sentence_ids, tasks_for
from corpus.records import Annotation


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing pulled annotations did. ``changed``: another answer superseded an older one.

    ``findings``: where the older one was a done answer from elsewhere.
    """

    new: int
    changed: int
    unchanged: int
    skipped: int
    empty: int
    drafts: int
    findings: tuple[Finding, ...] = ()

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            self.empty + other.empty,
            self.drafts + other.drafts,
            self.findings + other.findings,
        )

    def __str__(self) -> str:
        return (
            f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged "
            f"({self.skipped} skipped, {self.empty} empty, {self.drafts} drafts)"
        )


NOTHING = Stored(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Synced:
    """What one project's turn did.

    ``answered``: of the ``asked`` sentences, those that nobody has labelled in this project while
    the corpus holds a done answer of this annotator.
    """

    plan: ProjectPlan
    project: Project
    asked: int
    answered: int
    pushed: int
    stored: Stored
    findings: tuple[Finding, ...]

    @property
    def reminder(self) -> str:
        """What the annotator should know before labelling anew, or nothing."""
        if not self.answered:
            return ""
        return (
            f"{self.answered:,} of {self.asked:,} sentences already have an answer by "
            f"{self.plan.annotator}; a new one supersedes it"
        )


def plans(corpus: Corpus, batches: Iterable[str]) -> list[ProjectPlan]:
    """The projects that the batches need: one an annotator, by batch and in the order asked."""
    label_config, text = interface(corpus.codebook), instructions(corpus.codebook)
    return [
        ProjectPlan(corpus.codebook.name, batch, annotator, label_config, text)
        for batch in batches
        for annotator in annotators_of(corpus.batches[batch])
    ]


def due(connection: Connection, corpus: Corpus) -> list[ProjectPlan]:
    """The projects worth a turn: those on the server, and those with sentences to label.

    A corpus may hold thousands of answered sentences; nobody needs a project for each of them.
    """
    done = {
        (batch, item.sentence_id, item.annotator)
        for batch, stored in corpus.annotations.items()
        for item in current(stored)
        if item.status in ("done", "skipped")
    }
    unanswered = {
        (batch, annotator)
        for batch, items in corpus.batches.items()
        for item in items
        for annotator in item.annotators
        if (batch, item.sentence_id, annotator) not in done
    }
    present = read_markers(connection)
    return [
        plan
        for plan in plans(corpus, corpus.batches)
        if (plan.batch, plan.annotator) in unanswered or plan.marker in present
    ]


def push(connection: Connection, corpus: Corpus, plan: ProjectPlan) -> Synced:
    """The plan's project with today's interface and all its tasks.

    An interface that cannot be updated, because it would orphan labels, is a finding: labels must
    still come back. A project that another corpus uses is left alone: CorpusError.
    """
    tasks = tasks_for(corpus, plan.batch, plan.annotator)
    project = prepare_project(connection, plan)
    present = read_tasks(connection, project)
    there = sentence_ids(present)
    foreign = foreign_ids(there, corpus.batches[plan.batch])
    if foreign:
        raise CorpusError(
            f"{_place(connection, project)}: holds sentences that batch {plan.batch} does not "
            f"({listed(foreign)}). Another corpus with the same codebook name, {plan.corpus!r}, "
            f"seems to use this server: {ANOTHER_NAME}. Nothing was sent or stored."
        )
    findings = []
    try:
        update_interface(connection, project, plan)
    except LostReplyError:
        raise
    except CorpusError as error:
        findings.append(Finding(_place(connection, project), "E333", str(error)))
    return Synced(
        plan,
        project,
        len(tasks),
        len(_answered(corpus, plan, tasks) - _labelled(present)),
        push_tasks(connection, project, tasks, there=there),
        NOTHING,
        tuple(findings),
    )


def sync(connection: Connection, corpus: Corpus, plan: ProjectPlan) -> Synced:
    """One project both ways. What is good is stored even where other annotations are faulty."""
    pushed = push(connection, corpus, plan)
    pulled = read_export(
        pull_tasks(connection, pushed.project),
        corpus,
        _place(connection, pushed.project),
        only=(plan.batch, plan.annotator),
    )
    stored = store(corpus, pulled, _place(connection, pushed.project))
    findings = pushed.findings + pulled.findings + stored.findings
    return replace(pushed, stored=stored, findings=findings)


def _answered(corpus: Corpus, plan: ProjectPlan, tasks: Iterable[Mapping[str, Any]]) -> set[str]:
    """The sentences of the tasks of which the corpus holds a done answer of this annotator."""
    asked = set(sentence_ids(tasks))
    return {
        item.sentence_id
        for item in current(read_annotations(corpus.path, plan.batch))
        if item.annotator == plan.annotator and item.status == "done" and item.sentence_id in asked
    }


def _labelled(present: Sequence[Mapping[str, Any]]) -> set[str | None]:
    return set(sentence_ids(task for task in present if task["is_labeled"]))


def _place(connection: Connection, project: Project) -> str:
    return f"{connection.url}/projects/{project.id} ({project.title})"


def store(corpus: Corpus, pulled: Pulled, place: str) -> Stored:
    """Append what the corpus does not hold yet, batch by batch, and count it.

    ``place`` stands before each finding: the file, or the project.
    """
    total = NOTHING
    for batch, found in sorted(pulled.annotations.items()):
        stored = read_annotations(corpus.path, batch)
        new = new_lines(stored, found)
        findings = tuple(_superseding(from_elsewhere(stored, found), new, place))
        append_annotations(corpus.path, batch, new)
        total += replace(_counted(stored, found, new), findings=findings)
    return total


def _superseding(
    rivals: Iterable[Annotation], new: Sequence[Annotation], place: str
) -> Iterator[Finding]:
    """What becomes of answers that differ from a done one from elsewhere, by annotator."""
    taken: dict[tuple[str, bool], list[str]] = {}
    for item in rivals:
        taken.setdefault((item.annotator, item in new), []).append(item.sentence_id)
    for (annotator, is_new), names in sorted(taken.items()):
        answers = f"{len(names):,} answer{'s' if len(names) > 1 else ''} by {annotator}"
        if is_new:
            what = "now supersede older ones from elsewhere."
        else:
            what = "left out (skipped, empty or a draft): done ones from elsewhere stay."
        yield Finding(place, "W344", f"({listed(names)}) {answers} {what}")


def _counted(
    stored: Iterable[Annotation], pulled: Iterable[Annotation], new: Iterable[Annotation]
) -> Stored:
    known = {(item.sentence_id, item.annotator) for item in current(stored)}
    lines = list(new)
    changed = sum((item.sentence_id, item.annotator) in known for item in lines)
    statuses = [item.status for item in pulled]
    return Stored(
        new=len(lines) - changed,
        changed=changed,
        unchanged=len(statuses) - len(lines),
        skipped=statuses.count("skipped"),
        empty=statuses.count("empty"),
        drafts=statuses.count("draft"),
    )
