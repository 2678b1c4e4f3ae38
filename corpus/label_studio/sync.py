"""Both ways at once: what is missing goes to Label Studio, what is new comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from corpus.annotations import (
    append_annotations,
    current,
    from_elsewhere,
    new_lines,
    read_annotations,
)
from corpus.batches import annotators_of, asks_of
from corpus.findings import CorpusError, Finding, listed
from corpus.folder import Corpus, stored_annotations
from corpus.label_studio.annotations import Pulled, read_export
from corpus.label_studio.client import Connection
from corpus.label_studio.diff import Diff, PresentTask, diff
from corpus.label_studio.failures import LostReplyError
from corpus.label_studio.projects import (
    Project,
    ProjectPlan,
    count_tasks,
    find_project,
    prepare_project,
    read_marked,
    update_interface,
)
from corpus.label_studio.pull import pull_tasks
from corpus.label_studio.renaming import require_finished
from corpus.label_studio.sending import forget, noted, wait_for_last
from corpus.label_studio.tasks import ANOTHER_NAME, page_for, tasks_for
from corpus.label_studio.transfer import (
    Progress,
    push_tasks,
    quiet,
    read_tasks,
    update_tasks,
)
from corpus.records import Annotation


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing pulled annotations did. ``changed``: another answer superseded an older one.

    ``findings``: where the older one was a done answer from elsewhere. ``left_out``: answers that
    cannot be stored until somebody corrects them.
    """

    new: int
    changed: int
    unchanged: int
    skipped: int
    empty: int
    drafts: int
    findings: tuple[Finding, ...] = ()
    left_out: int = 0

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            self.empty + other.empty,
            self.drafts + other.drafts,
            self.findings + other.findings,
            self.left_out + other.left_out,
        )

    def __str__(self) -> str:
        left_out = f", {self.left_out} left out" if self.left_out else ""
        return (
            f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged "
            f"({self.skipped} skipped, {self.empty} empty, {self.drafts} drafts){left_out}"
        )


NOTHING = Stored(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Synced:
    """What one project's turn did, or would do.

    ``project``: None where it would have to be made. ``asked``: sentences of this annotator;
    ``answered``: those that nobody has labelled in this project while the corpus holds a done
    answer. ``stored``: of the answers since the last sync.
    """

    plan: ProjectPlan
    project: Project | None
    diff: Diff
    asked: int
    answered: int
    stored: Stored
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        reminder = f"\n  {self.reminder}" if self.reminder else ""
        where = "" if self.project else " (no such project yet)"
        return f"{self.diff}{where}; answers: {self.stored}{reminder}"

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
    """The projects that the batches need: one an annotator, by batch and in the order asked.

    Those of a second pass come last: its answers stand on labels that the others may bring.
    """
    by_pass = sorted(batches, key=lambda name: asks_of(corpus.batches[name]) == "holders")
    return [
        ProjectPlan(corpus.codebook.name, batch, annotator, *page_for(corpus, batch))
        for batch in by_pass
        for annotator in annotators_of(corpus.batches[batch])
    ]


def due(connection: Connection, corpus: Corpus) -> list[ProjectPlan]:
    """The projects worth a turn: those on the server, and those with sentences to label.

    A corpus may hold thousands of answered sentences; nobody needs a project for each of them.
    """
    settled = corpus.settled
    unanswered = {
        (batch, annotator)
        for batch, items in corpus.batches.items()
        for item in items
        for annotator in item.annotators
        if (batch, item.sentence_id, annotator) not in settled
    }
    present = read_marked(connection)
    return [
        plan
        for plan in plans(corpus, corpus.batches)
        if (plan.batch, plan.annotator) in unanswered or plan.marker in present
    ]


def preview(
    connection: Connection, corpus: Corpus, plan: ProjectPlan, progress: Progress = quiet
) -> Synced:
    """What ``sync`` would do, with nothing changed on either side."""
    tasks = tasks_for(_by_now(corpus, plan), plan.batch, plan.annotator)
    project = find_project(connection, plan)
    if project is None:
        return _turn(corpus, plan, project, tasks, [], "")
    place = place_of(connection, project)
    present = own_tasks(connection, corpus, project, progress)
    looked = _turn(corpus, plan, project, tasks, present, place)
    pulled = pull(connection, corpus, project, plan, progress)
    stored = unstored(corpus, pulled, place).stored
    findings = looked.findings + pulled.findings + stored.findings
    return replace(looked, stored=stored, findings=findings)


def push(
    connection: Connection, corpus: Corpus, plan: ProjectPlan, progress: Progress = quiet
) -> Synced:
    """The plan's project with today's interface and all its tasks.

    An interface that cannot be updated, because it would orphan labels, is a finding: labels must
    still come back. A project that another corpus uses is left alone: CorpusError.
    """
    tasks = tasks_for(_by_now(corpus, plan), plan.batch, plan.annotator)
    return push_all(connection, corpus, plan, tasks, progress)


def push_all(
    connection: Connection,
    corpus: Corpus,
    plan: ProjectPlan,
    tasks: Sequence[dict[str, Any]],
    progress: Progress = quiet,
) -> Synced:
    """Like ``push``, with the tasks given."""
    require_finished(corpus.path)
    wait_for_last(corpus.path, lambda marker, n: _has_tasks(connection, marker, n, progress))
    noting = partial(noted, corpus.path, plan.marker)
    project = prepare_project(connection, plan, noting)
    present = own_tasks(connection, corpus, project, progress)
    done = _turn(corpus, plan, project, tasks, present, place_of(connection, project))
    findings = []
    try:
        update_interface(connection, project, plan)
    except LostReplyError:
        raise
    except CorpusError as error:
        message = f"{error} Renamed or removed a value? `make migrate`."
        findings.append(Finding(place_of(connection, project), "E333", message))
    push_tasks(connection, project, done.diff.new, progress, noting=noting)
    forget(corpus.path)
    update_tasks(connection, project, done.diff.changed, progress)
    return replace(done, findings=done.findings + tuple(findings))


def _has_tasks(connection: Connection, marker: str, n_tasks: int, progress: Progress) -> bool:
    """True when there is a project with this marker and so many tasks."""
    progress(0, 0)
    found = read_marked(connection).get(marker, [])
    return any(count_tasks(connection, project) >= n_tasks for project in found)


def sync(
    connection: Connection, corpus: Corpus, plan: ProjectPlan, progress: Progress = quiet
) -> Synced:
    """One project both ways. What is good is stored even where other annotations are faulty."""
    pushed = push(connection, corpus, plan, progress)
    assert pushed.project is not None
    place = place_of(connection, pushed.project)
    pulled = pull(connection, corpus, pushed.project, plan, progress)
    stored = store(corpus, pulled, place)
    findings = pushed.findings + pulled.findings + stored.findings
    return replace(pushed, stored=stored, findings=findings)


def _turn(
    corpus: Corpus,
    plan: ProjectPlan,
    project: Project | None,
    tasks: Sequence[dict[str, Any]],
    present: Sequence[PresentTask],
    place: str,
) -> Synced:
    """The turn before anything is done."""
    found = diff(tasks, present)
    labelled = {task.sentence_id for task in present if task.is_labeled}
    answered = len(_answered(corpus, plan, tasks) - labelled)
    findings = tuple(found.findings(place))
    return Synced(plan, project, found, len(tasks), answered, NOTHING, findings)


def own_tasks(
    connection: Connection, corpus: Corpus, project: Project, progress: Progress = quiet
) -> list[PresentTask]:
    """The tasks of a project that is this corpus's own; CorpusError when it is another's."""
    present = read_tasks(connection, project, progress)
    foreign = sorted(filter(None, (_foreign(task, corpus) for task in present)))
    if 2 * len(foreign) > len(present):
        raise CorpusError(
            f"{place_of(connection, project)}: holds sentences that this corpus does not "
            f"({listed(foreign)}). Another corpus with the same codebook name, "
            f"{corpus.codebook.name!r}, seems to use this server: {ANOTHER_NAME}. Nothing was sent "
            "or stored."
        )
    return present


def _foreign(task: PresentTask, corpus: Corpus) -> str | None:
    """The task's sentence id, if that sentence is not this corpus's or has another text there."""
    name = task.sentence_id
    sentence = corpus.sentences.get(name) if name else None
    is_ours = sentence is not None and task.data.get("digest") == sentence.digest
    return None if is_ours else name


def pull(
    connection: Connection,
    corpus: Corpus,
    project: Project,
    plan: ProjectPlan,
    progress: Progress = quiet,
) -> Pulled:
    """What the project's annotator has answered; nothing is stored."""
    return read_export(
        pull_tasks(connection, project, progress),
        _by_now(corpus, plan),
        place_of(connection, project),
        only=(plan.batch, plan.annotator),
    )


def _by_now(corpus: Corpus, plan: ProjectPlan) -> Corpus:
    """The corpus with the labels stored since it was read, if the plan is one of a second pass."""
    if asks_of(corpus.batches[plan.batch]) == "labels":
        return corpus
    return replace(corpus, annotations=stored_annotations(corpus.path))


def _answered(corpus: Corpus, plan: ProjectPlan, tasks: Iterable[Mapping[str, Any]]) -> set[str]:
    """The sentences of the tasks of which the corpus holds a done answer of this annotator."""
    asked = {task["data"]["sentence_id"] for task in tasks}
    return {
        item.sentence_id
        for item in current(read_annotations(corpus.path, plan.batch))
        if item.annotator == plan.annotator and item.status == "done" and item.sentence_id in asked
    }


def place_of(connection: Connection, project: Project) -> str:
    """The project as findings name it."""
    return f"{connection.url}/projects/{project.id} ({project.title})"


@dataclass(frozen=True, slots=True)
class Unstored:
    """What an export says that the corpus does not: lines by batch, and what they amount to."""

    lines: Mapping[str, Sequence[Annotation]]
    stored: Stored


def unstored(corpus: Corpus, pulled: Pulled, place: str) -> Unstored:
    """Compare an export with what the corpus holds. ``place`` stands before each finding."""
    lines, total = {}, replace(NOTHING, left_out=pulled.left_out)
    for batch, found in sorted(pulled.annotations.items()):
        stored = read_annotations(corpus.path, batch)
        new = lines[batch] = new_lines(stored, found)
        findings = tuple(_superseding(from_elsewhere(stored, found), new, place))
        total += replace(_counted(stored, found, new), findings=findings)
    return Unstored(lines, total)


def store(corpus: Corpus, pulled: Pulled, place: str) -> Stored:
    """Append what the corpus does not hold yet, batch by batch, and count it.

    ``place`` stands before each finding: the file, or the project.
    """
    found = unstored(corpus, pulled, place)
    for batch, lines in found.lines.items():
        append_annotations(corpus.path, batch, lines)
    return found.stored


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
