"""Both ways at once: what is missing goes to Label Studio, what is new comes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from corpus.annotations import append_annotations, current, new_lines, read_annotations
from corpus.batches import annotators_of
from corpus.findings import CorpusError, Finding
from corpus.folder import Corpus
from corpus.label_studio.annotations import Pulled, read_export
from corpus.label_studio.client import (
    Connection,
    LostReplyError,
    Project,
    ProjectPlan,
    prepare_project,
    pull_tasks,
    push_tasks,
    update_interface,
)
from corpus.label_studio.interface import instructions, interface
from corpus.label_studio.tasks import tasks_for
from corpus.records import Annotation


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing pulled annotations did. ``changed``: another answer superseded an older one."""

    new: int
    changed: int
    unchanged: int
    skipped: int
    empty: int
    drafts: int

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            self.empty + other.empty,
            self.drafts + other.drafts,
        )

    def __str__(self) -> str:
        return (
            f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged "
            f"({self.skipped} skipped, {self.empty} empty, {self.drafts} drafts)"
        )


NOTHING = Stored(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Synced:
    """What one project's turn did."""

    project: Project
    pushed: int
    stored: Stored
    findings: tuple[Finding, ...]


def plans(corpus: Corpus, batches: Iterable[str]) -> list[ProjectPlan]:
    """The projects that the batches need: one an annotator, by batch and in the order asked."""
    label_config, text = interface(corpus.codebook), instructions(corpus.codebook)
    return [
        ProjectPlan(corpus.codebook.name, batch, annotator, label_config, text)
        for batch in batches
        for annotator in annotators_of(corpus.batches[batch])
    ]


def push(connection: Connection, corpus: Corpus, plan: ProjectPlan) -> Synced:
    """The plan's project with today's interface and all its tasks.

    An interface that cannot be updated, because it would orphan labels, is a finding: labels must
    still come back.
    """
    tasks = tasks_for(corpus, plan.batch, plan.annotator)
    project = prepare_project(connection, plan)
    findings = []
    try:
        update_interface(connection, project, plan)
    except LostReplyError:
        raise
    except CorpusError as error:
        findings.append(Finding(_place(connection, project), "E333", str(error)))
    return Synced(project, push_tasks(connection, project, tasks), NOTHING, tuple(findings))


def sync(connection: Connection, corpus: Corpus, plan: ProjectPlan) -> Synced:
    """One project both ways. What is good is stored even where other annotations are faulty."""
    pushed = push(connection, corpus, plan)
    pulled = read_export(
        pull_tasks(connection, pushed.project),
        corpus,
        _place(connection, pushed.project),
        only=(plan.batch, plan.annotator),
    )
    stored = store(corpus, pulled)
    return replace(pushed, stored=stored, findings=pushed.findings + pulled.findings)


def _place(connection: Connection, project: Project) -> str:
    return f"{connection.url}/projects/{project.id} ({project.title})"


def store(corpus: Corpus, pulled: Pulled) -> Stored:
    """Append what the corpus does not hold yet, batch by batch, and count it."""
    total = NOTHING
    for batch, found in sorted(pulled.annotations.items()):
        stored = read_annotations(corpus.path, batch)
        new = new_lines(stored, found)
        append_annotations(corpus.path, batch, new)
        total += _counted(stored, found, new)
    return total


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
